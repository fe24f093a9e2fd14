"""Framework agreements: drafted, sent, signed on the days of `agreements.toml`, at prices near the voted ones."""

from datetime import time
from decimal import Decimal
from functools import partial

from entrepairs.contracting.agreements import (
    Terms,
    draft_agreement,
    send_agreement,
    sign_agreement,
    terminate_agreement,
)
from entrepairs.contracting.models import InvoiceGrouping, RecordAccess
from entrepairs.demo.reading import Page, read_rows
from entrepairs.demo.story import Story
from entrepairs.kernel.money import Money


def plan_agreements(story: Story) -> None:
    """Put every agreement on the agenda."""
    for row in read_rows("agreements", "agreement"):
        story.on(row["drafted"], time(11), partial(_draft, story, row))


def _draft(story: Story, row: Page) -> None:
    structure = story.structures[row["structure"]]
    signatory = structure.people[row["signatory"]]
    terms = Terms(
        title=row["title"],
        first_day=row["first"],
        last_day=row["last"],
        ceiling=Money.of(row["ceiling"]) if "ceiling" in row else None,
        prices={code: Money.of(euros) for code, euros in row["prices"].items()},
        record_access=RecordAccess(row["record_access"]),
        signatory=signatory.name,
        signatory_function=signatory.function,
        tacit_days=row.get("tacit_days"),
        payment_days=row.get("payment_days"),
        procurement_basis=row.get("basis", ""),
        project=row.get("project", ""),
        grouping=InvoiceGrouping(row.get("grouping", "month")),
        cancel_notice_days=row.get("cancel_notice_days"),
        cancel_percent=Decimal(row["cancel_percent"]) if "cancel_percent" in row else None,
    )
    made = draft_agreement(story.session, structure.ref, terms, actor=story.coordination, clock=story.clock)
    for name, step in (("sent", _send), ("signed", _sign), ("ended", _end)):
        if name in row:
            story.on(row[name], time(15), partial(step, story, made.ref, row))


def _send(story: Story, ref: str, row: Page) -> None:
    send_agreement(story.session, ref, actor=story.coordination, clock=story.clock)


def _sign(story: Story, ref: str, row: Page) -> None:
    signatory = story.structures[row["structure"]].people[row["signatory"]]
    sign_agreement(
        story.session,
        ref,
        signed_on=row["signed"],
        signatory=signatory.name,
        signatory_function=signatory.function,
        actor=story.coordination,
        clock=story.clock,
    )


def _end(story: Story, ref: str, row: Page) -> None:
    terminate_agreement(story.session, ref, actor=story.coordination, clock=story.clock)
