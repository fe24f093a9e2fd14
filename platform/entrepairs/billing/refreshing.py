"""Drafts about to be issued, brought up to what is known today: a SIRET or a commitment may have come since.

However many they are, they are read in as many questions.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, lazyload
from sqlalchemy.orm.attributes import set_committed_value

from entrepairs.billing import parties
from entrepairs.billing.drafting import ensure_draft
from entrepairs.billing.drafts.models import InvoiceAttachment
from entrepairs.billing.models import Invoice, InvoiceLine, LateCancellation, VatLine
from entrepairs.billing.routing import Routes, Routing, routes
from entrepairs.contracting.models import Agreement
from entrepairs.demands.models import Demand, DemandSession, PlaceKind
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict
from entrepairs.kernel.i18n import N_
from entrepairs.missions.models import ServiceDone
from entrepairs.network.models import Partner, Site

Days = dict[tuple[Demand, int], date]
"""What an invoice bills: a day of each demand in each year (a commitment is for a demand, or for a year)."""


def drafts_for_update(session: Session, refs: Sequence[str]) -> list[Invoice]:
    """Drafts with their lines, locked by id, in the order of `refs`. Raises NotFound, Conflict("invoice_issued")."""
    wanted = select(Invoice).where(Invoice.ref.in_(refs)).order_by(Invoice.id).with_for_update(of=Invoice)
    fresh = wanted.options(lazyload("*")).execution_options(populate_existing=True)
    found = {one.ref: one for one in session.scalars(fresh)}
    drafts = [ensure_draft(found.get(ref)) for ref in refs]
    _read_parts(session, drafts)
    return drafts


def _read_parts(session: Session, drafts: Sequence[Invoice]) -> None:
    lines: dict[int, list[InvoiceLine]] = {one.id: [] for one in drafts}
    for line in session.scalars(
        select(InvoiceLine).where(InvoiceLine.invoice_id.in_(lines)).order_by(InvoiceLine.position)
    ):
        lines[line.invoice_id].append(line)
    sums: dict[int, list[VatLine]] = {one.id: [] for one in drafts}
    for row in session.scalars(select(VatLine).where(VatLine.invoice_id.in_(sums)).order_by(VatLine.id)):
        sums[row.invoice_id].append(row)
    files: dict[int, list[InvoiceAttachment]] = {one.id: [] for one in drafts}
    for file in session.scalars(
        select(InvoiceAttachment).where(InvoiceAttachment.invoice_id.in_(files)).order_by(InvoiceAttachment.id)
    ):
        files[file.invoice_id].append(file)
    partners = {
        one.id: one
        for one in session.scalars(select(Partner).where(Partner.id.in_({draft.partner_id for draft in drafts})))
    }
    for draft in drafts:
        set_committed_value(draft, "lines", lines[draft.id])
        set_committed_value(draft, "vat_lines", sums[draft.id])
        set_committed_value(draft, "attachments", files[draft.id])
        set_committed_value(draft, "partner", partners[draft.partner_id])


def refresh(session: Session, drafts: Sequence[Invoice], clock: Clock) -> list[list[Agreement]]:
    """Write the parties and the routing as they are today; the agreements each draft is billed under.

    Raises Conflict("routing_changed").
    """
    days = _days(session, drafts, clock.today())
    known = routes(session, [(demand, day) for one in days for (demand, _year), day in one.items()])
    seller = parties.seller_snapshot(session, clock)
    return [_refresh(draft, seller, asked, known) for draft, asked in zip(drafts, days, strict=True)]


def _refresh(draft: Invoice, seller: parties.Snapshot, asked: Days, known: Routes) -> list[Agreement]:
    demands = dict.fromkeys(demand for demand, _year in asked)
    draft.seller = seller
    draft.buyer = parties.buyer_snapshot(draft.partner, _only_site(demands))
    _route(draft, {known.routings[one] for one in asked})
    agreements = (known.agreements[one] for one in demands)
    return [one for one in agreements if one is not None]


def _route(draft: Invoice, routings: set[Routing]) -> None:
    if len(routings) > 1:
        raise Conflict(
            "routing_changed",
            N_("The commitment numbers of these services now differ: delete this draft and bill them again."),
        )
    for routing in routings:
        draft.engagement, draft.service_code = routing.engagement, routing.service_code
        draft.agreement_number, draft.project = routing.agreement_number, routing.project


def _days(session: Session, drafts: Sequence[Invoice], today: date) -> list[Days]:
    """What each draft bills, in the order of its lines; a deposit, what is still to be done."""
    of_line = _demands(session, drafts)
    found = []
    for draft in drafts:
        asked: Days = {}
        for line in draft.lines:
            if (demand := of_line.get(line.id)) is not None:
                day = line.session_date or today
                asked.setdefault((demand, day.year), day)
        if draft.demand is not None:
            asked[draft.demand, today.year] = today
        found.append(asked)
    return found


def _demands(session: Session, drafts: Sequence[Invoice]) -> dict[int, Demand]:
    """The demand of each line, by the line's id."""
    billed = (
        select(InvoiceLine.id, func.coalesce(DemandSession.demand_id, LateCancellation.demand_id))
        .outerjoin(ServiceDone, ServiceDone.id == InvoiceLine.service_id)
        .outerjoin(DemandSession, DemandSession.id == ServiceDone.session_id)
        .outerjoin(LateCancellation, LateCancellation.id == InvoiceLine.cancellation_id)
        .where(InvoiceLine.invoice_id.in_([one.id for one in drafts]))
    )
    ids = {line: demand for line, demand in session.execute(billed) if demand is not None}
    demands = {one.id: one for one in session.scalars(select(Demand).where(Demand.id.in_(set(ids.values()))))}
    return {line: demands[demand] for line, demand in ids.items()}


def _only_site(demands: Iterable[Demand]) -> Site | None:
    sites = {demand.site for demand in demands if demand.place_kind is PlaceKind.SITE}
    return next(iter(sites)) if len(sites) == 1 else None
