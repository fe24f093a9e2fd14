"""« Que changer pour en trouver plus ? » over the columns: the very gains of `relaxing.relaxations`."""

import numpy as np

from entrepairs.matching.hard_rules import ORDINARY
from entrepairs.matching.index.ranking import codes_of
from entrepairs.matching.index.survey import Survey
from entrepairs.matching.index.team import Team
from entrepairs.matching.index.times import Ints
from entrepairs.matching.relaxing import Change, Relaxation, helping
from entrepairs.matching.scoring import Weights
from entrepairs.matching.values import Ask, Limits


def relaxations_of(team: Team, ask: Ask, limits: Limits, *, missing: int) -> tuple[Relaxation, ...]:
    """The changes that help, as the rules tell them over the whole team. Raises OutOfSight."""
    with team.lock:
        held_back = _HeldBack(team, ask, limits)
        return helping(ask, held_back.gain, missing=missing)


class _HeldBack:
    """Those of whom an ordinary rule fails: which ones, row by row."""

    def __init__(self, team: Team, ask: Ask, limits: Limits) -> None:
        self._team, self._limits = team, limits
        survey = self._survey(ask)
        everybody: Ints = np.flatnonzero(survey.pool)
        failing = np.stack([codes_of(survey, rule, everybody) != 0 for rule in ORDINARY])
        back = failing.any(axis=0) & ~np.isin(team.peers.ids[everybody], ask.holders)
        self._rows, self._failing = everybody[back], failing[:, back]

    def gain(self, change: Change) -> int:
        """How many nothing ordinary would hold back any more."""
        beyond = [number for number, rule in enumerate(ORDINARY) if rule.code not in change.touches]
        rows = self._rows[~self._failing[beyond].any(axis=0)]
        survey = self._survey(change.ask)
        for rule in ORDINARY:
            if not len(rows):
                break
            rows = rows[codes_of(survey, rule, rows) == 0]
        return len(rows)

    def _survey(self, ask: Ask) -> Survey:
        return Survey(self._team, ask, self._limits, Weights())
