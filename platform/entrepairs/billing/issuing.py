"""Issuing: the only moment an invoice gets its number; from then on it never changes.

Everything that may refuse comes before the commit, on the very data that is frozen: our own gates, then the official
rules (EN 16931, BR-FR) on the XML with the number it will bear. A refusal rolls the number back, so there is no gap.
Lock order: invoice, series, journal.
"""

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, lazyload
from sqlalchemy.orm.attributes import set_committed_value

from entrepairs.audit.actors import Actor
from entrepairs.audit.moving import move
from entrepairs.audit.recording import record
from entrepairs.billing import parties, rules
from entrepairs.billing.drafting import agreement_of, draft_for_update, routing_under, write_totals
from entrepairs.billing.einvoice.checker import Checker, shared_checker
from entrepairs.billing.einvoice.mentions import SERVICES, payment_notes
from entrepairs.billing.einvoice.produce import checked_xml
from entrepairs.billing.einvoices import REASON, einvoice_of
from entrepairs.billing.models import Invoice, InvoiceKind, InvoiceLine, InvoiceState
from entrepairs.billing.postings import post_sale
from entrepairs.billing.states import INVOICE_TRANSITIONS, InvoiceEvent
from entrepairs.billing.vat import ensure_decided, treatment_of
from entrepairs.contracting.models import Agreement
from entrepairs.demands.models import Demand, DemandSession, PlaceKind
from entrepairs.documents.numbering import take_number
from entrepairs.documents.storing import XML, store_file
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import add_months
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.kernel.parameters import figures
from entrepairs.missions.models import ServiceDone
from entrepairs.network.models import Site
from entrepairs.network.partners import PUBLIC_PAYERS
from entrepairs.outbox.adding import Effect, add_all

SERIES: Final = {InvoiceKind.INVOICE: "FA", InvoiceKind.DEPOSIT: "FA", InvoiceKind.CREDIT_NOTE: "AV"}


def issue_invoice(session: Session, ref: str, *, clock: Clock, actor: Actor, checker: Checker | None = None) -> Invoice:
    """Number, check, freeze and post a draft; its PDF and its mail follow by the outbox.

    Raises NotFound, Conflict("invoice_issued", "vat_undecided", "issue_date_behind"), InvalidInput("buyer_siret"),
    NotIssuable (our refusals, or the official rules'), Unavailable when the checker is silent. On any of them the
    caller rolls back.
    """
    invoice = draft_for_update(session, ref)
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        raise Conflict("credit_waits", N_("This credit note waits for the approval of a second person."))
    agreements = _refresh(session, invoice, clock)
    _ensure_identified(invoice)
    regimes = {line.vat_regime for line in invoice.lines}
    for regime in regimes:
        ensure_decided(session, regime, clock.today())
    write_totals(invoice, {regime: treatment_of(regime, clock.today()) for regime in regimes})
    return finish_issue(session, invoice, clock=clock, actor=actor, checker=checker, agreements=agreements)


def finish_issue(
    session: Session,
    invoice: Invoice,
    *,
    clock: Clock,
    actor: Actor,
    checker: Checker | None = None,
    agreements: Collection[Agreement] = (),
) -> Invoice:
    """Number, check, freeze, post. For an invoice, or a credit note (no `agreements`), whose content is complete."""
    today = clock.today()
    invoice.late_rate = _late_rate(invoice, agreements)
    notes = {**_notes(invoice, today), **({REASON: r} if (r := invoice.notes.get(REASON)) else {})}
    due_on = _due_on(invoice, today, agreements)
    session.flush()
    number = take_number(session, SERIES[invoice.kind], today.year)
    _ensure_chronological(session, invoice.kind, today)
    with session.no_autoflush:  # the row is valid again only once it is issued
        invoice.number, invoice.issue_date, invoice.due_date, invoice.notes = number, today, due_on, notes
        xml, _ = checked_xml(einvoice_of(invoice), checker or shared_checker())
        invoice.issued_at = clock.now()
        move(session, invoice, INVOICE_TRANSITIONS, InvoiceEvent.ISSUE, actor=actor, clock=clock)
    session.flush()
    post_sale(session, invoice, clock=clock)
    stored = store_file(session, xml, XML, kept_until=keep_until(today), clock=clock, filename=f"{number}.xml")
    record(
        session, "invoice.issue", "invoice", invoice.ref, actor=actor, clock=clock, number=number, gross=invoice.gross
    )
    add_all(
        session,
        (
            Effect("billing.produce_einvoice", f"einvoice:{invoice.ref}", {"xml": stored.ref}),
            # Closing locks demands, and those come before invoices: in its own transaction.
            Effect("billing.close_demands", f"close:{invoice.ref}"),
            # The cooperative lies above billing: it is told by its effect.
            Effect("cooperative.take_contribution", f"contribution:{invoice.ref}"),
        ),
        subject_kind="invoice",
        subject_ref=invoice.ref,
        due_at=clock.now(),
    )
    return invoice


