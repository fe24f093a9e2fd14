"""The exercises: opened when their first entry comes, closed month by month, then for good.

An exercise is the calendar year. What is closed never opens again: the database holds it.
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
from entrepairs.ledger import rules
from entrepairs.ledger.models import AccountingYear, Entry, EntryState

_HELD: Final = "ledger.years"
"""Exercises whose row this transaction has locked: nobody else changes them."""


def year_for_update(session: Session, year: int) -> AccountingYear:
    """The exercise, locked until the transaction ends, opened if it was not: who validates comes one after the other."""
    held = read_once(session, _HELD)
    if year in held:
        return cast(AccountingYear, held[year])
    # NO KEY UPDATE: it does not stand in the way of foreign keys pointing here.
    wanted = select(AccountingYear).where(AccountingYear.year == year).with_for_update(key_share=True)
    fresh = wanted.execution_options(populate_existing=True)
    found = session.scalars(fresh).one_or_none()
    if found is None:
        open_year(session, year)
        found = session.scalars(fresh).one()
    held[year] = found
    return found


def open_year(session: Session, year: int) -> None:
    """Write the exercise if it is not there; its number 1 is kept when there are balances to bring forward."""
    before = session.scalar(select(AccountingYear.year).where(AccountingYear.year == year - 1))
    session.execute(
        insert(AccountingYear)
        .values(year=year, first_day=date(year, 1, 1), last_day=date(year, 12, 31), opening_reserved=before is not None)
        .on_conflict_do_nothing()
    )


def first_open_day(session: Session, day: date) -> date:
    """`day` itself, or the first day that is not closed any more (PCG 921-3)."""
    while True:
        number = rules.fiscal_year(day)
        year = read_once(session, _HELD).get(number) or session.get(AccountingYear, number)
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
    find_year(session, last.year)
    year = year_for_update(session, last.year)
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
