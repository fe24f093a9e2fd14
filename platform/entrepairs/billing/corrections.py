"""Mending what was recorded on the wrong invoice: the opposite row is written, with its reason; nothing is taken away.

Rows stay as they were (C. com. R123-173, PCG 1031-3): the entry of the mistake and the one that undoes it both stand
in the books, dated the day each was made. Lock order: invoices by id, journal.
"""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing.models import OWED, Invoice, InvoiceState, Settlement, SettlementKind
from entrepairs.billing.payments import balance_of, payable_for_update, surplus_of, write_settlement
from entrepairs.billing.postings import post_move, post_settlement
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.kernel.text_checks import ensure_no_identity

BY_HAND = (SettlementKind.TRANSFER, SettlementKind.REFUND)
"""What the office records itself; a payment online is Stripe's to undo, a credit note is undone by nothing."""
GONE = (
    *(SettlementKind.REFUND, SettlementKind.MOVED_OUT),
    *(SettlementKind.STRIPE_REFUND, SettlementKind.STRIPE_REFUND_FAILED),
)
"""Money that the association gave back or put elsewhere; the last one came back."""
LONGEST_REASON = 200


def reverse_settlement(
    session: Session, invoice_ref: str, settlement_ref: str, *, reason: str, clock: Clock, actor: Actor
) -> Settlement:
    """Undo a transfer or a refund recorded by hand, whole, once, dated today.

    Money given back or moved since may have been this one: it stays while undoing would leave less than nothing. What a
    payer's bank withdrew is no such thing. Raises NotFound, InvalidInput("reason_missing", "reason_long",
    "identity_in_text"), Conflict("not_by_hand", "reversed_already", "money_gone_since").
    """
    said = reason_of(reason)
    invoice = payable_for_update(session, invoice_ref)
    wrong = settlement_of(session, invoice, settlement_ref)
    if wrong.kind not in BY_HAND:
        raise Conflict("not_by_hand", N_("Only a transfer or money given back, recorded by hand, can be undone here."))
    if is_reversed(session, wrong):
        raise Conflict("reversed_already", N_("This has been undone already."))
    if received_on_hand(session, invoice) < Money(wrong.cents) and _gone_since(session, wrong) > Money(0):
        raise Conflict(
            "money_gone_since",
            N_("Part of this money was given back or moved since: undo that first."),
        )
    undone = write_settlement(
        session,
        invoice,
        SettlementKind.REVERSAL,
        Money(-wrong.cents),
        clock.today(),
        reference=wrong.reference,
        dedup=f"reversal:{wrong.ref}",
        reason=said,
        counterpart=wrong,
        clock=clock,
        actor=actor,
    )
    post_settlement(session, undone, clock=clock)
    record(
        session,
        "settlement.reverse",
        "settlement",
        wrong.ref,
        actor=actor,
        clock=clock,
        by=undone.ref,
        cents=undone.cents,
        reason=said,
    )
    return undone


def move_surplus(
    session: Session, ref: str, to_ref: str, amount: Money, *, reason: str, dedup: str, clock: Clock, actor: Actor
) -> tuple[Settlement, Settlement]:
    """Put what was paid too much on an invoice towards another one of the same structure; gives the two rows.

    `dedup` names the gesture: the same one sent again moves nothing more. Raises NotFound, Conflict("not_payable",
    "other_structure"), InvalidInput("reason_missing", "reason_long", "amount_not_positive", "surplus_too_small",
    "more_than_owed").
    """
    said = reason_of(reason)
    source, target = _both(session, ref, to_ref)
    key = f"move:{ref}:{to_ref}:{dedup}"[:150]
    known = session.scalars(select(Settlement).where(Settlement.dedup_key == f"{key}:in")).one_or_none()
    if known is not None and known.counterpart is not None:
        return known.counterpart, known
    if source.partner_id != target.partner_id or source.id == target.id:
        raise Conflict("other_structure", N_("Choose another invoice of the same structure."))
    _ensure_movable(session, source, target, amount)
    write = partial(
        write_settlement, session, received_on=clock.today(), reference="", reason=said, clock=clock, actor=actor
    )
    out = write(source, SettlementKind.MOVED_OUT, -amount, dedup=f"{key}:out")
    into = write(target, SettlementKind.MOVED_IN, amount, dedup=f"{key}:in", counterpart=out)
    post_move(session, out, into, clock=clock)
    record(
        session,
        "settlement.move",
        "settlement",
        out.ref,
        actor=actor,
        clock=clock,
        to=into.ref,
        cents=amount.cents,
        reason=said,
    )
    return out, into


