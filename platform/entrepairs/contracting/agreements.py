"""Framework agreements: drafted, sent as a PDF, active once a signature is recorded, ended by the calendar."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.moving import move
from entrepairs.audit.recording import record
from entrepairs.catalogue.models import Offering
from entrepairs.contracting import mails, papers, rules
from entrepairs.contracting.considering import reconsider_waiting
from entrepairs.contracting.models import Agreement, AgreementPrice, InvoiceGrouping, RecordAccess
from entrepairs.contracting.states import AGREEMENT_TRANSITIONS, LIVE_AGREEMENTS, AgreementEvent, AgreementState
from entrepairs.db import locked
from entrepairs.documents.numbering import take_number
from entrepairs.documents.rendering import render_pdf
from entrepairs.documents.storing import PDF, store_file
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import add_months
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.identifiers import is_buyer_reference
from entrepairs.kernel.money import Money
from entrepairs.kernel.parameters import figures
from entrepairs.kernel.references import new_reference
from entrepairs.kernel.transitions import next_state
from entrepairs.network.models import Partner, PayerKind
from entrepairs.network.partners import PUBLIC_PAYERS

SERIES: Final = "CV"
NEAR_END: Final = timedelta(days=60)
_KEPT_YEARS: Final = 10


@dataclass(frozen=True, slots=True)
class Terms:
    """What an agreement says. `last_day` is included; `prices` by offering code, without VAT.

    `cancel_notice_days` and `cancel_percent` go together; without them the rule voted for everybody holds.
    """

    title: str
    first_day: date
    last_day: date
    ceiling: Money | None
    prices: Mapping[str, Money]
    record_access: RecordAccess
    signatory: str
    signatory_function: str
    tacit_days: int | None = None
    payment_days: int | None = None
    end_of_month: bool = False
    late_rate: Decimal | None = None
    procurement_basis: str = ""
    grouping: InvoiceGrouping = InvoiceGrouping.MONTH
    yearly_engagement: bool = False
    cancel_notice_days: int | None = None
    cancel_percent: Decimal | None = None
    project: str = ""


def draft_agreement(session: Session, partner_ref: str, terms: Terms, *, actor: Actor, clock: Clock) -> Agreement:
    """A draft for a partner. Raises NotFound, InvalidInput, Conflict("refers_only")."""
    partner = session.scalars(select(Partner).where(Partner.ref == partner_ref)).one_or_none()
    if partner is None:
        raise NotFound("partner", N_("This structure does not exist."))
    if partner.payer_kind is PayerKind.NONE:
        raise Conflict("refers_only", N_("This structure only refers people: it has nothing to contract."))
    _ensure_sound(terms, partner, clock.today())
    agreement = Agreement(
        ref=new_reference("CNV"), partner_id=partner.id, state=AgreementState.DRAFT, created_at=clock.now()
    )
    agreement.partner = partner
    _fill(agreement, terms, clock)
    session.add(agreement)
    session.flush()
    _set_prices(session, agreement, terms.prices)
    record(session, "agreement.draft", "agreement", agreement.ref, actor=actor, clock=clock)
    return agreement


def edit_agreement(session: Session, ref: str, terms: Terms, *, actor: Actor, clock: Clock) -> Agreement:
    """Write a draft over. Raises NotFound, InvalidInput, Conflict("agreement_sent")."""
    agreement = _lock(session, ref)
    if agreement.state is not AgreementState.DRAFT:
        raise Conflict("agreement_sent", N_("This agreement has been sent: prepare another to change its terms."))
    _ensure_sound(terms, agreement.partner, clock.today())
    _fill(agreement, terms, clock)
    _set_prices(session, agreement, terms.prices)
    record(session, "agreement.edit", "agreement", ref, actor=actor, clock=clock)
    return agreement


def send_agreement(session: Session, ref: str, *, actor: Actor, clock: Clock) -> Agreement:
    """Number it, draw its PDF and send it to be signed. Raises NotFound, TransitionRefused."""
    agreement = _lock(session, ref)
    next_state(AGREEMENT_TRANSITIONS, agreement.state, AgreementEvent.SEND)  # no number for what can't leave
    _draw(session, agreement, clock)
    move(session, agreement, AGREEMENT_TRANSITIONS, AgreementEvent.SEND, actor=actor, clock=clock)
    mails.queue_agreement(session, agreement, clock=clock)
    return agreement


def sign_agreement(
    session: Session,
    ref: str,
    *,
    signed_on: date,
    signatory: str,
    signatory_function: str,
    signed_file: bytes | None = None,
    actor: Actor,
    clock: Clock,
) -> Agreement:
    """Record the partner's signature: the agreement is active, and demands that waited are looked at again.

    `signed_file` is the PDF signed by the establishment. Raises NotFound, InvalidInput, TransitionRefused.
    """
    agreement = _lock(session, ref)
    if signed_on > clock.today():
        raise InvalidInput("signed_in_future", N_("The signature can't be after today."), field="signed_on")
    rules.ensure_signatory(signatory, signatory_function, N_("Who signed for the structure?"))
    if signed_file is not None and not signed_file.startswith(b"%PDF-"):
        raise InvalidInput("not_a_pdf", N_("The signed agreement must be a PDF."), field="signed_file")
    agreement.partner_signatory, agreement.partner_signatory_function = signatory.strip(), signatory_function.strip()
    agreement.signed_on = signed_on
    if agreement.file_id is None:
        _draw(session, agreement, clock)
    if signed_file is not None:
        agreement.signed_file_id = _keep(session, agreement, signed_file, "convention-signee", clock)
    move(session, agreement, AGREEMENT_TRANSITIONS, AgreementEvent.SIGN, actor=actor, clock=clock)
    record(session, "agreement.sign", "agreement", ref, actor=actor, clock=clock, signed_on=signed_on)
    reconsider_waiting(session, agreement.partner_id, clock=clock, why=agreement.ref)
    return agreement


def discard_agreement(session: Session, ref: str, *, actor: Actor, clock: Clock) -> None:
    """Throw a draft away: nobody has read it, it has no number. Raises NotFound, Conflict("agreement_sent")."""
    agreement = _lock(session, ref)
    if agreement.state is not AgreementState.DRAFT:
        raise Conflict("agreement_sent", N_("This agreement has been sent: end it instead, its trace stays."))
    for price in list(agreement.prices):
        session.delete(price)
    session.flush()
    session.delete(agreement)
    record(
        session,
        "agreement.discard",
        "agreement",
        ref,
        actor=actor,
        clock=clock,
        partner=agreement.partner.ref,
        title=agreement.title,
    )
    session.flush()


def terminate_agreement(session: Session, ref: str, *, actor: Actor, clock: Clock) -> Agreement:
    """End it before its term; what is confirmed is carried out. Raises NotFound, TransitionRefused."""
    agreement = _lock(session, ref)
    move(session, agreement, AGREEMENT_TRANSITIONS, AgreementEvent.TERMINATE, actor=actor, clock=clock)
    return agreement


def follow_calendar(session: Session, *, clock: Clock) -> None:
    """Daily job: agreements near their end, then ended."""
    today = clock.today()
    live = session.scalars(
        select(Agreement)
        .where(Agreement.state.in_(LIVE_AGREEMENTS), func.upper(Agreement.valid) <= today + NEAR_END)
        .order_by(Agreement.id)
        .with_for_update()
    )
    for agreement in live:
        ended = agreement.valid.upper is not None and agreement.valid.upper <= today
        if ended:
            move(session, agreement, AGREEMENT_TRANSITIONS, AgreementEvent.END, actor=Actor.SYSTEM, clock=clock)
        elif agreement.state is AgreementState.ACTIVE:
            move(session, agreement, AGREEMENT_TRANSITIONS, AgreementEvent.NEAR_END, actor=Actor.SYSTEM, clock=clock)


def _lock(session: Session, ref: str) -> Agreement:
    agreement = locked(session, select(Agreement).where(Agreement.ref == ref))
    if agreement is None:
        raise NotFound("agreement", N_("This agreement does not exist."))
    return agreement


def _ensure_sound(terms: Terms, partner: Partner, today: date) -> None:
    if not terms.title.strip() or len(terms.title) > 160:
        raise InvalidInput("agreement_title", N_("Give the agreement a title."), field="title")
    if terms.last_day < terms.first_day:
        raise InvalidInput("agreement_dates", N_("The agreement ends before it starts."), field="last_day")
    if not terms.prices:
        raise InvalidInput("agreement_prices", N_("Choose at least one offering, with its price."), field="prices")
    if not all(Money(0) <= price <= rules.MOST_MONEY for price in terms.prices.values()):
        raise InvalidInput("agreement_price", N_("Write a price of zero or more."), field="prices")
    if terms.ceiling is not None and not Money(0) < terms.ceiling <= rules.MOST_MONEY:
        raise InvalidInput("agreement_ceiling", N_("The ceiling is above zero, or left empty."), field="ceiling")
    if terms.tacit_days is not None and terms.tacit_days < 1:
        raise InvalidInput("tacit_days", N_("Write a number of days, or leave it empty."), field="tacit_days")
    rules.ensure_cancellation(terms.cancel_notice_days, terms.cancel_percent)
    rules.ensure_payment_terms(
        partner.payer_kind,
        days=terms.payment_days,
        end_of_month=terms.end_of_month,
        late_rate=terms.late_rate,
        figures=figures(),
        on=today,
    )
    if terms.yearly_engagement and partner.payer_kind not in PUBLIC_PAYERS:
        raise InvalidInput(
            "yearly_engagement", N_("Only a public buyer gives commitment numbers."), field="yearly_engagement"
        )
    if terms.project.strip() and (len(terms.project.strip()) > 50 or not is_buyer_reference(terms.project.strip())):
        raise InvalidInput(
            "agreement_project",
            N_("Copy the reference as the buyer wrote it, alone: 50 characters at most."),
            field="project",
        )
    rules.ensure_signatory(terms.signatory, terms.signatory_function, N_("Who will sign for the structure?"))
    rules.ensure_procurement(
        public=partner.payer_kind in PUBLIC_PAYERS,
        ceiling=terms.ceiling,
        basis=terms.procurement_basis,
        threshold=Money(figures().whole("procurement.no_tender_services_cents", today)),
    )


def _fill(agreement: Agreement, terms: Terms, clock: Clock) -> None:
    agreement.title = terms.title.strip()
    agreement.valid = Range(terms.first_day, terms.last_day + timedelta(days=1))
    agreement.ceiling = terms.ceiling.cents if terms.ceiling else None
    agreement.record_access = terms.record_access
    agreement.tacit_days = terms.tacit_days
    agreement.grouping, agreement.yearly_engagement = terms.grouping, terms.yearly_engagement
    agreement.cancel_notice_days, agreement.cancel_percent = terms.cancel_notice_days, terms.cancel_percent
    agreement.procurement_basis = terms.procurement_basis.strip()
    agreement.project = terms.project.strip()
    agreement.partner_signatory = terms.signatory.strip()
    agreement.partner_signatory_function = terms.signatory_function.strip()
    agreement.end_of_month, agreement.late_rate = terms.end_of_month, terms.late_rate
    agreement.payment_days = terms.payment_days or rules.payment_days(
        agreement.partner.payer_kind, figures(), clock.today()
    )


def _set_prices(session: Session, agreement: Agreement, prices: Mapping[str, Money]) -> None:
    for old in list(agreement.prices):
        session.delete(old)
    session.flush()
    known = {row.code: row for row in session.scalars(select(Offering).where(Offering.code.in_(prices)))}
    for code, price in prices.items():
        if code not in known:
            raise NotFound("offering", N_("This offering does not exist."))
        session.add(AgreementPrice(agreement_id=agreement.id, offering_id=known[code].id, cents=price.cents))
    session.flush()
    session.expire(agreement, ["prices"])


def _draw(session: Session, agreement: Agreement, clock: Clock) -> None:
    if agreement.number is None:
        agreement.number = take_number(session, SERIES, clock.today().year)
    paper = papers.agreement_paper(session, agreement, clock=clock)
    pdf = render_pdf("agreement", paper, on=clock.today(), title=agreement.number)
    agreement.file_id = _keep(session, agreement, pdf, "convention", clock)
    session.flush()


def _keep(session: Session, agreement: Agreement, content: bytes, kind: str, clock: Clock) -> int:
    last = agreement.valid.upper or clock.today()
    return store_file(
        session,
        content,
        PDF,
        kept_until=add_months(last, 12 * _KEPT_YEARS),
        clock=clock,
        filename=f"{kind}-{agreement.number or agreement.ref}.pdf",
    ).id
