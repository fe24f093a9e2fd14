"""`/s/factures`: the structure's invoices, their files, and paying one online (private payers)."""

from typing import Final

from flask import current_app, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from entrepairs.billing import queries
from entrepairs.billing.checkout import abandon_checkout, methods_offered, open_checkout, start_checkout
from entrepairs.billing.drafts.attachments import attachment_of
from entrepairs.billing.invoice_sheet import invoices_csv
from entrepairs.billing.models import CheckoutPayment, Invoice, PaymentState
from entrepairs.billing.payments import balance_of
from entrepairs.billing.queries import OPEN_SHOWN, InvoiceView
from entrepairs.billing.states import LIVE_PAYMENTS, ShownState
from entrepairs.billing.stripe_gateway import SEPA_DEBIT, StripeGateway
from entrepairs.billing.transmission.queries import deposit_numbers
from entrepairs.documents.storing import read_file
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import DomainError
from entrepairs.kernel.i18n import N_, say
from entrepairs.web.access import requires
from entrepairs.web.context import Viewer, business_clock, current_actor
from entrepairs.web.errors import sentence
from entrepairs.web.invoice_words import (
    ATTACHMENTS,
    SETTLEMENTS,
    attached,
    invoice_chip,
    invoice_download,
    invoice_status,
    invoice_title,
)
from entrepairs.web.partners import bp
from entrepairs.web.partners.acting import acting_partner
from entrepairs.web.todo import TodoItem, waiting


@bp.get("/factures")
@requires(Permission.PARTNER_BILLING)
def invoices() -> str:
    """Every issued invoice, those still owed first on demand."""
    views = queries.invoices_of_partner(db.session(), acting_partner().id, business_clock().today())
    group = request.args.get("etat", "")
    shown = [view for view in views if group not in GROUPS or view.shown in GROUPS[group]]
    return render_template(
        "partners/invoices.html",
        invoices=shown,
        any_invoice=bool(views),
        group=group,
        chips=_group_chips(views, group),
        owed=[view for view in views if view.shown in OPEN_SHOWN and not view.is_credit_note],
        chip_of=invoice_chip,
        title_of=invoice_title,
        status_of=invoice_status,
    )


GROUPS = {"a-payer": OPEN_SHOWN, "payees": frozenset({ShownState.PAID, ShownState.CREDITED})}


def _group_chips(views: list[InvoiceView], group: str) -> list[dict[str, object]]:
    labels = {"a-payer": _("To be paid"), "payees": _("Paid")}
    chips: list[dict[str, object]] = [
        {"label": _("All"), "url": url_for(".invoices"), "active": group not in GROUPS, "count": len(views)}
    ]
    for name, states in GROUPS.items():
        count = sum(1 for view in views if view.shown in states)
        chips.append(
            {"label": labels[name], "url": url_for(".invoices", etat=name), "active": group == name, "count": count}
        )
    return chips


@bp.get("/factures/csv")
@requires(Permission.PARTNER_BILLING)
def invoices_sheet() -> Response:
    """Every issued invoice and credit note, for the accountant's spreadsheet."""
    today = business_clock().today()
    views = queries.invoices_of_partner(db.session(), acting_partner().id, today)
    deposits = deposit_numbers(db.session(), [view.invoice.id for view in views])
    return attached(invoices_csv(views, deposits), "text/csv", f"factures-{today:%Y-%m-%d}.csv")


@bp.get("/factures/<ref:ref>")
@requires(Permission.PARTNER_BILLING)
def invoice(ref: str) -> str:
    """One invoice: amount, state, one action; then its lines and files."""
    return _page(_own(ref))


def _own(ref: str) -> Invoice:
    return queries.invoice_of(db.session(), ref, partner_id=acting_partner().id)


def _page(row: Invoice, problem: str = "") -> str:
    view = queries.view_of(db.session(), row, business_clock().today())
    return render_template(
        "partners/invoice.html",
        invoice=row,
        view=view,
        chip=invoice_chip(view),
        title=invoice_title(row),
        status=invoice_status(view),
        under_way=queries.payment_under_way(db.session(), row),
        processing=PaymentState.PROCESSING,
        failed=PaymentState.FAILED,
        last_payment=queries.last_payment(db.session(), row),
        failure_words=failure_words,
        deposit=deposit_numbers(db.session(), [row.id]).get(row.id),
        debit_offered=SEPA_DEBIT in methods_offered(db.session(), business_clock().today()),
        settlements=SETTLEMENTS,
        attachment_words=ATTACHMENTS,
        problem=problem,
    )


