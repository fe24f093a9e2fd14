"""What a peer says of a session: started with the hours already filled in, saved, sent; or « I was not there »."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.moving import move
from entrepairs.audit.recording import record
from entrepairs.demands.advancing import advance_demand
from entrepairs.demands.models import Assignment, Booking, DemandSession
from entrepairs.demands.scheduling import lock_session, mark_session, period_of
from entrepairs.demands.states import SessionEvent, SessionState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.references import new_reference
from entrepairs.messages.queueing import queue_mail
from entrepairs.missions import asking, rules
from entrepairs.missions.activities import activity_names
from entrepairs.missions.models import (
    REPORT_TRANSITIONS,
    Handover,
    Report,
    ReportActivity,
    ReportEvent,
    ReportState,
)
from entrepairs.missions.rules import Work
from entrepairs.network.models import Peer
from entrepairs.outbox.adding import add


@dataclass(frozen=True, slots=True)
class ReportAnswer:
    """What the form says. `hours` are minutes by activity code; `names_checked`: « it is a place or a professional »."""

    hours: Mapping[str, int] = field(default_factory=dict)
    headcount: int | None = None
    did_something_else: bool = False
    note: str = ""
    handover: Handover | None = None
    names_checked: bool = False


def work_of(row: DemandSession) -> Work:
    """What was planned for a session."""
    offering = row.demand.offering
    return Work(
        offering.code, row.demand.kind, row.demand.facilitation, period_of(row).minutes, offering.preparation_minutes
    )


def find_booking(session: Session, peer: Peer, session_ref: str) -> Booking:
    """The peer's own hold on a session. Raises NotFound: another's session looks absent."""
    booking = session.scalars(
        select(Booking)
        .join(DemandSession, DemandSession.id == Booking.session_id)
        .where(DemandSession.ref == session_ref, Booking.peer_id == peer.id, Booking.active)
    ).one_or_none()
    if booking is None:
        raise NotFound("session", N_("This session does not exist."))
    return booking


def report_of(session: Session, booking: Booking) -> Report | None:
    """The report of a hold, if one was begun."""
    return session.scalars(
        select(Report).where(Report.session_id == booking.session_id, Report.assignment_id == booking.assignment_id)
    ).one_or_none()


def answer_to_start_from(session: Session, booking: Booking) -> ReportAnswer:
    """What the form shows first: the report begun, else the hours planned. Writes nothing."""
    report = report_of(session, booking)
    if report is not None:
        return ReportAnswer(
            {row.activity: row.minutes for row in report.activities},
            report.headcount,
            report.did_something_else,
            report.note,
            report.handover,
        )
    last = session.scalars(
        select(Report)
        .join(DemandSession, DemandSession.id == Report.session_id)
        .where(Report.assignment_id == booking.assignment_id, Report.state != ReportState.DRAFT)
        .order_by(DemandSession.during.desc())
        .limit(1)
    ).one_or_none()
    before = {row.activity: row.minutes for row in last.activities} if last else None
    return ReportAnswer(rules.prefill(work_of(booking.session), before))


def save_report(
    session: Session, peer: Peer, session_ref: str, answer: ReportAnswer, *, actor: Actor, clock: Clock
) -> Report:
    """Keep a report as a draft. Raises NotFound, Conflict("too_early", "report_sent"), InvalidInput."""
    booking, report = _open_booking(session, peer, session_ref, clock)
    report = _write(session, booking, report, answer, clock=clock, actor=actor)
    session.flush()
    return report


def submit_report(
    session: Session, peer: Peer, session_ref: str, answer: ReportAnswer, *, actor: Actor, clock: Clock
) -> Report:
    """Send a report. Once everyone who came has, the structure is asked to confirm.

    Raises NotFound, Conflict("too_early", "report_sent"), InvalidInput naming the field at fault.
    """
    booking, report = _open_booking(session, peer, session_ref, clock)
    rules.ensure_handover(answer.handover)
    report = _write(session, booking, report, answer, clock=clock, actor=actor)
    move(session, report, REPORT_TRANSITIONS, ReportEvent.SUBMIT, actor=actor, clock=clock)
    report.submitted_at = clock.now()
    session.flush()
    asking.ask_when_complete(session, booking.session, clock=clock)
    return report


def say_absent(session: Session, booking: Booking, *, actor: Actor, clock: Clock) -> None:
    """The peer was not at this session, said by themselves or by the office. No reason is asked or kept.

    When nobody was there, the session is not held; otherwise it goes on with those who were. Raises
    Conflict("report_sent", "too_early").
    """
    _demand, row = lock_session(session, booking.session.ref)
    _ensure_open(row, clock)
    report = report_of(session, booking)
    if report is not None and report.state is not ReportState.DRAFT:
        raise _sent()
    if report is not None:
        session.delete(report)
    advance_demand(session, row.demand.ref, clock=clock)  # a demand that only begins today is running first
    booking.active = False
    record(session, "session.absent", "demand_session", row.ref, actor=actor, clock=clock)
    session.flush()
    if not any(one.active for one in row.bookings):
        mark_session(session, row, SessionEvent.MISS, actor=actor, clock=clock)
        advance_demand(session, row.demand.ref, clock=clock)
    else:
        asking.ask_when_complete(session, row, clock=clock)


def _open_booking(session: Session, peer: Peer, session_ref: str, clock: Clock) -> tuple[Booking, Report | None]:
    """The peer's hold, its demand and session locked, still to be reported; and the report begun."""
    find_booking(session, peer, session_ref)
    _demand, row = lock_session(session, session_ref)
    booking = find_booking(session, peer, session_ref)
    _ensure_open(row, clock)
    report = report_of(session, booking)
    if report is not None and report.state is not ReportState.DRAFT:
        raise _sent()
    return booking, report


