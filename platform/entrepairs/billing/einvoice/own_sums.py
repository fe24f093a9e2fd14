"""Our own arithmetic on any invoice: every sum again with Decimal, and every date as a day of the calendar.

EN 16931 lets a VAT amount differ by a euro from its base times its rate (BR-CO-17, BR-S-09), checks no line against its
quantity and price, and takes dates that no calendar has. A rounded amount may be rounded either way, never more: an
amount is right when it lies less than a cent from the exact value.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from lxml import etree

from entrepairs.billing.einvoice.findings import CREDIT_NOTES, WARNING, Finding, Found, Rule, is_empty, ours
from entrepairs.billing.einvoice.rule_sets import WITHOUT_LINES
from entrepairs.billing.einvoice.terms import CII, NAMESPACES, Reading, elements, text_of
from entrepairs.kernel.i18n import say

CENT: Final = Decimal("0.01")
ZERO: Final = Decimal(0)
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_DAY: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DASHED: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_CII_DATE: Final = "//udt:DateTimeString | //qdt:DateTimeString | //udt:DateString"
_FIRST_YEAR, _LAST_YEAR = 2000, 2099


def _number(text: str) -> Decimal | None:
    written = text.strip()
    if not _NUMBER.fullmatch(written):
        return None
    try:
        return Decimal(written)
    except InvalidOperation:
        return None


class _Figures:
    """The amounts of one document; an amount that can't be read counts for nothing, the schema says so."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def one(self, ref: str) -> Decimal | None:
        return _number(self.reading.value(ref)) if self.reading.nodes(ref) else None

    def within(self, group: etree._Element, group_ref: str, ref: str) -> Decimal | None:
        found = self.reading.within(group, group_ref, ref)
        return _number(text_of(found[0])) if found else None

    def total(self, group: etree._Element, group_ref: str, ref: str) -> Decimal:
        return sum((_number(text_of(one)) or ZERO for one in self.reading.within(group, group_ref, ref)), ZERO)


def _differs(rule: str, ref: str, node: etree._Element | None, written: Decimal, expected: Decimal) -> Finding:
    return ours(
        rule,
        ref,
        node,
        say(
            "%(what)s: %(written)s is written, the sum gives %(expected)s.",
            written=_french(written),
            expected=_french(expected),
        ),
    )


def _french(value: Decimal) -> str:
    text = f"{value.quantize(CENT) if value == value.quantize(CENT) else value.normalize():f}"
    return text.replace(".", ",")


def _line_amounts(reading: Reading, profile: str) -> Found:
    figures = _Figures(reading)
    for line in reading.lines():
        quantity, price, net = (figures.within(line, "BG-25", ref) for ref in ("BT-129", "BT-146", "BT-131"))
        if quantity is None or price is None or net is None:
            continue
        per = figures.within(line, "BG-25", "BT-149") or Decimal(1)
        allowances, charges = figures.total(line, "BG-25", "BT-136"), figures.total(line, "BG-25", "BT-141")
        exact = quantity * price / per - allowances + charges
        if abs(exact - net) >= CENT:
            node = reading.within(line, "BG-25", "BT-131")[0]
            yield _differs("EP-LINE-AMOUNT", "BT-131", node, net, exact.quantize(CENT) if abs(exact) >= CENT else exact)
        gross, discount = figures.within(line, "BG-25", "BT-148"), figures.within(line, "BG-25", "BT-147")
        if gross is not None and discount is not None and gross - discount != price:
            yield _differs(
                "EP-LINE-PRICE", "BT-146", reading.within(line, "BG-25", "BT-146")[0], price, gross - discount
            )


