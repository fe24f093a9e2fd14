"""Something one may ask of a random team (`worlds`), often at an edge of what somebody holds."""

import random
from dataclasses import replace
from datetime import timedelta

from entrepairs.kernel.dates import Period
from entrepairs.matching.values import Ask, Place
from tests.factories.network import COMMUNES
from tests.factories.worlds import KINDS, THEMES, World, a_period, beside


def an_ask_of(world: World, chance: random.Random) -> Ask:
    """Something one may ask of this team, often at an edge of what somebody holds."""
    site, partner, place = chance.choice(world.sites)
    near = world.held[chance.choice(world.peers)]
    first = a_period(chance, near)
    sessions = [first]
    for _ in range(chance.choice((0, 0, 1, 3, 7))):
        sessions.append(_next(chance, sessions[-1]))
    sessions.sort()
    today = (sessions[0].start - timedelta(days=chance.choice((1, 5, 12, 40)))).date()
    seats = chance.choice((1, 1, 2))
    ask = Ask(
        ref=chance.choice([*(demand.ref for demand in world.demands), "DEM-NONE-HERE"]),
        sessions=tuple(sessions),
        place=place,
        today=today,
        partner_id=partner,
        site_id=site,
        qualifications=frozenset(chance.sample(KINDS, chance.choice((0, 0, 0, 1, 1, 2)))),
        language=chance.choice([None] * 6 + ["fr", "lsf", "wo"]),
        themes=frozenset(chance.sample([*THEMES, "rights"], chance.choice((0, 1, 3)))),
        preparation_minutes=chance.choice((0, 30, 60)),
        seats=seats,
        free_seats=seats,
        holders=tuple(sorted(chance.sample(world.peers, chance.choice((0, 0, 1, 2))))),
        learner_seats=chance.choice((0, 0, 1)),
        learners_here=chance.choice((0, 0, 0, 1)),
        with_professional=chance.random() < 0.2,
        within_km=chance.choice([None] * 6 + [0, 30, 100]),
        call_out=chance.random() < 0.15,
        at_home=chance.random() < 0.25,
        known_home=chance.random() < 0.5,
    )
    kind = chance.random()
    if kind < 0.15:
        return replace(ask, place=None)
    if kind < 0.3:
        latitude, longitude = chance.choice(list(COMMUNES.values()))[4:]
        return replace(ask, place=Place(float(latitude), float(longitude)), site_id=None)
    return ask


def another(ask: Ask, world: World, chance: random.Random) -> Ask:
    """The same times, place, team and day, of which something else is asked: what a pool once read can answer too."""
    other = an_ask_of(world, chance)
    kept = {name: getattr(ask, name) for name in ("ref", "sessions", "today", "partner_id", "site_id", "seats")}
    return replace(other, **kept, place=chance.choice((ask.place, None)))


def _next(chance: random.Random, one: Period) -> Period:
    if chance.random() < 0.8:
        step = timedelta(days=chance.choice((1, 7, 7, 7)))
        return Period(one.start + step, one.end + step)
    return beside(chance, one, timedelta(hours=chance.choice((1, 2))))
