"""Grants and entries of income for tests."""

import itertools
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.cooperative.grants import notify_grant, record_grant
from entrepairs.cooperative.models import Grant
from entrepairs.kernel.clock import Clock, FixedClock
from entrepairs.kernel.money import Money
from entrepairs.ledger.chart import ensure_chart
from entrepairs.ledger.models import Entry
from entrepairs.ledger.posting import Posting, post, register_axis_value

OFFICE = Actor("CPT-COMP-TABL", "La comptable")
_numbers = itertools.count(1)


def a_grant(session: Session, *, euros: int = 45_000, clock: Clock | None = None, **given: Any) -> Grant:
    """A grant asked for the year 2027."""
    ensure_chart(session)
    values: dict[str, Any] = {
        "funder": "Agence régionale",
        "purpose": "Deux postes de médiateurs de santé-pairs",
        "first": date(2027, 1, 1),
        "last": date(2027, 12, 31),
    }
    return record_grant(session, amount=Money.of(euros), actor=OFFICE, clock=clock or FixedClock(), **(values | given))


def a_notified_grant(
    session: Session, *, on: date = date(2027, 1, 4), clock: Clock | None = None, **given: Any
) -> Grant:
    """A grant notified, running when its period has begun."""
    grant = a_grant(session, clock=clock, **given)
    return notify_grant(session, grant.ref, on=on, actor=OFFICE, clock=clock or FixedClock())


def a_sale_entry(
    session: Session, euros: int | str, day: date, *, offering: str = "wrap_group", clock: Clock | None = None
) -> Entry:
    """Own income of an offering on a day; negative for a credit note."""
    ensure_chart(session)
    register_axis_value(session, "offering", offering, {"wrap_group": "Groupe WRAP"}.get(offering, offering))
    amount = Money.of(euros)
    lines = [
        Posting("411", debit=Money(abs(amount.cents)), aux_code="STR-TEST-TEST", aux_label="Clinique"),
        Posting("7061", credit=Money(abs(amount.cents)), axes={"offering": offering}),
    ]
    if amount.cents < 0:
        lines = [line.mirrored() for line in lines]
    return _posted(session, "VE", day, lines, clock)


def a_cost_entry(session: Session, euros: int | str, day: date, *, clock: Clock | None = None) -> Entry:
    """Wages paid on a day."""
    ensure_chart(session)
    amount = Money.of(euros)
    return _posted(session, "OD", day, [Posting("641", debit=amount), Posting("512", credit=amount)], clock)


def a_gift_entry(session: Session, euros: int | str, day: date, *, clock: Clock | None = None) -> Entry:
    """A gift received on a day."""
    ensure_chart(session)
    amount = Money.of(euros)
    return _posted(session, "BQ", day, [Posting("512", debit=amount), Posting("754", credit=amount)], clock)


def _posted(session: Session, journal: str, day: date, lines: list[Posting], clock: Clock | None) -> Entry:
    number = next(_numbers)
    return post(
        session, journal, day, f"T{number}", "Essai", lines, dedup=f"coop:{number}", clock=clock or FixedClock()
    )
