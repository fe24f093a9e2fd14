"""The price in force on a date, voting a new one, and how many units a demand takes. Prices are without VAT."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.catalogue.models import Offering, Price, PriceUnit
from entrepairs.db import locked
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_, Sentence, say
from entrepairs.kernel.money import Money

HUNDREDTH: Final = Decimal("0.01")
LONGEST_HALF_DAY: Final = 240
"""A period of more minutes counts as two half-days (a full day)."""

UNIT_WORDS: Final[dict[PriceUnit, Sentence]] = {
    PriceUnit.PER_SESSION: say("per session"),
    PriceUnit.PER_HOUR: say("per hour"),
    PriceUnit.PER_HALF_DAY: say("per half-day"),
    PriceUnit.PER_DAY: say("per day"),
    PriceUnit.PER_SERIES: say("for the series"),
    PriceUnit.PER_PARTICIPANT: say("per participant"),
}

PAPER_UNITS: Final[dict[PriceUnit, str]] = {
    PriceUnit.PER_SESSION: "séance",
    PriceUnit.PER_HOUR: "heure",
    PriceUnit.PER_HALF_DAY: "demi-journée",
    PriceUnit.PER_DAY: "jour",
    PriceUnit.PER_SERIES: "série",
    PriceUnit.PER_PARTICIPANT: "participant",
}
"""Printed on quotes, agreements and invoices: French legal documents."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a demand would cost without VAT: `net = round(quantity × unit)`, half up."""

    quantity: Decimal
    unit: PriceUnit
    price: Money
    net: Money


def units_taken(unit: PriceUnit, minutes: Sequence[int], participants: int | None = None) -> Decimal:
    """How many units the sessions take; `minutes` is the elapsed length of each session.

    A session's price covers all its peers. Hours keep two decimals, half up.
    """
    match unit:
        case PriceUnit.PER_SESSION | PriceUnit.PER_DAY:
            return Decimal(len(minutes))
        case PriceUnit.PER_HOUR:
            return (Decimal(sum(minutes)) / 60).quantize(HUNDREDTH, rounding=ROUND_HALF_UP)
        case PriceUnit.PER_HALF_DAY:
            return Decimal(sum(1 if one <= LONGEST_HALF_DAY else 2 for one in minutes))
        case PriceUnit.PER_SERIES:
            return Decimal(1 if minutes else 0)
        case PriceUnit.PER_PARTICIPANT:
            return Decimal(participants or 0)


def estimate(unit: PriceUnit, price: Money, minutes: Sequence[int], participants: int | None = None) -> Estimate:
    """The cost of sessions of these lengths at a unit price."""
    quantity = units_taken(unit, minutes, participants)
    return Estimate(quantity, unit, price, price * quantity)


def price_on(session: Session, offering_id: int, day: date) -> Money | None:
    """The voted price of an offering on a day; None when none is in force."""
    cents = session.scalar(select(Price.cents).where(Price.offering_id == offering_id, Price.valid.contains(day)))
    return None if cents is None else Money(cents)


def vote_price(
    session: Session,
    code: str,
    price: Money,
    *,
    since: date,
    source: str,
    fictional: bool = False,
    actor: Actor,
    clock: Clock,
) -> Price:
    """Record a price from `since` on; the one in force until then ends there.

    Raises NotFound, InvalidInput("negative_price"), InvalidInput("source_missing"), Conflict("price_starts_later")
    when a price already starts on that day or later.
    """
    offering = locked(session, select(Offering).where(Offering.code == code))
    if offering is None:
        raise NotFound("offering", N_("This offering does not exist."))
    if price.cents < 0:
        raise InvalidInput("negative_price", N_("A price can't be below zero."), field="price")
    if not source.strip():
        raise InvalidInput("source_missing", N_("Say where the price was decided: a vote, a date."), field="source")
    later = func.lower(Price.valid) >= since
    if session.scalar(select(Price.id).where(Price.offering_id == offering.id, later)) is not None:
        raise Conflict("price_starts_later", N_("A price already starts on that day or later."), field="since")
    current = session.scalar(select(Price).where(Price.offering_id == offering.id, Price.valid.contains(since)))
    if current is not None:
        current.valid = Range(current.valid.lower, since)
        session.flush()
    row = Price(
        offering_id=offering.id,
        cents=price.cents,
        valid=Range(since, None),
        source=source.strip(),
        fictional=fictional,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    record(session, "price.vote", "offering", code, actor=actor, clock=clock, price=price, since=since)
    return row
