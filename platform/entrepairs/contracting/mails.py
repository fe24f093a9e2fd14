"""The letters of contracting: a quote to answer, an agreement to sign, an engagement number awaited."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.contracting.models import Agreement, Quote, QuoteVersion
from entrepairs.contracting.queries import signatory_accounts
from entrepairs.contracting.states import AgreementState, QuoteState
from entrepairs.demands.models import Demand
from entrepairs.demands.queries import dates_sentence, title_of
from entrepairs.demands.states import DemandState
from entrepairs.documents.storing import read_file
from entrepairs.identity.models import Account, TokenPurpose
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.i18n import say
from entrepairs.kernel.money import Money
from entrepairs.messages.content import Attachment, Links, MailContent
from entrepairs.messages.models import Message
from entrepairs.messages.queueing import queue_mail
from entrepairs.network.models import MemberRole, PartnerMember


def queue_quote(session: Session, version: QuoteVersion, *, clock: Clock) -> None:
    """Write to each person who may sign."""
    for account in signatory_accounts(session, version.quote.demand):
        queue_quote_to(session, version, account, clock=clock)


def queue_quote_to(
    session: Session, version: QuoteVersion, account: Account, *, clock: Clock, again: date | None = None
) -> None:
    """Write to one person; `again` is the day the letter is asked for a second time."""
    quote = version.quote
    dedup = f"quote:{quote.ref}:{version.number}:{account.ref}"
    queue_mail(
        session,
        "contracting.quote",
        to_ref=account.ref,
        address=account.email,
        subject_kind="quote",
        subject_ref=quote.ref,
        clock=clock,
        dedup=f"{dedup}:{again.isoformat()}" if again else dedup,
        params={"version": str(version.number)},
    )


def queue_engagement_wanted(session: Session, demand: Demand, *, clock: Clock) -> None:
    """Write to the requester and the accountants that the number is awaited."""
    people = session.scalars(
        select(PartnerMember).where(
            PartnerMember.partner_id == demand.partner_id, PartnerMember.role == MemberRole.ACCOUNTANT
        )
    )
    accounts = {row.account.ref: row.account for row in people if row.account.disabled_at is None}
    if demand.requester is not None:
        accounts[demand.requester.ref] = demand.requester
    for account in accounts.values():
        queue_mail(
            session,
            "contracting.engagement_wanted",
            to_ref=account.ref,
            address=account.email,
            subject_kind="demand",
            subject_ref=demand.ref,
            clock=clock,
            dedup=f"engagement:{demand.ref}:{account.ref}",
        )


def queue_agreement(session: Session, agreement: Agreement, *, clock: Clock) -> None:
    """Send the agreement to the partner's signatories, to be signed and given back."""
    people = session.scalars(
        select(PartnerMember).where(
            PartnerMember.partner_id == agreement.partner_id,
            PartnerMember.role.in_([MemberRole.SIGNATORY, MemberRole.ADMIN]),
        )
    )
    for account in {row.account.ref: row.account for row in people if row.account.disabled_at is None}.values():
        queue_mail(
            session,
            "contracting.agreement",
            to_ref=account.ref,
            address=account.email,
            subject_kind="agreement",
            subject_ref=agreement.ref,
            clock=clock,
            dedup=f"agreement:{agreement.ref}:{account.ref}",
        )


def quote(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """Builder of `contracting.quote`."""
    row = session.scalars(select(Quote).where(Quote.ref == message.subject_ref)).one()
    version = next((one for one in row.versions if str(one.number) == message.params["version"]), None)
    account = _account(session, message)
    if version is None or version.state is not QuoteState.SENT or version.file is None or account is None:
        return None
    days = max((version.valid_until - clock.today()).days + 1, 1)
    subject = token_subject(version)
    url = links.action(TokenPurpose.QUOTE, subject, "/q/{token}", account_id=account.id, days=days)
    return MailContent(
        subject=say("Quote %(number)s to sign", number=row.number),
        name=account.name,
        paragraphs=(
            say("Here is our quote. You can read it and give your agreement in two clicks."),
            say("Opening the page commits you to nothing."),
        ),
        details=(
            (say("What"), title_of(row.demand)),
            (say("When"), dates_sentence(row.demand)),
            (say("Amount without VAT"), Money(version.net)),
            (say("Total"), Money(version.gross)),
            (say("Valid until"), version.valid_until),
        ),
        action=(say("Read the quote"), url),
        attachments=(Attachment(version.file.filename, version.file.media, read_file(session, version.file.id)),),
    )


def token_subject(version: QuoteVersion) -> str:
    """What a link of the letter opens: one version of a quote, `DEV-7K3M-9QX2/2`, never the next one."""
    return f"{version.quote.ref}/{version.number}"


def engagement_wanted(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """Builder of `contracting.engagement_wanted`."""
    demand = session.scalars(select(Demand).where(Demand.ref == message.subject_ref)).one()
    account = _account(session, message)
    if demand.state is not DemandState.AWAITING_ENGAGEMENT or account is None:
        return None
    return MailContent(
        subject=say("An engagement number is awaited"),
        name=account.name,
        paragraphs=(
            say("Everything is agreed. Your establishment asks for an engagement number on its invoices."),
            say("As soon as you give it, we look for who can come."),
        ),
        details=((say("What"), title_of(demand)), (say("When"), dates_sentence(demand))),
        action=(say("Give the number"), links.page(f"/s/demandes/{demand.ref}/engagement")),
    )


def agreement(session: Session, message: Message, links: Links, *, clock: Clock) -> MailContent | None:
    """Builder of `contracting.agreement`."""
    row = session.scalars(select(Agreement).where(Agreement.ref == message.subject_ref)).one()
    account = _account(session, message)
    if row.state is not AgreementState.SENT or row.file is None or account is None:
        return None
    return MailContent(
        subject=say("Framework agreement to sign"),
        name=account.name,
        paragraphs=(
            say("Here is the framework agreement we have prepared together."),
            say("Sign it as your establishment usually does, and send it back to us: we record the signature."),
        ),
        details=((say("What"), row.title),),
        action=(say("Read the agreement"), links.page(f"/s/conventions/{row.ref}")),
        attachments=(Attachment(row.file.filename, row.file.media, read_file(session, row.file.id)),),
    )


def _account(session: Session, message: Message) -> Account | None:
    account = session.scalars(select(Account).where(Account.ref == message.to_ref)).one_or_none()
    return None if account is None or account.disabled_at is not None else account
