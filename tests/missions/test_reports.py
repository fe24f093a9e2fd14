"""What a peer says of a session, and when the structure is asked."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.demands.scheduling import period_of
from entrepairs.demands.states import DemandState, SessionState
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.messages.models import Message
from entrepairs.missions import mails, queries
from entrepairs.missions.models import Report, ReportState
from entrepairs.missions.orders import issue_order
from entrepairs.missions.reports import (
    answer_to_start_from,
    find_booking,
    remind_report,
    save_report,
    say_absent,
    submit_report,
)
from entrepairs.outbox.models import OutboxItem
from tests.factories.missions import PEER_ACTOR, PlainLinks, a_held_demand, a_report, after, an_answer, holders
from tests.factories.network import a_member, a_peer, a_referent


def mails_of(session: Session, kind: str) -> list[Message]:
    return list(session.scalars(select(Message).where(Message.kind == kind)))


def test_a_report_opens_with_the_session_and_not_before(session: Session):
    demand = a_held_demand(session)
    samira = holders(session, demand)[0].peer
    row = demand.sessions[0]
    start = period_of(row).start
    early = FixedClock(start - timedelta(minutes=1))
    with pytest.raises(Conflict, match="too_early"):
        submit_report(session, samira, row.ref, an_answer(), actor=PEER_ACTOR, clock=early)
    assert submit_report(session, samira, row.ref, an_answer(), actor=PEER_ACTOR, clock=FixedClock(start))


def test_the_structure_is_asked_once_everyone_who_came_has_reported(session: Session):
    demand = a_held_demand(session)
    samira, paul = (one.peer for one in holders(session, demand))
    row = demand.sessions[0]
    a_report(session, samira, row)
    assert mails_of(session, "missions.confirm_service") == []
    a_report(session, paul, row, headcount=8)
    (asked,) = mails_of(session, "missions.confirm_service")
    assert demand.requester is not None
    assert asked.address == demand.requester.email
    assert session.scalars(select(OutboxItem).where(OutboxItem.kind == "missions.remind_service")).one()


def test_the_sites_referent_with_an_account_is_asked_too(session: Session):
    demand = a_held_demand(session)
    assert demand.site is not None
    referent = a_referent(session, demand.site, account_id=a_member(session, demand.partner).id)
    session.refresh(demand.site)
    for one in holders(session, demand):
        a_report(session, one.peer, demand.sessions[0])
    assert len({one.to_ref for one in mails_of(session, "missions.confirm_service")}) == 2
    assert referent.account_id is not None


def test_a_draft_is_kept_and_changed_and_nothing_is_asked_meanwhile(session: Session):
    demand = a_held_demand(session)
    samira = holders(session, demand)[0].peer
    row = demand.sessions[0]
    clock = after(row)
    draft = save_report(session, samira, row.ref, an_answer(handover=None), actor=PEER_ACTOR, clock=clock)
    again = save_report(
        session, samira, row.ref, an_answer(hours={"group": 90, "travel": 40}), actor=PEER_ACTOR, clock=clock
    )
    assert again is draft
    assert (again.state, again.minutes) == (ReportState.DRAFT, 130)
    start_from = answer_to_start_from(session, find_booking(session, samira, row.ref))
    assert start_from.hours == {"group": 90, "travel": 40}


def test_the_form_is_filled_without_writing_anything(session: Session):
    demand = a_held_demand(session)
    samira = holders(session, demand)[0].peer
    booking = find_booking(session, samira, demand.sessions[0].ref)
    assert answer_to_start_from(session, booking).hours == {"group": 120}
    assert session.scalars(select(Report)).all() == []


def test_a_sent_report_is_not_written_over(session: Session):
    demand = a_held_demand(session)
    samira = holders(session, demand)[0].peer
    a_report(session, samira, demand.sessions[0])
    with pytest.raises(Conflict, match="report_sent"):
        a_report(session, samira, demand.sessions[0])


def test_somebody_elses_session_looks_absent(session: Session):
    demand = a_held_demand(session)
    with pytest.raises(NotFound):
        a_report(session, a_peer(session), demand.sessions[0])


def test_how_it_was_handed_over_is_asked_and_never_what(session: Session):
    demand = a_held_demand(session)
    samira = holders(session, demand)[0].peer
    with pytest.raises(InvalidInput, match="handover_missing"):
        a_report(session, samira, demand.sessions[0], handover=None)


def test_a_name_in_the_note_is_refused_on_the_note(session: Session):
    demand = a_held_demand(session)
    samira = holders(session, demand)[0].peer
    with pytest.raises(InvalidInput, match="identity_in_text") as refusal:
        a_report(session, samira, demand.sessions[0], note="Belle séance avec Mme Dupont.")
    assert refusal.value.field == "note"


def test_who_was_not_there_leaves_the_session_to_the_others(session: Session):
    demand = a_held_demand(session)
    samira, paul = (one.peer for one in holders(session, demand))
    row = demand.sessions[0]
    a_report(session, samira, row)
    say_absent(session, find_booking(session, paul, row.ref), actor=PEER_ACTOR, clock=after(row))
    assert row.state is SessionState.PLANNED
    assert len(mails_of(session, "missions.confirm_service")) == 1


def test_a_session_where_nobody_was_there_is_not_held(session: Session):
    demand = a_held_demand(session, sessions_count=8)
    row = demand.sessions[0]
    for one in holders(session, demand):
        say_absent(session, find_booking(session, one.peer, row.ref), actor=PEER_ACTOR, clock=after(row))
    assert row.state is SessionState.MISSED
    assert demand.state is DemandState.RUNNING
    assert mails_of(session, "missions.confirm_service") == []


def test_a_report_still_missing_is_recalled_the_next_morning_and_only_then(session: Session):
    demand = a_held_demand(session)
    samira, paul = holders(session, demand)
    for one in (samira, paul):
        issue_order(session, one.ref, {}, clock=FixedClock())
    row = demand.sessions[0]
    due = session.scalars(
        select(OutboxItem).where(OutboxItem.kind == "missions.remind_report", OutboxItem.subject_ref == row.ref)
    ).all()
    assert len(due) == 2
    morning = FixedClock(due[0].due_at)
    assert morning.today() == period_of(row).end.date() + timedelta(days=1)
    a_report(session, samira.peer, row)
    for one in due:
        remind_report(session, row.ref, one.payload, clock=morning)
    (recall,) = mails_of(session, "missions.report_reminder")
    assert recall.address == paul.peer.account.email
    assert mails.report_reminder(session, recall, PlainLinks(), clock=morning) is not None
    a_report(session, paul.peer, row, at=morning)
    assert mails.report_reminder(session, recall, PlainLinks(), clock=morning) is None


def test_the_recall_of_a_session_moved_later_waits_for_its_new_day(session: Session):
    demand = a_held_demand(session)
    samira = holders(session, demand)[0]
    row = demand.sessions[0]
    before = FixedClock(period_of(row).start - timedelta(hours=1))
    remind_report(session, row.ref, {"assignment": samira.ref}, clock=before)
    assert mails_of(session, "missions.report_reminder") == []


def test_a_month_counts_what_is_reported_and_what_is_planned(session: Session):
    demand = a_held_demand(session)
    samira = holders(session, demand)[0].peer
    january = period_of(demand.sessions[0]).start.date()
    assert queries.month_hours(session, samira, january).planned == 240  # two Thursdays of January
    a_report(session, samira, demand.sessions[0], hours={"group": 120, "travel": 60})
    month = queries.month_hours(session, samira, january)
    assert (month.done, month.planned, month.wished) == (180, 120, 35 * 60)


def test_a_peer_sees_what_is_next_and_what_is_to_be_told(session: Session):
    demand = a_held_demand(session)
    samira, paul = (one.peer for one in holders(session, demand))
    first, second = demand.sessions[0], demand.sessions[1]
    now = after(first).now()
    assert [one.session_id for one in queries.next_bookings(session, samira, now)] == [second.id]
    assert [one.session_id for one in queries.reports_to_write(session, samira, now)] == [first.id]
    a_report(session, samira, first)
    assert queries.reports_to_write(session, samira, now) == []
    assert len(queries.reports_to_write(session, paul, now)) == 1
    assert [one.peer_id for one in queries.awaited_reports(session, now)] == [paul.id]
