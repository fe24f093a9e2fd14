"""Writing a balanced entry: numbered without a gap in its year, validated, then frozen by the database."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
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
from entrepairs.ledger.years import first_open_day, year_for_update

_ACCOUNTS: Final = "ledger.accounts"
_JOURNALS: Final = "ledger.journals"
_LABELS: Final = "ledger.axis_labels"
_AXES: Final = "ledger.axis_values"
__all__ = ["Posting", "is_posted", "post", "register_axis_value"]


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
    rules.ensure_balanced(lines)
    _ensure_journal(session, journal)
    counted = day if journal == JournalCode.OPENING else first_open_day(session, day)
    _ensure_come(counted, clock)
    ensure_accounts(session, lines, counted)
    year = year_for_update(session, rules.fiscal_year(counted))
    # Looked for under the lock: two deliveries of the same fact come one after the other.
    written = session.scalars(select(Entry).where(Entry.dedup_key == dedup)).one_or_none()
    if written is not None:
        return written
    entry = _entry(journal, counted, piece_ref, rules.dated_label(label, day, counted), dedup=dedup, clock=clock)
    entry.piece_date = day
    entry.reverses_id = reverses.id if reverses else None
    session.add(entry)
    write_lines(session, entry, lines, counted_on=counted, carried=carried)
    validate(session, entry, year, clock=clock)
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
    entry = _entry(journal, day, piece_ref, label, dedup=dedup, clock=clock)
    session.add(entry)
    write_lines(session, entry, lines)
    return entry


def _entry(journal: str, day: date, piece_ref: str, label: str, *, dedup: str, clock: Clock) -> Entry:
    return Entry(
        journal_code=journal,
        fiscal_year=rules.fiscal_year(day),
        entry_date=day,
        piece_ref=rules.writable(piece_ref, 40),
        piece_date=day,
        label=rules.writable(label, 160),
        state=EntryState.DRAFT,
        dedup_key=dedup,
        created_at=clock.now(),
    )


def write_lines(
    session: Session, entry: Entry, lines: Sequence[Posting], *, counted_on: date | None = None, carried: bool = False
) -> None:
    """Put the lines on a draft, with their axes; `counted_on` when it is validated at once."""
    entry.lines = [_line(line, entry.label) for line in lines]
    for row in entry.lines:
        row.counted_on, row.carried = counted_on, carried
    session.flush()
    _spread(session, entry.lines, lines)


def validate(session: Session, entry: Entry, year: AccountingYear, *, clock: Clock) -> None:
    """Give the next number of the year, whose row is locked, and freeze. Raises InvalidInput("entry_in_future")."""
    _ensure_come(entry.entry_date, clock)
    number, after = _next_number(session, year, entry.journal_code)
    for line in entry.lines:
        if line.counted_on != entry.entry_date:
            line.counted_on = entry.entry_date
    session.flush()  # before the entry is validated: after, no line changes
    entry.number = number
    entry.validated_at = max(clock.now(), after) if after else clock.now()
    entry.state = EntryState.VALIDATED
    session.flush()
    letter_settled(session, entry.lines, on=clock.today())


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


def _next_number(session: Session, year: AccountingYear, journal: str) -> tuple[int, datetime | None]:
    """The number that comes next, and the last validation: a clock set back does not make two orders."""
    validated = select(Entry.number, Entry.validated_at).where(
        Entry.fiscal_year == year.year, Entry.state == EntryState.VALIDATED
    )
    last = session.execute(validated.order_by(Entry.number.desc()).limit(1)).one_or_none()
    if journal == JournalCode.OPENING and year.opening_reserved:
        taken = session.scalar(validated.where(Entry.number == 1).with_only_columns(Entry.id))
        if taken is None:
            return 1, None
    if last is None or last.number is None:
        return (2 if year.opening_reserved else 1), None
    return last.number + 1, last.validated_at


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


def _spread(session: Session, written: Sequence[EntryLine], lines: Sequence[Posting]) -> None:
    wanted = {(axis, code) for line in lines for axis, code in line.axes.items()}
    if not wanted:
        return
    ids = read_once(session, _AXES)
    if unknown := wanted - ids.keys():
        session.execute(
            insert(AxisValue)
            .values([{"axis": axis, "code": code, "label": code} for axis, code in sorted(unknown)])
            .on_conflict_do_nothing()
        )
        found = select(AxisValue.id, AxisValue.axis, AxisValue.code).where(
            AxisValue.axis.in_({axis for axis, _ in unknown}), AxisValue.code.in_({code for _, code in unknown})
        )
        ids.update({(axis, code): id_ for id_, axis, code in session.execute(found)})
    session.execute(
        insert(LineAxis),
        [
            {"line_id": row.id, "axis_value_id": ids[axis, code]}
            for row, line in zip(written, lines, strict=True)
            for axis, code in line.axes.items()
        ],
    )
