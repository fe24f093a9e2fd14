"""The team a process holds in memory: built beside the requests, caught up before each answer, dropped at a doubt.

Nothing is held unless `allow` was called (the web does, at its start). Without a team, or when a session has written
or sees anything but what is committed, the database answers.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as wall
from typing import Final, TypeVar

import psycopg
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from entrepairs.kernel.dates import at_paris
from entrepairs.matching.explaining import Answer
from entrepairs.matching.index.changes import Doubt, Seen, catch_up, check, now
from entrepairs.matching.index.copying import Misread
from entrepairs.matching.index.diary import OutOfReach
from entrepairs.matching.index.peers import NoRoom
from entrepairs.matching.index.ranking import Disagreement, consider_all
from entrepairs.matching.index.skills import TooManyCodes
from entrepairs.matching.index.survey import OutOfSight
from entrepairs.matching.index.team import Team
from entrepairs.matching.index.widening import relaxations_of
from entrepairs.matching.relaxing import Relaxation
from entrepairs.matching.scoring import Weights
from entrepairs.matching.values import LOOK_AROUND, Ask, Limits

HORIZON: Final = LOOK_AROUND + timedelta(weeks=10)
"""How far before the business day missions are read: what the rules look back on, and the demands of last month."""
STALE: Final = timedelta(weeks=12)
"""When the horizon is that much further back than it need be, everything is read anew, to forget the past."""
PATIENCE: Final = 30.0
"""Real seconds between two builds, after one that failed or was thrown away."""
DOUBTS: Final = (
    Doubt,
    Disagreement,
    Misread,
    NoRoom,
    OutOfReach,
    TooManyCodes,
    SQLAlchemyError,
    psycopg.Error,
    ArithmeticError,
    LookupError,
    TypeError,
    ValueError,
)
T = TypeVar("T")
log = logging.getLogger(__name__)


def horizon(today: date) -> datetime:
    """From when missions are read, on a business day."""
    return at_paris(today, wall()) - HORIZON


class Holder:
    """One process's team on one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._reading = threading.Lock()
        self._held: tuple[Team, Seen] | None = None
        self._building = False
        self._not_before = 0.0

    def answer(self, session: Session, ask: Ask, limits: Limits, weights: Weights) -> Answer | None:
        """Everybody, from memory; None when the database must answer."""
        return self.asked(session, ask.today, lambda team: consider_all(team, ask, limits, weights))

    def asked(self, session: Session, today: date, question: Callable[[Team], T]) -> T | None:
        """What the team in memory answers; None when the database must answer."""
        team = self.current(session, today)
        if team is None:
            return None
        try:
            return question(team)
        except OutOfSight:
            return None
        except DOUBTS:
            self.drop("an answer failed")
            return None

    def current(self, session: Session, today: date) -> Team | None:
        """The team as the session sees it, changes read; None when there is none, or when the session has written."""
        held = self._held
        if held is None:
            self._build_beside(today)
            return None
        team, seen = held
        try:
            found = check(session, seen)
            if not found.plain:
                return None
            if found.changed:
                team = self._catch_up()
            else:
                self._stand(team, seen, found.seen)
        except DOUBTS:
            self.drop("changes could not be read")
            return None
        if horizon(today) - team.since > STALE or horizon(today) < team.since:
            self._build_beside(today)
        return team

    def _catch_up(self) -> Team:
        """Read the changes, one thread after the other: what is older never comes after what is newer."""
        with self._reading:
            if self._held is None:
                raise Doubt
            team, seen = self._held
            with self._engine.connect() as connection:
                _one_snapshot(connection)
                self._stand(team, seen, catch_up(team, connection, seen))
        return team

    def _stand(self, team: Team, seen: Seen, new: Seen) -> None:
        """The team is read up to `new`, unless another thread has read further meanwhile."""
        with self._lock:
            if self._held == (team, seen):
                self._held = (team, new)

    def drop(self, why: str) -> None:
        """Throw the team away; the next question has it built anew."""
        log.warning("the team in memory is dropped: %s", why, exc_info=True)
        with self._lock:
            self._held = None

    def build(self, today: date) -> None:
        """Read everybody, in one snapshot."""
        with self._engine.connect() as connection:
            _one_snapshot(connection)
            seen = now(connection)
            team = Team(connection, horizon(today))
        with self._lock:
            self._held = (team, seen)

    def _build_beside(self, today: date) -> None:
        """Have it built by a thread, one at a time."""
        with self._lock:
            if self._building or time.monotonic() < self._not_before:
                return
            self._building = True
            self._not_before = time.monotonic() + PATIENCE
        threading.Thread(target=self._build_or_say, args=(today,), name="matching-index", daemon=True).start()

    def _build_or_say(self, today: date) -> None:
        try:
            self.build(today)
        except DOUBTS:
            log.warning("the team could not be read into memory", exc_info=True)
        finally:
            with self._lock:
                self._building = False


def _one_snapshot(connection: Connection) -> None:
    connection.execution_options(isolation_level="REPEATABLE READ")
    connection.execute(text("SET TRANSACTION READ ONLY"))
    connection.execute(text("SET LOCAL statement_timeout = 0"))


_holders: dict[Engine, Holder] = {}
_allowed = threading.Event()


def allow(allowed: bool = True) -> None:
    """Let this process hold a team, or no longer."""
    if allowed:
        _allowed.set()
    else:
        _allowed.clear()
        _holders.clear()


def answer(session: Session, ask: Ask, limits: Limits, weights: Weights) -> Answer | None:
    """Everybody, from memory; None when the database must answer."""
    holder = _holder_for(session)
    return None if holder is None else holder.answer(session, ask, limits, weights)


def relaxations(session: Session, ask: Ask, limits: Limits, *, missing: int) -> tuple[Relaxation, ...] | None:
    """What the demand could bend, from memory; None when the database must answer."""
    holder = _holder_for(session)
    if holder is None:
        return None
    return holder.asked(session, ask.today, lambda team: relaxations_of(team, ask, limits, missing=missing))


def _holder_for(session: Session) -> Holder | None:
    """Whom to ask; None when the database must answer: no team yet, or a session that has written."""
    if not _allowed.is_set() or session.new or session.dirty or session.deleted:
        return None
    engine = session.get_bind()
    if not isinstance(engine, Engine):
        return None
    holder = _holders.get(engine)
    if holder is None:
        holder = _holders.setdefault(engine, Holder(engine))
    return holder
