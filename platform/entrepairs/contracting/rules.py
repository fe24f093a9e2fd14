"""Prices, VAT and room left: pure functions over values."""

from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from entrepairs.documents.french import french_percent
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.identifiers import is_buyer_reference
from entrepairs.kernel.money import Money, vat_of
from entrepairs.kernel.names import ensure_function, ensure_name
from entrepairs.kernel.parameters import Parameters
from entrepairs.network.models import PayerKind
from entrepairs.network.partners import PUBLIC_PAYERS

HUNDREDTH: Final = Decimal("0.01")
MOST_UNITS: Final = Decimal(10_000)
MOST_LATE_RATE: Final = Decimal(30)
"""Percent a year: beyond, it is a slip of the keyboard."""
MOST_MONEY: Final = Money.of(10_000_000)
"""Above these, a figure is a slip of the hand."""


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line of a quote; `rate` is the VAT in percent (0 when exempt or out of scope)."""

    label: str
    quantity: Decimal
    unit: str
    unit_price: Money
    vat_regime: str
    rate: Decimal

    @property
    def net(self) -> Money:
        """Quantity times unit price, rounded half up by line."""
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of a quote. VAT is taken once on the sum of each rate, as an invoice will."""

    net: Money
    vat_by_rate: tuple[tuple[Decimal, Money], ...]

    @property
    def vat(self) -> Money:
        """All rates together."""
        return Money.sum(amount for _, amount in self.vat_by_rate)

    @property
    def gross(self) -> Money:
        """What the partner would pay."""
        return self.net + self.vat


def totals(lines: Iterable[PricedLine]) -> Totals:
    """Sums of the lines."""
    bases: dict[Decimal, Money] = {}
    for line in lines:
        bases[line.rate] = bases.get(line.rate, Money(0)) + line.net
    by_rate = tuple((rate, vat_of(base, rate)) for rate, base in sorted(bases.items()) if rate)
    return Totals(Money.sum(bases.values()), by_rate)


def signed_unit_price(unit_price: Money, net: Money, quantity: Decimal, units: Decimal) -> Money:
    """What one unit done is billed, so that `units` together never pass the signed `net`.

    `quantity` and `unit_price` are the first line's. Where the office offered a session, priced the whole, or added
    a line, the sum is spread over what the sessions take, in whole cents, rounded down.
    """
    if not units or (quantity == units and net == unit_price * quantity):
        return unit_price
    return Money(int(Decimal(net.cents) / units))


def ensure_lines(lines: Sequence[PricedLine], regimes: Container[str]) -> None:
    """What a quote may say. `line` of the error is the place of the line at fault, from 0.

    Raises InvalidInput("no_line", "line_label", "line_quantity", "line_price", "vat_regime" or
    "vat_regimes_mixed").
    """
    if not lines:
        raise InvalidInput("no_line", N_("A quote needs at least one line."))
    for place, line in enumerate(lines):
        if not line.label.strip() or len(line.label) > 200:
            raise InvalidInput(
                "line_label", N_("Say what it is, in 200 characters at most."), field="label", line=place
            )
        if not 0 < line.quantity <= MOST_UNITS or line.quantity != line.quantity.quantize(HUNDREDTH):
            raise InvalidInput(
                "line_quantity",
                N_("Write a quantity above zero, with two decimals at most."),
                field="quantity",
                line=place,
            )
        if not Money(0) <= line.unit_price <= MOST_MONEY:
            raise InvalidInput("line_price", N_("Write a price of zero or more."), field="price", line=place)
        if line.vat_regime not in regimes:
            raise InvalidInput("vat_regime", N_("Choose the VAT of the list."), field="vat_regime", line=place)
        if line.vat_regime != lines[0].vat_regime:
            raise InvalidInput(
                "vat_regimes_mixed",
                N_("One quote has one VAT: what is taxed otherwise is another demand."),
                field="vat_regime",
                line=place,
            )


