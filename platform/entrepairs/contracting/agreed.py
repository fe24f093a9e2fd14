"""What was agreed for a demand: the price of one unit and the VAT regime; of many demands in a few questions."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.catalogue.prices import price_on, units_taken
from entrepairs.contracting import rules
from entrepairs.contracting.models import AgreementDraw, AgreementPrice, Quote, QuoteLine, QuoteVersion
from entrepairs.contracting.states import QuoteState
from entrepairs.demands.models import Demand, DemandSession
from entrepairs.demands.scheduling import period_of
from entrepairs.kernel.dates import paris_day
from entrepairs.kernel.errors import Conflict
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money

Terms = tuple[Money, str]
"""The price of one unit of the offering without VAT, and the VAT regime."""


def agreed_price(session: Session, demand: Demand) -> Money:
    """The price of one unit of the demand's offering, without VAT.

    The accepted quote, whose sum is spread over what the sessions take; else the agreement drawn on; else the voted
    price on the day the demand was confirmed (or sent). Raises Conflict("no_price") when nobody ever set one.
    """
    return agreed_terms(session, demand)[0]


def agreed_regime(session: Session, demand: Demand) -> str:
    """The VAT regime the demand is billed under: the accepted quote's (it has one only), else the offering's."""
    return _regime(demand, _signed_lines(session, [demand]).get(demand.id, ()))


def agreed_terms(session: Session, demand: Demand) -> Terms:
    """`agreed_price` and `agreed_regime` together. Raises Conflict("no_price")."""
    found = agreed_terms_of(session, [demand])[demand.id]
    if isinstance(found, Conflict):
        raise found
    return found


def agreed_terms_of(session: Session, demands: Collection[Demand]) -> dict[int, Terms | Conflict]:
    """The same of several demands, by id; the refusal of one that nobody ever set a price for."""
    signed = _signed_lines(session, demands)
    minutes = _minutes(session, list(signed))
    drawn = _drawn_prices(session, [one.id for one in demands if one.id not in signed])
    listed: dict[tuple[int, date], Money | None] = {}
    found: dict[int, Terms | Conflict] = {}
    for demand in demands:
        lines = signed.get(demand.id, ())
        price = _signed_price(demand, lines, minutes.get(demand.id, ())) if lines else drawn.get(demand.id)
        if price is None:
            at = demand.offering_id, paris_day(demand.confirmed_at or demand.submitted_at or demand.created_at)
            if at not in listed:
                listed[at] = price_on(session, *at)
            price = listed[at]
        found[demand.id] = _no_price(demand) if price is None else (price, _regime(demand, lines))
    return found


def _no_price(demand: Demand) -> Conflict:
    return Conflict(
        "no_price",
        N_("« %(offering)s » has no price on that day: vote one in the catalogue first."),
        offering=demand.offering.name,
    )


def _signed_price(demand: Demand, signed: Sequence[QuoteLine], minutes: Sequence[int]) -> Money:
    first, net = signed[0], Money.sum(Money(row.net) for row in signed)
    units = units_taken(demand.offering.price_unit, minutes, int(first.quantity))
    return rules.signed_unit_price(Money(first.unit_cents), net, first.quantity, units)


def _regime(demand: Demand, signed: Sequence[QuoteLine]) -> str:
    return signed[0].vat_regime if signed else demand.offering.vat_regime


def _signed_lines(session: Session, demands: Collection[Demand]) -> dict[int, list[QuoteLine]]:
    """The lines of the accepted quotes, by demand."""
    wanted = (
        select(Quote.demand_id, QuoteLine)
        .join(QuoteVersion, QuoteVersion.quote_id == Quote.id)
        .join(QuoteLine, QuoteLine.version_id == QuoteVersion.id)
        .where(Quote.demand_id.in_([one.id for one in demands]), QuoteVersion.state == QuoteState.ACCEPTED)
        .order_by(QuoteLine.position)
    )
    found: dict[int, list[QuoteLine]] = {}
    for demand_id, line in session.execute(wanted):
        found.setdefault(demand_id, []).append(line)
    return found


def _minutes(session: Session, demand_ids: Collection[int]) -> dict[int, list[int]]:
    """How long each session of these demands lasts."""
    found: dict[int, list[int]] = {}
    if demand_ids:
        wanted = select(DemandSession).where(DemandSession.demand_id.in_(demand_ids)).order_by(DemandSession.number)
        for row in session.scalars(wanted):
            found.setdefault(row.demand_id, []).append(period_of(row).minutes)
    return found


def _drawn_prices(session: Session, demand_ids: Collection[int]) -> dict[int, Money]:
    """What the agreement a demand draws on says of its offering."""
    if not demand_ids:
        return {}
    wanted = (
        select(AgreementDraw.demand_id, AgreementPrice.cents)
        .join(AgreementPrice, AgreementPrice.agreement_id == AgreementDraw.agreement_id)
        .join(Demand, Demand.id == AgreementDraw.demand_id)
        .where(AgreementDraw.demand_id.in_(demand_ids), AgreementPrice.offering_id == Demand.offering_id)
    )
    return {demand_id: Money(cents) for demand_id, cents in session.execute(wanted)}