def keep_until(issued_on: date) -> date:
    """Last day an accounting piece must be kept: ten years (C. com. L123-22)."""
    years = figures().whole("retention.accounting_years", issued_on)
    return add_months(date(issued_on.year, 12, 31), 12 * years)


def _refresh(session: Session, invoice: Invoice, clock: Clock) -> list[Agreement]:
    """The parties and the routing as they are today: a SIRET or an engagement may have come since the draft.

    The agreements it is billed under.
    """
    _read_services(session, invoice)
    subjects: dict[tuple[Demand, int], date] = {}  # a commitment is for a demand, or for a year
    for line in invoice.lines:
        if (demand := demand_of(line)) is not None:
            day = line.session_date or clock.today()
            subjects.setdefault((demand, day.year), day)
    if invoice.demand is not None:  # a deposit: nothing is done yet
        subjects[invoice.demand, clock.today().year] = clock.today()
    site = _only_site({demand for demand, _year in subjects})
    invoice.seller = parties.seller_snapshot(session, clock)
    invoice.buyer = parties.buyer_snapshot(invoice.partner, site)
    agreements = {demand: agreement_of(session, demand) for demand, _year in subjects}
    routings = {routing_under(session, agreements[demand], demand, day) for (demand, _year), day in subjects.items()}
    if len(routings) > 1:
        raise Conflict(
            "routing_changed",
            N_("The commitment numbers of these services now differ: delete this draft and bill them again."),
        )
    for routing in routings:
        invoice.engagement, invoice.service_code = routing.engagement, routing.service_code
        invoice.agreement_number = routing.agreement_number
    return [one for one in agreements.values() if one is not None]


def _read_services(session: Session, invoice: Invoice) -> None:
    """The lines with what they bill, in one question instead of two by line."""
    whole = joinedload(InvoiceLine.service).joinedload(ServiceDone.session).joinedload(DemandSession.demand)
    wanted = select(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id).order_by(InvoiceLine.position)
    set_committed_value(invoice, "lines", session.scalars(wanted.options(whole, lazyload("*"))).unique().all())


def demand_of(line: InvoiceLine) -> Demand | None:
    """The demand a line bills, by its service or its late cancellation."""
    if line.service is not None:
        return line.service.session.demand
    return line.cancellation.demand if line.cancellation is not None else None


def _only_site(demands: set[Demand]) -> Site | None:
    sites = {demand.site for demand in demands if demand.place_kind is PlaceKind.SITE}
    return next(iter(sites)) if len(sites) == 1 else None


def _ensure_identified(invoice: Invoice) -> None:
    if not invoice.buyer["siren"]:
        raise InvalidInput(
            "buyer_siret",
            N_("The SIRET number of %(name)s is missing: enter it on the structure's page, then issue again."),
            field="buyer.siret",
            name=invoice.buyer["name"],
        )


def _notes(invoice: Invoice, on: date) -> dict[str, str]:
    public = parties.public_routing(invoice.buyer) is not None
    points = figures().number("late_payment.public_points" if public else "late_payment.private_points", on)
    indemnity = Money(figures().whole("late_payment.recovery_cents", on))
    notes = payment_notes(public=public, late_points=points, indemnity=indemnity, agreed=invoice.late_rate)
    if invoice.interest_of_id is None:  # interest is damages, not an operation
        notes = (*notes, SERVICES)
    return {note.code.value: note.text for note in notes}


def _late_rate(invoice: Invoice, agreements: Collection[Agreement]) -> Decimal | None:
    """The lowest agreed, of a private payer; none unless every agreement says one."""
    rates = [one.late_rate for one in agreements]
    if invoice.partner.payer_kind in PUBLIC_PAYERS or not rates or None in rates:
        return None
    return min(rate for rate in rates if rate is not None)


def _due_on(invoice: Invoice, today: date, agreements: Collection[Agreement]) -> date:
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        return today
    if invoice.interest_of_id is not None and invoice.partner.payer_kind in PUBLIC_PAYERS:
        return today + timedelta(days=figures().whole("payment_terms.public_interest_days", today))
    payer, last = invoice.partner.payer_kind, invoice.period_end
    days = [
        rules.due_date(payer, today, last, figures(), agreed_days=one.payment_days, end_of_month=one.end_of_month)
        for one in agreements
    ]
    return min(days, default=rules.due_date(payer, today, last, figures()))


def _ensure_chronological(session: Session, kind: InvoiceKind, today: date) -> None:
    # Under the series' lock: nobody else is issuing.
    same_series = [one for one, series in SERIES.items() if series == SERIES[kind]]
    latest = session.scalar(
        select(func.max(Invoice.issue_date)).where(Invoice.kind.in_(same_series), Invoice.state == InvoiceState.ISSUED)
    )
    if latest is not None and latest > today:
        raise Conflict(
            "issue_date_behind",
            N_("An invoice is already dated %(day)s: numbers follow dates, so nothing can be issued before that day."),
            day=latest,
        )
