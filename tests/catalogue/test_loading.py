"""Bringing the palette into the tables."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from entrepairs.catalogue.loading import load_palette
from entrepairs.catalogue.models import Offering, OfferingQualification, Price
from entrepairs.catalogue.palette import load_palette_file
from entrepairs.kernel.vat_regimes import load_vat_regimes

CONFIG = Path(__file__).parents[2] / "config"
SINCE = date(2025, 1, 1)


@pytest.fixture(scope="module")
def palette():
    return load_palette_file(
        CONFIG / "catalogue.toml", vat_regimes=load_vat_regimes(CONFIG / "parameters" / "vat.toml")
    )


def changed_offering(palette, code, **changes):
    offerings = tuple(replace(o, **changes) if o.code == code else o for o in palette.offerings)
    return replace(palette, offerings=offerings)


def test_a_second_load_changes_nothing(session, palette, clock):
    first = load_palette(session, palette, clock=clock, demo_prices_since=SINCE)
    assert len(first.added) == len(first.priced) == len(palette.offerings)
    second = load_palette(session, palette, clock=clock, demo_prices_since=SINCE)
    assert (second.added, second.changed, second.withdrawn, second.priced) == ((), (), (), ())
    assert session.scalar(select(func.count()).select_from(Offering)) == len(palette.offerings)
    prices = session.scalars(select(Price)).all()
    assert all(price.fictional and price.source for price in prices)


def test_without_the_demo_no_price_is_invented(session, palette, clock):
    assert load_palette(session, palette, clock=clock).priced == ()
    assert session.scalar(select(func.count()).select_from(Price)) == 0


def test_a_change_in_the_file_reaches_the_table(session, palette, clock):
    load_palette(session, palette, clock=clock)
    other = changed_offering(
        palette, "wrap_group", summary="Autre phrase.", required_qualifications=("trainer", "wrap_facilitator")
    )
    assert load_palette(session, other, clock=clock).changed == ("wrap_group",)
    row = session.scalars(select(Offering).where(Offering.code == "wrap_group")).one()
    assert row.summary == "Autre phrase."
    assert row.qualifications == {"trainer", "wrap_facilitator"}
    bare = changed_offering(palette, "wrap_group", required_qualifications=())
    load_palette(session, bare, clock=clock)
    session.expire_all()
    assert row.qualifications == frozenset()
    count = select(func.count()).select_from(OfferingQualification).where(OfferingQualification.offering_id == row.id)
    assert session.scalar(count) == 0


def test_an_offering_that_left_the_file_stays_inactive_and_the_offices_choice_is_kept(session, palette, clock):
    load_palette(session, palette, clock=clock)
    shorter = replace(palette, offerings=palette.offerings[1:])
    assert load_palette(session, shorter, clock=clock).withdrawn == (palette.offerings[0].code,)
    load_palette(session, palette, clock=clock)
    row = session.scalars(select(Offering).where(Offering.code == palette.offerings[0].code)).one()
    assert row.active is False


def test_a_voted_price_is_never_touched(session, palette, clock):
    load_palette(session, palette, clock=clock, demo_prices_since=SINCE)
    price = session.scalars(select(Price)).first()
    price.cents, price.fictional = 12345, False
    session.flush()
    load_palette(session, palette, clock=clock, demo_prices_since=SINCE)
    session.refresh(price)
    assert (price.cents, price.fictional) == (12345, False)
