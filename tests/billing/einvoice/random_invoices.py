"""Invoices drawn at random, every one of which may be issued; and their totals by another road, from the bare figures."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from entrepairs.billing.einvoice.mentions import FRANCHISE, OUT_OF_SCOPE, SOCIAL, TRAINING, Treatment
from entrepairs.billing.einvoice.model import (
    Allowance,
    Attachment,
    AttachmentKind,
    DocumentType,
    EInvoice,
    InvoiceLine,
    Preceding,
)
from entrepairs.kernel.money import Money
from tests.billing.einvoice.sample_invoices import BUSINESS, LIABLE_SELLER, PRIVATE, PUBLIC, VAT_20

CENT = Decimal("0.01")
LABELS = (
    "Groupe WRAP",
    "Présence à l’urgence",
    "Café & échanges",
    "Atelier « rétablissement » <niveau 2>",
    "Œuvre n° 7",
)
UNITS = (("séance", "C62"), ("heure", "HUR"), ("jour", "DAY"), ("", "C62"))


def a_random_invoice(random: Random) -> EInvoice:
    """Any regime, alone or S and E together; quantities with decimals, discounts, deposits, payments, both buyers."""
    base = random.choice((PRIVATE, PUBLIC))
    treatments = random.choice(
        [(SOCIAL,), (TRAINING,), (FRANCHISE,), (OUT_OF_SCOPE,), (VAT_20,), (VAT_20, SOCIAL), (TRAINING, VAT_20)]
    )
    taxed = VAT_20 in treatments
    day = date(2026, 9, 1) + timedelta(days=random.randrange(1200))
    first = day - timedelta(days=random.randrange(40))
    invoice = replace(
        base,
        number=f"FA{day.year}-{random.randrange(1, 99_999):05}",
        issued_on=day,
        due_on=day + timedelta(days=random.choice((0, 30, 50))),
        first_day=first,
        last_day=first + timedelta(days=random.randrange((day - first).days + 1)),
        seller=LIABLE_SELLER if taxed else base.seller,
        notes=(*base.notes, *((BUSINESS,) if random.random() < 0.3 else ())),
        vat_on_debits=random.random() < 0.3,
        lines=tuple(_line(random, random.choice(treatments)) for _ in range(random.choice((1, 1, 2, 3, 6, 12)))),
    )
    return _decorated(random, invoice)


def _line(random: Random, treatment: Treatment) -> InvoiceLine:
    places = random.choice((0, 0, 1, 2, 4))
    quantity = Decimal(random.randrange(1, 20 * 10**places)).scaleb(-places)
    unit, code = random.choice(UNITS)
    price = Money(random.choice((random.randrange(1, 300), random.randrange(300, 600_000))))
    line = InvoiceLine(random.choice(LABELS), quantity, price, treatment, unit=unit, unit_code=code)
    if line.net.cents == 0:
        line = replace(line, quantity=Decimal(1), unit_price=Money(price.cents + 1))
    if random.random() < 0.2 and line.net.cents > 1:
        line = replace(line, discount=Money(random.randrange(1, line.net.cents)), discount_reason="Tarif solidaire")
    return line


def _decorated(random: Random, invoice: EInvoice) -> EInvoice:
    kind = random.random()
    largest = max(invoice.lines, key=lambda line: line.net.cents)
    if kind < 0.2:
        corrected = Preceding("FA2026-00001", invoice.issued_on - timedelta(days=random.randrange(30)))
        return replace(invoice, type=DocumentType.CREDIT_NOTE, preceding=corrected, reason="Heures corrigées")
    if kind < 0.3:
        return replace(invoice, type=DocumentType.DEPOSIT)
    if kind < 0.45 and largest.net.cents > 1:
        taken = Money(random.randrange(1, largest.net.cents))
        off = InvoiceLine("Acompte déduit", Decimal(-1), taken, largest.treatment, unit="acompte", deducts=True)
        deposit = Preceding("FA2026-00002", invoice.issued_on - timedelta(days=random.randrange(60)))
        return replace(invoice, lines=(*invoice.lines, off), deposits=(deposit,))
    if kind < 0.6 and largest.net.cents > 1:
        amount = Money(random.randrange(1, largest.net.cents))
        invoice = replace(invoice, allowances=(Allowance(amount, largest.treatment, "Geste commercial"),))
    if kind < 0.5:
        invoice = replace(
            invoice,
            attachments=(Attachment("A1", AttachmentKind.ANNEX, "liste.csv", "text/csv", b"a;b\n1;2\n"),),
        )
    if random.random() < 0.2:
        paid = random.choice((invoice.gross, Money(random.randrange(0, invoice.gross.cents + 1))))
        invoice = replace(invoice, paid=paid, paid_on=invoice.issued_on if paid == invoice.gross else None)
    return invoice


@dataclass(frozen=True)
class Totals:
    """What the oracle expects, in euros."""

    lines: tuple[Decimal, ...]
    bases: dict[tuple[str, Decimal], Decimal]
    taxes: dict[tuple[str, Decimal], Decimal]
    net: Decimal
    vat: Decimal
    gross: Decimal
    due: Decimal


def oracle(invoice: EInvoice) -> Totals:
    """The totals by another road: Decimal euros throughout, nothing of the code under test but the figures it was given."""

    def euros(money: Money) -> Decimal:
        return Decimal(money.cents).scaleb(-2)

    def rounded(exact: Decimal) -> Decimal:
        return exact.quantize(CENT, rounding=ROUND_HALF_UP)

    bases: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    lines = []
    for line in invoice.lines:
        lines.append(rounded(line.quantity * euros(line.unit_price)) - euros(line.discount))
        bases[line.treatment.category.value, line.treatment.rate] += lines[-1]
    for one in invoice.allowances:
        bases[one.treatment.category.value, one.treatment.rate] -= euros(one.amount)
    taxes = {key: rounded(base * key[1] / 100) for key, base in bases.items()}
    net, vat = sum(bases.values(), Decimal(0)), sum(taxes.values(), Decimal(0))
    return Totals(tuple(lines), dict(bases), taxes, net, vat, net + vat, net + vat - euros(invoice.paid))
