"""From services done to drafts: one invoice by structure, by what the agreement groups, by what must stand alone.

A public commitment number, a service code, an agreement number appear once on an invoice, and some VAT regimes can't
share one (`rules.vat_bundles`): services that differ in these are billed apart. The agreement then says what goes
together: a mission, a month, a place, a commitment number.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, cast

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, contains_eager

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing import deposits, parties, rules
from entrepairs.billing.einvoice.mentions import Treatment
from entrepairs.billing.models import (
    BilledService,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceState,
    LateCancellation,
    VatLine,
)
from entrepairs.billing.routing import Routing, routes
from entrepairs.billing.rules import Quantity, SessionFacts
from entrepairs.billing.spreading import axes_of, who_came
from entrepairs.billing.vat import treatment_of
from entrepairs.catalogue.models import PriceUnit
from entrepairs.contracting.agreed import Terms, agreed_terms_of
from entrepairs.contracting.models import InvoiceGrouping
from entrepairs.db import locked
from entrepairs.demands.models import Demand, DemandSession, PlaceKind
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import paris_day
from entrepairs.kernel.errors import Conflict, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.kernel.references import new_reference
from entrepairs.missions.models import ServiceAnswer, ServiceDone
from entrepairs.network.models import Partner

BILLABLE = (ServiceAnswer.CONFIRMED, ServiceAnswer.CORRECTED, ServiceAnswer.TACIT)


_BREAKDOWN: Final = ("regime", "category", "rate", "base", "vat", "reason", "vatex")


@dataclass(frozen=True, slots=True)
class Billable:
    """A service, or a late cancellation, with what it bills."""

    demand: Demand
    label: str
    quantity: Quantity
    day: date
    vat_regime: str
    service: ServiceDone | None = None
    cancellation: LateCancellation | None = None


def draft_invoices(
    session: Session,
    partner_ref: str,
    *,
    demand_refs: Collection[str] | None = None,
    until: date | None = None,
    clock: Clock,
    actor: Actor,
) -> list[Invoice]:
    """Draft everything to bill of a structure, or of some of its demands, up to a day included.

    Confirmed services and late cancellations; grouped as each agreement says.

    The structure's row is locked: two people drafting at once are served in turn, and a service stands on one living
    invoice only (`uq_billed_service_live` behind). Raises NotFound, Conflict("nothing_to_bill"), and what
    `agreed_price` raises for a demand without a price.
    """
    partner = locked(session, select(Partner).where(Partner.ref == partner_ref))
    if partner is None:
        raise NotFound("partner", N_("This structure does not exist."))
    billables = [one for one in waiting_of(session, partner.id, demand_refs) if until is None or one.day <= until]
    if not billables:
        raise Conflict("nothing_to_bill", N_("There is nothing to bill here any more."))
    seller = parties.seller_snapshot(session, clock)
    asked = deposits.asked_on(session, {one.demand.id for one in billables})
    came = who_came(session, [one.service.session_id for one in billables if one.service is not None])
    drafts = []
    for routing, members in grouped(session, billables, clock.today()):
        draft = _draft(partner, routing, members, seller, clock, came=came)
        deposits.deduct(session, draft, members, asked)
        write_totals(draft, {code: treatment_of(code, clock.today()) for code in {one.vat_regime for one in members}})
        session.add(draft)
        drafts.append(draft)
    _keep(session, drafts, clock, actor)
    return drafts


def waiting_of(session: Session, partner_id: int, demand_refs: Collection[str] | None = None) -> list[Billable]:
    """Everything of a structure that no living invoice holds, in order of demand and day."""
    services = session.scalars(unbilled(partner_id, demand_refs)).unique().all()
    late = session.scalars(unbilled_cancellations(partner_id, demand_refs))
    return [*billables_of(session, services), *(cancellation_billable(one) for one in late)]


def grouped(session: Session, billables: Iterable[Billable], today: date) -> list[tuple[Routing, list[Billable]]]:
    """What goes together on an invoice, in order of first use."""
    groups: dict[tuple[Routing, Hashable], list[Billable]] = {}
    members = list(billables)
    known = routes(session, [(one.demand, one.day) for one in members])
    for one in members:
        agreement = known.agreements[one.demand]
        kind = agreement.grouping if agreement is not None else InvoiceGrouping.ENGAGEMENT
        routing = known.routings[one.demand, one.day.year]
        groups.setdefault((routing, _together(one, kind)), []).append(one)
    found = []
    for (routing, _key), members in groups.items():
        bundles = rules.vat_bundles(treatment_of(one.vat_regime, today) for one in members)
        found += [(routing, [one for one in members if one.vat_regime in bundle]) for bundle in bundles]
    return found


def _together(one: Billable, kind: InvoiceGrouping) -> Hashable:
    """What services of one commitment must share besides, by what the agreement says."""
    match kind:
        case InvoiceGrouping.MISSION:
            return one.demand.id
        case InvoiceGrouping.MONTH:
            return one.day.year, one.day.month
        case InvoiceGrouping.SITE:
            return one.day.year, one.day.month, one.demand.site_id, one.demand.commune_insee
        case InvoiceGrouping.ENGAGEMENT:
            return None


def delete_draft(session: Session, ref: str, *, clock: Clock, actor: Actor) -> None:
    """Throw a draft away; its services are to be billed again. Raises NotFound, Conflict("invoice_issued")."""
    invoice = draft_for_update(session, ref)
    for line in invoice.lines:
        for billed in session.scalars(select(BilledService).where(BilledService.line_id == line.id)):
            session.delete(billed)
    session.flush()
    session.delete(invoice)
    record(session, "invoice.delete_draft", "invoice", ref, actor=actor, clock=clock)
    session.flush()


def draft_for_update(session: Session, ref: str) -> Invoice:
    """A draft, locked. Raises NotFound, Conflict("invoice_issued")."""
    return ensure_draft(locked(session, select(Invoice).where(Invoice.ref == ref)))


def ensure_draft(invoice: Invoice | None) -> Invoice:
    """Raise NotFound for none, Conflict("invoice_issued") for one that is no draft any more."""
    if invoice is None:
        raise NotFound("invoice", N_("This invoice does not exist."))
    if invoice.state is not InvoiceState.DRAFT:
        raise Conflict("invoice_issued", N_("This invoice is issued: it can only be corrected by a credit note."))
    return invoice


def unbilled(partner_id: int | None = None, demand_refs: Collection[str] | None = None) -> Select[ServiceDone]:
    """Confirmed services that no living invoice holds, in order of demand and session."""
    held = exists().where(BilledService.service_id == ServiceDone.id, BilledService.released_at.is_(None))
    wanted = (
        select(ServiceDone)
        .join(ServiceDone.session)
        .join(DemandSession.demand)
        .options(contains_eager(ServiceDone.session).contains_eager(DemandSession.demand))
        .where(
            ServiceDone.answer.in_(BILLABLE),
            ServiceDone.minutes > 0,
            ~held,
            Demand.financed_by == "",  # a grant pays: nobody is invoiced
        )
        .order_by(Demand.partner_id, Demand.id, DemandSession.number)
    )
    if partner_id is not None:
        wanted = wanted.where(Demand.partner_id == partner_id)
    if demand_refs is not None:
        wanted = wanted.where(Demand.ref.in_(demand_refs))
    return wanted


def unbilled_cancellations(
    partner_id: int | None = None, demand_refs: Collection[str] | None = None
) -> Select[LateCancellation]:
    """Late cancellations neither waived nor on a living invoice."""
    held = exists().where(BilledService.cancellation_id == LateCancellation.id, BilledService.released_at.is_(None))
    wanted = (
        select(LateCancellation)
        .join(LateCancellation.demand)
        .options(contains_eager(LateCancellation.demand))
        .where(LateCancellation.waived_at.is_(None), ~held)
        .order_by(Demand.partner_id, LateCancellation.id)
    )
    if partner_id is not None:
        wanted = wanted.where(Demand.partner_id == partner_id)
    if demand_refs is not None:
        wanted = wanted.where(Demand.ref.in_(demand_refs))
    return wanted


def cancellation_billable(row: LateCancellation) -> Billable:
    """« Groupe WRAP annulé le 4 février 2027, moins de 7 jours avant : 50 % du prix convenu »."""
    return Billable(
        row.demand,
        rules.cancellation_label(
            row.demand.offering.name, row.cancelled_on, row.first_day, row.sessions, row.notice_days, row.percent
        ),
        Quantity(Decimal(1), "forfait", Money(row.cents)),
        row.cancelled_on,
        row.vat_regime,
        cancellation=row,
    )


@dataclass(frozen=True, slots=True)
class Pricing:
    """What some demands agreed, and how many sessions each has; by the demand's id."""

    terms: Mapping[int, Terms | Conflict]
    counts: Mapping[int, int]


