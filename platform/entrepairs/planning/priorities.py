"""What a plan serves first: points by kind of demand, of a hundred in all, voted and dated.

A demand served counts for the points of its kind whatever its length; a hundred points of difference weigh more than
any sum of hours, journeys and wishes, which only choose between plans that serve as well.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from entrepairs.catalogue.models import OfferingKind
from entrepairs.kernel.errors import Unavailable
from entrepairs.kernel.i18n import N_
from entrepairs.settings.decisions import decision_or

KEY: Final = "planning.priorities"
DEFAULT: Final[Mapping[str, int]] = {
    OfferingKind.EMERGENCY.value: 30,
    OfferingKind.SERIES.value: 20,
    OfferingKind.PRESENCE.value: 14,
    OfferingKind.ACCOMPANIMENT.value: 14,
    OfferingKind.TRAINING.value: 8,
    OfferingKind.PLACEMENT.value: 8,
    OfferingKind.ONE_OFF.value: 6,
}
"""Until the association votes its own."""
LABELS: Final[Mapping[str, str]] = {
    OfferingKind.EMERGENCY.value: N_("Emergencies"),
    OfferingKind.SERIES.value: N_("Groups over several sessions"),
    OfferingKind.PRESENCE.value: N_("Presence in a service"),
    OfferingKind.ACCOMPANIMENT.value: N_("Accompaniments"),
    OfferingKind.TRAINING.value: N_("Trainings"),
    OfferingKind.PLACEMENT.value: N_("Placements"),
    OfferingKind.ONE_OFF.value: N_("Single workshops and talks"),
}


def priorities_on(session: Session, day: date) -> Mapping[str, int]:
    """The points of each kind of demand in force that day; a kind left out of a vote counts for nothing more.

    Raises Unavailable("priorities_invalid").
    """
    voted = decision_or(session, KEY, day, None)
    return dict(DEFAULT) if voted is None else _checked(voted)


def _checked(voted: Any) -> Mapping[str, int]:
    known = isinstance(voted, Mapping) and set(voted) <= set(DEFAULT)
    if not known or any(type(points) is not int or points < 0 for points in voted.values()):
        raise Unavailable(
            "priorities_invalid", N_("The priorities voted for planning are whole numbers, one by kind of demand.")
        )
    return {kind: voted.get(kind, 0) for kind in DEFAULT}
