"""What follows an issued invoice: a transfer received, money given back, a credit note."""

from decimal import Decimal, InvalidOperation

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from entrepairs.billing import queries
from entrepairs.billing.credit_notes import (
    CREDIT_APPROVAL,
    Part,
    approve_credit,
    credit_invoice,
    credit_left,
    creditable_lines,
    credited_alone,
    part_refused,
)
from entrepairs.billing.models import Invoice, InvoiceLine, InvoiceState
from entrepairs.billing.payments import record_refund, record_transfer
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import Conflict, DomainError, InvalidInput
from entrepairs.kernel.i18n import Sentence, say
from entrepairs.settings.decisions import decision_or
from entrepairs.web import filters
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor
from entrepairs.web.errors import sentence
from entrepairs.web.forms import attach
from entrepairs.web.invoice_words import invoice_title
from entrepairs.web.office import bp
from entrepairs.web.office.forms.facturation import CreditForm, PaymentForm, euros


@bp.get("/facturation/<ref:ref>/paiement")
@requires(Permission.BILL)
def payment_form(ref: str) -> str:
    """Record a transfer: what is left is proposed."""
    row = queries.invoice_of(db.session(), ref)
    view = queries.view_of(db.session(), row, business_clock().today())
    proposed = str(view.balance.euros).replace(".", ",")
    return _payment_page(row, PaymentForm(amount=proposed, received_on=business_clock().today()))


def _payment_page(row: Invoice, form: PaymentForm, problem: str = "") -> str:
    view = queries.view_of(db.session(), row, business_clock().today())
    return render_template(
        "office/bill_payment.html", invoice=row, view=view, form=form, title=invoice_title(row), problem=problem
    )


@bp.post("/facturation/<ref:ref>/paiement")
@requires(Permission.BILL)
def record_payment(ref: str) -> Response | tuple[str, int]:
    """Record it; a part is fine, too much is said before it is kept."""
    form = PaymentForm()
    if not form.validate_on_submit():
        return _payment_page(queries.invoice_of(db.session(), ref), form), 422
    try:
        paid = record_transfer(
            db.session(),
            ref,
            euros(form.amount.data),
            form.received_on.data,
            reference=form.reference.data or "",
            keep_surplus=form.keep_surplus.data,
            clock=business_clock(),
            actor=current_actor(),
        )
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        told = "" if attach(form, error) else sentence(error)
        return _payment_page(queries.invoice_of(db.session(), ref), form, told), error.status
    flash(_("The transfer of %(amount)s is recorded.", amount=filters.money(paid.cents)), "success")
    return redirect(url_for(".bill", ref=ref), code=303)


@bp.get("/facturation/<ref:ref>/remboursement")
@requires(Permission.BILL)
def refund_form(ref: str) -> str:
    """Money to give back: the surplus is proposed."""
    row = queries.invoice_of(db.session(), ref)
    view = queries.view_of(db.session(), row, business_clock().today())
    proposed = str((-view.balance).euros).replace(".", ",")
    return _refund_page(row, PaymentForm(amount=proposed, received_on=business_clock().today()))


def _refund_page(row: Invoice, form: PaymentForm, problem: str = "") -> str:
    view = queries.view_of(db.session(), row, business_clock().today())
    return render_template(
        "office/bill_refund.html", invoice=row, view=view, form=form, title=invoice_title(row), problem=problem
    )


@bp.post("/facturation/<ref:ref>/remboursement")
@requires(Permission.BILL)
def record_money_back(ref: str) -> Response | tuple[str, int]:
    """Record a transfer to the structure."""
    form = PaymentForm()
    if not form.validate_on_submit():
        return _refund_page(queries.invoice_of(db.session(), ref), form), 422
    try:
        record_refund(
            db.session(),
            ref,
            euros(form.amount.data),
            form.received_on.data,
            reference=form.reference.data or "",
            clock=business_clock(),
            actor=current_actor(),
        )
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        told = "" if attach(form, error) else sentence(error)
        return _refund_page(queries.invoice_of(db.session(), ref), form, told), error.status
    flash(_("The money given back is recorded."), "success")
    return redirect(url_for(".bill", ref=ref), code=303)


