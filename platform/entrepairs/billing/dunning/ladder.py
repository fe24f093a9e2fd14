"""The ladder of reminders, as pure functions: which step comes next for an invoice, and on which day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from entrepairs.kernel.i18n import N_
from entrepairs.network.models import PayerKind


class Step(StrEnum):
    """One after the other; the last is not a letter but a choice of the office."""

    FRIENDLY = "friendly"
    REMINDER = "reminder"
    FORMAL = "formal"
    """Formal notice, with interest and indemnity."""
    RECOVERY = "recovery"
    """What the law offers beyond: told to nobody by itself."""


LETTERS: Final = (Step.FRIENDLY, Step.REMINDER, Step.FORMAL)

DAYS_KEYS: Final[Mapping[Step, str]] = {step: f"billing.{step.value}_after_days" for step in Step}
"""Voted: how many days after the term each step comes."""
DEFAULT_DAYS: Final[Mapping[Step, int]] = {Step.FRIENDLY: 7, Step.REMINDER: 15, Step.FORMAL: 30, Step.RECOVERY: 60}
AUTOMATIC: Final = "billing.friendly_by_itself"
"""Voted: the first step leaves without a click. Otherwise nothing does."""


class Recovery(StrEnum):
    """Where the office may turn to."""

    AMICABLE = "amicable"
    """A word with the direction, a schedule, a mediator."""
    ORDERED_PAYMENT = "ordered_payment"
    """« Mandatement d'office »: the prefect pays in the body's place (CGCT L1612-16), the ARS for a hospital's interest
    (CSP L6145-5)."""
    JUDGE = "judge"


ROUTES: Final[Mapping[PayerKind, tuple[Recovery, ...]]] = {
    PayerKind.PUBLIC_HOSPITAL: (Recovery.AMICABLE, Recovery.ORDERED_PAYMENT, Recovery.JUDGE),
    PayerKind.PUBLIC_LOCAL: (Recovery.AMICABLE, Recovery.ORDERED_PAYMENT, Recovery.JUDGE),
    PayerKind.PUBLIC_STATE: (Recovery.AMICABLE, Recovery.JUDGE),
    PayerKind.PRIVATE: (Recovery.AMICABLE, Recovery.JUDGE),
    PayerKind.NONE: (Recovery.AMICABLE,),
}
"""What is open against each kind of payer."""


@dataclass(frozen=True, slots=True)
class Due:
    """A step and the day it comes."""

    step: Step
    on: date


def next_step(
    days: Mapping[Step, int], due_on: date, taken: Mapping[Step, date], resumed_on: date | None
) -> Due | None:
    """The step that follows the last one taken; None after the last.

    The days between two steps hold from the day the first was taken, so that whoever begins late still climbs one step
    at a time. `resumed_on` is the day a pause ended: nothing comes before it.
    """
    last = max((step for step in taken), key=list(Step).index, default=None)
    if last is None:
        return _not_before(Due(Step.FRIENDLY, due_on + timedelta(days=days[Step.FRIENDLY])), resumed_on)
    following = dict(pairwise(Step)).get(last)
    if following is None:
        return None
    gap = max(days[following] - days[last], 1)
    day = max(due_on + timedelta(days=days[following]), taken[last] + timedelta(days=gap))
    return _not_before(Due(following, day), resumed_on)


def _not_before(due: Due, day: date | None) -> Due:
    return due if day is None or day <= due.on else Due(due.step, day)


WORDS: Final[Mapping[Step, str]] = {
    Step.FRIENDLY: N_("friendly word"),
    Step.REMINDER: N_("reminder"),
    Step.FORMAL: N_("formal notice"),
    Step.RECOVERY: N_("to decide"),
}
ROUTE_WORDS: Final[Mapping[Recovery, str]] = {
    Recovery.AMICABLE: N_("By agreement: a call to the direction, a schedule, a mediator"),
    Recovery.ORDERED_PAYMENT: N_("Payment ordered in its place: ask the prefect, and the ARS for a hospital"),
    Recovery.JUDGE: N_("The judge"),
}
