"""A planning problem in a JSON file, as planners exchange them, read into a `Problem`; the plan found, written as JSON.

Times are minutes since Monday 00:00 of week 0, positions degrees, lengths of work hours. Who may come is decided here by
the file's own terms: skills, languages, radius, weekly hours, absences, excluded sites, a week's limit. A file that makes
no sense raises InvalidInput with the place and the reason.
"""

import json
import math
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.planning.instance_fields import Row, rows_of
from entrepairs.planning.problem import DAY, MINUTE, POINT, Marks, Problem, Whole, whole

WEEK: Final = 7 * DAY
_BY_THE_WEEK: Final = 0.25
"""Each session beyond the first adds a quarter of a request's points."""
_KNOWN_SITE, _LIKED_KIND, _BY_KM, _ON_THE_ROAD = 15, 8, 0.5, 10


def read_instance(path: Path) -> Problem:
    """The problem a file holds. Raises InvalidInput when it can't be read or makes no sense."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("instance_unread", N_("The file %(path)s could not be read."), path=path) from error
    try:
        return problem_of(json.loads(text))
    except (json.JSONDecodeError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        message = N_("The file %(path)s is not JSON: look at line %(line)s.")
        raise InvalidInput("instance_not_json", message, path=path, line=line) from error


def problem_of(instance: object) -> Problem:
    """The problem of an instance already decoded. Raises InvalidInput."""
    sites = rows_of(instance, "institutions")
    peers = rows_of(instance, "peers")
    requests = rows_of(instance, "requests")
    known_sites = {row.id: at for at, row in enumerate(sites)}
    requested = _Requests(requests, known_sites)
    team = _Team(peers, known_sites)
    site_places = np.radians([row.position("pos") for row in sites]).reshape(-1, 2)
    km = road_km(team.places, site_places)
    able = _able(team, requested, _within_radius(team, sites, km))
    return _assembled(requested, team, able, km, road_km(site_places, site_places))


def road_km(here: Any, there: Any) -> Any:
    """Kilometres by road between places in radians: the great circle, times 1.3."""
    lat, lon = here[:, None, 0] - there[None, :, 0], here[:, None, 1] - there[None, :, 1]
    h = np.sin(lat / 2) ** 2 + np.cos(here[:, None, 0]) * np.cos(there[None, :, 0]) * np.sin(lon / 2) ** 2
    return 2 * 6371 * np.arcsin(np.sqrt(np.minimum(h, 1.0))) * 1.3


class _Requests:
    """The requests as arrays; sessions in one table, `session_request` telling whose they are."""

    def __init__(self, rows: Sequence[Row], sites: Mapping[Hashable, int]) -> None:
        self.names = tuple(row.id for row in rows)
        self.site = whole([row.reference("inst", sites) for row in rows])
        self.kinds = [row.text("kind") for row in rows]
        self.skills = [row.texts("skills") for row in rows]
        self.langs = [row.texts("langs") for row in rows]
        self.seats = whole([row.whole_number("peers_needed", at_least=1) for row in rows])
        self.needs_lead = np.array([row.boolean("lead") for row in rows], dtype=np.bool_)
        priority = np.array([row.number("priority", at_least=0) for row in rows])
        sessions = [row.spans("sessions", at_least=1) for row in rows]
        self.count = whole([len(each) for each in sessions])
        self.session_request = np.repeat(np.arange(len(rows)), self.count)
        flat = whole([span for each in sessions for span in each]).reshape(-1, 2)
        self.start, self.end = flat[:, 0], flat[:, 1]
        points = 1000 * priority * self.seats * (1 + _BY_THE_WEEK * (self.count - 1))
        self.value = np.rint(points * POINT).astype(np.int64)


class _Team:
    """The peers as arrays and sets."""

    def __init__(self, rows: Sequence[Row], sites: Mapping[Hashable, int]) -> None:
        self.rows = rows
        self.names = tuple(row.id for row in rows)
        self.places = np.radians([row.position("pos") for row in rows]).reshape(-1, 2)
        self.radius = np.array([row.number("radius_km", at_least=0) for row in rows])
        self.skills = [row.texts("skills") for row in rows]
        self.langs = [row.texts("langs") for row in rows]
        self.lead = np.array([row.boolean("lead") for row in rows], dtype=np.bool_)
        self.likes = [row.texts("likes") for row in rows]
        self.week_limit = np.array([row.number("max_week", at_least=0) for row in rows])
        self.target = np.array([row.number("target_month", at_least=0) for row in rows])
        self.excluded = _marked(rows, "excluded", sites)
        self.known = _marked(rows, "known", sites)
        self.weekly = [row.spans("week") for row in rows]
        self.absent = [row.spans("absences") for row in rows]

    def free(self, start: int, end: int) -> Marks:
        """Who is in their weekly hours, and not absent, for a session (W)."""
        at = start % WEEK
        found = np.zeros(len(self.names), dtype=np.bool_)
        found[self._windows[(self._windows[:, 1] <= at) & (at + end - start <= self._windows[:, 2]), 0]] = True
        away = self._absences
        found[away[(start < away[:, 2]) & (away[:, 1] < end), 0]] = False
        return found

    def sweep(self) -> "_Team":
        """Put weekly hours and absences in tables, hours that touch as one; done once, when all has been read."""
        merged = [(peer, *span) for peer, spans in enumerate(self.weekly) for span in _merged(spans)]
        self._windows = whole(merged).reshape(-1, 3)
        self._absences = whole([(peer, *span) for peer, spans in enumerate(self.absent) for span in spans]).reshape(
            -1, 3
        )
        return self


def _marked(rows: Sequence[Row], name: str, sites: Mapping[Hashable, int]) -> Marks:
    marks = np.zeros((len(rows), len(sites)), dtype=np.bool_)
    for at, row in enumerate(rows):
        marks[at, row.references(name, sites)] = True
    return marks


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and found[-1][1] >= start:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _within_radius(team: _Team, sites: Sequence[Row], km: Any) -> Marks:
    """Who goes as far as each site (W x sites); a hair's breadth is decided by the plain formula."""
    within: Marks = km <= team.radius[:, None]
    for peer, site in np.argwhere(np.abs(km - team.radius[:, None]) < 1e-6).tolist():
        exact = _exact_km(team.rows[peer].position("pos"), sites[site].position("pos"))
        within[peer, site] = exact <= team.radius[peer]
    return within


