"""What a line of a statement pays already."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.models import Settlement, SettlementKind
from entrepairs.billing.statements.models import LineSettlement, StatementLine


def standing_payments(session: Session, line: StatementLine) -> list[Settlement]:
    """The payments of a line that were not undone since, the oldest first."""
    undone = select(Settlement.counterpart_id).where(Settlement.kind == SettlementKind.REVERSAL)
    return list(
        session.scalars(
            select(Settlement)
            .join(LineSettlement, LineSettlement.settlement_id == Settlement.id)
            .where(LineSettlement.line_id == line.id, Settlement.id.not_in(undone))
            .order_by(Settlement.id)
        )
    )
