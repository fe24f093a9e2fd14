"""Late payments: the days the office sends its letters, what is contested, promised, given up."""

from collections.abc import Collection
from datetime import date, time
from functools import partial
from typing import Final

from sqlalchemy import select

from entrepairs.billing.dunning.claiming import waive_interest
from entrepairs.billing.dunning.pausing import note_promise, open_dispute
from entrepairs.billing.dunning.sending import proposed_letters, send_letters
from entrepairs.billing.models import OWED, Invoice, InvoiceState
from entrepairs.demo.reading import Page
from entrepairs.demo.story import Story
from entrepairs.kernel.dates import add_months
from entrepairs.network.models import Partner

AFTERNOON: Final = time(15)


def plan_dunning(story: Story, page: Page) -> None:
    """Put on the agenda what `money.toml` tells of late payments."""
    for row in page["letters"]:
        for day in row["on"]:
            story.on(day, AFTERNOON, partial(_send, story, row["steps"]))
    for row in page["late"]:
        story.on(row["on"], AFTERNOON, partial(_note, story, row))


def _send(story: Story, steps: Collection[str]) -> None:
    """The letters of the day of these steps, in the usual words."""
    proposed = proposed_letters(story.session, story.clock.today())
    chosen = {one.key: "" for one in proposed if one.step.value in steps}
    send_letters(story.session, chosen, clock=story.clock, actor=story.bookkeeping)


def _note(story: Story, row: Page) -> None:
    for ref in _invoices(story, row["structure"], row["month"]):
        if "contested" in row:
            open_dispute(story.session, ref, reason=row["contested"], clock=story.clock, actor=story.bookkeeping)
        elif "promised" in row:
            note_promise(
                story.session,
                ref,
                until=row["promised"],
                note=row.get("said", ""),
                clock=story.clock,
                actor=story.bookkeeping,
            )
        else:
            waive_interest(story.session, ref, reason=row["given_up"], clock=story.clock, actor=story.bookkeeping)


def _invoices(story: Story, key: str, month: date) -> list[str]:
    """What that structure was invoiced that month."""
    wanted = (
        select(Invoice.ref)
        .join(Partner, Partner.id == Invoice.partner_id)
        .where(Partner.ref == story.structures[key].ref, Invoice.state == InvoiceState.ISSUED, Invoice.kind.in_(OWED))
        .where(Invoice.issue_date >= month, Invoice.issue_date < add_months(month, 1))
        .order_by(Invoice.id)
    )
    return list(story.session.scalars(wanted))
