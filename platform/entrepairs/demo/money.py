"""Money: invoices on the fifth of each month, what is paid and how, grants, and what the house spends."""

from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Final

from sqlalchemy import select

from entrepairs.billing.checkout import apply_facts, open_checkout, start_checkout
from entrepairs.billing.credit_notes import credit_invoice
from entrepairs.billing.drafting import draft_invoices
from entrepairs.billing.drafts.attachments import attach_file
from entrepairs.billing.drafts.discounts import give_discount
from entrepairs.billing.drafts.rules import Discount
from entrepairs.billing.einvoice.model import AttachmentKind
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.models import Invoice
from entrepairs.billing.online.payouts import apply_payout, receive_payout
from entrepairs.billing.payments import balance_of, record_refund, record_transfer
from entrepairs.cooperative.grants import close_grant, notify_grant, receive_grant, record_grant, report_grant
from entrepairs.demo.books import plan_books, spend
from entrepairs.demo.dunning import plan_dunning
from entrepairs.demo.reading import Page, read_page, read_rows
from entrepairs.demo.story import Story
from entrepairs.demo.taking_back import contest, give_back_online
from entrepairs.demo.transmitting import deposit, pays_soon
from entrepairs.kernel.dates import add_months, month_start
from entrepairs.kernel.errors import Conflict
from entrepairs.kernel.money import Money
from entrepairs.ledger.chart import JournalCode
from entrepairs.ledger.posting import Posting, post
from entrepairs.network.partners import PUBLIC_PAYERS
from entrepairs.settings.demo_clock import START

FIRST_INVOICES: Final = date(2025, 8, 1)
BILLING_DAY: Final = 5
SHEET: Final = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj trailer<</Root 1 0 R>>\n%%EOF\n"
)
"""A blank page, in place of a signed attendance sheet."""
USUAL_DAYS: Final = 30
PAID_WITHIN: Final = 2
"""Days between « mise en paiement » and the money."""
DAYS_HELD: Final = 3
"""How long Stripe keeps what was paid by card before it sends it."""


def plan_money(story: Story) -> None:
    """Put every month's billing, the grants and the spending on the agenda."""
    habits = {row["key"]: row for row in read_rows("structures", "structure")}
    page = read_page("money")
    exceptions = {(row["structure"], row["month"]): row for row in page["exception"]}
    month = FIRST_INVOICES
    while month <= date(2027, 1, 1):
        day = _weekday(month.replace(day=BILLING_DAY))
        for place, key in enumerate(sorted(habits)):  # one after the other: numbers follow the hours
            row = exceptions.get((key, month), {})
            if (month.month - 1) % habits[key].get("billed_every", 1):
                continue  # by the quarter: January, April, July, October
            story.on(day, time(10, 2 * place), partial(_bill, story, key, {**habits[key], **row}, month))
        month = add_months(month, 1)
    # The last invoices are drawn while the last days go by: the printer sees what is committed.
    story.on(month_start(START.date()).replace(day=BILLING_DAY + 2), time(12), story.session.commit)
    for row in page["grant"]:
        story.on(row["asked"], time(16), partial(_ask_grant, story, row))
    for row in page["books"]:
        story.on(row["on"], time(18), partial(_post_books, story, row, row.get("dated", row["on"])))
    plan_dunning(story, page)
    _plan_spending(story, page["spending"])
    plan_books(story)


def _weekday(day: date) -> date:
    """The day, or the Monday after it."""
    return day + timedelta(days=7 - day.weekday()) if day.weekday() >= 5 else day


# --- invoices --------------------------------------------------------------------------------------------------


def _bill(story: Story, key: str, habit: Page, month: date) -> None:
    """Everything done before the month, one invoice by routing; a draft stays when the habit says so."""
    structure = story.structures.get(key)
    if structure is None:
        return
    last = month_start(month) - timedelta(days=1)
    try:
        drafts = draft_invoices(story.session, structure.ref, until=last, clock=story.clock, actor=story.bookkeeping)
    except Conflict:  # nothing was done, or all of it since the first of the month
        return
    for draft in drafts:
        _dress(story, draft.ref, habit)
        if not habit.get("draft"):
            _issue(story, draft.ref, habit)


def _dress(story: Story, ref: str, habit: Page) -> None:
    """A discount that was agreed, the attendance sheet that the payer asked for."""
    if "discount" in habit:
        given = Discount("64", percent=Decimal(habit["discount"]), more="première année")
        give_discount(story.session, ref, given, clock=story.clock, actor=story.bookkeeping)
    if habit.get("attached"):
        attach_file(
            story.session,
            ref,
            "emargement.pdf",
            SHEET,
            AttachmentKind.SUPPORTING,
            clock=story.clock,
            actor=story.bookkeeping,
        )


