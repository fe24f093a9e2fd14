"""Credit notes (avoirs): the only correction of an issued invoice, whole or in part (EN 16931 type 381).

One person prepares it; above a threshold that the association votes, dated, another issues it. The database holds it too.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing import deposits, parties, rules
from entrepairs.billing.ceilings import give_room_back
from entrepairs.billing.drafting import write_totals
from entrepairs.billing.einvoice.checker import Checker
from entrepairs.billing.einvoices import REASON, treatment
from entrepairs.billing.issuing import finish_issue
from entrepairs.billing.models import (
    OWED,
    BilledService,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceState,
    Settlement,
    SettlementKind,
    VatLine,
)
from entrepairs.billing.spreading import axes_taken, peers_left
from entrepairs.db import locked
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_, Sentence, say
from entrepairs.kernel.money import Money
from entrepairs.kernel.references import new_reference
from entrepairs.kernel.text_checks import ensure_no_identity
from entrepairs.settings.decisions import decision_or

CREDIT_APPROVAL: Final = "billing.credit_approval_cents"
"""Decision: above so many cents with VAT, a second person issues a credit note. Read by the database's trigger too."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is taken back of the line at `position`: so many units, or an amount without VAT, or all that is left."""

    position: int
    quantity: Decimal | None = None
    net: Money | None = None


def credit_invoice(
    session: Session,
    ref: str,
    *,
    reason: str,
    positions: Collection[int] | None = None,
    parts: Sequence[Part] = (),
    bill_again: bool = True,
    clock: Clock,
    actor: Actor,
    checker: Checker | None = None,
) -> Invoice:
    """Credit a whole invoice, the lines at `positions`, or `parts` of lines; returns the credit note.

    Issued at once: the sale is reversed in the ledger and the balance falls by as much; with `bill_again` the services
    of the lines credited whole are to be billed once more. Above the voted threshold it stays a draft until a second
    person approves it (`approve_credit`): its state tells. Raises NotFound, Conflict("not_creditable",
    "credited_already", "deposit_taken_off"), InvalidInput("reason_missing", "no_lines_chosen", "part_unsound",
    "part_too_large", "deposit_in_part", "credit_above_invoice"), and what issuing raises.
    """
    deposits.hold_structures(session, [ref])
    invoice = locked(session, select(Invoice).where(Invoice.ref == ref))
    if invoice is None:
        raise NotFound("invoice", N_("This invoice does not exist."))
    if invoice.state is not InvoiceState.ISSUED or invoice.kind not in OWED:
        raise Conflict("not_creditable", N_("Only an issued invoice can be credited."))
    if not reason.strip():
        raise InvalidInput("reason_missing", N_("Say why, in a few words: it is printed."), field="reason")
    ensure_no_identity(reason, field="reason")
    chosen = _chosen(session, invoice, parts or (None if positions is None else [Part(one) for one in positions]))
    note = _draft_note(session, invoice, chosen, reason.strip(), clock)
    note.prepared_by, note.bill_again = actor.ref, bill_again
    session.flush()
    if needs_second_person(session, note, clock.today()):
        record(session, "credit.propose", "invoice", note.ref, actor=actor, clock=clock, of=ref, gross=note.gross)
        return note
    return _issue(session, note, clock=clock, actor=actor, checker=checker)


def approve_credit(
    session: Session, ref: str, *, clock: Clock, actor: Actor, checker: Checker | None = None
) -> Invoice:
    """A second person issues a credit note that waits. Raises NotFound, Conflict("not_waiting", "same_person")."""
    note = session.scalars(select(Invoice).where(Invoice.ref == ref)).one_or_none()
    if note is None:
        raise NotFound("invoice", N_("This invoice does not exist."))
    session.execute(select(Invoice.id).where(Invoice.id == note.corrected_id).with_for_update())  # invoices by id
    session.refresh(note, with_for_update=True)
    if note.kind is not InvoiceKind.CREDIT_NOTE or note.state is not InvoiceState.DRAFT:
        raise Conflict("not_waiting", N_("This credit note does not wait for an approval any more."))
    if note.prepared_by in {None, actor.ref}:
        raise Conflict("same_person", N_("You prepared this credit note: somebody else approves it."))
    note.approved_by, note.approved_at = actor.ref, clock.now()
    return _issue(session, note, clock=clock, actor=actor, checker=checker)


def needs_second_person(session: Session, note: Invoice, on: date) -> bool:
    """Whether a credit note, with those that one person issued alone on the same invoice, passes what is voted for that day.

    None voted: one person is enough. Parts are counted together: many small ones are no way around the vote.
    """
    threshold = decision_or(session, CREDIT_APPROVAL, on, None)
    return threshold is not None and credited_alone(session, note.corrected_id) + Money(note.gross) > Money(
        int(threshold)
    )