def pricing_of(session: Session, demands: Collection[Demand]) -> Pricing:
    """Read once for as many demands as there are."""
    counted = (
        select(DemandSession.demand_id, func.count(DemandSession.id))
        .where(DemandSession.demand_id.in_([one.id for one in demands]))
        .group_by(DemandSession.demand_id)
    )
    counts = {demand_id: count for demand_id, count in session.execute(counted)}  # noqa: C416 - rows, not pairs
    return Pricing(agreed_terms_of(session, demands), counts)


def billables_of(session: Session, services: Iterable[ServiceDone]) -> list[Billable]:
    """What services bill at their agreed price; those that come to nothing (a free emergency) are left out."""
    rows = list(services)
    return billables_under(pricing_of(session, dict.fromkeys(one.session.demand for one in rows)), rows)


def billables_under(pricing: Pricing, services: Iterable[ServiceDone]) -> list[Billable]:
    """The same, when what was agreed is known. Raises Conflict("no_price")."""
    found = []
    for service in services:
        demand_id = service.session.demand_id
        terms = pricing.terms[demand_id]
        if isinstance(terms, Conflict):
            raise terms
        one = _billable(service, *terms, pricing.counts.get(demand_id, 1))
        if one.quantity.net:
            found.append(one)
    return found


def write_totals(invoice: Invoice, treatments: Mapping[str, Treatment]) -> None:
    """Set the breakdown, net, VAT and gross of a draft from its lines; `treatments` by regime."""
    for line in invoice.lines:
        treated = treatments[line.vat_regime]
        line.vat_category, line.vat_rate = treated.category.value, treated.rate
    totals = rules.vat_totals([(treatments[line.vat_regime], Money(line.net)) for line in invoice.lines])
    rows = [
        {
            "regime": total.treatment.code,
            "category": total.treatment.category.value,
            "rate": total.treatment.rate,
            "base": total.base.cents,
            "vat": total.vat.cents,
            "reason": total.treatment.text if total.treatment.vatex else None,
            "vatex": total.treatment.vatex,
        }
        for total in totals
    ]
    if rows != [{name: getattr(line, name) for name in _BREAKDOWN} for line in invoice.vat_lines]:
        invoice.vat_lines = [VatLine(**row) for row in rows]
    invoice.net = sum(total.base.cents for total in totals)
    invoice.vat = sum(total.vat.cents for total in totals)
    invoice.gross = invoice.net + invoice.vat


