"""Filing a demand as a member of the structure does, step by step; with or without « pour accord »."""

from datetime import time, timedelta
from functools import partial
from typing import Final

from entrepairs.billing.cancellations import cancel_demand
from entrepairs.demands import drafting
from entrepairs.demands.calling import Call, open_for_caller
from entrepairs.demands.emergencies import NeedToday, file_emergency
from entrepairs.demands.models import Demand, PersonWish, PlaceKind
from entrepairs.demands.scopes import OFFICE
from entrepairs.demands.submitting import approve, ask_approval, send_back, submit_demand
from entrepairs.demo.deciding import plan_reading
from entrepairs.demo.missions import Life, Mission
from entrepairs.demo.story import Story
from entrepairs.dispatch.ending import withdraw_idle_offers
from entrepairs.kernel.dates import at_paris

EMERGENCY: Final = "emergency"


def plan_mission(story: Story, mission: Mission) -> None:
    """Put the filing on the agenda; everything else follows from it."""
    life = Life(story, mission)
    if mission.offering == EMERGENCY:
        story.at(at_paris(mission.filed, mission.at) - timedelta(minutes=70), partial(_file_emergency, life))
    elif mission.by:
        story.on(mission.filed, _hour(story), partial(_file, life))
    else:
        story.on(mission.filed, _hour(story), partial(_open_for_caller, life))
    if mission.cancelled is not None:
        story.on(mission.cancelled, _hour(story), partial(_cancel, life))


def _hour(story: Story) -> time:
    return time(9 + story.random.randrange(8), story.random.randrange(60))


def _file(life: Life) -> None:
    story, mission, actor = life.story, life.mission, life.requester.actor
    session, clock = story.session, story.clock
    demand = drafting.start_draft(
        session, life.structure.id, mission.offering, account_id=life.requester.id, actor=actor, clock=clock
    )
    story.demands[mission.key] = demand.ref
    site = life.structure.sites[mission.site] if mission.site else None
    place = drafting.PlaceAnswer(PlaceKind(mission.place), site, mission.commune, mission.detail)
    drafting.save_place(session, demand.ref, place, life.scope, names_checked=True)
    dates = drafting.DatesAnswer(mission.first, mission.at, None, mission.count, mission.half_days)
    drafting.save_dates(session, demand.ref, dates, life.scope, clock=clock)
    if mission.stays == "draft":
        return
    drafting.save_people(session, demand.ref, _people(mission, demand), life.scope, names_checked=True)
    _send(life)


def _people(mission: Mission, demand: Demand) -> drafting.PeopleAnswer:
    wish = PersonWish(mission.wish) if mission.wish else None
    if wish is None and demand.offering.asks_person_wish:
        wish = PersonWish.WISHES
    return drafting.PeopleAnswer(
        participants=mission.people or demand.participants,
        audience=mission.audience,
        context=mission.context,
        goals=mission.goals or demand.offering.goals[:2],
        person_wish=wish,
        colleague_function=mission.colleague,
        language=mission.language or None,
        themes=mission.themes,
    )


def _send(life: Life) -> None:
    story, mission, actor = life.story, life.mission, life.requester.actor
    if not mission.signed_by:
        submit_demand(story.session, life.ref, life.scope, account_id=life.requester.id, actor=actor, clock=story.clock)
        plan_reading(life)
        return
    ask_approval(story.session, life.ref, life.scope, signatory_ref=life.signatory.ref, actor=actor, clock=story.clock)
    if mission.stays != "approval":
        answer = _send_back if mission.sent_back else _approve
        story.later(partial(answer, life), hours=20)


def _approve(life: Life) -> None:
    signatory = life.signatory
    approve(
        life.story.session,
        life.ref,
        account_id=signatory.id,
        scope=life.scope,
        actor=signatory.actor,
        clock=life.story.clock,
    )
    plan_reading(life)


def _send_back(life: Life) -> None:
    """The signatory asks for a change; the requester sends it again, and it is agreed to."""
    story, signatory = life.story, life.signatory
    send_back(
        story.session,
        life.ref,
        account_id=signatory.id,
        note=life.mission.note,
        scope=life.scope,
        names_checked=True,
        actor=signatory.actor,
        clock=story.clock,
    )
    story.later(partial(_ask_again, life), hours=22)


def _ask_again(life: Life) -> None:
    story = life.story
    actor = life.requester.actor
    ask_approval(story.session, life.ref, life.scope, signatory_ref=life.signatory.ref, actor=actor, clock=story.clock)
    story.later(partial(_approve, life), hours=26)


def _file_emergency(life: Life) -> None:
    story, mission = life.story, life.mission
    demand = file_emergency(
        story.session,
        life.structure.id,
        NeedToday(life.structure.sites[mission.site], mission.at, mission.context),
        account_id=life.requester.id,
        names_checked=True,
        actor=life.requester.actor,
        clock=story.clock,
    )
    story.demands[mission.key] = demand.ref
    plan_reading(life, minutes=6)


def _open_for_caller(life: Life) -> None:
    story, mission = life.story, life.mission
    call = Call(
        offering_code=mission.offering,
        commune=mission.commune,
        first_day=mission.first,
        start_time=mission.at,
        sessions_count=mission.count,
        place_kind=PlaceKind(mission.place),
        goals=mission.goals,
        context=mission.context,
        partner_ref=life.structure.ref if mission.structure else None,
    )
    demand = open_for_caller(story.session, call, names_checked=True, actor=story.coordination, clock=story.clock)
    story.demands[mission.key] = demand.ref
    plan_reading(life, minutes=90)


def _cancel(life: Life) -> None:
    mission, by_office = life.mission, life.mission.by_office
    cancel_demand(
        life.story.session,
        life.ref,
        OFFICE if by_office else life.scope,
        note=mission.note,
        names_checked=True,
        actor=life.story.coordination if by_office else life.requester.actor,
        clock=life.story.clock,
    )
    withdraw_idle_offers(life.story.session, clock=life.story.clock)  # a job of every quarter of an hour
