"""Entries written by hand: a draft (brouillard) until somebody validates it, corrected afterwards by its opposite.

What comes from a fact of the platform (an invoice, a payment, a grant) is validated at once and is not written here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, selectinload

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.db import locked
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.kernel.references import new_reference
from entrepairs.ledger import rules
from entrepairs.ledger.chart import JournalCode
from entrepairs.ledger.models import Entry, EntryLine, EntryState, LineAxis
from entrepairs.ledger.posting import Posting, draft, ensure_accounts, is_posted, post, validate, write_lines
from entrepairs.ledger.years import exercise_for_update, first_open_day, known_exercises, open_exercise_of

BY_HAND: Final = (JournalCode.MISCELLANEOUS, JournalCode.BANK, JournalCode.OPENING)
_KEY: Final = "hand:"


@dataclass(frozen=True)
class Written:
    """What somebody types: a journal, a day, a piece, a label, and lines that balance."""

    journal: str
    day: date
    piece_ref: str
    label: str
    lines: Sequence[Posting]


def write_by_hand(session: Session, written: Written, *, actor: Actor, clock: Clock) -> Entry:
    """Write a draft. Raises InvalidInput (as `post`, and "journal", "entry_day_far", "entry_day_closed", "entry_words")."""
    _ensure_writable(session, written)
    entry = draft(
        session,
        written.journal,
        written.day,
        written.piece_ref,
        written.label,
        written.lines,
        dedup=_KEY + new_reference("ECR"),
        clock=clock,
    )
    entry.written_by = actor.label
    record(session, "ledger.write", "entry", ref_of(entry), actor=actor, clock=clock, journal=written.journal)
    session.flush()
    return entry


def rewrite(session: Session, ref: str, written: Written, *, actor: Actor, clock: Clock) -> Entry:
    """Change a draft. Raises as `write_by_hand`, NotFound, Conflict("entry_validated")."""
    entry = find_draft(session, ref)
    _ensure_writable(session, written)
    _forget_lines(session, entry)
    entry.journal_code, entry.entry_date, entry.piece_date = written.journal, written.day, written.day
    entry.fiscal_year = open_exercise_of(session, written.day).number
    entry.piece_ref, entry.label = rules.writable(written.piece_ref, 40), rules.writable(written.label, 160)
    write_lines(session, entry, written.lines)
    record(session, "ledger.rewrite", "entry", ref, actor=actor, clock=clock)
    return entry


def discard(session: Session, ref: str, *, actor: Actor, clock: Clock) -> None:
    """Throw a draft away; the trace stays. Raises NotFound, Conflict("entry_validated")."""
    entry = find_draft(session, ref)
    _forget_lines(session, entry)
    record(session, "ledger.discard", "entry", ref, actor=actor, clock=clock, label=entry.label)
    session.delete(entry)
    session.flush()


def validate_drafts(session: Session, refs: Sequence[str], *, actor: Actor, clock: Clock) -> list[Entry]:
    """Number and freeze these drafts, by date then in the order they were written: there is no way back.

    Raises NotFound, Conflict("entry_validated"), InvalidInput (as `post`, and "entry_day_closed").
    """
    entries = [find_draft(session, ref) for ref in dict.fromkeys(refs)]
    for entry in sorted(entries, key=lambda each: (each.entry_date, each.id)):
        _ensure_open(session, entry.journal_code, entry.entry_date)
        ensure_accounts(session, [_posting(line) for line in entry.lines], entry.entry_date)
        year = exercise_for_update(session, entry.entry_date)
        entry.fiscal_year = year.year  # its days may have changed since it was written
        validate(session, entry, year, clock=clock)
        record(session, "ledger.validate", "entry", ref_of(entry), actor=actor, clock=clock, number=entry.number)
    return entries


def reverse(session: Session, entry_id: int, *, reason: str, actor: Actor, clock: Clock) -> Entry:
    """Cancel an entry written by hand by its opposite, dated today (extourne). A second time gives the same one.

    Raises NotFound, NotAllowed("entry_of_a_fact", "entry_opening"), InvalidInput("reversal_reason").
    """
    entry = session.get(Entry, entry_id)
    if entry is None or entry.state is not EntryState.VALIDATED:
        raise NotFound("entry", N_("This entry does not exist."))
    if entry.journal_code == JournalCode.OPENING:
        raise NotAllowed("entry_opening", N_("Balances brought forward are not reversed: write what corrects them."))
    if entry.written_by is None or entry.reverses_id is not None:
        raise NotAllowed(
            "entry_of_a_fact",
            N_("This entry comes from an invoice, a payment or a grant: correct it there, the accounts will follow."),
        )
    if not reason.strip():
        raise InvalidInput("reversal_reason", N_("Say why, in a few words."), field="reason")
    key = f"reversal:{entry.id}"
    if not is_posted(session, key):
        record(session, "ledger.reverse", "entry", ref_of(entry), actor=actor, clock=clock, reason=reason.strip())
    return post(
        session,
        JournalCode.MISCELLANEOUS,
        clock.today(),
        entry.piece_ref,
        f"Extourne {entry.journal_code} {entry.number} : {reason.strip()}",
        [_posting(line).mirrored() for line in entry.lines],
        dedup=key,
        clock=clock,
        reverses=entry,
    )


def find_draft(session: Session, ref: str) -> Entry:
    """A draft by its reference, locked. Raises NotFound, Conflict("entry_validated")."""
    entry = locked(session, select(Entry).where(Entry.dedup_key == _KEY + ref).options(selectinload(Entry.lines)))
    if entry is None:
        raise NotFound("entry", N_("This entry does not exist."))
    if entry.state is EntryState.VALIDATED:
        raise Conflict("entry_validated", N_("This entry is validated: it never changes. Reverse it if it is wrong."))
    return entry


def drafts(session: Session, *, limit: int = 200) -> list[Entry]:
    """What waits to be validated, by date."""
    wanted = select(Entry).where(Entry.state == EntryState.DRAFT).options(selectinload(Entry.lines))
    return list(session.scalars(wanted.order_by(Entry.entry_date, Entry.id).limit(limit)))


def ref_of(entry: Entry) -> str:
    """The public reference of an entry written by hand."""
    return entry.dedup_key.removeprefix(_KEY)


def _ensure_writable(session: Session, written: Written) -> None:
    if written.journal not in BY_HAND:
        raise InvalidInput("journal", N_("This journal is written by the platform alone."), field="journal")
    if not rules.writable(written.piece_ref, 40) or not rules.writable(written.label, 160):
        raise InvalidInput("entry_words", N_("An entry has the reference of its piece and a label."), field="label")
    rules.ensure_balanced(written.lines)
    _ensure_near(session, written.day)
    _ensure_open(session, written.journal, written.day)
    ensure_accounts(session, written.lines, written.day)


def _ensure_near(session: Session, day: date) -> None:
    """A year typed wrong would open every exercise up to it, and nothing takes an exercise away."""
    known = known_exercises(session)
    if known and not known[0].preceding().first_day <= day <= known[-1].following().last_day:
        raise InvalidInput(
            "entry_day_far",
            N_("This day is more than a year away from the exercises of the accounts: check the year."),
            field="day",
        )


def _ensure_open(session: Session, journal: str, day: date) -> None:
    if journal != JournalCode.OPENING and (open_from := first_open_day(session, day)) != day:
        raise InvalidInput(
            "entry_day_closed",
            N_("The accounts are closed on that day. They are open from %(day)s."),
            field="day",
            day=open_from,
        )


def _forget_lines(session: Session, entry: Entry) -> None:
    ids = [line.id for line in entry.lines]
    session.execute(delete(LineAxis).where(LineAxis.line_id.in_(ids)))
    session.execute(delete(EntryLine).where(EntryLine.id.in_(ids)))
    session.expire(entry, ["lines"])


def _posting(line: EntryLine) -> Posting:
    return Posting(
        line.account_code,
        Money(line.debit),
        Money(line.credit),
        line.aux_code,
        line.aux_label,
        label=line.label,
        axes={each.value.axis: each.value.code for each in line.axes},
        match_ref=line.match_ref,
        due_on=line.due_on,
    )
