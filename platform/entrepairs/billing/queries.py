"""Reads of billing for pages. Structures see their own issued documents; the office sees everything."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Select, Subquery, func, select
from sqlalchemy.orm import Session, selectinload

from entrepairs.billing.checkout import live_payment
from entrepairs.billing.drafting import Billable, billables_of, unbilled, unbilled_cancellations
from entrepairs.billing.dunning.models import DunningPause, PauseKind
from entrepairs.billing.models import (
    OWED,
    CheckoutPayment,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceState,
    LateCancellation,
    PaymentState,
    Settlement,
    SettlementKind,
)
from entrepairs.billing.online.contested import contested_invoices
from entrepairs.billing.routing import routes
from entrepairs.billing.states import ShownState, shown_state
from entrepairs.demands.models import Demand
from entrepairs.kernel.dates import paris_day
from entrepairs.kernel.errors import DomainError, NotFound
from entrepairs.kernel.i18n import N_, Sentence, say
from entrepairs.kernel.money import Money
from entrepairs.missions.models import ServiceAnswer, ServiceDone
from entrepairs.network.models import Partner, PayerKind

OPEN_SHOWN: Final = frozenset(
    {
        *(ShownState.ISSUED, ShownState.PART_PAID, ShownState.LATE, ShownState.DISPUTED),
        ShownState.BANK_DISPUTED,
    }
)
"""Invoices on which something is still owed."""


@dataclass(frozen=True)
class InvoiceView:
    """An invoice as a page shows it, with what reduced its balance."""

    invoice: Invoice
    paid: Money
    credited: Money
    shown: ShownState
    today: date

    @property
    def gross(self) -> Money:
        """With VAT."""
        return Money(self.invoice.gross)

    @property
    def balance(self) -> Money:
        """What is left to pay; negative when too much came in."""
        return self.gross - self.paid - self.credited

    @property
    def is_credit_note(self) -> bool:
        """An avoir."""
        return self.invoice.kind is InvoiceKind.CREDIT_NOTE

    @property
    def days_late(self) -> int:
        """Days after the due date while something is owed; 0 otherwise."""
        due = self.invoice.due_date
        return (self.today - due).days if self.shown is ShownState.LATE and due is not None else 0

    @property
    def payable_online(self) -> bool:
        """Private payers only: public bodies pay by transfer."""
        private = self.invoice.partner.payer_kind is PayerKind.PRIVATE
        contested = self.shown is ShownState.BANK_DISPUTED
        return private and self.shown in OPEN_SHOWN and not self.is_credit_note and not contested


@dataclass(frozen=True)
class ToBill:
    """What waits to be billed for one demand. `blockers` say what is missing, and where."""

    partner: Partner
    demand: Demand
    count: int
    since: date
    until: date
    net: Money | None
    blockers: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Receivables:
    """What structures owe on issued invoices, and how much of it is past its date."""

    due: Money
    late: Money
    late_count: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The four numbers of the billing page; `to_bill` counts sessions."""

    to_bill: int
    drafts: int
    due: Money
    late: Money


def invoice_of(session: Session, ref: str, *, partner_id: int | None = None) -> Invoice:
    """An invoice; `partner_id` limits to the issued ones of a structure. Raises NotFound for a foreign one too."""
    wanted = select(Invoice).where(Invoice.ref == ref)
    if partner_id is not None:
        wanted = wanted.where(Invoice.partner_id == partner_id, Invoice.state == InvoiceState.ISSUED)
    invoice = session.scalars(wanted).one_or_none()
    if invoice is None:
        raise NotFound("invoice", N_("This invoice does not exist."))
    return invoice


def view_of(session: Session, invoice: Invoice, today: date) -> InvoiceView:
    """One invoice with its state shown on a day."""
    return _views(session, [invoice], today)[0]


def invoices_of_partner(session: Session, partner_id: int, today: date) -> list[InvoiceView]:
    """Issued invoices and credit notes of a structure, newest first."""
    wanted = _listed().where(Invoice.partner_id == partner_id, Invoice.state == InvoiceState.ISSUED)
    return _views(session, session.scalars(wanted).all(), today)


