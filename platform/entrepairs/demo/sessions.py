"""What is lived at each session: it takes place, each tells it, the structure gives its word."""

from collections.abc import Callable
from datetime import time, timedelta
from functools import partial
from typing import Final

from sqlalchemy import select

from entrepairs.demands.advancing import advance_demand
from entrepairs.demands.models import Booking, DemandSession
from entrepairs.demands.scheduling import period_of, reschedule_session
from entrepairs.demands.scopes import OFFICE, Scope, find_demand
from entrepairs.demands.states import DemandState, SessionState
from entrepairs.demo.missions import Life
from entrepairs.kernel.dates import paris, paris_day
from entrepairs.missions.asking import live_reports
from entrepairs.missions.models import Handover
from entrepairs.missions.reports import ReportAnswer, say_absent, submit_report, work_of
from entrepairs.missions.rules import prefill
from entrepairs.missions.services_done import (
    Answerer,
    confirm_service,
    correct_service,
    dispute_service,
    facts_of,
    resolve_dispute,
)

Relay = Callable[[Life], None]
HANDOVERS: Final = (Handover.TO_REFERENT, Handover.TO_REFERENT, Handover.NOTHING)
DISPUTE: Final = "La séance a commencé une heure plus tard que prévu : peut-on revoir les heures ensemble ?"
SETTLED: Final = "Vu au téléphone avec le service et l'équipe : une heure de moins."
NOTES: Final = (*("",) * 6, "Bonne ambiance, la salle était un peu petite.", "Le groupe demande une suite.")


def plan_sessions(life: Life, *, relay: Relay) -> None:
    """Put every session still to come on the agenda, once: after a relay those already there stay as they are."""
    story, mission = life.story, life.mission
    for row in find_demand(story.session, life.ref, OFFICE).sessions:
        over = row.state is not SessionState.PLANNED or period_of(row).end <= story.clock.now()
        if over or row.ref in story.awaited:
            continue
        story.awaited.add(row.ref)
        if row.number in mission.moved:
            story.at(period_of(row).start - timedelta(days=4), partial(_move, life, row.ref))
        story.at(period_of(row).end + timedelta(minutes=5), partial(_over, life, row.ref))
        if row.number == mission.relay_after:
            story.at(period_of(row).end + timedelta(hours=21), partial(relay, life))


def _session(life: Life, ref: str) -> DemandSession:
    return life.story.session.scalars(select(DemandSession).where(DemandSession.ref == ref)).one()


def _move(life: Life, ref: str) -> None:
    """The ward asks for the day after, an hour earlier."""
    story, period = life.story, period_of(_session(life, ref))
    wall = paris(period.start)
    reschedule_session(
        story.session,
        ref,
        day=paris_day(period.start) + timedelta(days=1),
        start=time(wall.hour - 1, wall.minute),
        scope=life.scope,
        actor=life.requester.actor,
        clock=story.clock,
    )


def _over(life: Life, ref: str) -> None:
    """The session has taken place, unless it was moved or dropped meanwhile."""
    story, mission, row = life.story, life.mission, _session(life, ref)
    if row.state is not SessionState.PLANNED:
        return
    if period_of(row).end > story.clock.now():
        story.at(period_of(row).end + timedelta(minutes=5), partial(_over, life, ref))
        return
    if row.demand.state in (DemandState.STAFFED, DemandState.STAFFING):
        advance_demand(story.session, life.ref, clock=story.clock)
    holders = sorted((one for one in row.bookings if one.active), key=lambda one: one.id)
    if row.number in mission.absent:
        leaving = holders[-1]
        say_absent(story.session, leaving, actor=story.coordination, clock=story.clock)
        holders = holders[:-1]
    if row.number in mission.unreported:
        holders = holders[1:]
    story.reports_left[row.ref] = len(holders) + (row.number in mission.unreported)
    for number, booking in enumerate(holders):
        delay = timedelta(minutes=25 + story.random.randrange(90), hours=14 * number * story.random.randrange(2))
        story.at(story.waking(story.clock.now() + delay), partial(_report, life, booking.id))


def _report(life: Life, booking_id: int) -> None:
    story = life.story
    booking = story.session.get_one(Booking, booking_id)
    row = booking.session
    if not booking.active or row.state is not SessionState.PLANNED:
        return
    peer = booking.peer
    person = next(each.person for each in story.peers.values() if each.id == peer.id)
    group = row.demand.participants
    answer = ReportAnswer(
        prefill(work_of(row)),
        headcount=max(2, group - story.random.randrange(4)) if group else None,
        note=story.random.choice(NOTES),
        handover=story.random.choice(HANDOVERS),
        names_checked=True,
    )
    submit_report(story.session, peer, row.ref, answer, actor=person.actor, clock=story.clock)
    story.reports_left[row.ref] -= 1
    if story.reports_left[row.ref]:
        return
    story.lost_object("missions.remind_report", row.ref)
    if row.number not in life.mission.unconfirmed:
        story.later(partial(_give_word, life, row.ref), hours=18 + story.random.randrange(40))


def _give_word(life: Life, ref: str) -> None:
    """« C'est bien cela », a correction, or « ce n'est pas ce qui s'est passé »."""
    story, mission, row = life.story, life.mission, _session(life, ref)
    scope = life.scope if mission.by else Scope(None)
    who = life.requester
    answerer = Answerer(who.actor, f"{who.name}, {who.function}" if who.function else who.name, who.id)
    story.lost_object("missions.remind_service", ref)
    if row.number in mission.disputed:
        dispute_service(story.session, ref, scope, answerer, comment=DISPUTE, names_checked=True, clock=story.clock)
        if row.number in mission.settled:
            story.later(partial(_settle, life, ref), days=3)
    elif row.number in mission.corrected:
        facts = facts_of(live_reports(story.session, row))
        minutes = max(30, facts.minutes - 30)
        correct_service(
            story.session, ref, scope, answerer, minutes=minutes, headcount=facts.headcount, clock=story.clock
        )
    else:
        confirm_service(story.session, ref, scope, answerer, clock=story.clock)


def _settle(life: Life, ref: str) -> None:
    story = life.story
    facts = facts_of(live_reports(story.session, _session(life, ref)))
    resolve_dispute(
        story.session,
        ref,
        minutes=facts.minutes - 60,
        headcount=facts.headcount,
        comment=SETTLED,
        actor=story.coordination,
        clock=story.clock,
    )
