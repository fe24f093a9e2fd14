"""A person's hours beside their wish: months, trend, alerts. Pure; minutes throughout.

An alert depends on hours and on nothing else: were it silent for who takes a pause, its silence would tell the pause.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from entrepairs.fairness.figures import Thresholds
from entrepairs.kernel.dates import add_months, month_start, week_start
from entrepairs.kernel.i18n import Sentence, say, say_many
from entrepairs.matching.values import Limits
from entrepairs.matching.working_time import mean_exceeds

MONTHS_BACK: Final = 12
MONTHS_AHEAD: Final = 2
HALF: Final = 50
FULL: Final = 100


@dataclass(frozen=True, slots=True)
class Window:
    """The months looked at: twelve complete ones, this one, the two next. Each is its first day."""

    today: date

    @property
    def first(self) -> date:
        """The first of the earliest month."""
        return add_months(month_start(self.today), -MONTHS_BACK)

    @property
    def until(self) -> date:
        """The first day after the last month."""
        return add_months(month_start(self.today), MONTHS_AHEAD + 1)

    @property
    def months(self) -> tuple[date, ...]:
        """All of them, in order."""
        return tuple(add_months(self.first, n) for n in range(MONTHS_BACK + 1 + MONTHS_AHEAD))


@dataclass(frozen=True, slots=True)
class MonthOfHours:
    """Minutes of a month: told by a report, or promised (booked and not told yet)."""

    month: date
    done: int = 0
    promised: int = 0

    @property
    def total(self) -> int:
        """Both together."""
        return self.done + self.promised


class Trend(StrEnum):
    """How the recent months compare with those before."""

    MORE = "more"
    LESS = "less"
    STEADY = "steady"
    UNKNOWN = "unknown"


class AlertKind(StrEnum):
    """What the association looks at. Neither is a fault of the person's."""

    UNDER = "under"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert, and why in one sentence that names nobody."""

    kind: AlertKind
    why: Sentence


@dataclass(frozen=True, slots=True)
class Share:
    """A peer's hours. `wished` is minutes a month, 0 for a member without missions."""

    peer_id: int
    ref: str
    first_name: str
    last_name: str
    departement: str
    commune: str
    wished: int
    weekly_most: int
    """The most the person wishes in a week, in minutes."""
    outside: int
    """Minutes a week declared for other employers."""
    volunteer: bool
    joined_on: date
    today: date
    months: tuple[MonthOfHours, ...] = ()
    monthly_most: int | None = None
    """The most they wish in a month, in minutes; None without such a wish, and always for the office: it is theirs alone."""
    weeks: Mapping[date, int] = field(default_factory=dict)
    """Paid minutes of the diary by Monday, past and to come, as the rules of working time count them."""

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def this_month(self) -> MonthOfHours:
        """The month of today."""
        return self.months[MONTHS_BACK]

    @property
    def soon(self) -> Sequence[MonthOfHours]:
        """This month and the next."""
        return self.months[MONTHS_BACK : MONTHS_BACK + 2]

    @property
    def to_come(self) -> int:
        """Minutes promised from this month on."""
        return sum(month.promised for month in self.months[MONTHS_BACK:])

    @property
    def complete(self) -> Sequence[MonthOfHours]:
        """The months that are over and were spent in the team from their first day."""
        return [month for month in self.months[:MONTHS_BACK] if month.month >= self.joined_on]


def recent_percent(share: Share, count: int) -> int | None:
    """Hours of the last `count` complete months, in percent of the wish. None without a wish or a complete month."""
    recent = share.complete[-count:]
    if not share.wished or not recent:
        return None
    return FULL * sum(month.total for month in recent) // (share.wished * len(recent))


def recent_minutes(share: Share, count: int) -> int | None:
    """Minutes a month on average over the last `count` complete months; None without one."""
    recent = share.complete[-count:]
    return sum(month.total for month in recent) // len(recent) if recent else None


def trend(share: Share, thresholds: Thresholds) -> Trend:
    """The last months beside as many before; a change counts from some percent of the wish on."""
    count = thresholds.recent_months
    months = share.complete[-2 * count :]
    if not share.wished or len(months) < 2 * count:
        return Trend.UNKNOWN
    before, after = (sum(month.total for month in part) for part in (months[:count], months[count:]))
    gap = after - before
    if FULL * abs(gap) < thresholds.trend_percent * share.wished * count:
        return Trend.STEADY
    return Trend.MORE if gap > 0 else Trend.LESS


