"""The quote of a demand: its lines, its PDF, sending it; and the engagement number given to us by telephone."""

from collections.abc import Sequence
from typing import TypeAlias

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from entrepairs.billing.deposits import takes_deposit
from entrepairs.billing.vat import DECISION
from entrepairs.contracting import engagements, pricing, queries, quotes
from entrepairs.contracting.models import Quote, QuoteVersion
from entrepairs.contracting.rules import PricedLine
from entrepairs.contracting.signatures import PaperSignature
from entrepairs.contracting.states import QuoteState
from entrepairs.demands.models import Demand
from entrepairs.demands.queries import title_of
from entrepairs.demands.scopes import OFFICE
from entrepairs.demands.states import DEMAND_TRANSITIONS, DemandEvent, DemandState
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.kernel.transitions import allowed
from entrepairs.kernel.vat_regimes import regimes
from entrepairs.settings.decisions import decision_or
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor, viewer
from entrepairs.web.contract_words import (
    file_download,
    pdf_answer,
    quantity_phrase,
    quote_chip,
    quote_sentence,
    vat_phrase,
)
from entrepairs.web.demand_words import _, periods_of, rhythm_phrase
from entrepairs.web.errors import sentence
from entrepairs.web.forms import attach
from entrepairs.web.office import bp
from entrepairs.web.office.demandes import demand_panel, found
from entrepairs.web.office.forms.contrats import PaperForm, QuoteForm
from entrepairs.web.partners.forms.contrats import NumberForm
from entrepairs.web.todo import Panel

Page: TypeAlias = str | Response | tuple[str, int]


@bp.get("/demandes/<ref:ref>/devis")
@requires(Permission.OFFICE_VIEW)
def quote(ref: str) -> str:
    """The quote of a demand: its draft, ready to send, and what was sent before."""
    row, form, problem = found(ref), QuoteForm(), ""
    if _may_write(row):
        try:
            form.fill(_starting_lines(row))
        except Conflict as error:
            problem = sentence(error)
    return _page(row, form, problem=problem)


@bp.post("/demandes/<ref:ref>/devis")
@requires(Permission.COORDINATE)
def write_quote(ref: str) -> Page:
    """Keep the lines; « Envoyer le devis » also freezes them and writes to who may sign."""
    row, form, sends = found(ref), QuoteForm(), "send" in request.form
    form.offer(_regimes(row))
    if not form.validate():
        return _page(row, form), 422
    try:
        _write(ref, form.answer(row), send=sends)
    except (InvalidInput, Conflict) as error:
        db.session.rollback()
        if not (isinstance(error, InvalidInput) and form.attach(error, sentence(error))):
            flash(sentence(error), "error")
        return _page(found(ref), form), error.status
    db.session.commit()
    flash(
        _("The quote has left. They read it from their mail.")
        if sends
        else _("It is kept. Read the PDF before it leaves."),
        "success",
    )
    return redirect(url_for(".demand" if sends else ".quote", ref=ref), code=303)


def _write(ref: str, lines: Sequence[PricedLine], *, send: bool) -> None:
    session, actor, clock = db.session(), current_actor(), business_clock()
    version = quotes.prepare_quote(session, ref, lines=lines, actor=actor, clock=clock)
    if send:
        quotes.send_quote(session, version.quote.ref, actor=actor, clock=clock)


@bp.get("/demandes/<ref:ref>/devis/apercu.pdf")
@requires(Permission.OFFICE_VIEW)
def quote_preview(ref: str) -> Response:
    """The PDF the draft would make; nothing is kept of it."""
    kept = queries.quote_of_demand(db.session(), ref, OFFICE)
    version = next((one for one in kept.versions if one.state is QuoteState.DRAFT), None)
    if version is None:
        raise NotFound("quote", N_("This quote does not exist."))
    content = quotes.preview(db.session(), version, clock=business_clock())
    return pdf_answer(content, f"devis-{kept.number}-apercu.pdf", inline=True)


@bp.post("/demandes/<ref:ref>/devis/papier")
@requires(Permission.COORDINATE)
def accept_on_paper(ref: str) -> Page:
    """The quote came back signed on paper: who, when, and the scan."""
    row, form = found(ref), PaperForm()
    if not form.validate():
        return _page(row, _lines_form(row), paper=form), 422
    kept = queries.quote_of_demand(db.session(), ref, OFFICE)
    paper = PaperSignature(form.name.data, form.function.data, form.signed_on.data, form.file.data.read())
    try:
        quotes.accept_on_paper(
            db.session(), kept.ref, paper, version=form.version.data, actor=current_actor(), clock=business_clock()
        )
    except (InvalidInput, Conflict) as error:
        db.session.rollback()
        if not attach(form, error):
            flash(sentence(error), "error")
        row = found(ref)
        return _page(row, _lines_form(row), paper=form), error.status
    db.session.commit()
    flash(_("The agreement is recorded, with its scan."), "success")
    return redirect(url_for(".demand", ref=ref), code=303)


def _lines_form(row: Demand) -> QuoteForm:
    """The lines as they stand, whatever was posted beside them."""
    form = QuoteForm(formdata=None)
    if _may_write(row):
        form.fill(_starting_lines(row))
    return form


