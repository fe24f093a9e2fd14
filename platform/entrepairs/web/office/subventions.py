"""`/a/subventions`: what was asked for, what was notified, what ends, what is owed to funders."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from entrepairs.audit.moving import history
from entrepairs.cooperative import grants, queries
from entrepairs.cooperative.financing import OPEN, demands_for, finance_demand, stop_financing
from entrepairs.cooperative.models import Grant, GrantState
from entrepairs.cooperative.selffinancing import year_until
from entrepairs.cooperative.under_grants import demands_under, grant_csv, together
from entrepairs.demands.queries import title_of
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.ledger.balances import entries
from entrepairs.ledger.years import known_exercises
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor, viewer
from entrepairs.web.demand_words import _
from entrepairs.web.errors import sentence
from entrepairs.web.forms import attach
from entrepairs.web.grant_words import CHIPS, grant_chip, grant_status
from entrepairs.web.invoice_words import attached
from entrepairs.web.office import bp
from entrepairs.web.office.forms.gouverner import CountedForm, GrantForm, NotifyForm, ReceiveForm
from entrepairs.web.typed_money import typed_money


@bp.get("/subventions", endpoint="grants")
@requires(Permission.OFFICE_VIEW)
def grants_page() -> str:
    """Every grant, the latest end first."""
    state, today = request.args.get("etat", ""), business_clock().today()
    known = GrantState(state) if state in set(GrantState) else None
    window = year_until(today)
    return render_template(
        "office/grants.html",
        grants=queries.list_grants(db.session(), states=[known] if known else ()),
        chips=_chips(known),
        state=known,
        chip_of=grant_chip,
        income=queries.income_of(db.session(), window).grants,
        may_bill=Permission.BILL in viewer().permissions,
    )


def _chips(current: GrantState | None) -> list[dict[str, object]]:
    counts = queries.grants_by_state(db.session())
    chips: list[dict[str, object]] = [{"label": _("All"), "url": url_for(".grants"), "active": current is None}]
    for state in CHIPS:
        if counts.get(state):
            url = url_for(".grants", etat=state.value)
            label = grant_chip(state).label
            chips.append({"label": label, "url": url, "active": state is current, "count": counts[state]})
    return chips


@bp.get("/subventions/nouvelle")
@requires(Permission.BILL)
def new_grant() -> str:
    """A form for a grant asked for."""
    return render_template("office/grant_new.html", form=GrantForm())


@bp.post("/subventions")
@requires(Permission.BILL)
def add_grant() -> Response | tuple[str, int]:
    """Note a grant asked for."""
    form = GrantForm()
    if not form.validate():
        return render_template("office/grant_new.html", form=form), 422
    try:
        grant = grants.record_grant(
            db.session(),
            funder=form.funder.data,
            purpose=form.purpose.data,
            amount=typed_money(form.amount.data),
            first=form.first.data,
            last=form.last.data,
            report_due_on=form.report_due_on.data,
            actor=current_actor(),
            clock=business_clock(),
        )
    except InvalidInput as error:
        db.session.rollback()
        attach(form, error)
        return render_template("office/grant_new.html", form=form), 422
    db.session.commit()
    flash(_("The grant is noted. It counts once it is notified."), "success")
    return redirect(url_for(".grant", ref=grant.ref), code=303)


@bp.get("/subventions/<ref:ref>")
@requires(Permission.OFFICE_VIEW)
def grant(ref: str) -> str:
    """One grant: where it stands, its money, its entries."""
    return _page(queries.find_grant(db.session(), ref))


def _page(found: Grant, *, notify: NotifyForm | None = None, receive: ReceiveForm | None = None) -> str:
    today = business_clock().today()
    counted = found.state in grants.COUNTED
    under, waiting = demands_under(db.session(), found), demands_for(db.session(), found)
    return render_template(
        "office/grant.html",
        grant=found,
        chip=grant_chip(found.state),
        status=grant_status(found, today),
        span=found.span,
        earned=found.span.earned_before(year_until(today).until) if counted else None,
        by_year={one.number: share for one, share in found.span.by_exercise(known_exercises(db.session())).items()},
        left=grants.still_to_receive(db.session(), found) if counted else None,
        steps=_steps(found),
        entries=entries(db.session(), piece_ref=found.ref),
        notify_form=notify or NotifyForm(data={"amount": _euros(found), "on": today}),
        receive_form=receive or ReceiveForm(data={"on": today}),
        may_bill=Permission.BILL in viewer().permissions,
        under=under,
        done=together(under),
        title_of=title_of,
        waiting=waiting,
        demand_form=CountedForm().offer([(one.ref, f"{title_of(one)} ({one.partner.name})") for one in waiting]),
        open=found.state in OPEN,
    )


def _euros(found: Grant) -> str:
    return f"{found.cents // 100},{found.cents % 100:02d}"


def _steps(found: Grant) -> list[dict[str, str]]:
    from entrepairs.web.filters import plain_date

    reached = {row.to_state: row.at for row in history(db.session(), "grant_funding", found.ref)}
    reached[GrantState.APPLIED.value] = found.created_at
    steps = []
    for state in CHIPS:
        at = reached.get(state.value)
        kind = "now" if state is found.state else ("done" if at is not None else "next")
        steps.append({"state": kind, "label": grant_chip(state).label, "detail": plain_date(at) if at else ""})
    return steps


@bp.post("/subventions/<ref:ref>/notification")
@requires(Permission.BILL)
def notify_grant(ref: str) -> Response | tuple[str, int]:
    """The funder's letter has come."""
    form = NotifyForm()

    def act() -> None:
        grants.notify_grant(
            db.session(),
            ref,
            on=form.on.data,
            amount=typed_money(form.amount.data),
            actor=current_actor(),
            clock=business_clock(),
        )

    return _acted(ref, form, act, _("The notification is noted, and written in the books."), "notify")


