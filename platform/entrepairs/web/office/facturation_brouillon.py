"""What is added to a draft of invoice: a discount, a file that goes with it."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from entrepairs.billing import queries
from entrepairs.billing.drafts import attachments, discounts
from entrepairs.billing.einvoice.model import AttachmentKind
from entrepairs.billing.models import Invoice, InvoiceKind, InvoiceState
from entrepairs.billing.transmission.pieces import LARGEST
from entrepairs.documents.storing import read_file
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import DomainError
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor
from entrepairs.web.errors import sentence
from entrepairs.web.forms import attach as attach_error
from entrepairs.web.invoice_words import attached, invoice_title
from entrepairs.web.office import bp
from entrepairs.web.office.forms.facturation_brouillon import AttachmentForm, DiscountForm


@bp.get("/facturation/<ref:ref>/remise")
@requires(Permission.BILL)
def discount_form(ref: str) -> str:
    """How much is taken off, on what, and why."""
    return _discount_page(queries.invoice_of(db.session(), ref), DiscountForm())


def _discount_page(row: Invoice, form: DiscountForm, problem: str = "") -> str:
    return render_template(
        "office/bill_discount.html",
        invoice=row,
        title=invoice_title(row),
        possible=row.state is InvoiceState.DRAFT and discounts.takes_discount(row),
        form=form.offer(discounts.discountable(row)),
        problem=problem,
    )


@bp.post("/facturation/<ref:ref>/remise")
@requires(Permission.BILL)
def give_discount(ref: str) -> Response | tuple[str, int]:
    """Take it off; the totals of the draft follow."""
    row = queries.invoice_of(db.session(), ref)
    form = DiscountForm().offer(discounts.discountable(row))
    if not form.validate_on_submit():
        return _discount_page(row, form), 422
    try:
        discounts.give_discount(
            db.session(),
            ref,
            form.given(),
            position=form.position.data or None,
            clock=business_clock(),
            actor=current_actor(),
        )
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        told = "" if attach_error(form, error) else sentence(error)
        return _discount_page(queries.invoice_of(db.session(), ref), form, told), error.status
    flash(_("The discount is taken off."), "success")
    return redirect(url_for(".bill", ref=ref), code=303)


@bp.post("/facturation/<ref:ref>/remise/retirer")
@requires(Permission.BILL)
def drop_discount(ref: str) -> Response:
    """Take a discount back."""
    position = request.form.get("position", type=int) or None
    discounts.drop_discount(db.session(), ref, position=position, clock=business_clock(), actor=current_actor())
    db.session.commit()
    flash(_("The discount is taken back."), "success")
    return redirect(url_for(".bill", ref=ref), code=303)


@bp.get("/facturation/<ref:ref>/jointe")
@requires(Permission.BILL)
def attachment_form(ref: str) -> str:
    """Which file goes with the invoice."""
    return _attachment_page(queries.invoice_of(db.session(), ref), AttachmentForm())


def _attachment_page(row: Invoice, form: AttachmentForm, problem: str = "") -> str:
    return render_template(
        "office/bill_attachment.html",
        invoice=row,
        title=invoice_title(row),
        possible=row.state is InvoiceState.DRAFT and row.kind is not InvoiceKind.CREDIT_NOTE,
        form=form.offer(),
        problem=problem,
    )


@bp.post("/facturation/<ref:ref>/jointe")
@requires(Permission.BILL)
def attach_file(ref: str) -> Response | tuple[str, int]:
    """Join it to the draft."""
    row, form = queries.invoice_of(db.session(), ref), AttachmentForm().offer()
    if not form.validate_on_submit():
        return _attachment_page(row, form), 422
    given = form.file.data
    name = (given.filename or "").replace("\\", "/").rpartition("/")[2]
    try:
        attachments.attach_file(
            db.session(),
            ref,
            name,
            given.read(LARGEST + 1),
            AttachmentKind(form.kind.data),
            clock=business_clock(),
            actor=current_actor(),
        )
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        told = "" if attach_error(form, error) else sentence(error)
        return _attachment_page(queries.invoice_of(db.session(), ref), form, told), error.status
    flash(_("« %(name)s » goes with the invoice.", name=name), "success")
    return redirect(url_for(".bill", ref=ref), code=303)


@bp.get("/facturation/<ref:ref>/jointe/<ref:attachment_ref>")
@requires(Permission.OFFICE_VIEW)
def attachment(ref: str, attachment_ref: str) -> Response:
    """The file."""
    row = attachments.attachment_of(db.session(), ref, attachment_ref)
    return attached(read_file(db.session(), row.file_id), row.file.media, row.name)


@bp.post("/facturation/<ref:ref>/jointe/<ref:attachment_ref>/retirer")
@requires(Permission.BILL)
def detach(ref: str, attachment_ref: str) -> Response:
    """Take it off the draft."""
    attachments.detach_file(db.session(), ref, attachment_ref, clock=business_clock(), actor=current_actor())
    db.session.commit()
    flash(_("The file no longer goes with the invoice."), "success")
    return redirect(url_for(".bill", ref=ref), code=303)
