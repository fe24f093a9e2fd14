"""Issuing: the only moment an invoice gets its number; from then on it never changes.

Everything that may refuse comes before the commit, on the very data that is frozen: our own gates, then the official
rules (EN 16931, BR-FR) on the XML with the number it will bear. A refusal rolls the number back, so there is no gap.
Lock order: structure (of a deposit), invoice, series, journal.
"""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.moving import move
from entrepairs.audit.recording import record
from entrepairs.billing import deposits, parties, rules
from entrepairs.billing.ceilings import give_room_back
from entrepairs.billing.drafting import write_totals
from entrepairs.billing.einvoice.checker import Checker, shared_checker
from entrepairs.billing.einvoice.mentions import SERVICES, Treatment, payment_notes
from entrepairs.billing.einvoice.produce import checked_xml
from entrepairs.billing.einvoices import REASON, einvoice_of
from entrepairs.billing.models import Invoice, InvoiceKind, InvoiceLine, InvoiceState
from entrepairs.billing.postings import post_sales
from entrepairs.billing.refreshing import drafts_for_update, refresh
from entrepairs.billing.states import INVOICE_TRANSITIONS, InvoiceEvent
from entrepairs.billing.vat import ensure_decided, treatment_of
from entrepairs.contracting.models import Agreement
from entrepairs.demands.models import Demand
from entrepairs.documents.models import StoredFile
from entrepairs.documents.numbering import take_numbers
from entrepairs.documents.storing import XML, store_files
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import add_months
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.kernel.parameters import figures
from entrepairs.ledger.years import exercise_shown
from entrepairs.network.partners import PUBLIC_PAYERS
from entrepairs.outbox.adding import Effect, add_each

SERIES: Final = {InvoiceKind.INVOICE: "FA", InvoiceKind.DEPOSIT: "FA", InvoiceKind.CREDIT_NOTE: "AV"}


def issue_invoice(session: Session, ref: str, *, clock: Clock, actor: Actor, checker: Checker | None = None) -> Invoice:
    """Number, check, freeze and post a draft; its PDF and its mail follow by the outbox.

    Raises NotFound, Conflict("invoice_issued", "vat_undecided", "issue_date_behind",
    "deposit_too_late"), InvalidInput("buyer_siret"),
    NotIssuable (our refusals, or the official rules'), Unavailable when the checker is silent. On any of them the
    caller rolls back.
    """
    deposits.hold_structures(session, [ref])
    (invoice,) = issue_invoices(session, [ref], clock=clock, actor=actor, checker=checker)
    return invoice


def issue_invoices(
    session: Session, refs: Sequence[str], *, clock: Clock, actor: Actor, checker: Checker | None = None
) -> list[Invoice]:
    """The same for several drafts, numbered in the order given: all of them or, when one is refused, none.

    Each row is written as if it were alone, in far fewer statements.
    """
    invoices = drafts_for_update(session, refs)
    if any(one.kind is InvoiceKind.CREDIT_NOTE for one in invoices):
        raise Conflict("credit_waits", N_("This credit note waits for the approval of a second person."))
    for one in invoices:
        if one.kind is InvoiceKind.DEPOSIT:
            deposits.ensure_still_asked(session, one)
    agreements = refresh(session, invoices, clock)
    treatments: dict[str, Treatment] = {}
    for invoice in invoices:
        _ensure_identified(invoice)
        for regime in {line.vat_regime for line in invoice.lines} - treatments.keys():
            ensure_decided(session, regime, clock.today())
            treatments[regime] = treatment_of(regime, clock.today())
        write_totals(invoice, treatments)
    _finish(session, list(zip(invoices, agreements, strict=True)), clock=clock, actor=actor, checker=checker)
    return invoices


def finish_issue(
    session: Session, invoice: Invoice, *, clock: Clock, actor: Actor, checker: Checker | None = None
) -> Invoice:
    """Number, check, freeze, post: a credit note, or an invoice under no agreement, whose content is complete."""
    _finish(session, [(invoice, ())], clock=clock, actor=actor, checker=checker)
    return invoice


