"""Making a study: asked by the office or by the calendar, made by the workers in steps that each write what they found."""

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from typing import Final

from sqlalchemy import exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from entrepairs.db import locked
from entrepairs.demands.models import Demand, DemandSession
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.states import SessionState
from entrepairs.fairness.columns import look_over, team_for
from entrepairs.fairness.coverage import last_study, since_of, study_under_way, without_anybody
from entrepairs.fairness.departements import departements
from entrepairs.fairness.figures import StudyTerms
from entrepairs.fairness.models import CoverageFinding, CoverageStudy
from entrepairs.fairness.newcomers import Help, Need, first_day, helps
from entrepairs.fairness.reasons import Found, look_into, missing
from entrepairs.fairness.shares import thresholds_on
from entrepairs.kernel.clock import Clock, FixedClock
from entrepairs.kernel.dates import at_paris
from entrepairs.kernel.parameters import figures
from entrepairs.kernel.references import new_reference
from entrepairs.matching.gathering import gather_ask, gather_pool
from entrepairs.matching.index.team import Team
from entrepairs.matching.looking import limits_on
from entrepairs.matching.values import Ask
from entrepairs.network.models import Commune, Peer, Qualification
from entrepairs.outbox.adding import add

EFFECT: Final = "fairness.study_coverage"
MOST: Final = 500
"""Demands of a study, the latest: the older ones say less of today's team."""
BY_COLUMNS: Final = 200_000
BY_RULES: Final = 3_000
"""People looked at in one step (a person for each demand), over columns or one by one: well under a task's time."""
FORGOTTEN: Final = timedelta(hours=1)
"""A study not whole by then met an accident: another may be asked."""


def ask_study(session: Session, *, clock: Clock) -> CoverageStudy:
    """Ask for a study of the last months; the one under way is given back instead. The workers make it."""
    running = study_under_way(session, clock.now() - FORGOTTEN)
    if running is not None:
        return running
    since = since_of(clock.today(), _terms(clock).study_months)
    study = CoverageStudy(
        ref=new_reference("ETU"), since=since, total=len(_to_look_at(session, since)), done=0, asked_at=clock.now()
    )
    session.add(study)
    session.flush()
    _go_on(session, study, clock)
    return study


def ask_study_when_old(session: Session, *, clock: Clock) -> None:
    """The calendar's: a study when the last one is old, and there is a demand without anybody to look at."""
    terms, last = _terms(clock), last_study(session)
    if last is not None and last.asked_at > clock.now() - timedelta(days=terms.study_every_days):
        return
    if last is not None or _to_look_at(session, since_of(clock.today(), terms.study_months)):
        ask_study(session, clock=clock)


def study_coverage(session: Session, subject_ref: str, payload: Mapping[str, object], *, clock: Clock) -> None:
    """One step: look at some demands, write what is found, leave the rest to the next step; at the end, the newcomers.

    A study that is whole, or unknown, is left as it is.
    """
    study = locked(session, select(CoverageStudy).where(CoverageStudy.ref == subject_ref))
    if study is None or study.done_at is not None:
        return
    known = set(session.scalars(select(CoverageFinding.demand_id).where(CoverageFinding.study_id == study.id)))
    waiting = [one for one in _to_look_at(session, study.since) if one[0] not in known]
    done = _look_at_some(session, study, waiting, clock)
    study.total, study.done = len(known) + len(waiting), len(known) + done
    if done < len(waiting):
        _go_on(session, study, clock)
        return
    study.newcomers = [_told(session, help_, clock) for help_ in _newcomers(session, study, clock)]
    study.done_at = clock.now()
    session.flush()


def _terms(clock: Clock) -> StudyTerms:
    return StudyTerms.on(figures(), clock.today())


def _go_on(session: Session, study: CoverageStudy, clock: Clock) -> None:
    add(
        session,
        EFFECT,
        subject_kind=CoverageStudy.__tablename__,
        subject_ref=study.ref,
        due_at=clock.now(),
        dedup=f"{EFFECT}:{study.ref}:{study.done}",
    )


