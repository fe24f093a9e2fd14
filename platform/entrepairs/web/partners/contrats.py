"""Quotes and agreements of a structure: reading, agreeing, passing on, giving the engagement number."""

from collections.abc import Iterable
from typing import TypeAlias

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from entrepairs.contracting import engagements, queries, quotes
from entrepairs.contracting.models import QuoteVersion
from entrepairs.contracting.signatures import Signature
from entrepairs.contracting.states import AgreementState, QuoteState
from entrepairs.demands.authority import may_commit, signatories
from entrepairs.demands.queries import dates_sentence, title_of
from entrepairs.demands.scopes import Scope, find_demand
from entrepairs.demands.states import DemandState
from entrepairs.extensions import db
from entrepairs.identity.models import Account
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.kernel.i18n import say
from entrepairs.network.models import Partner
from entrepairs.web.access import requires
from entrepairs.web.context import Viewer, business_clock, current_actor, viewer
from entrepairs.web.contract_words import (
    ACCESS,
    GROUPINGS,
    agreement_chip,
    agreement_sentence,
    cancellation_terms,
    draw_chip,
    draw_phrase,
    file_download,
    last_day,
    quantity_phrase,
    quote_chip,
    quote_sentence,
    room_sentence,
    vat_phrase,
)
from entrepairs.web.demand_words import _, periods_of, place_phrase, rhythm_phrase
from entrepairs.web.errors import sentence
from entrepairs.web.forms import attach
from entrepairs.web.partners import bp
from entrepairs.web.partners.acting import acting_partner, own_scope
from entrepairs.web.partners.forms.contrats import ForwardForm, NumberForm, SignForm
from entrepairs.web.todo import Panel, TodoItem, panel, waiting
from entrepairs.web.words import words

Page: TypeAlias = str | Response | tuple[str, int]


@bp.get("/devis")
@requires(Permission.PARTNER_VIEW)
def contracts() -> str:
    """Every quote sent and every agreement of the structure; « à signer » alone on demand."""
    to_sign = request.args.get("etat") == "a-signer"
    found, agreed = queries.list_quotes(db.session(), own_scope()), queries.list_agreements(db.session(), own_scope())
    latest = [[row for row in one.versions if row.sent_at is not None][-1] for one in found]
    today = business_clock().today()
    waits = [one for one in latest if _open(one)]
    return render_template(
        "partners/contracts.html",
        quotes=waits if to_sign else latest,
        agreements=[one for one in agreed if not to_sign or one.state is AgreementState.SENT],
        any_at_all=bool(latest or agreed),
        to_sign=to_sign,
        waiting_count=len(waits),
        quote_chip=quote_chip,
        quote_said=lambda version: quote_sentence(version, today),
        agreement_chip=agreement_chip,
        agreement_said=agreement_sentence,
        title_of=title_of,
    )


@bp.get("/conventions")
@requires(Permission.PARTNER_VIEW)
def agreements() -> Response:
    """They stand on the same page as the quotes."""
    return redirect(url_for(".contracts"), code=303)


@bp.get("/demandes/<ref:ref>/devis")
@requires(Permission.PARTNER_VIEW)
def demand_quote(ref: str) -> Response:
    """The quote of a demand, from the demand's page."""
    return redirect(url_for(".quote", ref=queries.quote_of_demand(db.session(), ref, own_scope()).ref), code=303)


@bp.get("/devis/<ref:ref>")
@requires(Permission.PARTNER_VIEW)
def quote(ref: str) -> str:
    """One quote: amount, state, one action."""
    version = queries.find_version(db.session(), ref, own_scope())
    return _quote_page(version, sign_form(version, viewer().account))


def sign_form(version: QuoteVersion, account: Account) -> SignForm:
    """« Bon pour accord », with what we know of who answers."""
    function = function_of(version.quote.demand.partner, account)
    return SignForm(formdata=None, version=version.number, name=account.name, function=function)


def function_of(partner: Partner, account: Account) -> str:
    """What the person is in the structure, if it was said."""
    return next((row.function for row in partner.members if row.account_id == account.id and row.function), "")


def quote_facts(version: QuoteVersion) -> dict[str, object]:
    """What a page shows of a version, behind the login or a mail link."""
    demand = version.quote.demand
    return {
        "version": version,
        "demand": demand,
        "title": title_of(demand),
        "phrase": rhythm_phrase(demand, periods_of(demand)),
        "place": place_phrase(demand),
        "chip": quote_chip(version.state),
        "status": quote_sentence(version, business_clock().today()),
        "quantity_of": quantity_phrase,
        "vat_of": vat_phrase,
        "is_open": _open(version),
        "asks_number": demand.partner.requires_engagement and not queries.engagement_of(db.session(), demand.id),
    }


