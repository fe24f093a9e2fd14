"""The columns answer as the rules do: the same people in the same order, the same records, the same counts."""

from dataclasses import fields
from random import Random

import pytest
from sqlalchemy.orm import Session

from entrepairs.kernel.parameters import figures
from entrepairs.matching.explaining import consider
from entrepairs.matching.gathering import gather_pool
from entrepairs.matching.hard_rules import ORDINARY, PERSONAL
from entrepairs.matching.index import ranking
from entrepairs.matching.index.candidate import TERMS, Known
from entrepairs.matching.index.ranking import consider_all, rank
from entrepairs.matching.index.scores import PARTS
from entrepairs.matching.index.survey import Survey
from entrepairs.matching.index.team import Team
from entrepairs.matching.index.twins import OBJECTS, TWINS
from entrepairs.matching.index.widening import relaxations_of
from entrepairs.matching.relaxing import FARTHEST, relaxations
from entrepairs.matching.scoring import PartKind, Weights
from entrepairs.matching.values import LOOK_AROUND, Ask, Candidate, HomeVisits, Limits
from entrepairs.network.rules import merged
from tests.conftest import Proof
from tests.factories.worlds import SINCE, World, a_world
from tests.factories.worlds_asks import an_ask_of, another

WEIGHTS = (Weights(), Weights(10, 10, 70, 5, 5), Weights(0, 0, 0, 100, 0))


def limits_of(ask: Ask, chance: Random) -> Limits:
    return Limits.on(figures(), ask.sessions[0].start.date()).voted(
        supervision_blocks=chance.random() < 0.3,
        home_visits=chance.choice(list(HomeVisits)),
        call_out_rest_hours=chance.choice((None, 0, 30)),
        volunteer_week_hours=chance.choice((None, 2)),
    )


def compare(pool: tuple[Candidate, ...], team: Team, ask: Ask, limits: Limits, weights: Weights) -> int:
    """One ask, everything compared; how many can come."""
    wanted = consider(ask, pool, limits, weights)
    found = consider_all(team, ask, limits, weights)
    assert tuple(found.not_possible) == tuple(wanted.not_possible)
    assert [each.explanation for each in found.possible] == [each.explanation for each in wanted.possible]
    assert list(found.counts) == list(wanted.counts)
    best = rank(team, ask, limits, weights, most=3)
    assert [each.explanation for each in best] == [each.explanation for each in wanted.possible[:3]]
    return len(wanted.possible)


def compare_changes(pool: tuple[Candidate, ...], team: Team, ask: Ask, limits: Limits) -> int:
    """What the demand could bend; how many changes help."""
    wanted = relaxations(ask, pool, limits, missing=ask.free_seats)
    assert relaxations_of(team, ask, limits, missing=ask.free_seats) == wanted
    return len(wanted)


def same_terms(survey: Survey, wanted: Candidate) -> None:
    """Every term of a peer, read from the columns; slots joined, entries of a set in any order."""
    known = Known(survey, survey.team.peers.row_of[wanted.id]).read()
    for term in fields(Candidate):
        mine, theirs = getattr(known, term.name), getattr(wanted, term.name)
        if term.name == "week":
            mine, theirs = merged(mine), merged(theirs)
        elif term.name in {"qualifications", "learning", "absences", "pauses", "training", "papers"}:
            mine, theirs = sorted(mine, key=str), sorted(theirs, key=str)
        assert mine == theirs, term.name


def test_the_columns_answer_as_the_rules_do(session: Session, proof: Proof) -> None:
    """10,000 cases at full size: 250 teams, 10 pools read from each, 4 asks of each pool."""
    possible = 0
    for number in range(proof.size(6, 250)):
        chance = proof.random("worlds", number)
        savepoint = session.begin_nested()
        world = a_world(session, chance)
        team = Team(session.connection(), SINCE)
        for _ in range(10):
            possible += _four_asks(session, team, world, chance)
        savepoint.rollback()
        session.expunge_all()
    assert possible > 0


def _four_asks(session: Session, team: Team, world: World, chance: Random) -> int:
    ask = an_ask_of(world, chance)
    pool = gather_pool(session, ask)
    survey = Survey(team, ask, limits_of(ask, chance), Weights())
    for wanted in pool:
        same_terms(survey, wanted)
    asks = (ask, *(another(ask, world, chance) for _ in range(3)))
    return sum(compare(pool, team, one, limits_of(one, chance), chance.choice(WEIGHTS)) for one in asks)


def test_the_columns_tell_what_to_change_as_the_rules_do(session: Session, proof: Proof) -> None:
    helped = 0
    for number in range(proof.size(2, 60)):
        chance = proof.random("changes", number)
        savepoint = session.begin_nested()
        world = a_world(session, chance)
        team = Team(session.connection(), SINCE)
        for _ in range(4):
            ask = an_ask_of(world, chance)
            pool = gather_pool(session, ask, around=LOOK_AROUND + FARTHEST)
            for one in (ask, another(ask, world, chance)):
                helped += compare_changes(pool, team, one, limits_of(one, chance))
        savepoint.rollback()
        session.expunge_all()
    assert helped > 0


def test_every_rule_has_a_twin_or_is_looked_at_one_by_one() -> None:
    codes = {rule.code for rule in (*ORDINARY, *PERSONAL)}
    assert set(TWINS) | OBJECTS == codes
    assert set(TWINS) & OBJECTS == set()


def test_every_part_of_the_score_has_a_twin() -> None:
    assert set(PARTS) == set(PartKind)


def test_every_term_of_a_candidate_is_read() -> None:
    assert {term for term in TERMS if not term.startswith("_")} == {term.name for term in fields(Candidate)}


def test_a_rule_without_its_twin_gives_the_same_answer(
    session: Session, proof: Proof, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = proof.random("without")
    world = a_world(session, chance, peers=12, demands=5)
    team, ask = Team(session.connection(), SINCE), an_ask_of(world, chance)
    pool = gather_pool(session, ask)
    for code in sorted(TWINS):
        with monkeypatch.context() as without:
            without.delitem(TWINS, code)  # type: ignore[arg-type]
            _look_at_the_tables_again()
            one = another(ask, world, chance)
            compare(pool, team, one, limits_of(one, chance), Weights())
    _look_at_the_tables_again()


def _look_at_the_tables_again() -> None:
    ranking.of_stage.cache_clear()
    ranking.without_twin.cache_clear()


def test_a_part_of_the_score_without_its_twin_gives_the_same_order(
    session: Session, proof: Proof, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = proof.random("parts")
    world = a_world(session, chance, peers=12, demands=5)
    team, ask = Team(session.connection(), SINCE), an_ask_of(world, chance)
    monkeypatch.delitem(PARTS, PartKind.WISHES)  # type: ignore[arg-type]
    compare(gather_pool(session, ask), team, ask, limits_of(ask, chance), Weights())
