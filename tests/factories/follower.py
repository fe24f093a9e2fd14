"""Columns that follow a database where commits are real."""

from datetime import date

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from entrepairs.kernel.parameters import figures
from entrepairs.matching.index.changes import Seen, catch_up, check, now
from entrepairs.matching.index.team import Team
from entrepairs.matching.values import Limits
from tests.factories.worlds import SINCE

DAY = date(2027, 1, 11)


def limits() -> Limits:
    return Limits.on(figures(), DAY)


class Follower:
    """Columns of a database where commits are real, and how far they were read."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.team, self.seen = self.built()

    def built(self) -> tuple[Team, Seen]:
        """Read everybody."""
        with self.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            seen = now(connection)
            return Team(connection, SINCE), seen

    def follow(self) -> bool:
        """Read what changed; whether something did."""
        with Session(self.engine) as session:
            found = check(session, self.seen)
        assert found.plain
        if found.changed:
            with self.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
                self.seen = catch_up(self.team, connection, self.seen)
        else:
            self.seen = found.seen
        return found.changed