def _totals(reading: Reading, profile: str) -> Found:
    figures = _Figures(reading)
    allowances, charges = _header_sum(figures, "BT-92"), _header_sum(figures, "BT-99") + _logistics(reading)
    expectations: list[tuple[str, Decimal | None]] = []
    if profile not in WITHOUT_LINES:
        expectations.append(
            ("BT-106", sum((figures.within(one, "BG-25", "BT-131") or ZERO for one in reading.lines()), ZERO))
        )
    net, lines = figures.one("BT-109"), figures.one("BT-106")
    vat, gross = figures.one("BT-110"), figures.one("BT-112")
    if profile != "minimum":
        expectations += [("BT-107", allowances), ("BT-108", charges)]
        expectations.append(("BT-110", sum((_number(text_of(one)) or ZERO for one in _vat_amounts(reading)), ZERO)))
    if lines is not None:
        expectations.append(("BT-109", lines - allowances + charges))
    if net is not None:
        expectations.append(("BT-112", net + (vat or ZERO)))
    if gross is not None and profile != "minimum":
        expectations.append(("BT-115", gross - (figures.one("BT-113") or ZERO) + (figures.one("BT-114") or ZERO)))
    for ref, expected in expectations:
        written = figures.one(ref)
        if written is not None and expected is not None and written != expected:
            yield _differs("EP-TOTAL", ref, reading.first(ref), written, expected)


def _header_sum(figures: _Figures, ref: str) -> Decimal:
    return sum((_number(text_of(one)) or ZERO for one in figures.reading.nodes(ref)), ZERO)


def _logistics(reading: Reading) -> Decimal:
    """Charges of transport, of the extended profile."""
    found = reading.root.iterfind(".//ram:SpecifiedLogisticsServiceCharge/ram:AppliedAmount", NAMESPACES)
    return sum((_number(text_of(one)) or ZERO for one in found), ZERO)


def _vat_amounts(reading: Reading) -> Iterable[etree._Element]:
    """BT-117 in the currency of the invoice: UBL may repeat the breakdown in the accounting currency."""
    currency = reading.value("BT-5").strip()
    return [one for one in reading.nodes("BT-117") if one.get("currencyID", currency) == currency]


def _vat(reading: Reading, profile: str) -> Found:
    figures = _Figures(reading)
    bases = _bases(figures) if profile not in WITHOUT_LINES and not _logistics(reading) else None
    for row in reading.nodes("BG-23"):
        base, vat, rate = (figures.within(row, "BG-23", ref) for ref in ("BT-116", "BT-117", "BT-119"))
        if base is None or vat is None:
            continue
        exact = base * (rate or ZERO) / 100
        if abs(exact - vat) >= CENT:
            yield _differs(
                "EP-VAT-AMOUNT", "BT-117", reading.within(row, "BG-23", "BT-117")[0], vat, exact.quantize(CENT)
            )
        category = reading.value_within(row, "BG-23", "BT-118").strip()
        if bases is not None and base != (expected := bases[category, rate or ZERO]):
            yield _differs("EP-VAT-BASE", "BT-116", reading.within(row, "BG-23", "BT-116")[0], base, expected)


def _bases(figures: _Figures) -> dict[tuple[str, Decimal], Decimal]:
    """What each category and rate adds up to: its lines, less its allowances, plus its charges."""
    reading = figures.reading
    bases: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    for line in reading.lines():
        key = reading.value_within(line, "BG-25", "BT-151").strip(), figures.within(line, "BG-25", "BT-152") or ZERO
        bases[key] += figures.within(line, "BG-25", "BT-131") or ZERO
    for group, amount, category, rate, sign in (
        ("BG-20", "BT-92", "BT-95", "BT-96", -1),
        ("BG-21", "BT-99", "BT-102", "BT-103", 1),
    ):
        for one in reading.nodes(group):
            key = reading.value_within(one, group, category).strip(), figures.within(one, group, rate) or ZERO
            bases[key] += sign * (figures.within(one, group, amount) or ZERO)
    return bases