@bp.post("/factures/<ref:ref>/payer")
@requires(Permission.PARTNER_BILLING)
def pay_invoice(ref: str) -> Response | tuple[str, int]:
    """To Stripe's page. Our key is committed before Stripe is called."""
    row, session, clock = _own(ref), db.session(), business_clock()
    try:
        payment = open_checkout(session, ref, clock=clock, actor=current_actor())
        db.session.commit()
        gateway = StripeGateway.of(current_app.config)
        if payment.cents != balance_of(session, row).cents:  # something came in since that page was made
            abandon_checkout(session, payment.ref, gateway, clock=clock)
            db.session.commit()
            payment = open_checkout(session, ref, clock=clock, actor=current_actor())
            db.session.commit()
        payment = start_checkout(session, payment.ref, gateway, clock=clock)
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        return _page(_own(ref), sentence(error)), error.status
    return redirect(payment.session_url or url_for(".payment_status", ref=ref), code=303)


@bp.get("/factures/<ref:ref>/paiement")
@requires(Permission.PARTNER_BILLING)
def payment_status(ref: str) -> str:
    """After Stripe's page: « nous vérifions le paiement » until it is known."""
    row = _own(ref)
    return render_template(
        "partners/invoice_payment.html",
        invoice=row,
        title=invoice_title(row),
        view=queries.view_of(db.session(), row, business_clock().today()),
        payment=queries.last_payment(db.session(), row),
        states=PaymentState,
        failure_words=failure_words,
    )


FAILURES: Final = {
    "insufficient_funds": N_("Your bank did not find enough on the account that day. Nothing was taken."),
    "debit_not_authorized": N_("Your bank does not let this account be debited. Nothing was taken."),
    "account_closed": N_("Your bank says that this account is closed. Nothing was taken."),
    "bank_account_restricted": N_("Your bank does not let this account be debited. Nothing was taken."),
}
"""Why a direct debit failed, by Stripe's word; never a reproach."""


NOT_ACCEPTED: Final = N_("Your bank did not accept it. Nothing was taken.")


def failure_words(payment: CheckoutPayment) -> str:
    """What happened and what is possible instead."""
    if payment.state is PaymentState.EXPIRED:
        gone = _(
            "The page of payment is no longer valid. Nothing was taken. You can try again, or pay by bank transfer."
        )
        return str(gone)
    told = FAILURES.get(payment.failure, NOT_ACCEPTED)
    instead = _("You can try again, by card or by direct debit, or pay by bank transfer: both are fine.")
    return f"{_(told)} {instead}"


@bp.get("/factures/<ref:ref>/paiement/nouvelles")
@requires(Permission.PARTNER_BILLING)
def payment_news(ref: str) -> Response:
    """The same for the page's script: whether the end is known."""
    payment = queries.last_payment(db.session(), _own(ref))
    known = payment is not None and payment.state not in LIVE_PAYMENTS
    return jsonify(done=int(known), total=1, text=_("We are asking the bank."), finished=known, reload=known)


@bp.get("/factures/<ref:ref>/pdf")
@requires(Permission.PARTNER_BILLING)
def invoice_pdf(ref: str) -> Response:
    """The Factur-X."""
    return invoice_download(db.session(), _own(ref), "pdf")


@bp.get("/factures/<ref:ref>/xml")
@requires(Permission.PARTNER_BILLING)
def invoice_xml(ref: str) -> Response:
    """The XML alone."""
    return invoice_download(db.session(), _own(ref), "xml")


@bp.get("/factures/<ref:ref>/jointe/<ref:attachment_ref>")
@requires(Permission.PARTNER_BILLING)
def invoice_attachment(ref: str, attachment_ref: str) -> Response:
    """A file that came with it: the very bytes that its XML carries."""
    row = attachment_of(db.session(), _own(ref).ref, attachment_ref)
    return attached(read_file(db.session(), row.file_id), row.file.media, row.name)


@waiting("partners")
def invoices_to_pay(viewer: Viewer) -> list[TodoItem]:
    """Invoices on which something is owed, for those who may pay."""
    if viewer.partner is None or Permission.PARTNER_BILLING not in viewer.permissions:
        return []
    views = queries.awaiting_action(db.session(), viewer.partner, business_clock().today())
    return [
        TodoItem(
            chip=say("late") if view.shown is ShownState.LATE else say("to be paid"),
            tone="no" if view.shown is ShownState.LATE else "todo",
            title=say("Invoice %(number)s, %(amount)s", number=view.invoice.number, amount=view.balance),
            detail=say("To be paid by %(day)s.", day=view.invoice.due_date),
            url=url_for("partners.invoice", ref=view.invoice.ref),
            action=say("See the invoice"),
            rank=25,
        )
        for view in views
    ]
