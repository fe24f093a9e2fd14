"""A peer's share as a value, in the state a test needs."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from entrepairs.fairness.figures import StudyTerms, Thresholds
from entrepairs.fairness.hours import MONTHS_BACK, MonthOfHours, Share, Window
from entrepairs.kernel.parameters import figures
from entrepairs.matching.values import Limits

TODAY = date(2027, 1, 11)
THRESHOLDS = Thresholds.on(figures(), TODAY)
TERMS = StudyTerms.on(figures(), TODAY)
LIMITS = Limits.on(figures(), TODAY)


def a_share(recent: Sequence[int] = (), *, soon: Sequence[int] = (), **given: Any) -> Share:
    """Forty hours a month wished, since long; `recent`: hours of the last complete months, `soon`: from this one on."""
    window = Window(TODAY)
    done = [0] * (MONTHS_BACK - len(recent)) + [hours * 60 for hours in recent]
    months = [MonthOfHours(month, done=minutes) for month, minutes in zip(window.months, done, strict=False)]
    promised = [hours * 60 for hours in soon] + [0] * (len(window.months) - MONTHS_BACK - len(soon))
    months += [
        MonthOfHours(month, promised=minutes)
        for month, minutes in zip(window.months[MONTHS_BACK:], promised, strict=True)
    ]
    values: dict[str, Any] = {
        "peer_id": 1,
        "ref": "PAI-TEST-TEST",
        "first_name": "Samira",
        "last_name": "Essai",
        "departement": "13",
        "commune": "Marseille",
        "wished": 40 * 60,
        "weekly_most": 20 * 60,
        "outside": 0,
        "volunteer": False,
        "joined_on": date(2020, 1, 1),
        "today": TODAY,
        "months": tuple(months),
    }
    return Share(**(values | given))
