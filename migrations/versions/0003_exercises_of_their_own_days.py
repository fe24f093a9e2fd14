"""Exercises of their own days

Revision: 0003
Follows: 0002
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# A year in which nothing was ever written had no row; from now on no day is left between two exercises.
FILL = """
    INSERT INTO accounting_year (year, first_day, last_day, opening_reserved, closed_through, closed_at)
    SELECT y, make_date(y, 1, 1), make_date(y, 12, 31), true,
           CASE WHEN y < over.until THEN make_date(y, 12, 31) END, CASE WHEN y < over.until THEN now() END
    FROM generate_series((SELECT min(year) FROM accounting_year), (SELECT max(year) FROM accounting_year)) y,
         (SELECT max(year) FILTER (WHERE closed_at IS NOT NULL) AS until FROM accounting_year) over
    ON CONFLICT DO NOTHING"""
GUARDS = Path(__file__).with_name("0003_guards.sql")


def upgrade() -> None:
    """Exercises of their own days."""
    op.drop_constraint(op.f("fk_entry_fiscal_year_accounting_year"), "entry", type_="foreignkey")
    op.create_foreign_key(
        op.f("fk_entry_fiscal_year_accounting_year"),
        "entry",
        "accounting_year",
        ["fiscal_year"],
        ["year"],
        onupdate="CASCADE",
    )
    op.execute(
        "ALTER TABLE accounting_year ADD CONSTRAINT ck_accounting_year_named_by_its_end CHECK (((year)::double precision = date_part('year'::text, last_day)))"
    )
    op.execute(
        "ALTER TABLE accounting_year ADD CONSTRAINT ex_accounting_year_days EXCLUDE USING gist (daterange(first_day, last_day, '[]'::text) WITH &&)"
    )
    op.execute(FILL)
    for statement in GUARDS.read_text(encoding="utf-8").split("\n-- next\n"):
        op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    """Back, without the guards that changed."""
    op.execute("ALTER TABLE accounting_year DROP CONSTRAINT ex_accounting_year_days")
    op.execute("ALTER TABLE accounting_year DROP CONSTRAINT ck_accounting_year_named_by_its_end")
    op.drop_constraint(op.f("fk_entry_fiscal_year_accounting_year"), "entry", type_="foreignkey")
    op.create_foreign_key(
        op.f("fk_entry_fiscal_year_accounting_year"), "entry", "accounting_year", ["fiscal_year"], ["year"]
    )
