"""How the story's public invoices left: by Chorus Pro, which answered day after day, and at last paid.

What Chorus Pro said of the past is written as its answers would have been; nothing is asked of it today. The invoices of
the last weeks are left to the worker, which deposits them for good on the stand-in.
"""

from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Final

from sqlalchemy import select, update

from entrepairs.billing.models import Invoice
from entrepairs.billing.transmission.carriers import Heard, News, Receipt
from entrepairs.billing.transmission.channels import Channel
from entrepairs.billing.transmission.codes import LifeCode
from entrepairs.billing.transmission.following import apply_heard
from entrepairs.billing.transmission.models import EventSource, Transmission
from entrepairs.billing.transmission.sending import TRANSMIT, note_receipt
from entrepairs.demo.story import Story
from entrepairs.kernel.dates import at_paris
from entrepairs.kernel.references import new_reference
from entrepairs.outbox.models import ItemState, OutboxItem
from entrepairs.settings.demo_clock import START

LIVE_FROM: Final = date(2027, 1, 1)
"""Invoices dated from then on are deposited when the demo runs."""
FIRST_FLOW: Final = 4_000_000
SOON: Final = timedelta(minutes=1)
"""After the present of the story: nothing of its past is left to do."""


def deposit(story: Story, ref: str) -> None:
    """Three hours after the issue; the next day it is received and made available."""
    invoice = story.session.scalars(select(Invoice).where(Invoice.ref == ref)).one()
    if invoice.issue_date is None or invoice.issue_date >= LIVE_FROM:
        return
    sending = Transmission(
        ref=new_reference("TRM"),
        invoice=invoice,
        channel=Channel.CHORUS_PRO,
        created_at=story.clock.now(),
        attempted_at=story.clock.now(),
    )
    story.session.add(sending)
    story.session.flush()
    number = FIRST_FLOW + story.random.randrange(999_999)
    note_receipt(story.session, sending.ref, Receipt(f"CPP{number:022d}", str(number)), clock=story.clock)
    sending.look_at = None
    story.later(partial(_received, story, sending.ref), days=1)


def _received(story: Story, ref: str) -> None:
    # By its reference: the story forgets its rows each week.
    sending = story.session.scalars(select(Transmission).where(Transmission.ref == ref)).one()
    now = story.clock.now()
    _hear(
        story,
        sending,
        (LifeCode.RECEIVED, "EN_COURS_ACHEMINEMENT", now - timedelta(hours=12)),
        (LifeCode.MADE_AVAILABLE, "MISE_A_DISPOSITION", now),
    )
    # The worker is not to ask the stand-in about what it was never given.
    sending.closed_at, sending.look_at = now, None


def pays_soon(story: Story, ref: str) -> None:
    """The service is done, the payment ordered, then made: the money follows."""
    sending = story.session.scalars(
        select(Transmission)
        .join(Invoice, Invoice.id == Transmission.invoice_id)
        .where(Invoice.ref == ref, Transmission.channel == Channel.CHORUS_PRO)
    ).one_or_none()
    if sending is None:
        return
    today = story.clock.today()
    _hear(
        story,
        sending,
        (LifeCode.TAKEN_IN_HAND, "SERVICE_FAIT", at_paris(today - timedelta(days=9), time(11))),
        (LifeCode.APPROVED, "MANDATEE", at_paris(today - timedelta(days=3), time(11))),
        (LifeCode.PAYMENT_SENT, "MISE_EN_PAIEMENT", story.clock.now()),
    )


def _hear(story: Story, sending: Transmission, *told: tuple[LifeCode, str, datetime]) -> None:
    receipt = Receipt(sending.remote_ref or "", sending.document_ref or "")
    news = tuple(News(status, int(code), at, payload={"status": status}) for code, status, at in told)
    apply_heard(story.session, sending.ref, Heard(receipt, news), source=EventSource.CHORUS_PRO, clock=story.clock)


def leave_deposits(story: Story) -> None:
    """Of the deposits planned since the beginning, only the last invoices' are left to the worker, due in a moment."""
    refs = select(Invoice.ref).where(Invoice.issue_date >= LIVE_FROM)
    planned = (OutboxItem.kind == TRANSMIT, OutboxItem.state == ItemState.PENDING)
    quiet = {"synchronize_session": False}
    story.session.execute(
        update(OutboxItem)
        .where(*planned, OutboxItem.subject_ref.not_in(refs))
        .values(state=ItemState.DONE, attempts=1, done_at=OutboxItem.due_at)
        .execution_options(**quiet)
    )
    story.session.execute(update(OutboxItem).where(*planned).values(due_at=START + SOON).execution_options(**quiet))
