"""Several numbers of invoices taken at once

Revision: 0009
Follows: 0008
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

GUARDS = Path(__file__).with_name("0009_guards.sql")


def upgrade() -> None:
    """Several numbers of invoices taken at once."""
    for statement in GUARDS.read_text(encoding="utf-8").split("\n-- next\n"):
        op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    """Back, without the guards that changed."""
