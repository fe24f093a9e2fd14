"""Discounts and files of an invoice, project of an agreement

Revision: 0005
Follows: 0004
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

GUARDS = Path(__file__).with_name("0005_guards.sql")


def upgrade() -> None:
    """Discounts and files of an invoice, project of an agreement."""
    op.create_table(
        "invoice_attachment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "RIB",
                "LISIBLE",
                "PJA",
                "BON_COMMANDE",
                "BON_LIVRAISON",
                "ETAT_ACOMPTE",
                "DOCUMENT_ANNEXE",
                name="attachmentkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=160), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_invoice_attachment_named")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_invoice_attachment_file_id_stored_file"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_attachment_invoice_id_invoice"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_attachment")),
        sa.UniqueConstraint("invoice_id", "name", name=op.f("uq_invoice_attachment_invoice_id_name")),
        sa.UniqueConstraint("ref", name=op.f("uq_invoice_attachment_ref")),
    )
    op.create_index(op.f("ix_invoice_attachment_file_id"), "invoice_attachment", ["file_id"], unique=False)
    op.add_column("agreement", sa.Column("project", sa.String(length=50), server_default="", nullable=False))
    op.add_column("invoice", sa.Column("project", sa.String(length=50), nullable=True))
    op.add_column("invoice", sa.Column("discount", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("invoice", sa.Column("discount_percent", sa.Numeric(precision=5, scale=2), nullable=True))
    op.add_column("invoice", sa.Column("discount_code", sa.String(length=3), nullable=True))
    op.add_column("invoice", sa.Column("discount_reason", sa.String(length=100), server_default="", nullable=False))
    op.add_column("invoice_line", sa.Column("discount", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("invoice_line", sa.Column("discount_percent", sa.Numeric(precision=5, scale=2), nullable=True))
    op.add_column("invoice_line", sa.Column("discount_code", sa.String(length=3), nullable=True))
    op.add_column(
        "invoice_line", sa.Column("discount_reason", sa.String(length=100), server_default="", nullable=False)
    )
    op.add_column("invoice_line", sa.Column("shared", sa.BigInteger(), server_default="0", nullable=False))
    op.execute(
        "ALTER TABLE invoice ADD CONSTRAINT ck_invoice_discount_told CHECK (((discount >= 0) AND ((discount = 0) OR ((discount_reason)::text <> ''::text))))"
    )
    op.execute(
        "ALTER TABLE invoice_line ADD CONSTRAINT ck_invoice_line_discount_told CHECK (((discount >= 0) AND ((discount = 0) OR ((discount_reason)::text <> ''::text))))"
    )
    op.execute("ALTER TABLE invoice_line ADD CONSTRAINT ck_invoice_line_shared_not_negative CHECK ((shared >= 0))")
    for statement in GUARDS.read_text(encoding="utf-8").split("\n-- next\n"):
        op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    """Back, without the guards that changed."""
    op.execute("ALTER TABLE invoice_line DROP CONSTRAINT ck_invoice_line_shared_not_negative")
    op.execute("ALTER TABLE invoice_line DROP CONSTRAINT ck_invoice_line_discount_told")
    op.execute("ALTER TABLE invoice DROP CONSTRAINT ck_invoice_discount_told")
    op.drop_column("invoice_line", "shared")
    op.drop_column("invoice_line", "discount_reason")
    op.drop_column("invoice_line", "discount_code")
    op.drop_column("invoice_line", "discount_percent")
    op.drop_column("invoice_line", "discount")
    op.drop_column("invoice", "discount_reason")
    op.drop_column("invoice", "discount_code")
    op.drop_column("invoice", "discount_percent")
    op.drop_column("invoice", "discount")
    op.drop_column("invoice", "project")
    op.drop_column("agreement", "project")
    op.drop_index(op.f("ix_invoice_attachment_file_id"), table_name="invoice_attachment")
    op.drop_table("invoice_attachment")
