"""`/a/facturation/releves`: the bank's files, their lines, and what each credit pays."""

from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import BooleanField

from entrepairs.billing.online.payouts import receive_payout, undo_receipt
from entrepairs.billing.queries import invoice_numbered
from entrepairs.billing.statements import deciding, queries, sharing
from entrepairs.billing.statements.csv_french import ColumnsNeeded, read_cents
from entrepairs.billing.statements.importing import Imported, import_file
from entrepairs.billing.statements.matching import Reason
from entrepairs.billing.statements.reading import MAX_FILE
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import DomainError, InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor
from entrepairs.web.errors import sentence
from entrepairs.web.forms import attach
from entrepairs.web.office import bp
from entrepairs.web.office.releves_colonnes import (
    Asked,
    ColumnsForm,
    ask_for,
    columns_page,
    content_of,
    first_rows,
    offer,
)

REASONS: Final = {
    Reason.NUMBER: N_("its number is written"),
    Reason.AMOUNT: N_("the amount is the right one"),
    Reason.IBAN: N_("this account has paid before"),
    Reason.NAME: N_("the payer bears this name"),
}
"""Why an invoice is proposed."""


class StatementForm(FlaskForm):  # type: ignore[misc]
    """The bank's file."""

    file = FileField(_l("The file"))
    other_account = BooleanField(_l("It is another account of the association"))


@bp.get("/facturation/releves")
@requires(Permission.BILL)
def bank_statements() -> str:
    """The statements, and the import."""
    return _list_page(StatementForm())


def _list_page(form: StatementForm) -> str:
    return render_template("office/statements.html", statements=queries.statements(db.session()), form=form)


@bp.post("/facturation/releves")
@requires(Permission.BILL)
def import_statements() -> Response | tuple[str, int]:
    """All of the file, or nothing."""
    form = StatementForm()
    if not form.validate_on_submit():
        return _list_page(form), 422
    content = form.file.data.read(MAX_FILE + 1) if form.file.data else b""
    try:
        done = import_file(
            db.session(),
            content,
            other_account=form.other_account.data,
            clock=business_clock(),
            actor=current_actor(),
        )
        db.session.commit()
    except ColumnsNeeded as unknown:
        db.session.rollback()
        return columns_page(ask_for(unknown.rows, content, other_account=form.other_account.data)), 422
    except DomainError as error:
        db.session.rollback()
        if not attach(form, error):
            form.file.errors = [sentence(error)]
        return _list_page(form), 422
    return after_import(done)


def after_import(done: Imported) -> Response:
    """To the statement imported, with what was added."""
    flash(_("%(added)s movements added, %(known)s known already.", added=done.added, known=done.known), "success")
    if len(done.statements) == 1:
        return redirect(url_for(".bank_statement", ref=done.statements[0].ref), code=303)
    return redirect(url_for(".bank_statements"), code=303)


@bp.post("/facturation/releves/colonnes")
@requires(Permission.BILL)
def import_chosen_columns() -> Response | tuple[str, int]:
    """The same file read with the columns chosen; they are remembered for the next one."""
    form, content = ColumnsForm(), content_of(request.form.get("content", ""), request.files.get("file"))
    rows = first_rows(content)
    offer(form, rows)
    if not form.validate_on_submit():
        return columns_page(Asked(form, rows, content)), 422
    try:
        done = import_file(
            db.session(),
            content,
            columns=form.columns(),
            other_account=form.other_account.data,
            clock=business_clock(),
            actor=current_actor(),
        )
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        return columns_page(Asked(form, rows, content), sentence(error)), 422
    return after_import(done)


@bp.get("/facturation/releves/<ref:ref>")
@requires(Permission.BILL)
def bank_statement(ref: str) -> str:
    """Its lines: to confirm, recorded, put aside, paid out."""
    return _statement_page(ref)


def _statement_page(ref: str, at: str = "", problem: str = "") -> str:
    """The page; when the decision on the line `at` was refused, with what was typed there."""
    statement = queries.statement_of(db.session(), ref)
    views = queries.views_of(db.session(), statement.lines, business_clock().today())
    named = queries.invoices_named(db.session(), views)
    out = sum(1 for view in views if view.state is queries.LineState.OUT)
    return render_template(
        "office/statement.html",
        statement=statement,
        views=views,
        named=named,
        out=out,
        reasons=REASONS,
        at=at,
        problem=problem,
    )


@bp.post("/facturation/releves/lignes/<ref:ref>")
@requires(Permission.BILL)
def decide_line(ref: str) -> Response | tuple[str, int]:
    """`pays` (`FAC-…=cents`, several), an invoice's `number`, `share` (`part` and `amount`, several), `undo`, `typed`,
    a `payout`, `aside` with a reason, or `back`.
    """
    statement = queries.line_of(db.session(), ref).statement.ref
    try:
        _decide(ref)
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        return _statement_page(statement, ref, sentence(error)), 422
    return redirect(url_for(".bank_statement", ref=statement) + f"#{ref}", code=303)


def _decide(ref: str) -> None:
    given = request.form
    by: dict[str, Any] = {"clock": business_clock(), "actor": current_actor()}
    if "payout" in given:
        line = queries.line_of(db.session(), ref)
        receive_payout(db.session(), given["payout"], line.booked_on, line_ref=ref, **by)
    elif "payout_back" in given:
        undo_receipt(db.session(), given["payout_back"], **by)
    elif "typed" in given:
        deciding.link_recorded(db.session(), ref, given["typed"], **by)
    elif "aside" in given:
        deciding.set_aside(db.session(), ref, reason=given.get("reason", ""), **by)
    elif "back" in given:
        deciding.take_back(db.session(), ref, **by)
    elif "undo" in given:
        sharing.undo_line(db.session(), ref, reason=given.get("reason", ""), **by)
    elif "share" in given:
        sharing.share_line(db.session(), ref, _asked(given), keep_rest="surplus" in given, **by)
    elif "number" in given:
        invoice, line = invoice_numbered(db.session(), given["number"]), queries.line_of(db.session(), ref)
        parts = {invoice.ref: Money(line.cents)}
        deciding.confirm_line(db.session(), ref, parts, keep_surplus="surplus" in given, **by)
    else:
        told = (each.partition("=") for each in given.getlist("pays"))
        parts = {invoice: Money(int(cents)) for invoice, _sign, cents in told if cents.isascii() and cents.isdigit()}
        deciding.confirm_line(db.session(), ref, parts, keep_surplus="surplus" in given, **by)


def _asked(given: MultiDict[str, str]) -> list[tuple[str, Money | None]]:
    """The rows that name an invoice; a blank amount is what is left.

    Raises InvalidInput("amount_unclear", "share_unnamed").
    """
    rows = list(zip(given.getlist("part"), given.getlist("amount"), strict=False))
    if any(amount.strip() and not number.strip() for number, amount in rows):
        raise InvalidInput("share_unnamed", N_("Write the number of the invoice beside each part."))
    return [
        (number.strip(), Money(read_cents(amount)) if amount.strip() else None)
        for number, amount in rows
        if number.strip()
    ]
