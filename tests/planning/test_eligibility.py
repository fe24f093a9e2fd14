"""Read once for many demands, people are told the same as one demand at a time."""

from random import Random

import pytest
from sqlalchemy.orm import Session

from entrepairs.kernel.dates import paris_day
from entrepairs.matching.explaining import Answer, consider
from entrepairs.matching.gathering import gather_pool
from entrepairs.matching.looking import limits_on, look, weights_on
from entrepairs.matching.values import Ask
from entrepairs.planning.eligibility import able, by_rules, lost_points
from entrepairs.planning.gathering import gather
from tests.factories.planning import a_region
from tests.matching.test_looking import counted

QUERIES = 25
ENOUGH = 20
"""People let in: under it, the draws prove nothing."""
MORE = 10
"""Regions drawn beyond the size, while too few people were let in."""


def _of_everybody(session: Session, ask: Ask) -> Answer:
    """Before those who go with nobody are kept apart: over a whole plan, refused pairs are the solver's to keep."""
    return consider(
        ask, gather_pool(session, ask), limits_on(session, paris_day(ask.span.start)), weights_on(session, ask.today)
    )


def test_a_plan_lets_in_the_same_people_with_the_same_score_as_matching(session, clock, proof) -> None:
    seen = 0
    for number in range(proof.size(2, 20) + MORE):
        if number >= proof.size(2, 20) and seen > ENOUGH:
            break
        region = a_region(session, proof.random("pool", number), peers=30, demands=10, clock=clock)
        gathered = gather(session, [demand.id for demand in region.demands], clock=clock)
        found = able(session, gathered, clock=clock)
        assert gathered.needed
        for needed in gathered.needed:
            assert needed.ask == look(session, needed.ask.ref, clock=clock).answer.ask
            answer = _of_everybody(session, needed.ask)
            mine = found[needed.ask.ref]
            assert mine == by_rules(needed.ask, gathered), "the columns and the rule objects say the same"
            assert mine.peers == tuple(each.candidate.id for each in answer.possible)
            assert mine.lost == tuple(
                lost_points(each.explanation.points, gathered.weights) for each in answer.possible
            )
            assert dict(mine.refused) == {
                reason.code: count for reason, count in answer.counts if reason.code != "already_comes"
            }
            read = [gathered.candidate(gathered.by_id[peer_id], needed.ask) for peer_id in mine.peers]
            assert read == [each.candidate for each in answer.possible]
            seen += len(read)
    assert seen > ENOUGH, "the draws let nobody come: they prove nothing"


def test_the_queries_do_not_grow_with_demands_nor_with_people(session, clock) -> None:
    few = a_region(session, Random(1), peers=3, demands=4, clock=clock)
    many = a_region(session, Random(2), peers=12, demands=20, clock=clock)
    days = {demand.first_day for demand in (*few.demands, *many.demands)}
    counts = []
    for region in (few, many):
        ids = [demand.id for demand in region.demands]
        session.expire_all()
        with counted(session) as seen:
            gather(session, ids, clock=clock)
        counts.append(len(seen))
    assert max(counts) <= QUERIES + len(days), counts


def test_somebody_who_said_no_is_not_asked_again(session, clock) -> None:
    region = a_region(session, Random(3), peers=30, demands=6, clock=clock)
    ids = [demand.id for demand in region.demands]
    found = able(session, gather(session, ids, clock=clock), clock=clock)
    ref, possible = next((ref, each) for ref, each in found.items() if each.peers)
    declined = {ref: frozenset({possible.peers[0], 10**9})}
    again = able(session, gather(session, ids, clock=clock, declined=declined), clock=clock)[ref]
    assert again.peers == possible.peers[1:]
    assert again.lost == possible.lost[1:]
    assert dict(again.refused) == dict(possible.refused) | {"said_no": 1}


@pytest.mark.parametrize("empty", [[], [10**9]])
def test_nothing_to_plan_is_nothing(session, clock, empty) -> None:
    gathered = gather(session, empty, clock=clock)
    assert gathered.needed == ()
    assert able(session, gathered, clock=clock) == {}
