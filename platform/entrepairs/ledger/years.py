"""The exercises: opened when their first entry comes, closed month by month, then for good.

An exercise is the calendar year unless the association says otherwise (`exercises`); each begins where the one before
ends. What is closed never opens again: the database holds it.
"""

from datetime import date, timedelta
from typing import Final, cast

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.db import read_once
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.ledger.models import AccountingYear, Entry, EntryState
from entrepairs.ledger.rules import Exercise, ensure_length, exercises_over

_HELD: Final = "ledger.years"
"""Exercises whose row this transaction has locked: nobody else changes them."""
_KNOWN: Final = "ledger.exercises"
"""The days of each exercise, as this transaction has read them."""


def known_exercises(session: Session) -> list[Exercise]:
    """Every exercise that is open or closed, in order."""
    known = read_once(session, _KNOWN)
    if not known:
        rows = session.execute(select(AccountingYear.year, AccountingYear.first_day, AccountingYear.last_day))
        known.update({number: Exercise(first, last) for number, first, last in rows})
    return sorted((cast(Exercise, one) for one in known.values()), key=lambda one: one.first_day)


def exercise_on(session: Session, day: date) -> Exercise | None:
    """The exercise of a day; None when it is not open yet."""
    return next((one for one in known_exercises(session) if one.holds(day)), None)


def exercise_shown(session: Session, day: date) -> Exercise:
    """The exercise of a day, as it would be if it is not open yet."""
    return exercises_over(known_exercises(session), day, day)[0]


def exercise_for_update(session: Session, day: date) -> AccountingYear:
    """The exercise of a day, locked until the transaction ends, opened if it was not.

    Who validates comes one after the other. Raises InvalidInput("day_before_books").
    """
    while True:
        year = year_for_update(session, open_exercise_of(session, day).number)
        if year is not None and year.exercise.holds(day):
            return year
        forget_exercises(session)  # its days were changed while we waited for it


def year_for_update(session: Session, number: int) -> AccountingYear | None:
    """An exercise by its name, locked until the transaction ends; None when it is not open."""
    held = read_once(session, _HELD)
    if number not in held:
        # NO KEY UPDATE: it does not stand in the way of foreign keys pointing here.
        wanted = select(AccountingYear).where(AccountingYear.year == number).with_for_update(key_share=True)
        found = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
        if found is None:
            return None
        held[number] = found
    return cast(AccountingYear, held[number])


def forget_exercises(session: Session) -> None:
    """Their days have changed: they are read again."""
    read_once(session, _KNOWN).clear()
    read_once(session, _HELD).clear()


def open_exercise_of(session: Session, day: date) -> Exercise:
    """The exercise of a day, opened if it was not, with those that lie between it and the others: no day is left out.

    Raises InvalidInput("day_before_books").
    """
    found = exercise_on(session, day)
    if found is None:
        forget_exercises(session)  # somebody may have opened it since
        known = known_exercises(session)
        if known:
            _ensure_not_before(known[0], day)
            day_first, day_last = min(day, known[0].first_day), max(day, known[-1].last_day)
        else:
            day_first = day_last = day
        wanted = exercises_over(known, day_first, day_last)
        new = [one for one in wanted if one not in known]
        later = [one for one in new if known and one.first_day > known[0].first_day]
        for one in [*later, *reversed([one for one in new if one not in later])]:  # each beside one that is there
            open_exercise(session, one, reserved=one is not wanted[0])
        found = next(one for one in known_exercises(session) if one.holds(day))
    return found


def _ensure_not_before(first: Exercise, day: date) -> None:
    """Nothing can precede a first exercise that is longer than a year, or begins in the year it ends."""
    if day >= first.first_day:
        return
    if first.preceding().number == first.number:
        raise before_books(first)
    try:
        ensure_length(first, is_first=False)
    except InvalidInput:
        raise before_books(first) from None


def before_books(first: Exercise) -> InvalidInput:
    """The day lies before everything the books hold."""
    return InvalidInput(
        "day_before_books",
        N_("The accounts begin on %(day)s: nothing is dated before."),
        field="day",
        day=first.first_day,
    )


def open_exercise(session: Session, exercise: Exercise, *, reserved: bool) -> None:
    """Write an exercise if it is not there; its number 1 is kept when there are balances to bring forward."""
    session.execute(
        insert(AccountingYear)
        .values(
            year=exercise.number,
            first_day=exercise.first_day,
            last_day=exercise.last_day,
            opening_reserved=reserved,
        )
        .on_conflict_do_nothing()
    )
    read_once(session, _KNOWN).clear()


def first_open_day(session: Session, day: date) -> date:
    """`day` itself, or the first day that is not closed any more (PCG 921-3)."""
    while True:
        one = exercise_on(session, day)
        year = (
            None
            if one is None
            else read_once(session, _HELD).get(one.number) or session.get(AccountingYear, one.number)
        )
        if year is None or year.closed_through is None or day > year.closed_through:
            return day
        day = year.closed_through + timedelta(days=1)


def years(session: Session) -> list[AccountingYear]:
    """Every exercise, the latest first."""
    return list(session.scalars(select(AccountingYear).order_by(AccountingYear.year.desc())))


def find_year(session: Session, year: int) -> AccountingYear:
    """Raises NotFound when nothing was ever written in it."""
    found = session.get(AccountingYear, year)
    if found is None:
        raise NotFound("accounting_year", N_("There is no entry in %(year)s."), year=str(year))
    return found


def drafts_until(session: Session, last: date, since: date | None = None) -> int:
    """How many drafts are dated up to a day, included."""
    wanted = select(func.count()).where(Entry.state == EntryState.DRAFT, Entry.entry_date <= last)
    return session.scalar(wanted if since is None else wanted.where(Entry.entry_date >= since)) or 0


def close_through(session: Session, last: date, *, actor: Actor, clock: Clock) -> AccountingYear:
    """Nothing dated up to `last` is written any more; later facts of that time count on the first open day.

    Raises NotFound, InvalidInput("period_not_over"), Conflict("period_closed", "drafts_left").
    """
    if exercise_on(session, last) is None:
        raise NotFound("accounting_year", N_("There is no entry in %(year)s."), year=str(last.year))
    year = exercise_for_update(session, last)
    if last >= clock.today():
        raise InvalidInput("period_not_over", N_("This period is not over: it can be closed from the day after."))
    if year.closed_through is not None and last <= year.closed_through:
        raise Conflict("period_closed", N_("The accounts are closed already through that day."))
    ensure_earlier_closed(session, year)
    if left := drafts_until(session, last):
        raise Conflict(
            "drafts_left",
            N_("%(count)s drafts are left in this period. Validate or discard them first."),
            count=left,
        )
    year.closed_through = last
    record(
        session, "ledger.close", "accounting_year", str(year.year), actor=actor, clock=clock, through=last.isoformat()
    )
    session.flush()
    return year


def ensure_earlier_closed(session: Session, year: AccountingYear) -> None:
    """Raise Conflict("earlier_year_open") when an earlier exercise is not closed through its end."""
    earlier = session.scalar(
        select(AccountingYear.year)
        .where(
            AccountingYear.year < year.year,
            AccountingYear.closed_through.is_(None) | (AccountingYear.closed_through < AccountingYear.last_day),
        )
        .order_by(AccountingYear.year)
        .limit(1)
    )
    if earlier is not None:
        raise Conflict("earlier_year_open", N_("Close %(year)s first: it is still open."), year=str(earlier))
