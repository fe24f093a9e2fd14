"""Which grant finances a demand nobody is invoiced for, so that the use of public money can be told to its funder."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.cooperative.models import FinancedDemand, Grant, GrantState
from entrepairs.db import locked
from entrepairs.demands.models import Demand, DemandSession
from entrepairs.demands.scopes import lock_demand
from entrepairs.demands.states import DemandState, SessionState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import day_bounds, paris_day
from entrepairs.kernel.errors import Conflict, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.network.models import Partner, PayerKind

OPEN: Final = frozenset({GrantState.NOTIFIED, GrantState.RUNNING})
"""A grant takes demands from its notification until its report has left."""
FIRM: Final = frozenset(
    {
        *(DemandState.CONFIRMED, DemandState.STAFFING, DemandState.STAFFED, DemandState.RUNNING),
        *(DemandState.COMPLETED, DemandState.CLOSED),
    }
)
"""Confirmed, and not given up: what a funder may be told of."""


def finance_demand(session: Session, demand_ref: str, grant_ref: str, *, actor: Actor, clock: Clock) -> FinancedDemand:
    """Count a demand under a grant; under another one before, it leaves it.

    Raises NotFound, Conflict("demand_invoiced", "demand_not_firm", "grant_not_notified", "grant_reported",
    "grant_other_days").
    """
    demand = lock_demand(session, demand_ref)
    grant = locked(session, select(Grant).where(Grant.ref == grant_ref))
    if grant is None:
        raise NotFound("grant", N_("This grant does not exist."))
    _ensure_financeable(demand)
    _ensure_open(grant)
    _ensure_same_days(demand, grant)
    before = financing_of(session, demand.id)
    if before is not None and before.grant_id == grant.id:
        return before
    if before is not None:
        _drop(session, before)
    if not demand.financed_by:
        demand.financed_by = grant.funder[:120]
    made = FinancedDemand(grant=grant, demand=demand, tied_at=clock.now(), tied_by=actor.label)
    session.add(made)
    session.flush()
    record(session, "grant.finance", "demand", demand.ref, actor=actor, clock=clock, grant=grant.ref)
    return made


def stop_financing(session: Session, demand_ref: str, *, actor: Actor, clock: Clock, grant_ref: str = "") -> None:
    """Take a demand off its grant; under none, nothing is done. Nobody is invoiced for it still.

    Raises NotFound (also when it is not under `grant_ref`, if one is said), Conflict("grant_reported").
    """
    demand = lock_demand(session, demand_ref)
    row = financing_of(session, demand.id)
    if grant_ref and (row is None or row.grant.ref != grant_ref):
        raise NotFound("demand", N_("This demand does not exist."))
    if row is None:
        return
    grant = row.grant
    _drop(session, row)
    record(session, "grant.stop_financing", "demand", demand.ref, actor=actor, clock=clock, grant=grant.ref)


def financing_of(session: Session, demand_id: int) -> FinancedDemand | None:
    """The grant that finances a demand, if one does."""
    return session.scalars(select(FinancedDemand).where(FinancedDemand.demand_id == demand_id)).one_or_none()


def is_financeable(demand: Demand) -> bool:
    """Whether a grant may pay for it: firm, and invoiced to nobody."""
    return demand.state in FIRM and not _is_invoiced(demand)


def grants_for(session: Session, demand: Demand) -> Sequence[Grant]:
    """Grants open on one of the demand's days, the first to end first."""
    days = _days(demand)
    if not days:
        return ()
    covers = or_(*(Grant.period.contains(day) for day in days))
    return session.scalars(
        select(Grant).where(Grant.state.in_(OPEN), covers).order_by(func.upper(Grant.period), Grant.id)
    ).all()


def demands_for(session: Session, grant: Grant) -> Sequence[Demand]:
    """Firm demands that nobody is invoiced for, with a session in the grant's period, under no grant yet; oldest first."""
    if grant.state not in OPEN:
        return ()
    start = func.lower(DemandSession.during)
    inside = select(DemandSession.id).where(
        DemandSession.demand_id == Demand.id,
        DemandSession.state.in_((SessionState.PLANNED, SessionState.DONE)),
        start >= day_bounds(grant.span.first).start,
        start < day_bounds(grant.span.end).start,
    )
    return session.scalars(
        select(Demand)
        .join(Demand.partner)
        .where(
            Demand.state.in_(FIRM),
            or_(Demand.financed_by != "", Partner.payer_kind == PayerKind.NONE),
            Demand.id.not_in(select(FinancedDemand.demand_id)),
            inside.exists(),
        )
        .order_by(Demand.id)
        .limit(100)
    ).all()


def _days(demand: Demand) -> list[date]:
    """Of its sessions held or planned, in Paris."""
    starts = (row.during.lower for row in demand.sessions if row.state in {SessionState.PLANNED, SessionState.DONE})
    return sorted({paris_day(start) for start in starts if start is not None})


def _is_invoiced(demand: Demand) -> bool:
    """As drafting reads it: what something else finances, and what has no payer, is never billed."""
    return not demand.financed_by and demand.partner.payer_kind is not PayerKind.NONE


def _ensure_financeable(demand: Demand) -> None:
    if _is_invoiced(demand):
        raise Conflict(
            "demand_invoiced",
            N_("This demand is invoiced to its structure: the same hours are not paid for twice."),
        )
    if demand.state not in FIRM:
        raise Conflict("demand_not_firm", N_("Only a demand that is confirmed is counted under a grant."))


def _ensure_open(grant: Grant) -> None:
    if grant.state is GrantState.APPLIED:
        raise Conflict("grant_not_notified", N_("Note the notification first: nothing is due before it."))
    if grant.state not in OPEN:
        raise Conflict(
            "grant_reported", N_("The report of this grant has left: what was done under it no longer changes.")
        )


def _ensure_same_days(demand: Demand, grant: Grant) -> None:
    if not any(grant.span.first <= day < grant.span.end for day in _days(demand)):
        raise Conflict("grant_other_days", N_("None of its sessions is within the period of this grant."))


def _drop(session: Session, row: FinancedDemand) -> None:
    """The grant's row is locked first: its report may be leaving."""
    grant = locked(session, select(Grant).where(Grant.id == row.grant_id))
    if grant is not None:
        _ensure_open(grant)
    session.delete(row)
    session.flush()