def _open(version: QuoteVersion) -> bool:
    return (
        version.state is QuoteState.SENT
        and version.valid_until >= business_clock().today()
        and version.quote.demand.state is DemandState.QUOTED
    )


def _quote_page(version: QuoteVersion, form: SignForm) -> str:
    members = signatories(db.session(), version.quote.demand.partner_id)
    forward = ForwardForm()
    forward.signatory.choices = [(one.account.ref, one.account.name) for one in members]
    if len(members) == 1:
        forward.signatory.data = members[0].account.ref
    return render_template(
        "partners/quote.html",
        form=form,
        forward=forward,
        signatories=members,
        may_sign=_may_sign(viewer()),
        **quote_facts(version),
    )


def _may_sign(person: Viewer) -> bool:
    """Who holds a delegation; when nobody is named, whoever may ask."""
    if person.partner is None or Permission.FILE_DEMAND not in person.permissions:
        return False
    return may_commit(db.session(), person.partner.id, person.account.id)


@bp.get("/devis/<ref:ref>/v<int:number>.pdf")
@requires(Permission.PARTNER_VIEW)
def quote_pdf(ref: str, number: int) -> Response:
    """The PDF of a version sent, as a download."""
    return file_download(db.session(), queries.find_version(db.session(), ref, own_scope(), number=number).file)


@bp.get("/devis/<ref:ref>/v<int:number>/signe")
@requires(Permission.PARTNER_VIEW)
def quote_scan(ref: str, number: int) -> Response:
    """The scan of the quote the structure signed on paper."""
    accepted = queries.find_version(db.session(), ref, own_scope(), number=number).acceptance
    return file_download(db.session(), accepted.paper if accepted else None)


def signature_of(form: SignForm, account: Account) -> Signature:
    """Who answers, and from where."""
    return Signature(
        name=form.name.data,
        function=form.function.data,
        ip=request.remote_addr or "",
        user_agent=request.user_agent.string,
        account_id=account.id,
    )


@bp.post("/devis/<ref:ref>/accord")
@requires(Permission.FILE_DEMAND)
def accept_quote(ref: str) -> Page:
    """« Bon pour accord »."""
    form, person = SignForm(), viewer()
    if not form.validate():
        return _quote_page(queries.find_version(db.session(), ref, own_scope()), form), 422
    try:
        version = quotes.accept_quote(
            db.session(),
            ref,
            signature_of(form, person.account),
            version=form.version.data,
            engagement=form.engagement.data,
            scope=own_scope(),
            actor=current_actor(),
            clock=business_clock(),
        )
    except (InvalidInput, Conflict) as error:
        db.session.rollback()
        current = queries.find_version(db.session(), ref, own_scope())
        if not attach(form, error):
            flash(sentence(error), "error")
            form = sign_form(current, viewer().account)  # another version may stand there: it is signed once read
        return _quote_page(current, form), error.status
    db.session.commit()
    awaited = version.quote.demand.state is DemandState.AWAITING_ENGAGEMENT
    flash(_("Thank you. Your agreement is kept."), "success")
    endpoint = ".engagement" if awaited else ".demand"
    return redirect(url_for(endpoint, ref=version.quote.demand.ref), code=303)


@bp.post("/devis/<ref:ref>/refus")
@requires(Permission.FILE_DEMAND)
def refuse_quote(ref: str) -> Response:
    """Not this one. No reason is asked."""
    quotes.refuse_quote(
        db.session(),
        ref,
        version=request.form.get("version", 0, type=int),
        account_id=viewer().account.id,
        scope=own_scope(),
        actor=current_actor(),
        clock=business_clock(),
    )
    db.session.commit()
    flash(_("It is noted. We call you to see what would suit you."), "success")
    return redirect(url_for(".quote", ref=ref), code=303)


@bp.post("/devis/<ref:ref>/transmettre")
@requires(Permission.PARTNER_VIEW)
def forward_quote(ref: str) -> Response:
    """« Transmettre pour accord »: the letter leaves again, to the signatory chosen."""
    member = quotes.forward_quote(
        db.session(),
        ref,
        request.form.get("signatory", ""),
        own_scope(),
        actor=current_actor(),
        clock=business_clock(),
    )
    db.session.commit()
    flash(_("%(name)s receives it by e-mail.", name=member.account.name), "success")
    return redirect(url_for(".quote", ref=ref), code=303)