def _to_look_at(session: Session, since: date) -> Sequence[tuple[int, str]]:
    """Ids and references of the demands without anybody that have dates, the latest first."""
    dated = exists().where(DemandSession.demand_id == Demand.id)
    rows = session.execute(
        select(Demand.id, Demand.ref)
        .where(Demand.submitted_at >= at_paris(since, time()), without_anybody(), dated)
        .order_by(Demand.submitted_at.desc(), Demand.id.desc())
        .limit(MOST)
    )
    return [(demand_id, ref) for demand_id, ref in rows]


def _look_at_some(session: Session, study: CoverageStudy, waiting: Sequence[tuple[int, str]], clock: Clock) -> int:
    """Look at as many as a step may; gives how many."""
    people = session.scalar(select(func.count()).select_from(Peer).where(Peer.left_on.is_(None))) or 1
    asks = [_ask(session, demand_id, ref, clock) for demand_id, ref in waiting[: max(1, BY_COLUMNS // people)]]
    team = team_for(session, asks)
    if team is None:
        asks = asks[: max(1, BY_RULES // people)]
    fewest = thresholds_on(clock.today()).fewest_people
    for (demand_id, _ref), ask in zip(waiting, asks, strict=False):
        _keep(session, study, demand_id, ask, _found(session, ask, team, fewest))
    return len(asks)


def _found(session: Session, ask: Ask, team: Team | None, fewest: int) -> Found:
    limits = limits_on(session, first_day(ask))
    found = look_over(team, ask, limits, fewest) if team is not None else None
    return found or look_into(ask, gather_pool(session, ask), limits, fewest)


def _keep(session: Session, study: CoverageStudy, demand_id: int, ask: Ask, found: Found) -> None:
    session.execute(
        insert(CoverageFinding)
        .values(study_id=study.id, demand_id=demand_id, needed=missing(ask), eligible=found.eligible, why=found.why)
        .on_conflict_do_nothing(index_elements=["study_id", "demand_id"])
    )


def _ask(session: Session, demand_id: int, ref: str, clock: Clock) -> Ask:
    """What the demand asked, on its own dates, looked at from the day it was filed: a pause of today says nothing of it."""
    rows = session.scalars(
        select(DemandSession).where(DemandSession.demand_id == demand_id).order_by(DemandSession.during)
    ).all()
    standing = [row for row in rows if row.state is not SessionState.CANCELLED] or rows
    periods = tuple(period_of(row) for row in standing)
    filed = session.scalar(select(Demand.submitted_at).where(Demand.id == demand_id))
    return gather_ask(session, ref, clock=FixedClock(filed or clock.now()), periods=periods)


def _newcomers(session: Session, study: CoverageStudy, clock: Clock) -> list[Help]:
    rows = session.execute(
        select(CoverageFinding.demand_id, Demand.ref, CoverageFinding.needed, CoverageFinding.eligible)
        .join(Demand, Demand.id == CoverageFinding.demand_id)
        .where(CoverageFinding.study_id == study.id)
    ).all()
    needs = [Need(_ask(session, demand_id, ref, clock), needed, left) for demand_id, ref, needed, left in rows]
    limits = {day: limits_on(session, day) for day in {first_day(need.ask) for need in needs}}
    return helps(needs, departements(), _terms(clock), limits)


def _told(session: Session, help_: Help, clock: Clock) -> dict[str, object]:
    return {
        "departement": help_.departement,
        "qualifications": sorted(help_.qualifications),
        "demands": help_.demands,
        "members": _who_could_learn(session, help_, clock.today()),
    }


def _who_could_learn(session: Session, help_: Help, today: date) -> int:
    """Members who live in the département, wish missions, and lack a qualification of the set."""
    if not help_.qualifications:
        return 0
    held = (
        select(func.count(Qualification.kind.distinct()))
        .where(
            Qualification.peer_id == Peer.id,
            Qualification.kind.in_(help_.qualifications),
            Qualification.valid.contains(today),
        )
        .scalar_subquery()
    )
    return (
        session.scalar(
            select(func.count())
            .select_from(Peer)
            .join(Commune, Commune.insee == Peer.commune_insee)
            .where(
                Commune.departement == help_.departement,
                Peer.asks_missions,
                or_(Peer.left_on.is_(None), Peer.left_on > today),
                held < len(help_.qualifications),
            )
        )
        or 0
    )
