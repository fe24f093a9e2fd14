"""Grants: asked for, notified (the day they become income in the books), running, reported, closed."""

from datetime import date, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.moving import move
from entrepairs.audit.recording import record
from entrepairs.cooperative.models import GRANT_TRANSITIONS, Grant, GrantEvent, GrantState
from entrepairs.cooperative.rules import GrantSpan
from entrepairs.db import locked
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.kernel.references import new_reference
from entrepairs.ledger import chart
from entrepairs.ledger.balances import balance
from entrepairs.ledger.chart import JournalCode
from entrepairs.ledger.posting import Posting, is_posted, post, register_axis_value
from entrepairs.ledger.rules import Exercise
from entrepairs.ledger.years import exercise_shown, known_exercises

TO_RECEIVE: Final = "441"
DEFERRED: Final = "487"
GRANT_AXIS: Final = "grant"
COUNTED: Final = frozenset({GrantState.NOTIFIED, GrantState.RUNNING, GrantState.REPORTED, GrantState.CLOSED})
"""States in which the money is promised: what is only asked for is not income."""


def record_grant(
    session: Session,
    *,
    funder: str,
    purpose: str,
    amount: Money,
    first: date,
    last: date,
    report_due_on: date | None = None,
    actor: Actor,
    clock: Clock,
) -> Grant:
    """Note a grant asked for, from `first` to `last` included.

    Raises InvalidInput("grant_amount", "grant_period", "grant_incomplete").
    """
    if not funder.strip() or not purpose.strip():
        raise InvalidInput("grant_incomplete", N_("Say who funds and what for."), field="funder")
    grant = Grant(
        ref=new_reference("SUB"),
        funder=funder.strip(),
        purpose=purpose.strip(),
        cents=_ensure_amount(amount).cents,
        period=_period(amount, first, last),
        report_due_on=report_due_on,
        state=GrantState.APPLIED,
        created_at=clock.now(),
    )
    session.add(grant)
    session.flush()
    record(session, "grant.record", "grant", grant.ref, actor=actor, clock=clock, cents=grant.cents)
    return grant


def notify_grant(
    session: Session, ref: str, *, on: date, amount: Money | None = None, actor: Actor, clock: Clock
) -> Grant:
    """The funder's decision has come: the grant is income from that day (ANC 2018-06).

    Dr 441 / Cr 741 for the share of the year of notification (and of what came before), Cr 487 for later years.
    `amount` is what is granted, when it is not what was asked. Raises NotFound, TransitionRefused,
    InvalidInput("grant_amount", "grant_notified_on").
    """
    grant = _grant_for_update(session, ref)
    if on > clock.today():
        raise InvalidInput("grant_notified_on", N_("A notification has a date that is past, or today's."), field="on")
    if amount is not None:
        grant.cents = _ensure_amount(amount).cents
    grant.notified_on = on
    move(session, grant, GRANT_TRANSITIONS, GrantEvent.NOTIFY, actor=actor, clock=clock)
    session.flush()
    now, later = grant.span.split_at(on, known_exercises(session))
    register_axis_value(session, GRANT_AXIS, grant.ref, f"{grant.funder}, {grant.purpose}")
    lines = [Posting(TO_RECEIVE, debit=Money(grant.cents), aux_code=grant.ref, aux_label=grant.funder)]
    if now:
        lines.append(Posting(chart.GRANTS, credit=now, axes={GRANT_AXIS: grant.ref}))
    if later:
        lines.append(Posting(DEFERRED, credit=Money.sum(later.values()), axes={GRANT_AXIS: grant.ref}))
    label = f"Subvention {grant.funder}"
    post(session, JournalCode.GRANTS, on, grant.ref, label, lines, dedup=f"grant:{grant.ref}", clock=clock)
    if grant.span.first <= clock.today():
        move(session, grant, GRANT_TRANSITIONS, GrantEvent.START, actor=actor, clock=clock)
    return grant


def receive_grant(session: Session, ref: str, amount: Money, *, on: date, actor: Actor, clock: Clock) -> Grant:
    """Money of a grant arrived at the bank: Dr 512 / Cr 441. The same sum on the same day is written once.

    Raises NotFound, Conflict("grant_not_notified", "grant_over_received"), InvalidInput("grant_amount",
    "grant_received_on").
    """
    grant = _grant_for_update(session, ref)
    _ensure_amount(amount)
    if on > clock.today():
        raise InvalidInput("grant_received_on", N_("A payment has a date that is past, or today's."), field="on")
    if grant.state not in COUNTED:
        raise Conflict("grant_not_notified", N_("Note the notification first: nothing is due before it."))
    dedup = f"grant-receipt:{grant.ref}:{on.isoformat()}:{amount.cents}"
    left = still_to_receive(session, grant)
    if amount.cents > left.cents and not is_posted(session, dedup):
        raise Conflict(
            "grant_over_received", N_("Only %(left)s remain to be received on this grant."), field="amount", left=left
        )
    lines = [
        Posting(chart.BANK, debit=amount),
        Posting(TO_RECEIVE, credit=amount, aux_code=grant.ref, aux_label=grant.funder),
    ]
    post(
        session,
        JournalCode.BANK,
        on,
        grant.ref,
        f"Versement {grant.funder}",
        lines,
        dedup=dedup,
        clock=clock,
    )
    record(session, "grant.receive", "grant", grant.ref, actor=actor, clock=clock, cents=amount.cents)
    return grant