def credited_alone(session: Session, invoice_id: int | None) -> Money:
    """What credit notes without a second person took back of an invoice so far, with VAT."""
    total = session.scalar(
        select(func.coalesce(func.sum(Invoice.gross), 0)).where(
            Invoice.corrected_id == invoice_id,
            Invoice.kind == InvoiceKind.CREDIT_NOTE,
            Invoice.state == InvoiceState.ISSUED,
            Invoice.approved_by.is_(None),
        )
    )
    return Money(int(total or 0))


def _issue(session: Session, note: Invoice, *, clock: Clock, actor: Actor, checker: Checker | None) -> Invoice:
    invoice = note.corrected
    if invoice is None:
        msg = f"{note.ref} corrects nothing"
        raise ValueError(msg)
    finish_issue(session, note, clock=clock, actor=actor, checker=checker)
    session.add(
        Settlement(
            ref=new_reference("REG"),
            invoice=invoice,
            kind=SettlementKind.CREDIT_NOTE,
            cents=note.gross,
            received_on=clock.today(),
            reference=note.number or "",
            credit_note_id=note.id,
            dedup_key=f"credit:{note.ref}",
            created_at=clock.now(),
            recorded_by=actor.label,
        )
    )
    if note.bill_again:
        taken_whole = {line.credited_id for line in note.lines}
        _release(session, [line for line in invoice.lines if line.id in taken_whole and _whole(line, note)], clock)
    session.flush()
    give_room_back(session, invoice.lines)
    return note


def _whole(line: InvoiceLine, note: Invoice) -> bool:
    """Whether a credit note takes back the whole line: a part of it is never billed again by itself."""
    return any(one.credited_id == line.id and one.net == line.net for one in note.lines)


def credit_left(session: Session, invoice: Invoice) -> dict[int, Money]:
    """What is left to credit of each line without VAT, by its id; credit notes that wait are counted.

    Of a deposit: what no invoice took off.
    """
    if invoice.kind is InvoiceKind.DEPOSIT:
        return {line.id: Money(line.net - deposits.taken(session, line)) for line in invoice.lines}
    ids = [line.id for line in invoice.lines]
    taken = session.execute(
        select(InvoiceLine.credited_id, func.sum(InvoiceLine.net))
        .where(InvoiceLine.credited_id.in_(ids))
        .group_by(InvoiceLine.credited_id)
    )
    credited = {line_id: int(net) for line_id, net in taken}
    return {line.id: Money(line.net - credited.get(line.id, 0)) for line in invoice.lines}


def creditable_lines(session: Session, invoice: Invoice) -> list[InvoiceLine]:
    """The lines of which credit notes have not taken back everything."""
    left = credit_left(session, invoice)
    return [line for line in invoice.lines if left[line.id]]


def _chosen(session: Session, invoice: Invoice, parts: Sequence[Part] | None) -> list[InvoiceLine]:
    """The lines of the credit note, as copies."""
    left, lines = credit_left(session, invoice), creditable_lines(session, invoice)
    if not lines and any(deposits.deducted(session, line) for line in invoice.lines):
        raise Conflict(
            "deposit_taken_off",
            N_("This deposit is taken off an invoice: credit that invoice first, with the line of the deposit."),
        )
    peers = peers_left(session, lines)
    if not lines:
        raise Conflict("credited_already", N_("This invoice is already credited in full."))
    if parts is None:
        return [
            _copy(line, at, left[line.id], Part(line.position), peers.get(line.id, {}))
            for at, line in enumerate(lines, start=1)
        ]
    wanted = {one.position: one for one in parts}
    chosen = [line for line in lines if line.position in wanted]
    if not chosen or len(chosen) != len(parts):
        raise InvalidInput("no_lines_chosen", N_("Choose lines that are not credited yet."), field="positions")
    return [
        _copy(line, at, left[line.id], wanted[line.position], peers.get(line.id, {}))
        for at, line in enumerate(chosen, start=1)
    ]


def _draft_note(session: Session, invoice: Invoice, lines: list[InvoiceLine], reason: str, clock: Clock) -> Invoice:
    note = Invoice(
        ref=new_reference("AVR"),
        kind=InvoiceKind.CREDIT_NOTE,
        state=InvoiceState.DRAFT,
        partner=invoice.partner,
        corrected=invoice,
        period_start=invoice.period_start,
        period_end=invoice.period_end,
        seller=parties.seller_snapshot(session, clock),
        buyer=invoice.buyer,
        notes={REASON: reason},
        service_code=invoice.service_code,
        engagement=invoice.engagement,
        agreement_number=invoice.agreement_number,
        project=invoice.project,
        created_at=clock.now(),
    )
    note.lines = lines
    # The treatments of the invoice, not today's: a rate may have changed since.
    if sum(line.net for line in lines) <= 0:
        raise InvalidInput("no_lines_chosen", N_("Choose lines that are not credited yet."), field="positions")
    _ensure_within(session, invoice, lines)
    write_totals(note, {row.regime: treatment(row) for row in invoice.vat_lines})
    _lose_no_cent(session, note, invoice)
    session.add(note)
    session.flush()
    return note


