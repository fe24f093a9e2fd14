"""The letters of a plan: somebody asked for several demands at once gets one letter that holds them all."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload

from entrepairs.dispatch.cards import offer_card
from entrepairs.dispatch.mails import tell_peer
from entrepairs.dispatch.models import Offer, OfferState
from entrepairs.dispatch.rules import link_days
from entrepairs.identity.models import Account, TokenPurpose
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.i18n import Sentence, say, say_many
from entrepairs.messages.content import Links, MailContent
from entrepairs.messages.models import Message
from entrepairs.messages.queueing import queue_mail
from entrepairs.outbox.adding import add
from entrepairs.planning.models import Plan, PlanDemand, PlanProposal
from entrepairs.planning.states import ProposalState

TELL: Final = "dispatch.tell_plan"
SEVERAL: Final = "dispatch.plan_offers"
ALONE: Final = "dispatch.offer"
AT_THE_LATEST: Final = timedelta(minutes=10)
"""Business time given to a plan's demands to be all proposed, before those proposed are told in any case."""


def tell_at_the_latest(session: Session, plan: Plan, *, clock: Clock) -> None:
    """Have the peers told even if a demand of the plan can't be proposed at all."""
    due = clock.now() + AT_THE_LATEST
    add(
        session,
        TELL,
        subject_kind="plan",
        subject_ref=plan.ref,
        due_at=due,
        dedup=f"{TELL}:{plan.ref}:{due.isoformat()}",
    )


def tell_after_the_last(session: Session, plan_id: int, *, clock: Clock) -> None:
    """Tell the peers once no demand whose proposals were asked to leave is still waiting.

    The plan's row is locked: of two demands done at once, the second sees the first and is the last.
    """
    plan = session.scalars(select(Plan).where(Plan.id == plan_id).with_for_update(of=Plan)).one()
    waiting = exists().where(
        PlanDemand.plan_id == plan.id,
        PlanDemand.apply_asked_at.is_not(None),
        PlanProposal.line_id == PlanDemand.id,
        PlanProposal.state == ProposalState.PROPOSED,
    )
    if not session.scalar(select(waiting)):
        _tell(session, plan, clock)


def tell_plan(session: Session, subject_ref: str, payload: Mapping[str, Any], *, clock: Clock) -> None:
    """Outbox `dispatch.tell_plan`: tell those who were asked and not told yet. Done again, it does nothing."""
    _tell(session, session.scalars(select(Plan).where(Plan.ref == subject_ref).with_for_update(of=Plan)).one(), clock)


def _tell(session: Session, plan: Plan, clock: Clock) -> None:
    for offers in _untold(session, plan).values():
        first = offers[0]
        if len(offers) == 1:
            tell_peer(session, ALONE, first, clock=clock)
            continue
        to = first.peer.account
        queue_mail(
            session,
            SEVERAL,
            to_ref=to.ref,
            address=to.email,
            subject_kind="plan",
            subject_ref=plan.ref,
            clock=clock,
            dedup=f"{SEVERAL}:{first.ref}",
            params={"offers": " ".join(offer.ref for offer in offers)},
        )


def _untold(session: Session, plan: Plan) -> Mapping[int, list[Offer]]:
    """The plan's open offers that no letter holds yet, by peer."""
    offers = session.scalars(
        select(Offer)
        .join(PlanProposal, PlanProposal.offer_ref == Offer.ref)
        .join(PlanDemand, PlanDemand.id == PlanProposal.line_id)
        .where(PlanDemand.plan_id == plan.id, Offer.state == OfferState.SENT)
        .order_by(Offer.id)
    ).all()
    refs = [offer.ref for offer in offers]
    told = set(session.scalars(select(Message.subject_ref).where(Message.kind == ALONE, Message.subject_ref.in_(refs))))
    for params in session.scalars(
        select(Message.params).where(Message.kind == SEVERAL, Message.subject_ref == plan.ref)
    ):
        told.update(params["offers"].split())
    found: dict[int, list[Offer]] = defaultdict(list)
    for offer in offers:
        if offer.ref not in told:
            found[offer.peer_id].append(offer)
    return found


def several_proposed(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`dispatch.plan_offers`: what is still open, each with its own link; withdrawn when nothing is."""
    to = session.scalar(select(Account).where(Account.ref == message.to_ref, Account.disabled_at.is_(None)))
    offers = [one for one in _told_in(session, message) if one.needed]
    if to is None or not offers:
        return None
    return MailContent(
        subject=say_many("One mission is proposed to you", "%(num)s missions are proposed to you", len(offers)),
        name=offers[0].peer.first_name,
        paragraphs=(
            say("Here is what we propose. Answer when you can: yes and no are as welcome."),
            say("Each proposal is answered by itself: you may take one and leave another."),
        ),
        choices=tuple((_choice(session, offer, clock), _address(links, offer, clock)) for offer in offers),
        note=say("Saying no changes nothing for what follows. No reason to give."),
    )


def _told_in(session: Session, message: Message) -> Sequence[Offer]:
    return session.scalars(
        select(Offer)
        .where(Offer.ref.in_(message.params["offers"].split()), Offer.state == OfferState.SENT)
        .options(joinedload(Offer.demand))
        .order_by(Offer.id)
    ).all()


def _choice(session: Session, offer: Offer, clock: Clock) -> Sentence:
    card = offer_card(session, offer, clock=clock)
    return say("%(what)s: %(when)s", what=card.title, when=card.dates)


def _address(links: Links, offer: Offer, clock: Clock) -> str:
    days = link_days(clock.now(), offer.deadline)
    return links.action(TokenPurpose.OFFER, offer.ref, "/o/{token}", account_id=offer.peer.account_id, days=days)
