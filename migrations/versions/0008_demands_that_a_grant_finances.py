"""Demands that a grant finances

Revision: 0008
Follows: 0007
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

GUARDS = Path(__file__).with_name("0008_guards.sql")


def upgrade() -> None:
    """Demands that a grant finances."""
    op.create_table(
        "financed_demand",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("grant_id", sa.BigInteger(), nullable=False),
        sa.Column("demand_id", sa.BigInteger(), nullable=False),
        sa.Column("tied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tied_by", sa.String(length=160), nullable=False),
        sa.ForeignKeyConstraint(
            ["demand_id"], ["demand.id"], name=op.f("fk_financed_demand_demand_id_demand"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"],
            ["grant_funding.id"],
            name=op.f("fk_financed_demand_grant_id_grant_funding"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_financed_demand")),
        sa.UniqueConstraint("demand_id", name=op.f("uq_financed_demand_demand_id")),
    )
    op.create_index(op.f("ix_financed_demand_grant_id"), "financed_demand", ["grant_id"], unique=False)
    for statement in GUARDS.read_text(encoding="utf-8").split("\n-- next\n"):
        op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    """Back, without the guards that changed."""
    op.drop_index(op.f("ix_financed_demand_grant_id"), table_name="financed_demand")
    op.drop_table("financed_demand")