def invoices(
    session: Session, today: date, *, shown: Iterable[ShownState] | None = None, limit: int = 500
) -> list[InvoiceView]:
    """Every invoice for the office, drafts first, then newest first; `shown` keeps some states only.

    What is still owed comes with the oldest due date first, so that `limit` never hides the oldest debt.
    """
    wanted, kept = _listed(), None if shown is None else frozenset(shown)
    if kept is not None and kept <= OPEN_SHOWN:
        settled = settled_by_invoice()
        wanted = (
            wanted.order_by(None)
            .outerjoin(settled, settled.c.invoice_id == Invoice.id)
            .where(Invoice.state == InvoiceState.ISSUED, Invoice.gross > func.coalesce(settled.c.cents, 0))
            .where(Invoice.kind.in_(OWED))
            .order_by(Invoice.due_date, Invoice.id)
        )
    views = _views(session, session.scalars(wanted.limit(limit)).all(), today)
    return [view for view in views if kept is None or view.shown in kept]


def to_bill(session: Session, partner_id: int | None = None) -> list[ToBill]:
    """Confirmed services waiting, by demand, exceptions first. A demand without a price shows no amount."""
    by_demand: dict[Demand, list[ServiceDone]] = {}
    for service in session.scalars(unbilled(partner_id)).unique():
        by_demand.setdefault(service.session.demand, []).append(service)
    waiting = [one for demand, services in by_demand.items() if (one := _waiting(session, demand, services))]
    return sorted(waiting, key=lambda one: (not one.blockers, one.partner.name, one.since))


def cancellations_to_bill(session: Session) -> Sequence[LateCancellation]:
    """Late cancellations to invoice or to give up, by structure."""
    return session.scalars(unbilled_cancellations()).all()


def receivables(session: Session, today: date) -> Receivables:
    """What remains to be paid on issued invoices, and what is late; summed by the database."""
    settled = settled_by_invoice()
    left, late = Invoice.gross - func.coalesce(settled.c.cents, 0), Invoice.due_date < today
    due, overdue, count = session.execute(
        select(func.sum(left), func.sum(left).filter(late), func.count().filter(late))
        .outerjoin(settled, settled.c.invoice_id == Invoice.id)
        .where(Invoice.kind.in_(OWED), Invoice.state == InvoiceState.ISSUED, left > 0)
    ).one()
    return Receivables(Money(int(due or 0)), Money(int(overdue or 0)), int(count))


def settled_by_invoice() -> Subquery:
    """What came in on each invoice, credit notes too."""
    return (
        select(Settlement.invoice_id, func.sum(Settlement.cents).label("cents"))
        .group_by(Settlement.invoice_id)
        .subquery()
    )


def totals(session: Session, today: date) -> Totals:
    """Sessions to bill, drafts, due, late; counted and summed by the database."""
    owed = receivables(session, today)
    drafts = session.scalar(select(func.count(Invoice.id)).where(Invoice.state == InvoiceState.DRAFT))
    waiting = session.scalar(select(func.count()).select_from(unbilled().order_by(None).subquery()))
    return Totals(to_bill=waiting or 0, drafts=drafts or 0, due=owed.due, late=owed.late)


def awaiting_action(session: Session, partner: Partner, today: date) -> list[InvoiceView]:
    """For the home of a structure: invoices on which something is owed, the most urgent first."""
    views = [
        v for v in invoices_of_partner(session, partner.id, today) if v.shown in OPEN_SHOWN and not v.is_credit_note
    ]
    return sorted(views, key=lambda view: view.invoice.due_date or today)


def payment_under_way(session: Session, invoice: Invoice) -> CheckoutPayment | None:
    """The online attempt whose end is not known."""
    return live_payment(session, invoice.id)


def last_payment(session: Session, invoice: Invoice) -> CheckoutPayment | None:
    """The latest online attempt, whatever became of it."""
    wanted = select(CheckoutPayment).where(CheckoutPayment.invoice_id == invoice.id)
    return session.scalars(wanted.order_by(CheckoutPayment.id.desc()).limit(1)).one_or_none()


def settlements(session: Session, *, limit: int = 200) -> Sequence[Settlement]:
    """What came in (or went back), newest first."""
    return session.scalars(
        select(Settlement)
        .options(selectinload(Settlement.invoice).selectinload(Invoice.partner))
        .where(Settlement.kind != SettlementKind.CREDIT_NOTE)
        .order_by(Settlement.received_on.desc(), Settlement.id.desc())
        .limit(limit)
    ).all()


def credit_notes_of(session: Session, invoice: Invoice) -> Sequence[Invoice]:
    """Its credit notes, oldest first; those that wait for a second person too."""
    return session.scalars(select(Invoice).where(Invoice.corrected_id == invoice.id).order_by(Invoice.id)).all()