def ensure_cancellation(notice_days: int | None, percent: Decimal | None) -> None:
    """Raise InvalidInput("cancellation_whole", "cancellation_days", "cancellation_percent")."""
    if (notice_days is None) != (percent is None):
        raise InvalidInput(
            "cancellation_whole",
            N_("Write both the days and the percentage, or leave both empty."),
            field="cancel_percent" if percent is None else "cancel_notice_days",
        )
    if notice_days is not None and not 0 <= notice_days <= 365:
        raise InvalidInput(
            "cancellation_days", N_("Write a number of days, or leave it empty."), field="cancel_notice_days"
        )
    if percent is not None and not (0 <= percent <= 100 and percent == round(percent, 2)):
        raise InvalidInput("cancellation_percent", N_("Write a percentage between 0 and 100."), field="cancel_percent")


def ensure_signature(name: str, function: str) -> None:
    """A name and a function, 120 signs at most each.

    Raises InvalidInput("signature_incomplete", "name_unread" or "function_unread").
    """
    for field, value in (("name", name), ("function", function)):
        if not value.strip() or len(value) > 120:
            raise InvalidInput("signature_incomplete", N_("Write your name and your function."), field=field)
    ensure_name(name, field="name")
    ensure_function(function, field="function")


def ensure_signatory(name: str, function: str, missing: str) -> None:
    """Who signs an agreement: a name; a function if it is known. `missing` is the sentence when nobody is named.

    Raises InvalidInput("signatory_missing", "name_unread" or "function_unread").
    """
    if not name.strip() or len(name) > 120 or len(function) > 120:
        raise InvalidInput("signatory_missing", missing, field="signatory")
    ensure_name(name, field="signatory")
    if function.strip():
        ensure_function(function, field="signatory_function")


def ensure_signed_in_time(signed_on: date, issued_on: date, valid_until: date, today: date) -> None:
    """The day on a paper: from the day of the quote to its last day, and not to come.

    Raises InvalidInput("signed_in_future", "signed_before_sent" or "signed_too_late").
    """
    if signed_on > today:
        raise InvalidInput("signed_in_future", N_("The signature can't be after today."), field="signed_on")
    if signed_on < issued_on:
        raise InvalidInput(
            "signed_before_sent",
            N_("This quote is dated %(day)s: it can't have been signed before."),
            field="signed_on",
            day=issued_on,
        )
    if signed_on > valid_until:
        raise InvalidInput(
            "signed_too_late",
            N_("This quote was valid until %(day)s: prepare another version."),
            field="signed_on",
            day=valid_until,
        )


def room_left(ceiling: Money | None, drawn: Money) -> Money | None:
    """What an agreement can still take, without VAT; None when it has no ceiling."""
    return None if ceiling is None else ceiling - drawn


def has_room(ceiling: Money | None, drawn: Money, wanted: Money) -> bool:
    """Whether `wanted` fits under the ceiling."""
    left = room_left(ceiling, drawn)
    return left is None or wanted <= left


