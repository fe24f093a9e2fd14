"""Mending: undo a payment by its opposite, move a surplus to another invoice, give up a late cancellation."""

import secrets

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from entrepairs.billing import cancellations, corrections, queries
from entrepairs.billing.models import Invoice, LateCancellation, Settlement
from entrepairs.billing.payments import balance_of
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import DomainError, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.web import filters
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor
from entrepairs.web.errors import sentence
from entrepairs.web.forms import attach
from entrepairs.web.invoice_words import SETTLEMENTS, invoice_title
from entrepairs.web.office import bp
from entrepairs.web.office.forms.facturation import MoveForm, ReverseForm, euros
from entrepairs.web.unsent import FORM_KEY


@bp.get("/facturation/<ref:ref>/reglements/<ref:payment_ref>/annuler")
@requires(Permission.BILL)
def reverse_form(ref: str, payment_ref: str) -> str:
    """What undoing does, said before; and why it is done."""
    return _reverse_page(*_own(ref, payment_ref), ReverseForm())


def _own(ref: str, payment_ref: str) -> tuple[Invoice, Settlement]:
    row = queries.invoice_of(db.session(), ref)
    found = corrections.settlement_of(db.session(), row, payment_ref)
    if found.kind not in corrections.BY_HAND:
        raise NotFound("settlement", N_("This payment does not exist."))
    return row, found


def _reverse_page(row: Invoice, found: Settlement, form: ReverseForm, problem: str = "") -> str:
    return render_template(
        "office/bill_reverse.html",
        invoice=row,
        payment=found,
        kind=_(SETTLEMENTS[found.kind]),
        undone=corrections.is_reversed(db.session(), found),
        form=form,
        title=invoice_title(row),
        problem=problem,
    )


@bp.post("/facturation/<ref:ref>/reglements/<ref:payment_ref>/annuler")
@requires(Permission.BILL)
def reverse_payment(ref: str, payment_ref: str) -> Response | tuple[str, int]:
    """Write the opposite."""
    row, found = _own(ref, payment_ref)
    form = ReverseForm()
    if not form.validate_on_submit():
        return _reverse_page(row, found, form), 422
    try:
        corrections.reverse_settlement(
            db.session(), ref, payment_ref, reason=form.reason.data, clock=business_clock(), actor=current_actor()
        )
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        told = "" if attach(form, error) else sentence(error)
        return _reverse_page(*_own(ref, payment_ref), form, told), error.status
    flash(_("It is undone, by its opposite in the accounts. Record it now on the right invoice."), "success")
    return redirect(url_for(".bill", ref=ref), code=303)


@bp.get("/facturation/<ref:ref>/report")
@requires(Permission.BILL)
def move_form(ref: str) -> str:
    """The surplus, and the invoices of the structure it may pay."""
    row = queries.invoice_of(db.session(), ref)
    surplus = max(-balance_of(db.session(), row), Money(0))
    targets = corrections.open_invoices_beside(db.session(), row)
    proposed = min(surplus, balance_of(db.session(), targets[0])) if targets else surplus
    return _move_page(row, _form(row, amount=str(proposed.euros).replace(".", ",")))


def _form(row: Invoice, **data: str) -> MoveForm:
    form = MoveForm(**data)
    form.target.choices = [
        (one.ref, f"{one.number}, {filters.money(balance_of(db.session(), one))}")
        for one in corrections.open_invoices_beside(db.session(), row)
    ]
    return form


def _move_page(row: Invoice, form: MoveForm, problem: str = "") -> str:
    return render_template(
        "office/bill_move.html",
        invoice=row,
        surplus=max(-balance_of(db.session(), row), Money(0)),
        form=form,
        title=invoice_title(row),
        problem=problem,
    )


@bp.post("/facturation/<ref:ref>/report")
@requires(Permission.BILL)
def move_payment(ref: str) -> Response | tuple[str, int]:
    """Move it."""
    row = queries.invoice_of(db.session(), ref)
    form = _form(row)
    if not form.validate_on_submit():
        return _move_page(row, form), 422
    try:
        _out, into = corrections.move_surplus(
            db.session(),
            ref,
            form.target.data,
            euros(form.amount.data),
            reason=form.reason.data,
            dedup=request.form.get(FORM_KEY) or secrets.token_hex(8),
            clock=business_clock(),
            actor=current_actor(),
        )
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        told = "" if attach(form, error) else sentence(error)
        return _move_page(queries.invoice_of(db.session(), ref), form, told), error.status
    flash(_("%(amount)s now stand on this invoice.", amount=filters.money(into.cents)), "success")
    return redirect(url_for(".bill", ref=into.invoice.ref), code=303)


@bp.get("/facturation/annulations/<ref:ref>/renoncer")
@requires(Permission.BILL)
def waive_form(ref: str) -> str:
    """What is given up, and why."""
    return _waive_page(cancellations.cancellation_of(db.session(), ref), ReverseForm())


def _waive_page(row: LateCancellation, form: ReverseForm, problem: str = "") -> str:
    return render_template("office/bill_waive.html", row=row, form=form, problem=problem)


@bp.post("/facturation/annulations/<ref:ref>/renoncer")
@requires(Permission.BILL)
def waive_cancellation(ref: str) -> Response | tuple[str, int]:
    """Ask nothing for it."""
    row, form = cancellations.cancellation_of(db.session(), ref), ReverseForm()
    if not form.validate_on_submit():
        return _waive_page(row, form), 422
    try:
        cancellations.waive(db.session(), ref, reason=form.reason.data, clock=business_clock(), actor=current_actor())
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        told = "" if attach(form, error) else sentence(error)
        return _waive_page(cancellations.cancellation_of(db.session(), ref), form, told), error.status
    flash(_("It is given up: nothing will be asked."), "success")
    return redirect(url_for(".billing"), code=303)
