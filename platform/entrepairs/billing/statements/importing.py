"""Importing a bank's file: all of it or nothing, each movement once whatever the files that tell it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing.statements.books import book_of, credit_of
from entrepairs.billing.statements.csv_french import Columns, ColumnsNeeded
from entrepairs.billing.statements.deciding import confirm_line
from entrepairs.billing.statements.layouts import ensure_enough, remember, remembered
from entrepairs.billing.statements.matching import Proposal, propose
from entrepairs.billing.statements.models import BankStatement, StatementLine
from entrepairs.billing.statements.reading import read_file
from entrepairs.billing.statements.values import ReadLine, ReadStatement
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, DomainError, InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.identifiers import mask_iban
from entrepairs.kernel.money import Money
from entrepairs.kernel.references import new_reference
from entrepairs.settings.models import Association


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import added. `known` movements were there already; `by_itself` were recorded as payments at once."""

    statements: tuple[BankStatement, ...]
    added: int
    known: int
    by_itself: int


def import_file(
    session: Session,
    content: bytes,
    *,
    columns: Columns | None = None,
    other_account: bool = False,
    clock: Clock,
    actor: Actor,
) -> Imported:
    """Import a file; a movement known already adds nothing. Credits that are sure are recorded, the others wait.

    `columns`, chosen for a CSV that says nothing, are remembered for its header. Raises UnreadableStatement,
    ColumnsNeeded, InvalidInput("another_account", "columns_short", "columns_twice"), Conflict("other_format").
    """
    association = session.get(Association, 1)
    own = association.iban if association is not None else ""
    read = _read(session, content, own, columns, clock=clock, actor=actor)
    # One import of an account at a time: the second one sees what the first one added.
    for account in sorted({one.account for one in read}):
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(account, 512))))
    for one in read:
        _ensure_ours(session, one.account, own, other_account=other_account)
    kept = [(one, _unknown(session, one)) for one in read]
    for one, lines in kept:
        _ensure_one_format(session, one, lines)
    added = [_write(session, one, lines, clock=clock, actor=actor) for one, lines in kept if lines]
    fresh = [line for statement in added for line in statement.lines]
    sure = _record_sure(session, fresh, clock=clock, actor=actor)
    return Imported(tuple(added), len(fresh), sum(len(one.lines) for one in read) - len(fresh), sure)


def _read(
    session: Session, content: bytes, own: str, columns: Columns | None, *, clock: Clock, actor: Actor
) -> tuple[ReadStatement, ...]:
    if columns is not None:
        ensure_enough(columns)
    try:
        read = read_file(content, own)
    except ColumnsNeeded as unknown:
        chosen = columns or remembered(session, unknown.rows)
        if chosen is None:
            raise
        read = read_file(content, own, chosen)
        if columns is not None:
            remember(session, unknown.rows, columns, clock=clock, actor=actor)
    return read


def _ensure_ours(session: Session, account: str, own: str, *, other_account: bool) -> None:
    if account == own or other_account:
        return
    if session.scalar(select(BankStatement.id).where(BankStatement.account == account).limit(1)) is None:
        raise InvalidInput(
            "another_account",
            N_("This file is of account %(account)s, not the one on your invoices. If it is yours too, say so below."),
            field="other_account",
            account=mask_iban(account),
        )


def _unknown(session: Session, read: ReadStatement) -> list[ReadLine]:
    prints = [line.fingerprint for line in read.lines]
    known = set(session.scalars(select(StatementLine.fingerprint).where(StatementLine.fingerprint.in_(prints))))
    return [line for line in read.lines if line.fingerprint not in known]


def _ensure_one_format(session: Session, read: ReadStatement, lines: Sequence[ReadLine]) -> None:
    """Each format tells a movement in its own words: the same days in two formats would count them twice."""
    days = {line.booked_on for line in lines}
    met = session.scalar(
        select(StatementLine.booked_on)
        .join(BankStatement)
        .where(BankStatement.account == read.account, BankStatement.format != read.format)
        .where(StatementLine.booked_on.in_(days))
        .order_by(StatementLine.booked_on)
        .limit(1)
    )
    if met is not None:
        raise Conflict(
            "other_format",
            N_(
                "Movements of %(day)s came from a file of another kind: import the days after, or the same kind of file."
            ),
            day=met,
        )


def _write(
    session: Session, read: ReadStatement, lines: Sequence[ReadLine], *, clock: Clock, actor: Actor
) -> BankStatement:
    statement = BankStatement(
        ref=new_reference("REL"),
        format=read.format,
        account=read.account,
        number=read.number,
        opening=read.opening,
        closing=read.closing,
        opened_on=read.opened_on,
        closed_on=read.closed_on,
        imported_at=clock.now(),
        imported_by=actor.label,
        lines=[_line(line, position) for position, line in enumerate(lines, 1)],
    )
    session.add(statement)
    session.flush()
    record(
        session,
        "bank.import",
        "bank_statement",
        statement.ref,
        actor=actor,
        clock=clock,
        lines=len(lines),
        of=read.format,
    )
    session.flush()
    return statement


def _line(read: ReadLine, position: int) -> StatementLine:
    # What is paid out bears names of people (salaries, expenses) that nothing here needs.
    told = read.cents > 0 or read.charge
    return StatementLine(
        ref=new_reference("MVT"),
        position=position,
        booked_on=read.booked_on,
        value_on=read.value_on,
        cents=read.cents,
        label=read.label if told else "",
        reference=read.reference if told else "",
        counterparty=read.counterparty if told else "",
        counterparty_iban=read.counterparty_iban if told else "",
        end_to_end=read.end_to_end if told else "",
        reversal=read.reversal,
        charge=read.charge,
        fingerprint=read.fingerprint,
    )


def _record_sure(session: Session, lines: Sequence[StatementLine], *, clock: Clock, actor: Actor) -> int:
    """Record the credits whose number, amount and payer agree; what is refused waits for somebody."""
    book, count = book_of(session, clock.today()), 0
    for line in lines:
        best: Proposal | None = next(iter(propose(credit_of(line), book)), None)
        if best is None or not best.sure or line.reversal:
            continue
        parts = {part.ref: Money(part.cents) for part in best.parts}
        try:
            with session.begin_nested():
                confirm_line(session, line.ref, parts, by_itself=True, clock=clock, actor=actor)
        except DomainError:
            continue
        count += 1
        book = book_of(session, clock.today())
    return count
