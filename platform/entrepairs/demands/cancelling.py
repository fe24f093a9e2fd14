"""Cancelling: what it means is said before, then everything still to come is let go and those concerned are told."""

from decimal import Decimal

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.moving import move
from entrepairs.audit.recording import record
from entrepairs.catalogue.prices import estimate, price_on
from entrepairs.demands import mails, rules
from entrepairs.demands.ending import drop_what_is_planned
from entrepairs.demands.models import Demand
from entrepairs.demands.scheduling import next_start, period_of
from entrepairs.demands.scopes import OFFICE, Scope, lock_demand
from entrepairs.demands.states import DEMAND_TRANSITIONS, DemandEvent, SessionState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.money import Money
from entrepairs.settings.decisions import decision_or

NOTICE_DAYS = 7


def terms_of(session: Session, demand: Demand, *, clock: Clock) -> rules.CancellationTerms:
    """What cancelling means now, by the voted rule. A demand that is not firm costs nothing."""
    today = clock.today()
    notice = int(decision_or(session, "demands.cancellation_notice_days", today, NOTICE_DAYS))
    percent = Decimal(str(decision_or(session, "demands.late_cancellation_percent", today, "0")))
    coming = next_start(demand)
    firm = demand.confirmed_at is not None and coming is not None
    return rules.cancellation_terms(
        coming.start if firm and coming else None,
        clock.now(),
        notice_days=notice,
        percent=percent,
        price=_left_to_do(session, demand, clock),
    )


def _left_to_do(session: Session, demand: Demand, clock: Clock) -> Money:
    """The catalogue's price of the sessions to come: one that has begun will be reported and billed as held."""
    price = price_on(session, demand.offering_id, clock.today())
    coming = (row for row in demand.sessions if row.state is SessionState.PLANNED)
    lengths = [period_of(row).minutes for row in coming if period_of(row).start > clock.now()]
    if price is None:
        return Money(0)
    return estimate(demand.offering.price_unit, price, lengths, demand.participants).net


def cancel(
    session: Session,
    ref: str,
    scope: Scope = OFFICE,
    *,
    note: str = "",
    names_checked: bool = False,
    actor: Actor,
    clock: Clock,
) -> Demand:
    """End a demand: seats released, holds and planned sessions let go; those who were to come are told by mail.

    Raises NotFound, TransitionRefused, InvalidInput (identity in the note).
    """
    demand = lock_demand(session, ref, scope)
    rules.ensure_texts({"note": note}, names_checked=names_checked)
    terms = terms_of(session, demand, clock=clock)
    move(session, demand, DEMAND_TRANSITIONS, DemandEvent.CANCEL, actor=actor, clock=clock)
    demand.note = note.strip()
    for assignment in drop_what_is_planned(session, demand, actor=actor, clock=clock):
        mails.tell(session, demand, "demands.mission_cancelled", assignment.peer.account, clock=clock)
    if scope.partner_id is None and demand.requester is not None:
        mails.tell(session, demand, "demands.cancelled", demand.requester, clock=clock)
    record(session, "demand.cancel", "demand", ref, actor=actor, clock=clock, late=terms.late, cost=terms.cost)
    return demand
