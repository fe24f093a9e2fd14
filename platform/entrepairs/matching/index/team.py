"""The whole team in columns, as of one snapshot of the database, and what a change of each table touches."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from threading import RLock
from typing import Final

import numpy as np
from sqlalchemy import Connection

from entrepairs.matching.index.diary import Diary
from entrepairs.matching.index.history import History
from entrepairs.matching.index.hours import Hours
from entrepairs.matching.index.leave import PAPERS, Absences, Exclusions, Papers, Pauses, Refusals, TrainingDays
from entrepairs.matching.index.peers import EMPLOYMENTS, Peers
from entrepairs.matching.index.roads import Road
from entrepairs.matching.index.skills import Masks, Stretches
from entrepairs.matching.index.source import Source
from entrepairs.matching.index.supervision import Supervision
from entrepairs.matching.index.times import EVER, Ints, micros
from entrepairs.matching.values import LOOK_AROUND, Place
from entrepairs.network.models.peers import ClearanceKind, Employment

_MARGIN: Final = timedelta(weeks=1)


class Team:
    """Every column. `lock` is held by whoever reads or changes them."""

    def __init__(self, connection: Connection, since: datetime) -> None:
        """Read everybody; missions and absences that ended before `since` are left in the database."""
        source = Source(connection, since)
        self.lock = RLock()
        self._ready_until: Ints | None = None
        self.since = since
        self.since_micros = micros(since)
        self.sees_from = micros(since + LOOK_AROUND + _MARGIN)
        """No session before: the rules look further back than what was read."""
        self.roads: dict[Place | None, Road] = {}
        self.peers = Peers(source)
        self.languages = Masks(source, self.peers, "peer_language", "language")
        self.themes = Masks(source, self.peers, "peer_theme", "theme")
        self.held = Stretches(source, self.peers, "qualification")
        self.learning = Stretches(source, self.peers, "learning")
        self.hours = Hours(source, self.peers)
        self.absences = Absences(source, self.peers)
        self.pauses = Pauses(source, self.peers)
        self.training = TrainingDays(source, self.peers)
        self.exclusions = Exclusions(source, self.peers)
        self.papers = Papers(source, self.peers)
        self.refusals = Refusals(source)
        self.diary = Diary(source, self.peers)
        self.history = History(source, self.peers)
        self.supervision = Supervision(source, self.peers)

    @property
    def ready_until(self) -> Ints:
        """The last day each has every paper they need, before every day for who asks no mission."""
        if self._ready_until is None:
            best = self.papers.best.copy()
            volunteer = self.peers.employment == EMPLOYMENTS.index(Employment.VOLUNTEER)
            best[PAPERS.index(ClearanceKind.CONTRACT), volunteer] = EVER
            self._ready_until = np.where(self.peers.asks, best.min(axis=0), -EVER)
        return self._ready_until

    def reload(self, part: str, connection: Connection, peer_ids: Collection[int]) -> None:
        """Read a part again for the peers of a change. Raises NoRoom, OutOfReach and what a build may raise."""
        self._ready_until = None
        if part == "peers":
            self.peers.reload(Source(connection, self.since, sorted(peer_ids)))
        known = sorted(peer_id for peer_id in peer_ids if peer_id in self.peers.row_of)
        if known:
            PARTS[part](self, Source(connection, self.since, known))


def _refusals(team: Team, source: Source) -> None:
    team.refusals.reload(Source(source.connection, source.since))


def _diary(team: Team, source: Source) -> None:
    team.diary.reload(source, team.peers)
    team.supervision.reload(source, team.peers)


def _peers(team: Team, source: Source) -> None:
    team.supervision.reload(source, team.peers)


PARTS: Final[Mapping[str, Callable[[Team, Source], None]]] = {
    "peers": _peers,
    "languages": lambda team, source: team.languages.reload(source, team.peers),
    "themes": lambda team, source: team.themes.reload(source, team.peers),
    "held": lambda team, source: team.held.reload(source, team.peers),
    "learning": lambda team, source: team.learning.reload(source, team.peers),
    "hours": lambda team, source: team.hours.reload(source, team.peers),
    "absences": lambda team, source: team.absences.reload(source, team.peers),
    "pauses": lambda team, source: team.pauses.reload(source, team.peers),
    "training": lambda team, source: team.training.reload(source, team.peers),
    "exclusions": lambda team, source: team.exclusions.reload(source, team.peers),
    "papers": lambda team, source: team.papers.reload(source, team.peers),
    "refusals": _refusals,
    "diary": _diary,
    "history": lambda team, source: team.history.reload(source, team.peers),
    "supervision": lambda team, source: team.supervision.reload(source, team.peers),
}
"""What is read again, by the name written in `matching_change`."""