@bp.get("/facturation/<ref:ref>/avoir")
@requires(Permission.BILL)
def credit_form(ref: str) -> str:
    """Choose what is taken back, and say why."""
    row = queries.invoice_of(db.session(), ref)
    return _credit_page(row, _credit_form(row, bill_again=True))


def _credit_form(row: Invoice, **data: object) -> CreditForm:
    form = CreditForm(**data)
    form.positions.choices = [(line.position, line.label) for line in creditable_lines(db.session(), row)]
    return form


def _parts(form: CreditForm, row: Invoice) -> list[Part]:
    """What was ticked, with the quantity or the amount typed beside it. Raises InvalidInput, naming the line.

    A part typed without its tick is meant all the same: nothing ticked would take back the whole invoice.
    """
    ticked = set(form.positions.data or ())
    lines = creditable_lines(db.session(), row)
    return [_part(line) for line in lines if line.position in ticked or any(_typed(line.position))]


def _typed(position: int) -> tuple[str, str]:
    """The quantity and the amount written beside a line."""
    return (
        request.form.get(f"quantity-{position}", "").strip(),
        request.form.get(f"amount-{position}", "").strip(),
    )


def _part(line: InvoiceLine) -> Part:
    quantity, amount = _typed(line.position)
    if quantity and amount:
        raise part_refused("part_unsound", line, say("Write a quantity or an amount, not both."))
    if amount:
        try:
            return Part(line.position, net=euros(amount))
        except InvalidInput as error:
            raise part_refused(error.code, line, Sentence(error.message, error.params)) from error
    if not quantity:
        return Part(line.position)
    try:
        return Part(line.position, Decimal(quantity.replace(",", ".")))
    except InvalidOperation as error:
        why = say("Write a quantity above zero, with two decimals at most.")
        raise part_refused("part_unsound", line, why) from error


def _credit_page(row: Invoice, form: CreditForm, problem: str = "", at_fault: object = None) -> str:
    view = queries.view_of(db.session(), row, business_clock().today())
    lines = creditable_lines(db.session(), row)
    return render_template(
        "office/bill_credit.html",
        invoice=row,
        view=view,
        form=form,
        lines=lines,
        left=credit_left(db.session(), row),
        typed=request.form,
        at_fault=at_fault,
        two_people=decision_or(db.session(), CREDIT_APPROVAL, business_clock().today(), None),
        alone=credited_alone(db.session(), row.id),
        title=invoice_title(row),
        problem=problem,
    )


@bp.post("/facturation/<ref:ref>/avoir")
@requires(Permission.BILL)
def credit_bill(ref: str) -> Response | tuple[str, int]:
    """Issue the credit note."""
    row = queries.invoice_of(db.session(), ref)
    form = _credit_form(row)
    if not form.validate_on_submit():
        return _credit_page(row, form), 422
    try:
        note = credit_invoice(
            db.session(),
            ref,
            reason=form.reason.data,
            parts=_parts(form, row),
            bill_again=form.bill_again.data,
            clock=business_clock(),
            actor=current_actor(),
        )
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        told = "" if attach(form, error) else sentence(error)
        row = queries.invoice_of(db.session(), ref)
        return _credit_page(row, form, told, error.params.get("position")), error.status
    if note.state is InvoiceState.DRAFT:
        flash(_("The credit note waits for a second person, who issues it."), "success")
        return redirect(url_for(".bill", ref=note.ref), code=303)
    flash(_("%(title)s is issued.", title=invoice_title(note)), "success")
    return redirect(url_for(".bill", ref=ref), code=303)


@bp.post("/facturation/<ref:ref>/approuver")
@requires(Permission.BILL)
def approve_bill(ref: str) -> Response:
    """A second person issues a credit note that waits."""
    try:
        note = approve_credit(db.session(), ref, clock=business_clock(), actor=current_actor())
        db.session.commit()
    except Conflict as error:
        db.session.rollback()
        flash(sentence(error), "error")
        return redirect(url_for(".bill", ref=ref), code=303)
    flash(_("%(title)s is issued.", title=invoice_title(note)), "success")
    return redirect(url_for(".bill", ref=ref), code=303)