def _ensure_within(session: Session, invoice: Invoice, lines: list[InvoiceLine]) -> None:
    """A deposit goes back with what it was taken off: at no rate is more credited than the invoice asks, nor less than nil."""
    for sold in invoice.vat_lines:
        base = sum(line.net for line in lines if line.vat_regime == sold.regime)
        if not 0 <= base <= sold.base - _credited_of(session, invoice, sold.regime)[0]:
            raise InvalidInput(
                "credit_above_invoice",
                N_(
                    "This invoice takes off a deposit, and no more can be credited than it asks: choose the line of the "
                    "deposit together with the lines it was taken off."
                ),
                field="positions",
            )


def _credited_of(session: Session, invoice: Invoice, regime: str) -> tuple[int, int]:
    """Base and VAT that credit notes take of a row of the breakdown; those that wait are counted."""
    base, vat = session.execute(
        select(func.coalesce(func.sum(VatLine.base), 0), func.coalesce(func.sum(VatLine.vat), 0))
        .join(Invoice, Invoice.id == VatLine.invoice_id)
        .where(Invoice.corrected_id == invoice.id, VatLine.regime == regime)
    ).one()
    return int(base), int(vat)


def _lose_no_cent(session: Session, note: Invoice, invoice: Invoice) -> None:
    """Credited in parts, the VAT of a part is that of all the parts so far less what they took: they make the whole.

    A row differs by less than a cent from its own base at its rate, within what BR-CO-17 and BR-S-09 allow; taking what
    is left at the last part only, the halves of cents of many parts would add up to more.
    """
    sold = {row.regime: row for row in invoice.vat_lines}
    for row in note.vat_lines:
        base, vat = _credited_of(session, invoice, row.regime)
        row.vat = min(
            rules.vat_of_part(row.base, row.rate, base_before=base, vat_before=vat), sold[row.regime].vat - vat
        )
    note.vat = sum(row.vat for row in note.vat_lines)
    note.gross = note.net + note.vat


def _copy(line: InvoiceLine, position: int, left: Money, part: Part, peers: Mapping[str, int]) -> InvoiceLine:
    """The line of the credit note for a part of a line; `peers`: what is left of each one's part.

    Raises InvalidInput("part_unsound", "part_too_large", "deposit_in_part").
    """
    if line.deducts_id is not None and (part.quantity, part.net) != (None, None):
        raise part_refused(
            "deposit_in_part",
            line,
            say("A deposit that was taken off is given back whole: leave its quantity and its amount blank."),
        )
    quantity, unit, price = line.quantity, line.unit, Money(line.unit_cents)
    if part.quantity is not None:
        quantity = _sound(line, part.quantity)
        net = _net_of(line, quantity)
    elif part.net is not None or left != Money(line.net):
        quantity, unit, price = Decimal(1), "forfait", left if part.net is None else part.net
        net = price
    else:
        net = Money(line.net)
    discount = price * quantity - net
    if line.net > 0 and not Money(0) < net <= left:
        raise InvalidInput(
            "part_too_large",
            N_("Of « %(label)s », %(left)s at most can still be taken back."),
            field="positions",
            label=line.label,
            left=left,
            position=line.position,
        )
    return InvoiceLine(
        position=position,
        label=line.label,
        quantity=quantity,
        unit=unit,
        unit_cents=price.cents,
        discount=discount.cents,
        discount_code=(line.discount_code or line.invoice.discount_code) if discount else None,
        discount_reason=(line.discount_reason or line.invoice.discount_reason) if discount else "",
        net=net.cents,
        vat_regime=line.vat_regime,
        vat_category=line.vat_category,
        vat_rate=line.vat_rate,
        service_id=line.service_id,
        cancellation_id=line.cancellation_id,
        session_date=line.session_date,
        axes=axes_taken(line, net, peers),
        account=line.account,
        credited_id=line.id,
        deducts_id=line.deducts_id,
    )


def _net_of(line: InvoiceLine, quantity: Decimal) -> Money:
    """What so many units of a line came to, its discounts taken off in proportion."""
    if quantity == line.quantity:
        return Money(line.net)
    price = Money(line.unit_cents)
    if price * line.quantity == Money(line.net):
        return price * quantity
    return Money(line.net) * (quantity / line.quantity)


def _sound(line: InvoiceLine, quantity: Decimal) -> Decimal:
    if not quantity.is_finite() or quantity <= 0 or quantity != round(quantity, 2):
        raise part_refused("part_unsound", line, say("Write a quantity above zero, with two decimals at most."))
    return quantity


def part_refused(code: str, line: InvoiceLine, why: Sentence) -> InvalidInput:
    """A refusal that names its line: an invoice may have fifty, and the page opens only the one at `position`."""
    return InvalidInput(
        code,
        N_("« %(label)s »: %(why)s"),
        field="positions",
        label=line.label,
        why=why,
        position=line.position,
    )


def _release(session: Session, lines: list[InvoiceLine], clock: Clock) -> None:
    ids = [line.id for line in lines]
    held = select(BilledService).where(BilledService.line_id.in_(ids), BilledService.released_at.is_(None))
    for billed in session.scalars(held):
        billed.released_at = clock.now()
