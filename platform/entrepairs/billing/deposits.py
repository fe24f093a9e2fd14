"""Deposits (factures d'acompte, type 386): part of the price asked before, taken off by the invoices of the demand.

A deposit has a number of the same series. What deducts it is a line of quantity -1 on the invoice, so that net, VAT and
what is left to pay follow from the lines alone, at whatever VAT regime. Nothing is deducted beyond what is billed: the
rest waits for the next invoice of the demand.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing import parties
from entrepairs.billing.models import BilledService, Invoice, InvoiceKind, InvoiceLine, InvoiceState
from entrepairs.billing.routing import routing_of
from entrepairs.catalogue.models import PriceUnit
from entrepairs.catalogue.prices import estimate
from entrepairs.contracting.agreed import agreed_price, agreed_regime
from entrepairs.demands.models import Demand, DemandSession, PlaceKind
from entrepairs.demands.queries import title_of
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.scopes import lock_demand
from entrepairs.demands.states import DemandState, SessionState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, DomainError, InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.kernel.references import new_reference
from entrepairs.missions.models import ServiceDone
from entrepairs.network.models import Partner, PayerKind

if TYPE_CHECKING:
    from entrepairs.billing.drafting import Billable

TAKES_DEPOSIT: Final = frozenset({DemandState.CONFIRMED, DemandState.STAFFED, DemandState.RUNNING})
"""Firm, and something of it still to come."""
_STILL_COMES: Final = TAKES_DEPOSIT | {DemandState.STAFFING}
"""A deposit prepared before may leave."""


@dataclass(frozen=True, slots=True)
class Room:
    """What a demand costs, what deposits ask already, without VAT.

    `billed`: the sessions on invoices or drafts; `deducted`: what these took off of the deposits.
    """

    price: Money
    asked: Money
    billed: Money
    deducted: Money

    @property
    def spare(self) -> Money:
        """What is still to be billed, less what deposits will take off of it; below zero when they ask too much."""
        return self.price - self.billed - (self.asked - self.deducted)

    @property
    def left(self) -> Money:
        """What another deposit may ask at most."""
        return max(self.spare, Money(0))


def draft_deposit(session: Session, demand_ref: str, amount: Money, *, clock: Clock, actor: Actor) -> Invoice:
    """A deposit of `amount` without VAT on a firm demand, as a draft: `issue_invoice` issues it.

    Raises NotFound, Conflict("no_deposit", "no_price"), InvalidInput("deposit_amount").
    """
    from entrepairs.billing.drafting import write_totals
    from entrepairs.billing.vat import treatment_of

    demand = lock_demand(session, demand_ref)
    if not takes_deposit(demand):
        raise Conflict(
            "no_deposit", N_("A deposit is asked on a firm demand that a structure pays for, before its end.")
        )
    left = room_of(session, demand).left
    if not Money(0) < amount <= left:
        raise InvalidInput(
            "deposit_amount",
            N_("Write an amount without VAT, above zero and %(left)s at most."),
            field="amount",
            left=left,
        )
    today, regime = clock.today(), agreed_regime(session, demand)
    routing = routing_of(session, demand, today)
    invoice = Invoice(
        ref=new_reference("ACO"),
        kind=InvoiceKind.DEPOSIT,
        state=InvoiceState.DRAFT,
        partner=demand.partner,
        demand=demand,
        period_start=today,
        period_end=today,
        seller=parties.seller_snapshot(session, clock),
        buyer=parties.buyer_snapshot(demand.partner, demand.site if demand.place_kind is PlaceKind.SITE else None),
        notes={},
        service_code=routing.service_code,
        engagement=routing.engagement,
        agreement_number=routing.agreement_number,
        project=routing.project,
        created_at=clock.now(),
    )
    invoice.lines = [
        InvoiceLine(
            position=1,
            label=f"Acompte : {title_of(demand)}"[:300],
            quantity=Decimal(1),
            unit="forfait",
            unit_cents=amount.cents,
            net=amount.cents,
            vat_regime=regime,
            axes={},
        )
    ]
    write_totals(invoice, {regime: treatment_of(regime, today)})
    session.add(invoice)
    session.flush()
    record(
        session,
        "invoice.draft_deposit",
        "invoice",
        invoice.ref,
        actor=actor,
        clock=clock,
        demand=demand_ref,
        net=amount,
    )
    return invoice


def takes_deposit(demand: Demand) -> bool:
    """Whether a deposit can be asked on a demand now."""
    paid_by_structure = demand.partner.payer_kind is not PayerKind.NONE and not demand.financed_by
    return paid_by_structure and demand.state in TAKES_DEPOSIT


def hold_structures(session: Session, refs: Collection[str]) -> None:
    """Lock the structures of the deposits among these invoices, before the invoices: drafting holds them too.

    So that nobody takes a deposit off while it is issued or credited.
    """
    session.execute(
        select(Partner.id)
        .join(Invoice, Invoice.partner_id == Partner.id)
        .where(Invoice.ref.in_(refs), Invoice.kind == InvoiceKind.DEPOSIT)
        .order_by(Partner.id)
        .with_for_update(of=Partner, key_share=True)
    )


def ensure_still_asked(session: Session, deposit: Invoice) -> None:
    """A draft may have waited: nothing would take the deposit off once its demand is billed, or given up.

    Raises Conflict("deposit_too_late").
    """
    demand = deposit.demand
    if demand is None:
        return
    spare = room_of(session, demand).spare if demand.state in _STILL_COMES else Money(-deposit.net)
    if spare < Money(0):
        raise Conflict(
            "deposit_too_late",
            N_(
                "Since this deposit was prepared, its demand was carried out, billed, changed or given up: %(left)s at "
                "most can still be asked. Delete this draft, then ask for less, or bill what was done."
            ),
            left=max(spare + Money(deposit.net), Money(0)),
        )


def room_of(session: Session, demand: Demand) -> Room:
    """The agreed price of the demand, what is billed of it, and what its deposits ask, credit notes taken off.

    A demand without price: zero.
    """
    lengths = [period_of(row).minutes for row in demand.sessions if row.state is not SessionState.CANCELLED]
    try:
        unit_price = agreed_price(session, demand)
    except DomainError:
        return Room(*[Money(0)] * 4)
    price = estimate(PriceUnit(demand.offering.price_unit), unit_price, lengths, demand.participants).net
    lines = _deposit_lines(session, [demand.id], issued=False)
    asked = sum(line.net - _credited(session, line, issued=True) for line in lines)
    taken_off = sum(deducted(session, line) for line in lines)
    billed = session.scalar(
        select(func.coalesce(func.sum(InvoiceLine.net), 0))
        .join(BilledService, BilledService.line_id == InvoiceLine.id)
        .join(ServiceDone, ServiceDone.id == BilledService.service_id)
        .join(DemandSession, DemandSession.id == ServiceDone.session_id)
        .where(DemandSession.demand_id == demand.id, BilledService.released_at.is_(None))
    )
    return Room(price, Money(asked), Money(int(billed or 0)), Money(taken_off))


def deposits_of(session: Session, demand: Demand) -> Sequence[Invoice]:
    """The deposits of a demand, drafts too, oldest first."""
    return session.scalars(select(Invoice).where(Invoice.demand_id == demand.id).order_by(Invoice.id)).all()


def asked_on(session: Session, demand_ids: Collection[int]) -> dict[int, list[InvoiceLine]]:
    """The lines of the issued deposits of some demands, by demand, oldest first."""
    found: dict[int, list[InvoiceLine]] = {}
    for line in _deposit_lines(session, sorted(demand_ids), issued=True):
        found.setdefault(line.invoice.demand_id or 0, []).append(line)
    return found


def deduct(
    session: Session, invoice: Invoice, members: Sequence["Billable"], asked: Mapping[int, Sequence[InvoiceLine]]
) -> None:
    """Add to a draft the lines that take off the issued deposits of its demands, by regime, up to what it bills.

    `asked` is what `asked_on` found; what is left of each is read here, with what other drafts took.
    """
    billed: dict[tuple[int, str], int] = {}
    for one in members:
        at = one.demand.id, one.vat_regime
        billed[at] = billed.get(at, 0) + one.quantity.net.cents
    lines = [line for demand_id in {demand_id for demand_id, _regime in billed} for line in asked.get(demand_id, ())]
    for line in sorted(lines, key=lambda one: one.id):
        source = line.invoice
        at = source.demand_id or 0, line.vat_regime
        part = min(line.net - taken(session, line), billed.get(at, 0))
        if part <= 0:
            continue
        billed[at] -= part
        invoice.lines.append(
            InvoiceLine(
                position=len(invoice.lines) + 1,
                label=f"Acompte déduit, facture {source.number} du {source.issue_date:%d/%m/%Y}",
                quantity=Decimal(-1),
                unit="forfait",
                unit_cents=part,
                net=-part,
                vat_regime=line.vat_regime,
                axes={},
                deducts=line,
            )
        )


def _deposit_lines(session: Session, demand_ids: Sequence[int], *, issued: bool) -> Sequence[InvoiceLine]:
    wanted = (
        select(InvoiceLine)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.kind == InvoiceKind.DEPOSIT, Invoice.demand_id.in_(demand_ids))
        .order_by(InvoiceLine.id)
    )
    return session.scalars(wanted.where(Invoice.state == InvoiceState.ISSUED) if issued else wanted).all()


def taken(session: Session, line: InvoiceLine) -> int:
    """What is gone of a deposit's line, in cents: credited, or taken off by invoices.

    A credit note that waits takes back already, and gives back only once it is issued: thrown away, nothing was taken
    off twice.
    """
    return _credited(session, line, issued=False) + deducted(session, line)


def _credited(session: Session, line: InvoiceLine, *, issued: bool) -> int:
    wanted = select(func.coalesce(func.sum(InvoiceLine.net), 0)).where(InvoiceLine.credited_id == line.id)
    if issued:
        wanted = wanted.join(Invoice, Invoice.id == InvoiceLine.invoice_id).where(Invoice.state == InvoiceState.ISSUED)
    return int(session.scalar(wanted) or 0)


def deducted(session: Session, line: InvoiceLine) -> int:
    """What is taken off of a deposit's line, in cents: by invoices, drafts too, less what issued credit notes gave back.

    Both are negative lines.
    """
    sums = session.execute(
        select(Invoice.kind, func.sum(InvoiceLine.net))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(InvoiceLine.deducts_id == line.id)
        .where((Invoice.kind == InvoiceKind.INVOICE) | (Invoice.state == InvoiceState.ISSUED))
        .group_by(Invoice.kind)
    )
    by_kind = {kind: int(net) for kind, net in sums}
    return by_kind.get(InvoiceKind.CREDIT_NOTE, 0) - by_kind.get(InvoiceKind.INVOICE, 0)
