"""Asking for a plan of a period: it is written with its demands, and a run searches it."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.demands.models import Assignment, Demand, Seat
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.references import new_reference
from entrepairs.outbox.runs import ask_run
from entrepairs.planning.gathering import MISSING, plannable
from entrepairs.planning.models import Plan, PlanDemand, PlanMovable
from entrepairs.planning.moving import MOST_MOVABLE, movable
from entrepairs.planning.states import Outcome

RUN: Final = "planning.plan"
LONGEST: Final = timedelta(days=184)
MOST_DEMANDS: Final = 5000
LONGEST_SEARCH: Final = 600
"""Seconds."""
SEED: Final = 1


def ask_plan(
    session: Session,
    since: date,
    until: date,
    *,
    departements: Collection[str] = (),
    demand_refs: Collection[str] | None = None,
    seconds: int = 30,
    seed: int = SEED,
    movable_refs: Collection[str] = (),
    actor: Actor,
    clock: Clock,
    real_now: datetime,
) -> Plan:
    """Ask to plan the demands of `[since, until)` where people are missing: all of them, or only `demand_refs`.

    What is accepted stays, but for the holds of `movable_refs`, whose people the plan may propose to ask. Raises
    InvalidInput("period_order", "period_long", "seconds_bounds", "no_demand", "too_many_demands", "not_movable",
    "too_many_moves").
    """
    _ensure_reasonable(since, until, seconds)
    held = _held(session, since, until, movable_refs, clock)
    demands = _chosen(session, since, until, departements, demand_refs, may_be_none=bool(held))
    plan = Plan(
        ref=new_reference("PLA"),
        since=since,
        until=until,
        departements=sorted(departements),
        seconds=seconds,
        seed=seed,
        asked_by=actor.ref,
        asked_label=actor.label,
        created_at=clock.now(),
        objective={},
        found={},
    )
    session.add(plan)
    session.flush()
    missing = _missing(session, [demand.id for demand in demands])
    session.add_all(
        PlanDemand(
            plan_id=plan.id,
            demand_id=demand.id,
            position=position,
            missing=missing[demand.id],
            outcome=Outcome.SEARCHED,
        )
        for position, demand in enumerate(demands)
    )
    _add_held(session, plan, held, len(demands))
    run = ask_run(
        session, RUN, plan.ref, {"seconds": seconds}, asked_by=actor.ref, asked_label=actor.label, real_now=real_now
    )
    plan.run_id = run.id
    record(
        session,
        "plan.ask",
        "plan",
        plan.ref,
        actor=actor,
        clock=clock,
        since=since,
        until=until,
        n=len(demands),
        movable=len(held),
    )
    session.flush()
    return plan


def _held(session: Session, since: date, until: date, refs: Collection[str], clock: Clock) -> Sequence[Assignment]:
    if not refs:
        return ()
    found = [one for one in movable(session, since, until, clock=clock) if one.ref in refs]
    if len(found) < len(set(refs)):
        raise InvalidInput(
            "not_movable",
            N_("One of these missions has begun, begins too soon or is no longer accepted: choose again."),
            field="movable",
        )
    if len(found) > MOST_MOVABLE:
        raise InvalidInput(
            "too_many_moves",
            N_("At most %(most)s accepted missions may be looked at again at once."),
            field="movable",
            most=MOST_MOVABLE,
        )
    return found


def _add_held(session: Session, plan: Plan, held: Sequence[Assignment], position: int) -> None:
    """A line for each demand held whose people may move, after those that miss people."""
    session.add_all(PlanMovable(plan_id=plan.id, assignment_id=one.id) for one in held)
    counts = Counter(one.demand_id for one in held)
    session.add_all(
        PlanDemand(
            plan_id=plan.id,
            demand_id=demand_id,
            position=position + at,
            missing=count,
            held=True,
            outcome=Outcome.SEARCHED,
        )
        for at, (demand_id, count) in enumerate(counts.items())
    )


def _ensure_reasonable(since: date, until: date, seconds: int) -> None:
    if until <= since:
        raise InvalidInput("period_order", N_("The period ends after it begins."), field="until")
    if until - since > LONGEST:
        raise InvalidInput("period_long", N_("Choose at most six months."), field="until")
    if not 1 <= seconds <= LONGEST_SEARCH:
        raise InvalidInput("seconds_bounds", N_("Choose between one second and ten minutes."), field="seconds")


def _chosen(
    session: Session,
    since: date,
    until: date,
    departements: Collection[str],
    refs: Collection[str] | None,
    *,
    may_be_none: bool,
) -> Sequence[Demand]:
    found = session.scalars(plannable(since, until, departements)).unique().all()
    if refs is not None:
        found = [demand for demand in found if demand.ref in refs]
    if not found and not may_be_none:
        raise InvalidInput(
            "no_demand", N_("Nobody is missing for the demands of this period and territory."), field="demands"
        )
    if len(found) > MOST_DEMANDS:
        raise InvalidInput(
            "too_many_demands", N_("That is too many demands at once: choose a shorter period."), field="until"
        )
    return found


def _missing(session: Session, demand_ids: Sequence[int]) -> dict[int, int]:
    rows = session.execute(
        select(Seat.demand_id, func.count())
        .where(Seat.demand_id.in_(demand_ids), Seat.state.in_(MISSING))
        .group_by(Seat.demand_id)
    )
    return dict(rows.all())


def find_plan(session: Session, ref: str) -> Plan:
    """The plan of that reference. Raises NotFound("plan")."""
    plan = session.scalar(select(Plan).where(Plan.ref == ref))
    if plan is None:
        raise NotFound("plan", N_("This plan does not exist."))
    return plan
