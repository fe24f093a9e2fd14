"""From what was gathered to the engine's arrays. Pure.

The engine knows seats, clashes in time, minutes by day, week and month, and colleagues who are not proposed together,
by the functions of the rules themselves. What it cannot say (rest over a week, means over twelve, a learner beside
somebody qualified) is looked at again on its answer, by the rules: see `checking`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations
from typing import Final

import numpy as np

from entrepairs.kernel.dates import Period, month_start, paris, paris_day, week_start
from entrepairs.matching.protection_rules import RestAfterCallOut
from entrepairs.matching.time_rules import DailyRest
from entrepairs.matching.values import Ask, Candidate, Limits, Place, minutes_between
from entrepairs.matching.working_time import minutes_by_day, minutes_by_month, minutes_by_week
from entrepairs.network.models.peers import Employment
from entrepairs.planning.clashes import clash_table
from entrepairs.planning.eligibility import Able
from entrepairs.planning.gathering import Gathered, Needed
from entrepairs.planning.problem import DAY, MINUTE, POINT, Problem, Whole, score, whole

A_DEMAND: Final = 100
"""What a point of priority is worth, against one for an hour away from somebody's wish."""
HELD: Final = 10
"""What is held counts for so many times the first priority: it is never given up to serve something else."""
NO_LIMIT: Final = 10**6


