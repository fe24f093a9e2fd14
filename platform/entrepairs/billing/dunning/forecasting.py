"""What is read to say when the money will come: past payments, open invoices, services done and planned."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from entrepairs.billing.drafting import (
    billables_under,
    cancellation_billable,
    pricing_of,
    unbilled,
    unbilled_cancellations,
)
from entrepairs.billing.dunning.forecast import Delays, Expected, Source, delays_of, payment_days
from entrepairs.billing.dunning.standing import Standing, payer_of, standings
from entrepairs.billing.models import OWED, Invoice, InvoiceState, Settlement, SettlementKind
from entrepairs.billing.queries import settled_by_invoice
from entrepairs.billing.rules import SessionFacts, session_quantity
from entrepairs.catalogue.models import PriceUnit
from entrepairs.contracting.agreed import agreed_price, agreed_regime
from entrepairs.contracting.rules import payment_days as legal_days
from entrepairs.demands.models import Demand, DemandSession
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.states import DemandState, SessionState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import add_months, month_start, paris_day
from entrepairs.kernel.errors import DomainError
from entrepairs.kernel.money import Money, vat_of
from entrepairs.kernel.parameters import figures
from entrepairs.kernel.vat_regimes import rate_of
from entrepairs.missions.models import ServiceDone
from entrepairs.network.models import Partner, PayerKind

FIRM: Final = (DemandState.CONFIRMED, DemandState.STAFFED, DemandState.RUNNING)
BILLING_DAY: Final = timedelta(days=4)
"""A month is invoiced on the fifth of the next one, more or less."""
MEMORY_MONTHS: Final = 24
_MONEY: Final = (SettlementKind.TRANSFER, SettlementKind.STRIPE, SettlementKind.MOVED_IN)


@dataclass(frozen=True)
class Past:
    """How long each payer took, and each kind of payer, over two years."""

    by_payer: Mapping[int, Sequence[int]]
    by_kind: Mapping[PayerKind, Sequence[int]]

    def delays(self, payer_id: int, kind: PayerKind, on: date) -> Delays:
        """Its own, its kind's, or its term."""
        return delays_of(self.by_payer.get(payer_id, ()), self.by_kind.get(kind, ()), _term_days(kind, on))


@dataclass(frozen=True)
class Outlook:
    """Everything billing expects. `contested` is left out of `expected`; `unpriced` counts demands without a price."""

    expected: tuple[Expected, ...]
    payers: tuple[tuple[Partner, Money, Delays], ...]
    contested: Money
    unpriced: int


def outlook(session: Session, *, clock: Clock) -> Outlook:
    """Invoices open, services to invoice, sessions to come; each at its payer's pace."""
    today, past = clock.today(), past_delays(session, clock.today())
    open_ones = standings(session, today)
    kept = [one for one in open_ones if not one.disputed]
    planned, unpriced = _planned(session, past, today)
    return Outlook(
        expected=(*(_of_invoice(one, past) for one in kept), *_done(session, past, today), *planned),
        payers=_payers(kept, past, today),
        contested=Money.sum(one.balance for one in open_ones if one.disputed),
        unpriced=unpriced,
    )


def past_delays(session: Session, today: date) -> Past:
    """From the issue to the last money, for every invoice paid whole in the last two years."""
    settled = settled_by_invoice()
    rows = session.execute(
        select(
            Invoice.partner_id,
            Invoice.buyer["payer_kind"].astext,
            Invoice.issue_date,
            func.max(Settlement.received_on),
        )
        .join(settled, settled.c.invoice_id == Invoice.id)
        .join(Settlement, Settlement.invoice_id == Invoice.id)
        .where(Invoice.state == InvoiceState.ISSUED, Invoice.kind.in_(OWED), Invoice.gross <= settled.c.cents)
        .where(Settlement.kind.in_(_MONEY), Invoice.issue_date >= add_months(today, -MEMORY_MONTHS))
        .group_by(Invoice.id)
        .order_by(Invoice.id)
    )
    by_payer: dict[int, list[int]] = {}
    by_kind: dict[PayerKind, list[int]] = {}
    for partner_id, kind, issued_on, paid_on in rows:
        days = (paid_on - issued_on).days
        by_payer.setdefault(partner_id, []).append(days)
        by_kind.setdefault(PayerKind(kind), []).append(days)
    return Past(by_payer, by_kind)


