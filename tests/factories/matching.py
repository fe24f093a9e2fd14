"""Values that fit: a WRAP group in Marseille and a peer for whom it is possible, to be bent one term at a time."""

from datetime import date, time
from typing import Any

from entrepairs.kernel.dates import Period, paris_period
from entrepairs.kernel.parameters import figures
from entrepairs.matching.explaining import reasons_against
from entrepairs.matching.values import Ask, Candidate, Limits, Paper, Place, Work
from entrepairs.network.models.peers import ClearanceKind
from entrepairs.network.rules import END_OF_DAY, Held, WeeklySlot

MARSEILLE = Place(43.29695, 5.38107, site_id=1)
AIX = Place(43.52830, 5.44973, site_id=2)
TODAY = date(2027, 1, 11)
THURSDAY = date(2027, 1, 21)


def at(day: date, start: str, minutes: int = 120) -> Period:
    """A period of that Paris day."""
    return paris_period(day, time.fromisoformat(start), minutes)


def work(day: date, start: str, minutes: int = 120, place: Place | None = MARSEILLE, preparation: int = 0) -> Work:
    """A mission held."""
    return Work(at(day, start, minutes), place, preparation)


def an_ask(*sessions: Period, **given: Any) -> Ask:
    """A session of two hours on a Thursday, in Marseille."""
    values: dict[str, Any] = {
        "ref": "DEM-TEST-TEST",
        "sessions": sessions or (at(THURSDAY, "14:00"),),
        "place": MARSEILLE,
        "today": TODAY,
        "partner_id": 1,
        "site_id": 1,
        "qualifications": frozenset({"wrap_facilitator"}),
    }
    return Ask(**(values | given))


def a_candidate(**given: Any) -> Candidate:
    """Somebody qualified, free day and night, with every paper."""
    values: dict[str, Any] = {
        "id": 1,
        "ref": "PAI-TEST-TEST",
        "first_name": "Samira",
        "short_name": "Samira A.",
        "home": Place(MARSEILLE.latitude, MARSEILLE.longitude),
        "qualifications": (Held("wrap_facilitator", date(2026, 1, 1)),),
        "week": tuple(WeeklySlot(day, time(), END_OF_DAY) for day in range(7)),
        "papers": tuple(Paper(kind) for kind in ClearanceKind),
        "weekly_max_hours": 60,
    }
    return Candidate(**(values | given))


LIMITS = Limits.on(figures(), THURSDAY)


def codes(ask: Ask, candidate: Candidate) -> set[str]:
    """The codes of the reasons against somebody."""
    return {reason.code for reason in reasons_against(ask, candidate, LIMITS)}
