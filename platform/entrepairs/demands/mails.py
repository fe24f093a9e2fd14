"""The letters of a demand: to the signatory asked, to who wrote it, to who was to come."""

from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.audit.models import Transition
from entrepairs.demands.models import Demand
from entrepairs.demands.queries import dates_sentence, title_of
from entrepairs.demands.scheduling import wished_plan
from entrepairs.demands.states import DemandState
from entrepairs.identity.models import Account, TokenPurpose
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.i18n import Sentence, say
from entrepairs.messages.content import Links, MailContent
from entrepairs.messages.models import Message
from entrepairs.messages.queueing import queue_mail

APPROVAL_DAYS: Final = 7


def tell(session: Session, demand: Demand, kind: str, to: Account, *, clock: Clock, **params: str) -> None:
    """Queue a letter about a demand to an account, once for each time the demand gets there."""
    if to.disabled_at is not None:
        return
    session.flush()
    moves = session.scalar(
        select(func.count(Transition.id)).where(
            Transition.subject_kind == Demand.__tablename__, Transition.subject_ref == demand.ref
        )
    )
    queue_mail(
        session,
        kind,
        to_ref=to.ref,
        address=to.email,
        subject_kind="demand",
        subject_ref=demand.ref,
        clock=clock,
        dedup=f"{kind}:{demand.ref}:{to.ref}:{moves}",
        params=params,
    )


def approval_asked(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`demands.approval_asked`: to the signatory; the page behind the link has the two answers."""
    demand, to = _of(session, message)
    if demand is None or to is None or demand.state is not DemandState.AWAITING_APPROVAL:
        return None
    url = links.action(TokenPurpose.APPROVAL, demand.ref, "/accord/{token}", account_id=to.id, days=APPROVAL_DAYS)
    who = demand.requester.name if demand.requester else demand.partner.name
    return MailContent(
        subject=say("A demand waits for your agreement"),
        name=to.name,
        paragraphs=(say("%(who)s has prepared a demand and asks for your agreement before it leaves.", who=who),),
        details=(
            (say("What"), title_of(demand)),
            (say("When"), dates_sentence(demand, wished_plan(session, demand).periods)),
        ),
        action=(say("See the demand and answer"), url),
        note=say("The page shows everything; nothing is decided by opening it."),
    )


def approved(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`demands.approved`: to who wrote the demand."""
    return _letter(
        session,
        message,
        links,
        subject=say("Your demand has left"),
        paragraphs=(say("Your signatory has agreed. We are looking for who can come and keep you posted."),),
    )


def sent_back(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`demands.sent_back`: to who wrote the demand; withdrawn once it has left again."""
    demand, _to = _of(session, message)
    if demand is None or demand.state is not DemandState.DRAFT:
        return None
    return _letter(
        session,
        message,
        links,
        subject=say("Your demand comes back to you"),
        paragraphs=(
            say("Your signatory would like something changed before the demand leaves. Everything you wrote is kept."),
        ),
    )


def refused(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`demands.refused`: to who wrote the demand; `params["reason"]` is a code of `REFUSAL_REASONS`."""
    from entrepairs.demands.qualifying import REFUSAL_REASONS

    return _letter(
        session,
        message,
        links,
        subject=say("About your demand"),
        paragraphs=(
            say("We have read your demand with care, and we can't answer it this time."),
            REFUSAL_REASONS[str(message.params["reason"])],
        ),
    )


def cancelled(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`demands.cancelled`: to who wrote the demand, when the office had to cancel."""
    return _letter(
        session,
        message,
        links,
        subject=say("About your demand"),
        paragraphs=(say("We had to cancel what was planned. Nothing is owed for it, and we stay at your side."),),
    )


def mission_cancelled(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`demands.mission_cancelled`: to a peer who was to come."""
    demand, to = _of(session, message)
    if demand is None or to is None:
        return None
    return MailContent(
        subject=say("A mission will not take place"),
        name=to.name,
        paragraphs=(say("What was planned has been cancelled. You have done nothing wrong; your time is free again."),),
        details=((say("What"), title_of(demand)),),
        action=(say("See my agenda"), links.page("/p/agenda")),
    )


def _letter(
    session: Session, message: Message, links: Links, *, subject: Sentence, paragraphs: tuple[Sentence, ...]
) -> MailContent | None:
    demand, to = _of(session, message)
    if demand is None or to is None:
        return None
    details: list[tuple[Sentence, object]] = [(say("What"), title_of(demand))]
    if demand.note:
        details.append((say("Their word"), demand.note))
    return MailContent(
        subject=subject,
        name=to.name,
        paragraphs=paragraphs,
        details=tuple(details),
        action=(say("See the demand"), links.page(f"/s/demandes/{demand.ref}")),
    )


def _of(session: Session, message: Message) -> tuple[Demand | None, Account | None]:
    demand = session.scalar(select(Demand).where(Demand.ref == message.subject_ref))
    to = session.scalar(select(Account).where(Account.ref == message.to_ref, Account.disabled_at.is_(None)))
    return demand, to
