"""The letters of the ladder, as mails: the same words in the preview and in the mail that leaves."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.dunning.ladder import Step
from entrepairs.billing.dunning.models import DunningLetter
from entrepairs.billing.dunning.papers import TITLES, Row, letter_pdf, rows_of_letter
from entrepairs.documents.storing import PDF
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.i18n import N_, Sentence, say
from entrepairs.kernel.money import Money
from entrepairs.messages.content import Attachment, Links, MailContent
from entrepairs.messages.models import Message

SUBJECTS: Final[Mapping[Step, str]] = {
    Step.FRIENDLY: N_("An invoice that may have slipped through"),
    Step.REMINDER: N_("Reminder: invoices to be paid"),
    Step.FORMAL: N_("Formal notice to pay"),
}
USUAL_WORDS: Final[Mapping[Step, str]] = {
    Step.FRIENDLY: N_(
        "What is listed below has passed its date. It may simply have slipped through: could you tell us when it will "
        "be paid?"
    ),
    Step.REMINDER: N_(
        "What is listed below is still to be paid. Please have it paid, or tell us what holds it up: we will look for a "
        "way together."
    ),
    Step.FORMAL: N_(
        "In spite of our reminders, what is listed below is still unpaid. The letter attached is a formal notice to pay."
    ),
}
"""What a letter says when the office wrote nothing else."""
CROSSED: Final = N_(
    "If the payment has left meanwhile, please take no account of this message. If something is not right, tell us: we "
    "then stop asking until it is settled."
)


def dunning_letter(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """« Rappel : des factures à régler », with its paper from the second step on."""
    letter = session.scalars(select(DunningLetter).where(DunningLetter.ref == message.subject_ref)).one_or_none()
    if letter is None:
        return None
    paper = letter_pdf(letter)
    title = TITLES.get(letter.step, "")
    attached = () if paper is None else (Attachment(f"{title.lower().replace(' ', '-')}-{letter.ref}.pdf", PDF, paper),)
    words = Sentence("%(words)s", {"words": letter.words}) if letter.words else Sentence(USUAL_WORDS[letter.step])
    return content(letter.step, letter.partner.name, words, rows_of_letter(letter), links.page("/s/factures"), attached)


def content(  # noqa: PLR0917 - the parts of one letter
    step: Step,
    name: str,
    words: Sentence,
    rows: Sequence[Row],
    page: str,
    attachments: tuple[Attachment, ...] = (),
) -> MailContent:
    """The letter as values."""
    cost = Money.sum(one.interest + one.indemnity for one in rows)
    law: tuple[Sentence, ...] = ()
    if step is Step.FORMAL and cost:
        law = (
            say(
                "By law, interest runs from the day after each date and a fixed sum is owed for each invoice: "
                "%(cost)s to this day.",
                cost=cost,
            ),
        )
    return MailContent(
        subject=Sentence(SUBJECTS[step]),
        name=name,
        paragraphs=(words, *law, Sentence(CROSSED)),
        details=tuple(
            (
                say("Invoice %(number)s", number=one.invoice.number),
                say("%(amount)s, due on %(day)s", amount=one.balance, day=one.due_on),
            )
            for one in rows
        ),
        action=(say("See the invoices"), page),
        attachments=attachments,
    )
