"""Entries by hand: the drafts, the form that writes one, an entry and its opposite, lettering."""

from datetime import date

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from entrepairs.billing.spreading import PEER_AXIS
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import DomainError, InvalidInput
from entrepairs.ledger import hand, lettering, reports, rules
from entrepairs.ledger.models import Entry
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor
from entrepairs.web.errors import sentence
from entrepairs.web.forms import attach
from entrepairs.web.office import bp
from entrepairs.web.office.forms.comptabilite import EntryForm, ReasonForm, filled_from, written_of
from entrepairs.web.office.ledger import asked_page, ledger_page, names_of

Page = str | Response | tuple[str, int]


@bp.get("/comptabilite/brouillard")
@requires(Permission.OFFICE_VIEW)
def drafts() -> str:
    """What waits to be validated."""
    return ledger_page("ledger_drafts", entries=hand.drafts(db.session()), ref_of=hand.ref_of)


@bp.route("/comptabilite/ecriture", methods=["GET", "POST"])
@requires(Permission.BILL)
def new_entry() -> Page:
    """Write a draft."""
    form = _form(EntryForm(day=business_clock().today()))
    if form.validate_on_submit():
        try:
            hand.write_by_hand(db.session(), written_of(form), actor=current_actor(), clock=business_clock())
            db.session.commit()
        except DomainError as error:
            return _refused(form, error)
        flash(_("The entry is in the drafts. It counts once it is validated."), "success")
        return redirect(url_for(".drafts"), code=303)
    return _entry_page(form)


@bp.route("/comptabilite/brouillard/<ref:ref>", methods=["GET", "POST"])
@requires(Permission.BILL)
def edit_entry(ref: str) -> Page:
    """Change a draft."""
    entry = hand.find_draft(db.session(), ref)
    form = _form(filled_from(entry) if request.method == "GET" else EntryForm(), at_least=len(entry.lines))
    if form.validate_on_submit():
        try:
            hand.rewrite(db.session(), ref, written_of(form), actor=current_actor(), clock=business_clock())
            db.session.commit()
        except DomainError as error:
            return _refused(form, error, ref)
        flash(_("The draft is changed."), "success")
        return redirect(url_for(".drafts"), code=303)
    return _entry_page(form, ref)


def _form(form: EntryForm, at_least: int = 0) -> EntryForm:
    day = form.day.data if isinstance(form.day.data, date) else business_clock().today()
    form.offer(reports.accounts_on(db.session(), day), at_least)
    return form


def _entry_page(form: EntryForm, ref: str = "", problem: str = "") -> str | tuple[str, int]:
    page = ledger_page(
        "ledger_entry_form",
        form=form,
        ref=ref,
        problem=problem,
        parties=reports.known_third_parties(db.session()),
    )
    return (page, 422) if form.errors or problem else page


def _refused(form: EntryForm, error: DomainError, ref: str = "") -> str | tuple[str, int]:
    db.session.rollback()
    return _entry_page(form, ref, "" if attach(form, error) else sentence(error))


@bp.post("/comptabilite/brouillard/<ref:ref>/retirer")
@requires(Permission.BILL)
def discard_entry(ref: str) -> Response:
    """Throw a draft away."""
    hand.discard(db.session(), ref, actor=current_actor(), clock=business_clock())
    db.session.commit()
    flash(_("The entry is thrown away."), "success")
    return redirect(url_for(".drafts"), code=303)


@bp.post("/comptabilite/brouillard/valider")
@requires(Permission.BILL)
def validate_entries() -> Response:
    """Validate the drafts that were ticked."""
    try:
        done = hand.validate_drafts(
            db.session(), request.form.getlist("entry"), actor=current_actor(), clock=business_clock()
        )
        db.session.commit()
    except InvalidInput as error:
        db.session.rollback()
        flash(sentence(error), "error")
        return redirect(url_for(".drafts"), code=303)
    if done:
        flash(ngettext("One entry is validated.", "%(num)s entries are validated.", len(done)), "success")
    else:
        flash(_("Tick the entries to validate."), "error")
    return redirect(url_for(".drafts"), code=303)


@bp.get("/comptabilite/ecritures/<int:year>/<int:number>")
@requires(Permission.OFFICE_VIEW)
def entry(year: int, number: int) -> str:
    """One validated entry, whole."""
    return _show(reports.find_entry(db.session(), year, number), ReasonForm())


def _show(row: Entry, form: ReasonForm) -> str:
    may_reverse = row.written_by is not None and row.reverses_id is None and row.journal_code != "AN"
    codes = (each.value.code for line in row.lines for each in line.axes if each.value.axis == PEER_AXIS)
    return ledger_page(
        "ledger_entry",
        entry=row,
        form=form,
        letters=rules.lettering_code,
        may_reverse=may_reverse,
        names=names_of(codes),
    )


@bp.post("/comptabilite/ecritures/<int:year>/<int:number>/extourner")
@requires(Permission.BILL)
def reverse_entry(year: int, number: int) -> Response | tuple[str, int]:
    """Cancel it by its opposite."""
    row, form = reports.find_entry(db.session(), year, number), ReasonForm()
    if not form.validate_on_submit():
        return _show(row, form), 422
    opposite = hand.reverse(
        db.session(), row.id, reason=form.reason.data, actor=current_actor(), clock=business_clock()
    )
    db.session.commit()
    flash(_("The entry is cancelled by its opposite."), "success")
    return redirect(url_for(".entry", year=opposite.fiscal_year, number=opposite.number), code=303)


# --- lettering ------------------------------------------------------------------------------------------------------


@bp.get("/comptabilite/tiers/<code>/<aux>")
@requires(Permission.OFFICE_VIEW)
def third_party(code: str, aux: str) -> str:
    """What a third party has open, to letter; or what is lettered."""
    account, page = reports.find_account(db.session(), code), asked_page()
    done = request.args.get("vue") == "lettre"
    lines, more = reports.third_party_lines(db.session(), code, aux, lettered=done, page=page)
    return ledger_page(
        "ledger_third_party",
        chart_account=account,
        aux=aux,
        label=lines[0].aux_label if lines else aux,
        lines=lines,
        more=more,
        page=page,
        done=done,
        letters=rules.lettering_code,
    )


@bp.post("/comptabilite/tiers/<code>/<aux>")
@requires(Permission.BILL)
def letter(code: str, aux: str) -> Response:
    """Letter the lines that were ticked."""
    back = redirect(url_for(".third_party", code=code, aux=aux), code=303)
    try:
        lettering.letter_by_hand(
            db.session(),
            [int(each) for each in request.form.getlist("line") if each.isascii() and each.isdigit()],
            actor=current_actor(),
            clock=business_clock(),
        )
        db.session.commit()
    except InvalidInput as error:
        db.session.rollback()
        flash(sentence(error), "error")
        return back
    flash(_("These lines are lettered."), "success")
    return back


@bp.post("/comptabilite/lettrages/<int:number>/defaire")
@requires(Permission.BILL)
def undo_lettering(number: int) -> Response:
    """Open its lines again."""
    code, aux = lettering.unletter(db.session(), number, actor=current_actor(), clock=business_clock())
    db.session.commit()
    flash(_("The lettering is undone."), "success")
    return redirect(url_for(".third_party", code=code, aux=aux), code=303)