def settlement_of(session: Session, invoice: Invoice, ref: str) -> Settlement:
    """A settlement of that invoice. Raises NotFound: of another invoice and absent are the same."""
    found = session.scalars(
        select(Settlement).where(Settlement.ref == ref, Settlement.invoice_id == invoice.id)
    ).one_or_none()
    if found is None:
        raise NotFound("settlement", N_("This payment does not exist."))
    return found


def is_reversed(session: Session, settlement: Settlement) -> bool:
    """Whether its opposite has been written."""
    undone = select(Settlement.id).where(
        Settlement.counterpart_id == settlement.id, Settlement.kind == SettlementKind.REVERSAL
    )
    return session.scalar(undone) is not None


def reversible(session: Session, invoice: Invoice) -> frozenset[int]:
    """Ids of the settlements of an invoice that can still be undone by hand."""
    undone = select(Settlement.counterpart_id).where(Settlement.kind == SettlementKind.REVERSAL)
    return frozenset(
        session.scalars(
            select(Settlement.id).where(
                Settlement.invoice_id == invoice.id,
                Settlement.kind.in_(BY_HAND),
                Settlement.id.not_in(undone),
            )
        )
    )


def open_invoices_beside(session: Session, invoice: Invoice) -> Sequence[Invoice]:
    """The other invoices of the structure on which something is owed, the oldest due date first."""
    settled = (
        select(Settlement.invoice_id, func.sum(Settlement.cents).label("cents"))
        .group_by(Settlement.invoice_id)
        .subquery()
    )
    return session.scalars(
        select(Invoice)
        .outerjoin(settled, settled.c.invoice_id == Invoice.id)
        .where(
            Invoice.partner_id == invoice.partner_id,
            Invoice.id != invoice.id,
            Invoice.state == InvoiceState.ISSUED,
            Invoice.kind.in_(OWED),
            Invoice.gross > func.coalesce(settled.c.cents, 0),
        )
        .order_by(Invoice.due_date, Invoice.id)
    ).all()


def received_on_hand(session: Session, invoice: Invoice) -> Money:
    """The money that stands on an invoice: received less given back or moved, without credit notes."""
    total = session.scalar(
        select(func.coalesce(func.sum(Settlement.cents), 0)).where(
            Settlement.invoice_id == invoice.id, Settlement.kind != SettlementKind.CREDIT_NOTE
        )
    )
    return Money(int(total or 0))


def _gone_since(session: Session, row: Settlement) -> Money:
    """What was given back or moved elsewhere on the same invoice after a row, less what was undone or refused of it."""
    undone = aliased(Settlement)
    total = session.scalar(
        select(func.coalesce(func.sum(-Settlement.cents), 0)).where(
            Settlement.invoice_id == row.invoice_id,
            Settlement.id > row.id,
            Settlement.kind.in_(GONE),
            ~select(undone.id)
            .where(undone.counterpart_id == Settlement.id, undone.kind == SettlementKind.REVERSAL)
            .exists(),
        )
    )
    return Money(int(total or 0))


def _both(session: Session, ref: str, to_ref: str) -> tuple[Invoice, Invoice]:
    """Both invoices, locked by id whatever the order they are named in."""
    order = session.scalars(select(Invoice.ref).where(Invoice.ref.in_((ref, to_ref))).order_by(Invoice.id)).all()
    held = {each: payable_for_update(session, each) for each in order}
    if ref not in held or to_ref not in held:
        raise NotFound("invoice", N_("This invoice does not exist."))
    return held[ref], held[to_ref]


def _ensure_movable(session: Session, source: Invoice, target: Invoice, amount: Money) -> None:
    surplus, owed = surplus_of(session, source), balance_of(session, target)
    if amount.cents <= 0:
        raise InvalidInput("amount_not_positive", N_("Enter an amount greater than zero."), field="amount")
    if amount > surplus:
        raise InvalidInput(
            "surplus_too_small",
            N_("Only what was paid too much can be moved: %(left)s."),
            field="amount",
            left=max(surplus, Money(0)),
        )
    if amount > owed:
        raise InvalidInput(
            "more_than_owed",
            N_("Only %(left)s remain to be paid on that invoice."),
            field="amount",
            left=max(owed, Money(0)),
        )


def reason_of(text: str) -> str:
    """Why a correction is made, as it stays in the accounts. Raises InvalidInput."""
    said = " ".join(text.split())
    if not said:
        raise InvalidInput("reason_missing", N_("Say why, in a few words: it stays in the accounts."), field="reason")
    if len(said) > LONGEST_REASON:
        raise InvalidInput("reason_long", N_("200 characters at most."), field="reason")
    ensure_no_identity(said, field="reason")
    return said
