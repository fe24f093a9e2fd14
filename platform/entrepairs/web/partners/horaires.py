"""Another time suggested to the structure: on the demand's page, and among what waits on the home page."""

from collections.abc import Iterable

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from entrepairs.demands.models import Demand
from entrepairs.demands.queries import title_of
from entrepairs.dispatch import queries
from entrepairs.dispatch.models import OtherTimeState
from entrepairs.dispatch.other_times import agree_to_time, keep_time
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import Conflict, NotFound
from entrepairs.kernel.i18n import N_, say
from entrepairs.web.access import requires
from entrepairs.web.context import Viewer, business_clock, current_actor, viewer
from entrepairs.web.demand_words import _
from entrepairs.web.errors import sentence
from entrepairs.web.other_times import time_card
from entrepairs.web.partners import bp
from entrepairs.web.partners.acting import own_scope
from entrepairs.web.partners.demandes import demand_panel
from entrepairs.web.retrying import committed
from entrepairs.web.todo import Panel, TodoItem, waiting


@bp.post("/horaires/<ref:ref>/oui")
@requires(Permission.FILE_DEMAND)
def agree_to_other_time(ref: str) -> Response:
    """« Ce créneau nous convient »: the sessions move."""
    return _answered(ref, yes=True)


@bp.post("/horaires/<ref:ref>/non")
@requires(Permission.FILE_DEMAND)
def keep_own_time(ref: str) -> Response:
    """« Non, gardons le nôtre »."""
    return _answered(ref, yes=False)


def _answered(ref: str, *, yes: bool) -> Response:
    row, scope = queries.find_time(db.session(), ref), own_scope()
    if row is None or row.offer.demand.partner_id != scope.partner_id:
        raise NotFound("other_time", N_("This page does not exist, or is not for you."))
    demand_ref, actor, clock = row.offer.demand.ref, current_actor(), business_clock()
    answer = agree_to_time if yes else keep_time
    try:
        committed(db.session(), lambda s: answer(s, ref, scope=scope, actor=actor, clock=clock))
        told = _("The sessions have moved: we go on with that time.") if yes else _("It is noted: your time is kept.")
        flash(told, "success")
    except Conflict as refusal:
        flash(sentence(refusal), "info")
    return redirect(url_for(".demand", ref=demand_ref), code=303)


@demand_panel
def _suggested(row: Demand) -> Panel | None:
    """The question on the demand's page."""
    if Permission.FILE_DEMAND not in viewer().permissions:
        return None
    clock = business_clock()
    times = queries.live_times(db.session(), OtherTimeState.ASKED, clock=clock, demand_id=row.id)
    cards = [card for each in times if (card := time_card(each, clock)) is not None]
    return Panel("partners/other_time_panel.html", {"cards": cards}, rank=5) if cards else None


@waiting("partners")
def _times_asked(person: Viewer) -> Iterable[TodoItem]:
    """Another time to say yes or no to."""
    if person.partner is None or Permission.FILE_DEMAND not in person.permissions:
        return
    clock = business_clock()
    for row in queries.live_times(db.session(), OtherTimeState.ASKED, clock=clock, partner_id=person.partner.id):
        card = time_card(row, clock)
        if card is not None:
            yield TodoItem(
                chip=say("Another time"),
                title=title_of(card.demand),
                url=url_for("partners.demand", ref=card.demand.ref),
                action=say("See and answer"),
                detail=card.there,
                rank=30,
            )
