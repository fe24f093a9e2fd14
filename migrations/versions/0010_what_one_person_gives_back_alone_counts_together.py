"""What one person gives back alone counts together

Revision: 0010
Follows: 0009
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

GUARDS = Path(__file__).with_name("0010_guards.sql")


def upgrade() -> None:
    """What one person gives back alone counts together."""
    for statement in GUARDS.read_text(encoding="utf-8").split("\n-- next\n"):
        op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    """Back, without the guards that changed."""
