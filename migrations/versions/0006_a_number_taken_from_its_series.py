"""A number taken from its series

Revision: 0006
Follows: 0005
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

GUARDS = Path(__file__).with_name("0006_guards.sql")


def upgrade() -> None:
    """A number taken from its series."""
    for statement in GUARDS.read_text(encoding="utf-8").split("\n-- next\n"):
        op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    """Back, without the guards that changed."""
