"""Lettering: the lines of one third party that settle each other to the cent get the same letters.

An invoice and what pays or corrects it meet by themselves through the piece they are about; the rest is done by hand.
Lettering is no part of the entry: it comes after validation, and may be undone (PCG, LPF A47 A-1: EcritureLet, DateLet).
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.ledger.models import EntryLine, LedgerAccount, Lettering
from entrepairs.ledger.rules import lettering_code


def letter_settled(session: Session, lines: Iterable[EntryLine], *, on: date) -> int:
    """Letter every piece that these lines, just validated, bring to nil. How many letterings were made."""
    pieces = {
        (line.account_code, line.aux_code, line.match_ref)
        for line in lines
        if line.aux_code and line.match_ref and not line.carried
    }
    if not pieces:
        return 0
    accounts, auxes, refs = (set(part) for part in zip(*pieces, strict=True))
    opened = _open_lines().where(
        EntryLine.account_code.in_(accounts), EntryLine.aux_code.in_(auxes), EntryLine.match_ref.in_(refs)
    )
    about: dict[tuple[str, str | None, str | None], list[EntryLine]] = {}
    for row in session.scalars(opened):
        about.setdefault((row.account_code, row.aux_code, row.match_ref), []).append(row)
    settled = [
        rows
        for piece, rows in sorted(about.items(), key=lambda one: str(one[0]))
        if piece in pieces and len(rows) > 1 and sum(row.debit - row.credit for row in rows) == 0
    ]
    for rows in settled:
        _letter(session, rows, on=on, by=None)
    return len(settled)


def letter_by_hand(session: Session, line_ids: Collection[int], *, actor: Actor, clock: Clock) -> Lettering:
    """Give these lines the same letters.

    Raises NotFound, InvalidInput("lettering_lines", "lettering_mixed", "lettering_unbalanced"),
    Conflict("lettering_taken").
    """
    rows = _lines_for_update(session, line_ids)
    if len(rows) < 2:
        raise InvalidInput("lettering_lines", N_("Choose at least two lines that settle each other."))
    if len({(row.account_code, row.aux_code) for row in rows}) > 1 or rows[0].aux_code is None:
        raise InvalidInput("lettering_mixed", N_("Lines lettered together are those of one third party."))
    if any(row.lettering_id is not None for row in rows):
        raise Conflict("lettering_taken", N_("One of these lines is lettered already."))
    left = sum(row.debit - row.credit for row in rows)
    if left:
        raise InvalidInput(
            "lettering_unbalanced",
            N_("These lines do not settle each other: %(left)s are missing."),
            left=Money(abs(left)),
        )
    lettering = _letter(session, rows, on=clock.today(), by=actor.label)
    record(session, "ledger.letter", "lettering", str(lettering.id), actor=actor, clock=clock, lines=len(rows))
    return lettering


def unletter(session: Session, lettering_id: int, *, actor: Actor, clock: Clock) -> tuple[str, str]:
    """Undo a lettering: its lines are open again. Whose it was: account and third party. Raises NotFound."""
    lettering = session.get(Lettering, lettering_id)
    if lettering is None:
        raise NotFound("lettering", N_("This lettering does not exist any more."))
    _lock_account(session, lettering.account_code)
    session.execute(
        update(EntryLine)
        .where(EntryLine.lettering_id == lettering.id)
        .values(lettering_id=None)
        .execution_options(synchronize_session="fetch")
    )
    record(
        session,
        "ledger.unletter",
        "lettering",
        str(lettering.id),
        actor=actor,
        clock=clock,
        code=lettering_code(lettering.ordinal),
        aux=lettering.aux_code,
    )
    whose = lettering.account_code, lettering.aux_code
    session.expire(lettering)
    session.delete(lettering)
    session.flush()
    return whose


def _open_lines() -> Select[EntryLine]:
    return (
        select(EntryLine)
        .where(
            EntryLine.lettering_id.is_(None),
            EntryLine.carried.is_(False),
            EntryLine.counted_on.is_not(None),
        )
        .order_by(EntryLine.id)
    )


def _lines_for_update(session: Session, line_ids: Collection[int]) -> Sequence[EntryLine]:
    wanted = select(EntryLine).where(
        EntryLine.id.in_(line_ids), EntryLine.counted_on.is_not(None), EntryLine.carried.is_(False)
    )
    accounts = session.scalars(wanted.with_only_columns(EntryLine.account_code).distinct()).all()
    for account in sorted(accounts):
        _lock_account(session, account)
    rows = session.scalars(wanted.order_by(EntryLine.id).execution_options(populate_existing=True)).all()
    if len(rows) != len(set(line_ids)):
        raise NotFound("entry_line", N_("One of these lines does not exist."))
    return rows


def _lock_account(session: Session, account: str) -> None:
    session.execute(select(LedgerAccount.code).where(LedgerAccount.code == account).with_for_update(key_share=True))


def _letter(session: Session, rows: Sequence[EntryLine], *, on: date, by: str | None) -> Lettering:
    account, aux = rows[0].account_code, rows[0].aux_code or ""
    _lock_account(session, account)
    last = session.scalar(
        select(func.max(Lettering.ordinal)).where(Lettering.account_code == account, Lettering.aux_code == aux)
    )
    lettering = Lettering(account_code=account, aux_code=aux, ordinal=(last or 0) + 1, lettered_on=on, lettered_by=by)
    session.add(lettering)
    session.flush()
    for row in rows:
        row.lettering = lettering
    session.flush()
    return lettering
