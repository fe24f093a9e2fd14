"""`/a/facturation/<facture>/suivi`: one invoice and its payment; what lateness costs, what was told, what comes next."""

from collections.abc import Callable
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from entrepairs.billing import queries
from entrepairs.billing.dunning.claiming import claim_interest, waive_interest
from entrepairs.billing.dunning.ladder import ROUTE_WORDS, ROUTES, WORDS, Recovery, Step
from entrepairs.billing.dunning.pausing import close_pause, note_promise, open_dispute
from entrepairs.billing.dunning.queries import decisions_of, pauses_of, reminders_of
from entrepairs.billing.dunning.sending import turn_to
from entrepairs.billing.dunning.standing import payer_of, standing_of
from entrepairs.billing.models import OWED, Invoice, InvoiceState
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import DomainError, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.web import dunning_words as told
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor, viewer
from entrepairs.web.errors import sentence
from entrepairs.web.invoice_words import invoice_title
from entrepairs.web.office import bp


def _found(ref: str) -> Invoice:
    """An issued invoice that somebody pays. Raises NotFound."""
    row = queries.invoice_of(db.session(), ref)
    if row.state is not InvoiceState.ISSUED or row.kind not in OWED:
        raise NotFound("invoice", N_("This invoice does not exist."))
    return row


@bp.get("/facturation/<ref:ref>/suivi")
@requires(Permission.OFFICE_VIEW)
def follow_up(ref: str) -> str:
    """Where it stands, and everything that was said and decided."""
    return _page(_found(ref))


def _page(row: Invoice, problem: str = "", at: str = "") -> str:
    session, today = db.session(), business_clock().today()
    standing = standing_of(session, row, today)
    formal = standing.last is not None and standing.last.step is Step.FORMAL
    return render_template(
        "office/follow_up.html",
        invoice=row,
        standing=standing,
        title=invoice_title(row),
        chip=told.standing_chip(standing),
        text=told.standing_text(standing),
        term_text=told.term_text(standing.term),
        reminders=reminders_of(session, row),
        pauses=pauses_of(session, row),
        decisions=decisions_of(session, row),
        steps=WORDS,
        routes=[(route, ROUTE_WORDS[route]) for route in ROUTES[payer_of(row)]]
        if formal and standing.days_late
        else [],
        route_words=ROUTE_WORDS,
        outcomes=told.OUTCOMES,
        pause_words=told.PAUSES,
        pause_text=told.pause_text,
        halt_text=told.halt_text,
        today=today,
        problem=problem,
        at=at,
        typed=request.form,
        may_bill=Permission.BILL in viewer().permissions,
    )


def _done(ref: str, at: str, act: Callable[[], object], said: str) -> Response | tuple[str, int]:
    """Do it and come back, or say on the page why not."""
    try:
        act()
        db.session.commit()
    except DomainError as refused:
        db.session.rollback()
        if isinstance(refused, NotFound):
            raise
        return _page(_found(ref), sentence(refused), at), refused.status
    flash(said, "success")
    return redirect(url_for(".follow_up", ref=ref), code=303)


@bp.post("/facturation/<ref:ref>/promesse")
@requires(Permission.BILL)
def tell_promise(ref: str) -> Response | tuple[str, int]:
    """The day of payment that was told."""

    def act() -> None:
        note_promise(
            db.session(),
            ref,
            until=_day(request.form.get("until", "")),
            note=request.form.get("note", ""),
            clock=business_clock(),
            actor=current_actor(),
        )

    return _done(ref, "promise", act, _("It is noted: nothing is asked before that day has passed."))


@bp.post("/facturation/<ref:ref>/contestation")
@requires(Permission.BILL)
def tell_dispute(ref: str) -> Response | tuple[str, int]:
    """The structure contests it."""

    def act() -> None:
        open_dispute(
            db.session(), ref, reason=request.form.get("reason", ""), clock=business_clock(), actor=current_actor()
        )

    return _done(ref, "dispute", act, _("It is noted: nothing is asked while it is contested."))


@bp.post("/facturation/<ref:ref>/reprise/<ref:pause_ref>")
@requires(Permission.BILL)
def end_pause(ref: str, pause_ref: str) -> Response | tuple[str, int]:
    """A dispute is settled, a promise holds no more."""

    def act() -> None:
        close_pause(
            db.session(),
            ref,
            pause_ref,
            why=request.form.get("why", ""),
            clock=business_clock(),
            actor=current_actor(),
        )

    return _done(ref, pause_ref, act, _("It is closed: the reminders go on where they stood."))


@bp.post("/facturation/<ref:ref>/interets")
@requires(Permission.BILL)
def ask_interest(ref: str) -> Response | tuple[str, int]:
    """Issue the invoice of the interest."""
    return _done(
        ref,
        "interest",
        lambda: claim_interest(db.session(), ref, clock=business_clock(), actor=current_actor()),
        _("The invoice of interest is issued. It leaves by e-mail as soon as its PDF is drawn."),
    )


@bp.post("/facturation/<ref:ref>/interets/abandon")
@requires(Permission.BILL)
def give_up_interest(ref: str) -> Response | tuple[str, int]:
    """Give it up, with a reason."""

    def act() -> None:
        waive_interest(
            db.session(), ref, reason=request.form.get("reason", ""), clock=business_clock(), actor=current_actor()
        )

    return _done(ref, "waive", act, _("It is given up, and your reason is kept."))


@bp.post("/facturation/<ref:ref>/recours")
@requires(Permission.BILL)
def choose_route(ref: str) -> Response | tuple[str, int]:
    """Where the office turned after the formal notice."""

    def act() -> None:
        turn_to(
            db.session(),
            ref,
            _route(request.form.get("route", "")),
            note=request.form.get("note", ""),
            clock=business_clock(),
            actor=current_actor(),
        )

    return _done(ref, "route", act, _("It is noted."))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidInput("day", N_("Enter the day."), field="until") from error


def _route(text: str) -> Recovery:
    try:
        return Recovery(text)
    except ValueError as error:
        raise InvalidInput("route", N_("Choose where to turn."), field="route") from error
