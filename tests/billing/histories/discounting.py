"""Gestures on drafts: a discount on a line or on the whole, as an amount or a percentage, replaced or taken back."""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from entrepairs.billing.drafts.discounts import drop_discount, give_discount
from entrepairs.billing.drafts.rules import Discount
from entrepairs.kernel.money import Money
from tests.billing.histories.memory import Line, Off, Sheet
from tests.billing.histories.oracle import vat_by_rate
from tests.billing.histories.story import OFFICE, Story


def discount(story: Story, sheet: Sheet) -> None:
    """One more on a draft of invoice, or one less; on anything else, and above what is billed, it is refused."""
    lines = [line for line in sheet.lines if line.deducts is None]
    chosen = story.draw.choice(lines) if story.draw.random() < 0.5 else None
    position = chosen.position if chosen else None
    if story.draw.random() < 0.2:
        _try(
            story,
            sheet,
            chosen,
            None,
            f"no discount on {sheet.ref}, line {position}",
            lambda: _drop(story, sheet, position),
        )
        return
    base = chosen.before if chosen else sum(line.before for line in lines)
    off = Off(percent=Decimal(story.draw.randint(1, 9999)) / 100)
    if story.draw.random() < 0.5:
        off = Off(cents=story.draw.randint(1, base) if story.draw.random() < 0.8 else base + story.draw.randint(0, 1))
    _try(
        story, sheet, chosen, off, f"{off} on {sheet.ref}, line {position}", lambda: _give(story, sheet, off, position)
    )


def _give(story: Story, sheet: Sheet, off: Off, position: int | None) -> object:
    amount = None if off.percent is not None else Money(off.cents)
    given = Discount("95", amount=amount, percent=off.percent)
    return give_discount(story.session, sheet.ref, given, position=position, clock=story.clock, actor=OFFICE)


def _drop(story: Story, sheet: Sheet, position: int | None) -> object:
    return drop_discount(story.session, sheet.ref, position=position, clock=story.clock, actor=OFFICE)


def _try(
    story: Story, sheet: Sheet, chosen: Line | None, off: Off | None, what: str, act: Callable[[], object]
) -> None:
    if sheet.issued_on is not None or sheet.kind != "invoice":
        story.attempt(what, act, "invoice_issued" if sheet.issued_on is not None else "no_discount_here")
        return
    on_lines = {line.position: line.off for line in sheet.lines}
    whole = sheet.off
    refusal = ""
    if chosen is None:
        whole = off
    else:
        on_lines[chosen.position] = off.of(chosen.before) if off else 0
        if off and not 0 < on_lines[chosen.position] < chosen.before:
            refusal = "discount_too_large"
    shares: dict[int, int] = {}
    if not refusal:
        left = {line.position: line.before - on_lines[line.position] for line in sheet.lines if line.deducts is None}
        shares = _shares(sheet, whole, left)
        if whole and not 0 < sum(shares.values()) < sum(left.values()):
            refusal = "discount_too_large"
    nets = {line.position: line.before - on_lines[line.position] - shares.get(line.position, 0) for line in sheet.lines}
    if not refusal and min(_by_regime(sheet, nets).values()) < 0:
        refusal = "discount_under_deposit"
    story.attempt(what, act, *([refusal] if refusal else []))
    if refusal:
        return
    sheet.off = whole
    for line in sheet.lines:
        line.off, line.net = on_lines[line.position], nets[line.position]
        line.left = line.net
    sheet.credits.sold = vat_by_rate((line.regime, line.rate, line.net) for line in sheet.lines)
    row = story.invoice(sheet.ref)
    story.expect(f"nets of {sheet.ref}", {line.position: line.net for line in row.lines}, nets)
    story.expect(f"sums of {sheet.ref}", {one.regime: (one.base, one.vat) for one in row.vat_lines}, sheet.credits.sold)
    story.expect(f"gross of {sheet.ref}", row.gross, sheet.gross)


def _by_regime(sheet: Sheet, nets: dict[int, int]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for line in sheet.lines:
        found[line.regime] += nets[line.position]
    return found


def _shares(sheet: Sheet, whole: Off | None, left: dict[int, int]) -> dict[int, int]:
    """What the discount of the whole takes of each line: a percentage is rounded on each regime's sum."""
    if whole is None:
        return dict.fromkeys(left, 0)
    groups: dict[str, list[int]] = defaultdict(list)
    for line in sheet.lines:
        if line.deducts is None:
            groups["" if whole.percent is None else line.regime].append(line.position)
    found = {}
    for places in groups.values():
        together = sum(left[at] for at in places)
        given, upto = whole.of(together), Fraction(0)
        for at in places:
            before = int(upto)
            upto += Fraction(given * left[at], together) if together else 0
            found[at] = int(upto) - before
    return found
