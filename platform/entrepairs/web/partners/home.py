"""The structure's home: what waits for you first, then the week, then the last demand."""

from collections.abc import Iterable
from datetime import timedelta

from flask import render_template, url_for

from entrepairs.audit.moving import history
from entrepairs.demands import queries
from entrepairs.demands.models import DemandSession
from entrepairs.demands.queries import dates_sentence, title_of
from entrepairs.demands.scheduling import period_of, wished_plan
from entrepairs.demands.scopes import Scope
from entrepairs.demands.states import DemandState, SessionState
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.dates import Period, day_bounds, week_start
from entrepairs.kernel.i18n import say
from entrepairs.web.access import requires
from entrepairs.web.context import Viewer, business_clock, viewer
from entrepairs.web.demand_words import chip_of, place_phrase, status_sentence, timeline_of
from entrepairs.web.partners import bp
from entrepairs.web.partners.acting import acting_partner, own_scope
from entrepairs.web.pictures import WeekEvent, WeekPicture, week_picture
from entrepairs.web.todo import TodoItem, panels_for, waiting, what_waits


@bp.get("/")
@requires(Permission.PARTNER_VIEW)
def home() -> str:
    """« À faire par vous » first."""
    person, now = viewer(), business_clock().now()
    last = queries.last_demand(db.session(), own_scope())
    steps = timeline_of(last, history(db.session(), "demand", last.ref), now=now) if last else []
    return render_template(
        "partners/home.html",
        first_name=person.account.name.split()[0],
        partner=acting_partner(),
        waiting=what_waits("partners", person),
        week=_week(),
        last=last,
        last_title=title_of(last) if last else "",
        last_status=status_sentence(last) if last else "",
        steps=steps,
        panels=panels_for("partners", person),
        may_file=Permission.FILE_DEMAND in person.permissions,
    )


def _week() -> WeekPicture:
    today = business_clock().today()
    monday = week_start(today)
    between = Period(day_bounds(monday).start, day_bounds(monday + timedelta(days=6)).end)
    rows = queries.sessions_between(db.session(), own_scope(), between)
    days = 7 if any(period_of(row).start.weekday() > 4 for row in rows) else 5
    return week_picture(monday, [_event(row) for row in rows], days=days, today=today)


def _event(row: DemandSession) -> WeekEvent:
    demand, period = row.demand, period_of(row)
    firm = demand.state in {DemandState.STAFFED, DemandState.RUNNING, DemandState.COMPLETED, DemandState.CLOSED}
    tone = "done" if row.state is SessionState.DONE else ("ok" if firm else "prop")
    return WeekEvent(
        title=demand.offering.name,
        start=period.start,
        end=period.end,
        detail=place_phrase(demand),
        tone=tone,
        word="" if firm else chip_of(demand.state).label,
        url=url_for("partners.demand", ref=demand.ref),
    )


@waiting("partners")
def demands_to_agree(person: Viewer) -> Iterable[TodoItem]:
    """What waits for a signatory."""
    if person.partner is None or Permission.SIGN not in person.permissions:
        return
    for demand in queries.awaiting_approval(db.session(), Scope(person.partner.id)):
        who = demand.requester.name if demand.requester else ""
        dates = dates_sentence(demand, wished_plan(db.session(), demand).periods)
        yield TodoItem(
            chip=say("To agree"),
            title=title_of(demand),
            detail=say("%(who)s asks for your agreement. %(dates)s", who=who, dates=dates),
            url=url_for("partners.demand", ref=demand.ref),
            action=say("See and answer"),
            rank=10,
        )


@waiting("partners")
def drafts_to_finish(person: Viewer) -> Iterable[TodoItem]:
    """Drafts left half-way, and those a signatory sent back."""
    if person.partner is None:
        return
    for demand in queries.drafts_of(db.session(), Scope(person.partner.id), person.account.id):
        step = {"place": "place", "dates": "dates", "people": "people"}.get(demand.step, "review")
        yield TodoItem(
            chip=say("To finish"),
            title=title_of(demand),
            detail=say("« %(note)s »", note=demand.note) if demand.note else say("A draft that has not left yet."),
            url=url_for(f"partners.{step}_step", ref=demand.ref),
            action=say("Go on"),
            rank=40,
        )