def _signs(reading: Reading, profile: str) -> Found:
    gross, paid, due = (_Figures(reading).one(ref) for ref in ("BT-112", "BT-113", "BT-115"))
    if gross is not None and gross < 0:
        yield ours(
            "EP-NEGATIVE",
            "BT-112",
            reading.first("BT-112"),
            say("%(what)s: it is negative. A credit note has positive amounts and the type 381."),
            severity=WARNING,
        )
    elif paid is not None and gross is not None and paid > gross:
        yield ours(
            "EP-OVERPAID",
            "BT-113",
            reading.first("BT-113"),
            say("%(what)s: more is paid than the invoice."),
            severity=WARNING,
        )
    elif due is not None and due < 0:
        yield ours("EP-NEGATIVE", "BT-115", reading.first("BT-115"), say("%(what)s: it is negative."), severity=WARNING)


def _due_date(reading: Reading, profile: str) -> Found:
    due = _Figures(reading).one("BT-115")
    asked = due is not None and due > 0 and reading.value("BT-3").strip() not in CREDIT_NOTES
    if profile in WITHOUT_LINES or not asked:
        return
    if is_empty(reading.value("BT-9")) and is_empty(reading.value("BT-20")):
        yield ours(
            "EP-DUE", "BT-9", reading.first("BG-22"), say("%(what)s: it is missing, and there are no terms of payment.")
        )


def _currencies(reading: Reading, profile: str) -> Found:
    known = {reading.value("BT-5").strip(), reading.value("BT-6").strip()} - {""}
    for node in reading.everything:
        currency = node.get("currencyID")
        if currency is not None and currency not in known:
            yield ours(
                "EP-CURRENCY",
                reading.owner(node),
                node,
                say("%(what)s: its currency %(currency)s is not that of the invoice.", currency=currency),
            )


# --- dates ----------------------------------------------------------------------------------------------------


def day_of(reading: Reading, node: etree._Element) -> date | None:
    """The day an element says, strictly: `20270312` in CII, `2027-03-12` in UBL, in the calendar; None otherwise."""
    pattern = _DAY if reading.syntax == CII else _DASHED
    found = pattern.fullmatch(text_of(node).strip())
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def _date_nodes(reading: Reading) -> list[etree._Element]:
    if reading.syntax == CII:
        return [one for one in elements(_CII_DATE, reading.root) if one.get("format", "102") == "102"]
    cbc = f"{{{NAMESPACES['cbc']}}}"
    return [one for one in reading.everything if str(one.tag).startswith(cbc) and str(one.tag).endswith("Date")]


def _dates(reading: Reading, profile: str) -> Found:
    for node in _date_nodes(reading):
        day, written = day_of(reading, node), text_of(node)
        if day is None or written != written.strip():
            yield ours(
                "EP-DATE",
                reading.owner(node),
                node,
                say("%(what)s: “%(value)s” is no day of the calendar, written alone.", value=written.strip()[:40]),
            )
        elif not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            yield ours(
                "EP-DATE", reading.owner(node), node, say("%(what)s: the year %(year)s is not likely.", year=day.year)
            )


def _order(reading: Reading, profile: str) -> Found:
    issued = _day(reading, "BT-2")
    corrected = _day(reading, "BT-26")
    if issued and corrected and corrected > issued:
        yield ours(
            "EP-DATE-ORDER",
            "BT-26",
            reading.first("BT-26"),
            say("%(what)s: the corrected invoice is dated after this document."),
        )
    first, last = _day(reading, "BT-73"), _day(reading, "BT-74")
    for ref in ("BT-134", "BT-135"):
        for node in reading.nodes(ref):
            day = day_of(reading, node)
            if day and ((first and day < first) or (last and day > last)):
                yield ours(
                    "EP-DATE-ORDER",
                    ref,
                    node,
                    say("%(what)s: the line is outside the period of the invoice."),
                    severity=WARNING,
                )


def _day(reading: Reading, ref: str) -> date | None:
    node = reading.first(ref)
    return None if node is None else day_of(reading, node)


SUM_RULES: Final[tuple[Rule, ...]] = (_dates, _order, _line_amounts, _totals, _vat, _signs, _due_date, _currencies)
