"""What became of the demands, by département, and what the last study found of those without anybody. For the office."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from entrepairs.demands.models import Demand, PlaceKind, Seat
from entrepairs.demands.states import OFFERABLE, DemandState, SeatState
from entrepairs.fairness.departements import REMOTE, departements
from entrepairs.fairness.models import CoverageFinding, CoverageStudy
from entrepairs.kernel.dates import add_months, at_paris, month_start
from entrepairs.network.models import Commune, Site

FREE: Final = (SeatState.OPEN, SeatState.OFFERED)
PREPARED: Final = (
    DemandState.AWAITING_APPROVAL,
    DemandState.SUBMITTED,
    DemandState.QUALIFIED,
    DemandState.QUOTED,
    DemandState.AWAITING_ENGAGEMENT,
)
LEFT_OUT: Final = (DemandState.DRAFT, DemandState.CANCELLED)


class Outcome(StrEnum):
    """Where a demand stands, seen from who comes."""

    SERVED = "served"
    LOOKING = "looking"
    """Firm, and somebody is still missing."""
    UNFILLED = "unfilled"
    """It ended without anybody."""
    PREPARED = "prepared"
    """Not firm yet: nobody is proposed."""
    REFUSED = "refused"
    """The association said no before looking."""


@dataclass(frozen=True, slots=True)
class Covered:
    """A département: how many demands by outcome, and, for those without anybody, how many by what was missing."""

    departement: str
    counts: Mapping[Outcome, int] = field(default_factory=dict)
    whys: Sequence[tuple[str, int]] = ()
    unstudied: int = 0
    """Without anybody, and filed or freed since the last study."""

    def count(self, outcome: Outcome) -> int:
        """How many of an outcome."""
        return self.counts.get(outcome, 0)

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    @property
    def without(self) -> int:
        """How many are without anybody, or still miss somebody."""
        return self.count(Outcome.LOOKING) + self.count(Outcome.UNFILLED)

    @property
    def served_percent(self) -> int:
        """Of those for which somebody was looked for, the part served; 100 when there was none."""
        looked = self.count(Outcome.SERVED) + self.without
        return 100 * self.count(Outcome.SERVED) // looked if looked else 100


def since_of(today: date, months: int) -> date:
    """The first day of the months looked at, this one included."""
    return add_months(month_start(today), 1 - months)


def coverage(session: Session, since: date) -> tuple[Covered, ...]:
    """Demands filed from `since` on: the départements of the territory by code, then others that have some.

    Three queries.
    """
    counts: dict[str, dict[Outcome, int]] = {one.code: {} for one in departements()}
    for departement, outcome, number in session.execute(_counts(since)):
        counts.setdefault(departement, {})[Outcome(outcome)] = number
    study = last_study(session)
    found = _whys(session, study, since) if study else {}
    return tuple(_covered(code, by_outcome, found.get(code, Counter())) for code, by_outcome in _ordered(counts))


def _ordered(counts: Mapping[str, Mapping[Outcome, int]]) -> list[tuple[str, Mapping[Outcome, int]]]:
    known = {one.code for one in departements()}
    return sorted(counts.items(), key=lambda item: (item[0] not in known, item[0] == REMOTE, item[0]))


def _covered(code: str, counts: Mapping[Outcome, int], whys: Mapping[str, int]) -> Covered:
    without = counts.get(Outcome.LOOKING, 0) + counts.get(Outcome.UNFILLED, 0)
    told = sorted(whys.items(), key=lambda item: (-item[1], item[0]))
    return Covered(code, counts, told, max(0, without - sum(whys.values())))


def _counts(since: date) -> Any:
    place, outcome = _departement(), _outcome()
    return _filed(select(place, outcome, func.count()), since).group_by(place, outcome)


def _whys(session: Session, study: CoverageStudy, since: date) -> Mapping[str, Counter[str]]:
    """What the study found, for demands that are still without anybody."""
    place = _departement()
    query = _filed(
        select(place, CoverageFinding.why, func.count())
        .select_from(Demand)
        .join(CoverageFinding, CoverageFinding.demand_id == Demand.id),
        since,
    ).where(CoverageFinding.study_id == study.id, without_anybody())
    found: dict[str, Counter[str]] = {}
    for departement, why, number in session.execute(query.group_by(place, CoverageFinding.why)):
        found.setdefault(departement, Counter())[why] = number
    return found


def last_study(session: Session) -> CoverageStudy | None:
    """The latest study that is whole."""
    return session.scalars(
        select(CoverageStudy)
        .where(CoverageStudy.done_at.is_not(None))
        .order_by(CoverageStudy.asked_at.desc(), CoverageStudy.id.desc())
        .limit(1)
    ).one_or_none()


def study_under_way(session: Session, since: datetime) -> CoverageStudy | None:
    """A study asked after `since` that is not whole yet."""
    return session.scalars(
        select(CoverageStudy)
        .where(CoverageStudy.done_at.is_(None), CoverageStudy.asked_at > since)
        .order_by(CoverageStudy.id.desc())
        .limit(1)
    ).one_or_none()


def without_anybody() -> ColumnElement[bool]:
    """A demand that ended without anybody, or is firm and still misses somebody."""
    free = select(Seat.id).where(Seat.demand_id == Demand.id, Seat.state.in_(FREE)).correlate(Demand).exists()
    return (Demand.state == DemandState.UNFILLED) | (Demand.state.in_(OFFERABLE) & free)


def _outcome() -> ColumnElement[str]:
    return case(
        (Demand.state.in_(PREPARED), Outcome.PREPARED.value),
        (Demand.state == DemandState.REFUSED, Outcome.REFUSED.value),
        (Demand.state == DemandState.UNFILLED, Outcome.UNFILLED.value),
        (without_anybody(), Outcome.LOOKING.value),
        else_=Outcome.SERVED.value,
    ).label("outcome")


def _departement() -> ColumnElement[str]:
    """That of the place; none for a session at a distance, wherever the service is."""
    return case(
        (Demand.place_kind == PlaceKind.REMOTE, REMOTE), else_=func.coalesce(Commune.departement, REMOTE)
    ).label("departement")


def _filed(query: Any, since: date) -> Any:
    return (
        query.outerjoin(Site, Site.id == Demand.site_id)
        .outerjoin(Commune, Commune.insee == func.coalesce(Site.commune_insee, Demand.commune_insee))
        .where(Demand.submitted_at >= at_paris(since, time()), Demand.state.not_in(LEFT_OUT))
    )
