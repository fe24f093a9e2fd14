"""The structure's word on a session: confirm, correct, dispute; silence where the agreement says so; the office's
settlement of a dispute. What is confirmed is what is invoiced.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.moving import move
from entrepairs.audit.recording import record
from entrepairs.demands.advancing import advance_demand
from entrepairs.demands.models import Demand, DemandSession
from entrepairs.demands.scheduling import lock_session, mark_session
from entrepairs.demands.scopes import Scope, lock_demand
from entrepairs.demands.states import SessionEvent, SessionState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.references import new_reference
from entrepairs.messages.queueing import queue_mail
from entrepairs.missions import rules
from entrepairs.missions.asking import everyone_told, live_reports, service_of, waits_for_partner
from entrepairs.missions.models import (
    REPORT_TRANSITIONS,
    Report,
    ReportEvent,
    ReportState,
    ServiceAnswer,
    ServiceDone,
)
from entrepairs.missions.papers import drawn_agreement
from entrepairs.settings.decisions import association

LONGEST_COMMENT: Final = 400


@dataclass(frozen=True, slots=True)
class Answerer:
    """Who answers for the structure: the trail's actor, their account when known, and the name that is kept."""

    actor: Actor
    label: str
    account_id: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the reports say of a session, as the structure is asked to confirm it."""

    minutes: int
    headcount: int | None


def facts_of(reports: Sequence[Report]) -> Facts:
    """The presence and the head-count told by those who came."""
    return Facts(
        rules.service_minutes([{row.activity: row.minutes for row in one.activities} for one in reports]),
        rules.largest_headcount(one.headcount for one in reports),
    )


def confirm_service(
    session: Session, session_ref: str, scope: Scope, answerer: Answerer, *, clock: Clock
) -> ServiceDone:
    """« C'est bien cela ». Raises NotFound, Conflict("already_answered", "not_reported")."""
    row, reports = _lock(session, session_ref, scope)
    return _settle(session, row, reports, answerer, clock=clock)


def correct_service(
    session: Session,
    session_ref: str,
    scope: Scope,
    answerer: Answerer,
    *,
    minutes: int,
    headcount: int | None,
    clock: Clock,
) -> ServiceDone:
    """Confirm with other figures; what the peer reported of their own hours stays. Same figures: plain confirmation.

    Raises NotFound, Conflict("already_answered", "not_reported"), InvalidInput.
    """
    row, reports = _lock(session, session_ref, scope)
    _ensure_figures(minutes, headcount)
    said, told = Facts(minutes, headcount), facts_of(reports)
    answer = ServiceAnswer.CONFIRMED if said == told else ServiceAnswer.CORRECTED
    return _settle(session, row, reports, answerer, said=said, answer=answer, clock=clock)


def dispute_service(
    session: Session,
    session_ref: str,
    scope: Scope,
    answerer: Answerer,
    *,
    comment: str,
    names_checked: bool,
    clock: Clock,
) -> ServiceDone:
    """« Ce n'est pas ce qui s'est passé »: nothing is billed, the office calls. Raises NotFound, Conflict, InvalidInput."""
    row, reports = _lock(session, session_ref, scope)
    text = _checked(comment, names_checked)
    if not text:
        raise InvalidInput("comment_missing", N_("A few words, so that we understand."), field="comment")
    done = _word(session, row, facts_of(reports), ServiceAnswer.DISPUTED, answerer, clock=clock)
    done.comment = text
    for report in reports:
        move(session, report, REPORT_TRANSITIONS, ReportEvent.DISPUTE, actor=answerer.actor, clock=clock)
    session.flush()
    _tell_office(session, done, clock=clock)
    return done


def confirm_all(session: Session, demand_ref: str, scope: Scope, answerer: Answerer, *, clock: Clock) -> int:
    """« Tout valider »: every session of a demand that waits; how many. Raises NotFound.

    One whose report tells no presence is left: its hours are corrected first.
    """
    demand = lock_demand(session, demand_ref, scope)  # a second click waits, then finds nothing left
    waiting = [row for row in demand.sessions if waits_for_partner(session, row)]
    told = [row.ref for row in waiting if facts_of(live_reports(session, row)).minutes > 0]
    for ref in told:
        confirm_service(session, ref, scope, answerer, clock=clock)
    return len(told)


def resolve_dispute(
    session: Session,
    session_ref: str,
    *,
    minutes: int,
    headcount: int | None,
    comment: str = "",
    actor: Actor,
    clock: Clock,
) -> ServiceDone:
    """The office settles a dispute after talking with both: corrected figures, confirmed; zero minutes, not held.

    The reports are corrected then confirmed, so that the peer's own hours go on; a session that was not held is
    marked so and nothing is billed. Raises NotFound, Conflict("not_disputed"), InvalidInput.
    """
    demand, row = lock_session(session, session_ref)
    done = service_of(session, row)
    if done is None or done.answer is not ServiceAnswer.DISPUTED:
        raise Conflict("not_disputed", N_("This session is not under discussion."))
    if minutes:
        _ensure_figures(minutes, headcount)
    text = _checked(comment, names_checked=True)
    for report in live_reports(session, row):
        move(session, report, REPORT_TRANSITIONS, ReportEvent.CORRECT, actor=actor, clock=clock)
        move(session, report, REPORT_TRANSITIONS, ReportEvent.CONFIRM, actor=actor, clock=clock)
    done.answer, done.minutes, done.headcount = ServiceAnswer.CORRECTED, minutes, headcount if minutes else None
    done.comment = text or done.comment
    done.by_label, done.at = actor.label, clock.now()
    advance_demand(session, demand.ref, clock=clock)  # a demand that only begins today is running first
    event = SessionEvent.DO if minutes else SessionEvent.MISS
    mark_session(session, row, event, actor=actor, clock=clock)
    record(session, "service.resolve", "demand_session", row.ref, actor=actor, clock=clock, minutes=minutes)
    advance_demand(session, demand.ref, clock=clock)
    return done


