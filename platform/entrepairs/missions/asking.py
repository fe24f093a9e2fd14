"""Asking the structure for its word on a session, once everyone who came has reported; recalling it later."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.db import locked
from entrepairs.demands.models import Booking, Demand, DemandSession
from entrepairs.demands.states import SessionState
from entrepairs.identity.models import Account
from entrepairs.kernel.clock import Clock
from entrepairs.messages.queueing import queue_mail
from entrepairs.missions.models import Report, ReportState, ServiceDone
from entrepairs.network.models import Partner
from entrepairs.network.rules import in_force
from entrepairs.outbox.adding import add
from entrepairs.settings.decisions import decision_or

REMINDER_DAYS: Final = "missions.service_reminder_days"
"""Decision: days of silence after which the structure is asked once more."""
DEFAULT_REMINDER_DAYS: Final = 4


def ask_when_complete(session: Session, row: DemandSession, *, clock: Clock) -> bool:
    """Ask if every peer who came has sent their report. The session is locked by the caller. True when asked.

    Each person of the structure who may answer receives a mail with a link that works once.
    """
    if not waits_for_partner(session, row):
        return False
    _write_to_all(session, row, clock=clock, round_="asked")
    days = int(decision_or(session, REMINDER_DAYS, clock.today(), DEFAULT_REMINDER_DAYS))
    add(
        session,
        "missions.remind_service",
        subject_kind="demand_session",
        subject_ref=row.ref,
        due_at=clock.now() + timedelta(days=days),
        dedup=f"service-reminder:{row.ref}",
    )
    return True


def remind_service(session: Session, subject_ref: str, payload: Mapping[str, object], *, clock: Clock) -> None:
    """Effect `missions.remind_service`: the same mails once more, if nobody has answered."""
    row = locked(session, select(DemandSession).where(DemandSession.ref == subject_ref))
    if row is not None and waits_for_partner(session, row):
        _write_to_all(session, row, clock=clock, round_="recalled")


def waits_for_partner(session: Session, row: DemandSession) -> bool:
    """Whether the session is reported by everyone who came and the structure has not answered."""
    if row.state is not SessionState.PLANNED or service_of(session, row) is not None:
        return False
    return everyone_told(session, row, live_reports(session, row))


def everyone_told(session: Session, row: DemandSession, reports: Sequence[Report]) -> bool:
    """Whether somebody came, and everyone who did is among the reports sent."""
    came = session.scalars(select(Booking.assignment_id).where(Booking.session_id == row.id, Booking.active)).all()
    sent = {one.assignment_id for one in reports if one.state is ReportState.SUBMITTED}
    return bool(came) and set(came) <= sent


def live_reports(session: Session, row: DemandSession) -> Sequence[Report]:
    """The reports of those who came."""
    return session.scalars(
        select(Report)
        .join(
            Booking,
            (Booking.session_id == Report.session_id) & (Booking.assignment_id == Report.assignment_id),
        )
        .where(Report.session_id == row.id, Booking.active)
        .order_by(Report.id)
    ).all()


def service_of(session: Session, row: DemandSession) -> ServiceDone | None:
    """The structure's word on a session."""
    return session.scalars(select(ServiceDone).where(ServiceDone.session_id == row.id)).one_or_none()


def people_to_ask(session: Session, demand: Demand, *, clock: Clock) -> Sequence[Account]:
    """Who may answer for the structure: who asked, while in its team, and the site's referents who have an account.

    With none of them (a demand opened by the office), every member who may confirm.
    """
    found: dict[int, Account] = {}
    team = {row.account_id for row in demand.partner.members}
    if demand.requester is not None and demand.requester.id in team:
        found[demand.requester.id] = demand.requester
    named = [
        one.account_id
        for one in (demand.site.referents if demand.site else ())
        if one.account_id is not None and in_force(one, clock.today())
    ]
    for account in session.scalars(select(Account).where(Account.id.in_(named)).order_by(Account.id)):
        found[account.id] = account
    alive = [one for one in found.values() if one.disabled_at is None]
    return alive or _members(demand.partner)


def _members(partner: Partner) -> list[Account]:
    known = {row.account_id: row.account for row in partner.members if row.role.value != "accountant"}
    return [account for account in known.values() if account.disabled_at is None]


def _write_to_all(session: Session, row: DemandSession, *, clock: Clock, round_: str) -> None:
    for account in people_to_ask(session, row.demand, clock=clock):
        queue_mail(
            session,
            "missions.confirm_service",
            to_ref=account.ref,
            address=account.email,
            subject_kind="demand_session",
            subject_ref=row.ref,
            clock=clock,
            dedup=f"confirm-service:{row.ref}:{account.ref}:{round_}",
            params={"round": round_},
        )
