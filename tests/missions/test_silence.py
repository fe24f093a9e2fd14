"""Silence that counts as yes, and « tout valider », when several things happen at once."""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from entrepairs.demands.scopes import OFFICE
from entrepairs.kernel.clock import FixedClock
from entrepairs.missions.asking import people_to_ask
from entrepairs.missions.models import ServiceAnswer, ServiceDone
from entrepairs.missions.services_done import Answerer, confirm_all, confirm_tacitly
from entrepairs.network.models import PartnerMember
from tests.factories.demands import ACTOR
from tests.factories.missions import a_held_demand, a_report, a_reported_session, after, an_agreement_drawn, holders
from tests.factories.network import a_member

NADEGE = Answerer(ACTOR, "Nadège, cadre de santé")


def test_a_report_without_presence_does_not_hold_back_the_others(session: Session) -> None:
    empty = a_held_demand(session)
    for assignment in holders(session, empty):
        a_report(session, assignment.peer, empty.sessions[0], hours={"preparation": 30})
    an_agreement_drawn(session, empty, tacit_days=5)
    sound = a_reported_session(session)
    an_agreement_drawn(session, sound.demand, tacit_days=5)

    assert confirm_tacitly(session, clock=FixedClock(after(sound).now() + timedelta(days=10))) == 1
    done = session.scalars(select(ServiceDone)).one()
    assert (done.session_id, done.answer) == (sound.id, ServiceAnswer.TACIT)


def test_the_last_day_of_the_delay_is_the_structures(session: Session) -> None:
    row = a_reported_session(session)
    an_agreement_drawn(session, row.demand, tacit_days=5)
    assert confirm_tacitly(session, clock=FixedClock(after(row).now() + timedelta(days=5))) == 0
    assert confirm_tacitly(session, clock=FixedClock(after(row).now() + timedelta(days=6))) == 1


def test_all_is_confirmed_but_a_session_without_presence(session: Session) -> None:
    demand = a_held_demand(session)
    for assignment in holders(session, demand):
        a_report(session, assignment.peer, demand.sessions[0], hours={"preparation": 30})
    second = a_reported_session(session, demand, number=2)
    assert confirm_all(session, demand.ref, OFFICE, NADEGE, clock=after(second)) == 1
    assert session.scalars(select(ServiceDone.session_id)).all() == [second.id]


def test_who_has_left_the_structure_is_no_longer_asked(session: Session) -> None:
    demand = a_held_demand(session)
    assert people_to_ask(session, demand, clock=FixedClock()) == [demand.requester]
    session.execute(delete(PartnerMember).where(PartnerMember.account_id == demand.requester_id))
    other = a_member(session, demand.partner)
    session.expire_all()
    assert people_to_ask(session, demand, clock=FixedClock()) == [other]
