"""What the engine is told holds what the rules hold; what it can't be told is looked at again."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from entrepairs.matching.explaining import reasons_against
from entrepairs.matching.values import Place
from entrepairs.network.models.peers import Employment
from entrepairs.planning.checking import settle
from entrepairs.planning.clashes import Clashes
from entrepairs.planning.compiling import Horizon, compile_problem, horizon_of
from entrepairs.planning.eligibility import Able, by_rules, reasons_of
from entrepairs.planning.gathering import Gathered
from entrepairs.planning.priorities import DEFAULT
from entrepairs.planning.problem import MINUTE, Problem
from tests.factories.matching import AIX, MARSEILLE, THURSDAY, at, work
from tests.planning.values import PERIOD, asking, gathered, somebody

NICE = Place(43.70313, 7.26608, site_id=3)
NOT_TOLD = {"weekly_rest", "week_length"}
"""Rules the engine's model can't express: rest over a week, the mean of twelve weeks."""


def able(world: Gathered) -> dict[str, Able]:
    """By the rule objects."""
    return {each.ask.ref: by_rules(each.ask, world) for each in world.needed}


def compiled(world) -> Problem:
    return compile_problem(world, able(world), horizon_of(world.needed, *PERIOD), DEFAULT)


def may_take_both(problem: Problem, peer: int, one: int, other: int) -> bool:
    """What the engine thinks of two requests for one peer."""
    if Clashes(problem).among(peer, np.array([one, other]))[0, 1]:
        return False
    return bool((problem.loads[one] + problem.loads[other] <= problem.capacity[peer]).all())


def test_two_demands_are_together_for_the_engine_when_they_are_for_the_rules(proof) -> None:
    draw, together, apart = proof.random("clashes"), 0, 0
    for _ in range(proof.size(60, 600)):
        asks = [
            asking(
                number,
                *(
                    at(THURSDAY + timedelta(days=draw.randrange(4), weeks=week), f"{draw.randrange(6, 20):02d}:00", 180)
                    for week in range(draw.randrange(1, 3))
                ),
                place=draw.choice((MARSEILLE, AIX, NICE, None)),
                call_out=draw.random() < 0.3,
                preparation_minutes=draw.choice((0, 60)),
            )
            for number in range(2)
        ]
        peer = somebody(
            1,
            weekly_max_hours=draw.choice((6, 35)),
            monthly_max_hours=draw.choice((None, 5)),
            radius_km=500,
            employment=draw.choice((Employment.EMPLOYEE, Employment.VOLUNTEER)),
            bookings=(work(THURSDAY + timedelta(days=1), "09:00", 240),) if draw.random() < 0.3 else (),
        )
        world = gathered(asks, [peer])
        if not all(each.peers for each in able(world).values()):
            continue
        problem = compiled(world)
        holding = replace(peer, bookings=tuple(sorted((*peer.bookings, *asks[1].work))))
        reasons = reasons_against(asks[0], holding, world.limits_of(asks[0]))
        if may_take_both(problem, 0, 0, 1):
            together += 1
            assert {reason.code for reason in reasons} <= NOT_TOLD
        else:
            apart += 1
            assert reasons
    assert together
    assert apart


def test_an_hour_away_from_a_wish_is_the_unit_of_everything() -> None:
    near = somebody(1, wished_hours=40)
    far = somebody(2, wished_hours=20, home=Place(AIX.latitude, AIX.longitude))
    problem = compiled(gathered([asking(1)], [near, far]))
    span = Horizon(*PERIOD)
    assert problem.target.tolist() == [span.wished_minutes(near) * MINUTE, span.wished_minutes(far) * MINUTE]
    assert problem.option_cost[0] < problem.option_cost[1], "the journey costs"
    assert problem.value[0] > 10 * problem.option_cost.max(), "and never as much as leaving a demand unserved"


def test_preparation_counts_among_the_hours_given() -> None:
    ask = asking(0, at(THURSDAY, "10:00", 180), at(THURSDAY + timedelta(weeks=1), "10:00", 180), preparation_minutes=45)
    problem = compiled(gathered([ask, asking(1, at(THURSDAY, "14:00", 60))], [somebody(1)]))
    assert problem.minutes.tolist() == [2 * (180 + 45), 60]


def test_wishes_are_counted_over_the_days_looked_at() -> None:
    peer = somebody(1, wished_hours=31)
    assert Horizon(date(2027, 1, 1), date(2027, 2, 1)).wished_minutes(peer) == 31 * 60
    assert Horizon(date(2027, 1, 16), date(2027, 2, 1)).wished_minutes(peer) == 16 * 60
    assert Horizon(date(2027, 1, 1), date(2027, 3, 1)).wished_minutes(peer) == 2 * 31 * 60


def test_what_is_promised_already_narrows_the_weeks() -> None:
    booked = somebody(1, weekly_max_hours=6, bookings=(work(THURSDAY - timedelta(days=1), "09:00", 300),))
    world = gathered([asking(1, at(THURSDAY, "14:00", 60)), asking(2, at(THURSDAY, "16:00", 60))], [booked])
    assert not may_take_both(compiled(world), 0, 0, 1)


def test_a_demand_nobody_can_serve_is_no_promise_of_the_bound() -> None:
    possible, impossible = asking(1), asking(2, qualifications=frozenset({"mediation"}))
    pair = asking(3, seats=2, free_seats=2, language="ar")
    world = gathered([possible, impossible, pair], [somebody(1), somebody(2, languages=frozenset({"ar"}))])
    assert compiled(world).requests == (possible.ref,)


def test_nothing_to_plan_compiles_to_nothing() -> None:
    problem = compiled(gathered([], []))
    assert problem.requests == ()
    assert problem.peers == ()


def test_a_proposal_the_rules_refuse_is_dropped_and_somebody_else_is_found() -> None:
    asks = [asking(1, at(THURSDAY, "09:00")), asking(2, at(THURSDAY, "10:00"))]
    world = gathered(asks, [somebody(1), somebody(2)])
    settled = settle(world, able(world), {asks[0].ref: [1], asks[1].ref: [1]}, DEFAULT)
    assert [[one.candidate.id for one in each.chosen] for each in settled] == [[1], [2]]


def test_of_two_demands_for_one_person_the_one_needed_most_stays() -> None:
    asks = [asking(1, at(THURSDAY, "09:00")), asking(2, at(THURSDAY, "10:00"), call_out=True)]
    world = gathered(asks, [somebody(1)])
    possible = able(world)
    settled = settle(world, possible, {asks[0].ref: [1], asks[1].ref: [1]}, DEFAULT)
    assert [len(each.chosen) for each in settled] == [0, 1]
    assert settled[0].taken_elsewhere == 1
    assert reasons_of(possible[asks[0].ref], settled[0].taken_elsewhere) == [("taken_in_plan", 1)]


def test_somebody_the_rules_never_let_in_is_not_taken_from_the_engine() -> None:
    ask = asking(1)
    world = gathered([ask], [somebody(1, excluded=False, radius_km=0, home=Place(AIX.latitude, AIX.longitude))])
    assert settle(world, able(world), {ask.ref: [1, 99]}, DEFAULT)[0].chosen == ()


def test_two_people_who_do_not_wish_to_come_together_never_do() -> None:
    ask = asking(1, seats=2, free_seats=2)
    one, other = somebody(1, refused=frozenset({2})), somebody(2, refused=frozenset({1}))
    world = gathered([ask], [one, other])
    assert settle(world, able(world), {ask.ref: [1, 2]}, DEFAULT)[0].chosen == ()
    third = gathered([ask], [one, other, somebody(3)])
    chosen = settle(third, able(third), {ask.ref: [1, 2]}, DEFAULT)[0].chosen
    assert {one.candidate.id for one in chosen} in ({1, 3}, {2, 3})
    assert compiled(third).refused.tolist() == [[0, 1]]


def test_that_two_make_no_pair_is_told_as_any_other_choice() -> None:
    ask = asking(1, seats=2, free_seats=2)
    apart = [somebody(1, refused=frozenset({2})), somebody(2, refused=frozenset({1})), somebody(3, papers=())]
    chosen = [somebody(n, papers=()) for n in range(1, 4)]
    told = []
    for team in (apart, chosen):
        world = gathered([ask], team)
        settled = settle(world, able(world), {}, DEFAULT)[0]
        told.append(reasons_of(by_rules(ask, world), settled.taken_elsewhere, settled.left))
    assert told == [[("choices", 3)]] * 2


def test_somebody_alone_where_two_are_needed_is_said_to_be() -> None:
    ask = asking(1, seats=2, free_seats=2)
    world = gathered([ask], [somebody(1), somebody(2, papers=())])
    settled = settle(world, able(world), {}, DEFAULT)[0]
    assert reasons_of(by_rules(ask, world), settled.taken_elsewhere, settled.left) == [("alone", 1), ("choices", 1)]


def test_a_second_person_is_left_out_only_where_one_may_come_alone() -> None:
    ask = asking(1, seats=2, free_seats=2)
    for optional, found in ((False, 0), (True, 1)):
        world = gathered([ask], [somebody(1)], optional=optional)
        settled = settle(world, able(world), {}, DEFAULT)[0]
        assert len(settled.chosen) == found
        assert not settled.complete


def test_every_personal_cause_gives_the_same_reason() -> None:
    ask = asking(1)
    causes = [
        somebody(1, radius_km=0, home=Place(AIX.latitude, AIX.longitude)),
        somebody(1, papers=()),
        somebody(1, weekly_max_hours=1),
        somebody(1, asks_missions=False),
    ]
    told = [reasons_of(by_rules(ask, gathered([ask], [cause])), 0) for cause in causes]
    assert told == [[("choices", 1)]] * len(causes)
    excluded = gathered([ask], [somebody(1)], excluded_sites={1: frozenset({1})})
    assert reasons_of(by_rules(ask, excluded), 0) == [("choices", 1)]


def test_the_shared_reason_comes_last_whatever_its_number() -> None:
    ask = asking(1, qualifications=frozenset({"wrap_facilitator"}))
    team = [somebody(1, qualifications=()), *(somebody(n, papers=()) for n in range(2, 5))]
    world = gathered([ask], team)
    assert reasons_of(by_rules(ask, world), 0) == [("qualification", 1), ("choices", 3)]