@bp.get("/devis/<ref:ref>/v<int:number>/signe")
@requires(Permission.OFFICE_VIEW)
def quote_scan(ref: str, number: int) -> Response:
    """The scan of a quote signed on paper."""
    accepted = queries.find_version(db.session(), ref, OFFICE, number=number).acceptance
    return file_download(db.session(), accepted.paper if accepted else None)


@bp.get("/devis/<ref:ref>/v<int:number>.pdf")
@requires(Permission.OFFICE_VIEW)
def quote_pdf(ref: str, number: int) -> Response:
    """A version as it was sent."""
    return file_download(db.session(), queries.find_version(db.session(), ref, OFFICE, number=number).file)


@bp.route("/demandes/<ref:ref>/engagement", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def engagement(ref: str) -> Page:
    """Note the number the structure gave us by telephone or on an order."""
    row, form = found(ref), NumberForm()
    if not form.is_submitted():
        known = queries.engagement_of(db.session(), row.id)
        form.engagement.data = known.number if known else ""
        form.service_code.data = (known.service_code or "") if known else ""
    elif form.validate():
        try:
            engagements.record_engagement(
                db.session(),
                ref,
                form.engagement.data,
                service_code=form.service_code.data,
                actor=current_actor(),
                clock=business_clock(),
            )
        except InvalidInput as error:
            db.session.rollback()
            attach(form, error)
        else:
            db.session.commit()
            flash(_("The number is noted."), "success")
            return redirect(url_for(".demand", ref=ref), code=303)
    page = render_template("office/engagement.html", demand=row, title=title_of(row), form=form)
    return (page, 422) if form.errors else page


@demand_panel
def contract_panel(row: Demand) -> Panel | None:
    """On a demand's page: what binds us for it, and the next thing to do."""
    kept = queries.quote_of(db.session(), row.id)
    return Panel(
        "office/contract_panel.html",
        {
            "demand": row,
            "version": kept.versions[-1] if kept and kept.versions else None,
            "chip_of": quote_chip,
            "draw": queries.draw_of(db.session(), row.id),
            "engagement": queries.engagement_of(db.session(), row.id),
            "awaits": row.state is DemandState.AWAITING_ENGAGEMENT,
            "may_write": _may_write(row),
            "may_deposit": Permission.BILL in viewer().permissions and takes_deposit(row),
            "may_number": Permission.COORDINATE in viewer().permissions and engagements.takes_number(row),
        },
        rank=20,
    )


def _may_write(row: Demand) -> bool:
    return DemandEvent.QUOTE in allowed(DEMAND_TRANSITIONS, row.state) and Permission.COORDINATE in viewer().permissions


def _starting_lines(row: Demand) -> Sequence[PricedLine]:
    """The draft's lines, else those last sent, else the proposal."""
    kept, today = queries.quote_of(db.session(), row.id), business_clock().today()
    if kept is not None and kept.versions:
        return quotes.lines_of(kept.versions[-1], today)
    return pricing.proposed_lines(db.session(), row, clock=business_clock())


def _regimes(row: Demand) -> list[tuple[str, str]]:
    """The VAT regimes the association decided to use, and the offering's own."""
    decided = decision_or(db.session(), DECISION, business_clock().today(), ())
    return [(code, one.name) for code, one in regimes().items() if code in decided or code == row.offering.vat_regime]


def _waits_for_paper(row: Demand, kept: Quote | None) -> QuoteVersion | None:
    """The version a paper may be recorded for: the last one sent, without an answer."""
    if kept is None or row.state is not DemandState.QUOTED or Permission.COORDINATE not in viewer().permissions:
        return None
    sent = [one for one in kept.versions if one.sent_at is not None]
    return sent[-1] if sent and sent[-1].state in (QuoteState.SENT, QuoteState.EXPIRED) else None


def _page(row: Demand, form: QuoteForm, *, problem: str = "", paper: PaperForm | None = None) -> str:
    kept, today = queries.quote_of(db.session(), row.id), business_clock().today()
    form.offer(_regimes(row))
    waits = _waits_for_paper(row, kept)
    return render_template(
        "office/quote.html",
        demand=row,
        title=title_of(row),
        phrase=rhythm_phrase(row, periods_of(row)),
        form=form,
        problem=problem,
        quote=kept,
        draft=_draft(kept),
        sent=[one for one in reversed(kept.versions) if one.sent_at is not None] if kept else [],
        status=quote_sentence(kept.versions[-1], today) if kept and kept.versions else "",
        chip_of=quote_chip,
        said_of=lambda version: quote_sentence(version, today),
        quantity_of=quantity_phrase,
        vat_of=vat_phrase,
        money_of=Money,
        may_write=_may_write(row),
        waits=waits,
        paper=paper or PaperForm(formdata=None, version=waits.number if waits else None, signed_on=today),
        readers=queries.signatory_accounts(db.session(), row),
    )


def _draft(kept: Quote | None) -> object | None:
    return next((one for one in kept.versions if one.state is QuoteState.DRAFT), None) if kept else None
