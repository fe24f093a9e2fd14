"""« Encaissée » (212): what comes in on a service whose VAT falls due when it is paid is told to the platform.

Compulsory event of the reform, with the amount with VAT by rate. Not for what is exempt, out of scope, or under the option
for debits; nor on Chorus Pro, where the payer is the Treasury itself. Money given back is told with a minus.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from entrepairs.billing.models import Settlement, SettlementKind, VatLine
from entrepairs.billing.transmission.carriers import Own, Receipt
from entrepairs.billing.transmission.channels import Channel
from entrepairs.billing.transmission.codes import LifeCode
from entrepairs.billing.transmission.events import say_event
from entrepairs.billing.transmission.models import EventSource, InvoiceEvent
from entrepairs.billing.transmission.sending import latest_sending
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import at_paris
from entrepairs.outbox.adding import add

TELL: Final = "billing.tell_platform"
MONEY: Final = frozenset(
    {SettlementKind.TRANSFER, SettlementKind.STRIPE, SettlementKind.REFUND, SettlementKind.REVERSAL}
)
STANDARD: Final = "S"


def by_rate(cents: int, rows: Iterable[tuple[str, Decimal, int]]) -> list[dict[str, str | int]]:
    """What a payment brings at each taxed rate, with VAT. `rows`: category, rate, gross cents of the invoice.

    In proportion of the invoice, by largest remainder: over all rates, exempt ones included, no cent is lost. Rates of
    0 and exempt parts are left out of the answer.
    """
    parts = [(category, rate, gross) for category, rate, gross in rows if gross]
    total = sum(gross for _category, _rate, gross in parts)
    if not total:
        return []
    sign = -1 if cents < 0 else 1
    shares = [divmod(abs(cents) * gross, total) for _category, _rate, gross in parts]
    given = [whole for whole, _rest in shares]
    by_rest = sorted(range(len(parts)), key=lambda index: (-shares[index][1], index))
    for index in by_rest[: abs(cents) - sum(given)]:
        given[index] += 1
    found: dict[Decimal, int] = {}
    for (category, rate, _gross), share in zip(parts, given, strict=True):
        if category == STANDARD and rate:
            found[rate] = found.get(rate, 0) + sign * share
    return [{"rate": f"{rate.normalize():f}", "cents": share} for rate, share in sorted(found.items()) if share]


def note_collection(session: Session, settlement: Settlement, *, clock: Clock) -> None:
    """Write 212 for a settlement when the reform asks for it, and plan telling it. Once by settlement."""
    invoice = settlement.invoice
    if settlement.kind not in MONEY or invoice.seller.get("vat_on_debits"):
        return
    amounts = by_rate(settlement.cents, (_of(row) for row in invoice.vat_lines))
    if not amounts:
        return
    sending = latest_sending(session, invoice.id)
    if sending is None or sending.channel is not Channel.PLATFORM or sending.sent_at is None:
        return
    ref = say_event(
        session,
        invoice.id,
        sending,
        LifeCode.COLLECTED,
        source=EventSource.HOUSE,
        key=f"collected:{settlement.ref}",
        clock=clock,
        at=at_paris(settlement.received_on, clock.now().timetz().replace(tzinfo=None)),
        amounts=amounts,
        payload={"settlement": settlement.ref},
    )
    if ref is not None:
        add(
            session,
            TELL,
            subject_kind="invoice_event",
            subject_ref=ref,
            due_at=clock.now(),
            dedup=f"tell:{ref}",
        )


def _of(row: VatLine) -> tuple[str, Decimal, int]:
    return row.category, row.rate, row.base + row.vat


def to_tell(event: InvoiceEvent) -> tuple[Receipt, Own] | None:
    """What to tell of an event, and about which deposit."""
    sending = event.transmission
    if sending is None or sending.remote_ref is None:
        return None
    return (
        Receipt(sending.remote_ref, sending.document_ref or ""),
        Own(event.ref, event.code, event.at, event.amounts or ()),
    )
