"""A peer of the columns as the rules know them: each term is read when it is first asked for."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, time, timedelta
from typing import Any, Final

from entrepairs.kernel.dates import Period
from entrepairs.matching.index.leave import PAPERS
from entrepairs.matching.index.peers import EMPLOYMENTS, HOME_WISHES, NO_WISH, PAIR_WISHES
from entrepairs.matching.index.survey import Survey
from entrepairs.matching.index.times import Ints, day_of, instant_of
from entrepairs.matching.values import LOOK_AROUND, Candidate, Paper, Place, Spell, Work
from entrepairs.network.rules import DAY, END_OF_DAY, WeeklySlot


class Known(Candidate):
    """A candidate whose terms come from the columns. Its hours are the same as the peer's, slots that touch joined;
    what ended before the columns' horizon is left out."""

    __slots__ = ("_km", "_month", "_row", "_survey")
    _km: float
    _month: int

    def __init__(self, survey: Survey, row: int, **terms: Any) -> None:
        object.__setattr__(self, "_survey", survey)
        object.__setattr__(self, "_row", int(row))
        for name, value in terms.items():
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        """A term not read yet."""
        if name not in TERMS:
            raise AttributeError(name)
        with self._survey.team.lock:
            value = TERMS[name](self._survey, self._row)
        object.__setattr__(self, name, value)
        return value

    def month_minutes(self, month: date) -> int:
        """Read from the months' column when it is the ask's."""
        return self._month if month == self._survey.ask_month else Candidate.month_minutes(self, month)

    def km_to(self, place: Place | None) -> float:
        """Read from the distances to the place asked."""
        return self._km if place is self._survey.ask.place else Candidate.km_to(self, place)

    def read(self) -> Candidate:
        """The same with every term read."""
        return Candidate(**{one.name: getattr(self, one.name) for one in fields(Candidate)})

    def __eq__(self, other: object) -> bool:
        return self.read() == (other.read() if isinstance(other, Known) else other)

    def __hash__(self) -> int:
        return hash(self.ref)


def known(survey: Survey, rows: Ints) -> list[Known]:
    """Several, with the terms that a score is made of read at once."""
    peers = survey.team.peers
    terms = {
        "id": peers.ids[rows].tolist(),
        "ref": [ref.decode("ascii").rstrip() for ref in peers.refs[rows].tolist()],
        "first_name": [peers.first_names[row] for row in rows],
        "short_name": [peers.short_names[row] for row in rows],
        "employment": [EMPLOYMENTS[place] for place in peers.employment[rows].tolist()],
        "full_time": peers.full_time[rows].tolist(),
        "wished_hours": peers.wished[rows].tolist(),
        "visits": survey.visits_of(rows).tolist(),
        "pair_wish": [PAIR_WISHES[place] for place in peers.pair_wish[rows].tolist()],
        "_km": survey.km_of(rows).tolist(),
        "_month": survey.month_minutes(rows).tolist(),
    }
    names, columns = list(terms), zip(*terms.values(), strict=True)
    return [
        Known(survey, row, **dict(zip(names, values, strict=True))) for row, values in zip(rows, columns, strict=True)
    ]


Term = Callable[[Survey, int], Any]


def _plain(name: str) -> Term:
    return lambda survey, row: getattr(survey.team.peers, name)[row].item()


def _place(survey: Survey, commune: int, site: int | None = None) -> Place:
    peers = survey.team.peers
    return Place(float(peers.latitudes[commune]), float(peers.longitudes[commune]), site)


def _home(survey: Survey, row: int) -> Place:
    return _place(survey, int(survey.team.peers.home[row]))


def _monthly_max(survey: Survey, row: int) -> int | None:
    most = int(survey.team.peers.monthly_max[row])
    return None if most == NO_WISH else most


def _week(survey: Survey, row: int) -> tuple[WeeklySlot, ...]:
    held = survey.team.hours.stretches
    columns = (held.of(row, name) for name in ("weekday", "begin", "end"))
    return tuple(WeeklySlot(int(day), _wall(begin), _wall(end)) for day, begin, end in zip(*columns, strict=True))


