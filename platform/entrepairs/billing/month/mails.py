"""The letter of a month end, to who launched it."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.month.months import Month
from entrepairs.identity.models import Account
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.i18n import Sentence, say, say_many
from entrepairs.kernel.money import Money
from entrepairs.messages.content import Links, MailContent
from entrepairs.messages.models import Message
from entrepairs.outbox.models import Run
from entrepairs.outbox.states import RunState

_SUBJECTS: Final = {
    RunState.STOPPED: say("The invoices of the month: stopped"),
    RunState.FAILED: say("The invoices of the month: the work did not come to its end"),
}


def month_billed(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """« Les factures de septembre sont émises »: how many, for how much, what was left aside."""
    run = session.scalars(select(Run).where(Run.ref == message.subject_ref)).one_or_none()
    to = session.scalars(select(Account).where(Account.ref == message.to_ref)).one_or_none()
    if run is None or to is None:
        return None
    month, told = Month.parse(run.subject_ref), run.kept or {}
    issued, refused = int(told.get("issued", 0)), int(told.get("refused", 0))
    return MailContent(
        subject=_SUBJECTS.get(run.state, say("The invoices of the month are issued")),
        name=to.name,
        paragraphs=(*_lead(run, issued), *_left_aside(refused)),
        details=(
            (say("Month"), say("From %(first)s to %(last)s", first=month.first, last=month.last)),
            (say("Invoices issued"), issued),
            (say("Amount"), Money(int(told.get("cents", 0)))),
        ),
        action=(say("See the month"), links.page(f"/a/facturation/mois?mois={month}")),
    )


def _lead(run: Run, issued: int) -> tuple[Sentence, ...]:
    if run.state is RunState.STOPPED:
        return (say("The work was stopped. What was issued stays, the rest can be taken up whenever you like."),)
    if run.state is RunState.FAILED:
        why = run.failure or {}
        return (
            say(
                "The work could not go to its end. What was issued stays; launch it again and it goes on with the rest."
            ),
            *((Sentence(str(why["msgid"]), dict(why.get("params", {}))),) if "msgid" in why else ()),
        )
    if not issued:
        return (say("There was no invoice to issue."),)
    return (
        say_many(
            "One invoice is issued. It leaves as soon as its PDF is drawn.",
            "%(num)s invoices are issued. They leave as their PDFs are drawn.",
            issued,
        ),
    )


def _left_aside(refused: int) -> tuple[Sentence, ...]:
    if not refused:
        return ()
    return (
        say_many(
            "One draft was left aside: its page says what to mend.",
            "%(num)s drafts were left aside: their page says what to mend.",
            refused,
        ),
    )
