"""Reads of the palette for pages: offerings by family, with the price in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.catalogue.models import Offering, OfferingKind, Price
from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money


@dataclass(frozen=True, slots=True)
class PricedOffering:
    """An offering and its price without VAT on the day asked (None: no price voted)."""

    offering: Offering
    price: Money | None
    fictional: bool = False


def find_offering(session: Session, code: str, *, active_only: bool = True) -> Offering:
    """The offering of a code. Raises NotFound."""
    query = select(Offering).where(Offering.code == code)
    if active_only:
        query = query.where(Offering.active)
    offering = session.scalar(query)
    if offering is None:
        raise NotFound("offering", N_("This offering does not exist."))
    return offering


def palette(session: Session, on: date, *, active_only: bool = True) -> Sequence[PricedOffering]:
    """The offerings in the association's order, with the price in force on a day."""
    query = (
        select(Offering, Price)
        .outerjoin(Price, (Price.offering_id == Offering.id) & Price.valid.contains(on))
        .order_by(Offering.position, Offering.name)
    )
    if active_only:
        query = query.where(Offering.active)
    return [
        PricedOffering(offering, None if price is None else Money(price.cents), bool(price and price.fictional))
        for offering, price in session.execute(query)
    ]


def by_family(offerings: Sequence[PricedOffering]) -> list[tuple[str, list[PricedOffering]]]:
    """The same, grouped by family, families in the order of their first offering."""
    families: dict[str, list[PricedOffering]] = {}
    for priced in offerings:
        families.setdefault(priced.offering.family, []).append(priced)
    return list(families.items())


def emergency_offering(session: Session) -> Offering:
    """The offering of « Besoin aujourd'hui »: the first active one of that kind. Raises NotFound."""
    offering = session.scalar(
        select(Offering)
        .where(Offering.active, Offering.kind == OfferingKind.EMERGENCY)
        .order_by(Offering.position)
        .limit(1)
    )
    if offering is None:
        raise NotFound("offering", N_("This offering does not exist."))
    return offering


def price_history(session: Session, offering_id: int) -> Sequence[Price]:
    """Every price of an offering, newest first."""
    return session.scalars(select(Price).where(Price.offering_id == offering_id).order_by(Price.valid.desc())).all()
