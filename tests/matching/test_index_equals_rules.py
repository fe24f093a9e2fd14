"""The columns answer as the rules do: the same people in the same order, the same records, the same counts."""

from dataclasses import fields
from random import Random

import pytest
from sqlalchemy.orm import Session

from entrepairs.kernel.parameters import figures
from entrepairs.matching.explaining import consider
from entrepairs.matching.gathering import gather_pool
from entrepairs.matching.hard_rules import ORDINARY, PERSONAL
from entrepairs.matching.index.candidate import TERMS, Known
from entrepairs.matching.index.ranking import consider_all, rank
from entrepairs.matching.index.scores import PARTS
from entrepairs.matching.index.survey import Survey
from entrepairs.matching.index.team import Team
from entrepairs.matching.index.twins import OBJECTS, TWINS
from entrepairs.matching.scoring import PartKind, Weights
from entrepairs.matching.values import Ask, Candidate, Limits
from entrepairs.network.rules import merged
from tests.conftest import Proof
from tests.factories.worlds import SINCE, World, a_world, an_ask_of

WEIGHTS = (Weights(), Weights(10, 10, 70, 5, 5), Weights(0, 0, 0, 100, 0))


def limits_of(ask: Ask, chance: Random) -> Limits:
    return Limits.on(figures(), ask.sessions[0].start.date()).voted(
        supervision_blocks=chance.random() < 0.3,
        call_out_rest_hours=chance.choice((None, 0, 30)),
        volunteer_week_hours=chance.choice((None, 2)),
    )


def compare(session: Session, team: Team, ask: Ask, limits: Limits, weights: Weights) -> None:
    """One ask, everything compared."""
    wanted = consider(ask, gather_pool(session, ask), limits, weights)
    found = consider_all(team, ask, limits, weights)
    assert tuple(found.not_possible) == tuple(wanted.not_possible)
    assert [each.explanation for each in found.possible] == [each.explanation for each in wanted.possible]
    assert list(found.counts) == list(wanted.counts)
    best = rank(team, ask, limits, weights, most=5)
    assert [each.explanation for each in best] == [each.explanation for each in wanted.possible[:5]]


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
    asks, worlds = 20, proof.size(12, 500)
    for number in range(worlds):
        chance = proof.random("worlds", number)
        savepoint = session.begin_nested()
        world = a_world(session, chance)
        team = Team(session.connection(), SINCE)
        for _ in range(asks):
            ask = an_ask_of(world, chance)
            compare(session, team, ask, limits_of(ask, chance), chance.choice(WEIGHTS))
        _terms_of_some(session, team, world, chance)
        savepoint.rollback()
        session.expunge_all()


def _terms_of_some(session: Session, team: Team, world: World, chance: Random) -> None:
    ask = an_ask_of(world, chance)
    survey = Survey(team, ask, limits_of(ask, chance), Weights())
    for wanted in gather_pool(session, ask):
        same_terms(survey, wanted)


def test_every_rule_has_a_twin_or_is_looked_at_one_by_one() -> None:
    codes = {rule.code for rule in (*ORDINARY, *PERSONAL)}
    assert set(TWINS) | OBJECTS == codes
    assert set(TWINS) & OBJECTS == set()


def test_every_part_of_the_score_has_a_twin() -> None:
    assert set(PARTS) == set(PartKind)


def test_every_term_of_a_candidate_is_read() -> None:
    assert set(TERMS) == {term.name for term in fields(Candidate)}


@pytest.mark.parametrize("code", sorted(TWINS))
def test_a_rule_without_its_twin_gives_the_same_answer(
    code: str, session: Session, proof: Proof, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = proof.random("without", code)
    monkeypatch.delitem(TWINS, code)  # type: ignore[arg-type]
    world = a_world(session, chance, peers=10, demands=5)
    team = Team(session.connection(), SINCE)
    for _ in range(3):
        ask = an_ask_of(world, chance)
        compare(session, team, ask, limits_of(ask, chance), Weights())
