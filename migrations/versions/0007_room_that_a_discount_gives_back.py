"""Room under a ceiling that discounts and credit notes give back; the project of a sent agreement is frozen

Revision: 0007
Follows: 0006
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FILL = """
    UPDATE agreement_draw d SET forgone = f.cents FROM (
        SELECT coalesce(s.demand_id, c.demand_id) AS demand_id, sum(l.discount + l.shared + coalesce((
                SELECT sum(n.net) FROM invoice_line n JOIN invoice a ON a.id = n.invoice_id
                WHERE n.credited_id = l.id AND a.state = 'issued'), 0)) AS cents
        FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id JOIN billed_service b ON b.line_id = l.id
        LEFT JOIN service_done o ON o.id = b.service_id LEFT JOIN demand_session s ON s.id = o.session_id
        LEFT JOIN late_cancellation c ON c.id = b.cancellation_id
        WHERE i.state = 'issued' AND b.released_at IS NULL GROUP BY 1) f
    WHERE f.demand_id = d.demand_id"""
"""Of what is already issued."""
GUARDS = Path(__file__).with_name("0007_guards.sql")


def upgrade() -> None:
    """Room under a ceiling that discounts and credit notes give back; the project of a sent agreement is frozen."""
    op.add_column("agreement_draw", sa.Column("forgone", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.execute(FILL)
    op.execute("ALTER TABLE agreement_draw ADD CONSTRAINT ck_agreement_draw_forgone_positive CHECK ((forgone >= 0))")
    for statement in GUARDS.read_text(encoding="utf-8").split("\n-- next\n"):
        op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    """Back, without the guards that changed."""
    op.execute("ALTER TABLE agreement_draw DROP CONSTRAINT ck_agreement_draw_forgone_positive")
    op.drop_column("agreement_draw", "forgone")
