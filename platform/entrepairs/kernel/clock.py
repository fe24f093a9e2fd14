"""The two clocks. Business time is injected (the demo moves it); real time serves leases, sessions, signatures.

Rules never call `now()` themselves: they receive a date, an instant, or a `Clock`.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


class Clock(Protocol):
    """What tells the time to a use case."""

    def now(self) -> datetime:
        """The instant, aware, in UTC."""
        ...

    def today(self) -> date:
        """The legal date in Paris."""
        ...


class SystemClock:
    """Real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> date:
        return self.now().astimezone(PARIS).date()


@dataclass
class FixedClock:
    """A clock that stands where it is put; `advance` moves it. Tests and a use case's snapshot."""

    at: datetime = field(default_factory=lambda: datetime(2027, 1, 11, 9, tzinfo=PARIS))

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            msg = "a clock needs an aware datetime"
            raise ValueError(msg)

    def now(self) -> datetime:
        return self.at.astimezone(UTC)

    def today(self) -> date:
        return self.at.astimezone(PARIS).date()

    def advance(self, by: timedelta) -> None:
        """Move forward by real elapsed time (a day across a DST change is still 24 h)."""
        self.at = self.at.astimezone(UTC) + by
