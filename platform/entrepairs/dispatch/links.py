"""Answering from the mail, without login. Opening the link changes nothing; its right to answer is used once."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.dispatch.answering import accept_offer, decline_offer, mark_seen
from entrepairs.dispatch.handovers import find_handover, keep_seat, make_room
from entrepairs.dispatch.holding import find_offer
from entrepairs.dispatch.models import Handover, HandoverState, Offer, OfferState
from entrepairs.identity.models import ActionToken, TokenPurpose
from entrepairs.identity.secrets import hash_of
from entrepairs.identity.tokens import peek_token, use_token
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, NotFound
from entrepairs.kernel.i18n import N_


def offer_of_link(session: Session, secret: str) -> Offer:
    """The offer behind a link, answered or not, so that a second look shows the answer given.

    Raises NotFound("link_unknown"), Conflict("link_expired") on an unused link that is too old.
    """
    token = session.scalar(
        select(ActionToken).where(ActionToken.hash == hash_of(secret), ActionToken.purpose == TokenPurpose.OFFER)
    )
    if token is None or token.revoked_at is not None:
        raise NotFound(
            "link_unknown", N_("This link is not valid. The latest e-mail on the subject has the right one.")
        )
    offer = find_offer(session, token.subject_ref)
    if token.used_at is None and offer.state is OfferState.SENT:
        peek_token(session, TokenPurpose.OFFER, secret)
    return offer


def answer_by_link(session: Session, secret: str, *, yes: bool, read: str = "", clock: Clock) -> Offer:
    """Answer by the link, once; a second click gives the answer as it stands, whatever it says.

    Raises as `accept_offer` and `offer_of_link`; a refused yes leaves the link unused.
    """
    offer = offer_of_link(session, secret)
    try:
        use_token(session, TokenPurpose.OFFER, secret)
    except Conflict as refusal:
        if refusal.code != "link_used":
            raise
        session.refresh(offer)
        return offer
    actor = Actor.by_link(TokenPurpose.OFFER, offer.ref, offer.peer.account.name)
    if not yes:
        return decline_offer(session, offer.ref, actor=actor, clock=clock)
    return accept_offer(session, offer.ref, read=read, actor=actor, clock=clock)


def handover_of_link(session: Session, secret: str) -> Handover:
    """The question behind a link, answered or not. Raises as `offer_of_link`."""
    token = session.scalar(
        select(ActionToken).where(ActionToken.hash == hash_of(secret), ActionToken.purpose == TokenPurpose.HANDOVER)
    )
    if token is None or token.revoked_at is not None:
        raise NotFound(
            "link_unknown", N_("This link is not valid. The latest e-mail on the subject has the right one.")
        )
    row = find_handover(session, token.subject_ref)
    if token.used_at is None and row.state is HandoverState.ASKED:
        peek_token(session, TokenPurpose.HANDOVER, secret)
    return row


def answer_handover(session: Session, secret: str, *, yes: bool, clock: Clock) -> Handover:
    """Answer by the link, once; a second click gives the answer as it stands. A yes may still be taken back by the
    same link until the other person has come: it only ever gives them back what is theirs. Raises as the two answers.
    """
    row = handover_of_link(session, secret)
    try:
        use_token(session, TokenPurpose.HANDOVER, secret)
    except Conflict as refusal:
        if refusal.code != "link_used":
            raise
        session.refresh(row)
        if yes or row.state is not HandoverState.AGREED:
            return row
    actor = Actor.by_link(TokenPurpose.HANDOVER, row.ref, row.assignment.peer.account.name)
    answer = make_room if yes else keep_seat
    return answer(session, row.ref, actor=actor, clock=clock)


def seen_by_link(session: Session, secret: str, *, clock: Clock) -> None:
    """The page behind the link was really opened. Raises as `offer_of_link`."""
    mark_seen(session, offer_of_link(session, secret).ref, clock=clock)
