"""What stands in the way of a month's invoices, each with what it is about: the page leads to where it is mended."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, contains_eager

from entrepairs.billing.models import Invoice, InvoiceKind, InvoiceState
from entrepairs.billing.month.months import Month
from entrepairs.billing.routing import Routes
from entrepairs.contracting.models import Agreement
from entrepairs.demands.models import Booking, Demand, DemandSession
from entrepairs.demands.states import SessionState
from entrepairs.kernel.i18n import Sentence, say, say_many
from entrepairs.missions.models import Report, ReportState, ServiceAnswer, ServiceDone
from entrepairs.network.models import Partner

AWAITED: Final = (ReportState.SUBMITTED, ReportState.CORRECTED)


class Kind(StrEnum):
    """What is in the way; the value tells which page mends it."""

    REPORT = "report"
    """`ref`: a session whose report is missing."""
    WORD = "word"
    """`ref`: a session the structure has not answered for."""
    DISPUTED = "disputed"
    """`ref`: a session under discussion."""
    STRUCTURE = "structure"
    """`ref`: a structure whose identity, address or service code is missing."""
    ENGAGEMENT = "engagement"
    """`ref`: a demand without its commitment number."""
    YEARLY = "yearly"
    """`ref`: an agreement without the commitment number of the year."""
    PRICE = "price"
    """`ref`: the code of an offering without a price."""
    REGIME = "regime"
    """`ref`: a VAT regime that the association has not decided to use."""
    CEILING = "ceiling"
    """`ref`: an agreement whose ceiling is passed."""
    DRAFT = "draft"
    """`ref`: a draft that would be refused."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing to mend. `field`: what a draft is refused for."""

    kind: Kind
    ref: str
    who: str
    """The structure, or "" for what concerns the association."""
    what: Sentence
    field: str | None = None


def unanswered(session: Session, month: Month, now: datetime) -> Iterator[Obstacle]:
    """Sessions of the month, or before, that are over and that nobody can invoice yet, by demand, oldest first."""
    end = min(now, month.period.end)
    sent = exists().where(Report.session_id == DemandSession.id, Report.state.in_(AWAITED))
    silent = ~exists().where(ServiceDone.session_id == DemandSession.id)
    held = exists().where(Booking.session_id == DemandSession.id, Booking.active)
    over = _over(end).where(silent, held, DemandSession.state == SessionState.PLANNED)
    yield from _told(session, over.where(~sent), Kind.REPORT)
    yield from _told(session, over.where(sent), Kind.WORD)
    disputed = exists().where(ServiceDone.session_id == DemandSession.id, ServiceDone.answer == ServiceAnswer.DISPUTED)
    yield from _told(session, _over(end).where(disputed), Kind.DISPUTED)


def _over(end: datetime) -> Select[DemandSession]:
    return (
        select(DemandSession)
        .join(DemandSession.demand)
        .options(contains_eager(DemandSession.demand).joinedload(Demand.partner))
        .where(func.upper(DemandSession.during) <= end, Demand.financed_by == "")
        .order_by(DemandSession.during, DemandSession.id)
    )


def _told(session: Session, wanted: Select[DemandSession], kind: Kind) -> Iterator[Obstacle]:
    by_demand: dict[Demand, list[DemandSession]] = {}
    for row in session.scalars(wanted).unique():
        by_demand.setdefault(row.demand, []).append(row)
    for demand, rows in by_demand.items():
        yield Obstacle(kind, rows[0].ref, demand.partner.name, _waiting(kind, len(rows)))


def _waiting(kind: Kind, count: int) -> Sentence:
    if kind is Kind.REPORT:
        return say_many("One session without its report", "%(num)s sessions without their report", count)
    if kind is Kind.WORD:
        return say_many(
            "One session that the structure has not confirmed",
            "%(num)s sessions that the structure has not confirmed",
            count,
        )
    return say_many("One session under discussion", "%(num)s sessions under discussion", count)


def missing(demand: Demand, days: Iterable[date], known: Routes) -> Iterator[Obstacle]:
    """What the structure or the commitment of a demand lacks for an invoice."""
    partner = demand.partner
    yield from _missing_of_structure(partner)
    of_years = {day.year: day for day in sorted(days, reverse=True)}  # a commitment is the demand's, or the year's
    routings = [(day, known.routings[demand, year]) for year, day in sorted(of_years.items())]
    if partner.requires_engagement and (bare := [day for day, one in routings if not one.engagement]):
        yield _engagement(demand, known.agreements[demand], bare[0])
    if partner.requires_service_code and not all(one.service_code for _day, one in routings):
        yield Obstacle(Kind.STRUCTURE, partner.ref, partner.name, say("The service code of the structure is missing."))


def _missing_of_structure(partner: Partner) -> Iterator[Obstacle]:
    if partner.siret is None:
        yield Obstacle(Kind.STRUCTURE, partner.ref, partner.name, say("The SIRET number of the structure is missing."))
    if not ((partner.billing_address or partner.address) and (partner.billing_postcode or partner.postcode)):
        yield Obstacle(
            Kind.STRUCTURE, partner.ref, partner.name, say("The postal address of the structure is missing.")
        )


def _engagement(demand: Demand, agreement: Agreement | None, day: date) -> Obstacle:
    if agreement is not None and agreement.yearly_engagement:
        said = say("The commitment number of %(year)s is missing.", year=str(day.year))
        return Obstacle(Kind.YEARLY, agreement.ref, demand.partner.name, said)
    said = say("The commitment number of this demand is missing.")
    return Obstacle(Kind.ENGAGEMENT, demand.ref, demand.partner.name, said)


def drafts_of(month: Month) -> Select[Invoice]:
    """The drafts that the month end issues: invoices whose last service is of the month or before."""
    return (
        select(Invoice)
        .where(
            Invoice.state == InvoiceState.DRAFT,
            Invoice.kind == InvoiceKind.INVOICE,
            Invoice.period_end <= month.last,
        )
        .order_by(Invoice.id)
    )