@dataclass(frozen=True, slots=True)
class Horizon:
    """Paris days `[since, until)` over which hours and wishes are compared: to the last session of the demands."""

    since: date
    until: date

    def wished_minutes(self, candidate: Candidate) -> int:
        """Hours wished a month, for the part of each month that the horizon holds."""
        return sum(candidate.wished_hours * 60 * held // whole_month for held, whole_month in self._months())

    def _months(self) -> Iterator[tuple[int, int]]:
        first = month_start(self.since)
        while first < self.until:
            following = month_start(first + timedelta(days=32))
            held = (min(self.until, following) - max(self.since, first)).days
            yield held, (following - first).days
            first = following

    def holds(self, period: Period) -> bool:
        """Whether a session starts within."""
        return self.since <= paris_day(period.start) < self.until

    def booked_minutes(self, candidate: Candidate) -> int:
        """What somebody holds already, preparation included."""
        return sum(work.paid_minutes for work in candidate.bookings if self.holds(work.period))


def horizon_of(needed: Sequence[Needed], since: date, until: date) -> Horizon:
    """From the period asked to the last session of its demands."""
    ends = [paris_day(each.ask.span.end) + timedelta(days=1) for each in needed]
    return Horizon(since, max([until, *ends]))


def compile_problem(
    gathered: Gathered,
    able: Mapping[str, Able],
    horizon: Horizon,
    priorities: Mapping[str, int],
    move_minutes: int = 0,
) -> Problem:
    """The engine's problem: requests are named by the demands' references, peers by their ids.

    What is held already is worth more than any demand that could be served in its place, and costs `move_minutes` of
    the objective for each seat that changes hands. A demand to which too few can come is no request: it would only
    make the bound promise what nobody can keep.
    """
    needed = [each for each in gathered.needed if len(able[each.ask.ref].peers) >= each.ask.free_seats]
    asks = [each.ask for each in needed]
    asked = {peer_id for ask in asks for peer_id in able[ask.ref].peers}
    team = [peer for peer in gathered.team if peer.id in asked]
    limits = min(gathered.limits.items(), default=(None, None))[1]
    row = {peer.id: at for at, peer in enumerate(team)}
    rate = _units_by_point(team, gathered.weights.fairness)
    holders = gathered.holds.by_demand
    moved = move_minutes * MINUTE
    options = sorted(
        (at, row[peer_id], lost * rate + moved * (ask.ref in holders and peer_id not in holders[ask.ref]))
        for at, ask in enumerate(asks)
        for peer_id, lost in zip(able[ask.ref].peers, able[ask.ref].lost, strict=True)
        if peer_id in row
    )
    sites = _Sites(asks)
    loads = _Loads(asks)
    rest = limits.daily_rest_hours * 60 if limits else 0
    sessions = [
        (at, *_minutes(period, loads.monday), sites.row(ask.place))
        for at, ask in enumerate(asks)
        for period in ask.sessions
    ]
    problem = Problem(
        requests=tuple(ask.ref for ask in asks),
        peers=tuple(peer.id for peer in team),
        value=whole([_value(each, gathered, priorities) for each in needed]),
        seats=whole([ask.free_seats for ask in asks]),
        needs_lead=np.zeros(len(asks), dtype=np.bool_),
        lead=np.zeros(len(team), dtype=np.bool_),
        target=whole([max(0, horizon.wished_minutes(peer) - horizon.booked_minutes(peer)) * MINUTE for peer in team]),
        option_request=_column(options, 0),
        option_peer=_column(options, 1),
        option_cost=_column(options, 2),
        session_request=_column(sessions, 0),
        session_start=_column(sessions, 1),
        session_end=_column(sessions, 2),
        session_site=_column(sessions, 3),
        travel=sites.travel(),
        load_request=_column(loads.rows, 0),
        load_period=_column(loads.rows, 1),
        load_minutes=_column(loads.rows, 2),
        capacity=loads.capacity(team, limits),
        rest=np.full(len(team), rest, dtype=np.int64),
        refused=whole(sorted(_refused(team, row))).reshape(-1, 2),
        beside=whole([sum(work.paid_minutes - work.period.minutes for work in ask.work) for ask in asks]),
    )
    return replace(problem, clashes=_further_clashes(problem, asks, gathered, limits))


def _value(each: Needed, gathered: Gathered, priorities: Mapping[str, int]) -> int:
    points = max(1, priorities.get(each.kind, 0))
    if gathered.holds.is_held(each.ask.ref):
        points = HELD * max(1, *priorities.values(), points)
    return points * A_DEMAND * POINT


def held_value(problem: Problem, gathered: Gathered) -> int:
    """Units that what is held already brings in any plan: they say nothing of how good a plan is."""
    held = [at for at, ref in enumerate(problem.requests) if gathered.holds.is_held(str(ref))]
    return int(problem.value[held].sum())


def chosen_options(problem: Problem, plan: Mapping[str, Sequence[int]]) -> Whole:
    """The options of a plan given by peer ids and demands' references; what the problem no longer knows is left out."""
    row = {name: at for at, name in enumerate(problem.peers)}
    request = {name: at for at, name in enumerate(problem.requests)}
    wanted = {
        (request[ref], row[peer_id])
        for ref, peers in plan.items()
        if ref in request
        for peer_id in peers
        if peer_id in row
    }
    pairs = zip(problem.option_request.tolist(), problem.option_peer.tolist(), strict=True)
    return whole([at for at, pair in enumerate(pairs) if pair in wanted])


def worth(problem: Problem, plan: Mapping[str, Sequence[int]]) -> int:
    """Units a plan is worth; demands not wholly served bring nothing."""
    return score(problem, chosen_options(problem, plan))


def _column(rows: Sequence[tuple[int, ...]], at: int) -> Whole:
    return whole([row[at] for row in rows])


def _units_by_point(team: Sequence[Candidate], fairness: int) -> int:
    """Units lost with a point of the score, at the rate a demand alone gives: an hour missing from a mean wish is worth
    `fairness / mean wish` points there, and one point here.
    """
    wishes = [peer.wished_hours for peer in team if peer.wished_hours] or [1]
    return POINT * sum(wishes) // (len(wishes) * max(1, fairness))


def _minutes(period: Period, monday: date) -> tuple[int, int]:
    """Start and end in minutes of Paris wall time since a Monday."""
    begin, end = paris(period.start), paris(period.end)
    return (
        (begin.date() - monday).days * DAY + begin.hour * 60 + begin.minute,
        (end.date() - monday).days * DAY + end.hour * 60 + end.minute,
    )


class _Sites:
    """The places of the demands; remote is one more, no journey away from all."""

    def __init__(self, asks: Sequence[Ask]) -> None:
        self._places: list[Place | None] = list(dict.fromkeys(ask.place for ask in asks))
        self._rows = {place: at for at, place in enumerate(self._places)}

    def row(self, place: Place | None) -> int:
        """Its row in `travel`."""
        return self._rows[place]

    def travel(self) -> Whole:
        """Minutes from each to each, as the rules count them."""
        size = len(self._places)
        table = [[minutes_between(one, other) for other in self._places] for one in self._places]
        return whole(table).reshape(size, size)


class _Loads:
    """Minutes by day, week and month, counted by the functions of the rules."""

    def __init__(self, asks: Sequence[Ask]) -> None:
        days = [paris_day(session.start) for ask in asks for session in ask.sessions]
        self.monday = week_start(min(days, default=date.min))
        self._periods: dict[tuple[str, date], int] = {}
        self.rows: list[tuple[int, int, int]] = []
        for at, ask in enumerate(asks):
            for kind, counted in _counts(ask):
                for first, minutes in sorted(counted.items()):
                    period = self._periods.setdefault((kind, first), len(self._periods))
                    self.rows.append((at, period, minutes))

    def capacity(self, team: Sequence[Candidate], limits: Limits | None) -> Whole:
        """Minutes left to each peer in each period."""
        table = np.full((len(team), len(self._periods)), NO_LIMIT, dtype=np.int64)
        if limits is None:
            return table
        for row, peer in enumerate(team):
            held = dict(_counts(peer))
            most = _most(peer, limits)
            for (kind, first), period in self._periods.items():
                table[row, period] = max(0, most[kind] - held[kind].get(first, 0))
        return table


def _counts(of: Ask | Candidate) -> Iterable[tuple[str, Mapping[date, int]]]:
    pieces = of.work if isinstance(of, Ask) else of.bookings
    return (
        ("day", minutes_by_day(pieces)),
        ("week", minutes_by_week(pieces)),
        ("month", minutes_by_month(pieces)),
    )


def _most(peer: Candidate, limits: Limits) -> Mapping[str, int]:
    """The most minutes a rule allows in a day, a week and a month."""
    week = [peer.weekly_max_hours, limits.week_hours - peer.outside_hours]
    month = [peer.monthly_max_hours]
    if peer.employment is Employment.VOLUNTEER:
        month.append(limits.volunteer_month_hours)
        if limits.volunteer_week_hours is not None:
            week.append(limits.volunteer_week_hours)
    return {
        "day": limits.day_hours * 60,
        "week": min(week) * 60,
        "month": min((hours * 60 for hours in month if hours is not None), default=NO_LIMIT),
    }


def _refused(team: Sequence[Candidate], row: Mapping[int, int]) -> set[tuple[int, int]]:
    return {
        (min(row[peer.id], row[other]), max(row[peer.id], row[other]))
        for peer in team
        for other in peer.refused
        if other in row
    }


def _further_clashes(problem: Problem, asks: Sequence[Ask], gathered: Gathered, limits: Limits | None) -> Whole:
    """Two demands nobody may hold together though the engine sees no clash: a day too long, a rest after a call-out."""
    if limits is None:
        return whole([]).reshape(-1, 3)
    known = clash_table(problem, limits.daily_rest_hours * 60)
    willing: dict[int, set[int]] = defaultdict(set)
    for request, peer in zip(problem.option_request.tolist(), problem.option_peer.tolist(), strict=True):
        willing[request].add(peer)
    rows = [
        (peer, one, other)
        for one, other in sorted(_suspects(asks, timedelta(hours=limits.span_hours)))
        if not known[one, other] and _never_together(asks[one], asks[other], gathered.limits_of(asks[one]))
        for peer in sorted(willing[one] & willing[other])
    ]
    return whole(rows).reshape(-1, 3)


def _suspects(asks: Sequence[Ask], longest: timedelta) -> set[tuple[int, int]]:
    """Pairs of demands that would stretch a day beyond `longest`, or put an emergency within three days of the other."""
    by_day: dict[date, list[tuple[int, Period]]] = defaultdict(list)
    for at, ask in enumerate(asks):
        for period in ask.sessions:
            by_day[paris_day(period.start)].append((at, period))
    found: set[tuple[int, int]] = set()
    for day, here in by_day.items():
        for (one, mine), (other, theirs) in combinations(here, 2):
            if max(mine.end, theirs.end) - min(mine.start, theirs.start) > longest:
                found.add((min(one, other), max(one, other)))
        for one in {at for at, _ in here if asks[at].call_out}:
            for near in range(-3, 4):
                others = by_day.get(day + timedelta(days=near), ())
                found.update((min(one, other), max(one, other)) for other, _ in others)
    return {(one, other) for one, other in found if one != other}


def _never_together(one: Ask, other: Ask, limits: Limits) -> bool:
    """The rules refuse the one to whoever holds nothing but the other."""
    holder = Candidate(0, "", "", "", Place(0.0, 0.0), bookings=other.work)
    return any(rule.check(one, holder, limits) is not None for rule in (DailyRest(), RestAfterCallOut()))
