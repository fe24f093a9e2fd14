"""Issuing without issuing: the very use case in a savepoint that is rolled back, to know what it would refuse."""

from collections.abc import Collection
from typing import Final

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.billing.drafting import draft_invoices
from entrepairs.billing.einvoice.checker import Checker
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.models import Invoice
from entrepairs.billing.month.months import Month
from entrepairs.billing.month.obstacles import Kind, Obstacle
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import DomainError, Unavailable
from entrepairs.kernel.i18n import Sentence

REHEARSER: Final = Actor("rehearsal", "Répétition")


def refusal_of(session: Session, draft: Invoice, *, clock: Clock, checker: Checker) -> Obstacle | None:
    """What would stop this draft if it were issued now; None when it would be. Nothing stays: no row, number or lock.

    Raises Unavailable when the checker is silent.
    """
    ref, who = draft.ref, draft.partner.name
    attempt = session.begin_nested()
    try:
        issue_invoice(session, ref, clock=clock, actor=REHEARSER, checker=checker)
    except Unavailable:
        raise
    except DomainError as refused:
        return Obstacle(Kind.DRAFT, ref, who, Sentence(refused.message, refused.params), refused.field)
    finally:
        attempt.rollback()
    return None


def refusals_of_services(  # noqa: PLR0917 - the parts of one rehearsal
    session: Session, partner_ref: str, demand_refs: Collection[str], month: Month, clock: Clock, checker: Checker
) -> list[Obstacle]:
    """What would stop the invoices of services not drafted yet: drafted, tried, and all of it taken back.

    Each is about the structure: its drafts do not exist. Raises Unavailable.
    """
    attempt = session.begin_nested()
    try:
        made = draft_invoices(
            session, partner_ref, demand_refs=demand_refs, until=month.last, clock=clock, actor=REHEARSER
        )
        found = [refusal_of(session, draft, clock=clock, checker=checker) for draft in made]
    finally:
        attempt.rollback()
    return [Obstacle(Kind.STRUCTURE, partner_ref, one.who, one.what, one.field) for one in found if one is not None]