@bp.post("/subventions/<ref:ref>/versements")
@requires(Permission.BILL)
def receive_grant(ref: str) -> Response | tuple[str, int]:
    """Money has come."""
    form = ReceiveForm()

    def act() -> None:
        amount = typed_money(form.amount.data)
        grants.receive_grant(db.session(), ref, amount, on=form.on.data, actor=current_actor(), clock=business_clock())

    return _acted(ref, form, act, _("The payment is noted, and written in the books."), "receive")


@bp.post("/subventions/<ref:ref>/bilan")
@requires(Permission.BILL)
def report_grant(ref: str) -> Response:
    """The report has left."""
    grants.report_grant(db.session(), ref, actor=current_actor(), clock=business_clock())
    db.session.commit()
    flash(_("The report is noted as sent."), "success")
    return redirect(url_for(".grant", ref=ref), code=303)


@bp.post("/subventions/<ref:ref>/cloture")
@requires(Permission.BILL)
def close_grant(ref: str) -> Response:
    """Nothing more is owed."""
    try:
        grants.close_grant(db.session(), ref, actor=current_actor(), clock=business_clock())
    except Conflict as error:
        db.session.rollback()
        flash(sentence(error), "error")
        return redirect(url_for(".grant", ref=ref), code=303)
    db.session.commit()
    flash(_("The grant is closed."), "success")
    return redirect(url_for(".grant", ref=ref), code=303)


@bp.get("/subventions/<ref:ref>/fait")
@requires(Permission.OFFICE_VIEW)
def grant_sheet(ref: str) -> Response:
    """What was done under it, for a spreadsheet."""
    found = queries.find_grant(db.session(), ref)
    return attached(grant_csv(demands_under(db.session(), found)), "text/csv", f"{found.ref}.csv")


@bp.post("/subventions/<ref:ref>/demandes")
@requires(Permission.BILL)
def count_demand(ref: str) -> Response:
    """A demand done under it."""
    found = queries.find_grant(db.session(), ref)
    demand_ref, actor, clock = request.form.get("demand", ""), current_actor(), business_clock()
    if not demand_ref:
        flash(_("Choose a demand."), "info")
        return redirect(url_for(".grant", ref=found.ref, _anchor="fait"), code=303)
    return _tied(ref, lambda: finance_demand(db.session(), demand_ref, found.ref, actor=actor, clock=clock))


@bp.post("/subventions/<ref:ref>/demandes/<ref:demand_ref>/retirer")
@requires(Permission.BILL)
def drop_demand(ref: str, demand_ref: str) -> Response:
    """Counted under it by mistake."""
    found, actor, clock = queries.find_grant(db.session(), ref), current_actor(), business_clock()
    return _tied(ref, lambda: stop_financing(db.session(), demand_ref, grant_ref=found.ref, actor=actor, clock=clock))


def _tied(ref: str, act: Callable[[], object]) -> Response:
    try:
        act()
        db.session.commit()
        flash(_("It is noted: the numbers below follow."), "success")
    except Conflict as error:
        db.session.rollback()
        flash(sentence(error), "info")
    return redirect(url_for(".grant", ref=ref, _anchor="fait"), code=303)


def _acted(ref: str, form: Any, act: Callable[[], None], done: str, name: str) -> Response | tuple[str, int]:
    """Validate, act, commit; a refusal comes back on the form with what was typed."""
    if form.validate():
        try:
            act()
            db.session.commit()
            flash(done, "success")
            return redirect(url_for(".grant", ref=ref), code=303)
        except (InvalidInput, Conflict) as error:
            db.session.rollback()
            if not attach(form, error):
                flash(sentence(error), "error")
    found = queries.find_grant(db.session(), ref)
    page = _page(found, notify=form) if name == "notify" else _page(found, receive=form)
    return page, 422
