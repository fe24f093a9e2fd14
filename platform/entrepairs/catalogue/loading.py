"""Bringing the palette into the tables: as often as one likes, the second time changes nothing."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from entrepairs.catalogue.models import Offering, OfferingQualification, Price
from entrepairs.catalogue.palette import OfferingItem, Palette
from entrepairs.kernel.clock import Clock

_COPIED: Final = (
    "name",
    "summary",
    "kind",
    "family",
    "session_minutes",
    "sessions_min",
    "sessions_usual",
    "facilitation",
    "second_optional",
    "learner_seat",
    "group_min",
    "group_max",
    "price_unit",
    "vat_regime",
    "asks_person_wish",
    "preparation_minutes",
    "pictogram",
)
DEMO_PRICE_SOURCE: Final = "Prix de démonstration, à fixer par l’association"


@dataclass(frozen=True, slots=True)
class Loaded:
    """Codes added, changed, withdrawn (no longer in the file, kept inactive), and given a fictional price."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    withdrawn: tuple[str, ...]
    priced: tuple[str, ...]


def load_palette(session: Session, palette: Palette, *, clock: Clock, demo_prices_since: date | None = None) -> Loaded:
    """Make the offerings what the file says; the caller commits.

    An offering that left the file becomes inactive, since demands may name it. One that the office made inactive stays so.
    With `demo_prices_since`, offerings that never had any price get the file's fictional one from that day on.
    """
    known = {offering.code: offering for offering in session.scalars(select(Offering))}
    added, changed = [], []
    for position, item in enumerate(palette.offerings, 1):
        row = known.get(item.code)
        if row is None:
            row = Offering(code=item.code, goals=[], position=position)
            known[item.code] = row
            _copy(session, item, row, position)
            session.add(row)
            added.append(item.code)
        elif _copy(session, item, row, position):
            changed.append(item.code)
    wanted = {item.code for item in palette.offerings}
    withdrawn = [row for row in known.values() if row.code not in wanted and row.active]
    for row in withdrawn:
        row.active = False
    session.flush()
    priced = _give_demo_prices(session, palette, known, demo_prices_since, clock) if demo_prices_since else []
    return Loaded(tuple(added), tuple(changed), tuple(sorted(row.code for row in withdrawn)), tuple(priced))


def _copy(session: Session, item: OfferingItem, row: Offering, position: int) -> bool:
    """Write what differs; True when something did."""
    values = {name: getattr(item, name) for name in _COPIED} | {"goals": list(item.goals), "position": position}
    differing = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in differing.items():
        setattr(row, name, value)
    wanted = set(item.required_qualifications)
    differs = set(row.qualifications) != wanted
    for required in [one for one in row.required if one.kind not in wanted]:
        row.required.remove(required)
        session.delete(required)
    row.required += [OfferingQualification(kind=kind) for kind in sorted(wanted - row.qualifications)]
    return bool(differing) or differs


def _give_demo_prices(
    session: Session, palette: Palette, rows: dict[str, Offering], since: date, clock: Clock
) -> list[str]:
    priced_already = set(session.scalars(select(Price.offering_id)))
    without = [item for item in palette.offerings if rows[item.code].id not in priced_already]
    for item in without:
        session.add(
            Price(
                offering_id=rows[item.code].id,
                cents=item.demo_price_cents,
                valid=Range(since, None),
                source=DEMO_PRICE_SOURCE,
                fictional=True,
                created_at=clock.now(),
            )
        )
    session.flush()
    return [item.code for item in without]