def percent_drawn(ceiling: Money | None, drawn: Money) -> int:
    """How much of the ceiling is taken, in whole percents rounded down, 100 at most; 0 without ceiling."""
    return min(100, drawn.cents * 100 // ceiling.cents) if ceiling else 0


def share_kept(price: Money, kept: int, total: int) -> Money:
    """What `kept` of `total` sessions take of a price for the whole, in whole cents."""
    return Money(price.cents * kept // total) if total else Money(0)


def covers(first: date, end: date | None, days: Collection[date]) -> bool:
    """Whether every day of the sessions falls in the agreement, from `first` to the day before `end`."""
    return bool(days) and first <= min(days) and (end is None or max(days) < end)


def ensure_procurement(*, public: bool, ceiling: Money | None, basis: str, threshold: Money) -> None:
    """A public buyer orders without a procedure strictly below a threshold only (CCP R2122-8).

    At or above it, or without a ceiling, the agreement says on what procedure it stands. Raises
    InvalidInput("procurement_basis").
    """
    if public and not basis.strip() and (ceiling is None or ceiling >= threshold):
        raise InvalidInput(
            "procurement_basis",
            N_("A public buyer needs a ceiling below %(threshold)s, or the reference of its procedure."),
            field="procurement_basis",
            threshold=threshold,
        )


def payment_days(payer: PayerKind, figures: Parameters, on: date) -> int:
    """Legal term in days: CCP R2192-10 and -11 for public payers, C. com. L441-10 by default for the others."""
    code = {
        PayerKind.PUBLIC_HOSPITAL: "payment_terms.public_hospital_days",
        PayerKind.PUBLIC_LOCAL: "payment_terms.public_body_days",
        PayerKind.PUBLIC_STATE: "payment_terms.public_body_days",
    }.get(payer, "payment_terms.private_default_days")
    return figures.whole(code, on)


def ensure_payment_terms(
    payer: PayerKind,
    *,
    days: int | None,
    end_of_month: bool,
    late_rate: Decimal | None,
    figures: Parameters,
    on: date,
) -> None:
    """Refuse terms the law does not let a private payer agree to; a public one has the law's alone.

    Sixty days from the invoice, or forty-five and the end of the month; interest of three times the legal rate at least
    (C. com. L441-10). Raises InvalidInput("public_terms", "payment_days", "late_rate").
    """
    if payer in PUBLIC_PAYERS:
        if end_of_month or late_rate is not None or days not in {None, payment_days(payer, figures, on)}:
            raise InvalidInput(
                "public_terms", N_("A public payer has the law's terms: leave this empty."), field="payment_days"
            )
        return
    code = "payment_terms.private_end_of_month_days" if end_of_month else "payment_terms.private_max_days"
    most = figures.whole(code, on)
    if days is not None and not 1 <= days <= most:
        raise InvalidInput("payment_days", N_("The law allows %(most)s days at most."), field="payment_days", most=most)
    if late_rate is not None:
        floor = _latest(figures, "late_payment.legal_rate", on) * figures.whole(
            "late_payment.private_floor_legal_rates", on
        )
        if not floor <= late_rate <= MOST_LATE_RATE:
            raise InvalidInput(
                "late_rate",
                N_("Late interest is of %(floor)s a year at least, three times the legal rate, and %(most)s at most."),
                field="late_rate",
                floor=french_percent(floor),
                most=french_percent(MOST_LATE_RATE),
            )


def _latest(figures: Parameters, code: str, on: date) -> Decimal:
    """The figure of that day, else the last known before. Raises ParameterUnknown."""
    before = [one.valid_from for one in figures.history(code) if one.valid_from <= on]
    return figures.number(code, before[-1] if before else on)


def ensure_service_code(code: str | None) -> str | None:
    """The « code service » of Chorus Pro, tidied; None when there is none. Raises InvalidInput("service_code")."""
    tidy = "".join((code or "").split())
    if len(tidy) > 40:
        raise InvalidInput("service_code", N_("A service code has 40 characters at most."), field="service_code")
    if tidy and not is_buyer_reference(tidy):
        raise InvalidInput(
            "service_code", N_("“%(value)s” can't be read as a reference."), field="service_code", value=tidy
        )
    return tidy or None


def ensure_engagement(number: str) -> str:
    """The public buyer's commitment number, without spaces: 1 to 50 signs. Raises InvalidInput("engagement_number").

    What the invoice would refuse is refused here, while somebody can still correct it.
    """
    tidy = "".join(number.split())
    if len(tidy) > 50 or not is_buyer_reference(tidy):
        raise InvalidInput(
            "engagement_number",
            N_("Give the engagement number as your accounts department wrote it, 50 characters at most."),
            field="engagement",
        )
    return tidy