def _finish(
    session: Session,
    drafts: Sequence[tuple[Invoice, Collection[Agreement]]],
    *,
    clock: Clock,
    actor: Actor,
    checker: Checker | None,
) -> None:
    """Each draft with the agreements it is billed under; all are of one series."""
    today, invoices = clock.today(), [invoice for invoice, _ in drafts]
    for invoice, agreements in drafts:
        invoice.late_rate = _late_rate(invoice, agreements)
    due_on = [_due_on(invoice, today, agreements) for invoice, agreements in drafts]
    (series,) = {SERIES[one.kind] for one in invoices}
    numbers = take_numbers(session, series, today.year, len(invoices))
    _ensure_chronological(session, series, today)
    xmls = []
    with session.no_autoflush:  # a row is valid again only once it is issued
        for invoice, number, due in zip(invoices, numbers, due_on, strict=True):
            invoice.number, invoice.issue_date, invoice.due_date = number, today, due
            invoice.notes = _notes(invoice, today)
            xml, _ = checked_xml(einvoice_of(invoice), checker or shared_checker())
            xmls.append((xml, f"{number}.xml"))
            invoice.issued_at = clock.now()
            move(session, invoice, INVOICE_TRANSITIONS, InvoiceEvent.ISSUE, actor=actor, clock=clock)
            record(
                session,
                "invoice.issue",
                "invoice",
                invoice.ref,
                actor=actor,
                clock=clock,
                number=number,
                gross=invoice.gross,
            )
    session.flush()
    post_sales(session, invoices, clock=clock)
    give_room_back(session, (line for one in invoices for line in one.lines if line.discount or line.shared))
    stored = store_files(session, xmls, XML, kept_until=keep_until(session, today), clock=clock)
    effects = {invoice.ref: _effects(invoice, file) for invoice, file in zip(invoices, stored, strict=True)}
    add_each(session, effects, subject_kind="invoice", due_at=clock.now())


def _effects(invoice: Invoice, xml: StoredFile) -> tuple[Effect, ...]:
    """What follows the commit."""
    return (
        Effect("billing.produce_einvoice", f"einvoice:{invoice.ref}", {"xml": xml.ref}),
        # Closing locks demands, and those come before invoices: in its own transaction.
        Effect("billing.close_demands", f"close:{invoice.ref}"),
        # The cooperative lies above billing: it is told by its effect.
        Effect("cooperative.take_contribution", f"contribution:{invoice.ref}"),
    )


def keep_until(session: Session, issued_on: date) -> date:
    """Last day an accounting piece must be kept: ten years from the end of its exercise (C. com. L123-22)."""
    years = figures().whole("retention.accounting_years", issued_on)
    return add_months(exercise_shown(session, issued_on).last_day, 12 * years)


def demand_of(line: InvoiceLine) -> Demand | None:
    """The demand a line bills, by its service or its late cancellation."""
    if line.service is not None:
        return line.service.session.demand
    return line.cancellation.demand if line.cancellation is not None else None


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
    reason = {REASON: why} if (why := invoice.notes.get(REASON)) else {}
    return {note.code.value: note.text for note in notes} | reason


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


def _ensure_chronological(session: Session, series: str, today: date) -> None:
    # Under the series' lock: nobody else is issuing.
    same_series = [kind for kind, its_own in SERIES.items() if its_own == series]
    latest = session.scalar(
        select(func.max(Invoice.issue_date)).where(Invoice.kind.in_(same_series), Invoice.state == InvoiceState.ISSUED)
    )
    if latest is not None and latest > today:
        raise Conflict(
            "issue_date_behind",
            N_("An invoice is already dated %(day)s: numbers follow dates, so nothing can be issued before that day."),
            day=latest,
        )
