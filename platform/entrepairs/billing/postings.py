"""What billing writes in the ledger: the sale, its credit note, the money received, Stripe's fee.

The client account (411) is held by structure, so that what it shows is what the structure owes.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.models import Invoice, InvoiceKind, InvoiceLine, Settlement, SettlementKind
from entrepairs.billing.spreading import OFFERING_AXIS, spread
from entrepairs.catalogue.models import Offering, OfferingKind
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.money import Money
from entrepairs.ledger import chart
from entrepairs.ledger.chart import JournalCode
from entrepairs.ledger.models import Entry
from entrepairs.ledger.posting import Fact, Posting, post, post_all, register_axis_value

NOTHING: Final = Money(0)
DEPOSITS: Final = "419"
"""Clients' deposits and advances, by structure."""


ONLINE: Final = frozenset(
    {
        SettlementKind.STRIPE,
        SettlementKind.STRIPE_REFUND,
        SettlementKind.STRIPE_REFUND_FAILED,
        SettlementKind.DISPUTED,
        SettlementKind.DISPUTE_WON,
    }
)
"""What moves the Stripe balance (5122), in its own journal."""
WORDS: Final = {
    SettlementKind.STRIPE_REFUND_FAILED: "Remboursement refusé par la banque",
    SettlementKind.DISPUTED: "Paiement contesté auprès de la banque",
    SettlementKind.DISPUTE_WON: "Contestation gagnée",
}


def post_sale(session: Session, invoice: Invoice, *, clock: Clock) -> Entry:
    """Dr 411 / Cr 706x (/ Cr 44571), gross and dated the issue; mirrored for a credit note.

    A deposit is owed to the client until the service is done: Cr 419, and Dr 419 on the invoice that deducts it.
    """
    (entry,) = post_sales(session, [invoice], clock=clock)
    return entry


def post_sales(session: Session, invoices: Sequence[Invoice], *, clock: Clock) -> list[Entry]:
    """The same of several invoices, in their order."""
    kinds = _known_offerings(session, invoices)
    return post_all(session, [_sale(one, kinds) for one in invoices], clock=clock)


def _sale(invoice: Invoice, kinds: Mapping[str, OfferingKind]) -> Fact:
    sold: dict[tuple[str, tuple[tuple[str, str], ...]], Money] = {}
    for line in invoice.lines:
        account = DEPOSITS if _is_deposit(line) else line.account or _income_account(_kind(line, kinds))
        for codes, net in spread(line):
            key = account, tuple(sorted(codes.items()))
            sold[key] = sold.get(key, Money(0)) + net
    lines = [_client(invoice, debit=Money(invoice.gross))] if invoice.gross else []  # all of it was paid by deposits
    lines += [_sold(invoice, account, net, dict(axes)) for (account, axes), net in sold.items() if net]
    if invoice.vat:
        lines.append(Posting(chart.VAT_COLLECTED, credit=Money(invoice.vat)))
    credit_note = invoice.kind is InvoiceKind.CREDIT_NOTE
    if credit_note:
        lines = [line.mirrored() for line in lines]
    number, day = issued(invoice)
    return Fact(
        JournalCode.SALES,
        day,
        number,
        f"{_document(invoice)} {number} {invoice.buyer['name']}",
        lines,
        dedup=f"sale:{invoice.ref}",
    )


def _kind(line: InvoiceLine, kinds: Mapping[str, OfferingKind]) -> OfferingKind | None:
    return kinds.get(line.axes.get(OFFERING_AXIS, ""))


def _document(invoice: Invoice) -> str:
    return {InvoiceKind.CREDIT_NOTE: "Avoir", InvoiceKind.DEPOSIT: "Acompte"}.get(invoice.kind, "Facture")


def _is_deposit(line: InvoiceLine) -> bool:
    """Of a deposit, taking one off, or crediting either."""
    return (
        line.deducts_id is not None
        or line.invoice.kind is InvoiceKind.DEPOSIT
        or (line.invoice.corrected is not None and line.invoice.corrected.kind is InvoiceKind.DEPOSIT)
    )


def _sold(invoice: Invoice, account: str, net: Money, axes: dict[str, str]) -> Posting:
    if account == DEPOSITS:
        client = {"aux_code": invoice.buyer["ref"], "aux_label": invoice.buyer["name"]}
        posting = Posting(DEPOSITS, credit=Money(abs(net.cents)), **client)
    else:
        posting = Posting(account, credit=Money(abs(net.cents)), axes=axes)
    return posting.mirrored() if net < Money(0) else posting


def post_settlement(session: Session, settlement: Settlement, *, clock: Clock) -> Entry:
    """A transfer (Dr 512 / Cr 411), a refund (Dr 411 / Cr 512); through Stripe, 5122. Never net of fees.

    Money that a payer's bank withdrew is owed again: Dr 411 / Cr 5122; won back, the opposite.
    """
    invoice, amount = settlement.invoice, Money(abs(settlement.cents))
    by_stripe = settlement.kind in ONLINE
    lines = [
        Posting(chart.STRIPE if by_stripe else chart.BANK, debit=amount),
        _client(invoice, credit=amount),
    ]
    if settlement.cents < 0:
        lines = [line.mirrored() for line in lines]
    number, _ = issued(invoice)
    return post(
        session,
        JournalCode.STRIPE if by_stripe else JournalCode.BANK,
        settlement.received_on,
        number,
        f"{_word(settlement)} {number} {settlement.reference}".strip(),
        lines,
        dedup=f"settlement:{settlement.dedup_key}",
        clock=clock,
    )


