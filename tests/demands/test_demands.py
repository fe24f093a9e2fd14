from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.moving import history
from entrepairs.catalogue.models import Facilitation, OfferingKind
from entrepairs.demands import advancing, calling, cancelling, diary, emergencies, qualifying, queries, submitting
from entrepairs.demands.drafting import (
    DatesAnswer,
    PeopleAnswer,
    PlaceAnswer,
    save_dates,
    save_people,
    save_place,
    start_draft,
)
from entrepairs.demands.models import Booking, Demand, DemandSession, PersonWish, PlaceKind
from entrepairs.demands.scheduling import mark_session, period_of, reschedule_session
from entrepairs.demands.scopes import OFFICE, Scope, find_demand
from entrepairs.demands.states import (
    AssignmentEvent,
    AssignmentState,
    DemandState,
    SeatState,
    SessionEvent,
    SessionState,
)
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.dates import Period, paris
from entrepairs.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from entrepairs.messages.models import Message
from entrepairs.outbox.models import OutboxItem
from tests.factories.catalogue import a_wrap_group, an_offering
from tests.factories.demands import ACTOR, a_confirmed_demand, a_draft, a_submitted_demand
from tests.factories.network import a_site

PARIS = ZoneInfo("Europe/Paris")


def kinds_due(session: Session, ref: str) -> set[str]:
    return set(session.scalars(select(OutboxItem.kind).where(OutboxItem.subject_ref == ref)))


def mails_about(session: Session, ref: str) -> set[str]:
    return set(session.scalars(select(Message.kind).where(Message.subject_ref == ref)))


def test_a_draft_guesses_the_only_service_the_usual_dates_and_group(session, clock, house):
    draft = start_draft(
        session, house.partner.id, a_wrap_group(session).code, account_id=house.manager.id, actor=ACTOR, clock=clock
    )
    assert (draft.site_id, draft.sessions_count, draft.participants) == (house.site.id, 8, 10)
    assert draft.first_day == date(2027, 1, 21)
    assert draft.state is DemandState.DRAFT


def test_a_draft_guesses_the_service_the_person_last_asked_for(session, clock, house):
    other = a_site(session, house.partner)
    wrap = a_wrap_group(session)

    def begun() -> Demand:
        return start_draft(session, house.partner.id, wrap.code, account_id=house.manager.id, actor=ACTOR, clock=clock)

    first = begun()
    assert first.site_id is None
    first.site_id = other.id
    session.flush()
    assert (begun().site_id, begun().commune_insee) == (other.id, other.commune_insee)


def test_each_step_is_saved_and_a_foreign_structure_sees_nothing(session, clock, house):
    scope = Scope(house.partner.id)
    ref = start_draft(
        session, house.partner.id, a_wrap_group(session).code, account_id=house.manager.id, actor=ACTOR, clock=clock
    ).ref
    save_place(session, ref, PlaceAnswer(PlaceKind.HOME, commune="Manosque"), scope)
    save_dates(session, ref, DatesAnswer(date(2027, 2, 4), time(10), sessions_count=8), scope, clock=clock)
    draft = save_people(session, ref, PeopleAnswer(participants=9, goals=("partager",)), scope)
    assert (draft.step, draft.commune_insee, draft.participants) == ("review", "04112", 9)
    with pytest.raises(NotFound):
        find_demand(session, ref, Scope(house.partner.id + 10_000))


def test_an_accompaniment_asks_whether_the_person_wishes_it(session, clock, house):
    offering = an_offering(session, kind=OfferingKind.ACCOMPANIMENT, asks_person_wish=True)
    ref = start_draft(session, house.partner.id, offering.code, account_id=None, actor=ACTOR, clock=clock).ref
    with pytest.raises(InvalidInput) as asked:
        save_people(session, ref, PeopleAnswer(), OFFICE)
    assert asked.value.field == "person_wish"
    assert save_people(session, ref, PeopleAnswer(person_wish=PersonWish.TO_PROPOSE), OFFICE).step == "review"


