"""What happens to money besides the month: a transfer on the wrong invoice, one sent twice, a deposit."""

from datetime import date, time
from functools import partial

from sqlalchemy import select

from entrepairs.billing.corrections import move_surplus, open_invoices_beside, reverse_settlement
from entrepairs.billing.deposits import TAKES_DEPOSIT, draft_deposit, room_of, takes_deposit
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.models import Invoice, InvoiceKind, InvoiceState
from entrepairs.billing.payments import balance_of, record_transfer
from entrepairs.demands.models import Demand
from entrepairs.demo.story import Story
from entrepairs.kernel.money import Money

WRONG: Money = Money.of(480)
TWICE: Money = Money.of(40)
MUCH: Money = Money.of(900)
"""A series worth asking a deposit for."""


def plan_mending(story: Story) -> None:
    """Once the first invoices of January 2027 are out."""
    story.on(date(2027, 1, 8), time(15), partial(_wrong_invoice, story))
    story.on(date(2027, 1, 8), time(16), partial(_paid_twice, story))
    story.on(date(2027, 1, 8), time(17), partial(_deposit, story))


def _wrong_invoice(story: Story) -> None:
    """A transfer of another structure, undone in the hour."""
    for invoice in _issued(story):
        if balance_of(story.session, invoice) > WRONG:
            wrong = _transfer(story, invoice, WRONG, "VIR 2027-0107")
            reverse_settlement(
                story.session,
                invoice.ref,
                wrong,
                reason="Virement d'une autre structure",
                clock=story.clock,
                actor=story.bookkeeping,
            )
            return


def _paid_twice(story: Story) -> None:
    """A little too much on an invoice that was paid: it goes to the next one of the structure."""
    for invoice in _issued(story):
        beside = open_invoices_beside(story.session, invoice)
        if balance_of(story.session, invoice) == Money(0) and beside and balance_of(story.session, beside[0]) > TWICE:
            _transfer(story, invoice, TWICE, "VIR 2027-0108")
            move_surplus(
                story.session,
                invoice.ref,
                beside[0].ref,
                TWICE,
                reason="Frais de déplacement payés deux fois",
                dedup="story",
                clock=story.clock,
                actor=story.bookkeeping,
            )
            return


def _deposit(story: Story) -> None:
    """A third of a series that is to come, asked before it starts."""
    wanted = select(Demand).where(Demand.state.in_(TAKES_DEPOSIT)).order_by(Demand.id.desc())
    for demand in story.session.scalars(wanted):
        left = room_of(story.session, demand).left
        if takes_deposit(demand) and left > MUCH:
            third = Money(left.cents // 3)
            made = draft_deposit(story.session, demand.ref, third, clock=story.clock, actor=story.bookkeeping)
            issue_invoice(story.session, made.ref, clock=story.clock, actor=story.bookkeeping, checker=story.checker)
            return


def _transfer(story: Story, invoice: Invoice, amount: Money, reference: str) -> str:
    return record_transfer(
        story.session,
        invoice.ref,
        amount,
        story.clock.today(),
        reference=reference,
        keep_surplus=True,
        clock=story.clock,
        actor=story.bookkeeping,
    ).ref


def _issued(story: Story) -> list[Invoice]:
    """Newest first."""
    wanted = select(Invoice).where(Invoice.state == InvoiceState.ISSUED, Invoice.kind == InvoiceKind.INVOICE)
    return list(story.session.scalars(wanted.order_by(Invoice.id.desc()).limit(60)))