def _issue(story: Story, ref: str, habit: Page) -> None:
    invoice = issue_invoice(story.session, ref, clock=story.clock, actor=story.bookkeeping, checker=story.checker)
    public = invoice.partner.payer_kind in PUBLIC_PAYERS
    if public:
        story.later(partial(deposit, story, ref), hours=3)
    if "credited" in habit:
        story.on(habit["credited"], time(11), partial(_credit, story, ref, habit))
    if habit.get("unpaid"):
        return
    after = timedelta(days=habit.get("pays_after", USUAL_DAYS))
    if public and not habit.get("part"):
        story.later(partial(pays_soon, story, ref), days=after.days - PAID_WITHIN)
    if habit.get("part"):
        story.later(partial(_transfer, story, ref, Money(invoice.gross * habit["part"] // 100)), days=after.days)
    elif habit.get("pays_by") == "stripe":
        story.later(partial(_pay_online, story, ref), days=after.days)
        if "disputed" in habit:
            story.on(habit["disputed"], time(6, 30), partial(contest, story, ref, habit))
    else:
        story.later(partial(_transfer, story, ref, None), days=after.days)


def _transfer(story: Story, ref: str, amount: Money | None) -> None:
    invoice = story.session.scalars(select(Invoice).where(Invoice.ref == ref)).one()
    left = balance_of(story.session, invoice)
    if left.cents <= 0:
        return
    record_transfer(
        story.session,
        ref,
        amount or left,
        story.clock.today(),
        reference=f"VIR {invoice.number}",
        clock=story.clock,
        actor=story.bookkeeping,
    )


def _pay_online(story: Story, ref: str) -> None:
    """Paid by card on the page of Stripe."""
    session, clock, gateway = story.session, story.clock, story.stripe.gateway
    payment = open_checkout(session, ref, clock=clock, actor=story.bookkeeping)
    session_id = str(start_checkout(session, payment.ref, gateway, clock=clock).session_id)
    story.stripe.pay(session_id)
    apply_facts(session, payment.ref, gateway.fetch_session(session_id), clock=clock)
    story.later(partial(_pay_out, story), days=DAYS_HELD)


def _pay_out(story: Story) -> None:
    """Stripe sends what it holds to the bank, which credits it two days later."""
    payout_id = story.stripe.send_payout()
    if payout_id is None:  # it left with an earlier one
        return
    sent = apply_payout(story.session, story.stripe.gateway.fetch_payout(payout_id), clock=story.clock)
    story.on(_weekday(sent.arrives_on), time(11), partial(_paid_out, story, payout_id))


def _paid_out(story: Story, payout_id: str) -> None:
    story.stripe.payout_arrives(payout_id)
    arrived = apply_payout(story.session, story.stripe.gateway.fetch_payout(payout_id), clock=story.clock)
    receive_payout(story.session, arrived.ref, story.clock.today(), clock=story.clock, actor=story.bookkeeping)


def _credit(story: Story, ref: str, habit: Page) -> None:
    invoice = story.session.scalars(select(Invoice).where(Invoice.ref == ref)).one()
    credit_invoice(
        story.session,
        ref,
        reason=habit["why"],
        positions=habit.get("lines"),
        bill_again=habit.get("bill_again", False),
        clock=story.clock,
        actor=story.bookkeeping,
        checker=story.checker,
    )
    note = story.session.scalars(select(Invoice).where(Invoice.corrected_id == invoice.id)).first()
    if note is not None and invoice.partner.payer_kind in PUBLIC_PAYERS:
        story.later(partial(deposit, story, note.ref), hours=3)
    surplus = -balance_of(story.session, invoice)
    if surplus.cents > 0 and habit.get("online"):
        give_back_online(story, ref, surplus, habit["why"])
    elif surplus.cents > 0:
        record_refund(
            story.session,
            ref,
            surplus,
            story.clock.today(),
            reference=f"VIR {invoice.number}",
            clock=story.clock,
            actor=story.bookkeeping,
        )


# --- grants and spending ----------------------------------------------------------------------------------------


def _ask_grant(story: Story, row: Page) -> None:
    grant = record_grant(
        story.session,
        funder=row["funder"],
        purpose=row["purpose"],
        amount=Money.of(row["amount"]),
        first=row["first"],
        last=row["last"],
        report_due_on=row.get("report_due"),
        actor=story.bookkeeping,
        clock=story.clock,
    )
    if "notified" in row:
        story.on(row["notified"], time(11), partial(_notify_grant, story, grant.ref, row["notified"]))
    for day, euros in row.get("received", []):
        story.on(day, time(12), partial(_receive_grant, story, grant.ref, Money.of(euros), day))
    for name, step in (("reported", report_grant), ("closed", close_grant)):
        if name in row:
            story.on(row[name], time(15), partial(_move_grant, story, grant.ref, step))


def _notify_grant(story: Story, ref: str, on: date) -> None:
    notify_grant(story.session, ref, on=on, actor=story.bookkeeping, clock=story.clock)


def _receive_grant(story: Story, ref: str, amount: Money, on: date) -> None:
    receive_grant(story.session, ref, amount, on=on, actor=story.bookkeeping, clock=story.clock)


def _move_grant(story: Story, ref: str, step: Callable[..., object]) -> None:
    step(story.session, ref, actor=story.bookkeeping, clock=story.clock)


def _post_books(story: Story, row: Page, day: date) -> None:
    """What the books held before the platform: an opening, six months taken over from a spreadsheet."""
    lines = [
        Posting(account, debit=Money.of(max(euros, 0)), credit=Money.of(max(-euros, 0)))
        for account, euros in row["lines"]
    ]
    post(
        story.session,
        JournalCode.OPENING if row["piece"].startswith("OUV") else JournalCode.MISCELLANEOUS,
        day,
        row["piece"],
        row["label"],
        lines,
        dedup=f"demo:{row['piece']}",
        clock=story.clock,
    )


def _plan_spending(story: Story, rows: list[Page]) -> None:
    """One entry a month: what is spent on its last working days."""
    month = date(2025, 1, 1)
    while month < date(2027, 1, 1):
        lines = {row["account"]: Money.of(row["euros"]) for row in rows if row["first"] <= month <= row["last"]}
        day = add_months(month, 1) - timedelta(days=3)
        story.on(max(day, date(2025, 7, 2)), time(17), partial(spend, story, lines, day))
        month = add_months(month, 1)
