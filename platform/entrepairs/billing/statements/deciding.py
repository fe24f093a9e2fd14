"""What the office decides of a line: it pays these invoices, it is a payment recorded already, it is not ours.

A decision is undone where the payment is (`billing.corrections`): the line then waits again. Lock order: line,
invoices by id, journal.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing.corrections import is_reversed
from entrepairs.billing.models import Invoice, Settlement, SettlementKind
from entrepairs.billing.online.payouts import payout_of_line
from entrepairs.billing.payments import payable_for_update, record_transfer
from entrepairs.billing.statements.models import LineSettlement, StatementLine
from entrepairs.billing.statements.standing import standing_payments
from entrepairs.db import locked
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.kernel.text_checks import ensure_no_identity

LONGEST_REASON = 200


def confirm_line(
    session: Session,
    ref: str,
    parts: Mapping[str, Money],
    *,
    keep_surplus: bool = False,
    surplus_on: str | None = None,
    by_itself: bool = False,
    clock: Clock,
    actor: Actor,
) -> Sequence[Settlement]:
    """Record what a line pays, by reference of invoice, dated the day the bank booked it; once, however often it is said.
    More than an invoice asks is taken as a surplus on any of them, or on one (`surplus_on`) only.

    Raises NotFound, Conflict("line_matched", "line_aside", "not_payable"), InvalidInput("not_a_credit", "parts_differ",
    "over_payment", "received_before_issue").
    """
    line = locked_line(session, ref)
    standing = standing_payments(session, line)
    if standing:
        if {one.invoice.ref: Money(one.cents) for one in standing} == dict(parts):
            return standing
        raise _matched()
    _ensure_waiting(session, line)
    if not parts or Money.sum(parts.values()) != Money(line.cents):
        raise InvalidInput(
            "parts_differ",
            N_("The amounts must add up to what came in: %(amount)s."),
            field="invoice",
            amount=Money(line.cents),
        )
    order = session.scalars(select(Invoice.ref).where(Invoice.ref.in_(parts)).order_by(Invoice.id)).all()
    if len(order) != len(parts):
        raise NotFound("invoice", N_("This invoice does not exist."))
    recorded = []
    for invoice_ref in order:
        settlement = record_transfer(
            session,
            invoice_ref,
            parts[invoice_ref],
            line.booked_on,
            reference=(line.end_to_end or line.reference or line.label)[:120],
            keep_surplus=keep_surplus or invoice_ref == surplus_on,
            dedup=f"bank:{line.ref}:{invoice_ref}",
            clock=clock,
            actor=actor,
        )
        _link(session, line, settlement, clock=clock, by_itself=by_itself)
        recorded.append(settlement)
    _trace(session, line, "bank.match", clock=clock, actor=actor, payments=[one.ref for one in recorded])
    return recorded


def link_recorded(session: Session, ref: str, settlement_ref: str, *, clock: Clock, actor: Actor) -> Settlement:
    """Say that a line is a transfer typed before: nothing more is recorded.

    Raises NotFound, Conflict("line_matched", "line_aside", "payment_taken").
    """
    line = locked_line(session, ref)
    wanted = select(Settlement).where(Settlement.ref == settlement_ref, Settlement.kind == SettlementKind.TRANSFER)
    settlement = session.scalars(wanted).one_or_none()
    if settlement is None:
        raise NotFound("settlement", N_("This payment does not exist."))
    payable_for_update(session, settlement.invoice.ref)  # nobody undoes it meanwhile
    standing = standing_payments(session, line)
    if settlement in standing:
        return settlement
    if standing:
        raise _matched()
    _ensure_waiting(session, line)
    taken = session.scalar(select(LineSettlement.id).where(LineSettlement.settlement_id == settlement.id))
    if taken is not None or settlement.cents != line.cents or is_reversed(session, settlement):
        raise Conflict(
            "payment_taken", N_("This payment is another one: its amount differs, or it was undone or found already.")
        )
    _link(session, line, settlement, clock=clock)
    _trace(session, line, "bank.match", clock=clock, actor=actor, payments=[settlement.ref])
    return settlement


def set_aside(session: Session, ref: str, *, reason: str, clock: Clock, actor: Actor) -> StatementLine:
    """Say that a line pays none of our invoices, and why. Twice is once.

    Raises NotFound, Conflict("line_matched"), InvalidInput("reason_missing", "reason_long", "identity_in_text").
    """
    line = locked_line(session, ref)
    said = " ".join(reason.split())
    if not said:
        raise InvalidInput("reason_missing", N_("Say in a few words what this money is."), field="reason")
    if len(said) > LONGEST_REASON:
        raise InvalidInput("reason_long", N_("200 characters at most."), field="reason")
    ensure_no_identity(said, field="reason")
    if standing_payments(session, line) or payout_of_line(session, line) is not None:
        raise _matched()
    if line.aside_why is None:
        line.aside_why, line.aside_at, line.aside_by = said, clock.now(), actor.label
        _trace(session, line, "bank.aside", clock=clock, actor=actor, reason=said)
    return line


def take_back(session: Session, ref: str, *, clock: Clock, actor: Actor) -> StatementLine:
    """Look again at a line put aside. Twice is once. Raises NotFound."""
    line = locked_line(session, ref)
    if line.aside_why is not None:
        line.aside_why = line.aside_at = line.aside_by = None
        _trace(session, line, "bank.take_back", clock=clock, actor=actor)
    return line


def locked_line(session: Session, ref: str) -> StatementLine:
    """A line, locked. Raises NotFound."""
    line = locked(session, select(StatementLine).where(StatementLine.ref == ref))
    if line is None:
        raise NotFound("statement_line", N_("This movement does not exist."))
    return line


def _ensure_waiting(session: Session, line: StatementLine) -> None:
    if payout_of_line(session, line) is not None:
        raise Conflict("line_matched", N_("This movement is a payout of Stripe: undo that first."))
    if line.aside_why is not None:
        raise Conflict("line_aside", N_("This movement was put aside: take it back first."))
    if line.cents <= 0:
        raise InvalidInput("not_a_credit", N_("Money that went out pays no invoice."), field="invoice")


def _matched() -> Conflict:
    return Conflict("line_matched", N_("This movement is recorded already: undo its payment first."))


def _link(
    session: Session, line: StatementLine, settlement: Settlement, *, clock: Clock, by_itself: bool = False
) -> None:
    session.add(LineSettlement(line=line, settlement=settlement, by_itself=by_itself, created_at=clock.now()))
    session.flush()


def _trace(session: Session, line: StatementLine, action: str, *, clock: Clock, actor: Actor, **data: object) -> None:
    record(session, action, "statement_line", line.ref, actor=actor, clock=clock, cents=line.cents, **data)
    session.flush()
