"""Make the template of the tests' databases: `python -m tests.template`, told where by MIGRATION_DATABASE_URL.

The real migrations, then the chart of accounts, as `entrepairs migrate` brings it: half of the tests post entries.
"""

import os

from flask_migrate import upgrade

from entrepairs.commands._application import application_of_owner
from entrepairs.extensions import db
from entrepairs.ledger.chart import ensure_chart

with application_of_owner(os.environ).app_context():
    upgrade()
    ensure_chart(db.session())
    db.session.commit()
