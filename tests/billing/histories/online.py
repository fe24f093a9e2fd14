"""Gestures of what is paid online: its page, the payment, money given back, contested, paid out; every answer may be lost."""

from datetime import date

from sqlalchemy import select

from entrepairs.billing.checkout import open_checkout, start_checkout
from entrepairs.billing.online.looking import DISPUTE, PAYOUT, REFUND, SESSION, Thing, look_at
from entrepairs.billing.online.models import RefundState, StripePayout
from entrepairs.billing.online.payouts import receive_payout, undo_receipt
from entrepairs.billing.online.refunds import approve_refund, ask_refund, refuse_refund, send_refund
from entrepairs.kernel.errors import Unavailable
from entrepairs.kernel.money import Money
from tests.billing.histories.memory import Given, Paid, Payout, Sheet
from tests.billing.histories.oracle import BANK, TRANSIT, Between
from tests.billing.histories.paying import an_amount
from tests.billing.histories.story import OFFICE, Story
from tests.billing.histories.world import SECOND, THRESHOLD

FEE_OF_DISPUTE = 2000


def open_page(story: Story, sheet: Sheet) -> None:
    """The page of a payment, asked for again while its answer is lost."""
    live = next((one for one in sheet.paid if one.state == "open"), None)
    refusal: tuple[str, ...] = ()
    if sheet.issued_on is None:
        refusal = ("not_payable",)
    elif story.is_public(sheet):
        refusal = ("public_payer",)
    elif sheet.balance <= 0:
        refusal = ("already_paid",)
    ref = story.attempt(
        f"pay {sheet.number or sheet.ref} online",
        lambda: open_checkout(story.session, sheet.ref, clock=story.clock, actor=OFFICE).ref,
        *refusal,
    )
    if ref is None:
        return
    if live is not None:
        story.expect("one page at a time", ref, live.ref)
        return
    story.stripe.lose = lost = story.draw.choice([0, 0, 1, 2])
    for _ in range(lost):
        story.attempt("its answer is lost", lambda: _start(story, ref), "stripe_unavailable")
    story.attempt("its page", lambda: _start(story, ref))
    session_id = _start(story, ref)
    sheet.paid.append(Paid(ref, sheet.balance, session_id))
    story.expect("pages at Stripe", len(story.stripe.sessions), sum(len(one.paid) for one in story.sheets))


def _start(story: Story, ref: str) -> str:
    started = start_checkout(story.session, ref, story.stripe, clock=story.clock)  # type: ignore[arg-type]
    return started.session_id or ""


def pay_page(story: Story, sheet: Sheet, paid: Paid) -> None:
    """The payer pays, whatever became of the invoice meanwhile; the news come several times."""
    fee = paid.cents // 70 + 25
    facts = story.stripe.pay(paid.session_id, fee=fee)
    thing = Thing(SESSION, paid.session_id)
    story.attempt(f"{paid.cents} paid online on {sheet.number}", lambda: hear(story, thing))
    sheet.receive("stripe", paid.cents, story.today)
    paid.state = "paid"
    story.expect("what Stripe was paid", facts.amount.cents, paid.cents)
    again = story.draw.choice([thing, Thing("payment_intent", facts.payment_intent or "")])
    story.unchanged("the same news", lambda: hear(story, again))


def hear(story: Story, thing: Thing) -> None:
    """News of a thing: it is fetched, and applied as it is."""
    known = look_at(story.session, thing, story.stripe, clock=story.clock, commit=story.session.flush)  # type: ignore[arg-type]
    story.expect("ours", known, True)


def ask_back(story: Story, sheet: Sheet) -> None:
    """Money to give back the way it came; above the threshold by two people."""
    surplus, by_payment = sheet.surplus, sheet.refundable()
    most = max(by_payment.values(), default=0)
    cents = an_amount(story, max(1, min(surplus, most or surplus)))
    if story.draw.random() < 0.1:
        cents += max(surplus, 0)
    refusal: tuple[str, ...] = ()
    if cents > surplus:
        refusal = ("refund_too_high",)
    elif not by_payment:
        refusal = ("nothing_online",)
    elif cents > most:
        refusal = ("refund_above_payment",)
    key = f"o{len(story.told)}"
    made = story.attempt(
        f"give {cents} back online on {sheet.number}",
        lambda: ask_refund(
            story.session,
            sheet.ref,
            Money(cents),
            reason="Payée deux fois",
            dedup=key,
            clock=story.clock,
            actor=OFFICE,
        ),
        *refusal,
    )
    if made is None:
        return
    paid = next(one for one in sheet.paid if one.ref == made.payment.ref)
    before = sum(one.cents for one in sheet.given if one.alone and one.state in {"asked", "done"})
    alone = before + cents <= THRESHOLD
    story.expect("waits for a second person", made.state is RefundState.WAITING, not alone)
    sheet.given.append(Given(made.ref, paid, cents, "asked" if alone else "waiting", OFFICE.ref, alone))


