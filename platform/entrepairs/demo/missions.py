"""A mission: what `missions.toml` says of one demand."""

from dataclasses import dataclass, fields
from datetime import date, time
from typing import Any

from entrepairs.demands.scopes import Scope
from entrepairs.demo.reading import Page, read_rows
from entrepairs.demo.story import Person, Story, Structure


@dataclass(frozen=True, slots=True, kw_only=True)
class Mission:
    """One demand and what becomes of it. Days and hours are of Paris; sessions are named by their number."""

    key: str
    structure: str
    offering: str
    filed: date
    first: date
    by: str = ""
    """The member who asks; empty: the office, for a person who called."""
    site: str = ""
    at: time = time(14)
    count: int = 1
    """Sessions; weeks of a presence; days of a training."""
    half_days: tuple[str, ...] = ()
    people: int | None = None
    goals: tuple[str, ...] = ()
    audience: str = ""
    context: str = ""
    wish: str = ""
    place: str = "site"
    commune: str = ""
    detail: str = ""
    colleague: str = ""
    language: str = ""
    themes: tuple[str, ...] = ()

    signed_by: str = ""
    """The signatory asked « pour accord »."""
    sent_back: bool = False
    engagement: str = ""
    engagement_days: int = 3
    quote: str = "accepted"
    """accepted, refused, expired, twice (a second version is accepted)."""
    quote_days: int = 5
    """Days before it is answered."""
    financed_by: str = ""
    grant: str = ""
    """The funder under whose grant it counts."""
    stays: str = ""
    """Where the telling leaves it: draft, approval, submitted, qualified, quote_draft, quoted, confirmed, offered."""
    refused: str = ""
    note: str = ""
    cancelled: date | None = None
    by_office: bool = False
    """Cancelled by the association."""
    unfilled: bool = False
    """Everybody asked says no, or nothing."""

    peers: tuple[str, ...] = ()
    """Who is asked first, when it is possible; the order of « Qui peut venir ? » completes."""
    no: int = 0
    """How many decline."""
    silent: int = 0
    """How many had not answered when the last seat was taken."""
    late: int = 0
    """How many are asked first and let the time to answer go by."""
    relay_after: int = 0
    """After this session one of those who come gives the seat back, and somebody else takes over."""
    moved: tuple[int, ...] = ()
    absent: tuple[int, ...] = ()
    unreported: tuple[int, ...] = ()
    unconfirmed: tuple[int, ...] = ()
    disputed: tuple[int, ...] = ()
    settled: tuple[int, ...] = ()
    """Of the disputed sessions, those the office has settled since."""
    corrected: tuple[int, ...] = ()

    @classmethod
    def of(cls, row: Page) -> "Mission":
        """From its row. Raises TypeError on an unknown name."""
        if unknown := row.keys() - {each.name for each in fields(cls)}:
            msg = f"{row['key']}: {sorted(unknown)} is not known"
            raise TypeError(msg)
        values: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in row.items()}
        return cls(**values)


def read_missions() -> list[Mission]:
    """All of them, in the order of the file."""
    return [Mission.of(row) for row in read_rows("missions", "mission")]


@dataclass(frozen=True, slots=True)
class Life:
    """A mission being lived: what every act of it is given."""

    story: Story
    mission: Mission

    @property
    def structure(self) -> Structure:
        """Who asks."""
        return self.story.structures[self.mission.structure]

    @property
    def scope(self) -> Scope:
        """The structure's view."""
        return Scope(self.structure.id)

    @property
    def requester(self) -> Person:
        """Who asks for the structure, or the coordinator for a person who called."""
        return self.structure.people[self.mission.by] if self.mission.by else self.story.office["claire"]

    @property
    def signatory(self) -> Person:
        """Who signs: the one asked « pour accord », else the requester."""
        return self.structure.people[self.mission.signed_by] if self.mission.signed_by else self.requester

    @property
    def ref(self) -> str:
        """The demand's reference, once it is filed."""
        return self.story.demands[self.mission.key]
