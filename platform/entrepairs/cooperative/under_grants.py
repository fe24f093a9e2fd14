"""What was done under a grant, for the report its funder asks (cerfa 15059): demands, sessions, hours, their value.

Counted from the sessions held within the grant's period, those a structure discusses left out. The value is what the
same sessions would have been invoiced, without VAT: the agreed price, else the one voted that day. Nothing by person.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from entrepairs.billing.drafting import Pricing, pricing_of
from entrepairs.billing.rules import SessionFacts, session_quantity
from entrepairs.billing.sheets import amount_cell, day_cell, sheet, text_cell
from entrepairs.catalogue.models import PriceUnit
from entrepairs.cooperative.models import FinancedDemand, Grant
from entrepairs.demands.models import Demand, DemandSession
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.states import SessionState
from entrepairs.kernel.dates import day_bounds, paris_day
from entrepairs.kernel.errors import Conflict
from entrepairs.kernel.money import Money
from entrepairs.missions.models import Report, ReportState, ServiceAnswer, ServiceDone

COLUMNS: Final = (
    *("Demande", "Structure", "Prestation", "Commune", "Département", "Première séance", "Dernière séance"),
    *("Séances faites", "Heures de présence", "Heures des pairs-aidants", "Participations", "Valeur HT"),
)


@dataclass(frozen=True, slots=True)
class Held:
    """A session held: its day, how long, how many hours of peers, how many took part, what it is worth (None: no price)."""

    day: date
    minutes: int
    peer_minutes: int
    headcount: int
    value: Money | None


@dataclass(frozen=True, slots=True)
class Done:
    """Sessions held, together."""

    sessions: tuple[Held, ...]

    @property
    def count(self) -> int:
        """How many."""
        return len(self.sessions)

    @property
    def minutes(self) -> int:
        """Of presence."""
        return sum(one.minutes for one in self.sessions)

    @property
    def peer_minutes(self) -> int:
        """Of every peer: two who come together count both."""
        return sum(one.peer_minutes for one in self.sessions)

    @property
    def headcount(self) -> int:
        """Places taken, not persons: who came twice counts twice."""
        return sum(one.headcount for one in self.sessions)

    @property
    def value(self) -> Money:
        """Of those that have a price, without VAT."""
        return Money.sum(one.value for one in self.sessions if one.value is not None)

    @property
    def unpriced(self) -> int:
        """Sessions whose offering had no price."""
        return sum(one.value is None for one in self.sessions)


@dataclass(frozen=True, slots=True)
class DemandUnder:
    """A demand under a grant, and what was done of it within the period."""

    demand: Demand
    done: Done


def demands_under(session: Session, grant: Grant) -> list[DemandUnder]:
    """Every demand tied to the grant, those of which nothing is held yet too; the oldest first."""
    rows = session.scalars(
        select(FinancedDemand)
        .join(FinancedDemand.demand)
        .options(contains_eager(FinancedDemand.demand).selectinload(Demand.partner))
        .where(FinancedDemand.grant_id == grant.id)
        .order_by(Demand.id)
    ).all()
    held = _held(session, [row.demand for row in rows], grant.span.first, grant.span.end)
    return [DemandUnder(row.demand, Done(tuple(held.get(row.demand_id, ())))) for row in rows]


def together(rows: Iterable[DemandUnder]) -> Done:
    """All of it as one."""
    return Done(tuple(one for row in rows for one in row.done.sessions))


def done_by_grant(session: Session, since: date, until: date) -> list[tuple[Grant, Done]]:
    """What was done under each grant from `since` through `until`, both within its own period; none is left out."""
    end = until + timedelta(days=1)
    touched = select(FinancedDemand.grant_id)
    grants = session.scalars(
        select(Grant)
        .where(Grant.id.in_(touched), func.lower(Grant.period) < end, func.upper(Grant.period) > since)
        .order_by(func.upper(Grant.period), Grant.id)
    ).all()
    found = []
    for grant in grants:
        inside = [one for one in together(demands_under(session, grant)).sessions if since <= one.day < end]
        if inside:
            found.append((grant, Done(tuple(inside))))
    return found


def grant_csv(rows: Iterable[DemandUnder]) -> bytes:
    """One line by demand, for the treasurer's spreadsheet."""
    return sheet(COLUMNS, (_row(one) for one in rows))


