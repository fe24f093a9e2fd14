"""A month as it would be invoiced now: what is ready, what is held back and why, the sums, beside the month before."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from entrepairs.billing import deposits, rules
from entrepairs.billing.ceilings import invoiced_under
from entrepairs.billing.drafting import (
    Billable,
    billables_under,
    cancellation_billable,
    grouped,
    pricing_of,
    unbilled,
    unbilled_cancellations,
)
from entrepairs.billing.einvoice.checker import Checker
from entrepairs.billing.models import (
    Invoice,
    InvoiceFile,
    InvoiceKind,
    InvoiceState,
)
from entrepairs.billing.month.months import Month
from entrepairs.billing.month.obstacles import Kind, Obstacle, drafts_of, missing, unanswered
from entrepairs.billing.month.rehearsing import refusal_of, refusals_of_services
from entrepairs.billing.routing import agreements_of, routes
from entrepairs.billing.vat import ensure_decided, treatment_of
from entrepairs.contracting.models import Agreement
from entrepairs.demands.models import Demand
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import paris_day
from entrepairs.kernel.errors import DomainError
from entrepairs.kernel.i18n import Sentence, say
from entrepairs.kernel.money import Money
from entrepairs.missions.models import ServiceDone


@dataclass(frozen=True, slots=True)
class Sums:
    """Invoices and what they come to."""

    invoices: int
    net: Money
    vat: Money

    @property
    def gross(self) -> Money:
        """With VAT."""
        return self.net + self.vat

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(self.invoices + other.invoices, self.net + other.net, self.vat + other.vat)


NOTHING: Final = Sums(0, Money(0), Money(0))


@dataclass(frozen=True, slots=True)
class Waiting:
    """Everything that waits up to the end of a month, by structure: demands ready, and what holds the others back."""

    ready: Mapping[str, Mapping[Demand, Sequence[Billable]]]
    """By the structure's reference, then by demand."""
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """A month before it is launched. `obstacles` first; `new` and `drafts` would leave now, `issued` already did."""

    month: Month
    obstacles: tuple[Obstacle, ...]
    new: Sums
    drafts: Sums
    issued: Sums
    before: Sums
    """Issued for the month before."""

    @property
    def leaving(self) -> Sums:
        """What a launch would issue."""
        return self.new + self.drafts

    @property
    def total(self) -> Sums:
        """What the month would come to."""
        return self.leaving + self.issued


def outlook(session: Session, month: Month, *, clock: Clock, checker: Checker | None = None) -> Outlook:
    """The month as it stands. Without a `checker` it only reads: what a page may do.

    With one, every draft and every invoice to be drafted is also tried in a savepoint taken back, our own refusals and
    the official rules included; raises Unavailable.
    """
    waiting = waiting_up_to(session, month, today=clock.today())
    drafts = session.scalars(drafts_of(month)).all()
    sums = _sums_of(session, waiting, clock.today())
    refused: list[Obstacle] = []
    if checker is not None:
        tried = (refusal_of(session, draft, clock=clock, checker=checker) for draft in drafts)
        refused = [one for one in tried if one is not None]
    out = {one.ref for one in refused}
    if checker is not None:
        for partner_ref, demands in waiting.ready.items():
            refs = [demand.ref for demand in demands]
            refused += refusals_of_services(session, partner_ref, refs, month, clock, checker)
    return Outlook(
        month,
        (*unanswered(session, month, clock.now()), *waiting.obstacles, *refused),
        new=sums,
        drafts=_summed(one for one in drafts if one.ref not in out),
        issued=issued_for(session, month),
        before=issued_for(session, month.previous),
    )


def waiting_up_to(session: Session, month: Month, *, today: date) -> Waiting:
    """Confirmed services and late cancellations up to the last day. What lacks something is held back, and said once."""
    found = _by_demand(session, month)
    ceilings = _ceilings_passed(session, {demand: all_of for demand, (all_of, _error) in found.items()})
    ready: dict[str, dict[Demand, Sequence[Billable]]] = {}
    obstacles: dict[tuple[Kind, str, str], Obstacle] = {}
    known = routes(session, [(one.demand, one.day) for billables, _error in found.values() for one in billables])
    for demand, (billables, unpriced) in found.items():
        lacks = [unpriced] if unpriced else []
        lacks += missing(demand, [one.day for one in billables], known)
        lacks += _undecided(session, billables, today)
        if (over := ceilings.get(demand)) is not None:
            lacks.append(over)
        if not lacks and billables:
            ready.setdefault(demand.partner.ref, {})[demand] = billables
        obstacles |= {(one.kind, one.ref, one.what.msgid): one for one in lacks}
    return Waiting(ready, tuple(obstacles.values()))