def _of_invoice(one: Standing, past: Past) -> Expected:
    if one.pause is not None and one.pause.until is not None:
        return Expected(Source.INVOICES, one.balance, one.pause.until, one.pause.until)
    issued_on = one.invoice.issue_date or one.today
    delays = past.delays(one.invoice.partner_id, payer_of(one.invoice), issued_on)
    likely, prudent = payment_days(issued_on, delays, one.today)
    return Expected(Source.INVOICES, one.balance, likely, prudent)


def _done(session: Session, past: Past, today: date) -> Iterable[Expected]:
    """Confirmed services and late cancellations that no invoice holds; a demand without a price is left out."""
    by_demand: dict[Demand, list[ServiceDone]] = {}
    for service in session.scalars(unbilled()).unique():
        by_demand.setdefault(service.session.demand, []).append(service)
    pricing = pricing_of(session, by_demand)
    for services in by_demand.values():
        try:
            billables = billables_under(pricing, services)
        except DomainError:
            continue
        for one in billables:
            yield _to_invoice(Source.DONE, one.demand, one.quantity.net, one.vat_regime, one.day, past, today)
    for late in session.scalars(unbilled_cancellations()):
        bill = cancellation_billable(late)
        yield _to_invoice(Source.DONE, bill.demand, bill.quantity.net, bill.vat_regime, bill.day, past, today)


def _planned(session: Session, past: Past, today: date) -> tuple[list[Expected], int]:
    """Sessions to come of firm demands, and how many demands have no price."""
    rows = session.scalars(
        select(DemandSession)
        .join(DemandSession.demand)
        .join(Demand.partner)
        .options(contains_eager(DemandSession.demand).contains_eager(Demand.partner))
        .where(Demand.state.in_(FIRM), Demand.financed_by == "", Partner.payer_kind != PayerKind.NONE)
        .where(DemandSession.state == SessionState.PLANNED)
        .order_by(Demand.id, DemandSession.number)
    )
    by_demand: dict[Demand, list[DemandSession]] = {}
    for planned in rows:
        by_demand.setdefault(planned.demand, []).append(planned)
    found, unpriced = [], 0
    for demand, sessions in by_demand.items():
        try:
            price, regime = agreed_price(session, demand), agreed_regime(session, demand)
        except DomainError:
            unpriced += 1
            continue
        count = len(demand.sessions)
        for one in sessions:
            period = period_of(one)
            day = paris_day(period.start)
            facts = SessionFacts(min(one.number, count), count, day, period.minutes, demand.participants)
            net = session_quantity(PriceUnit(demand.offering.price_unit), price, facts).net
            found.append(_to_invoice(Source.PLANNED, demand, net, regime, day, past, today))
    return found, unpriced


def _to_invoice(  # noqa: PLR0917 - the parts of one sum
    source: Source, demand: Demand, net: Money, regime: str, day: date, past: Past, today: date
) -> Expected:
    """Invoiced early in the month that follows, then paid at the payer's pace."""
    issued_on = max(add_months(month_start(day), 1) + BILLING_DAY, today)
    delays = past.delays(demand.partner_id, demand.partner.payer_kind, issued_on)
    likely, prudent = payment_days(issued_on, delays, today)
    return Expected(source, net + vat_of(net, rate_of(regime, today)), likely, prudent)


def _payers(kept: Sequence[Standing], past: Past, today: date) -> tuple[tuple[Partner, Money, Delays], ...]:
    owed: dict[int, Money] = {}
    partners: dict[int, Partner] = {}
    for one in kept:
        partners[one.invoice.partner_id] = one.invoice.partner
        owed[one.invoice.partner_id] = owed.get(one.invoice.partner_id, Money(0)) + one.balance
    rows = [
        (partner, owed[key], past.delays(key, partner.payer_kind, today)) for key, partner in sorted(partners.items())
    ]
    return tuple(sorted(rows, key=lambda row: (-row[1].cents, row[0].name)))


def _term_days(kind: PayerKind, on: date) -> int:
    """The legal term; for a public hospital what they really take, as published."""
    if kind is PayerKind.PUBLIC_HOSPITAL:
        real = figures().find("payment_terms.public_hospital_real_days", on)
        if real is not None:
            return round(figures().number(real.code, on))
    return legal_days(kind, figures(), on)
