"""What a matter to vote is made of: the shape of its answer, its heading, its words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from entrepairs.kernel.i18n import N_


class Shape(StrEnum):
    """What an answer looks like."""

    PERCENT = "percent"
    RATE = "rate"
    DAYS = "days"
    HOURS = "hours"
    EUROS = "euros"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"
    WEIGHTS = "weights"
    HALF_DAYS = "half_days"
    TEXT = "text"


class Group(StrEnum):
    """Under which heading a matter stands."""

    BEFORE = "before"
    MONEY = "money"
    WORK = "work"
    PAPERS = "papers"


GROUPS: Final[Mapping[Group, str]] = {
    Group.BEFORE: N_("Before going live"),
    Group.MONEY: N_("Money"),
    Group.WORK: N_("How we work together"),
    Group.PAPERS: N_("Words printed on papers"),
}


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing to vote. `why` says what it changes; `default` is what holds without a vote (None: nothing)."""

    key: str
    title: str
    why: str
    shape: Shape
    group: Group
    options: Mapping[str, str] = field(default_factory=dict)
    default: Any = None
    longest: int = 365
    """Of a number of days or hours; a text has its own limit."""
    shortest: int = 0

    @property
    def blocking(self) -> bool:
        """Whether it must be decided before go-live."""
        return self.group is Group.BEFORE

    @property
    def address(self) -> str:
        """The key as a word of an address: `cooperative.contribution_rate` is `cooperative-contribution-rate`."""
        return self.key.replace(".", "-").replace("_", "-")
