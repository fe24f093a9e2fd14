"""Late cancellations in the ceiling

Revision: 0004
Follows: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Late cancellations in the ceiling."""
    op.add_column(
        "agreement_draw", sa.Column("late_cents", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.execute(
        "UPDATE agreement_draw d SET late_cents = c.cents FROM late_cancellation c"
        " WHERE c.demand_id = d.demand_id AND c.agreement_id = d.agreement_id AND c.waived_at IS NULL"
    )
    op.execute("ALTER TABLE agreement_draw ADD CONSTRAINT ck_agreement_draw_late_positive CHECK ((late_cents >= 0))")


def downgrade() -> None:
    """Back, without the guards that changed."""
    op.execute("ALTER TABLE agreement_draw DROP CONSTRAINT ck_agreement_draw_late_positive")
    op.drop_column("agreement_draw", "late_cents")