def _row(one: DemandUnder) -> tuple[str, ...]:
    demand, done = one.demand, one.done
    commune = demand.commune or (demand.site.commune if demand.site is not None else None)
    days = [held.day for held in done.sessions]
    return (
        demand.ref,
        text_cell(demand.partner.name),
        text_cell(demand.offering.name),
        text_cell(commune.name if commune is not None else ""),
        text_cell(commune.departement if commune is not None else ""),
        day_cell(min(days, default=None)),
        day_cell(max(days, default=None)),
        str(done.count),
        _hours_cell(done.minutes),
        _hours_cell(done.peer_minutes),
        str(done.headcount),
        amount_cell(done.value),
    )


def _hours_cell(minutes: int) -> str:
    """Hours with a decimal comma, to the hundredth."""
    hundredths = (minutes * 100 + 30) // 60
    return f"{hundredths // 100},{hundredths % 100:02d}"


def _held(session: Session, demands: Collection[Demand], first: date, end: date) -> dict[int, list[Held]]:
    """Sessions held from `first` until before `end`, by the demand's id, in order."""
    start = func.lower(DemandSession.during)
    rows = session.execute(
        select(DemandSession, ServiceDone)
        .outerjoin(ServiceDone, ServiceDone.session_id == DemandSession.id)
        .where(
            DemandSession.demand_id.in_([one.id for one in demands]),
            DemandSession.state == SessionState.DONE,
            start >= day_bounds(first).start,
            start < day_bounds(end).start,
        )
        .order_by(start)
    ).all()
    pricing, reports = pricing_of(session, demands), _reports(session, [row.id for row, _ in rows])
    found: dict[int, list[Held]] = {}
    for row, service in rows:
        if service is None or service.answer is not ServiceAnswer.DISPUTED:
            found.setdefault(row.demand_id, []).append(_one(row, service, reports.get(row.id, ()), pricing))
    return found


def _one(row: DemandSession, service: ServiceDone | None, reports: Collection[Report], pricing: Pricing) -> Held:
    """As it was confirmed; else as its peers tell it; else as it was planned."""
    demand = row.demand
    told = [one.minutes for one in reports]
    planned = period_of(row).minutes
    minutes = service.minutes if service is not None else max(told, default=planned)
    heads = [one.headcount for one in reports if one.headcount is not None]
    headcount = service.headcount if service is not None else max(heads, default=None)
    if headcount is None:
        headcount = demand.participants
    count = pricing.counts.get(demand.id, 1)
    day = paris_day(cast(datetime, row.during.lower))
    facts = SessionFacts(min(row.number, count), count, day, minutes, headcount)
    terms = pricing.terms[demand.id]
    value = (
        None
        if isinstance(terms, Conflict)
        else session_quantity(PriceUnit(demand.offering.price_unit), terms[0], facts).net
    )
    peers = sum(told) or minutes * demand.facilitation.seats
    # Nobody counts heads when one person is met.
    return Held(day, minutes, peers, 1 if headcount is None else headcount, value)


def _reports(session: Session, session_ids: Collection[int]) -> dict[int, list[Report]]:
    """Reports that were sent, by session."""
    found: dict[int, list[Report]] = {}
    wanted = (
        select(Report)
        .where(Report.session_id.in_(session_ids), Report.state != ReportState.DRAFT)
        .options(selectinload(Report.activities))
    )
    for report in session.scalars(wanted):
        found.setdefault(report.session_id, []).append(report)
    return found
