"""A new demand in six clicks: offering, place, dates, people, review. Each step is saved."""

from collections.abc import Callable
from typing import Final, TypeAlias

from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response

from entrepairs.catalogue.models import OfferingKind
from entrepairs.catalogue.prices import UNIT_WORDS, Estimate, estimate, price_on
from entrepairs.catalogue.queries import by_family, palette
from entrepairs.demands import authority, drafting, rules, submitting
from entrepairs.demands.models import Demand
from entrepairs.demands.queries import title_of
from entrepairs.demands.rhythms import Plan
from entrepairs.demands.scheduling import wished_plan
from entrepairs.demands.scopes import find_demand
from entrepairs.demands.states import DemandState
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import Conflict, DomainError, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.matching.looking import look
from entrepairs.network.models import Site
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor, viewer
from entrepairs.web.demand_words import COMPANY, WISHES, _, place_phrase, rhythm_phrase
from entrepairs.web.errors import sentence
from entrepairs.web.forms import attach
from entrepairs.web.partners import bp
from entrepairs.web.partners.acting import acting_partner, own_scope
from entrepairs.web.partners.forms.demandes import DatesForm, PeopleForm, PlaceForm, SendForm

Page: TypeAlias = str | Response | tuple[str, int]

STEPS: Final = (N_("Offering"), N_("Place"), N_("Dates"), N_("For whom"), N_("Check and send"))


@bp.get("/demandes/nouvelle")
@requires(Permission.FILE_DEMAND)
def new_demand() -> str:
    """The cards of the palette: one click opens the draft."""
    shown = [
        one
        for one in palette(db.session(), business_clock().today())
        if one.offering.kind is not OfferingKind.EMERGENCY
    ]
    return render_template(
        "partners/new_demand.html", families=by_family(shown), unit_words=UNIT_WORDS, steps=_steps(), company=COMPANY
    )


@bp.post("/demandes/nouvelle")
@requires(Permission.FILE_DEMAND)
def start_demand() -> Response:
    """Open a draft of the offering chosen."""
    demand = drafting.start_draft(
        db.session(),
        acting_partner().id,
        request.form.get("offering", ""),
        account_id=viewer().account.id,
        actor=current_actor(),
        clock=business_clock(),
    )
    db.session.commit()
    return redirect(url_for(".place_step", ref=demand.ref), code=303)


@bp.route("/demandes/nouvelle/<ref:ref>/lieu", methods=["GET", "POST"])
@requires(Permission.FILE_DEMAND)
def place_step(ref: str) -> Page:
    """Where: the service is chosen already when there is only one."""
    demand, form = _draft(ref), PlaceForm()
    form.offer(_sites())
    if not form.is_submitted():
        form.fill(demand)
    elif form.validate():
        answer = form.answer()
        done = _kept(
            lambda: drafting.save_place(db.session(), ref, answer, own_scope(), names_checked=_checked()), form
        )
        if done is None:
            return redirect(url_for(".dates_step", ref=ref), code=303)
        return _step_page("place", 2, ref, form, doubt=done), 422
    return _step_page("place", 2, ref, form), 422 if form.errors else 200


@bp.route("/demandes/nouvelle/<ref:ref>/dates", methods=["GET", "POST"])
@requires(Permission.FILE_DEMAND)
def dates_step(ref: str) -> Page:
    """When: a weekly rhythm and its dates; « Voir les dates » saves and stays."""
    demand, form = _draft(ref), DatesForm()
    form.offer(demand)
    if not form.is_submitted():
        form.fill(demand)
    elif form.validate():
        answer = form.answer()
        done = _kept(lambda: drafting.save_dates(db.session(), ref, answer, own_scope(), clock=business_clock()), form)
        if done is None:
            return redirect(url_for(".dates_step" if "see" in request.form else ".people_step", ref=ref), code=303)
        return _step_page("dates", 3, ref, form), 422
    return _step_page("dates", 3, ref, form), 422 if form.errors else 200


@bp.route("/demandes/nouvelle/<ref:ref>/public", methods=["GET", "POST"])
@requires(Permission.FILE_DEMAND)
def people_step(ref: str) -> Page:
    """For whom and what for; nobody met is named."""
    demand, form = _draft(ref), PeopleForm()
    form.offer(demand)
    if not form.is_submitted():
        form.fill(demand)
    elif form.validate():
        answer = form.answer()
        done = _kept(
            lambda: drafting.save_people(db.session(), ref, answer, own_scope(), names_checked=_checked()), form
        )
        if done is None:
            return redirect(url_for(".review_step", ref=ref), code=303)
        return _step_page("people", 4, ref, form, doubt=done), 422
    return _step_page("people", 4, ref, form), 422 if form.errors else 200


@bp.get("/demandes/nouvelle/<ref:ref>/verifier")
@requires(Permission.FILE_DEMAND)
def review_step(ref: str) -> Page:
    """Everything on one page, with the price, before it leaves."""
    return _review(_draft(ref), SendForm())