def test_sending_dates_the_sessions_and_asks_contracting_to_look(session, clock, house):
    demand = a_submitted_demand(session, house.partner, house.site, a_wrap_group(session))
    walls = [paris(period_of(row).start) for row in demand.sessions]
    assert [row.number for row in demand.sessions] == list(range(1, 9))
    assert {wall.time() for wall in walls} == {time(14)}
    assert (walls[0].date(), walls[-1].date()) == (date(2027, 1, 21), date(2027, 3, 11))
    assert demand.seats == []
    assert "contracting.consider_demand" in kinds_due(session, demand.ref)


def test_a_requester_without_signature_sends_for_agreement_and_the_signatory_answers_once(session, clock, house):
    draft = a_draft(session, house.partner, house.site, account_id=house.manager.id)
    scope = Scope(house.partner.id)
    with pytest.raises(NotAllowed):
        submitting.submit_demand(session, draft.ref, scope, account_id=house.manager.id, actor=ACTOR, clock=clock)
    submitting.ask_approval(session, draft.ref, scope, signatory_ref=house.signatory.ref, actor=ACTOR, clock=clock)
    assert draft.state is DemandState.AWAITING_APPROVAL
    assert mails_about(session, draft.ref) == {"demands.approval_asked"}
    with pytest.raises(NotAllowed):
        submitting.approve(session, draft.ref, account_id=house.manager.id, actor=ACTOR, clock=clock)
    submitting.approve(session, draft.ref, account_id=house.signatory.id, actor=ACTOR, clock=clock)
    assert draft.state is DemandState.SUBMITTED
    assert draft.approved_at is not None
    with pytest.raises(Conflict):
        submitting.approve(session, draft.ref, account_id=house.signatory.id, actor=ACTOR, clock=clock)


def test_a_demand_sent_back_keeps_what_was_typed_and_may_leave_again(session, clock, house):
    draft = a_draft(session, house.partner, house.site, account_id=house.manager.id)
    scope = Scope(house.partner.id)
    for _ in range(2):
        submitting.ask_approval(session, draft.ref, scope, signatory_ref=house.signatory.ref, actor=ACTOR, clock=clock)
        submitting.send_back(
            session, draft.ref, account_id=house.signatory.id, note="Plutôt le mardi", actor=ACTOR, clock=clock
        )
    assert (draft.state, draft.note) == (DemandState.DRAFT, "Plutôt le mardi")
    asked = session.scalars(select(Message).where(Message.kind == "demands.approval_asked")).all()
    assert len([one for one in asked if one.subject_ref == draft.ref]) == 2


def test_a_need_of_today_leaves_at_once_for_the_hour_said(session, clock, house):
    offering = an_offering(session, kind=OfferingKind.EMERGENCY, session_minutes=180, position=-10)
    need = emergencies.NeedToday(house.site.ref, time(15))
    demand = emergencies.file_emergency(
        session, house.partner.id, need, account_id=house.manager.id, actor=ACTOR, clock=clock
    )
    assert (demand.state, demand.offering_id) == (DemandState.SUBMITTED, offering.id)
    assert paris(period_of(demand.sessions[0]).start) == datetime(2027, 1, 11, 15, tzinfo=PARIS)
    with pytest.raises(InvalidInput):
        emergencies.file_emergency(
            session,
            house.partner.id,
            emergencies.NeedToday(house.site.ref, time(8)),
            account_id=None,
            actor=ACTOR,
            clock=clock,
        )


def test_the_hours_offered_for_today_stop_at_midnight():
    late = datetime(2027, 1, 11, 22, 40, tzinfo=PARIS)
    assert emergencies.hours_left(late) == [time(23), time(23, 30)]


def test_the_demand_is_staffed_when_the_last_seat_is_held(session, clock, house):
    demand = a_confirmed_demand(session, house.partner, house.site, a_wrap_group(session))
    assert [seat.state for seat in demand.seats] == [SeatState.OPEN, SeatState.OPEN]
    diary.offer_seats(session, demand, actor=ACTOR, clock=clock)
    diary.hold_seat(session, demand.ref, house.samira.id, actor=ACTOR, clock=clock)
    assert [seat.state for seat in demand.seats] == [SeatState.HELD, SeatState.OFFERED]
    with pytest.raises(Conflict) as twice:
        diary.hold_seat(session, demand, house.samira.id, actor=ACTOR, clock=clock)
    assert twice.value.code == "already_holds"
    diary.hold_seat(session, demand, house.paul.id, actor=ACTOR, clock=clock)
    assert demand.state is DemandState.STAFFED
    assert {seat.state for seat in demand.seats} == {SeatState.CONFIRMED}
    assert len(session.scalars(select(Booking).where(Booking.peer_id == house.paul.id)).all()) == 8
    assert [one.first_name for one in queries.who_comes(session, demand)] == ["Samira", "Paul"]