def _wall(seconds: int) -> time:
    if seconds >= DAY:
        return END_OF_DAY
    return time(int(seconds) // 3600, int(seconds) % 3600 // 60, int(seconds) % 60)


def _absences(survey: Survey, row: int) -> tuple[Period, ...]:
    held = survey.team.absences.held
    spans = zip(held.of(row, "start"), held.of(row, "end"), strict=True)
    return tuple(Period(instant_of(start), instant_of(end)) for start, end in spans)


def _spells(name: str) -> Term:
    def read(survey: Survey, row: int) -> tuple[Spell, ...]:
        held = getattr(survey.team, name).held
        spans = zip(held.of(row, "since"), held.of(row, "until"), strict=True)
        return tuple(Spell(date.fromordinal(int(since)), day_of(until)) for since, until in spans)

    return read


def _papers(survey: Survey, row: int) -> tuple[Paper, ...]:
    held = survey.team.papers.held
    return tuple(
        Paper(PAPERS[kind], day_of(until))
        for kind, until in zip(held.of(row, "kind"), held.of(row, "until"), strict=True)
    )


def _excluded(survey: Survey, row: int) -> bool:
    held, ask = survey.team.exclusions.held, survey.ask
    there = held.of(row, "partner") == ask.partner_id
    if ask.site_id is not None:
        there |= held.of(row, "site") == ask.site_id
    return bool(there.any())


def _bookings(survey: Survey, row: int) -> tuple[Work, ...]:
    """Those that touch what the rules look around the ask."""
    held, asked = survey.team.diary.held, survey.asked
    around = LOOK_AROUND // timedelta(microseconds=1)
    start, end = held.of(row, "start"), held.of(row, "end")
    near = (start < asked.end + around) & (end > asked.start - around)
    rest = (held.of(row, name)[near] for name in ("commune", "site", "preparation", "call_out"))
    return tuple(
        Work(
            Period(instant_of(begin), instant_of(stop)),
            None if commune < 0 else _place(survey, int(commune), int(site) or None),
            int(preparation),
            call_out=bool(call_out),
        )
        for begin, stop, commune, site, preparation, call_out in zip(start[near], end[near], *rest, strict=True)
    )


def _together(survey: Survey, row: int) -> Mapping[int, int]:
    return survey.team.history.together.of(row) if survey.ask.seats > 1 else {}


def _refused(survey: Survey, row: int) -> frozenset[int]:
    if survey.ask.seats < 2:
        return frozenset()
    return survey.team.refusals.of.get(int(survey.team.peers.ids[row]), frozenset())


TERMS: Final[Mapping[str, Term]] = {
    "_km": lambda survey, row: float(survey.km_of(row)),
    "_month": lambda survey, row: int(survey.month_minutes(row)),
    "id": lambda survey, row: int(survey.team.peers.ids[row]),
    "ref": lambda survey, row: survey.team.peers.refs[row].decode("ascii").rstrip(),
    "first_name": lambda survey, row: survey.team.peers.first_names[row],
    "short_name": lambda survey, row: survey.team.peers.short_names[row],
    "home": _home,
    "employment": lambda survey, row: EMPLOYMENTS[survey.team.peers.employment[row]],
    "asks_missions": _plain("asks"),
    "joined_on": lambda survey, row: date.fromordinal(int(survey.team.peers.joined[row])),
    "left_on": lambda survey, row: day_of(survey.team.peers.left[row]),
    "radius_km": _plain("radius"),
    "wished_hours": _plain("wished"),
    "weekly_max_hours": _plain("weekly_max"),
    "outside_hours": _plain("outside"),
    "languages": lambda survey, row: survey.team.languages.names(row),
    "themes": lambda survey, row: survey.team.themes.names(row),
    "qualifications": lambda survey, row: survey.team.held.of(row),
    "week": _week,
    "absences": _absences,
    "pauses": _spells("pauses"),
    "papers": _papers,
    "excluded": _excluded,
    "bookings": _bookings,
    "visits": lambda survey, row: int(survey.visits_of(row)),
    "together": _together,
    "learning": lambda survey, row: survey.team.learning.of(row),
    "training": _spells("training"),
    "rests_on_holidays": _plain("rests_on_holidays"),
    "monthly_max_hours": _monthly_max,
    "supervision_due_on": lambda survey, row: day_of(survey.team.supervision.due(survey.ask.today, [row])[0]),
    "waits_for_supervision": _plain("waits_for_supervision"),
    "pair_wish": lambda survey, row: PAIR_WISHES[survey.team.peers.pair_wish[row]],
    "home_wish": lambda survey, row: HOME_WISHES[survey.team.peers.home_wish[row]],
    "refused": _refused,
    "full_time": _plain("full_time"),
}
"""How each term of a candidate is read; a term missing here is a test that fails."""
