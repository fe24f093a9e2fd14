"""One letter holds everything a plan asks of somebody."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.dispatch.answering import decline_offer
from entrepairs.dispatch.models import Offer
from entrepairs.dispatch.plan_letters import TELL, several_proposed, tell_plan
from entrepairs.dispatch.plans import SEND_LINE, apply_plan, send_plan_line
from entrepairs.identity.tokens import peek_token
from entrepairs.messages.models import Message
from entrepairs.outbox.models import OutboxItem
from entrepairs.planning.models import Plan
from entrepairs_workers.mailing import MintedLinks
from tests.factories.dispatch import OFFICE_ACTOR
from tests.factories.network import a_peer
from tests.factories.plans import do_effects, planned, workshop


@pytest.fixture
def plan(session: Session, clock) -> Plan:  # type: ignore[no-untyped-def]
    """A plan that asks one person for three workshops."""
    for week in range(3):
        workshop(session, week=week)
    a_peer(session)
    return planned(session, clock)


def letters(session: Session) -> list[Message]:
    """The letters about proposals, in order."""
    return list(session.scalars(select(Message).where(Message.kind.like("dispatch.%")).order_by(Message.id)))


def test_several_demands_make_one_letter_with_a_link_for_each(session, clock, plan) -> None:
    apply_plan(session, plan.ref, actor=OFFICE_ACTOR, clock=clock)
    do_effects(session, clock)
    [letter] = letters(session)
    content = several_proposed(session, letter, MintedLinks(session, letter, "https://exemple.test"), clock=clock)
    assert content is not None
    assert content.subject.params["num"] == len(content.choices) == 3
    offers = session.scalars(select(Offer).order_by(Offer.id)).all()
    for (_, address), offer in zip(content.choices, offers, strict=True):
        token = re.fullmatch(r"https://exemple\.test/o/(\S+)", address)
        assert token
        assert peek_token(session, "offer", token[1]).subject_ref == offer.ref


def test_a_single_demand_makes_the_usual_letter(session, clock, plan) -> None:
    apply_plan(session, plan.ref, [plan.demands[0].demand.ref], actor=OFFICE_ACTOR, clock=clock)
    do_effects(session, clock)
    assert [letter.kind for letter in letters(session)] == ["dispatch.offer"]


def test_those_applied_later_are_told_by_themselves(session, clock, plan) -> None:
    first, *others = [line.demand.ref for line in plan.demands]
    for refs in ([first], others):
        apply_plan(session, plan.ref, refs, actor=OFFICE_ACTOR, clock=clock)
        do_effects(session, clock)
    assert [letter.kind for letter in letters(session)] == ["dispatch.offer", "dispatch.plan_offers"]
    assert len(letters(session)[1].params["offers"].split()) == len(others)


def test_a_demand_that_cannot_be_done_does_not_keep_the_others_silent(session, clock, plan) -> None:
    apply_plan(session, plan.ref, actor=OFFICE_ACTOR, clock=clock)
    for item in session.scalars(select(OutboxItem).where(OutboxItem.kind == SEND_LINE).limit(2)):
        send_plan_line(session, item.subject_ref, item.payload, clock=clock)
    assert not letters(session), "the third is awaited"
    [late] = session.scalars(select(OutboxItem).where(OutboxItem.kind == TELL))
    for _ in range(2):
        tell_plan(session, late.subject_ref, late.payload, clock=clock)
    [letter] = letters(session)
    assert len(letter.params["offers"].split()) == 2


def test_what_was_answered_meanwhile_is_not_in_the_letter(session, clock, plan) -> None:
    apply_plan(session, plan.ref, actor=OFFICE_ACTOR, clock=clock)
    do_effects(session, clock)
    links = MintedLinks(session, letters(session)[0], "https://exemple.test")
    for left in (2, 1, 0):
        offer = session.scalars(select(Offer).where(Offer.state == "sent")).first()
        decline_offer(session, offer.ref, actor=OFFICE_ACTOR, clock=clock)
        content = several_proposed(session, letters(session)[0], links, clock=clock)
        assert (len(content.choices) if content else 0) == left