def _exact_km(here: Sequence[float], there: Sequence[float]) -> float:
    la1, lo1, la2, lo2 = (math.radians(each) for each in (*here, *there))
    h = math.sin((la2 - la1) / 2) ** 2 + math.cos(la1) * math.cos(la2) * math.sin((lo2 - lo1) / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(h)) * 1.3


def _able(team: _Team, requested: _Requests, within: Marks) -> Marks:
    """Who may come to each request (R x W)."""
    team.sweep()
    going = within & ~team.excluded
    able: Marks = going[:, requested.site].T.copy()
    for wanted, offered in ((requested.skills, team.skills), (requested.langs, team.langs)):
        known: dict[frozenset[str], Marks] = {}
        for at, terms in enumerate(wanted):
            if terms not in known:
                known[terms] = np.array([terms <= each for each in offered], dtype=np.bool_)
            able[at] &= known[terms]
    free: dict[tuple[int, int], Marks] = {}
    sessions = zip(requested.session_request.tolist(), requested.start.tolist(), requested.end.tolist(), strict=True)
    for request, start, end in sessions:
        if (start, end) not in free:
            free[start, end] = team.free(start, end)
        able[request] &= free[start, end]
    return able


def _assembled(requested: _Requests, team: _Team, able: Marks, km: Any, between_sites: Any) -> Problem:
    weeks, load_period = np.unique(requested.start // WEEK, return_inverse=True)
    minutes = requested.end - requested.start
    capacity = np.floor(team.week_limit * 60 + 1e-6).astype(np.int64)
    spent = np.zeros((len(requested.names), len(weeks)), dtype=np.int64)
    np.add.at(spent, (requested.session_request, load_period), minutes)
    able = able & (spent.max(axis=1, initial=0)[:, None] <= capacity[None, :])
    request, peer = (whole(each) for each in np.nonzero(able))
    site = requested.site[request]
    points = _BY_KM * km[peer, site] * requested.count[request]
    points = points - _KNOWN_SITE * team.known[peer, site]
    points = points - _LIKED_KIND * _likes(team, requested)[peer, _kind_numbers(requested)[request]]
    travel = np.ceil(between_sites + _ON_THE_ROAD).astype(np.int64)
    np.fill_diagonal(travel, 0)
    load_request, load_at = np.nonzero(spent)
    return Problem(
        requests=requested.names,
        peers=team.names,
        value=requested.value,
        seats=requested.seats,
        needs_lead=requested.needs_lead,
        lead=team.lead,
        target=np.rint(team.target * 60 * MINUTE).astype(np.int64),
        option_request=request,
        option_peer=peer,
        option_cost=np.rint(points * POINT).astype(np.int64),
        session_request=whole(requested.session_request),
        session_start=requested.start,
        session_end=requested.end,
        session_site=requested.site[requested.session_request],
        travel=travel,
        load_request=whole(load_request),
        load_period=whole(load_at),
        load_minutes=spent[load_request, load_at],
        capacity=np.repeat(capacity[:, None], len(weeks), axis=1),
    )


def _kind_numbers(requested: _Requests) -> Whole:
    numbers = {kind: at for at, kind in enumerate(sorted(set(requested.kinds)))}
    return whole([numbers[kind] for kind in requested.kinds])


def _likes(team: _Team, requested: _Requests) -> Marks:
    """Which kinds each peer likes (W x kinds)."""
    kinds = sorted(set(requested.kinds))
    table = np.array([[kind in likes for kind in kinds] for likes in team.likes], dtype=np.bool_)
    return table.reshape(len(team.names), len(kinds))


def written_plan(problem: Problem, chosen: Whole) -> str:
    """The plan as JSON: `{"assignments": {request: [peer, …]}}`, served requests only."""
    return json.dumps({"assignments": {str(name): asked for name, asked in problem.plan(chosen).items()}}) + "\n"
