"""`/p/missions/<ref>`: one mission, its order, its sessions, the welcome page of the place, whom to call."""

from flask import render_template
from werkzeug.wrappers import Response

from entrepairs.demands.models import DemandSession
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.states import AssignmentState, SessionState
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.missions import queries, rules
from entrepairs.missions.colleagues import is_expected
from entrepairs.missions.queries import MissionPage
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock
from entrepairs.web.demand_words import Chip, _, place_phrase, rhythm_phrase, session_chip
from entrepairs.web.mission_words import give_back_address, map_address, order_pdf, welcomer_of
from entrepairs.web.peers import bp
from entrepairs.web.peers.acting import acting_peer


@bp.get("/missions/<ref:ref>")
@requires(Permission.PEER)
def mission(ref: str) -> str:
    """Everything useful on the way and on the spot."""
    peer, clock = acting_peer(), business_clock()
    found = queries.mission_of(db.session(), peer, ref)
    demand = found.demand
    return render_template(
        "peers/mission.html",
        mission=found,
        demand=demand,
        phrase=rhythm_phrase(demand, [period_of(row) for row in found.sessions]),
        place=place_phrase(demand),
        map=map_address(demand),
        km=queries.kilometres(peer, demand.site) if demand.site else 0,
        welcomer=welcomer_of(demand, clock.today()),
        welcome=demand.site.card if demand.site else None,
        sessions=[(row, period_of(row), *_state(found, row), _company(found, row)) for row in found.sessions],
        live=found.assignment.state is AssignmentState.CONFIRMED,
        give_back=give_back_address(found),
    )


def _company(found: MissionPage, row: DemandSession) -> str:
    """Whether the ward has confirmed its professional for a date to come."""
    if not is_expected(found.demand) or row.state is not SessionState.PLANNED:
        return ""
    if period_of(row).start <= business_clock().now():
        return ""
    who = found.demand.colleague_function or _("a professional of the place")
    if row.colleague_confirmed_at is not None:
        return _("with %(who)s, confirmed", who=who)
    return _("with %(who)s, not confirmed yet", who=who)


def _state(found: MissionPage, row: DemandSession) -> tuple[Chip, bool]:
    """The chip of a session, and whether its report is to be written."""
    begun = rules.may_report(period_of(row).start, business_clock().now())
    if row.state is SessionState.PLANNED and row.id in found.sent:
        return Chip("ok", _("reported")), False
    if row.state is SessionState.PLANNED and begun:
        return Chip("todo", _("to report")), True
    return session_chip(row.state), False


@bp.get("/missions/<ref:ref>/ordre")
@requires(Permission.PEER)
def mission_order(ref: str) -> Response:
    """The order's PDF."""
    return order_pdf(db.session(), queries.mission_of(db.session(), acting_peer(), ref).order)
