"""What the columns tell of a demand is what the rules tell, person by person, on random teams of a real database."""

from datetime import date, time, timedelta
from random import Random

import pytest
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.demands.diary import hold_seat
from entrepairs.fairness import studies
from entrepairs.fairness.columns import look_over, team_for
from entrepairs.fairness.reasons import look_into
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict
from entrepairs.matching.gathering import gather_ask, gather_pool
from entrepairs.matching.looking import limits_on
from entrepairs.network.models import Employment, Peer
from entrepairs.network.rhythm import declare_absence, take_pause
from entrepairs.network.wishes import exclude_place
from tests.conftest import FreshDatabase, Proof
from tests.factories.catalogue import a_wrap_group, an_offering
from tests.factories.demands import a_confirmed_demand
from tests.factories.network import a_peer, a_site

KINDS = ("wrap_facilitator", "trainer")
TOWNS = ("13055", "13001", "06088", "84007")


def a_random_peer(session: Session, draw: Random) -> Peer:
    return a_peer(
        session,
        commune=draw.choice(TOWNS),
        qualifications=[kind for kind in KINDS if draw.random() < 0.6],
        week=draw.random() < 0.85,
        cleared=draw.random() < 0.8,
        languages=draw.choice((("fr",), ("fr", "ar"))),
        employment=draw.choice(list(Employment)),
        asks_missions=draw.random() < 0.8,
        weekly_max_hours=draw.choice((2, 20, 40)),
        radius_km=draw.choice((5, 60, 300)),
        joined_on=draw.choice((date(2025, 1, 1), date(2026, 12, 1))),
        left_on=draw.choice((None, None, None, date(2027, 2, 1))),
    )


@pytest.mark.parametrize("number", range(4))
def test_columns_and_rules_say_the_same(number: int, fresh_database: FreshDatabase, proof: Proof) -> None:
    draw, clock = proof.random("columns", number), FixedClock()
    with fresh_database.session() as session:
        sites = [a_site(session, commune=town) for town in TOWNS]
        offerings = [a_wrap_group(session), an_offering(session), an_offering(session, qualifications=("trainer",))]
        peers = [a_random_peer(session, draw) for _ in range(draw.randrange(0, 14))]
        refs = []
        for _ in range(8):
            site, offering = draw.choice(sites), draw.choice(offerings)
            day = date(2027, 1, 13) + timedelta(days=draw.randrange(0, 20))
            demand = a_confirmed_demand(
                session, site.partner, site, offering, first_day=day, start=time(draw.randrange(7, 20))
            )
            demand.language = draw.choice((None, None, "ar"))
            refs.append(demand.ref)
            for peer in draw.sample(peers, min(len(peers), draw.randrange(0, 2))):
                try:
                    hold_seat(session, demand, peer.id, actor=Actor.SYSTEM, clock=clock)
                except Conflict:
                    continue
        for peer in peers:
            if draw.random() < 0.2:
                take_pause(session, peer.ref, clock=clock)
            if draw.random() < 0.2:
                declare_absence(session, peer.ref, date(2027, 1, 20), date(2027, 1, 25), clock=clock)
            if draw.random() < 0.3:
                exclude_place(session, peer.ref, site_ref=draw.choice(sites).ref)
        session.commit()
        asks = [gather_ask(session, ref, clock=clock) for ref in refs]
        team = team_for(session, asks)
        assert team is not None
        for ask in asks:
            limits = limits_on(session, ask.today)
            pool = gather_pool(session, ask)
            for fewest in (1, 5):
                assert look_over(team, ask, limits, fewest) == look_into(ask, pool, limits, fewest)


def test_a_demand_of_the_past_is_seen(fresh_database: FreshDatabase) -> None:
    then, now = FixedClock(), FixedClock()
    then.advance(timedelta(days=-300))
    with fresh_database.session() as session:
        site = a_site(session)
        day = then.today() + timedelta(days=10)
        a_confirmed_demand(session, site.partner, site, an_offering(session), first_day=day, clock=then)
        for _ in range(6):
            a_peer(session, joined_on=date(2025, 1, 1), week=False)
        session.commit()
        study = studies.ask_study(session, clock=now)
        asks = [studies._ask(session, *one, now) for one in studies._to_look_at(session, study.since)]
        team = team_for(session, asks)
        assert team is not None
        found = [look_over(team, ask, limits_on(session, ask.today), 5) for ask in asks]
        assert [one.why for one in found if one] == ["usual_hours"]


def test_without_columns_the_rules_answer(session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studies, "team_for", lambda session, asks: None)
    monkeypatch.setattr(studies, "BY_RULES", 1)
    site = a_site(session)
    for _ in range(2):
        a_confirmed_demand(session, site.partner, site, an_offering(session))
    a_peer(session, week=False)
    study = studies.ask_study(session, clock=clock)
    studies.study_coverage(session, study.ref, {}, clock=clock)
    assert (study.done, study.total, study.done_at) == (1, 2, None)
    studies.study_coverage(session, study.ref, {}, clock=clock)
    assert study.done_at == clock.now()
    assert {finding.why for finding in study.findings} == {"usual_hours"}