def _word(settlement: Settlement) -> str:
    if settlement.kind in WORDS:
        return WORDS[settlement.kind]
    if settlement.kind is SettlementKind.REVERSAL:
        return "Annulation règlement" if settlement.cents < 0 else "Annulation remboursement"
    return "Remboursement" if settlement.cents < 0 else "Règlement"


def post_move(session: Session, out: Settlement, into: Settlement, *, clock: Clock) -> Entry:
    """A surplus goes to another invoice of the same structure: Dr 411 / Cr 411, no money moves."""
    (left, _), (right, _) = issued(out.invoice), issued(into.invoice)
    amount = Money(into.cents)
    return post(
        session,
        JournalCode.MISCELLANEOUS,
        into.received_on,
        right,
        f"Report du trop-perçu {left} sur {right}",
        [_client(out.invoice, debit=amount), _client(into.invoice, credit=amount)],
        dedup=f"settlement:{into.dedup_key}",
        clock=clock,
    )


def post_stripe_fee(
    session: Session, invoice: Invoice | None, fee: Money, *, on: date, dedup: str, clock: Clock, piece: str = ""
) -> Entry | None:
    """Dr 627 / Cr 5122: the fee is a cost of its own, never taken off the receipt. One given back: the opposite.

    None for a fee of nothing. `piece` names a fee of the account, which is about no invoice.
    """
    if not fee.cents:
        return None
    number = issued(invoice)[0] if invoice is not None else piece
    amount = Money(abs(fee.cents))
    lines = [Posting(chart.BANK_FEES, debit=amount), Posting(chart.STRIPE, credit=amount)]
    if fee.cents < 0:
        lines = [line.mirrored() for line in lines]
    label = f"{'Commission' if fee.cents > 0 else 'Commission rendue,'} Stripe {number}"
    return post(session, JournalCode.STRIPE, on, number, label, lines, dedup=dedup, clock=clock)


def post_payout(session: Session, ref: str, amount: Money, *, on: date, back: bool = False, clock: Clock) -> Entry:
    """Dr 580 / Cr 5122 when Stripe sends what it holds to our bank; `back`: the bank did not take it, the opposite."""
    lines = [Posting(chart.TRANSFERS, debit=amount), Posting(chart.STRIPE, credit=amount)]
    word, dedup = ("Virement Stripe revenu", "stripe-payout-back") if back else ("Virement Stripe", "stripe-payout")
    if back:
        lines = [line.mirrored() for line in lines]
    return post(session, JournalCode.STRIPE, on, ref, f"{word} {ref}", lines, dedup=f"{dedup}:{ref}", clock=clock)


def post_payout_received(
    session: Session, ref: str, amount: Money, *, on: date, time: int, undone: bool = False, clock: Clock
) -> Entry:
    """Dr 512 / Cr 580 when our bank says that a payout arrived; `undone`: that was a mistake, the opposite."""
    lines = [Posting(chart.BANK, debit=amount), Posting(chart.TRANSFERS, credit=amount)]
    word, dedup = ("Annulation virement", "payout-undone") if undone else ("Virement reçu de", "payout-received")
    if undone:
        lines = [line.mirrored() for line in lines]
    label = f"{word} Stripe {ref}"
    return post(session, JournalCode.BANK, on, ref, label, lines, dedup=f"{dedup}:{ref}:{time}", clock=clock)


def issued(invoice: Invoice) -> tuple[str, date]:
    """Number and date of an issued invoice."""
    if invoice.number is None or invoice.issue_date is None:
        msg = f"{invoice.ref} is a draft"
        raise ValueError(msg)
    return invoice.number, invoice.issue_date


def _client(invoice: Invoice, *, debit: Money = NOTHING, credit: Money = NOTHING) -> Posting:
    about = invoice.corrected or invoice  # a credit note settles the invoice it corrects
    return Posting(
        chart.CLIENTS,
        debit,
        credit,
        aux_code=invoice.buyer["ref"],
        aux_label=invoice.buyer["name"],
        match_ref=about.number,
        due_on=invoice.due_date,
    )


def _known_offerings(session: Session, invoices: Iterable[Invoice]) -> dict[str, OfferingKind]:
    lines = (line for invoice in invoices for line in invoice.lines)
    codes = {line.axes[OFFERING_AXIS] for line in lines if OFFERING_AXIS in line.axes}
    # In one order for all: whoever posts at the same time registers the same values.
    wanted = select(Offering).where(Offering.code.in_(codes)).order_by(Offering.code)
    offerings: Iterable[Offering] = session.scalars(wanted)
    kinds = {}
    for offering in offerings:
        register_axis_value(session, OFFERING_AXIS, offering.code, offering.name)
        kinds[offering.code] = offering.kind
    return kinds


def _income_account(kind: OfferingKind | None) -> str:
    return chart.TRAINING if kind is OfferingKind.TRAINING else chart.INTERVENTIONS
