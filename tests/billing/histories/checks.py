"""What holds after every history, whatever was done: the platform on one side, the two oracles on the other."""

from collections import defaultdict

from sqlalchemy import func, select, text

from entrepairs.billing.models import Invoice, InvoiceState, Settlement
from entrepairs.billing.payments import balance_of
from entrepairs.ledger.models import Entry, EntryLine, EntryState, Lettering
from tests.billing.histories import oracle
from tests.billing.histories.documents import facts_of, ledger_of
from tests.billing.histories.story import Story


def ensure_sound(story: Story) -> None:
    """Raise Astray at the first thing on which they differ."""
    story.session.flush()
    story.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    story.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    ledger = ledger_of(story.session)
    _entries(story)
    story.expect(
        "the ledger and its replay", ledger, oracle.replay([*facts_of(story.session), *story.by_hand], story.closings)
    )
    _dues(story, ledger)
    _accounts(story, ledger)
    _letterings(story)
    _numbers(story)


def _entries(story: Story) -> None:
    unbalanced = (
        select(Entry.number)
        .join(EntryLine)
        .group_by(Entry.id)
        .having((func.sum(EntryLine.debit) != func.sum(EntryLine.credit)) | (func.count() < 2))
    )
    story.expect("entries that do not balance", story.session.scalars(unbalanced).all(), [])
    astray = select(func.sum(EntryLine.debit - EntryLine.credit))
    story.expect("the whole ledger", int(story.session.scalar(astray) or 0), 0)
    rows = story.session.execute(select(Entry.fiscal_year, Entry.number).where(Entry.state == EntryState.VALIDATED))
    found: dict[int, list[int]] = defaultdict(list)
    for year, number in rows:
        found[year].append(number)
    for (
        year,
        numbers,
    ) in found.items():  # number 1 is kept for the balances brought forward, once there is a year before
        first = 2 if year - 1 in found else 1
        story.expect(f"numbers of entries of {year}", sorted(numbers), list(range(first, first + len(numbers))))


def _dues(story: Story, ledger: dict[oracle.Posting, int]) -> None:
    """Each document's balance, and each structure's account."""
    sums = select(Settlement.invoice_id, func.sum(Settlement.cents)).group_by(Settlement.invoice_id)
    settled: dict[int, int] = {invoice_id: int(cents) for invoice_id, cents in story.session.execute(sums)}
    rows = {row.ref: row for row in story.session.scalars(select(Invoice).where(Invoice.state == InvoiceState.ISSUED))}
    owed: dict[str, int] = defaultdict(int)
    for sheet in story.owed():
        row = rows[sheet.ref]
        story.expect(f"balance of {sheet.number}", row.gross - settled.get(row.id, 0), sheet.balance)
        owed[story.world.partners[sheet.client]] += sheet.balance
    if story.owed():
        sheet = story.draw.choice(story.owed())
        story.expect("balance as asked", balance_of(story.session, rows[sheet.ref]).cents, sheet.balance)
    books: dict[str, int] = defaultdict(int)
    for (_journal, _piece, account, client, _day), cents in ledger.items():
        if account == oracle.CLIENTS:
            books[client] += cents
    story.expect("what structures owe", _some(books), _some(owed))


def _accounts(story: Story, ledger: dict[oracle.Posting, int]) -> None:
    """The other accounts, from the gestures alone."""
    books: dict[str, int] = defaultdict(int)
    for (_journal, _piece, account, _client, _day), cents in ledger.items():
        books["706" if account.startswith("706") else account] += cents
    wanted: dict[str, int] = defaultdict(int)
    for sheet in story.owed():
        taken = [(line, net) for note in sheet.notes if note.issued for line, net in note.parts]
        for line, net in [(line, -line.net) for line in sheet.lines] + taken:
            if sheet.kind == "deposit" or line.deducts is not None:
                wanted[oracle.DEPOSITS] += net
            elif sheet.kind == "claim":
                wanted["interest"] += net
            else:
                wanted["706"] += net
        wanted[oracle.VAT] -= sum(vat for _base, vat in sheet.credits.sold.values())
        wanted[oracle.VAT] += sum(vat for note in sheet.notes if note.issued for _base, vat in note.vats.values())
    books["interest"] = books.pop("763", 0) + books.pop("758", 0)
    wanted[oracle.BANK], wanted[oracle.STRIPE], wanted[oracle.FEES] = story.bank, story.stripe.held, story.stripe.fees
    wanted[oracle.TRANSIT] = sum(one.cents for one in story.payouts.values() if one.state == "sent")
    gifts = [one for one in story.by_hand if "754" in {one.debited, one.credited}]
    wanted["754"] = sum(one.cents if one.debited == "754" else -one.cents for one in gifts)
    wanted[oracle.CLIENTS] = sum(sheet.balance for sheet in story.owed())
    story.expect("accounts", _some(books), _some(wanted))


def _letterings(story: Story) -> None:
    """Each settles to the cent, within one third party; a piece that comes to nothing is lettered by itself."""
    rows = story.session.execute(
        select(
            Lettering.id,
            func.sum(EntryLine.debit - EntryLine.credit),
            func.count(EntryLine.id),
            func.count(EntryLine.aux_code.distinct()),
        )
        .outerjoin(EntryLine, EntryLine.lettering_id == Lettering.id)
        .group_by(Lettering.id)
    )
    for number, left, lines, whose in rows:
        story.expect(f"lettering {number}", (int(left or 0), lines > 1, whose), (0, True, 1))
    loose = story.session.execute(
        select(EntryLine.match_ref, func.sum(EntryLine.debit - EntryLine.credit))
        .where(EntryLine.account_code == oracle.CLIENTS, EntryLine.lettering_id.is_(None))
        .group_by(EntryLine.match_ref)
    )
    settled = {piece for piece, left in loose if not left}
    story.expect("pieces that settle and are not lettered", settled - story.unlettered, set())


def _numbers(story: Story) -> None:
    """Continuous by series, and no more documents than the gestures made."""
    found = story.session.scalars(
        select(Invoice.number).where(Invoice.number.is_not(None)).order_by(Invoice.number)
    ).all()
    wanted = [f"{series}-{n:05d}" for series, last in sorted(story.numbers.items()) for n in range(1, last + 1)]
    story.expect("numbers", list(found), wanted)


def _some(found: dict[str, int]) -> dict[str, int]:
    return {key: cents for key, cents in sorted(found.items()) if cents}
