"""Mission orders: once, with what the peer must know, and anew when something changes."""

from datetime import date, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.models import AuditEntry
from entrepairs.demands.diary import hold_seat, release_assignment
from entrepairs.demands.models import Assignment, PlaceKind
from entrepairs.demands.scheduling import reschedule_session
from entrepairs.demands.states import AssignmentEvent
from entrepairs.documents.storing import read_file
from entrepairs.kernel.clock import FixedClock
from entrepairs.messages.models import Message
from entrepairs.missions import mails, papers
from entrepairs.missions.models import MissionOrder
from entrepairs.missions.orders import held_sessions, issue_order, order_of, renew_order, renew_orders_of
from entrepairs.network.models import SiteCard
from entrepairs.outbox.models import OutboxItem
from tests.factories.dispatch import a_certified_peer
from tests.factories.missions import PEER_ACTOR, PlainLinks, a_held_demand, an_agreement_drawn, holders

NOW = FixedClock()


def issued(session: Session, ref: str, clock: FixedClock = NOW) -> MissionOrder:
    issue_order(session, ref, {}, clock=clock)
    return session.scalars(select(MissionOrder).join(Assignment).where(Assignment.ref == ref)).one()


def test_an_order_is_issued_once_with_its_number_and_its_pdf(session: Session):
    samira, _paul = holders(session, a_held_demand(session))
    order = issued(session, samira.ref)
    again = issued(session, samira.ref)
    assert again is order
    assert order.number.startswith("OM2027-")
    assert order.file is not None
    assert read_file(session, order.file.id).startswith(b"%PDF-")
    sent = session.scalars(select(Message).where(Message.kind == "missions.order")).all()
    assert [one.address for one in sent] == [samira.peer.account.email]


def test_no_order_leaves_for_who_has_given_the_seat_back(session: Session):
    samira, _paul = holders(session, a_held_demand(session))
    release_assignment(session, samira, AssignmentEvent.WITHDRAW, actor=PEER_ACTOR, clock=NOW)
    issue_order(session, samira.ref, {}, clock=NOW)
    assert order_of(session, samira) is None


def test_the_first_peer_receives_a_new_order_once_the_companion_is_known(session: Session):
    demand = a_held_demand(session, peers=1)
    (samira,) = holders(session, demand)
    first = issued(session, samira.ref)
    former = first.number
    assert "cherchons encore" in (papers.companion(session, samira) or "")
    paul = hold_seat(session, demand, a_certified_peer(session).id, actor=PEER_ACTOR, clock=NOW)
    issued(session, paul.ref)
    (item,) = session.scalars(select(OutboxItem).where(OutboxItem.kind == "missions.renew_order"))
    assert item.subject_ref == samira.ref
    renew_order(session, samira.ref, {}, clock=FixedClock(NOW.now() + timedelta(hours=2)))
    assert first.number != former
    assert paul.peer.last_name in (papers.companion(session, samira) or "")


def test_a_moved_session_brings_a_new_order_and_the_same_diary_entry(session: Session):
    demand = a_held_demand(session)
    samira, paul = holders(session, demand)
    order = issued(session, samira.ref)
    issued(session, paul.ref)
    before = mails.diary_of(session, order).decode()
    later = FixedClock(NOW.now() + timedelta(days=1))
    moved = demand.sessions[1]
    reschedule_session(session, moved.ref, day=date(2027, 1, 29), start=time(10), actor=PEER_ACTOR, clock=later)
    assert session.scalars(select(OutboxItem).where(OutboxItem.kind == "missions.sessions_moved")).one()
    renew_orders_of(session, moved.ref, {}, clock=later)
    renewals = session.scalars(select(OutboxItem).where(OutboxItem.kind == "missions.renew_order")).all()
    assert {one.subject_ref for one in renewals if ":moved:" in one.dedup_key} == {samira.ref, paul.ref}
    renew_order(session, samira.ref, {}, clock=later)
    after = mails.diary_of(session, order).decode()
    uids = [line for line in before.splitlines() if line.startswith("UID:")]
    assert set(uids) == {line for line in after.splitlines() if line.startswith("UID:")}
    assert "DTSTART:20270129T090000Z" in after
    assert "SEQUENCE:0\r\n" in before
    assert "SEQUENCE:86400\r\n" in after


def test_the_mail_carries_the_pdf_and_the_diary_and_no_name_in_its_subject(session: Session):
    samira, _paul = holders(session, a_held_demand(session))
    issued(session, samira.ref)
    message = session.scalars(select(Message).where(Message.kind == "missions.order")).one()
    letter = mails.order(session, message, PlainLinks(), clock=NOW)
    assert letter is not None
    assert [one.media.split(";")[0] for one in letter.attachments] == ["application/pdf", "text/calendar"]
    assert samira.peer.last_name not in str(letter.subject.params)


def test_the_mail_of_a_replaced_order_no_longer_leaves(session: Session):
    samira, _paul = holders(session, a_held_demand(session))
    issued(session, samira.ref)
    message = session.scalars(select(Message).where(Message.kind == "missions.order")).one()
    renew_order(session, samira.ref, {}, clock=FixedClock(NOW.now() + timedelta(hours=1)))
    assert mails.order(session, message, PlainLinks(), clock=NOW) is None


def test_the_paper_says_object_companion_basis_and_whom_to_call(session: Session):
    demand = a_held_demand(session)
    samira, paul = holders(session, demand)
    an_agreement_drawn(session, demand, tacit_days=None)
    assert demand.site is not None
    demand.site.card = SiteCard(
        peer_does="- Anime le groupe\n- Alerte",
        danger_contact="Nadège Blanc, 04 90 00 00 11\nPoste de sécurité 5555",
        updated_at=NOW.now(),
    )
    session.flush()
    paper = papers.order_paper(
        session, samira, held_sessions(session, samira), number="OM2027-00001", replaces=None, clock=NOW
    )
    assert paper["companion"] is not None
    assert paul.peer.first_name in paper["companion"]
    assert paper["basis"] == f"Convention CV2027-{demand.id:05d}"
    assert paper["does"] == ["Anime le groupe", "Alerte"]
    assert paper["danger"][:2] == [
        {"who": "Nadège Blanc", "phone": "04 90 00 00 11"},
        {"who": "Poste de sécurité", "phone": "5555"},
    ]
    assert [one["phone"] for one in paper["danger"][2:]] == ["15", "04\u00a091\u00a000\u00a000\u00a000", "3114"]
    assert len(paper["sessions"]) == 8
    assert paper["sessions"][0]["hours"] == "14\u00a0h – 16\u00a0h"


def test_a_home_is_written_by_its_commune_only(session: Session):
    demand = a_held_demand(session)
    demand.place_kind, demand.place_detail, demand.site_id = PlaceKind.HOME, "", None
    session.flush()
    session.refresh(demand)
    assert papers.place_block(demand, None) == {"name": "Au domicile de la personne", "lines": ["Marseille"]}


def test_the_function_of_the_professional_is_the_companion(session: Session):
    demand = a_held_demand(session, peers=1)
    demand.colleague_function = "infirmière de secteur"
    (samira,) = holders(session, demand)
    assert "infirmière de secteur" in (papers.companion(session, samira) or "")


def test_the_trail_says_which_order_was_replaced(session: Session):
    samira, _paul = holders(session, a_held_demand(session))
    order = issued(session, samira.ref)
    former = order.number
    renew_order(session, samira.ref, {}, clock=NOW)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "mission_order.replace")).one()
    assert (entry.data["former"], entry.actor_label) == (former, Actor.SYSTEM.label)