def test_nobody_is_in_two_places_at_once(session, clock, house):
    one = a_confirmed_demand(session, house.partner, house.site)
    other = a_confirmed_demand(session, house.partner, house.site, start=time(15))
    diary.hold_seat(session, one, house.samira.id, actor=ACTOR, clock=clock)
    with pytest.raises(Conflict) as busy:
        diary.hold_seat(session, other, house.samira.id, actor=ACTOR, clock=clock)
    assert busy.value.code == "busy"
    assert other.state is DemandState.CONFIRMED
    diary.hold_seat(session, other, house.paul.id, actor=ACTOR, clock=clock)
    with pytest.raises(Conflict) as taken:
        diary.hold_seat(session, other, house.samira.id, actor=ACTOR, clock=clock)
    assert taken.value.code == "seat_taken"


def test_who_can_finally_not_come_frees_the_seat_and_the_hours(session, clock, house):
    demand = a_confirmed_demand(session, house.partner, house.site)
    held = diary.hold_seat(session, demand, house.samira.id, actor=ACTOR, clock=clock)
    diary.release_assignment(session, held, AssignmentEvent.WITHDRAW, actor=ACTOR, clock=clock)
    assert (held.state, demand.state) == (AssignmentState.WITHDRAWN, DemandState.STAFFING)
    assert demand.seats[0].state is SeatState.OPEN
    week = Period(clock.now(), clock.now() + timedelta(days=30))
    assert diary.busy_periods(session, [house.samira.id], week) == {house.samira.id: []}
    diary.hold_seat(session, demand, house.paul.id, actor=ACTOR, clock=clock)
    assert len(diary.busy_periods(session, [house.paul.id], week)[house.paul.id]) == 1
    assert demand.state is DemandState.STAFFED


def test_a_session_moves_with_who_holds_it_unless_they_are_taken(session, clock, house):
    demand = a_confirmed_demand(session, house.partner, house.site)
    other = a_confirmed_demand(session, house.partner, house.site, first_day=date(2027, 1, 22))
    for one in (demand, other):
        diary.hold_seat(session, one, house.samira.id, actor=ACTOR, clock=clock)
    row = demand.sessions[0]
    moved = reschedule_session(session, row.ref, day=date(2027, 1, 25), start=time(9), actor=ACTOR, clock=clock)
    assert paris(period_of(moved).start) == datetime(2027, 1, 25, 9, tzinfo=PARIS)
    assert period_of(moved.bookings[0]) == period_of(moved)
    with pytest.raises(Conflict) as busy:
        reschedule_session(session, row.ref, day=date(2027, 1, 22), start=time(15), actor=ACTOR, clock=clock)
    assert busy.value.code == "busy"
    session.expire_all()
    assert paris(period_of(session.get_one(DemandSession, row.id)).start).date() == date(2027, 1, 25)


def test_cancelling_lets_go_of_all_that_was_to_come_and_tells_who_was_to_come(session, clock, house):
    demand = a_confirmed_demand(session, house.partner, house.site, a_wrap_group(session))
    held = diary.hold_seat(session, demand, house.samira.id, actor=ACTOR, clock=clock)
    cancelling.cancel(session, demand.ref, Scope(house.partner.id), actor=ACTOR, clock=clock)
    assert (demand.state, held.state) == (DemandState.CANCELLED, AssignmentState.CANCELLED)
    assert {seat.state for seat in demand.seats} == {SeatState.RELEASED}
    assert {row.state for row in demand.sessions} == {SessionState.CANCELLED}
    assert mails_about(session, demand.ref) == {"demands.mission_cancelled"}
    assert "contracting.release_demand" in kinds_due(session, demand.ref)
    with pytest.raises(Conflict):
        cancelling.cancel(session, demand.ref, actor=ACTOR, clock=clock)


