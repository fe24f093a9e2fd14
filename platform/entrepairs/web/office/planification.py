"""`/a/planification`: a period and a territory planned at once; the proposal is read, then sent as offers."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from flask import flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from entrepairs.demands.models import Assignment
from entrepairs.dispatch.handovers import handovers_of, not_to_ask
from entrepairs.dispatch.plans import answers_awaited, apply_plan
from entrepairs.extensions import db
from entrepairs.fairness.departements import departement_named, departements
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.dates import add_months, month_start
from entrepairs.kernel.errors import DomainError
from entrepairs.outbox.runs import ask_stop
from entrepairs.outbox.states import ENDED
from entrepairs.planning import queries
from entrepairs.planning.asking import ask_plan, find_plan
from entrepairs.planning.models import Plan
from entrepairs.planning.moving import movable
from entrepairs.planning.queries import PlanCounts
from entrepairs.planning.searching import gap
from entrepairs.web import plan_words as told
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor
from entrepairs.web.demand_words import _, ngettext
from entrepairs.web.errors import sentence
from entrepairs.web.office import bp
from entrepairs.web.retrying import committed

VIEWS: Final = ("propositions", "relais", "manques", "heures")
MOVES_SHOWN: Final = 100
A_DAY: Final = timedelta(days=1)


@bp.get("/planification")
@requires(Permission.COORDINATE)
def plans() -> str:
    """Which demands to plan, and the plans made."""
    return _form_page()


def _form_page(problem: str = "") -> str:
    since, until, chosen = _period_asked()
    session = db.session()
    demands, total = queries.demands_to_plan(session, since, until + A_DAY, chosen)
    awaited = answers_awaited(session, [demand.id for demand in demands])
    may_move = _movable(since, until + A_DAY)
    made = queries.latest_plans(session)
    counts = queries.counts_of(session, [plan.id for plan in made])
    return render_template(
        "office/plans.html",
        problem=problem,
        since=since,
        until=until,
        departements=departements(),
        chosen=chosen,
        demands=[(demand, told.dates_of(demand), awaited.get(demand.id, 0)) for demand in demands],
        rest=max(0, total - len(demands)),
        accepted=[told.accepted_row(one) for one in may_move[:MOVES_SHOWN]],
        accepted_rest=max(0, len(may_move) - MOVES_SHOWN),
        times=told.TIMES,
        made=[(plan, told.plan_chip(plan), counts[plan.id]) for plan in made],
    )


def _movable(since: date, until: date) -> Sequence[Assignment]:
    session = db.session()
    return movable(session, since, until, clock=business_clock(), skip=not_to_ask(session))


def _period_asked() -> tuple[date, date, list[str]]:
    """First and last day, next month by default; départements, none for everywhere."""
    following = add_months(month_start(business_clock().today()), 1)
    since, until = _day("du", following), _day("au", add_months(following, 1) - A_DAY)
    places = [code for code in request.values.getlist("dept") if departement_named(code)]
    return since, max(since, until), places


def _day(name: str, default: date) -> date:
    try:
        return date.fromisoformat(request.values.get(name, ""))
    except ValueError:
        return default


@bp.post("/planification")
@requires(Permission.COORDINATE)
def plan_period() -> Response | tuple[str, int]:
    """Ask for a plan; the search begins at once."""
    since, until, places = _period_asked()
    clock, actor = business_clock(), current_actor()
    try:
        plan = committed(
            db.session(),
            lambda session: ask_plan(
                session,
                since,
                until + A_DAY,
                departements=places,
                demand_refs=_chosen(since, until + A_DAY, places),
                seconds=request.form.get("seconds", 30, type=int),
                movable_refs=_moves_chosen(since, until + A_DAY),
                actor=actor,
                clock=clock,
                real_now=datetime.now(UTC),
            ),
        )
    except DomainError as refusal:
        return _form_page(sentence(refusal)), refusal.status
    return redirect(url_for(".plan", ref=plan.ref), code=303)


def _chosen(since: date, until: date, places: list[str]) -> set[str]:
    """The references ticked; with « les autres », all but those shown and not ticked."""
    ticked = set(request.form.getlist("demands"))
    if "rest" not in request.form:
        return ticked
    shown = set(request.form.getlist("shown"))
    return ticked | {ref for ref in queries.refs_to_plan(db.session(), since, until, places) if ref not in shown}


def _moves_chosen(since: date, until: date) -> set[str]:
    """Nothing accepted moves unless asked: the missions ticked, or all that may."""
    if request.form.get("moves") == "all":
        return {one.ref for one in _movable(since, until)}
    return set(request.form.getlist("movable"))


@bp.get("/planification/<ref:ref>")
@requires(Permission.COORDINATE)
def plan(ref: str) -> str:
    """How far the search is; then who for what, what is missing, hours before and after."""
    found = find_plan(db.session(), ref)
    counts = queries.counts_of(db.session(), [found.id])[found.id]
    common = {"plan": found, "counts": counts, "chip": told.plan_chip(found), "places": _places(found)}
    if found.concluded_at is None:
        return render_template("office/plan_search.html", **common, **_search(found, counts))
    view = request.args.get("vue", "")
    view = view if view in VIEWS else ("relais" if counts.moves and not counts.to_serve else "propositions")
    return render_template(
        "office/plan.html",
        **common,
        view=view,
        chips=_chips(found, counts, view),
        lead=told.lead_of(counts, _gap(found), held=bool(found.movable)),
        last_day=date.fromisoformat(found.found["until"]) - A_DAY,
        moves=told.moves_words(counts),
        sending=told.sending_text(counts) if counts.asked else "",
        **_part(found, view),
    )


def _places(found: Plan) -> str:
    names = [one.name for code in found.departements if (one := departement_named(code)) is not None]
    return ", ".join(names)


def _gap(found: Plan) -> float | None:
    return gap(found.found.get("best"), found.found.get("bound"))


def _search(found: Plan, counts: PlanCounts) -> dict[str, Any]:
    run = found.run
    over = run is None or run.state in ENDED
    return {
        "over": told.failure_words(run) if over and run is not None else "",
        "text": told.progress_text(run, counts.demands) if run is not None else "",
        "done": run.progress.get("done", 0) if run is not None else 0,
        "stopping": run is not None and run.stop_asked,
    }


def _chips(found: Plan, counts: PlanCounts, view: str) -> list[dict[str, Any]]:
    labels = {
        "propositions": (_("Who for what"), counts.served + counts.partly),
        "relais": (_("Missions that could change hands"), counts.moves),
        "manques": (_("Still missing"), counts.unserved + counts.partly),
        "heures": (_("Hours and journeys"), None),
    }
    if not found.movable:
        del labels["relais"]
    return [
        {"label": label, "count": count, "url": url_for(".plan", ref=found.ref, vue=name), "active": name == view}
        for name, (label, count) in labels.items()
    ]


def _part(found: Plan, view: str) -> dict[str, Any]:
    session, number = db.session(), max(1, request.args.get("page", 1, type=int))
    if view == "manques":
        missed = queries.missed_lines(session, found.id, number)
        return {"page": missed, "rows": [told.missed_row(line) for line in missed.rows]}
    if view == "relais":
        return _moves(found, number)
    if view == "heures":
        hours = queries.hours_lines(session, found.id, number)
        summary = told.hours_lead(queries.hours_counts(session, found.id))
        return {"page": hours, "rows": [told.hours_row(row) for row in hours.rows], "hours_lead": summary}
    lines = queries.found_lines(session, found.id, number)
    waits = queries.leaving(session, found.id) if found.movable else {}
    return {"page": lines, "rows": [told.found_row(line, waits) for line in lines.rows]}


def _moves(found: Plan, number: int) -> dict[str, Any]:
    session = db.session()
    lines = queries.move_lines(session, found.id, number)
    moves = [one for line in lines.rows for one in line.proposals]
    asked = handovers_of(session, [one.id for one in moves])
    served = queries.titles_of(session, {ref for one in moves for ref in (one.gain or {}).get("serves", ())})
    return {"page": lines, "rows": [told.move_row(line, asked, served) for line in lines.rows]}


@bp.get("/planification/<ref:ref>/avancement")
@requires(Permission.COORDINATE)
def plan_progress(ref: str) -> Response:
    """How far the search, then the sending, is: for the page that shows it."""
    found = find_plan(db.session(), ref)
    counts = queries.counts_of(db.session(), [found.id])[found.id]
    if found.concluded_at is None and found.run is not None:
        over = found.run.state in ENDED
        text = told.progress_text(found.run, counts.demands)
        done = found.run.progress.get("done", 0)
        return jsonify(done=done, total=found.seconds, text=text, finished=over, reload=over)
    gone = counts.sent + counts.gone
    finished = not counts.asked
    return jsonify(
        done=gone, total=gone + counts.asked, text=told.sending_text(counts), finished=finished, reload=finished
    )


@bp.post("/planification/<ref:ref>/arreter")
@requires(Permission.COORDINATE)
def stop_plan(ref: str) -> Response:
    """Stop the search; the best plan found is kept."""
    found = find_plan(db.session(), ref)
    if found.run is not None:
        ask_stop(db.session(), found.run.ref, real_now=datetime.now(UTC))
        db.session.commit()
    flash(_("The search stops; the best plan found is kept."), "success")
    return redirect(url_for(".plan", ref=ref), code=303)


@bp.post("/planification/<ref:ref>/appliquer")
@requires(Permission.COORDINATE)
def send_plan(ref: str) -> Response:
    """Send the proposals chosen, or all of them, as offers; put the moves to who holds a seat."""
    wanted = None if "all" in request.form else set(request.form.getlist("demands"))
    clock, actor = business_clock(), current_actor()
    try:
        asked = committed(db.session(), lambda session: apply_plan(session, ref, wanted, actor=actor, clock=clock))
    except DomainError as refusal:
        flash(sentence(refusal), "info")
        return redirect(url_for(".plan", ref=ref), code=303)
    if asked:
        flash(
            ngettext(
                "The proposals of one demand are on their way.",
                "The proposals of %(num)s demands are on their way.",
                asked,
            ),
            "success",
        )
    else:
        flash(_("Nothing more to send: choose at least one demand whose proposals have not left."), "info")
    page, view = request.form.get("page"), request.form.get("vue")
    return redirect(url_for(".plan", ref=ref, page=page, vue=view), code=303)
