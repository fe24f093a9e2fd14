"""« Prénom propose un autre horaire »: on the demand's page, ask the structure or thank; among the exceptions of home."""

from collections.abc import Callable, Iterable

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from entrepairs.demands.diary import live_assignments
from entrepairs.demands.models import Demand
from entrepairs.demands.queries import title_of
from entrepairs.demands.states import AssignmentState
from entrepairs.dispatch import queries
from entrepairs.dispatch.models import OtherTime, OtherTimeState
from entrepairs.dispatch.other_times import agree_to_time, ask_structure, thank_peer
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import Conflict, NotFound
from entrepairs.kernel.i18n import N_, say
from entrepairs.web.access import requires
from entrepairs.web.context import Viewer, business_clock, current_actor, viewer
from entrepairs.web.demand_words import _
from entrepairs.web.errors import sentence
from entrepairs.web.office import bp
from entrepairs.web.office.demandes import demand_panel
from entrepairs.web.other_times import time_card
from entrepairs.web.retrying import committed
from entrepairs.web.todo import Panel, TodoItem, waiting


@bp.post("/horaires/<ref:ref>/demander")
@requires(Permission.COORDINATE)
def ask_for_time(ref: str) -> Response:
    """Write to who asked."""
    return _done(ref, ask_structure, _("The structure is asked by mail. The person keeps the time to answer."))


@bp.post("/horaires/<ref:ref>/remercier")
@requires(Permission.COORDINATE)
def thank_for_time(ref: str) -> Response:
    """Not this time, kindly."""
    return _done(ref, thank_peer, _("The person is thanked; the proposal stays open at its own time."))


@bp.post("/horaires/<ref:ref>/convenu")
@requires(Permission.COORDINATE)
def time_agreed(ref: str) -> Response:
    """The structure said yes on the telephone: the sessions move."""
    return _done(ref, agree_to_time, _("The sessions have moved. Everybody concerned is told."))


def _done(ref: str, act: Callable[..., OtherTime], said: str) -> Response:
    row = queries.find_time(db.session(), ref)
    if row is None:
        raise NotFound("other_time", N_("This page does not exist, or is not for you."))
    demand_ref, actor, clock = row.offer.demand.ref, current_actor(), business_clock()
    try:
        committed(db.session(), lambda s: act(s, ref, actor=actor, clock=clock))
        flash(said, "success")
    except Conflict as refusal:
        flash(sentence(refusal), "info")
    return redirect(url_for(".demand", ref=demand_ref), code=303)


@demand_panel
def _suggested(row: Demand) -> Panel | None:
    """Who suggests which time, and what one can do."""
    clock = business_clock()
    live = (OtherTimeState.SUGGESTED, OtherTimeState.ASKED)
    times = queries.live_times(db.session(), *live, clock=clock, demand_id=row.id)
    cards = [card for each in times if (card := time_card(each, clock)) is not None]
    if not cards:
        return None
    held = [each.peer.first_name for each in live_assignments(db.session(), row.id) if each.state is _COMES]
    return Panel(
        "office/other_time_panel.html",
        {
            "cards": cards,
            "asked": OtherTimeState.ASKED,
            "may_act": Permission.COORDINATE in viewer().permissions,
            "may_write": row.requester is not None and row.requester.disabled_at is None,
            "held": held,
        },
        rank=5,
    )


_COMES = AssignmentState.CONFIRMED


@waiting("office")
def _times_suggested(person: Viewer) -> Iterable[TodoItem]:
    """Another time to take to the structure."""
    if Permission.COORDINATE not in person.permissions:
        return
    for row in queries.live_times(db.session(), OtherTimeState.SUGGESTED, clock=business_clock()):
        yield TodoItem(
            chip=say("Another time"),
            title=title_of(row.offer.demand),
            url=url_for("office.demand", ref=row.offer.demand.ref),
            action=say("See and answer"),
            detail=say("%(name)s suggests another time", name=row.offer.peer.first_name),
            tone="prop",
            rank=25,
        )
