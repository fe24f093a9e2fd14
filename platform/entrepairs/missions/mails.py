"""The letters of missions: the order with its diary, the recalls, the service to confirm, what the office must know."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.demands.models import DemandSession
from entrepairs.demands.queries import dates_sentence, title_of
from entrepairs.demands.scheduling import period_of
from entrepairs.documents.storing import read_file
from entrepairs.identity.models import Account, TokenPurpose
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.i18n import Sentence, say
from entrepairs.messages.content import Attachment, Links, MailContent
from entrepairs.messages.models import Message
from entrepairs.missions import ics, rules
from entrepairs.missions.asking import live_reports, service_of, waits_for_partner
from entrepairs.missions.models import MissionOrder, ServiceAnswer
from entrepairs.missions.orders import held_sessions
from entrepairs.missions.papers import drawn_agreement, place_block
from entrepairs.missions.reports import awaits_report
from entrepairs.missions.services_done import asked_at, facts_of
from entrepairs.network.models import Peer
from entrepairs.settings.decisions import association

ANSWER_DAYS: Final = 30
"""Real days the link of a service to confirm works."""


def order(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`missions.order`: to the peer, with the PDF and the diary. None once a newer order has replaced it."""
    row = session.scalars(select(MissionOrder).where(MissionOrder.ref == message.subject_ref)).one_or_none()
    if row is None or row.file is None or row.number != message.params["number"]:
        return None
    assignment = row.assignment
    return MailContent(
        subject=say("Your mission order %(number)s", number=row.number),
        name=assignment.peer.first_name,
        paragraphs=(
            say("Thank you. Here is your mission order: what you do, where, when, and who welcomes you."),
            say("The second file puts the dates in your diary. They can take a day to appear."),
        ),
        details=((say("What"), title_of(assignment.demand)), (say("When"), dates_sentence(assignment.demand))),
        action=(say("See the mission"), links.page(f"/p/missions/{assignment.ref}")),
        note=say("Something has changed for you? Open the mission: you can say so, without giving a reason."),
        attachments=(
            Attachment(row.file.filename, row.file.media, read_file(session, row.file.id)),
            Attachment("mission.ics", ics.MEDIA, diary_of(session, row)),
        ),
    )


def diary_of(session: Session, row: MissionOrder) -> bytes:
    """The sessions of an order as a calendar; a renewed order replaces the same events."""
    assignment, seller = row.assignment, association(session)
    demand = assignment.demand
    place = place_block(demand, None)
    where = ", ".join([place["name"], *place.get("lines", ())])
    # Any number that grows will do (RFC 5545 3.8.7.4): the seconds between the acceptance and this order.
    sequence = max(0, int((row.issued_at - assignment.created_at).total_seconds()))
    events = [
        ics.Event(
            uid=f"{one.ref}.{assignment.ref}@entrepairs".lower(),
            start=period_of(one).start,
            end=period_of(one).end,
            title=demand.offering.name,
            place=where,
            description=f"Ordre de mission {row.number}",
            sequence=sequence,
        )
        for one in held_sessions(session, assignment)
    ]
    return ics.calendar(events, stamp=row.issued_at, organizer=seller.email, attendee=assignment.peer.account.email)


def report_reminder(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`missions.report_reminder`: to the peer, the morning after; None once the report is sent."""
    row = _session(session, message)
    booking = next((one for one in row.bookings if one.assignment.ref == message.params["assignment"]), None)
    if booking is None or not awaits_report(session, booking, clock):
        return None
    path = f"/p/missions/{booking.assignment.ref}/compte-rendu/{row.ref}"
    return MailContent(
        subject=say("Your report of yesterday"),
        name=booking.peer.first_name,
        paragraphs=(
            say("Two minutes are enough: the hours are filled in already. What you did otherwise counts too."),
        ),
        details=((say("What"), title_of(row.demand)), (say("When"), period_of(row))),
        action=(say("Write the report"), links.page(path)),
    )


def confirm_service(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`missions.confirm_service`: to a person of the structure, with a link that works once."""
    row = _session(session, message)
    to = session.scalar(select(Account).where(Account.ref == message.to_ref, Account.disabled_at.is_(None)))
    if to is None or not waits_for_partner(session, row):
        return None
    reports = live_reports(session, row)
    facts = facts_of(reports)
    url = links.action(TokenPurpose.SERVICE, row.ref, "/c/{token}", account_id=to.id, days=ANSWER_DAYS)
    details: list[tuple[Sentence, object]] = [
        (say("What"), title_of(row.demand)),
        (say("When"), period_of(row)),
        (say("Length"), _length(facts.minutes)),
    ]
    if facts.headcount is not None:
        details.append((say("People"), facts.headcount))
    agreement, asked = drawn_agreement(session, row.demand), asked_at(reports)
    silence = rules.tacit_on(asked, agreement.tacit_days) if agreement and asked else None
    return MailContent(
        subject=say("A session to confirm"),
        name=to.name,
        paragraphs=(
            say("We have received the report of this session. Is it what happened? One click is enough."),
            *(
                (say("Without an answer before %(day)s, your agreement counts it as confirmed.", day=silence),)
                if silence
                else ()
            ),
        ),
        details=tuple(details),
        action=(say("Confirm or correct"), url),
        note=say("The page shows everything; nothing is decided by opening it."),
    )


def disputed(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`missions.disputed`: to the office; None once settled."""
    row = _session(session, message)
    done = service_of(session, row)
    if done is None or done.answer is not ServiceAnswer.DISPUTED:
        return None
    return MailContent(
        subject=say("A session is to be looked at together"),
        name="",
        paragraphs=(say("A structure says that a session did not go as reported. Call them, and the peer."),),
        details=((say("What"), title_of(row.demand)), (say("When"), period_of(row))),
        action=(say("Look at it"), links.page(f"/a/missions/{row.ref}")),
    )


def call_back(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """`missions.call_back`: to the office. The name is in the letter, never in its subject."""
    peer = session.scalars(select(Peer).where(Peer.ref == message.subject_ref)).one()
    return MailContent(
        subject=say("Somebody would like a call"),
        name="",
        paragraphs=(say("%(name)s would like you to call back today.", name=f"{peer.first_name} {peer.last_name}"),),
        details=((say("Telephone"), peer.phone or peer.account.email),),
    )


def _session(session: Session, message: Message) -> DemandSession:
    return session.scalars(select(DemandSession).where(DemandSession.ref == message.subject_ref)).one()


def _length(minutes: int) -> Sentence:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return say("%(minutes)s min", minutes=rest)
    return (
        say("%(hours)s h %(minutes)s", hours=hours, minutes=f"{rest:02d}") if rest else say("%(hours)s h", hours=hours)
    )