@bp.post("/demandes/nouvelle/<ref:ref>/verifier")
@requires(Permission.FILE_DEMAND)
def send_demand(ref: str) -> Page:
    """Send, or ask the signatory chosen for their agreement."""
    form, account = SendForm(), viewer().account
    try:
        if authority.may_commit(db.session(), acting_partner().id, account.id):
            submitting.submit_demand(
                db.session(), ref, own_scope(), account_id=account.id, actor=current_actor(), clock=business_clock()
            )
            said = _("Your demand has left. We read it today or tomorrow.")
        else:
            submitting.ask_approval(
                db.session(),
                ref,
                own_scope(),
                signatory_ref=request.form.get("signatory", ""),
                actor=current_actor(),
                clock=business_clock(),
            )
            said = _("Your signatory receives it by e-mail. You will know as soon as there is an answer.")
    except InvalidInput as error:
        db.session.rollback()
        if not (error.field == "signatory" and attach(form, error)):
            flash(sentence(error), "error")
        return _review(_draft(ref), form), 422
    db.session.commit()
    flash(said, "success")
    return redirect(url_for(".demand", ref=ref), code=303)


@bp.post("/demandes/nouvelle/<ref:ref>/effacer")
@requires(Permission.FILE_DEMAND)
def drop_draft(ref: str) -> Response:
    """Leave a draft: it moves to the cancelled ones."""
    from entrepairs.demands.cancelling import cancel

    drafting.lock_draft(db.session(), ref, own_scope())
    cancel(db.session(), ref, own_scope(), actor=current_actor(), clock=business_clock())
    db.session.commit()
    flash(_("The draft is put away."), "info")
    return redirect(url_for(".demands"), code=303)


def _draft(ref: str) -> Demand:
    demand = find_demand(db.session(), ref, own_scope())
    if demand.state is not DemandState.DRAFT:
        raise Conflict("not_a_draft", N_("This demand has been sent already: nothing to fill in any more."))
    return demand


def _sites() -> list[Site]:
    partner = acting_partner()
    query = select(Site).where(Site.partner_id == partner.id, Site.archived_at.is_(None)).order_by(Site.name)
    return list(db.session.scalars(query))


def _checked() -> bool:
    """« C'est bien un lieu ou un professionnel » was pressed."""
    return request.form.get("names_checked") == "1"


def _kept(save: Callable[[], object], form: FlaskForm) -> bool | None:
    """Save a step and commit. None: kept; otherwise the refusal is on the form, True when it is only a doubt."""
    try:
        save()
        db.session.commit()
    except (InvalidInput, NotFound) as error:
        db.session.rollback()
        _say_on(form, error)
        return error.code == "name_to_check"
    return None


def _say_on(form: FlaskForm, error: DomainError) -> None:
    if not attach(form, error):
        flash(sentence(error), "error")


def _step_page(name: str, number: int, ref: str, form: FlaskForm, *, doubt: bool = False) -> str:
    demand = _draft(ref)
    plan = _plan(demand)
    return render_template(
        f"partners/new_demand_{name}.html",
        demand=demand,
        form=form,
        doubt=doubt,
        steps=_steps(),
        number=number,
        title=title_of(demand),
        plan=plan,
        phrase=rhythm_phrase(demand, plan.periods) if plan else "",
        company=COMPANY,
    )


def _plan(demand: Demand) -> Plan | None:
    try:
        return wished_plan(db.session(), demand)
    except InvalidInput:
        return None


def _steps() -> list[str]:
    return [_(step) for step in STEPS]


def _review(demand: Demand, form: SendForm) -> str:
    plan = _plan(demand) or Plan(())
    members = authority.signatories(db.session(), demand.partner_id)
    form.signatory.flags.required = True
    form.signatory.choices = [(one.account.ref, one.account.name) for one in members]
    if len(members) == 1:
        form.signatory.data = form.signatory.data or members[0].account.ref
    return render_template(
        "partners/new_demand_review.html",
        demand=demand,
        form=form,
        steps=_steps(),
        title=title_of(demand),
        plan=plan,
        phrase=rhythm_phrase(demand, plan.periods),
        place=place_phrase(demand),
        company=_(COMPANY[demand.facilitation]),
        wish=_(WISHES[demand.person_wish]) if demand.person_wish else "",
        warnings=_warnings(demand, plan),
        cost=_cost(demand, plan),
        unit_words=UNIT_WORDS,
        people=_people_who_can_come(demand, plan),
        alone=authority.may_commit(db.session(), demand.partner_id, viewer().account.id),
        signatories=members,
    )


def _people_who_can_come(demand: Demand, plan: Plan) -> int | None:
    """A count and nothing else: who, and why not the others, is the association's."""
    if not plan.periods or plan.periods[0].start < business_clock().now():
        return None
    found = look(db.session(), demand.ref, clock=business_clock(), periods=plan.periods)
    return len(found.answer.possible)


def _warnings(demand: Demand, plan: Plan) -> tuple[object, ...]:
    minutes = demand.session_minutes or demand.offering.session_minutes
    return rules.fidelity_warnings(rules.Fidelity.of(demand.offering), sessions=len(plan.periods), minutes=minutes)


def _cost(demand: Demand, plan: Plan) -> Estimate | None:
    """The catalogue's estimate on the day of the first session; an agreement may set another price."""
    if not plan.periods:
        return None
    price = price_on(db.session(), demand.offering_id, plan.periods[0].start.date())
    if price is None:
        return None
    lengths = [period.minutes for period in plan.periods]
    return estimate(demand.offering.price_unit, price, lengths, demand.participants)
