"""Offerings and prices, valid by default."""

import itertools
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from entrepairs.catalogue.models import Facilitation, Offering, OfferingKind, OfferingQualification, Price, PriceUnit

_number = itertools.count(1)
NOW = datetime(2027, 1, 11, 9, tzinfo=ZoneInfo("Europe/Paris"))


def an_offering(
    session: Session, *, qualifications: tuple[str, ...] = (), cents: int | None = 20000, **kw: Any
) -> Offering:
    """A workshop alone, priced per session since 2026."""
    n = next(_number)
    values: dict[str, Any] = {
        "code": f"offering_{n}",
        "name": f"Atelier {n}",
        "summary": "Deux heures ensemble.",
        "kind": OfferingKind.ONE_OFF,
        "family": "Groupes et ateliers",
        "session_minutes": 120,
        "facilitation": Facilitation.ALONE,
        "price_unit": PriceUnit.PER_SESSION,
        "vat_regime": "social_nonprofit",
        "goals": ["partager"],
    }
    offering = Offering(**{**values, **kw})
    offering.required = [OfferingQualification(kind=kind) for kind in qualifications]
    session.add(offering)
    session.flush()
    if cents is not None:
        a_price(session, offering, cents)
    return offering


def a_wrap_group(session: Session, **kw: Any) -> Offering:
    """Eight weekly sessions of two hours, two certified co-facilitators, 8 to 12 people."""
    values: dict[str, Any] = {
        "name": "Groupe WRAP",
        "kind": OfferingKind.SERIES,
        "sessions_min": 8,
        "sessions_usual": 8,
        "facilitation": Facilitation.TWO_PEERS,
        "group_min": 8,
        "group_max": 12,
        "qualifications": ("wrap_facilitator",),
        "cents": 32000,
    }
    return an_offering(session, **{**values, **kw})


def a_price(session: Session, offering: Offering, cents: int, *, since: date = date(2026, 1, 1)) -> Price:
    """A voted price, without end."""
    price = Price(
        offering_id=offering.id, cents=cents, valid=Range(since, None), source="AG", fictional=True, created_at=NOW
    )
    session.add(price)
    session.flush()
    return price
