"""Find the last day invoiced

Revision: 0002
Follows: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Find the last day invoiced."""
    op.create_index(
        "ix_invoice_issued_on", "invoice", ["issue_date"], unique=False, postgresql_where=sa.text("state = 'issued'")
    )


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_invoice_issued_on", table_name="invoice", postgresql_where=sa.text("state = 'issued'"))
