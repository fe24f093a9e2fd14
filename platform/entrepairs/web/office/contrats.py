"""Framework agreements: the list, a new one from a structure, its signature, its end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from entrepairs.catalogue.models import Offering
from entrepairs.catalogue.prices import UNIT_WORDS
from entrepairs.catalogue.queries import palette
from entrepairs.contracting import agreements, engagements, queries, rules
from entrepairs.contracting.agreements import Terms
from entrepairs.contracting.models import Agreement, InvoiceGrouping, RecordAccess
from entrepairs.contracting.states import AGREEMENT_TRANSITIONS, LIVE_AGREEMENTS, AgreementEvent, AgreementState
from entrepairs.demands.authority import signatories
from entrepairs.demands.queries import title_of
from entrepairs.demands.scopes import OFFICE
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import InvalidInput, NotFound
from entrepairs.kernel.i18n import N_, say
from entrepairs.kernel.money import Money
from entrepairs.kernel.transitions import allowed
from entrepairs.network.models import Partner, PayerKind
from entrepairs.web.access import requires
from entrepairs.web.context import Viewer, business_clock, current_actor, viewer
from entrepairs.web.contract_words import (
    ACCESS,
    GROUPINGS,
    PAYERS,
    agreement_chip,
    agreement_sentence,
    cancellation_terms,
    draw_chip,
    draw_phrase,
    file_download,
    last_day,
    room_sentence,
)
from entrepairs.web.demand_words import _
from entrepairs.web.errors import sentence
from entrepairs.web.forms import attach
from entrepairs.web.office import bp
from entrepairs.web.office.forms.contrats import AgreementForm, SignatureForm, YearForm, typed_money
from entrepairs.web.office.forms.facturation import euros
from entrepairs.web.todo import TodoItem, waiting

Page: TypeAlias = str | Response | tuple[str, int]
GROUPS: Final = {
    "en-cours": frozenset({AgreementState.ACTIVE, AgreementState.EXPIRING}),
    "a-signer": frozenset({AgreementState.DRAFT, AgreementState.SENT}),
    "finies": frozenset({AgreementState.EXPIRED, AgreementState.TERMINATED}),
}
NAMES: Final = {"en-cours": N_("In force"), "a-signer": N_("To sign"), "finies": N_("Over")}


@dataclass(frozen=True, slots=True)
class PriceRow:
    """An offering in the form: ticked or not, with the price typed or voted."""

    offering: Offering
    price: str
    ticked: bool


@bp.get("/conventions", endpoint="agreements")
@requires(Permission.OFFICE_VIEW)
def agreements_list() -> str:
    """Every agreement, the latest end first."""
    group = request.args.get("etat", "")
    found = queries.list_agreements(db.session(), OFFICE, GROUPS.get(group, frozenset()))
    drawn = queries.drawn_by_agreement(db.session(), [row.id for row in found])
    chips = [{"label": _("All"), "url": url_for(".agreements"), "active": group not in GROUPS}] + [
        {"label": _(label), "url": url_for(".agreements", etat=name), "active": group == name}
        for name, label in NAMES.items()
    ]
    return render_template(
        "office/agreements.html",
        rows=[(row, _room(row, drawn.get(row.id, Money(0)))) for row in found],
        chips=chips,
        group=group if group in GROUPS else "",
        chip_of=agreement_chip,
        said_of=agreement_sentence,
        room_words=room_sentence,
        may_write=Permission.COORDINATE in viewer().permissions,
    )


def _room(row: Agreement, drawn: Money) -> queries.Room:
    ceiling = None if row.ceiling is None else Money(row.ceiling)
    return queries.Room(ceiling, drawn, rules.room_left(ceiling, drawn), rules.percent_drawn(ceiling, drawn))


@bp.get("/conventions/nouvelle")
@requires(Permission.COORDINATE)
def new_agreement() -> str:
    """The terms, already filled from the structure and the voted prices."""
    today = business_clock().today()
    year = today.year + 1 if today.month >= 10 else today.year
    first = date(year, 1, 1) if today.month >= 10 else today
    form = AgreementForm(
        partner=request.args.get("structure", ""),
        title=_("Agreement %(year)s", year=year),
        first_day=first,
        last_day=date(year, 12, 31),
    )
    _fill_signatory(form)
    return _terms_page(form, _price_rows(()))


@bp.post("/conventions/nouvelle")
@requires(Permission.COORDINATE)
def create_agreement() -> Page:
    """Keep the draft; « Envoyer à signer » also numbers it and writes to who signs."""
    form = AgreementForm()
    form.offer(_partners())
    _fill_signatory(form)
    try:
        row = agreements.draft_agreement(
            db.session(), form.partner.data or "", _terms(form), actor=current_actor(), clock=business_clock()
        )
        return _kept(row)
    except InvalidInput as error:
        return _refused(form, error)


@bp.route("/conventions/<ref:ref>/modifier", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def edit_agreement(ref: str) -> Page:
    """Write a draft over."""
    row, form = queries.find_agreement(db.session(), ref), AgreementForm()
    form.offer(_partners())
    if not form.is_submitted():
        return _terms_page(_form_of(row), _price_rows((), {one.offering.code: one.cents for one in row.prices}), row)
    form.partner.data = row.partner.ref
    try:
        row = agreements.edit_agreement(db.session(), ref, _terms(form), actor=current_actor(), clock=business_clock())
        return _kept(row)
    except InvalidInput as error:
        return _refused(form, error, ref)


def _kept(row: Agreement) -> Response:
    """Send it when asked, commit, show it."""
    sends = "send" in request.form
    if sends:
        agreements.send_agreement(db.session(), row.ref, actor=current_actor(), clock=business_clock())
    db.session.commit()
    flash(_("The agreement has left, to be signed.") if sends else _("The draft is kept."), "success")
    return redirect(url_for(".agreement", ref=row.ref), code=303)


def _refused(form: AgreementForm, error: InvalidInput, ref: str | None = None) -> tuple[str, int]:
    db.session.rollback()
    if error.field and not attach(form, error):
        flash(sentence(error), "error")
    row = queries.find_agreement(db.session(), ref) if ref else None
    return _terms_page(form, _price_rows(form.prices.data or ()), row), 422


def _terms(form: AgreementForm) -> Terms:
    """What was typed. Raises InvalidInput, without a field when the form itself tells."""
    if not form.validate():
        raise InvalidInput("form", N_("An answer needs another look"))
    prices = {}
    for code in form.prices.data or ():
        try:
            prices[code] = euros(request.form.get(f"price-{code}", ""), field="prices")
        except InvalidInput as error:
            raise InvalidInput(error.code, error.message, field="prices") from error
    return Terms(
        title=form.title.data,
        first_day=form.first_day.data,
        last_day=form.last_day.data,
        ceiling=euros(form.ceiling.data, field="ceiling") if form.ceiling.data else None,
        prices=prices,
        record_access=RecordAccess(form.record_access.data),
        signatory=form.signatory.data or "",
        signatory_function=form.signatory_function.data or "",
        procurement_basis=form.procurement_basis.data or "",
        project=form.project.data or "",
        grouping=InvoiceGrouping(form.grouping.data),
        yearly_engagement=form.yearly_engagement.data,
        **form.figures(),
    )


def _terms_page(form: AgreementForm, rows: Sequence[PriceRow], row: Agreement | None = None) -> str:
    form.offer(_partners())
    return render_template("office/agreement_form.html", form=form, rows=rows, agreement=row, unit_words=UNIT_WORDS)


def _price_rows(ticked: Iterable[str], agreed: dict[str, int] | None = None) -> list[PriceRow]:
    """Each active offering with the price typed, else agreed, else voted."""
    chosen, agreed = set(ticked), agreed or {}
    return [
        PriceRow(
            one.offering,
            request.form.get(f"price-{one.offering.code}")
            or (typed_money(Money(agreed[one.offering.code])) if one.offering.code in agreed else "")
            or (typed_money(one.price) if one.price is not None else ""),
            one.offering.code in chosen or one.offering.code in agreed,
        )
        for one in palette(db.session(), business_clock().today())
    ]


def _partners() -> list[tuple[str, str]]:
    query = select(Partner).where(Partner.archived_at.is_(None), Partner.payer_kind != PayerKind.NONE)
    return [(one.ref, one.name) for one in db.session.scalars(query.order_by(Partner.name))]


def _fill_signatory(form: AgreementForm) -> None:
    """Who holds the delegation signs, unless somebody else was typed."""
    partner = db.session.scalars(select(Partner).where(Partner.ref == (form.partner.data or ""))).one_or_none()
    named = signatories(db.session(), partner.id) if partner else ()
    if named and not form.signatory.data:
        form.signatory.data = named[0].account.name
        form.signatory_function.data = form.signatory_function.data or named[0].function


def _form_of(row: Agreement) -> AgreementForm:
    return AgreementForm(
        partner=row.partner.ref,
        title=row.title,
        first_day=row.valid.lower,
        last_day=last_day(row),
        ceiling=typed_money(Money(row.ceiling)) if row.ceiling else "",
        record_access=row.record_access.value,
        signatory=row.partner_signatory,
        signatory_function=row.partner_signatory_function,
        procurement_basis=row.procurement_basis,
        project=row.project,
        grouping=row.grouping.value,
        yearly_engagement=row.yearly_engagement,
        **{name: getattr(row, name) for name in AgreementForm.FIGURES},
    )


@bp.get("/conventions/<ref:ref>")
@requires(Permission.OFFICE_VIEW)
def agreement(ref: str) -> str:
    """One agreement: where it stands, the room left, what draws on it."""
    row = queries.find_agreement(db.session(), ref)
    form = SignatureForm(
        signed_on=business_clock().today(),
        signatory=row.partner_signatory,
        signatory_function=row.partner_signatory_function,
    )
    return _page(row, form)


def _page(row: Agreement, form: SignatureForm, year_form: YearForm | None = None) -> str:
    events = allowed(AGREEMENT_TRANSITIONS, row.state)
    writes = Permission.COORDINATE in viewer().permissions
    return render_template(
        "office/agreement.html",
        agreement=row,
        chip=agreement_chip(row.state),
        status=agreement_sentence(row),
        room=queries.room_of(db.session(), row),
        room_words=room_sentence,
        draws=queries.draws_of(db.session(), row.id),
        draw_words=draw_phrase,
        draw_chip=draw_chip,
        prices=sorted(row.prices, key=lambda one: one.offering.position),
        unit_words=UNIT_WORDS,
        title_of=title_of,
        last_day=last_day(row),
        access=_(ACCESS[row.record_access]),
        grouping=_(GROUPINGS[row.grouping]),
        payer=_(PAYERS[row.partner.payer_kind]),
        cancellation=cancellation_terms(row),
        year_form=year_form or YearForm(formdata=None, year=business_clock().today().year),
        form=form,
        may={
            "edit": writes and row.state is AgreementState.DRAFT,
            "send": writes and AgreementEvent.SEND in events,
            "sign": writes and AgreementEvent.SIGN in events,
            "end": writes and AgreementEvent.TERMINATE in events,
            "commit": writes and row.yearly_engagement and row.state in LIVE_AGREEMENTS,
        },
    )


@bp.post("/conventions/<ref:ref>/envoyer")
@requires(Permission.COORDINATE)
def send_agreement(ref: str) -> Response:
    """Number it and send it to be signed."""
    agreements.send_agreement(db.session(), ref, actor=current_actor(), clock=business_clock())
    db.session.commit()
    flash(_("The agreement has left, to be signed."), "success")
    return redirect(url_for(".agreement", ref=ref), code=303)


@bp.post("/conventions/<ref:ref>/signature")
@requires(Permission.COORDINATE)
def sign_agreement(ref: str) -> Page:
    """Record the signature; demands that waited are looked at again."""
    form = SignatureForm()
    if not form.validate():
        return _page(queries.find_agreement(db.session(), ref), form), 422
    signed = form.signed_file.data.read() if form.signed_file.data else None
    try:
        agreements.sign_agreement(
            db.session(),
            ref,
            signed_on=form.signed_on.data,
            signatory=form.signatory.data,
            signatory_function=form.signatory_function.data or "",
            signed_file=signed or None,
            actor=current_actor(),
            clock=business_clock(),
        )
    except InvalidInput as error:
        db.session.rollback()
        attach(form, error)
        return _page(queries.find_agreement(db.session(), ref), form), 422
    db.session.commit()
    flash(_("The signature is recorded: the agreement is in force."), "success")
    return redirect(url_for(".agreement", ref=ref), code=303)


@bp.post("/conventions/<ref:ref>/engagement")
@requires(Permission.COORDINATE)
def record_yearly_engagement(ref: str) -> Page:
    """The commitment number of a year; demands that waited for it become firm."""
    form = YearForm()
    row = queries.find_agreement(db.session(), ref)
    signature = SignatureForm(formdata=None)
    if not form.validate():
        return _page(row, signature, form), 422
    try:
        engagements.record_yearly_engagement(
            db.session(),
            ref,
            form.year.data,
            form.number.data,
            service_code=form.service_code.data or None,
            actor=current_actor(),
            clock=business_clock(),
        )
    except InvalidInput as error:
        db.session.rollback()
        attach(form, error)
        return _page(queries.find_agreement(db.session(), ref), signature, form), 422
    db.session.commit()
    flash(_("The commitment number is recorded: what waited for it is confirmed."), "success")
    return redirect(url_for(".agreement", ref=ref), code=303)


@bp.post("/conventions/<ref:ref>/abandonner")
@requires(Permission.COORDINATE)
def discard_agreement(ref: str) -> Response:
    """Throw a draft away."""
    agreements.discard_agreement(db.session(), ref, actor=current_actor(), clock=business_clock())
    db.session.commit()
    flash(_("The draft is thrown away."), "success")
    return redirect(url_for(".agreements"), code=303)


@bp.post("/conventions/<ref:ref>/terminer")
@requires(Permission.COORDINATE)
def terminate_agreement(ref: str) -> Response:
    """End it before its term."""
    agreements.terminate_agreement(db.session(), ref, actor=current_actor(), clock=business_clock())
    db.session.commit()
    flash(_("The agreement is ended. What was confirmed is carried out."), "success")
    return redirect(url_for(".agreement", ref=ref), code=303)


@bp.get("/conventions/<ref:ref>/<any(convention, signee):kind>.pdf")
@requires(Permission.OFFICE_VIEW)
def agreement_pdf(ref: str, kind: str) -> Response:
    """The agreement as it was sent, or as it came back signed."""
    row = queries.find_agreement(db.session(), ref)
    if row.file is None and row.signed_file is None:
        raise NotFound("file", N_("This document does not exist, or is not yours to read."))
    return file_download(db.session(), row.signed_file if kind == "signee" else row.file)


@waiting("office")
def quotes_to_take_up_again(person: Viewer) -> Iterable[TodoItem]:
    """A quote was refused or went by, and its demand still waits."""
    if Permission.COORDINATE not in person.permissions:
        return
    for kept in queries.quotes_left_open(db.session()):
        yield TodoItem(
            chip=say("Quote to take up again"),
            title=title_of(kept.demand),
            detail=say("%(partner)s: the quote was refused or is no longer valid.", partner=kept.demand.partner.name),
            url=url_for("office.quote", ref=kept.demand.ref),
            action=say("Prepare another"),
            rank=30,
        )
