"""The letters of what happens to money paid online."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.models import CheckoutPayment
from entrepairs.billing.online.models import StripeDispute
from entrepairs.billing.payments import balance_of
from entrepairs.identity.models import Account
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import paris_day
from entrepairs.kernel.i18n import Sentence, say
from entrepairs.kernel.money import Money
from entrepairs.messages.content import Links, MailContent
from entrepairs.messages.models import Message


def debit_failed(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """« Le prélèvement n'a pas abouti »: nothing was taken, and what is possible instead; None once it is paid."""
    payment = session.scalars(select(CheckoutPayment).where(CheckoutPayment.ref == message.subject_ref)).one_or_none()
    if payment is None or balance_of(session, payment.invoice).cents <= 0:
        return None
    invoice = payment.invoice
    return MailContent(
        subject=say("Your payment of invoice %(number)s did not go through", number=invoice.number),
        name=invoice.partner.name,
        paragraphs=(
            say(
                "Your bank did not take the direct debit. Nothing was taken from your account: it happens, it is not serious."
            ),
            say(
                "You can pay again online, by card or by direct debit, or make a bank transfer with the number of the invoice."
            ),
        ),
        details=(
            (say("Number"), invoice.number),
            (say("Amount"), balance_of(session, invoice)),
            (say("IBAN"), invoice.seller["iban"]),
        ),
        action=(say("See the invoice"), links.page(f"/s/factures/{invoice.ref}")),
        note=say("If another payment is on its way already, there is nothing to do."),
    )


def dispute_opened(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """« Un paiement est contesté »: what it means and until when one can answer."""
    dispute = session.scalars(select(StripeDispute).where(StripeDispute.ref == message.subject_ref)).one_or_none()
    to = session.scalars(select(Account).where(Account.ref == message.to_ref)).one_or_none()
    if dispute is None or to is None:
        return None
    invoice = dispute.payment.invoice
    return MailContent(
        subject=say("An online payment is contested: invoice %(number)s", number=invoice.number),
        name=to.name,
        paragraphs=(
            say("The payer's bank asks for this payment back. The invoice is to be paid again."),
            _what_now(dispute),
        ),
        details=(
            (say("Number"), invoice.number),
            (say("Structure"), invoice.partner.name),
            (say("Amount"), Money(dispute.cents)),
        ),
        action=(say("See what is to be done"), links.page("/a/facturation/stripe")),
    )


def _what_now(dispute: StripeDispute) -> Sentence:
    if dispute.answer_by is None:
        return say(
            "A direct debit that is contested cannot be answered: agree with the structure on another way to pay."
        )
    return say(
        "To keep the money, answer on Stripe's pages before %(day)s, with the quote signed and the service confirmed.",
        day=paris_day(dispute.answer_by),
    )
