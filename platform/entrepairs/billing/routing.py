"""Where an invoice goes inside its buyer, and under which agreement; of many demands in a few questions.

A public commitment number, a service code, an agreement number stand once on an invoice.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.models import LateCancellation
from entrepairs.contracting.models import Agreement, AgreementDraw, AgreementEngagement, Engagement
from entrepairs.demands.models import Demand
from entrepairs.demands.states import DemandState


@dataclass(frozen=True, slots=True)
class Routing:
    """What the buyer wants once on an invoice: services that differ in it are billed apart."""

    engagement: str | None
    service_code: str | None
    agreement_number: str | None
    project: str | None = None


Year = tuple[Demand, int]
"""A demand in a year: a commitment is for the one, or for the other."""


@dataclass(frozen=True, slots=True)
class Routes:
    """What is known today of some demands in some years."""

    agreements: Mapping[Demand, Agreement | None]
    routings: Mapping[Year, Routing]


def routes(session: Session, asked: Iterable[tuple[Demand, date]]) -> Routes:
    """The agreement of each demand, and where the invoice of its sessions of a day's year goes."""
    years = dict.fromkeys((demand, day.year) for demand, day in asked)
    demands = dict.fromkeys(demand for demand, _year in years)
    agreements = agreements_of(session, demands)
    own = {
        row.demand_id: row
        for row in session.scalars(select(Engagement).where(Engagement.demand_id.in_([one.id for one in demands])))
    }
    yearly = _yearly(session, [one for one in agreements.values() if one is not None and one.yearly_engagement])
    found = {}
    for demand, year in years:
        agreement = agreements[demand]
        engagement: Engagement | AgreementEngagement | None = own.get(demand.id)
        if engagement is None and agreement is not None and agreement.yearly_engagement:
            engagement = yearly.get((agreement.id, year))
        found[demand, year] = _routing(demand, agreement, engagement)
    return Routes(agreements, found)


def routing_of(session: Session, demand: Demand, day: date) -> Routing:
    """Where the invoice of a demand's session of that day goes inside the buyer, as known today.

    The commitment of the demand, else the one its agreement has for the year of the session.
    """
    return routes(session, [(demand, day)]).routings[demand, day.year]


def agreement_of(session: Session, demand: Demand) -> Agreement | None:
    """The agreement the demand draws on; the one it was drawing on when it was cancelled too late."""
    return agreements_of(session, [demand])[demand]


def agreements_of(session: Session, demands: Collection[Demand]) -> dict[Demand, Agreement | None]:
    """The same of several demands."""
    drawn = select(AgreementDraw.demand_id, Agreement).join(AgreementDraw, AgreementDraw.agreement_id == Agreement.id)
    living = drawn.where(AgreementDraw.demand_id.in_([one.id for one in demands]), AgreementDraw.released_at.is_(None))
    found = {row.demand_id: row.Agreement for row in session.execute(living)}
    if gone := [one.id for one in demands if one.id not in found and one.state is DemandState.CANCELLED]:
        late = select(LateCancellation.demand_id, Agreement).join(
            Agreement, LateCancellation.agreement_id == Agreement.id
        )
        found |= {
            row.demand_id: row.Agreement for row in session.execute(late.where(LateCancellation.demand_id.in_(gone)))
        }
    return {one: found.get(one.id) for one in demands}


def _yearly(session: Session, agreements: Collection[Agreement]) -> dict[tuple[int, int], AgreementEngagement]:
    if not agreements:
        return {}
    wanted = select(AgreementEngagement).where(AgreementEngagement.agreement_id.in_({one.id for one in agreements}))
    return {(row.agreement_id, row.year): row for row in session.scalars(wanted)}


def _routing(
    demand: Demand, agreement: Agreement | None, engagement: Engagement | AgreementEngagement | None
) -> Routing:
    own_code = engagement.service_code if engagement else None
    site_code = demand.site.service_code if demand.site else None
    return Routing(
        engagement=engagement.number if engagement else None,
        service_code=own_code or site_code or demand.partner.service_code,
        agreement_number=agreement.number if agreement else None,
        project=(agreement.project or None) if agreement else None,
    )
