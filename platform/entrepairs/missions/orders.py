"""Mission orders: issued when a peer accepts, issued anew when the sessions or the companion change."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.db import locked
from entrepairs.demands.diary import live_assignments
from entrepairs.demands.models import Assignment, Booking, DemandSession
from entrepairs.demands.states import AssignmentState, SessionState
from entrepairs.documents.numbering import take_number
from entrepairs.documents.rendering import render_pdf
from entrepairs.documents.storing import PDF, store_file
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.references import new_reference
from entrepairs.messages.queueing import queue_mail
from entrepairs.missions import papers
from entrepairs.missions.models import MissionOrder
from entrepairs.missions.reports import schedule_reminders
from entrepairs.outbox.adding import add

SERIES: Final = "OM"


def issue_order(session: Session, subject_ref: str, payload: Mapping[str, object], *, clock: Clock) -> None:
    """Effect `missions.issue_order` on an assignment: number, draw, keep and send its order.

    Safe to run again: an order exists once. Nothing is done for a hold that has ended meanwhile. The other peers of
    the demand receive an order that names their companion.
    """
    assignment = _live(session, subject_ref)
    if assignment is None or order_of(session, assignment) is not None:
        return
    order = MissionOrder(ref=new_reference("ODM"), assignment_id=assignment.id, number="", issued_at=clock.now())
    order.assignment = assignment
    if not _draw(session, order, replaces=None, clock=clock):
        return
    session.add(order)
    session.flush()
    record(
        session, "mission_order.issue", "mission_order", order.ref, actor=Actor.SYSTEM, clock=clock, number=order.number
    )
    _send(session, order, clock=clock)
    schedule_reminders(session, assignment, held_sessions(session, assignment), clock=clock)
    for other in live_assignments(session, assignment.demand_id):
        if other.id != assignment.id and other.state is AssignmentState.CONFIRMED:
            _ask_renewal(session, other, f"with:{assignment.ref}", clock)


def renew_order(session: Session, subject_ref: str, payload: Mapping[str, object], *, clock: Clock) -> None:
    """Effect `missions.renew_order` on an assignment: a new order replaces the one whose facts have changed.

    The former PDF is kept among the documents and its number in the trail. Nothing is done when no order has left
    yet (the first will say what is true) or when the hold has ended.
    """
    assignment = _live(session, subject_ref)
    order = order_of(session, assignment) if assignment else None
    if assignment is None or order is None:
        return
    former = order.number
    order.issued_at = clock.now()
    if not _draw(session, order, replaces=former, clock=clock):
        return
    session.flush()
    record(
        session,
        "mission_order.replace",
        "mission_order",
        order.ref,
        actor=Actor.SYSTEM,
        clock=clock,
        number=order.number,
        former=former,
    )
    _send(session, order, clock=clock)
    schedule_reminders(session, assignment, held_sessions(session, assignment), clock=clock)


def renew_orders_of(session: Session, subject_ref: str, payload: Mapping[str, object], *, clock: Clock) -> None:
    """Effect `missions.sessions_moved` on a session of a demand: every peer who holds it receives a new order."""
    holds = session.scalars(
        select(Assignment)
        .join(Booking, Booking.assignment_id == Assignment.id)
        .join(DemandSession, DemandSession.id == Booking.session_id)
        .where(DemandSession.ref == subject_ref, Booking.active, Assignment.state == AssignmentState.CONFIRMED)
        .order_by(Assignment.id)
    ).all()
    row = session.scalars(select(DemandSession).where(DemandSession.ref == subject_ref)).one()
    for assignment in holds:
        _ask_renewal(session, assignment, f"moved:{row.ref}:{clock.now():%Y%m%d%H%M%S}", clock)


def order_of(session: Session, assignment: Assignment) -> MissionOrder | None:
    """The order in force of an assignment."""
    return session.scalars(select(MissionOrder).where(MissionOrder.assignment_id == assignment.id)).one_or_none()


def held_sessions(session: Session, assignment: Assignment) -> Sequence[DemandSession]:
    """The sessions an assignment holds and that stand, in order."""
    return session.scalars(
        select(DemandSession)
        .join(Booking, Booking.session_id == DemandSession.id)
        .where(
            Booking.assignment_id == assignment.id,
            Booking.active,
            DemandSession.state.in_((SessionState.PLANNED, SessionState.DONE)),
        )
        .order_by(DemandSession.during)
    ).all()


def _live(session: Session, ref: str) -> Assignment | None:
    row = locked(session, select(Assignment).where(Assignment.ref == ref))
    return row if row is not None and row.state is AssignmentState.CONFIRMED else None


def _draw(session: Session, order: MissionOrder, *, replaces: str | None, clock: Clock) -> bool:
    """Give the order its number and its PDF; False when no session is left to do."""
    assignment = order.assignment
    sessions = held_sessions(session, assignment)
    if not sessions:
        return False
    with session.no_autoflush:
        number = take_number(session, SERIES, clock.today().year)
        paper = papers.order_paper(session, assignment, sessions, number=number, replaces=replaces, clock=clock)
    pdf = render_pdf("mission_order", paper, on=clock.today(), title=f"Ordre de mission {number}")
    stored = store_file(session, pdf, PDF, kept_until=None, clock=clock, filename=f"ordre-de-mission-{number}.pdf")
    order.number, order.file_id = number, stored.id
    return True


def _send(session: Session, order: MissionOrder, *, clock: Clock) -> None:
    account = order.assignment.peer.account
    queue_mail(
        session,
        "missions.order",
        to_ref=account.ref,
        address=account.email,
        subject_kind="mission_order",
        subject_ref=order.ref,
        clock=clock,
        dedup=f"order:{order.number}",
        params={"number": order.number},
    )


def _ask_renewal(session: Session, assignment: Assignment, why: str, clock: Clock) -> None:
    add(
        session,
        "missions.renew_order",
        subject_kind="assignment",
        subject_ref=assignment.ref,
        due_at=clock.now(),
        dedup=f"renew-order:{assignment.ref}:{why}",
    )
