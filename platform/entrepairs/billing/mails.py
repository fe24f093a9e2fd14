"""The mail that carries an invoice or a credit note to the structure's billing address."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.models import OWED, Invoice, InvoiceKind
from entrepairs.documents.storing import PDF, read_file
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.i18n import Sentence, say
from entrepairs.kernel.money import Money
from entrepairs.messages.content import Attachment, Links, MailContent
from entrepairs.messages.models import Message
from entrepairs.network.partners import PUBLIC_PAYERS


def invoice_sent(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """« Votre facture FA2027-00042 », with the Factur-X attached; None while it is not drawn."""
    invoice = session.scalars(select(Invoice).where(Invoice.ref == message.subject_ref)).one_or_none()
    if invoice is None or invoice.file is None:
        return None
    pdf = Attachment(f"{invoice.number}.pdf", PDF, read_file(session, invoice.file.pdf_id))
    page = links.page(f"/s/factures/{invoice.ref}")
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        return MailContent(
            subject=say("Your credit note %(number)s", number=invoice.number),
            name=invoice.partner.name,
            paragraphs=(
                say("The credit note is attached. It reduces what you owe by %(amount)s.", amount=_gross(invoice)),
            ),
            details=_details(invoice),
            action=(say("See the credit note"), page),
            attachments=(pdf,),
        )
    return MailContent(
        subject=say("Your invoice %(number)s", number=invoice.number),
        name=invoice.partner.name,
        paragraphs=(
            say("Your invoice is attached, as an electronic invoice (Factur-X). Thank you."),
            _how_to_pay(invoice),
        ),
        details=_details(invoice),
        action=(say("See the invoice"), page),
        attachments=(pdf,),
    )


def _gross(invoice: Invoice) -> Money:
    return Money(invoice.gross)


def _details(invoice: Invoice) -> tuple[tuple[Sentence, object], ...]:
    rows: list[tuple[Sentence, object]] = [
        (say("Number"), invoice.number),
        (say("Amount"), _gross(invoice)),
    ]
    if invoice.kind in OWED:
        rows.append((say("To be paid by"), invoice.due_date))
        rows.append((say("IBAN"), invoice.seller["iban"]))
    if invoice.engagement:
        rows.append((say("Commitment number"), invoice.engagement))
    return tuple(rows)


def _how_to_pay(invoice: Invoice) -> Sentence:
    if invoice.partner.payer_kind in PUBLIC_PAYERS:
        return say("Please pay by bank transfer, with the number of the invoice. We deposit it on Chorus Pro as well.")
    return say("You can pay online from its page, or by bank transfer with the number of the invoice.")
