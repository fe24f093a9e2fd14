"""Gestures on the books themselves: lettering by hand, an entry by hand and its opposite, a period closed."""

from datetime import timedelta

from sqlalchemy import select

from entrepairs.kernel.dates import month_start
from entrepairs.kernel.money import Money
from entrepairs.ledger.hand import Written, reverse, validate_drafts, write_by_hand
from entrepairs.ledger.hand import ref_of as ref_of_entry
from entrepairs.ledger.lettering import letter_by_hand, unletter
from entrepairs.ledger.models import EntryLine, Lettering
from entrepairs.ledger.posting import Posting
from entrepairs.ledger.years import close_through
from tests.billing.histories.oracle import CLIENTS, Between, Closed
from tests.billing.histories.story import OFFICE, Story


def letters(story: Story) -> None:
    """Undo a lettering and do it again, mix what does not settle."""
    lettering = story.pick(list(story.session.scalars(select(Lettering).order_by(Lettering.id))))
    if lettering is None:
        return
    lines = list(story.session.scalars(select(EntryLine).where(EntryLine.lettering_id == lettering.id)))
    ids, number = [one.id for one in lines], lettering.id
    story.unlettered |= {one.match_ref or "" for one in lines}
    story.attempt(
        "letter what is lettered",
        lambda: letter_by_hand(story.session, ids, actor=OFFICE, clock=story.clock),
        "lettering_taken",
    )
    story.attempt("unletter", lambda: unletter(story.session, number, actor=OFFICE, clock=story.clock))
    story.attempt(
        "letter lines that do not settle",
        lambda: letter_by_hand(story.session, ids[:1], actor=OFFICE, clock=story.clock),
        "lettering_lines",
    )
    loose = list(
        story.session.scalars(
            select(EntryLine).where(EntryLine.account_code == CLIENTS, EntryLine.lettering_id.is_(None))
        )
    )
    some = story.draw.sample(loose, min(len(loose), 2))
    left, whose = sum(one.debit - one.credit for one in some), {one.aux_code for one in some}
    if len(some) == 2 and (left or len(whose) > 1):
        story.attempt(
            "letter two lines that have nothing in common",
            lambda: letter_by_hand(story.session, [one.id for one in some], actor=OFFICE, clock=story.clock),
            "lettering_mixed" if len(whose) > 1 else "lettering_unbalanced",
        )
    if story.draw.random() < 0.7:
        story.attempt("letter", lambda: letter_by_hand(story.session, ids, actor=OFFICE, clock=story.clock))


def by_hand(story: Story) -> None:
    """A donation typed, validated; at times its opposite."""
    cents, piece = story.draw.randint(1, 50000), f"DON{len(story.told)}"
    lines = [Posting("512", debit=Money(cents)), Posting("754", credit=Money(cents))]

    def write(day_ago: int, *, astray: int = 0) -> str:
        kept = [lines[0], Posting("754", credit=Money(cents + astray))]
        written = Written("BQ", story.today - timedelta(days=day_ago), piece, "Don", kept)
        return ref_of_entry(write_by_hand(story.session, written, actor=OFFICE, clock=story.clock))

    story.attempt("an entry a cent astray", lambda: write(0, astray=1), "entry_unbalanced")
    ref = story.attempt(f"{piece} of {cents}", lambda: write(0))
    assert ref is not None
    (entry,) = (
        story.attempt("validated", lambda: validate_drafts(story.session, [ref], actor=OFFICE, clock=story.clock)) or []
    )
    number = entry.id
    story.by_hand.append(Between(piece, "BQ", "512", "754", cents, story.today, story.clock.now()))
    story.bank += cents
    story.attempt(
        "validated twice",
        lambda: validate_drafts(story.session, [ref], actor=OFFICE, clock=story.clock),
        "entry_validated",
    )
    if story.draw.random() < 0.4:
        story.attempt(
            "its opposite",
            lambda: reverse(story.session, number, reason="Doublon", actor=OFFICE, clock=story.clock),
        )
        story.by_hand.append(Between(piece, "OD", "754", "512", cents, story.today, story.clock.now()))
        story.bank -= cents


def close_books(story: Story) -> None:
    """Through the end of the month before; never the month under way, never twice."""
    through = month_start(story.today) - timedelta(days=1)
    known = max((one.through for one in story.closings), default=None)
    if through.year < 2026 or not story.numbers:
        return

    def act(ahead: int = 0) -> object:
        return close_through(story.session, through + timedelta(days=ahead), actor=OFFICE, clock=story.clock)

    story.attempt("close what is not over", lambda: act(31), "period_not_over")
    story.attempt(f"close through {through}", act, *(("period_closed",) if known and through <= known else ()))
    if known is None or through > known:
        story.closings.append(Closed(story.clock.now(), through))
