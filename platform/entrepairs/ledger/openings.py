"""The end of an exercise and the balances brought forward to the next (à-nouveaux)."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.ledger import chart
from entrepairs.ledger.chart import JournalCode
from entrepairs.ledger.models import AccountingYear, Entry, EntryLine
from entrepairs.ledger.posting import Posting, post
from entrepairs.ledger.years import close_through, find_year, open_exercise_of, year_for_update


def close_year(session: Session, number: int, *, actor: Actor, clock: Clock) -> Entry | None:
    """Close an exercise for good, then write the balances brought forward to the next; None when there are none.

    Costs and income are not brought to nil by an entry (the tax file must not hold one): their difference is the
    result of the opening. Raises as `close_through`, and Conflict("year_closed").
    """
    year = year_for_update(session, number) or find_year(session, number)
    if year.closed_at is not None:
        raise Conflict("year_closed", N_("%(year)s is closed already."), year=str(number))
    if year.closed_through != year.last_day:
        close_through(session, year.last_day, actor=actor, clock=clock)
    year.closed_at = clock.now()
    session.flush()
    opening = _carry_forward(session, year, clock)
    record(session, "ledger.close_year", "accounting_year", str(number), actor=actor, clock=clock)
    return opening


def _carry_forward(session: Session, year: AccountingYear, clock: Clock) -> Entry | None:
    lines = balances_to_carry(session, year)
    if not lines:
        return None
    first = year.last_day + timedelta(days=1)
    number = open_exercise_of(session, first).number
    label = f"À-nouveaux au {first:%d/%m/%Y}"
    dedup = f"opening:{number}"
    return post(
        session, JournalCode.OPENING, first, f"AN{number}", label, lines, dedup=dedup, clock=clock, carried=True
    )


def balances_to_carry(session: Session, year: AccountingYear) -> list[Posting]:
    """Each account of the balance sheet (classes 1 to 5) by third party, and the result, at the end of an exercise."""
    amount = func.sum(EntryLine.debit - EntryLine.credit)
    rows = session.execute(
        select(EntryLine.account_code, EntryLine.aux_code, func.max(EntryLine.aux_label), amount)
        .where(EntryLine.counted_on <= year.last_day, EntryLine.carried.is_(False))
        .group_by(EntryLine.account_code, EntryLine.aux_code)
        .order_by(EntryLine.account_code, EntryLine.aux_code)
    ).all()
    result = 0
    lines = []
    for account, aux, aux_label, total in rows:
        if account[0] in "67" or account in {chart.RESULT_GAIN, chart.RESULT_LOSS}:
            result += int(total)
        elif account[0] != "8" and total:
            lines.append(_line(account, int(total), aux, aux_label))
    if result:
        lines.append(_line(chart.RESULT_LOSS if result > 0 else chart.RESULT_GAIN, result, None, None))
    return sorted(lines, key=lambda line: (line.account, line.aux_code or ""))


def _line(account: str, total: int, aux: str | None, aux_label: str | None) -> Posting:
    """Debit less credit, on its side."""
    return Posting(account, Money(max(total, 0)), Money(max(-total, 0)), aux, aux_label)