def stuck_payments(session: Session) -> Sequence[CheckoutPayment]:
    """Online payments still being checked, for the office."""
    return session.scalars(
        select(CheckoutPayment).where(CheckoutPayment.state == PaymentState.PROCESSING).order_by(CheckoutPayment.id)
    ).all()


def _listed() -> Select[Invoice]:
    return (
        select(Invoice)
        .options(selectinload(Invoice.partner), selectinload(Invoice.file))
        .order_by(Invoice.issue_date.desc().nulls_first(), Invoice.id.desc())
    )


def _views(session: Session, rows: Sequence[Invoice], today: date) -> list[InvoiceView]:
    ids = [invoice.id for invoice in rows]
    credit = Settlement.kind == SettlementKind.CREDIT_NOTE
    sums = {
        invoice_id: (Money(int(paid or 0)), Money(int(credited or 0)))
        for invoice_id, paid, credited in session.execute(
            select(
                Settlement.invoice_id,
                func.sum(Settlement.cents).filter(~credit),
                func.sum(Settlement.cents).filter(credit),
            )
            .where(Settlement.invoice_id.in_(ids))
            .group_by(Settlement.invoice_id)
        )
    }
    disputed = set(
        session.scalars(
            select(InvoiceLine.invoice_id)
            .join(ServiceDone, InvoiceLine.service_id == ServiceDone.id)
            .where(InvoiceLine.invoice_id.in_(ids), ServiceDone.answer == ServiceAnswer.DISPUTED)
            .union(
                select(DunningPause.invoice_id).where(
                    DunningPause.invoice_id.in_(ids),
                    DunningPause.kind == PauseKind.DISPUTE,
                    DunningPause.closed_on.is_(None),
                )
            )
        )
    )
    by_bank = contested_invoices(session, ids)
    views = []
    for invoice in rows:
        paid, credited = sums.get(invoice.id, (Money(0), Money(0)))
        shown = _shown(invoice, paid, credited, today, disputed=invoice.id in disputed, by_bank=invoice.id in by_bank)
        views.append(InvoiceView(invoice, paid, credited, shown, today))
    return views


def _shown(invoice: Invoice, paid: Money, credited: Money, today: date, *, disputed: bool, by_bank: bool) -> ShownState:
    if (
        invoice.kind is InvoiceKind.CREDIT_NOTE and invoice.state is InvoiceState.ISSUED
    ):  # settled by itself: nobody pays a credit note
        return ShownState.CREDITED
    return shown_state(
        invoice.state,
        Money(invoice.gross),
        paid,
        credited,
        invoice.due_date,
        today,
        disputed=disputed,
        by_bank=by_bank,
    )


def _waiting(session: Session, demand: Demand, services: Sequence[ServiceDone]) -> ToBill | None:
    blockers: list[Sentence] = []
    billables: list[Billable] | None = None
    try:
        billables = billables_of(session, services)
        if not billables:
            return None
    except DomainError as error:
        blockers.append(Sentence(error.message, error.params))
    days = [paris_day(service.session.during.lower) for service in services if service.session.during.lower]
    blockers += _missing(session, demand, days)
    return ToBill(
        partner=demand.partner,
        demand=demand,
        count=len(billables if billables is not None else services),
        since=min(days),
        until=max(days),
        net=None if billables is None else Money.sum(one.quantity.net for one in billables),
        blockers=tuple(blockers),
    )


def _missing(session: Session, demand: Demand, days: Iterable[date]) -> list[Sentence]:
    partner, found = demand.partner, []
    if partner.siret is None:
        found.append(say("The SIRET number of the structure is missing."))
    if not ((partner.billing_address or partner.address) and (partner.billing_postcode or partner.postcode)):
        found.append(say("The postal address of the structure is missing."))
    routings = routes(session, [(demand, day) for day in days]).routings.values()
    if partner.requires_engagement and not all(one.engagement for one in routings):
        found.append(say("The commitment number of this demand is missing."))
    if partner.requires_service_code and not all(one.service_code for one in routings):
        found.append(say("The service code of the structure is missing."))
    return found


def invoice_numbered(session: Session, number: str) -> Invoice:
    """The issued invoice of that number, spaces and case left aside. Raises NotFound("invoice")."""
    wanted = "".join(number.split()).upper()
    found = session.scalars(
        select(Invoice).where(Invoice.number == wanted, Invoice.kind != InvoiceKind.CREDIT_NOTE)
    ).one_or_none()
    if found is None:
        raise NotFound("invoice", N_("No invoice bears the number %(number)s."), number=wanted or "?")
    return found
