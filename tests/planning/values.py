"""A few demands and people as values."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from entrepairs.kernel.dates import paris_day
from entrepairs.matching.scoring import Weights
from entrepairs.matching.values import Ask, Candidate
from entrepairs.planning.gathering import Gathered, Needed
from tests.factories.matching import LIMITS, TODAY, a_candidate, an_ask

PERIOD = (date(2027, 1, 18), date(2027, 2, 15))


def asking(number: int, *sessions: Any, **given: Any) -> Ask:
    """A demand of a reference of its own."""
    return an_ask(*sessions, **({"ref": f"DEM-TEST-{number:04d}", "qualifications": frozenset()} | given))


def somebody(number: int, **given: Any) -> Candidate:
    """Somebody free day and night."""
    return a_candidate(**({"id": number, "ref": f"PAI-TEST-{number:04d}", "first_name": f"P{number}"} | given))


def gathered(asks: Sequence[Ask], team: Sequence[Candidate], *, optional: bool = False, **given: Any) -> Gathered:
    """What a plan compares."""
    values: dict[str, Any] = {
        "needed": tuple(
            Needed(at, "emergency" if ask.call_out else "one_off", ask, optional) for at, ask in enumerate(asks)
        ),
        "team": tuple(team),
        "limits": {paris_day(ask.span.start): LIMITS for ask in asks},
        "weights": Weights(),
        "excluded_partners": {},
        "excluded_sites": {},
        "visits": {},
        "own_visits": frozenset(),
        "declined": {},
    }
    return Gathered(**(values | given))


__all__ = ["PERIOD", "TODAY", "asking", "gathered", "somebody"]
