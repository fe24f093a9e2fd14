"""Gestures on what was billed by mistake: credit notes whole, by lines, by parts of lines, by one person or two."""

from decimal import Decimal

from entrepairs.audit.actors import Actor
from entrepairs.billing.credit_notes import Part, approve_credit, credit_invoice
from entrepairs.billing.drafting import delete_draft
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.models import Invoice, InvoiceState
from entrepairs.kernel.money import Money
from tests.billing.histories.invoicing import let_go
from tests.billing.histories.memory import Line, Note, Sheet
from tests.billing.histories.oracle import half_up, vat_by_rate
from tests.billing.histories.story import OFFICE, Story
from tests.billing.histories.world import SECOND, THRESHOLD


def credit(story: Story, sheet: Sheet, *, rest: bool = False) -> None:
    """The whole of what is left (`rest`), some lines, parts of lines; more than what is left is refused."""
    if sheet.issued_on is None:
        story.attempt(f"credit {sheet.ref}, a draft", lambda: _credit(story, sheet, None, True), "not_creditable")
        return
    open_lines = [line for line in sheet.lines if line.left]
    chosen, parts, refusal = _choose(story, sheet, open_lines, rest=rest)
    bill_again = story.draw.random() < 0.7
    note = story.attempt(f"credit {sheet.number}: {parts}", lambda: _credit(story, sheet, parts, bill_again), *refusal)
    if note is None:
        return
    vats = vat_by_rate((line.regime, line.rate, net) for line, net in chosen)
    vats = {regime: (base, sheet.credits.vat_of({regime: (base, vat)})) for regime, (base, vat) in vats.items()}
    story.expect(f"sums of a credit note of {sheet.number}", {r.regime: (r.base, r.vat) for r in note.vat_lines}, vats)
    before = sum(one.gross for one in sheet.notes if one.issued and one.alone)
    made = Note(note.ref, sheet, chosen, vats, bill_again, OFFICE.ref, alone=True)
    made.alone = before + made.gross <= THRESHOLD
    story.expect("gross of a credit note", note.gross, made.gross)
    sheet.notes.append(made)
    for line, net in chosen:
        line.left -= net
        if sheet.kind == "deposit":
            sheet.deposit_left -= net
    for regime, (base, vat) in vats.items():
        sheet.credits.take(regime, base, vat)
    story.expect("waits for a second person", note.state is InvoiceState.DRAFT, not made.alone)
    if made.alone:
        _credited(story, made)


def _credit(story: Story, sheet: Sheet, parts: list[Part] | None, bill_again: bool) -> Invoice:
    return credit_invoice(
        story.session,
        sheet.ref,
        reason="Séance écourtée",
        parts=parts or (),
        bill_again=bill_again,
        clock=story.clock,
        actor=OFFICE,
        checker=story.checker,
    )


def _choose(
    story: Story, sheet: Sheet, lines: list[Line], *, rest: bool
) -> tuple[list[tuple[Line, int]], list[Part] | None, tuple[str, ...]]:
    """What to take back of which lines, as parts; and how it must be refused, if it must."""
    if sheet.kind == "deposit":  # what an invoice took off goes back by a credit note of that invoice
        if not sheet.deposit_left:
            return [], None, ("deposit_taken_off" if lines else "credited_already",)
        left = {id(line): sheet.deposit_left for line in lines}
    else:
        left = {id(line): line.left for line in lines}
    if not lines:
        return [], None, ("credited_already",)
    if rest or story.draw.random() < 0.25:
        chosen = [(line, left[id(line)]) for line in lines]
        return chosen, None, _unsound(sheet, chosen)
    some = sorted(story.draw.sample(lines, story.draw.randint(1, len(lines))), key=lambda one: one.position)
    chosen, parts = [], []
    for line in some:
        net, part, wrong = _part(story, line, left[id(line)])
        if wrong:
            return [], [part], (wrong,)
        chosen.append((line, net))
        parts.append(part)
    return chosen, parts, _unsound(sheet, chosen)


def _part(story: Story, line: Line, left: int) -> tuple[int, Part, str]:
    """Of one line: all that is left, an amount, a quantity; rarely too much of it."""
    way = story.draw.random()
    if line.deducts is not None:
        if way < 0.8:
            return left, Part(line.position), ""
        wrong = Part(line.position, quantity=Decimal("0.5")) if way < 0.9 else Part(line.position, net=Money(100))
        return 0, wrong, "deposit_in_part"
    if way < 0.3:
        return left, Part(line.position), ""
    if way < 0.7:
        net = story.draw.randint(1, left)
        return net, Part(line.position, net=Money(net)), ""
    if way < 0.78:
        return 0, Part(line.position, net=Money(left + 1)), "part_too_large"
    quantity = Decimal(story.draw.randint(1, int(line.quantity * 100))) / 100
    net = half_up(quantity * line.unit_cents if line.net == line.before else line.net * quantity / line.quantity)
    if not 0 < net <= left:
        return 0, Part(line.position, quantity=quantity), "part_too_large"
    return net, Part(line.position, quantity=quantity), ""


def _unsound(sheet: Sheet, chosen: list[tuple[Line, int]]) -> tuple[str, ...]:
    """A deposit goes back with what it was taken off: never more than the document asked, never below nothing."""
    by_regime: dict[str, int] = {}
    for line, net in chosen:
        by_regime[line.regime] = by_regime.get(line.regime, 0) + net
    if sum(by_regime.values()) <= 0:
        return ("no_lines_chosen",)
    if any(not 0 <= base <= sheet.credits.room(regime) for regime, base in by_regime.items()):
        return ("credit_above_invoice",)
    return ()


def _credited(story: Story, note: Note) -> None:
    """It is issued: the balance falls, what it takes whole is to be billed again."""
    story.expect("number", story.invoice(note.ref).number, story.next_number("AV"))
    note.issued = True
    note.of.credited += note.gross
    for line, net in note.parts:
        if line.deducts is not None:
            line.deducts.deposit_left -= net
        elif note.bill_again and net == line.net and line.held:
            let_go(line)


def decide_credit(story: Story, note: Note) -> None:
    """One that waits: the same person may not approve it, another may, or it is thrown away."""
    if note.issued:
        story.attempt("approve it again", lambda: _approve(story, note, SECOND), "not_waiting")
        return
    story.attempt("approve one's own", lambda: _approve(story, note, OFFICE), "same_person")
    story.attempt(
        "issue one that waits",
        lambda: issue_invoice(story.session, note.ref, clock=story.clock, actor=SECOND, checker=story.checker),
        "credit_waits",
    )
    if story.draw.random() < 0.25:
        story.attempt(
            f"throw {note.ref} away", lambda: delete_draft(story.session, note.ref, clock=story.clock, actor=OFFICE)
        )
        note.of.notes.remove(note)
        for line, net in note.parts:
            line.left += net
            if note.of.kind == "deposit":
                note.of.deposit_left += net
        for regime, (base, vat) in note.vats.items():
            note.of.credits.take(regime, base, vat, sign=-1)
        return
    story.attempt(f"approve {note.ref}", lambda: _approve(story, note, SECOND))
    _credited(story, note)


def _approve(story: Story, note: Note, who: Actor) -> Invoice:
    return approve_credit(story.session, note.ref, clock=story.clock, actor=who, checker=story.checker)
