"""What the network's facts mean on a date, as pure functions over values. Wall times are Paris; ranges are `[start, end)`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Protocol, TypeVar

from entrepairs.kernel.clock import PARIS
from entrepairs.kernel.dates import Period, at_paris, paris

END_OF_DAY: Final = time(23, 59)
"""A slot that ends at 23:59 lasts until midnight (a `time` can't say 24:00)."""

DAY: Final = 24 * 60 * 60


@dataclass(frozen=True, order=True, slots=True)
class WeeklySlot:
    """A slot of every week in Paris wall time; `weekday` 0 is Monday."""

    weekday: int
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class Held:
    """A qualification held from `since` until the day before `until` (None: no end)."""

    kind: str
    since: date | None
    until: date | None = None

    def on(self, day: date) -> bool:
        """Whether it is valid that day."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


class Spell(Protocol):
    """A stretch of days from `since` until the day before `until` (None: open)."""

    @property
    def since(self) -> date: ...
    @property
    def until(self) -> date | None: ...


class InCharge(Spell, Protocol):
    """Somebody's charge of welcoming, as the first named or as deputy."""

    @property
    def deputy(self) -> bool: ...


Charge = TypeVar("Charge", bound=InCharge)


@dataclass(frozen=True, order=True, slots=True)
class WallPiece:
    """A part of a period on one Paris day, in seconds of wall time."""

    weekday: int
    starts: int
    ends: int


def wall_pieces(period: Period) -> Iterator[WallPiece]:
    """Cut a period at Paris midnights and at the change of hour, so that each piece reads plainly on the wall.

    In the autumn fold the hour from 2 to 3 is given twice; in spring it is not given at all.
    """
    start = period.start.astimezone(UTC)
    end = period.end.astimezone(UTC)
    while start < end:
        stop = min(end, _next_cut(start))
        wall = paris(start)
        begin = wall.hour * 3600 + wall.minute * 60 + wall.second
        yield WallPiece(wall.weekday(), begin, begin + int((stop - start).total_seconds()))
        start = stop


def _next_cut(instant: datetime) -> datetime:
    """The next Paris midnight, or the change of hour before it (1 h UTC everywhere in Europe, directive 2000/84/CE)."""
    day = paris(instant).date()
    midnight = at_paris(day + timedelta(days=1), time())
    change = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)
    if instant < change and instant.astimezone(PARIS).utcoffset() != change.astimezone(PARIS).utcoffset():
        return change
    return midnight


def covers(slots: Iterable[WeeklySlot], period: Period) -> bool:
    """Whether the weekly slots, taken together, hold the whole period, wall time kept across a change of hour."""
    open_hours = _merged(slots)
    return all(
        any(begin <= piece.starts and piece.ends <= end for begin, end in open_hours.get(piece.weekday, ()))
        for piece in wall_pieces(period)
    )


def merged(slots: Iterable[WeeklySlot]) -> tuple[WeeklySlot, ...]:
    """The same hours with touching and overlapping slots joined, in the order of the week."""
    return tuple(
        WeeklySlot(weekday, _as_time(begin), _as_time(end))
        for weekday, spans in sorted(_merged(slots).items())
        for begin, end in spans
    )


def _merged(slots: Iterable[WeeklySlot]) -> dict[int, list[tuple[int, int]]]:
    week: dict[int, list[tuple[int, int]]] = {}
    for slot in sorted(slots):
        begin, end = _seconds(slot.starts), DAY if slot.ends >= END_OF_DAY else _seconds(slot.ends)
        spans = week.setdefault(slot.weekday, [])
        if spans and begin <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        else:
            spans.append((begin, end))
    return week


def weekly_minutes(slots: Iterable[WeeklySlot]) -> int:
    """Minutes open in a week, overlaps counted once."""
    return sum(end - begin for spans in _merged(slots).values() for begin, end in spans) // 60


def holds(held: Iterable[Held], kind: str, days: Iterable[date]) -> bool:
    """Whether a qualification of that kind is valid on every one of the days."""
    mine = [one for one in held if one.kind == kind]
    if not mine:
        return False
    wanted = tuple(days)
    if wanted and any(one.on(min(wanted)) and one.on(max(wanted)) for one in mine):  # nearly always
        return True
    return all(any(one.on(day) for one in mine) for day in wanted)


def in_force(spell: Spell, day: date) -> bool:
    """Whether a spell runs that day; `until` is the first day it no longer does."""
    return spell.since <= day and (spell.until is None or day < spell.until)


def paused_on(pauses: Iterable[Spell], day: date) -> bool:
    """Whether the peer has taken a pause that covers the day."""
    return any(in_force(pause, day) for pause in pauses)


def away(absences: Iterable[Period], period: Period) -> bool:
    """Whether an absence touches the period."""
    return any(absence.overlaps(period) for absence in absences)


def referent_in_charge(referents: Sequence[Charge], day: date) -> Charge | None:
    """Who welcomes that day: the first named if in charge, else the deputy, else nobody."""
    present = [person for person in referents if in_force(person, day)]
    return min(present, key=lambda person: (person.deputy, -person.since.toordinal()), default=None)


def clear_on(valid_until: date | None, day: date) -> bool:
    """Whether a paper checked is still good that day; `valid_until` is its last day (None: no end)."""
    return valid_until is None or day <= valid_until


def _seconds(wall: time) -> int:
    return wall.hour * 3600 + wall.minute * 60 + wall.second


def _as_time(seconds: int) -> time:
    return END_OF_DAY if seconds >= DAY else time(seconds // 3600, seconds % 3600 // 60, seconds % 60)