def _by_demand(session: Session, month: Month) -> dict[Demand, tuple[list[Billable], Obstacle | None]]:
    """Billables by demand; a demand without a price has none, and what it lacks."""
    services: dict[Demand, list[ServiceDone]] = {}
    for service in session.scalars(unbilled()).unique():
        if (start := service.session.during.lower) is not None and paris_day(start) <= month.last:
            services.setdefault(service.session.demand, []).append(service)
    pricing = pricing_of(session, services)
    found: dict[Demand, tuple[list[Billable], Obstacle | None]] = {}
    for demand, own in services.items():
        try:
            found[demand] = (billables_under(pricing, own), None)
        except DomainError as error:
            said = Sentence(error.message, error.params)
            found[demand] = ([], Obstacle(Kind.PRICE, demand.offering.code, demand.partner.name, said))
    for row in session.scalars(unbilled_cancellations()):
        if row.cancelled_on <= month.last:
            found.setdefault(row.demand, ([], None))[0].append(cancellation_billable(row))
    return {demand: one for demand, one in found.items() if one[0] or one[1]}


def _undecided(session: Session, billables: Iterable[Billable], today: date) -> Iterator[Obstacle]:
    for regime in sorted({one.vat_regime for one in billables}):
        try:
            ensure_decided(session, regime, today)
        except DomainError as error:
            yield Obstacle(Kind.REGIME, regime, "", Sentence(error.message, error.params))


def _ceilings_passed(session: Session, found: Mapping[Demand, Sequence[Billable]]) -> dict[Demand, Obstacle]:
    """The demands whose agreement would be invoiced beyond its ceiling, without VAT, with what waits."""
    agreements = agreements_of(session, found)
    asked: dict[Agreement, Money] = {}
    for demand, billables in found.items():
        agreement = agreements[demand]
        if agreement is not None and agreement.ceiling is not None:
            asked.setdefault(agreement, invoiced_under(session, agreement))
            asked[agreement] += Money.sum(one.quantity.net for one in billables)
    passed = {one: total for one, total in asked.items() if total > Money(one.ceiling or 0)}
    return {
        demand: Obstacle(
            Kind.CEILING,
            agreement.ref,
            demand.partner.name,
            say(
                "Agreement %(number)s would be invoiced for %(total)s, beyond its ceiling of %(ceiling)s.",
                number=agreement.number or agreement.ref,
                total=passed[agreement],
                ceiling=Money(agreement.ceiling or 0),
            ),
        )
        for demand, agreement in agreements.items()
        if agreement is not None and agreement in passed
    }


def _sums_of(session: Session, waiting: Waiting, today: date) -> Sums:
    """The invoices that would be drafted, deposits taken off."""
    total = NOTHING
    for demands in waiting.ready.values():
        members = [one for own in demands.values() for one in own]
        total += Sums(0, *_net_and_vat(_deducted(session, members), today))
        for _routing, together in grouped(session, members, today):
            lines = [(one.vat_regime, one.quantity.net) for one in together]
            total += Sums(1, *_net_and_vat(lines, today))
    return total


def _deducted(session: Session, members: Sequence[Billable]) -> list[tuple[str, Money]]:
    """What issued deposits take off, by regime; on an invoice that is never kept."""
    with session.no_autoflush:
        shadow = Invoice(lines=[])
        asked = deposits.asked_on(session, {one.demand.id for one in members})
        deposits.deduct(session, shadow, members, asked)
        return [(line.vat_regime, Money(line.net)) for line in shadow.lines]


def _net_and_vat(lines: Iterable[tuple[str, Money]], today: date) -> tuple[Money, Money]:
    totals = rules.vat_totals([(treatment_of(regime, today), net) for regime, net in lines])
    return Money.sum(one.base for one in totals), Money.sum(one.vat for one in totals)


def _summed(invoices: Iterable[Invoice]) -> Sums:
    return sum((Sums(1, Money(one.net), Money(one.vat)) for one in invoices), NOTHING)


def issued_for(session: Session, month: Month) -> Sums:
    """Invoices issued whose last service is of the month; deposits and credit notes left out."""
    count, net, vat = session.execute(
        select(func.count(), func.sum(Invoice.net), func.sum(Invoice.vat)).where(
            Invoice.state == InvoiceState.ISSUED,
            Invoice.kind == InvoiceKind.INVOICE,
            Invoice.period_end.between(month.first, month.last),
        )
    ).one()
    return Sums(count, Money(int(net or 0)), Money(int(vat or 0)))


def papers_to_draw(session: Session, month: Month) -> int:
    """Issued invoices of the month whose PDF is still to be drawn by the workers."""
    wanted = select(func.count(Invoice.id)).where(
        Invoice.state == InvoiceState.ISSUED,
        Invoice.kind == InvoiceKind.INVOICE,
        Invoice.period_end.between(month.first, month.last),
        ~exists().where(InvoiceFile.invoice_id == Invoice.id),
    )
    return session.scalar(wanted) or 0
