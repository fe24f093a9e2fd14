"""The same look over the team's columns: many demands in the time the rules take for one. Tests hold both equal.

A study looks at past demands, which the team held in memory by the web does not reach: it reads columns of its own,
from before the earliest demand of its step.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

import numpy as np
from sqlalchemy.orm import Session

from entrepairs.fairness.reasons import NO_TEAM, Found, missing, told
from entrepairs.kernel.dates import day_bounds
from entrepairs.matching.hard_rules import ORDINARY
from entrepairs.matching.index.holding import DOUBTS
from entrepairs.matching.index.ranking import Everybody
from entrepairs.matching.index.survey import OutOfSight, Survey
from entrepairs.matching.index.team import Team
from entrepairs.matching.scoring import Weights
from entrepairs.matching.values import LOOK_AROUND, Ask, Limits

BEFORE: Final = LOOK_AROUND + timedelta(weeks=3)
"""What the rules look back at, with some room."""
log = logging.getLogger(__name__)


def team_for(session: Session, asks: Iterable[Ask]) -> Team | None:
    """Everybody in columns, far enough back for these asks; None when they can't be read: the rules answer, slowly."""
    days = [min(ask.today, ask.days[0]) for ask in asks]
    if not days:
        return None
    try:
        return Team(session.connection(), day_bounds(min(days)).start - BEFORE)
    except DOUBTS:
        log.warning("the team could not be read into columns", exc_info=True)
        return None


def look_over(team: Team, ask: Ask, limits: Limits, fewest: int) -> Found | None:
    """As `reasons.look_into`; None when the columns can't tell."""
    try:
        with team.lock:
            everybody = Everybody(Survey(team, ask, limits, Weights()))
    except (OutOfSight, *DOUBTS):
        log.warning("the columns cannot tell who could come to %s", ask.ref, exc_info=True)
        return None
    needed, failing = missing(ask), everybody.codes[:, ~everybody.here] != 0
    left = np.ones(failing.shape[1], dtype=bool)
    binding = NO_TEAM if len(left) < needed else ""
    for number, rule in enumerate(ORDINARY):
        left &= ~failing[number]
        if not binding and np.count_nonzero(left) < needed:
            binding = rule.code
    return told(binding, int(np.count_nonzero(left)), lambda: len(everybody.possible), needed, fewest)
