"""The letters about a professional not confirmed: to the ward, to the peer, to the office."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.demands.models import DemandSession
from entrepairs.demands.queries import title_of
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.states import SessionState
from entrepairs.identity.models import Account
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.i18n import Sentence, say
from entrepairs.messages.content import Links, MailContent
from entrepairs.messages.models import Message


def wanted(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`missions.colleague_wanted`: to the ward, whose page confirms in a click."""
    row = _still_unsure(session, message, clock)
    to = session.scalar(select(Account).where(Account.ref == message.to_ref, Account.disabled_at.is_(None)))
    if row is None or to is None:
        return None
    return MailContent(
        subject=say("Will your professional be there?"),
        name=to.name,
        paragraphs=(say("The peer is expected with a professional of your team, and this date is not confirmed yet."),),
        details=_what(row),
        action=(say("Confirm the presence"), links.page(f"/s/demandes/{row.demand.ref}")),
        note=say("If nobody can be there, call us: we look together for another way."),
    )


def unsure(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`missions.colleague_unsure`: to the peer, who need not do anything."""
    row = _still_unsure(session, message, clock)
    booking = next(
        (one for one in row.bookings if one.active and one.assignment.ref == message.params["assignment"])
        if row is not None
        else iter(()),
        None,
    )
    if row is None or booking is None:
        return None
    return MailContent(
        subject=say("A date where your companion is not confirmed yet"),
        name=booking.peer.first_name,
        paragraphs=(
            say("The professional of the place is not confirmed for this date yet. We have asked, and we see to it."),
            say("You do not have to go alone: call us if it suits you better."),
        ),
        details=_what(row),
        action=(say("See the mission"), links.page(f"/p/missions/{booking.assignment.ref}")),
    )


def missing(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`missions.colleague_missing`: to the office."""
    row = _still_unsure(session, message, clock)
    if row is None:
        return None
    return MailContent(
        subject=say("A professional is not confirmed"),
        name="",
        paragraphs=(
            say("The structure has not confirmed its professional for this date. It was written to; a call may help."),
        ),
        details=(*_what(row), (say("Structure"), row.demand.partner.name)),
        action=(say("See the demand"), links.page(f"/a/demandes/{row.demand.ref}")),
    )


def _still_unsure(session: Session, message: Message, clock: Clock) -> DemandSession | None:
    row = session.scalars(select(DemandSession).where(DemandSession.ref == message.subject_ref)).one()
    over = row.state is not SessionState.PLANNED or period_of(row).start <= clock.now()
    return None if over or row.colleague_confirmed_at is not None else row


def _what(row: DemandSession) -> tuple[tuple[Sentence, object], ...]:
    lines: list[tuple[Sentence, object]] = [(say("What"), title_of(row.demand)), (say("When"), period_of(row))]
    if row.demand.colleague_function:
        lines.append((say("The professional who takes part"), row.demand.colleague_function))
    return tuple(lines)
