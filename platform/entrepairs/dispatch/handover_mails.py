"""The letters of a handover, to who holds the seat: the question, that it is done, that they keep it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.demands.models import Demand
from entrepairs.demands.queries import dates_sentence, title_of
from entrepairs.dispatch.models import Handover, HandoverState
from entrepairs.dispatch.rules import link_days
from entrepairs.identity.models import TokenPurpose
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.i18n import Sentence, say
from entrepairs.messages.content import Links, MailContent
from entrepairs.messages.models import Message
from entrepairs.messages.queueing import queue_mail


def tell_holder(session: Session, kind: str, row: Handover, *, clock: Clock) -> None:
    """Queue a letter to who holds the seat, once."""
    to = row.assignment.peer.account
    queue_mail(
        session,
        kind,
        to_ref=to.ref,
        address=to.email,
        subject_kind="handover",
        subject_ref=row.ref,
        clock=clock,
        dedup=f"{kind}:{row.ref}",
    )


def why_asked(session: Session, row: Handover) -> Sentence:
    """What a move would bring, as said to who is asked: nothing of the other person."""
    gain = row.proposal.gain or {}
    served = session.scalar(select(Demand).where(Demand.ref.in_(gain.get("serves", [])[:1])))
    if served is not None:
        return say("You would then be free for this one, which nobody else can take: %(what)s.", what=title_of(served))
    if gain.get("minutes", 0) > 0:
        return say("Hours would be shared nearer to what each of you wishes.")
    return say("There would be less road to travel.")


def handover_asked(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`dispatch.handover_asked`: one question, two answers behind the link."""
    row = _of(session, message)
    if row is None or row.state is not HandoverState.ASKED:
        return None
    to = row.assignment.peer
    days = link_days(clock.now(), row.deadline)
    return MailContent(
        subject=say("A question about a mission of yours"),
        name=to.first_name,
        paragraphs=(
            say("This mission is yours. Somebody else could go in your place, only if that suits you."),
            why_asked(session, row),
            say("Without an answer you keep it. No reason to give, and it changes nothing for what follows."),
        ),
        details=(
            *_what(row),
            (say("Answer before"), row.deadline),
        ),
        action=(
            say("See and answer"),
            links.action(TokenPurpose.HANDOVER, row.ref, "/r/{token}", account_id=to.account_id, days=days),
        ),
        note=say("Opening the page changes nothing."),
    )


def handover_done(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`dispatch.handover_done`: the other person comes."""
    row = _of(session, message)
    if row is None or row.state is not HandoverState.DONE:
        return None
    return MailContent(
        subject=say("Somebody takes over: thank you"),
        name=row.assignment.peer.first_name,
        paragraphs=(say("The other person has said yes: you need not come. Thank you for making room."),),
        details=_what(row),
        action=(say("See my diary"), links.page("/p/agenda")),
    )


def handover_lapsed(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`dispatch.handover_lapsed`: they agreed, and the other person does not come."""
    row = _of(session, message)
    if row is None or row.state is not HandoverState.LAPSED:
        return None
    return MailContent(
        subject=say("You keep your mission"),
        name=row.assignment.peer.first_name,
        paragraphs=(say("The other person can't come in the end: the mission stays yours, as before. Thank you."),),
        details=_what(row),
        action=(say("See my diary"), links.page("/p/agenda")),
    )


def _what(row: Handover) -> tuple[tuple[Sentence, object], ...]:
    demand = row.assignment.demand
    return ((say("What"), title_of(demand)), (say("When"), dates_sentence(demand)))


def _of(session: Session, message: Message) -> Handover | None:
    row = session.scalar(select(Handover).where(Handover.ref == message.subject_ref))
    return None if row is None or row.assignment.peer.account.disabled_at is not None else row
