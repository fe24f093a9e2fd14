"""Asking for the month end: one run at a time for a month; asked again, it goes on with what is left."""

from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing.month.months import Month
from entrepairs.billing.month.telling import tell_who_asked
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.outbox.models import Run
from entrepairs.outbox.runs import ask_run, ask_stop
from entrepairs.outbox.states import ENDED

RUN: Final = "billing.bill_month"
_ONE_AT_A_TIME: Final = 0x6D6F6973
"""Key of the advisory lock that makes two people who launch in the same instant be served in turn."""


def ask_month(session: Session, month: Month, *, actor: Actor, clock: Clock, real_now: datetime) -> Run:
    """Launch, or take up again, the invoices of a month; a worker begins after the commit.

    Raises Conflict("month_not_over", "month_under_way").
    """
    if clock.today() < month.last:
        raise Conflict(
            "month_not_over", N_("This month is not over: it can be invoiced from %(day)s on."), day=month.last
        )
    session.execute(select(func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
    last = last_run(session, month)
    if last is not None and last.state not in ENDED:
        raise Conflict("month_under_way", N_("The invoices of this month are being made already."))
    run = ask_run(session, RUN, str(month), {}, asked_by=actor.ref, asked_label=actor.label, real_now=real_now)
    record(session, "billing.bill_month", "run", run.ref, actor=actor, clock=clock, month=str(month))
    session.flush()
    return run


def last_run(session: Session, month: Month) -> Run | None:
    """The latest run of a month."""
    wanted = select(Run).where(Run.kind == RUN, Run.subject_ref == str(month))
    return session.scalars(wanted.order_by(Run.id.desc()).limit(1)).one_or_none()


def find_run(session: Session, ref: str) -> Run:
    """A month end by the reference of its run. Raises NotFound("run")."""
    run = session.scalars(select(Run).where(Run.kind == RUN, Run.ref == ref)).one_or_none()
    if run is None:
        raise NotFound("run", N_("This work does not exist."))
    return run


def stop_month(session: Session, ref: str, *, actor: Actor, clock: Clock, real_now: datetime) -> Run:
    """Stop after the few invoices under way; what is issued stays, the rest waits to be taken up. Raises NotFound."""
    run = ask_stop(session, find_run(session, ref).ref, real_now=real_now)
    record(session, "billing.stop_month", "run", ref, actor=actor, clock=clock, month=run.subject_ref)
    if run.state in ENDED:  # it had not begun: no worker will tell
        tell_who_asked(session, run, clock=clock)
    session.flush()
    return run
