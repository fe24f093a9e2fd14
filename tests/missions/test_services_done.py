"""The structure's word: confirm, correct, dispute, silence, and what it moves."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.drafting import unbilled
from entrepairs.demands.scopes import OFFICE, Scope
from entrepairs.demands.states import DemandState, SessionState
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.messages.models import Message
from entrepairs.missions import mails, queries
from entrepairs.missions.asking import remind_service
from entrepairs.missions.models import Report, ReportState, ServiceAnswer, ServiceDone
from entrepairs.missions.services_done import (
    Answerer,
    confirm_all,
    confirm_service,
    confirm_tacitly,
    correct_service,
    dispute_service,
    resolve_dispute,
)
from tests.factories.billing import OFFICE as OFFICE_ACTOR
from tests.factories.demands import ACTOR
from tests.factories.missions import (
    PlainLinks,
    a_held_demand,
    a_report,
    a_reported_session,
    after,
    an_agreement_drawn,
    holders,
)
from tests.factories.network import a_partner

NADEGE = Answerer(ACTOR, "Nadège, cadre de santé")


def states(session: Session, row_id: int) -> set[ReportState]:
    return set(session.scalars(select(Report.state).where(Report.session_id == row_id)))


def test_a_confirmed_service_is_what_was_reported_and_can_be_billed(session: Session):
    row = a_reported_session(session)
    done = confirm_service(session, row.ref, Scope(row.demand.partner_id), NADEGE, clock=after(row))
    assert (done.answer, done.minutes, done.headcount) == (ServiceAnswer.CONFIRMED, 120, 9)
    assert row.state is SessionState.DONE
    assert row.demand.state is DemandState.RUNNING
    assert states(session, row.id) == {ReportState.CONFIRMED}
    assert done in session.scalars(unbilled(row.demand.partner_id)).all()


def test_a_second_answer_reads_a_kind_sentence(session: Session):
    row = a_reported_session(session)
    confirm_service(session, row.ref, OFFICE, NADEGE, clock=after(row))
    with pytest.raises(Conflict, match="already_answered"):
        correct_service(session, row.ref, OFFICE, NADEGE, minutes=60, headcount=3, clock=after(row))


def test_another_structures_session_looks_absent(session: Session):
    row = a_reported_session(session)
    with pytest.raises(NotFound):
        confirm_service(session, row.ref, Scope(a_partner(session).id), NADEGE, clock=after(row))


def test_nothing_is_confirmed_before_the_report(session: Session):
    demand = a_held_demand(session)
    samira = holders(session, demand)[0].peer
    a_report(session, samira, demand.sessions[0])
    with pytest.raises(Conflict, match="not_reported"):
        confirm_service(session, demand.sessions[0].ref, OFFICE, NADEGE, clock=after(demand.sessions[0]))


def test_a_correction_is_billed_and_leaves_the_peers_own_hours(session: Session):
    row = a_reported_session(session)
    done = correct_service(session, row.ref, OFFICE, NADEGE, minutes=90, headcount=7, clock=after(row))
    assert (done.answer, done.minutes, done.headcount) == (ServiceAnswer.CORRECTED, 90, 7)
    reports = session.scalars(select(Report).where(Report.session_id == row.id)).all()
    assert {one.minutes for one in reports} == {120}
    assert states(session, row.id) == {ReportState.CONFIRMED}


def test_correcting_with_the_same_figures_confirms(session: Session):
    row = a_reported_session(session)
    done = correct_service(session, row.ref, OFFICE, NADEGE, minutes=120, headcount=9, clock=after(row))
    assert done.answer is ServiceAnswer.CONFIRMED


def test_a_correction_cannot_be_nothing(session: Session):
    row = a_reported_session(session)
    with pytest.raises(InvalidInput, match="minutes_out_of_range"):
        correct_service(session, row.ref, OFFICE, NADEGE, minutes=0, headcount=9, clock=after(row))


def disputed(session: Session) -> ServiceDone:
    row = a_reported_session(session)
    return dispute_service(
        session,
        row.ref,
        OFFICE,
        NADEGE,
        comment="Le groupe a fini plus tôt.",
        names_checked=False,
        clock=after(row),
    )


def test_a_dispute_bills_nothing_and_tells_the_office(session: Session):
    done = disputed(session)
    assert states(session, done.session_id) == {ReportState.DISPUTED}
    assert done.session.state is SessionState.PLANNED
    assert session.scalars(unbilled()).all() == []
    letter = session.scalars(select(Message).where(Message.kind == "missions.disputed")).one()
    assert mails.disputed(session, letter, PlainLinks(), clock=FixedClock()) is not None


def test_a_dispute_names_nobody(session: Session):
    row = a_reported_session(session)
    with pytest.raises(InvalidInput, match="identity_in_text"):
        dispute_service(
            session, row.ref, OFFICE, NADEGE, comment="Mme Dupont est partie", names_checked=True, clock=after(row)
        )


def test_the_office_settles_by_correcting_then_confirming(session: Session):
    done = disputed(session)
    clock = after(done.session, hours=20)
    resolve_dispute(session, done.session.ref, minutes=90, headcount=9, actor=OFFICE_ACTOR, clock=clock)
    assert (done.answer, done.minutes) == (ServiceAnswer.CORRECTED, 90)
    assert states(session, done.session_id) == {ReportState.CONFIRMED}
    assert done.session.state is SessionState.DONE
    with pytest.raises(Conflict, match="not_disputed"):
        resolve_dispute(session, done.session.ref, minutes=60, headcount=9, actor=OFFICE_ACTOR, clock=clock)


def test_a_session_settled_as_not_held_is_not_billed(session: Session):
    done = disputed(session)
    resolve_dispute(session, done.session.ref, minutes=0, headcount=None, actor=OFFICE_ACTOR, clock=after(done.session))
    assert done.session.state is SessionState.MISSED
    assert session.scalars(unbilled()).all() == []


def test_everything_that_waits_of_a_demand_is_confirmed_at_once(session: Session):
    demand = a_held_demand(session)
    for number in (1, 2, 3):
        a_reported_session(session, demand, number=number)
    scope = Scope(demand.partner_id)
    assert len(queries.services_to_confirm(session, scope)) == 3
    assert confirm_all(session, demand.ref, scope, NADEGE, clock=after(demand.sessions[2])) == 3
    assert queries.services_to_confirm(session, scope) == []
    assert confirm_all(session, demand.ref, scope, NADEGE, clock=after(demand.sessions[2])) == 0


def test_the_last_session_confirmed_completes_the_demand(session: Session):
    demand = a_held_demand(session)
    for number in range(1, 9):
        row = a_reported_session(session, demand, number=number)
        confirm_service(session, row.ref, OFFICE, NADEGE, clock=after(row))
    assert demand.state is DemandState.COMPLETED


def test_silence_confirms_only_when_the_agreement_says_so_and_after_its_delay(session: Session):
    silent, bound = a_reported_session(session), a_reported_session(session)
    without = a_reported_session(session)
    an_agreement_drawn(session, bound.demand, tacit_days=15)
    an_agreement_drawn(session, silent.demand, tacit_days=None)
    assert confirm_tacitly(session, clock=FixedClock(after(bound).now() + timedelta(days=15))) == 0
    assert confirm_tacitly(session, clock=FixedClock(after(bound).now() + timedelta(days=16))) == 1
    done = session.scalars(select(ServiceDone)).one()
    assert (done.session_id, done.answer) == (bound.id, ServiceAnswer.TACIT)
    assert "CV2027" in done.by_label
    assert {silent.state, without.state} == {SessionState.PLANNED}
    assert confirm_tacitly(session, clock=FixedClock(after(bound).now() + timedelta(days=40))) == 0


def test_the_mail_says_what_silence_means_and_is_withdrawn_once_answered(session: Session):
    row = a_reported_session(session)
    an_agreement_drawn(session, row.demand, tacit_days=15)
    message = session.scalars(select(Message).where(Message.kind == "missions.confirm_service")).one()
    letter = mails.confirm_service(session, message, PlainLinks(), clock=after(row))
    assert letter is not None
    assert len(letter.paragraphs) == 2
    confirm_service(session, row.ref, OFFICE, NADEGE, clock=after(row))
    assert mails.confirm_service(session, message, PlainLinks(), clock=after(row)) is None


def test_a_silent_structure_is_asked_once_more(session: Session):
    row = a_reported_session(session)
    for _ in range(2):
        remind_service(session, row.ref, {}, clock=after(row, hours=100))
    sent = session.scalars(select(Message).where(Message.kind == "missions.confirm_service")).all()
    assert [one.params["round"] for one in sent] == ["asked", "recalled"]
    confirm_service(session, row.ref, OFFICE, NADEGE, clock=after(row))
    remind_service(session, row.ref, {}, clock=after(row, hours=200))
    assert len(session.scalars(select(Message).where(Message.kind == "missions.confirm_service")).all()) == 2