def confirm_tacitly(session: Session, *, clock: Clock) -> int:
    """Daily job: silence counts as yes once the agreement's delay has passed, and only where it says so. How many."""
    candidates = session.scalars(
        select(DemandSession)
        .join(Report, Report.session_id == DemandSession.id)
        .join(Demand, Demand.id == DemandSession.demand_id)
        .where(DemandSession.state == SessionState.PLANNED, Report.state == ReportState.SUBMITTED)
        .order_by(Demand.ref, DemandSession.id)  # demands are locked in one order by every daily job
    ).unique()
    count = 0
    for row in dict.fromkeys(candidates):
        agreement = drawn_agreement(session, row.demand)
        asked = asked_at(live_reports(session, row))
        day = rules.tacit_on(asked, agreement.tacit_days) if agreement and asked else None
        if day is None or clock.today() < day or not waits_for_partner(session, row):
            continue
        number = agreement.number or agreement.ref if agreement else ""
        count += _confirm_silence(session, row.ref, number, clock)
    return count


def asked_at(reports: Sequence[Report]) -> datetime | None:
    """When the structure was asked: at the last report sent."""
    return max((one.submitted_at for one in reports if one.submitted_at is not None), default=None)


def _confirm_silence(session: Session, session_ref: str, agreement: str, clock: Clock) -> bool:
    """False when somebody has answered meanwhile, or when no presence was told: the office asks."""
    _demand, row = lock_session(session, session_ref)
    if not waits_for_partner(session, row):
        return False
    reports = live_reports(session, row)
    if facts_of(reports).minutes <= 0:
        return False
    answerer = Answerer(Actor.SYSTEM, f"Accord tacite, convention {agreement}")
    _settle(session, row, reports, answerer, answer=ServiceAnswer.TACIT, clock=clock)
    return True


def _lock(session: Session, session_ref: str, scope: Scope) -> tuple[DemandSession, Sequence[Report]]:
    """A session that waits for the structure's word, its demand locked first. Raises NotFound, Conflict."""
    _demand, row = lock_session(session, session_ref, scope)
    if service_of(session, row) is not None:
        raise Conflict("already_answered", N_("Somebody has answered already: thank you."))
    reports = live_reports(session, row)
    if row.state is not SessionState.PLANNED or not everyone_told(session, row, reports):
        raise Conflict("not_reported", N_("The report of this session has not been received yet."))
    return row, reports


def _settle(
    session: Session,
    row: DemandSession,
    reports: Sequence[Report],
    answerer: Answerer,
    *,
    answer: ServiceAnswer = ServiceAnswer.CONFIRMED,
    said: Facts | None = None,
    clock: Clock,
) -> ServiceDone:
    """Write a billable word, with what was `said` or else what the reports tell; the session is done."""
    facts = said or facts_of(reports)
    if facts.minutes <= 0:
        raise InvalidInput("minutes_missing", N_("How long did it last? Correct the hours first."), field="minutes")
    done = _word(session, row, facts, answer, answerer, clock=clock)
    for report in reports:
        move(session, report, REPORT_TRANSITIONS, ReportEvent.CONFIRM, actor=answerer.actor, clock=clock)
    mark_session(session, row, SessionEvent.DO, actor=answerer.actor, clock=clock)
    advance_demand(session, row.demand.ref, clock=clock)
    return done


def _word(
    session: Session, row: DemandSession, facts: Facts, answer: ServiceAnswer, answerer: Answerer, *, clock: Clock
) -> ServiceDone:
    done = ServiceDone(
        ref=new_reference("SF"),
        session_id=row.id,
        answer=answer,
        minutes=facts.minutes,
        headcount=facts.headcount,
        by_label=answerer.label[:160],
        account_id=answerer.account_id,
        at=clock.now(),
    )
    done.session = row
    session.add(done)
    record(
        session,
        f"service.{answer.value}",
        "demand_session",
        row.ref,
        actor=answerer.actor,
        clock=clock,
        minutes=facts.minutes,
    )
    session.flush()
    return done


def _tell_office(session: Session, done: ServiceDone, *, clock: Clock) -> None:
    queue_mail(
        session,
        "missions.disputed",
        to_ref="association",
        address=association(session).email,
        subject_kind="demand_session",
        subject_ref=done.session.ref,
        clock=clock,
        dedup=f"disputed:{done.ref}",
    )


def _ensure_figures(minutes: int, headcount: int | None) -> None:
    if not 0 < minutes <= rules.LONGEST_DAY:
        raise InvalidInput("minutes_out_of_range", N_("These hours can't be right: look again."), field="minutes")
    rules.ensure_headcount(headcount)


def _checked(comment: str, names_checked: bool) -> str:
    text = comment.strip()
    if len(text) > LONGEST_COMMENT:
        raise InvalidInput(
            "comment_too_long", N_("Please keep it under %(count)s signs."), field="comment", count=LONGEST_COMMENT
        )
    rules.ensure_text(text, field="comment", names_checked=names_checked)
    return text