def _ensure_open(row: DemandSession, clock: Clock) -> None:
    if not rules.may_report(period_of(row).start, clock.now()):
        raise Conflict("too_early", N_("This session has not begun yet: come back once you are there."))
    if row.state is not SessionState.PLANNED:
        raise Conflict("session_over", N_("This session is settled already: there is nothing left to say."))


def _sent() -> Conflict:
    return Conflict("report_sent", N_("This report has been sent. To change something, call us."))


def _write(
    session: Session, booking: Booking, report: Report | None, answer: ReportAnswer, *, actor: Actor, clock: Clock
) -> Report:
    """Put the answer in the report begun, or in a new one; flushed by the caller."""
    hours = rules.counted_hours(
        answer.hours,
        did_something_else=answer.did_something_else,
        planned_minutes=period_of(booking.session).minutes,
        known=activity_names().keys(),
    )
    rules.ensure_headcount(answer.headcount)
    note = answer.note.strip()
    if len(note) > 400:
        raise InvalidInput("note_too_long", N_("Please keep it under %(count)s signs."), field="note", count=400)
    rules.ensure_text(note, field="note", names_checked=answer.names_checked)
    if report is None:
        report = Report(
            ref=new_reference("CR"),
            session_id=booking.session_id,
            assignment_id=booking.assignment_id,
            state=ReportState.DRAFT,
            activities=[],
        )
        session.add(report)
        record(session, "report.start", "report", report.ref, actor=actor, clock=clock)
    report.headcount, report.note, report.handover = answer.headcount, note, answer.handover
    report.did_something_else = answer.did_something_else
    if report.activities:
        report.activities.clear()
        session.flush()  # gone before the new ones come: a code stands once
    report.activities.extend(ReportActivity(activity=code, minutes=minutes) for code, minutes in hours.items())
    return report


# --- reminders ---------------------------------------------------------------------------------------------


def schedule_reminders(
    session: Session, assignment: Assignment, sessions: Sequence[DemandSession], *, clock: Clock
) -> None:
    """Write the kind recall of each session of a hold, due the morning after; a moved session gets its own."""
    for row in sessions:
        due = rules.next_morning(period_of(row).end)
        if due > clock.now():
            add(
                session,
                "missions.remind_report",
                subject_kind="demand_session",
                subject_ref=row.ref,
                due_at=due,
                dedup=f"report-reminder:{row.ref}:{assignment.ref}:{due:%Y%m%d}",
                payload={"assignment": assignment.ref},
            )


def remind_report(session: Session, subject_ref: str, payload: Mapping[str, object], *, clock: Clock) -> None:
    """Effect `missions.remind_report` on a session: one mail, if the report is still to be written."""
    booking = session.scalars(
        select(Booking)
        .join(DemandSession, DemandSession.id == Booking.session_id)
        .join(Assignment, Assignment.id == Booking.assignment_id)
        .where(DemandSession.ref == subject_ref, Assignment.ref == str(payload["assignment"]), Booking.active)
    ).one_or_none()
    if booking is None or not awaits_report(session, booking, clock):
        return
    account = booking.peer.account
    queue_mail(
        session,
        "missions.report_reminder",
        to_ref=account.ref,
        address=account.email,
        subject_kind="demand_session",
        subject_ref=subject_ref,
        clock=clock,
        dedup=f"report-reminder:{subject_ref}:{account.ref}",
        params={"assignment": booking.assignment.ref},
    )


def awaits_report(session: Session, booking: Booking, clock: Clock) -> bool:
    """Whether the session is over and the peer has not said how it went."""
    row = booking.session
    if not booking.active or row.state is not SessionState.PLANNED or period_of(row).end > clock.now():
        return False
    report = report_of(session, booking)
    return report is None or report.state is ReportState.DRAFT
