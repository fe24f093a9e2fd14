"""Billing's arithmetic and dates, as pure functions over values. Amounts are `Money`, rounded half up by line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import ceil, floor
from typing import Final

from entrepairs.billing.einvoice.mentions import Category, Treatment
from entrepairs.catalogue.models import OfferingKind, PriceUnit
from entrepairs.catalogue.prices import PAPER_UNITS, units_taken
from entrepairs.contracting.rules import payment_days
from entrepairs.documents.french import french_date, french_percent
from entrepairs.kernel.dates import add_months, month_start
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money, vat_of
from entrepairs.kernel.parameters import Parameters
from entrepairs.network.models import PayerKind
from entrepairs.network.partners import PUBLIC_PAYERS

UNIT_WORDS: Final[Mapping[PriceUnit, str]] = {**PAPER_UNITS, PriceUnit.PER_SERIES: "séance"}
"""As on the quote; what one session bills of a series is a session."""
UNIT_CODES: Final[Mapping[str, str]] = {"heure": "HUR", "jour": "DAY"}
"""UN/ECE recommendation 20; anything else is C62, « one »."""

_SESSION_WORDS: Final[Mapping[OfferingKind, str]] = {
    OfferingKind.SERIES: "séance",
    OfferingKind.TRAINING: "séance",
    OfferingKind.ACCOMPANIMENT: "rencontre",
    OfferingKind.PRESENCE: "présence",
}


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """A confirmed session to bill: its place in the demand (1 to `count`), its day, what was done."""

    number: int
    count: int
    day: date
    minutes: int
    headcount: int | None


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a line bills: `net = round(quantity × unit_price)`."""

    quantity: Decimal
    unit: str
    unit_price: Money

    @property
    def net(self) -> Money:
        """Rounded half up."""
        return self.unit_price * self.quantity


def session_label(offering: str, kind: OfferingKind, facts: SessionFacts) -> str:
    """« Groupe WRAP, séance 3/8, 4 février 2027 »; a single session has no number."""
    if facts.count == 1:
        return f"{offering}, {french_date(facts.day)}"
    word = _SESSION_WORDS.get(kind, "rencontre")
    return f"{offering}, {word} {facts.number}/{facts.count}, {french_date(facts.day)}"


def cancellation_label(  # noqa: PLR0917 - one fact each
    offering: str, cancelled_on: date, first_day: date, sessions: int, notice_days: int, percent: Decimal
) -> str:
    """« Groupe WRAP, 2 séances à partir du 9 février 2027, annulées le 4 février 2027 : 50 % du prix convenu »."""
    one = sessions == 1
    what = f"séance du {french_date(first_day)}" if one else f"{sessions} séances à partir du {french_date(first_day)}"
    notice = f"moins de {notice_days} jours avant" if notice_days > 1 else "trop tard"
    return (
        f"{offering}, {what}, annulée{'' if one else 's'} le {french_date(cancelled_on)} ({notice}) : "
        f"{french_percent(percent)} du prix convenu"
    )


def session_quantity(unit: PriceUnit, price: Money, facts: SessionFacts) -> Quantity:
    """What one session bills at a unit price. A price for the series is spread so that its sessions add up to it."""
    word = UNIT_WORDS[unit]
    if unit is PriceUnit.PER_SERIES:
        return Quantity(Decimal(1), word, share(price, facts.number, facts.count))
    if unit is PriceUnit.PER_PARTICIPANT:
        return Quantity(Decimal(facts.headcount or 0), word, share(price, facts.number, facts.count))
    return Quantity(units_taken(unit, [facts.minutes]), word, price)


def share(price: Money, number: int, count: int) -> Money:
    """The `number`-th of `count` parts of a price, in whole cents; the parts add up to the price."""
    return Money(price.cents * number // count - price.cents * (number - 1) // count)


@dataclass(frozen=True, slots=True)
class VatTotal:
    """One row of the VAT breakdown."""

    treatment: Treatment
    base: Money
    vat: Money


def vat_of_part(base: int, rate: Decimal, *, base_before: int, vat_before: int) -> int:
    """VAT in cents of a part of a whole, after parts whose base and VAT are given: rounded half up on what is reached.

    Less than a cent from the part's own `base × rate` %, also when an earlier part was thrown away since.
    """
    reached = vat_of(Money(base_before + base), rate).cents - vat_before
    exact = Decimal(base) * rate / 100
    return max(floor(exact - 1) + 1, min(reached, ceil(exact + 1) - 1))


def vat_totals(lines: Sequence[tuple[Treatment, Money]]) -> tuple[VatTotal, ...]:
    """The breakdown by treatment, in order of first use; the VAT is rounded once, on each base (EN 16931 BR-CO-17)."""
    bases: dict[Treatment, Money] = {}
    for treatment, net in lines:
        bases[treatment] = bases.get(treatment, Money(0)) + net
    return tuple(VatTotal(treatment, base, vat_of(base, treatment.rate)) for treatment, base in bases.items())


def vat_bundles(treatments: Iterable[Treatment]) -> tuple[frozenset[str], ...]:
    """Which VAT regimes (by code) may share an invoice, in order of first use.

    What is outside the scope stands alone (BR-O-11 to -14); an invoice gives one reason of exemption (BG-23 has one
    row by category and rate: BR-E-08); what is taxed goes with the first exemption, or alone.
    """
    distinct = {one.code: one for one in treatments}.values()
    taxed = frozenset(one.code for one in distinct if one.category is Category.STANDARD)
    exempt = [frozenset({one.code}) for one in distinct if one.category is Category.EXEMPT]
    outside = [frozenset({one.code}) for one in distinct if one.category is Category.OUT_OF_SCOPE]
    if taxed:
        exempt[:1] = [exempt[0] | taxed] if exempt else [taxed]
    return (*exempt, *outside)


def due_date(
    payer: PayerKind,
    received_on: date,
    executed_on: date,
    figures: Parameters,
    *,
    agreed_days: int | None = None,
    end_of_month: bool = False,
) -> date:
    """Last day to pay without interest.

    A public buyer counts from the receipt of the invoice, or from the end of the service if later (CCP R2192-12 and
    -13): 50 days for a public hospital, 30 otherwise. A private one counts from the invoice: what the agreement says,
    60 days at most, or 45 and the end of that month, 30 by default (C. com. L441-10).
    """
    legal = payment_days(payer, figures, received_on)
    if payer in PUBLIC_PAYERS:
        return max(received_on, executed_on) + timedelta(days=legal)
    days = agreed_days or legal
    if end_of_month:
        most = figures.whole("payment_terms.private_end_of_month_days", received_on)
        return add_months(month_start(received_on + timedelta(days=min(days, most))), 1) - timedelta(days=1)
    return received_on + timedelta(days=min(days, figures.whole("payment_terms.private_max_days", received_on)))


def ensure_payable(amount: Money, left: Money, *, keep_surplus: bool) -> None:
    """Raise InvalidInput("amount_not_positive" or "over_payment")."""
    if amount.cents <= 0:
        raise InvalidInput("amount_not_positive", N_("Enter the amount received, greater than zero."), field="amount")
    if amount > left and not keep_surplus:
        raise InvalidInput(
            "over_payment",
            N_(
                "%(left)s remain to be paid on this invoice: %(surplus)s too much. Correct the amount, or tick "
                "« keep the surplus » to leave it on the structure's account."
            ),
            field="amount",
            left=left,
            surplus=amount - left,
        )
