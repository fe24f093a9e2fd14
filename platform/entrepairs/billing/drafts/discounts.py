"""Giving a discount on a draft: to one line, or to the whole invoice and thus shared among its lines.

`InvoiceLine.net` is what is left of a line after both, so the VAT, the postings, a credit note, the ceiling of an
agreement and the contribution need not know that there was one. The document shows them where the norm wants them: that
of a line beneath it (BG-27), that of the whole as one row by VAT treatment (BG-20).
"""

from collections.abc import Sequence
from itertools import groupby

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing.drafting import draft_for_update, write_totals
from entrepairs.billing.drafts.rules import Discount, ensure_sound, shared_out, taken_off
from entrepairs.billing.models import Invoice, InvoiceKind, InvoiceLine
from entrepairs.billing.spreading import axes_again
from entrepairs.billing.vat import treatment_of
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.kernel.text_checks import ensure_no_identity


def give_discount(
    session: Session, ref: str, given: Discount, *, position: int | None = None, clock: Clock, actor: Actor
) -> Invoice:
    """Take something off the line at `position`, or off the whole invoice; it replaces what was given there before.

    Raises NotFound, Conflict("invoice_issued", "no_discount_here"), InvalidInput (`discount_…`, on its field).
    """
    invoice = _open(session, ref)
    ensure_sound(given)
    ensure_no_identity(given.more, field="more")
    if position is None:
        invoice.discount_code, invoice.discount_reason = given.code, given.reason
        invoice.discount_percent = given.percent
        invoice.discount = given.amount.cents if given.amount is not None else 0
    else:
        line = _line(invoice, position)
        off, before = taken_off(given, _before(line)), _before(line)
        _ensure_less(off, before)
        line.discount, line.discount_percent = off.cents, given.percent
        line.discount_code, line.discount_reason = given.code, given.reason
    _count_again(invoice, clock)
    record(
        session,
        "invoice.discount",
        "invoice",
        ref,
        actor=actor,
        clock=clock,
        position=position,
        code=given.code,
        net=invoice.net,
    )
    session.flush()
    return invoice


def drop_discount(session: Session, ref: str, *, position: int | None = None, clock: Clock, actor: Actor) -> Invoice:
    """Take a discount back while the invoice is a draft; none there is nothing done. Raises as `give_discount`."""
    invoice = _open(session, ref)
    about: Invoice | InvoiceLine = invoice if position is None else _line(invoice, position)
    about.discount, about.discount_percent, about.discount_code, about.discount_reason = 0, None, None, ""
    _count_again(invoice, clock)
    record(session, "invoice.drop_discount", "invoice", ref, actor=actor, clock=clock, position=position)
    session.flush()
    return invoice


def takes_discount(invoice: Invoice) -> bool:
    """Whether a discount may stand on it: late interest is given up elsewhere, a deposit is asked for less."""
    return invoice.kind is InvoiceKind.INVOICE and invoice.interest_of_id is None


def discountable(invoice: Invoice) -> list[InvoiceLine]:
    """Its lines but those that take a deposit off."""
    return [line for line in invoice.lines if line.deducts is None]


def _open(session: Session, ref: str) -> Invoice:
    invoice = draft_for_update(session, ref)
    if not takes_discount(invoice):
        raise Conflict(
            "no_discount_here",
            N_(
                "A discount is given on a draft of invoice: a deposit is asked for less, a credit note gives money back, "
                "late interest is given up from its own page."
            ),
        )
    return invoice


def _line(invoice: Invoice, position: int) -> InvoiceLine:
    for line in discountable(invoice):
        if line.position == position:
            return line
    raise NotFound("line", N_("This line is not on the invoice, or takes no discount."))


def _before(line: InvoiceLine) -> Money:
    return Money(line.unit_cents) * line.quantity


def _ensure_less(off: Money, base: Money) -> None:
    if not Money(0) < off < base:
        raise InvalidInput(
            "discount_too_large",
            N_("A discount is at least a cent, and leaves something to pay: less than %(most)s here."),
            field="amount",
            most=base,
        )


def _count_again(invoice: Invoice, clock: Clock) -> None:
    """The share of each line, its net, the breakdown and the totals."""
    lines = discountable(invoice)
    before = [_before(line) - Money(line.discount) for line in lines]
    shares = _shares(invoice, lines, before)
    for line, base, share in zip(lines, before, shares, strict=True):
        line.shared, line.net = share.cents, (base - share).cents
        line.axes = axes_again(line.axes, Money(line.net))
    invoice.discount = sum(share.cents for share in shares)
    _ensure_above_deposits(invoice)
    regimes = {one.vat_regime for one in invoice.lines}
    write_totals(invoice, {code: treatment_of(code, clock.today()) for code in regimes})


def _ensure_above_deposits(invoice: Invoice) -> None:
    left: dict[str, int] = {}
    for line in invoice.lines:
        left[line.vat_regime] = left.get(line.vat_regime, 0) + line.net
    if min(left.values()) < 0:
        raise InvalidInput(
            "discount_under_deposit",
            N_("With this discount, the deposits taken off would be more than what is billed: give a smaller one."),
            field="amount",
        )


def _shares(invoice: Invoice, lines: Sequence[InvoiceLine], before: list[Money]) -> list[Money]:
    """What the discount of the whole takes of each line; a percentage is rounded by VAT treatment, as it is printed."""
    if invoice.discount_code is None:
        return [Money(0)] * len(lines)
    if invoice.discount_percent is None:
        amount = Money(invoice.discount)
        _ensure_less(amount, Money.sum(before))
        return shared_out(amount, before)
    found = dict.fromkeys(range(len(lines)), Money(0))
    by_regime = sorted(found, key=lambda at: lines[at].vat_regime)
    for _regime, together in groupby(by_regime, key=lambda at: lines[at].vat_regime):
        places = sorted(together)
        parts = [before[at] for at in places]
        found.update(zip(places, shared_out(Money.sum(parts) * (invoice.discount_percent / 100), parts), strict=True))
    shares = list(found.values())
    _ensure_less(Money.sum(shares), Money.sum(before))
    return shares