def test_the_office_refuses_with_a_kind_reason(session, clock, house):
    draft = a_draft(session, house.partner, house.site, account_id=house.signatory.id)
    submitting.submit_demand(session, draft.ref, OFFICE, account_id=house.signatory.id, actor=ACTOR, clock=clock)
    with pytest.raises(InvalidInput):
        qualifying.refuse(session, draft.ref, reason="because", actor=ACTOR, clock=clock)
    qualifying.refuse(session, draft.ref, reason="nobody_free", note="En mars, oui.", actor=ACTOR, clock=clock)
    assert (draft.state, draft.note) == (DemandState.REFUSED, "En mars, oui.")
    assert mails_about(session, draft.ref) == {"demands.refused"}


def test_the_calendar_starts_and_completes_a_demand_and_misses_what_nobody_held(session, clock, house):
    demand = a_confirmed_demand(session, house.partner, house.site, sessions_count=2)
    alone = a_confirmed_demand(session, house.partner, house.site, start=time(9))
    diary.hold_seat(session, demand, house.samira.id, actor=ACTOR, clock=clock)
    advancing.advance_demands(session, clock=clock)
    assert demand.state is DemandState.STAFFED
    first = FixedClock(datetime(2027, 1, 21, 18, tzinfo=PARIS))
    advancing.advance_demands(session, clock=first)
    assert (demand.state, alone.state) == (DemandState.RUNNING, DemandState.UNFILLED)
    assert alone.sessions[0].state is SessionState.MISSED
    for row in demand.sessions:
        mark_session(session, row, SessionEvent.DO, actor=ACTOR, clock=first)
    advancing.advance_demands(session, clock=first)
    assert demand.state is DemandState.COMPLETED
    assert [event.event for event in history(session, "demand", demand.ref)][-2:] == ["start", "complete"]


def test_a_person_who_calls_is_a_code_and_a_commune(session, clock, house):
    offering = an_offering(session, kind=OfferingKind.ACCOMPANIMENT, facilitation=Facilitation.ALONE)
    call = calling.Call(offering.code, "Manosque", date(2027, 1, 20), partner_ref=house.partner.ref)
    demand = calling.open_for_caller(session, call, actor=ACTOR, clock=clock)
    assert demand.caller_code is not None
    assert demand.opened_by_office
    assert (demand.site_id, demand.commune_insee) == (None, "04112")
    with pytest.raises(InvalidInput):
        calling.open_for_caller(
            session,
            calling.Call(offering.code, "Manosque", date(2027, 1, 20), context="M. Durand appelle"),
            actor=ACTOR,
            clock=clock,
        )


def test_lists_and_counts_show_a_viewer_only_theirs(session, clock, house):
    sent = a_submitted_demand(session, house.partner, house.site, a_wrap_group(session))
    draft = a_draft(session, house.partner, house.site, account_id=house.manager.id)
    mine = queries.list_demands(session, Scope(house.partner.id), queries.DemandFilters())
    assert {row.demand.ref for row in mine.rows} == {sent.ref, draft.ref}
    assert queries.list_demands(session, Scope(house.partner.id + 10_000), queries.DemandFilters()).total == 0
    found = queries.list_demands(session, OFFICE, queries.DemandFilters(text="tamaris"))
    assert draft.ref not in {row.demand.ref for row in found.rows}
    assert sent.ref in {row.demand.ref for row in found.rows}
    steps = {step.state: step for step in queries.pipeline(session)}
    assert steps[DemandState.SUBMITTED].count >= 1
    assert steps[DemandState.SUBMITTED].oldest is not None
    assert queries.last_demand(session, Scope(house.partner.id)) is sent
    week = Period(datetime(2027, 1, 18, tzinfo=PARIS), datetime(2027, 1, 25, tzinfo=PARIS))
    assert [row.demand_id for row in queries.sessions_between(session, Scope(house.partner.id), week)] == [sent.id]
    assert isinstance(queries.with_details(session, sent.ref, OFFICE), Demand)