def _billable(service: ServiceDone, price: Money, vat_regime: str, count: int) -> Billable:
    planned = service.session
    demand = planned.demand
    offering = demand.offering
    start = cast(datetime, planned.during.lower)
    headcount = service.headcount if service.headcount is not None else demand.participants
    day = paris_day(start)
    facts = SessionFacts(min(planned.number, count), count, day, service.minutes, headcount)
    return Billable(
        demand,
        rules.session_label(offering.name, demand.kind, facts),
        rules.session_quantity(PriceUnit(offering.price_unit), price, facts),
        day,
        vat_regime,
        service=service,
    )


def _draft(
    partner: Partner,
    routing: Routing,
    members: list[Billable],
    seller: parties.Snapshot,
    clock: Clock,
    *,
    came: Mapping[int, Collection[str]],
) -> Invoice:
    """A draft and its lines, without what was paid before and without its sums."""
    sites = {one.demand.site for one in members if one.demand.place_kind is PlaceKind.SITE}
    days = [one.day for one in members]
    invoice = Invoice(
        ref=new_reference("FAC"),
        kind=InvoiceKind.INVOICE,
        state=InvoiceState.DRAFT,
        partner=partner,
        period_start=min(days),
        period_end=max(days),
        seller=seller,
        buyer=parties.buyer_snapshot(partner, next(iter(sites)) if len(sites) == 1 else None),
        notes={},
        service_code=routing.service_code,
        engagement=routing.engagement,
        agreement_number=routing.agreement_number,
        project=routing.project,
        created_at=clock.now(),
    )
    invoice.lines = [
        _line(one, position, came.get(one.service.session_id, ()) if one.service else ())
        for position, one in enumerate(members, start=1)
    ]
    return invoice


def _keep(session: Session, drafts: Sequence[Invoice], clock: Clock, actor: Actor) -> None:
    """Write the drafts, hold what they bill, and say so."""
    session.flush()
    for invoice in drafts:
        for line in (one for one in invoice.lines if one.deducts is None):
            session.add(
                BilledService(service_id=line.service_id, cancellation_id=line.cancellation_id, line_id=line.id)
            )
        record(
            session,
            "invoice.draft",
            "invoice",
            invoice.ref,
            actor=actor,
            clock=clock,
            partner=invoice.partner.ref,
            net=invoice.net,
            lines=len(invoice.lines),
        )
    session.flush()


def _line(one: Billable, position: int, peers: Collection[str]) -> InvoiceLine:
    return InvoiceLine(
        position=position,
        label=one.label[:300],
        quantity=one.quantity.quantity,
        unit=one.quantity.unit,
        unit_cents=one.quantity.unit_price.cents,
        net=one.quantity.net.cents,
        vat_regime=one.vat_regime,
        service_id=one.service.id if one.service else None,
        cancellation_id=one.cancellation.id if one.cancellation else None,
        session_date=one.day,
        axes=axes_of(one.demand, one.quantity.net, peers),
    )