def decide_back(story: Story, sheet: Sheet, given: Given) -> None:
    """Approved or refused by another, then sent; its answer may be lost; its bank may not take it."""
    ref = given.ref
    if given.state == "waiting":
        story.attempt(
            "approve one's own",
            lambda: approve_refund(story.session, ref, clock=story.clock, actor=OFFICE),
            "same_person",
        )
        if story.draw.random() < 0.25:
            story.attempt("refused", lambda: refuse_refund(story.session, ref, clock=story.clock, actor=SECOND))
            given.state = "refused"
            return
        gone = ("surplus_gone",) if sheet.surplus < 0 else ()
        story.attempt("approved", lambda: approve_refund(story.session, ref, clock=story.clock, actor=SECOND), *gone)
        given.state = given.state if gone else "asked"
        return
    if given.state == "asked":
        _send(story, sheet, given)
    elif given.state == "done" and story.draw.random() < 0.4:
        _bounce(story, sheet, given)
    else:
        story.unchanged("sent again", lambda: _sent(story, ref))


def _send(story: Story, sheet: Sheet, given: Given) -> None:
    if given.paid.contested in {"opened", "lost"}:  # asked before the payer contested: Stripe itself would refuse
        return
    story.stripe.lose = lost = story.draw.choice([0, 0, 1])
    for _ in range(lost):
        try:  # the call stays known, as the worker commits it before
            _sent(story, given.ref)
        except Unavailable:
            story.told.append("its answer is lost")
    story.attempt(f"{given.cents} leaves", lambda: _sent(story, given.ref))
    sheet.receive("stripe_refund", -given.cents, story.today)
    given.state = "done"
    refund = next(one for one in story.stripe.refunds.values() if one.our_ref == given.ref)
    story.unchanged("its news", lambda: hear(story, Thing(REFUND, refund.refund_id, refund.payment_intent)))


def _sent(story: Story, ref: str) -> None:
    send_refund(story.session, ref, story.stripe, clock=story.clock, commit=story.session.flush)  # type: ignore[arg-type]


def _bounce(story: Story, sheet: Sheet, given: Given) -> None:
    refund = next(one for one in story.stripe.refunds.values() if one.our_ref == given.ref)
    story.stripe.fail_refund(refund.refund_id)
    thing = Thing(REFUND, refund.refund_id, refund.payment_intent)
    story.attempt(f"{given.cents} comes back", lambda: hear(story, thing))
    sheet.receive("stripe_refund_failed", given.cents, story.today)
    given.state = "failed"
    story.unchanged("its news", lambda: hear(story, thing))


def dispute(story: Story, sheet: Sheet, paid: Paid) -> None:
    """Contested at the payer's bank, then decided."""
    intent = story.stripe.sessions[paid.session_id].payment_intent
    if not paid.contested:
        paid.dispute = story.stripe.dispute(paid.session_id, fee=FEE_OF_DISPUTE)
        cents, kind, paid.contested = -paid.cents, "disputed", "opened"
    elif paid.contested == "opened":
        won = story.draw.random() < 0.5
        story.stripe.decide(paid.dispute, won=won)
        cents, kind, paid.contested = (paid.cents if won else 0), "dispute_won", "won" if won else "lost"
    else:
        return
    thing = Thing(DISPUTE, paid.dispute, intent)
    story.attempt(f"payment {paid.ref}: {paid.contested}", lambda: hear(story, thing))
    if cents:
        sheet.receive(kind, cents, story.today)
    story.unchanged("its news", lambda: hear(story, thing))


def payout(story: Story) -> None:
    """What Stripe holds goes to our bank."""
    held = story.stripe.held
    if held <= 0:
        return
    payout_id = story.stripe.pay_out(an_amount(story, held), story.today)
    thing = Thing(PAYOUT, payout_id)
    story.attempt("a payout", lambda: hear(story, thing))
    row = story.session.scalars(select(StripePayout).where(StripePayout.payout_id == payout_id)).one()
    story.payouts[row.ref] = Payout(payout_id, row.cents)
    story.unchanged("its news", lambda: hear(story, thing))


def follow_payout(story: Story, ref: str) -> None:
    """Received by our bank, undone, or sent back."""
    sent = story.payouts[ref]

    def receive(on: date | None = None) -> object:
        return receive_payout(story.session, ref, on or story.today, clock=story.clock, actor=OFFICE)

    if sent.state == "failed":
        story.attempt("receive what came back", receive, "payout_failed")
    elif sent.state == "received":
        story.unchanged("received", lambda: receive(sent.received_on))
        if sent.received_on != story.today:
            story.attempt("received another day", receive, "payout_received")
        story.attempt("not received", lambda: undo_receipt(story.session, ref, clock=story.clock, actor=OFFICE))
        _between(story, ref, TRANSIT, BANK, sent.cents)
        sent.state, sent.received_on = "sent", None
    elif story.draw.random() < 0.7:
        story.attempt(f"payout of {sent.cents} received", receive)
        _between(story, ref, BANK, TRANSIT, sent.cents)
        sent.state, sent.received_on = "received", story.today
    else:
        story.stripe.bounce(sent.payout_id)
        story.attempt("payout sent back", lambda: hear(story, Thing(PAYOUT, sent.payout_id)))
        sent.state = "failed"


def _between(story: Story, ref: str, debited: str, credited: str, cents: int) -> None:
    story.by_hand.append(Between(ref, "BQ", debited, credited, cents, story.today, story.clock.now()))
    story.bank += cents if debited == BANK else -cents
