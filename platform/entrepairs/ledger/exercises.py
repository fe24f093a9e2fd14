"""The days of an exercise, said by the association: not always the calendar year, nor twelve months for the first.

They are said before an entry is validated in it; after that nobody changes them. Each begins the day after the one
before ends. Lock order: exercise, drafts.
"""

from datetime import date, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.ledger.models import AccountingYear, Entry, EntryState
from entrepairs.ledger.rules import Exercise, ensure_length
from entrepairs.ledger.years import (
    find_year,
    forget_exercises,
    known_exercises,
    open_exercise,
    open_exercise_of,
    year_for_update,
)

AHEAD: Final = timedelta(days=366)
"""How long before its first day an exercise may be opened."""


def open_next_exercise(
    session: Session, last_day: date, *, first_day: date | None = None, actor: Actor, clock: Clock
) -> AccountingYear:
    """Open the exercise that follows the last one, or the very first, which alone says its `first_day`.

    Raises InvalidInput("exercise_first_day", "exercise_backwards", "exercise_long", "exercise_same_year",
    "exercise_far").
    """
    known = known_exercises(session)
    begins = known[-1].following().first_day if known else first_day
    if begins is None:
        raise InvalidInput("exercise_first_day", N_("Say on which day the first exercise begins."), field="first_day")
    exercise = Exercise(begins, last_day)
    ensure_length(exercise, is_first=not known)
    _ensure_own_year(exercise, known)
    if begins > clock.today() + AHEAD:
        raise InvalidInput(
            "exercise_far", N_("This exercise begins in more than a year: open it later."), field="last_day"
        )
    open_exercise(session, exercise, reserved=bool(known))
    return _told(session, exercise, "ledger.open_year", actor, clock)


def change_days(
    session: Session, number: int, last_day: date, *, first_day: date | None = None, actor: Actor, clock: Clock
) -> AccountingYear:
    """Say when the last exercise ends, and for the very first when it begins, before anything is validated in it.

    Its drafts follow; those dated after its new end go to the next, which opens. Raises NotFound, Conflict("days_kept",
    "exercise_followed", "drafts_before"), InvalidInput("exercise_backwards", "exercise_long", "exercise_same_year").
    """
    find_year(session, number)
    year = year_for_update(session, number) or find_year(session, number)
    known = known_exercises(session)
    if not changeable(session, year):
        raise Conflict(
            "days_kept", N_("An entry is validated in this exercise, or another one follows: its days are kept.")
        )
    is_first = known[0].number == number
    exercise = Exercise(first_day if is_first and first_day else year.first_day, last_day)
    ensure_length(exercise, is_first=is_first)
    _ensure_own_year(exercise, [one for one in known if one.number != number])
    drafts = select(Entry).where(Entry.state == EntryState.DRAFT, Entry.fiscal_year == number).with_for_update()
    left = session.scalars(drafts.order_by(Entry.id)).all()
    if any(one.entry_date < exercise.first_day for one in left):
        raise Conflict("drafts_before", N_("A draft is dated before that day. Change it or discard it first."))
    year.year, year.first_day, year.last_day = exercise.number, exercise.first_day, exercise.last_day
    session.flush()
    forget_exercises(session)
    session.expire_all()
    for draft in left:
        draft.fiscal_year = open_exercise_of(session, draft.entry_date).number
    return _told(session, exercise, "ledger.change_year", actor, clock)


def changeable(session: Session, year: AccountingYear) -> bool:
    """Whether the days of an exercise may still be said: nothing is validated or closed in it, and none follows."""
    validated = select(func.count()).where(Entry.fiscal_year == year.year, Entry.state == EntryState.VALIDATED)
    is_last = known_exercises(session)[-1].number == year.year
    return is_last and year.closed_through is None and not session.scalar(validated)


def _ensure_own_year(exercise: Exercise, others: list[Exercise]) -> None:
    if any(one.number == exercise.number for one in others):
        raise InvalidInput(
            "exercise_same_year",
            N_("An exercise ends in %(year)s already, and each is named by the year it ends in."),
            field="last_day",
            year=str(exercise.number),
        )


def _told(session: Session, exercise: Exercise, what: str, actor: Actor, clock: Clock) -> AccountingYear:
    session.flush()
    days = {"first_day": exercise.first_day.isoformat(), "last_day": exercise.last_day.isoformat()}
    record(session, what, "accounting_year", str(exercise.number), actor=actor, clock=clock, **days)
    return find_year(session, exercise.number)
