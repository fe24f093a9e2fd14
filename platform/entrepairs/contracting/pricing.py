"""What a quote proposes for a demand, and the check of what the office makes of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.catalogue.prices import price_on, units_taken
from entrepairs.contracting import rules
from entrepairs.contracting.models import AgreementPrice
from entrepairs.contracting.queries import covering_agreements
from entrepairs.contracting.rules import PricedLine
from entrepairs.demands.models import Demand
from entrepairs.demands.queries import title_of
from entrepairs.demands.rules import ensure_texts
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.states import SessionState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.kernel.vat_regimes import rate_of, regimes


def proposed_lines(session: Session, demand: Demand, *, clock: Clock) -> list[PricedLine]:
    """One line for the offering: an agreement's price, else the voted one. Raises Conflict("no_price").

    The quantity is zero when the number of participants, which makes the price, is not known yet.
    """
    offering, today = demand.offering, clock.today()
    minutes = [period_of(row).minutes for row in demand.sessions if row.state is not SessionState.CANCELLED]
    price = _agreement_price(session, demand)
    if price is None:  # an agreed price of zero is a price
        price = price_on(session, offering.id, today)
    if price is None:
        raise Conflict(
            "no_price",
            N_("« %(offering)s » has no price on that day: vote one in the catalogue first."),
            offering=offering.name,
        )
    return [
        PricedLine(
            label=title_of(demand)[:200],
            quantity=units_taken(offering.price_unit, minutes, demand.participants),
            unit=offering.price_unit.value,
            unit_price=price,
            vat_regime=offering.vat_regime,
            rate=rate_of(offering.vat_regime, today),
        )
    ]


def sound_lines(demand: Demand, lines: Sequence[PricedLine], on: date) -> list[PricedLine]:
    """The lines tidied and checked, each with the rate its regime has on a day: the paper says the same.

    Raises what `rules.ensure_lines` raises, InvalidInput("identity_in_text").
    """
    tidy = [replace(line, label=" ".join(line.label.split())) for line in lines]
    rules.ensure_lines(tidy, regimes())
    for line in tidy:
        if line.label != title_of(demand):  # the name of a place was given by the structure
            ensure_texts({"label": line.label}, names_checked=True)
    return [replace(line, rate=rate_of(line.vat_regime, on)) for line in tidy]


def _agreement_price(session: Session, demand: Demand) -> Money | None:
    agreement = next(iter(covering_agreements(session, demand)), None)
    if agreement is None:
        return None
    cents = session.scalar(
        select(AgreementPrice.cents).where(
            AgreementPrice.agreement_id == agreement.id, AgreementPrice.offering_id == demand.offering_id
        )
    )
    return None if cents is None else Money(cents)
