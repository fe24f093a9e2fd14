"""The public buyer's commitment number: without it, a buyer who requires one can't be invoiced, so nothing is scheduled."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.contracting import rules
from entrepairs.contracting.models import Agreement, AgreementDraw, AgreementEngagement, Engagement
from entrepairs.contracting.queries import engagement_missing, engagement_of, yearly_number
from entrepairs.contracting.states import LIVE_AGREEMENTS
from entrepairs.db import locked
from entrepairs.demands.confirming import confirm
from entrepairs.demands.models import Demand
from entrepairs.demands.scopes import OFFICE, Scope, lock_demand
from entrepairs.demands.states import DemandEvent, DemandState, SessionState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_

ENDED: Final = frozenset({DemandState.CLOSED, DemandState.CANCELLED, DemandState.UNFILLED, DemandState.REFUSED})
"""Invoiced or dropped: a number given now reaches the sessions that were held, if any."""


def takes_number(demand: Demand) -> bool:
    """Whether a number may still be given: the demand lives, or some of its sessions were held.

    Also once invoiced: a buyer may refuse an invoice for its number; it is credited and billed again with another.
    """
    held = (SessionState.PLANNED, SessionState.DONE)
    return demand.state not in ENDED or any(row.state in held for row in demand.sessions)


def record_engagement(
    session: Session,
    demand_ref: str,
    number: str,
    *,
    service_code: str | None = None,
    scope: Scope = OFFICE,
    actor: Actor,
    clock: Clock,
) -> Demand:
    """Note (or correct) the engagement number of a demand; one that waited for it becomes firm.

    `service_code` None leaves the known one; an empty text takes it away. Raises NotFound,
    InvalidInput("engagement_number", "service_code"), Conflict("demand_over").
    """
    demand = lock_demand(session, demand_ref, scope)
    if not takes_number(demand):
        raise Conflict("demand_over", N_("This demand is over: there is no number to give any more."))
    note_engagement(session, demand, number, service_code=service_code, actor=actor, clock=clock)
    if demand.state is DemandState.AWAITING_ENGAGEMENT:
        confirm(session, demand, DemandEvent.RECORD_ENGAGEMENT, actor=actor, clock=clock)
    return demand


def record_yearly_engagement(
    session: Session,
    agreement_ref: str,
    year: int,
    number: str,
    *,
    service_code: str | None = None,
    actor: Actor,
    clock: Clock,
) -> AgreementEngagement:
    """Note (or correct) the commitment of a year of an agreement; the demands that waited for it become firm.

    Demands are locked before the agreement, as when one draws on it. Raises NotFound, Conflict("not_yearly"),
    InvalidInput("engagement_number", "service_code", "engagement_year").
    """
    tidy, code = rules.ensure_engagement(number), rules.ensure_service_code(service_code)
    waiting = [lock_demand(session, ref) for ref in _waiting_on(session, agreement_ref)]
    agreement = locked(session, select(Agreement).where(Agreement.ref == agreement_ref))
    if agreement is None:
        raise NotFound("agreement", N_("This agreement does not exist."))
    if not agreement.yearly_engagement or agreement.state not in LIVE_AGREEMENTS:
        raise Conflict("not_yearly", N_("This agreement takes no commitment number of its own."))
    _ensure_year(agreement, year)
    row = yearly_number(session, agreement.id, year)
    if row is None:
        row = AgreementEngagement(agreement_id=agreement.id, year=year)
        session.add(row)
    row.number, row.service_code = tidy, code
    row.recorded_at, row.recorded_by = clock.now(), actor.label
    session.flush()
    session.expire(agreement, ["engagements"])
    record(
        session,
        "agreement.engagement",
        "agreement",
        agreement.ref,
        actor=actor,
        clock=clock,
        year=year,
        number=tidy,
    )
    for demand in waiting:
        if demand.state is DemandState.AWAITING_ENGAGEMENT and not engagement_missing(session, demand, agreement):
            confirm(session, demand, DemandEvent.RECORD_ENGAGEMENT, actor=actor, clock=clock)
    return row


def _waiting_on(session: Session, agreement_ref: str) -> Sequence[str]:
    return session.scalars(
        select(Demand.ref)
        .join(AgreementDraw, AgreementDraw.demand_id == Demand.id)
        .join(Agreement, Agreement.id == AgreementDraw.agreement_id)
        .where(
            Agreement.ref == agreement_ref,
            AgreementDraw.released_at.is_(None),
            Demand.state == DemandState.AWAITING_ENGAGEMENT,
        )
        .order_by(Demand.id)
    ).all()


def _ensure_year(agreement: Agreement, year: int) -> None:
    first, after = agreement.valid.lower, agreement.valid.upper
    if first is None or after is None or not first.year <= year <= (after - timedelta(days=1)).year:
        raise InvalidInput("engagement_year", N_("The agreement does not run in that year."), field="year")


def note_engagement(
    session: Session, demand: Demand, number: str, *, service_code: str | None, actor: Actor, clock: Clock
) -> None:
    """Write the number on a locked demand, without moving it."""
    tidy, code = rules.ensure_engagement(number), rules.ensure_service_code(service_code)
    row = engagement_of(session, demand.id)
    if row is None:
        row = Engagement(demand_id=demand.id)
        session.add(row)
    row.number = tidy
    if service_code is not None:  # None: not asked, what is known stays
        row.service_code = code
    row.recorded_at, row.recorded_by = clock.now(), actor.label
    session.flush()
    record(session, "engagement.record", "demand", demand.ref, actor=actor, clock=clock, number=tidy)