@bp.get("/conventions/<ref:ref>")
@requires(Permission.PARTNER_VIEW)
def agreement(ref: str) -> str:
    """One agreement: where it stands, how much of the ceiling is taken, by what."""
    row = queries.find_agreement(db.session(), ref, own_scope())
    return render_template(
        "partners/agreement.html",
        agreement=row,
        chip=agreement_chip(row.state),
        status=agreement_sentence(row),
        room=queries.room_of(db.session(), row),
        room_words=room_sentence,
        draws=queries.draws_of(db.session(), row.id),
        draw_words=draw_phrase,
        draw_chip=draw_chip,
        prices=sorted(row.prices, key=lambda one: one.offering.position),
        vat_of=lambda regime: vat_phrase(regime, business_clock().today()),
        title_of=title_of,
        last_day=last_day(row),
        access=_(ACCESS[row.record_access]),
        grouping=_(GROUPINGS[row.grouping]),
        cancellation=cancellation_terms(row),
    )


@bp.get("/conventions/<ref:ref>/<any(convention, signee):kind>.pdf")
@requires(Permission.PARTNER_VIEW)
def agreement_pdf(ref: str, kind: str) -> Response:
    """The agreement as it was sent, or as it came back signed."""
    row = queries.find_agreement(db.session(), ref, own_scope())
    return file_download(db.session(), row.signed_file if kind == "signee" else row.file)


@bp.route("/demandes/<ref:ref>/engagement", methods=["GET", "POST"])
@requires(Permission.PARTNER_VIEW)
def engagement(ref: str) -> Page:
    """Give the engagement number: whoever asks, or keeps the accounts."""
    row, form = find_demand(db.session(), ref, own_scope()), NumberForm()
    if not form.is_submitted():
        known = queries.engagement_of(db.session(), row.id)
        form.engagement.data = known.number if known else ""
        form.service_code.data = (known.service_code or "") if known else ""
    elif form.validate():
        awaited = row.state is DemandState.AWAITING_ENGAGEMENT
        try:
            engagements.record_engagement(
                db.session(),
                ref,
                form.engagement.data,
                service_code=form.service_code.data,
                scope=own_scope(),
                actor=current_actor(),
                clock=business_clock(),
            )
        except InvalidInput as error:
            db.session.rollback()
            attach(form, error)
        else:
            db.session.commit()
            flash(_("Thank you. We look for who can come.") if awaited else _("The number is noted."), "success")
            return redirect(url_for(".demand", ref=ref), code=303)
    page = render_template(
        "partners/engagement.html",
        demand=row,
        title=title_of(row),
        form=form,
        phrase=rhythm_phrase(row, periods_of(row)),
        possible=engagements.takes_number(row),
        asks_code=acting_partner().requires_service_code,
    )
    return (page, 422) if form.errors else page


@waiting("partners")
def quotes_to_sign(person: Viewer) -> Iterable[TodoItem]:
    """Quotes that wait for this person's signature."""
    if person.partner is None or not _may_sign(person):
        return
    for version in queries.quotes_to_sign(db.session(), Scope(person.partner.id), business_clock().today()):
        demand = version.quote.demand
        yield TodoItem(
            chip=say("Quote to sign"),
            title=title_of(demand),
            detail=say("%(dates)s Valid until %(day)s.", dates=words(dates_sentence(demand)), day=version.valid_until),
            url=url_for("partners.quote", ref=version.quote.ref),
            action=say("Read and sign"),
            rank=10,
        )


@waiting("partners")
def engagements_to_give(person: Viewer) -> Iterable[TodoItem]:
    """Demands that only wait for the engagement number."""
    wanted = {Permission.FILE_DEMAND, Permission.PARTNER_BILLING}
    if person.partner is None or not wanted & person.permissions:
        return
    for demand in queries.engagements_awaited(db.session(), Scope(person.partner.id)):
        yield TodoItem(
            chip=say("To give"),
            title=say("Engagement number to give: %(title)s", title=title_of(demand)),
            detail=dates_sentence(demand),
            url=url_for("partners.engagement", ref=demand.ref),
            action=say("Give the number"),
            rank=15,
        )


@panel("partners")
def agreement_card(person: Viewer) -> Panel | None:
    """« Convention 2027 » on the home: how much of it is committed."""
    if person.partner is None:
        return None
    row = queries.current_agreement(db.session(), person.partner.id, business_clock().today())
    if row is None:
        return None
    room = queries.room_of(db.session(), row)
    return Panel(
        "partners/agreement_card.html",
        {"agreement": row, "room": room, "said": room_sentence(room), "last_day": last_day(row)},
        rank=20,
    )