def start_grant(session: Session, ref: str, *, actor: Actor, clock: Clock) -> Grant:
    """The period begins. Raises NotFound, TransitionRefused."""
    return _moved(session, ref, GrantEvent.START, actor, clock)


def report_grant(session: Session, ref: str, *, actor: Actor, clock: Clock) -> Grant:
    """The report (cerfa 15059) has left for the funder. Raises NotFound, TransitionRefused."""
    return _moved(session, ref, GrantEvent.REPORT, actor, clock)


def close_grant(session: Session, ref: str, *, actor: Actor, clock: Clock) -> Grant:
    """Nothing more is owed on either side. Raises NotFound, TransitionRefused, Conflict("grant_not_received")."""
    grant = _grant_for_update(session, ref)
    left = still_to_receive(session, grant)
    if left:
        raise Conflict("grant_not_received", N_("%(left)s remain to be received on this grant."), left=left)
    move(session, grant, GRANT_TRANSITIONS, GrantEvent.CLOSE, actor=actor, clock=clock)
    return grant


def follow_grants(session: Session, *, clock: Clock) -> int:
    """Recurring job: start what begins today, and bring deferred income into the year that has come. How many."""
    refs = session.scalars(
        select(Grant.ref)
        .where(Grant.state == GrantState.NOTIFIED, func.lower(Grant.period) <= clock.today())
        .order_by(Grant.id)
    ).all()
    for ref in refs:
        start_grant(session, ref, actor=Actor.SYSTEM, clock=clock)
    return len(refs) + _release_deferred(session, clock)


def still_to_receive(session: Session, grant: Grant) -> Money:
    """What the funder still owes, by the books."""
    return balance(session, TO_RECEIVE, aux_code=grant.ref)


def _release_deferred(session: Session, clock: Clock) -> int:
    """Dr 487 / Cr 741 on its first day, for each later exercise once it has come; written once by grant and exercise."""
    known, released = known_exercises(session), 0
    current = exercise_shown(session, clock.today())
    # Ended ones too: a notification may be told after the end. What is written already stays as it is.
    waiting = select(Grant).where(Grant.state.in_(COUNTED), Grant.notified_on < current.first_day)
    for grant in session.scalars(waiting.order_by(Grant.id)):
        if grant.notified_on is None:
            continue
        _, later = grant.span.split_at(grant.notified_on, known)
        for due, share in later.items():
            if due.first_day <= current.first_day:
                _post_release(session, grant, due, share, clock)
                released += 1
    return released


def _post_release(session: Session, grant: Grant, due: Exercise, share: Money, clock: Clock) -> None:
    axes = {GRANT_AXIS: grant.ref}
    lines = [Posting(DEFERRED, debit=share, axes=axes), Posting(chart.GRANTS, credit=share, axes=axes)]
    label, dedup = f"Subvention {grant.funder}, part {due.number}", f"grant:{grant.ref}:{due.number}"
    post(session, JournalCode.GRANTS, due.first_day, grant.ref, label, lines, dedup=dedup, clock=clock)


def _moved(session: Session, ref: str, event: GrantEvent, actor: Actor, clock: Clock) -> Grant:
    grant = _grant_for_update(session, ref)
    move(session, grant, GRANT_TRANSITIONS, event, actor=actor, clock=clock)
    return grant


def _grant_for_update(session: Session, ref: str) -> Grant:
    grant = locked(session, select(Grant).where(Grant.ref == ref))
    if grant is None:
        raise NotFound("grant", N_("This grant does not exist."))
    return grant


def _ensure_amount(amount: Money) -> Money:
    if amount.cents <= 0:
        raise InvalidInput("grant_amount", N_("The amount is greater than zero."), field="amount")
    return amount


def _period(amount: Money, first: date, last: date) -> Range[date]:
    span = GrantSpan(amount, first, last + timedelta(days=1))
    return Range(span.first, span.end)


def grants_to_come(session: Session) -> list[tuple[Grant, Money]]:
    """Grants notified of which the funder still owes something, by the books; the first notified first."""
    rows = session.scalars(select(Grant).where(Grant.state.in_(COUNTED)).order_by(Grant.notified_on, Grant.id)).all()
    found = [(grant, still_to_receive(session, grant)) for grant in rows]
    return [(grant, left) for grant, left in found if left.cents > 0]
