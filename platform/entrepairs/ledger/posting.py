"""Writing a balanced entry: numbered without a gap in its year, validated, then frozen by the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from entrepairs.db import read_once
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.ledger import rules
from entrepairs.ledger.chart import JournalCode
from entrepairs.ledger.lettering import letter_settled
from entrepairs.ledger.models import (
    AccountingYear,
    AxisValue,
    Entry,
    EntryLine,
    EntryState,
    Journal,
    LedgerAccount,
    LineAxis,
)
from entrepairs.ledger.rules import Posting
from entrepairs.ledger.years import exercise_for_update, first_open_day, open_exercise_of

_ACCOUNTS: Final = "ledger.accounts"
_JOURNALS: Final = "ledger.journals"
_LABELS: Final = "ledger.axis_labels"
_AXES: Final = "ledger.axis_values"
__all__ = ["Fact", "Posting", "is_posted", "post", "post_all", "register_axis_value"]


@dataclass(frozen=True, slots=True)
class Fact:
    """What an entry records. `dedup` names it; `day` is its own, whenever it counts."""

    journal: str
    day: date
    piece_ref: str
    label: str
    lines: Sequence[Posting]
    dedup: str
    carried: bool = False
    reverses: Entry | None = None


def post(  # noqa: PLR0917 - what every entry has, in the order of the journal
    session: Session,
    journal: str,
    day: date,
    piece_ref: str,
    label: str,
    lines: Sequence[Posting],
    *,
    dedup: str,
    clock: Clock,
    carried: bool = False,
    reverses: Entry | None = None,
) -> Entry:
    """Write and validate an entry dated `day`; the entry already written under `dedup` is returned as it is.

    A day that is closed already makes it count on the first open one, with the day of the fact said (PCG 921-3).
    The year's row is locked until the transaction ends, so numbers follow the order of validation: post late, after
    every other lock. Raises InvalidInput("entry_lines", "entry_unbalanced", "entry_third_party", "ledger_account",
    "ledger_account_closed", "entry_in_future", "journal").
    """
    fact = Fact(journal, day, piece_ref, label, lines, dedup, carried, reverses)
    (entry,) = post_all(session, [fact], clock=clock)
    return entry


def post_all(session: Session, facts: Sequence[Fact], *, clock: Clock) -> list[Entry]:
    """The same for several facts, numbered in their order: all of them or, when it raises, none."""
    counted: list[tuple[Fact, date]] = []
    opened = {day: first_open_day(session, day) for day in {fact.day for fact in facts}}
    for fact in facts:
        rules.ensure_balanced(fact.lines)
        _ensure_journal(session, fact.journal)
        day = fact.day if fact.journal == JournalCode.OPENING else opened[fact.day]
        _ensure_come(day, clock)
        ensure_accounts(session, fact.lines, day)
        counted.append((fact, day))
    held = {day: exercise_for_update(session, day) for day in sorted({day for _, day in counted})}
    # Looked for under the lock: two deliveries of the same fact come one after the other.
    known = select(Entry).where(Entry.dedup_key.in_([fact.dedup for fact in facts]))
    found = {entry.dedup_key: entry for entry in session.scalars(known)}
    new: list[tuple[Entry, Fact]] = []
    for fact, day in counted:
        if fact.dedup not in found:
            found[fact.dedup] = entry = _entry_of(fact, day, held[day], clock)
            new.append((entry, fact))
    session.add_all(entry for entry, _ in new)
    session.flush()
    _spread(session, [pair for entry, fact in new for pair in zip(entry.lines, fact.lines, strict=True)])
    validate_all(session, [entry for entry, _ in new], {year.year: year for year in held.values()}, clock=clock)
    return [found[fact.dedup] for fact in facts]


def _entry_of(fact: Fact, counted: date, year: AccountingYear, clock: Clock) -> Entry:
    label = rules.dated_label(fact.label, fact.day, counted)
    entry = _entry(fact.journal, counted, fact.piece_ref, label, exercise=year.year, dedup=fact.dedup, clock=clock)
    entry.piece_date = fact.day
    entry.reverses_id = fact.reverses.id if fact.reverses else None
    entry.lines = [_line(line, entry.label) for line in fact.lines]
    for row in entry.lines:
        row.counted_on, row.carried = counted, fact.carried
    return entry


def draft(  # noqa: PLR0917 - as `post`
    session: Session,
    journal: str,
    day: date,
    piece_ref: str,
    label: str,
    lines: Sequence[Posting],
    *,
    dedup: str,
    clock: Clock,
) -> Entry:
    """Write an entry that is not validated yet: it has no number, and no balance counts it."""
    exercise = open_exercise_of(session, day).number
    entry = _entry(journal, day, piece_ref, label, exercise=exercise, dedup=dedup, clock=clock)
    session.add(entry)
    write_lines(session, entry, lines)
    return entry


def _entry(journal: str, day: date, piece_ref: str, label: str, *, exercise: int, dedup: str, clock: Clock) -> Entry:
    return Entry(
        journal_code=journal,
        fiscal_year=exercise,
        entry_date=day,
        piece_ref=rules.writable(piece_ref, 40),
        piece_date=day,
        label=rules.writable(label, 160),
        state=EntryState.DRAFT,
        dedup_key=dedup,
        created_at=clock.now(),
    )


def write_lines(session: Session, entry: Entry, lines: Sequence[Posting]) -> None:
    """Put the lines on a draft, with their axes."""
    entry.lines = [_line(line, entry.label) for line in lines]
    session.flush()
    _spread(session, list(zip(entry.lines, lines, strict=True)))


def validate(session: Session, entry: Entry, year: AccountingYear, *, clock: Clock) -> None:
    """Give the next number of the year, whose row is locked, and freeze. Raises InvalidInput("entry_in_future")."""
    validate_all(session, [entry], {year.year: year}, clock=clock)


def validate_all(
    session: Session, entries: Sequence[Entry], years: Mapping[int, AccountingYear], *, clock: Clock
) -> None:
    """The same for several entries, in their order; `years` are locked."""
    for entry in entries:
        _ensure_come(entry.entry_date, clock)
        for line in entry.lines:
            if line.counted_on != entry.entry_date:
                line.counted_on = entry.entry_date
    numbers = _next_numbers(session, entries, years)
    session.flush()  # before the entries are validated: after, no line changes
    for entry, (number, after) in zip(entries, numbers, strict=True):
        entry.number = number
        entry.validated_at = max(clock.now(), after) if after else clock.now()
        entry.state = EntryState.VALIDATED
    session.flush()
    letter_settled(session, [line for entry in entries for line in entry.lines], on=clock.today())


def is_posted(session: Session, dedup: str) -> bool:
    """Whether the fact named `dedup` is in the books already."""
    return session.scalar(select(Entry.id).where(Entry.dedup_key == dedup)) is not None


def register_axis_value(session: Session, axis: str, code: str, label: str) -> None:
    """Make a value of an analytic axis known under a readable label; the latest label wins."""
    known = read_once(session, _LABELS)
    if known.get((axis, code)) == label:
        return
    statement = insert(AxisValue).values(axis=axis, code=code, label=label[:120])
    session.execute(statement.on_conflict_do_update(index_elements=["axis", "code"], set_={"label": label[:120]}))
    known[axis, code] = label


def ensure_accounts(session: Session, lines: Sequence[Posting], day: date) -> None:
    """Every account is in the chart of that day, with a third party where it needs one."""
    known = read_once(session, _ACCOUNTS)
    if unknown := {line.account for line in lines} - known.keys():
        rows = session.scalars(select(LedgerAccount).where(LedgerAccount.code.in_(unknown)))
        known.update({row.code: row for row in rows})
    for line in lines:
        account = known.get(line.account)
        if account is None:
            raise InvalidInput(
                "ledger_account", N_("The account %(account)s is not in the chart."), account=line.account
            )
        if (account.since and day < account.since) or (account.until and day > account.until):
            raise InvalidInput(
                "ledger_account_closed",
                N_("The account %(account)s is not in use on %(day)s."),
                account=line.account,
                day=day,
            )
        if account.auxiliary and line.aux_code is None:
            raise InvalidInput("entry_third_party", N_("A third party on a line has both its code and its name."))


def _ensure_come(day: date, clock: Clock) -> None:
    if day > clock.today():
        raise InvalidInput("entry_in_future", N_("An entry is validated on its day or later, never before."))


def _ensure_journal(session: Session, journal: str) -> None:
    known = read_once(session, _JOURNALS)
    if journal not in known and (row := session.get(Journal, journal)) is not None:
        known[journal] = row
    if journal not in known:
        raise InvalidInput("journal", N_("The journal « %(journal)s » does not exist."), journal=journal)


def _next_numbers(
    session: Session, entries: Sequence[Entry], years: Mapping[int, AccountingYear]
) -> list[tuple[int, datetime | None]]:
    """The numbers that come next, each with the last validation before: a clock set back does not make two orders."""
    last: dict[int, tuple[int, datetime | None]] = {}
    found: list[tuple[int, datetime | None]] = []
    for entry in entries:
        year = years[entry.fiscal_year]
        if entry.journal_code == JournalCode.OPENING and year.opening_reserved and not _first_taken(session, year):
            found.append((1, None))
            continue
        number, after = last.get(year.year) or _last_number(session, year)
        last[year.year] = number + 1, after
        found.append(last[year.year])
    return found


def _validated(year: AccountingYear) -> Select[Entry]:
    return select(Entry).where(Entry.fiscal_year == year.year, Entry.state == EntryState.VALIDATED)


def _first_taken(session: Session, year: AccountingYear) -> bool:
    return session.scalar(_validated(year).where(Entry.number == 1).with_only_columns(Entry.id)) is not None


def _last_number(session: Session, year: AccountingYear) -> tuple[int, datetime | None]:
    """The last number given in the year, and when."""
    newest = _validated(year).with_only_columns(Entry.number, Entry.validated_at).order_by(Entry.number.desc()).limit(1)
    last = session.execute(newest).one_or_none()
    if last is None or last.number is None:
        return (1 if year.opening_reserved else 0), None
    return last.number, last.validated_at


def _line(line: Posting, entry_label: str) -> EntryLine:
    return EntryLine(
        account_code=line.account,
        aux_code=line.aux_code,
        aux_label=rules.writable(line.aux_label, 120) if line.aux_label else None,
        label=rules.writable(line.label, 160) or entry_label,
        debit=line.debit.cents,
        credit=line.credit.cents,
        match_ref=line.match_ref,
        due_on=line.due_on,
    )


def _spread(session: Session, written: Sequence[tuple[EntryLine, Posting]]) -> None:
    """Put the lines on their axes."""
    wanted = {(axis, code) for _, line in written for axis, code in line.axes.items()}
    if not wanted:
        return
    ids = read_once(session, _AXES)
    if unknown := wanted - ids.keys():
        session.execute(
            insert(AxisValue).on_conflict_do_nothing(),
            [{"axis": axis, "code": code, "label": code} for axis, code in sorted(unknown)],
        )
        found = select(AxisValue.id, AxisValue.axis, AxisValue.code).where(
            AxisValue.axis.in_({axis for axis, _ in unknown}), AxisValue.code.in_({code for _, code in unknown})
        )
        ids.update({(axis, code): id_ for id_, axis, code in session.execute(found)})
    session.execute(
        insert(LineAxis),
        [
            {"line_id": row.id, "axis_value_id": ids[axis, code]}
            for row, line in written
            for axis, code in line.axes.items()
        ],
    )
