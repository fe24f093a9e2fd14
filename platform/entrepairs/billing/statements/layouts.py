"""CSV files whose header says nothing: what its columns seem to be, what somebody chose, remembered for the next file.

What is remembered goes with the words of the header: the same bank's next file is read without asking.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing.statements import values
from entrepairs.billing.statements.csv_french import FIRST_ROWS, Columns, read_cents, read_date
from entrepairs.billing.statements.models import CsvLayout
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_

Rows = Sequence[Sequence[str]]


def guessed(rows: Rows) -> Columns | None:
    """What the columns seem to hold, by what stands in them; None when no row looks like a movement."""
    first = next((at for at, row in enumerate(rows) if _is_movement(row)), None)
    if first is None:
        return None
    body = [row for row in rows[first:] if _is_movement(row)]
    width = max(len(row) for row in body)
    days = [at for at in range(width) if _share(body, at, _reads(read_date)) > 0.8]
    if not days:
        return None
    money = [at for at in range(width) if at not in days and _all_money(body, at)]
    words = [at for at in range(width) if at not in days and at not in money]
    label = max(words, key=lambda at: sum(len(_cell(row, at)) for row in body), default=None)
    whole = [at for at in money if all(_cell(row, at) for row in body)]
    partly = [at for at in money if at not in whole]
    if len(partly) >= 2:
        return Columns(days[0], label, debit=partly[0], credit=partly[1], header=first - 1)
    return Columns(days[0], label, amount=next(iter(whole or money), None), header=first - 1)


def ensure_enough(columns: Columns) -> None:
    """Raise InvalidInput("columns_short", "columns_twice") unless there is a date, and an amount or a debit and a credit."""
    both = columns.debit is not None and columns.credit is not None
    one_side = (columns.debit is None) != (columns.credit is None)
    if (columns.amount is not None) == both or one_side:
        raise InvalidInput(
            "columns_short", N_("Choose either the amount, or both the debit and the credit."), field="amount"
        )
    chosen = [columns.booked_on, columns.label, columns.amount, columns.debit, columns.credit]
    places = [place for place in chosen if place is not None]
    if len(set(places)) < len(places):
        raise InvalidInput("columns_twice", N_("The same column is chosen twice."), field="date")


def remembered(session: Session, rows: Rows) -> Columns | None:
    """The columns somebody chose for a header that stands among these first rows."""
    prints = {_print(row): at for at, row in enumerate(rows[:FIRST_ROWS]) if any(row)}
    found = session.scalars(select(CsvLayout).where(CsvLayout.header_print.in_(prints))).all()
    for one in sorted(found, key=lambda layout: prints[layout.header_print]):
        return Columns(**{**one.places, "header": prints[one.header_print]})
    return None


def remember(session: Session, rows: Rows, columns: Columns, *, clock: Clock, actor: Actor) -> None:
    """Keep a choice that read a file, the latest for its header; a file without a header is not remembered."""
    if columns.header < 0 or not any(rows[columns.header]):
        return
    row = rows[columns.header]
    given = {
        "header": list(row),
        "places": {name: place for name, place in asdict(columns).items() if name != "header"},
        "chosen_at": clock.now(),
        "chosen_by": actor.label,
    }
    session.execute(
        insert(CsvLayout)
        .values(header_print=_print(row), **given)
        .on_conflict_do_update(index_elements=[CsvLayout.header_print], set_=given)
    )
    record(session, "bank.columns", "bank_csv_layout", _print(row)[:12], actor=actor, clock=clock)


def _print(row: Sequence[str]) -> str:
    return hashlib.sha256("|".join(values.plain(cell) for cell in row).encode()).hexdigest()


def _cell(row: Sequence[str], at: int) -> str:
    return row[at] if at < len(row) else ""


def _reads(read: Callable[[str], object]) -> Callable[[str], bool]:
    def does(cell: str) -> bool:
        try:
            read(cell)
        except InvalidInput:
            return False
        return True

    return does


def _share(body: Rows, at: int, is_one: Callable[[str], bool]) -> float:
    return sum(is_one(_cell(row, at)) for row in body) / len(body)


def _all_money(body: Rows, at: int) -> bool:
    told = [cell for row in body if (cell := _cell(row, at))]
    # A number without cents in every row is an account or a counter.
    return bool(told) and all(_reads(read_cents)(cell) for cell in told) and any("," in c or "." in c for c in told)


def _is_movement(row: Sequence[str]) -> bool:
    return any(_reads(read_date)(cell) for cell in row) and any(
        _reads(read_cents)(cell) for cell in row if cell and not _reads(read_date)(cell)
    )
