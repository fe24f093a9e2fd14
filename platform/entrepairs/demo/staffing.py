"""« Qui peut venir ? »: the office proposes out of the order, each answers in their own time."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from entrepairs.demands.models import Demand
from entrepairs.demands.scheduling import next_start
from entrepairs.demands.scopes import OFFICE, find_demand
from entrepairs.demands.states import OFFERABLE, AssignmentState, DemandState
from entrepairs.demo.missions import Life
from entrepairs.demo.sessions import plan_sessions
from entrepairs.demo.story import PeerOf
from entrepairs.dispatch.answering import accept_offer, decline_offer, mark_seen
from entrepairs.dispatch.models import Offer, OfferState
from entrepairs.dispatch.relays import give_back
from entrepairs.dispatch.rules import default_deadline
from entrepairs.dispatch.sending import send_offers
from entrepairs.kernel.errors import Conflict
from entrepairs.matching.looking import look


def plan_offers(life: Life) -> None:
    """The demand is firm: the office looks at who can come."""
    if life.mission.stays == "confirmed":
        return
    demand = find_demand(life.story.session, life.ref, OFFICE)
    if _near(life, demand):
        life.story.at(life.story.clock.now() + timedelta(minutes=4), partial(_offer, life, first=True))
    else:
        life.story.later(partial(_offer, life, first=True), hours=2)


def _near(life: Life, demand: Demand) -> bool:
    start = next_start(demand)
    return start is not None and start.start - life.story.clock.now() < timedelta(hours=20)


def _offer(life: Life, *, first: bool) -> None:
    """Send the proposals of a wave and plan their answers; `first` is the wave of those who will not answer."""
    story, mission = life.story, life.mission
    demand = find_demand(story.session, life.ref, OFFICE)
    if demand.state not in OFFERABLE:
        return
    seats = _missing(demand)
    wanted = _preferred(life, seats)
    try:
        offers = _send(life, demand, wanted) if wanted else []
    except Conflict:  # one of them can't come then: the office looks at everybody
        offers = []
    yes: Sequence[str] = wanted
    if not offers:
        chosen, yes = _pick(life, seats, first=first)
        offers = _send(life, demand, chosen) if chosen else []
    if not offers:
        return
    if mission.stays == "offered":
        return
    if first and mission.late and not mission.unfilled:
        story.at(story.working(offers[0].deadline + timedelta(hours=14)), partial(_offer, life, first=False))
        return
    _plan_answers(life, offers, yes)


def _pick(life: Life, seats: int, *, first: bool) -> tuple[list[str], list[str]]:
    """Who is asked out of the order, and who of them will say yes."""
    mission, possible = life.mission, _order(life)
    if mission.unfilled:
        return possible[:3], []
    if first and mission.late:
        return possible[seats : seats + mission.late], []
    return possible[: seats + mission.no + mission.silent], possible[:seats]


def _send(life: Life, demand: Demand, chosen: Sequence[str]) -> list[Offer]:
    """Raises Conflict when one of them can't come."""
    story, start = life.story, next_start(demand)
    if start is None:
        return []
    deadline = default_deadline(story.clock.now(), start.start)
    return send_offers(story.session, life.ref, chosen, deadline=deadline, actor=story.coordination, clock=story.clock)


def _missing(demand: Demand) -> int:
    """How many are still missing."""
    held = sum(1 for seat in demand.seats if seat.state.value in ("held", "confirmed"))
    return demand.facilitation.seats - held


def _preferred(life: Life, seats: int) -> list[str]:
    """Whom the mission prefers, when nobody else is to be asked."""
    mission, story = life.mission, life.story
    wanted = [story.peers[key].ref for key in mission.peers if key in story.peers][:seats]
    others = mission.no or mission.silent or mission.late or mission.unfilled or mission.relay_after
    return [] if others or len(wanted) < seats else wanted


def _order(life: Life) -> list[str]:
    """References of those who can come: whom the mission prefers first, then the order of the page."""
    story = life.story
    found = [each.candidate.ref for each in look(story.session, life.ref, clock=story.clock).answer.possible]
    wanted = [story.peers[key].ref for key in life.mission.peers if key in story.peers]
    return [ref for ref in wanted if ref in found] + [ref for ref in found if ref not in wanted]


def _plan_answers(life: Life, offers: Sequence[Offer], yes: Sequence[str]) -> None:
    """First those who decline, then those who come, all before the time to answer is over."""
    story, mission = life.story, life.mission
    no = [offer for offer in offers if offer.peer.ref not in yes]
    no = no[: 1 if mission.unfilled else max(0, len(no) - mission.silent)]
    answering = [*no, *(offer for offer in offers if offer.peer.ref in yes)]
    now = story.clock.now()
    step = min((offers[0].deadline - now) / (len(answering) + 1), timedelta(hours=7))
    for number, offer in enumerate(answering, start=1):
        when = story.waking(now + step * number)
        when = when if when < offer.deadline else now + step * number  # who is needed now is asked at any hour
        peer = next(each for each in story.peers.values() if each.ref == offer.peer.ref)
        story.at(when, partial(_answer, life, offer.ref, peer, offer.peer.ref in yes))


def _answer(life: Life, offer_ref: str, peer: PeerOf, accepts: bool) -> None:
    story = life.story
    mark_seen(story.session, offer_ref, peer_id=peer.id, clock=story.clock)
    if not accepts:
        decline_offer(story.session, offer_ref, peer_id=peer.id, actor=peer.person.actor, clock=story.clock)
        return
    offer = accept_offer(story.session, offer_ref, peer_id=peer.id, actor=peer.person.actor, clock=story.clock)
    demand = find_demand(story.session, life.ref, OFFICE)
    if offer.state is OfferState.ACCEPTED and demand.state in (DemandState.STAFFED, DemandState.RUNNING):
        plan_sessions(life, relay=plan_relay)


def plan_relay(life: Life) -> None:
    """Somebody who came can't any more, says so without a reason, and the office looks for a relay."""
    story = life.story
    demand = find_demand(story.session, life.ref, OFFICE)
    live = [one for seat in demand.seats for one in seat.assignments if one.state is AssignmentState.CONFIRMED]
    if not live:
        return
    leaving = live[-1]
    peer = next(each for each in story.peers.values() if each.id == leaving.peer_id)
    give_back(story.session, leaving.ref, peer_id=peer.id, actor=peer.person.actor, clock=story.clock)
    story.later(partial(_offer, life, first=False), hours=2)
