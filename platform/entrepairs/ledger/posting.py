"""Writing a balanced entry: numbered without a gap in its journal and year, validated, then frozen by the database."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.ledger import rules
from entrepairs.ledger.models import AxisValue, Entry, EntryLine, EntryState, Journal, LedgerAccount, LineAxis
from entrepairs.ledger.rules import Posting

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
) -> Entry:
    """Write and validate an entry dated `day`; the entry already written under `dedup` is returned as it is.

    The journal's row is locked until the transaction ends, so its numbers follow the order of validation: post late,
    after every other lock. Raises InvalidInput("entry_lines", "entry_unbalanced", "entry_third_party",
    "ledger_account", "journal").
    """
    rules.ensure_balanced(lines)
    _ensure_known(session, lines)
    _lock_journal(session, journal)
    # Looked for under the lock: two deliveries of the same fact come one after the other.
    written = session.scalars(select(Entry).where(Entry.dedup_key == dedup)).one_or_none()
    if written is not None:
        return written
    year = rules.fiscal_year(day)
    entry = Entry(
        journal_code=journal,
        fiscal_year=year,
        entry_date=day,
        piece_ref=rules.writable(piece_ref, 40),
        piece_date=day,
        label=rules.writable(label, 160),
        state=EntryState.DRAFT,
        dedup_key=dedup,
        created_at=clock.now(),
    )
    session.add(entry)
    entry.lines = [_line(line, entry.label) for line in lines]
    session.flush()
    _spread(session, entry.lines, lines)
    entry.number = _next_number(session, journal, year)
    entry.validated_at = clock.now()
    entry.state = EntryState.VALIDATED
    session.flush()
    return entry


def is_posted(session: Session, dedup: str) -> bool:
    """Whether the fact named `dedup` is in the books already."""
    return session.scalar(select(Entry.id).where(Entry.dedup_key == dedup)) is not None


def register_axis_value(session: Session, axis: str, code: str, label: str) -> None:
    """Make a value of an analytic axis known under a readable label; the latest label wins."""
    statement = insert(AxisValue).values(axis=axis, code=code, label=label[:120])
    session.execute(statement.on_conflict_do_update(index_elements=["axis", "code"], set_={"label": label[:120]}))


def _lock_journal(session: Session, journal: str) -> None:
    # NO KEY UPDATE: it does not stand in the way of foreign keys pointing here.
    known = session.scalar(select(Journal.code).where(Journal.code == journal).with_for_update(key_share=True))
    if known is None:
        raise InvalidInput("journal", N_("The journal « %(journal)s » does not exist."), journal=journal)


def _ensure_known(session: Session, lines: Sequence[Posting]) -> None:
    wanted = {line.account for line in lines}
    found = session.scalars(select(LedgerAccount).where(LedgerAccount.code.in_(wanted)))
    known = {account.code: account.auxiliary for account in found}
    for line in lines:
        if line.account not in known:
            raise InvalidInput(
                "ledger_account", N_("The account %(account)s is not in the chart."), account=line.account
            )
        if known[line.account] and line.aux_code is None:
            raise InvalidInput("entry_third_party", N_("A third party on a line has both its code and its name."))


def _next_number(session: Session, journal: str, year: int) -> int:
    last = session.scalar(
        select(func.max(Entry.number)).where(Entry.journal_code == journal, Entry.fiscal_year == year)
    )
    return (last or 0) + 1


def _line(line: Posting, entry_label: str) -> EntryLine:
    return EntryLine(
        account_code=line.account,
        aux_code=line.aux_code,
        aux_label=rules.writable(line.aux_label, 120) if line.aux_label else None,
        label=rules.writable(line.label, 160) or entry_label,
        debit=line.debit.cents,
        credit=line.credit.cents,
    )


def _spread(session: Session, written: Sequence[EntryLine], lines: Sequence[Posting]) -> None:
    wanted = {(axis, code) for line in lines for axis, code in line.axes.items()}
    if not wanted:
        return
    session.execute(
        insert(AxisValue)
        .values([{"axis": axis, "code": code, "label": code} for axis, code in sorted(wanted)])
        .on_conflict_do_nothing()
    )
    ids = {
        (axis, code): id_
        for id_, axis, code in session.execute(
            select(AxisValue.id, AxisValue.axis, AxisValue.code).where(
                AxisValue.axis.in_({axis for axis, _ in wanted}), AxisValue.code.in_({code for _, code in wanted})
            )
        )
    }
    for row, line in zip(written, lines, strict=True):
        for axis, code in line.axes.items():
            session.add(LineAxis(line_id=row.id, axis_value_id=ids[(axis, code)]))
    session.flush()