def alerts(share: Share, thresholds: Thresholds, limits: Limits) -> tuple[Alert, ...]:
    """What deserves a look, with its reason."""
    found = (_under(share, thresholds), _over(share, thresholds, limits))
    return tuple(alert for alert in found if alert is not None)


def _under(share: Share, thresholds: Thresholds) -> Alert | None:
    recent = share.complete[-thresholds.under_months :]
    if not share.wished or len(recent) < thresholds.under_months:
        return None
    most = thresholds.under_percent * share.wished
    if any(FULL * month.total >= most for month in recent):
        return None
    since = _months_in_a_row(share, most)
    if thresholds.under_percent == HALF:
        why = say_many(
            "less than half of the hours wished for %(num)s month",
            "less than half of the hours wished for %(num)s months",
            since,
        )
    else:
        why = say_many(
            "less than %(percent)s%% of the hours wished for %(num)s month",
            "less than %(percent)s%% of the hours wished for %(num)s months",
            since,
            percent=thresholds.under_percent,
        )
    return Alert(AlertKind.UNDER, why)


def _months_in_a_row(share: Share, most: int) -> int:
    count = 0
    for month in reversed(share.complete):
        if FULL * month.total >= most:
            break
        count += 1
    return count


def _over(share: Share, thresholds: Thresholds, limits: Limits) -> Alert | None:
    """The law and the house first, then the person's own maximum, then hours well beyond their wish."""
    this_week = week_start(share.today)
    ahead = [this_week + timedelta(weeks=n) for n in range(thresholds.weeks_ahead)]
    if _near_the_law(share, ahead, thresholds.over_percent, limits) or (
        share.volunteer and _near_volunteer_limits(share, ahead, thresholds.over_percent, limits)
    ):
        return Alert(AlertKind.OVER, say("near the longest work allowed, in the weeks to come"))
    if _near_own_maximum(share, ahead, thresholds):
        return Alert(AlertKind.OVER, say("near the most hours they set for themselves, in the weeks to come"))
    if share.wished and _reaches(share.soon, thresholds.over_wish_percent, share.wished):
        return Alert(AlertKind.OVER, say("far more hours than wished this month or the next"))
    return None


def _near_own_maximum(share: Share, ahead: Sequence[date], thresholds: Thresholds) -> bool:
    """Several weeks near the weekly one, or, on the person's own page, a month near the monthly one."""
    own = thresholds.over_percent * share.weekly_most
    full = sum(1 for week in ahead if FULL * share.weeks.get(week, 0) >= own)
    if full >= thresholds.over_weeks:
        return True
    return share.monthly_most is not None and _reaches(share.soon, thresholds.over_percent, share.monthly_most)


def _reaches(months: Iterable[MonthOfHours], percent: int, most: int) -> bool:
    return any(FULL * month.total >= percent * most for month in months)


def _near_volunteer_limits(share: Share, ahead: Sequence[date], percent: int, limits: Limits) -> bool:
    """What the house asks of volunteers at most."""
    weekly, monthly = limits.volunteer_week_hours, limits.volunteer_month_hours
    in_a_week = weekly is not None and any(
        FULL * share.weeks.get(week, 0) >= percent * weekly * 60 for week in ahead if share.weeks.get(week)
    )
    return in_a_week or (monthly is not None and _reaches(share.soon, percent, monthly * 60))


def _near_the_law(share: Share, ahead: Sequence[date], percent: int, limits: Limits) -> bool:
    """A week to come, or the mean over the weeks that hold one, near what the law allows, other employers included."""
    busy = [week for week in ahead if share.weeks.get(week)]
    near_week = percent * limits.week_hours * 60
    if any(FULL * (share.weeks[week] + share.outside) >= near_week for week in busy):
        return True
    near_mean = percent * limits.mean_hours * 60 // FULL - share.outside
    return bool(busy) and mean_exceeds(share.weeks, busy, limits.mean_weeks, max(near_mean, 0))
