"""An offer from its sending to its end, on real PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.demands.cancelling import cancel
from entrepairs.demands.models import Assignment, Booking, Demand
from entrepairs.demands.scopes import OFFICE
from entrepairs.demands.states import AssignmentState, DemandState, SeatState
from entrepairs.dispatch import mails
from entrepairs.dispatch.answering import accept_offer, decline_offer, mark_seen
from entrepairs.dispatch.ending import expire_offer, withdraw_idle_offers, withdraw_offer
from entrepairs.dispatch.links import answer_by_link, offer_of_link
from entrepairs.dispatch.models import Offer, OfferState
from entrepairs.dispatch.queries import count_open_offers, open_offers_of, past_offers_of
from entrepairs.dispatch.relays import give_back
from entrepairs.dispatch.rules import default_deadline
from entrepairs.dispatch.sending import send_offers
from entrepairs.identity.models import TokenPurpose
from entrepairs.identity.tokens import mint
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, DomainError, InvalidInput, NotAllowed, NotFound
from entrepairs.messages.models import Message
from entrepairs.network.models import Peer
from entrepairs.network.rhythm import take_pause
from entrepairs.outbox.models import ItemState, OutboxItem
from tests.factories.catalogue import an_offering
from tests.factories.demands import a_confirmed_demand, a_submitted_demand
from tests.factories.dispatch import OFFICE_ACTOR, a_certified_peer, a_firm_wrap_group, an_offer, offers_to
from tests.factories.identity import an_office_account
from tests.factories.network import a_site

ACTOR = Actor("CPT-TEST-PEER", "Samira")


def yes(session: Session, offer: Offer, clock: FixedClock) -> Offer:
    return accept_offer(session, offer.ref, actor=ACTOR, clock=clock)


def refused(work: Any) -> str:
    with pytest.raises(DomainError) as refusal:
        work()
    return refusal.value.code


def letters(session: Session, kind: str) -> list[str]:
    return list(session.scalars(select(Message.subject_ref).where(Message.kind == kind).order_by(Message.id)))


def effect(session: Session, kind: str) -> OutboxItem:
    return session.scalars(select(OutboxItem).where(OutboxItem.kind == kind)).one()


def seats(demand: Demand) -> list[SeatState]:
    return [seat.state for seat in demand.seats]


def test_two_proposed_two_accept_and_the_demand_is_staffed(session: Session, clock: FixedClock) -> None:
    demand = a_firm_wrap_group(session)
    one, two, three = (a_certified_peer(session) for _ in range(3))
    first, second, third = offers_to(session, demand, [one, two, three])
    assert (demand.state, seats(demand)) == (DemandState.STAFFING, [SeatState.OFFERED] * 2)
    assert letters(session, "dispatch.offer") == [first.ref, second.ref, third.ref]
    yes(session, first, clock)
    assert seats(demand) == [SeatState.HELD, SeatState.OFFERED]
    yes(session, third, clock)
    assert (demand.state, seats(demand)) == (DemandState.STAFFED, [SeatState.CONFIRMED] * 2)
    assert second.state is OfferState.SUPERSEDED
    assert letters(session, "dispatch.offer_closed") == [second.ref]
    booked = session.scalars(select(Booking.peer_id).where(Booking.active)).all()
    assert sorted(booked) == sorted([one.id] * 8 + [three.id] * 8)
    orders = session.scalars(
        select(OutboxItem.subject_ref).where(OutboxItem.kind == "missions.issue_order").order_by(OutboxItem.id)
    ).all()
    assert orders == [offer.assignment.ref for offer in (first, third) if offer.assignment]
    assert refused(lambda: yes(session, second, clock)) == "seat_taken"


def test_a_yes_is_explicit_and_dated(session: Session, clock: FixedClock) -> None:
    offer = an_offer(session, a_firm_wrap_group(session), a_certified_peer(session))
    clock.advance(timedelta(hours=5))
    yes(session, offer, clock)
    assert offer.answered_at == clock.now()


def test_saying_yes_twice_is_saying_it_once(session: Session, clock: FixedClock) -> None:
    offer = an_offer(session, a_firm_wrap_group(session), a_certified_peer(session))
    assert yes(session, offer, clock).assignment_id == yes(session, offer, clock).assignment_id
    assert len(session.scalars(select(Assignment)).all()) == 1


def test_no_offer_leaves_before_the_demand_is_firm(session: Session) -> None:
    site = a_site(session)
    demand = a_submitted_demand(session, site.partner, site)
    peer = a_certified_peer(session)
    with pytest.raises(NotAllowed) as refusal:
        offers_to(session, demand, [peer])
    assert refusal.value.code == "not_firm"


def test_sending_twice_asks_once(session: Session) -> None:
    demand, peer = a_firm_wrap_group(session), a_certified_peer(session)
    assert an_offer(session, demand, peer) is an_offer(session, demand, peer)
    assert len(letters(session, "dispatch.offer")) == 1


def test_somebody_for_whom_it_is_no_longer_possible_stops_the_whole_sending(
    session: Session, clock: FixedClock
) -> None:
    demand, fits, paused = a_firm_wrap_group(session), a_certified_peer(session), a_certified_peer(session)
    take_pause(session, paused.ref, clock=clock)
    unqualified = a_certified_peer(session, qualifications=())
    told = set()
    for other in (paused, unqualified):
        with pytest.raises(Conflict) as refusal:
            offers_to(session, demand, [fits, other])
        told.add(str(refusal.value))
    assert len(told) == 1  # the same words whatever the reason
    assert letters(session, "dispatch.offer") == []


@pytest.mark.parametrize(("days", "code"), [(0, "deadline_past"), (11, "deadline_late")])
def test_there_is_time_to_answer_and_time_to_come(session: Session, clock: FixedClock, days: int, code: str) -> None:
    demand, peer = a_firm_wrap_group(session), a_certified_peer(session)
    with pytest.raises(InvalidInput) as refusal:
        offers_to(session, demand, [peer], deadline=clock.now() + timedelta(days=days))
    assert refusal.value.code == code


def test_nobody_chosen_is_said_on_the_field(session: Session, clock: FixedClock) -> None:
    demand = a_firm_wrap_group(session)
    with pytest.raises(InvalidInput) as refusal:
        send_offers(session, demand.ref, [], deadline=clock.now(), actor=OFFICE_ACTOR, clock=clock)
    assert refusal.value.field == "peers"


def test_no_is_one_word_and_the_office_is_told_when_nobody_is_left(session: Session, clock: FixedClock) -> None:
    an_office_account(session)
    demand = a_firm_wrap_group(session)
    first, second = offers_to(session, demand, [a_certified_peer(session) for _ in range(2)])
    decline_offer(session, first.ref, actor=ACTOR, clock=clock)
    assert decline_offer(session, first.ref, actor=ACTOR, clock=clock).state is OfferState.DECLINED
    assert letters(session, "dispatch.still_looking") == []
    decline_offer(session, second.ref, actor=ACTOR, clock=clock)
    assert seats(demand) == [SeatState.OPEN] * 2
    assert letters(session, "dispatch.still_looking") == [demand.ref]
    assert refused(lambda: yes(session, first, clock)) == "offer_declined"


def test_who_said_yes_does_not_say_no_but_gives_the_seat_back(session: Session, clock: FixedClock) -> None:
    an_office_account(session)
    demand, peer = a_firm_wrap_group(session), a_certified_peer(session)
    offer = yes(session, an_offer(session, demand, peer), clock)
    assert refused(lambda: decline_offer(session, offer.ref, actor=ACTOR, clock=clock)) == "offer_accepted"
    assert offer.assignment is not None
    ref, stranger = offer.assignment.ref, a_certified_peer(session)
    with pytest.raises(NotFound):
        give_back(session, ref, peer_id=stranger.id, actor=ACTOR, clock=clock)
    for _ in range(2):
        given = give_back(session, ref, peer_id=peer.id, actor=ACTOR, clock=clock)
        assert given.state is AssignmentState.WITHDRAWN
    assert letters(session, "dispatch.relay_needed") == [demand.ref]
    assert session.scalars(select(Booking.id).where(Booking.active)).all() == []
    assert offers_to(session, demand, [stranger])[0].state is OfferState.SENT


def test_every_rule_is_checked_again_at_the_answer(session: Session, clock: FixedClock) -> None:
    demand, peer = a_firm_wrap_group(session), a_certified_peer(session)
    offer = an_offer(session, demand, peer)
    take_pause(session, peer.ref, clock=clock)
    assert refused(lambda: yes(session, offer, clock)) == "no_longer_fits"
    assert offer.state is OfferState.SENT


def test_two_offers_that_overlap_are_not_both_accepted(session: Session, clock: FixedClock) -> None:
    demand, peer = a_firm_wrap_group(session), a_certified_peer(session)
    site = a_site(session)
    other = a_confirmed_demand(session, site.partner, site, an_offering(session))
    one, two = an_offer(session, demand, peer), an_offer(session, other, peer)
    yes(session, one, clock)
    assert refused(lambda: yes(session, two, clock)) == "no_longer_fits"


def test_an_offer_expires_at_its_deadline_and_not_before(session: Session, clock: FixedClock) -> None:
    demand = a_firm_wrap_group(session)
    offer = an_offer(session, demand, a_certified_peer(session))
    due = effect(session, "dispatch.expire_offer")
    assert (due.subject_ref, due.due_at) == (offer.ref, offer.deadline)
    expire_offer(session, offer.ref, {}, clock=clock)
    assert offer.state is OfferState.SENT
    clock.advance(timedelta(days=3))
    assert refused(lambda: yes(session, offer, clock)) == "offer_expired"  # even before the sweep has come
    for _ in range(2):
        expire_offer(session, offer.ref, {}, clock=clock)
    assert [offer.state, *seats(demand)] == [OfferState.EXPIRED, SeatState.OPEN, SeatState.OPEN]
    assert refused(lambda: yes(session, offer, clock)) == "offer_expired"


def test_an_answer_leaves_nothing_to_expire(session: Session, clock: FixedClock) -> None:
    offer = yes(session, an_offer(session, a_firm_wrap_group(session), a_certified_peer(session)), clock)
    session.expire_all()
    assert effect(session, "dispatch.expire_offer").state is ItemState.DONE
    clock.advance(timedelta(days=4))
    expire_offer(session, offer.ref, {}, clock=clock)
    assert offer.state is OfferState.ACCEPTED


def test_the_office_takes_a_proposal_back(session: Session, clock: FixedClock) -> None:
    demand = a_firm_wrap_group(session)
    offer = an_offer(session, demand, a_certified_peer(session))
    for _ in range(2):
        assert withdraw_offer(session, offer.ref, actor=OFFICE_ACTOR, clock=clock).state is OfferState.WITHDRAWN
    assert seats(demand) == [SeatState.OPEN] * 2
    assert refused(lambda: yes(session, offer, clock)) == "offer_withdrawn"


def test_the_offers_of_a_cancelled_demand_are_taken_back(session: Session, clock: FixedClock) -> None:
    demand = a_firm_wrap_group(session)
    offer = an_offer(session, demand, a_certified_peer(session))
    cancel(session, demand.ref, OFFICE, actor=OFFICE_ACTOR, clock=clock)
    assert refused(lambda: yes(session, offer, clock)) == "offer_withdrawn"
    assert withdraw_idle_offers(session, clock=clock) == 1
    assert withdraw_idle_offers(session, clock=clock) == 0
    assert offer.state is OfferState.WITHDRAWN


def test_seen_is_the_first_time_only(session: Session, clock: FixedClock) -> None:
    offer = an_offer(session, a_firm_wrap_group(session), a_certified_peer(session))
    mark_seen(session, offer.ref, clock=clock)
    first = offer.seen_at
    clock.advance(timedelta(hours=1))
    mark_seen(session, offer.ref, clock=clock)
    assert offer.seen_at == first is not None


def link_to(session: Session, offer: Offer) -> str:
    return mint(session, TokenPurpose.OFFER, offer.ref, days=3, account_id=offer.peer.account_id)


def test_the_mail_link_answers_once_and_then_shows_the_answer(session: Session, clock: FixedClock) -> None:
    offer = an_offer(session, a_firm_wrap_group(session), a_certified_peer(session))
    secret = link_to(session, offer)
    for _ in range(3):
        assert offer_of_link(session, secret).state is OfferState.SENT
    assert answer_by_link(session, secret, yes=True, clock=clock).state is OfferState.ACCEPTED
    assert answer_by_link(session, secret, yes=True, clock=clock).state is OfferState.ACCEPTED
    assert answer_by_link(session, secret, yes=False, clock=clock).state is OfferState.ACCEPTED
    assert offer_of_link(session, secret) is offer


def test_a_link_of_another_purpose_opens_nothing(session: Session, clock: FixedClock) -> None:
    offer = an_offer(session, a_firm_wrap_group(session), a_certified_peer(session))
    for secret in (mint(session, TokenPurpose.LOGIN, offer.ref, days=3), "nothing"):
        with pytest.raises(NotFound):
            answer_by_link(session, secret, yes=True, clock=clock)


def test_a_peer_answers_only_their_own_offers(session: Session, clock: FixedClock) -> None:
    offer = an_offer(session, a_firm_wrap_group(session), a_certified_peer(session))
    stranger: Peer = a_certified_peer(session)
    for act in (accept_offer, decline_offer):
        with pytest.raises(NotFound):
            act(session, offer.ref, peer_id=stranger.id, actor=ACTOR, clock=clock)
    with pytest.raises(NotFound):
        mark_seen(session, offer.ref, peer_id=stranger.id, clock=clock)


def test_a_peer_sees_what_waits_for_them_and_what_is_over(session: Session, clock: FixedClock) -> None:
    demand, peer = a_firm_wrap_group(session), a_certified_peer(session)
    offer = an_offer(session, demand, peer)
    assert [one.ref for one in open_offers_of(session, peer.id, clock=clock)] == [offer.ref]
    assert count_open_offers(session, peer.id, clock=clock) == 1
    yes(session, offer, clock)
    assert count_open_offers(session, peer.id, clock=clock) == 0
    assert [one.ref for one in past_offers_of(session, peer.id, clock=clock)] == [offer.ref]


class NoLinks:
    """Addresses without rights."""

    def action(self, purpose: str, subject_ref: str, path: str, *, account_id: int | None = None, days: int = 3) -> str:
        return f"{purpose}:{days}:{path}"

    def page(self, path: str) -> str:
        return path


def letter(session: Session, kind: str, builder: Any, clock: FixedClock) -> Any:
    message = session.scalars(select(Message).where(Message.kind == kind)).first()
    assert message is not None
    return builder(session, message, NoLinks(), clock=clock)


def test_the_letter_of_an_offer_says_the_six_lines_and_names_nobody_in_its_subject(
    session: Session, clock: FixedClock
) -> None:
    offer = an_offer(session, a_firm_wrap_group(session), a_certified_peer(session))
    content = letter(session, "dispatch.offer", mails.offer_proposed, clock)
    assert [label.msgid for label, _ in content.details] == [
        "What",
        "When",
        "Where",
        "With whom",
        "Hours",
        "Answer before",
    ]
    assert content.subject.params == {}
    assert content.action[1] == "offer:4:/o/{token}"  # lives to the end of the time to answer
    decline_offer(session, offer.ref, actor=ACTOR, clock=clock)
    assert letter(session, "dispatch.offer", mails.offer_proposed, clock) is None


def test_the_other_letters_lose_their_object_or_say_one_thing(session: Session, clock: FixedClock) -> None:
    an_office_account(session)
    demand = a_firm_wrap_group(session)
    one, two = offers_to(session, demand, [a_certified_peer(session) for _ in range(2)])
    withdraw_offer(session, one.ref, actor=OFFICE_ACTOR, clock=clock)
    assert letter(session, "dispatch.offer_closed", mails.offer_closed, clock).details
    decline_offer(session, two.ref, actor=ACTOR, clock=clock)
    page = letter(session, "dispatch.still_looking", mails.still_looking, clock).action[1]
    assert page == f"/a/demandes/{demand.ref}/appariement"
    cancel(session, demand.ref, OFFICE, actor=OFFICE_ACTOR, clock=clock)
    assert letter(session, "dispatch.still_looking", mails.still_looking, clock) is None


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (datetime(2027, 1, 21, 13, tzinfo=UTC), datetime(2027, 1, 14, 19, tzinfo=UTC)),
        (datetime(2027, 1, 13, 13, tzinfo=UTC), datetime(2027, 1, 12, 19, tzinfo=UTC)),
        (datetime(2027, 1, 11, 12, tzinfo=UTC), datetime(2027, 1, 11, 10, tzinfo=UTC)),
    ],
    ids=["the third evening", "the eve of the first session", "half the time left today"],
)
def test_the_usual_time_to_answer(start: datetime, expected: datetime, clock: FixedClock) -> None:
    assert default_deadline(clock.now(), start) == expected
