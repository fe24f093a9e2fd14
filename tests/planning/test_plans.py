"""A plan from asking to its offers, on PostgreSQL."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from entrepairs.audit.actors import Actor
from entrepairs.audit.models import AuditEntry
from entrepairs.demands.diary import hold_seat
from entrepairs.dispatch.answering import decline_offer
from entrepairs.dispatch.models import Offer, OfferState
from entrepairs.dispatch.plans import apply_plan, search
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.outbox.models import Run
from entrepairs.outbox.runs import LEASE, ask_stop, claim_run
from entrepairs.outbox.turns import Turn
from entrepairs.planning.asking import ask_plan, find_plan
from entrepairs.planning.models import Plan, PlanHours
from entrepairs.planning.states import Outcome, ProposalState
from tests.factories.catalogue import an_offering
from tests.factories.demands import a_confirmed_demand
from tests.factories.dispatch import OFFICE_ACTOR, a_certified_peer, a_firm_wrap_group, an_offer
from tests.factories.network import a_partner, a_peer, a_site
from tests.factories.plans import MONTH, NOW, do_effects, planned, workshop


def lines(plan: Plan) -> dict[str, tuple[Outcome, list[str]]]:
    """By demand: what became of it and who is proposed."""
    return {line.demand.ref: (line.outcome, sorted(one.peer.ref for one in line.proposals)) for line in plan.demands}


def test_a_month_is_planned_and_says_who_for_what_and_why_not(session, clock) -> None:
    group, talk = a_firm_wrap_group(session), workshop(session)
    one, other = a_certified_peer(session), a_certified_peer(session)
    plan = planned(session, clock)
    found = lines(plan)
    assert found[group.ref] == (Outcome.SERVED, sorted((one.ref, other.ref)))
    assert found[talk.ref][0] is Outcome.UNSERVED, "both are in the group at that hour"
    line = next(each for each in plan.demands if each.demand_id == talk.id)
    assert line.reasons == [["taken_in_plan", 2]]
    assert plan.concluded_at == clock.now()
    hours = {row.peer.ref: row for row in session.scalars(select(PlanHours).where(PlanHours.plan_id == plan.id))}
    assert hours[one.ref].minutes_before == 0
    assert hours[one.ref].minutes_after == 8 * 120
    assert plan.found["until"] > MONTH[1].isoformat(), "hours are compared to the last session"


def test_what_is_accepted_never_moves(session, clock) -> None:
    group, talk = a_firm_wrap_group(session), workshop(session)
    one, other = a_certified_peer(session), a_certified_peer(session)
    hold_seat(session, talk, one.id, actor=OFFICE_ACTOR, clock=clock)
    found = lines(planned(session, clock))
    assert talk.ref not in found
    assert found[group.ref] == (Outcome.UNSERVED, [])
    third = a_certified_peer(session)
    session.execute(text("UPDATE run SET state = 'done', ended_at = now(), lease_until = NULL WHERE state = 'running'"))
    assert lines(planned(session, clock))[group.ref] == (Outcome.SERVED, sorted((other.ref, third.ref)))


def test_who_said_no_is_not_asked_again_and_the_choice_of_demands_is_kept(session, clock) -> None:
    chosen, left = workshop(session), workshop(session)
    peer = a_peer(session)
    decline_offer(session, an_offer(session, chosen, peer).ref, actor=OFFICE_ACTOR, clock=clock)
    plan = planned(session, clock, demand_refs=[chosen.ref])
    assert lines(plan) == {chosen.ref: (Outcome.UNSERVED, [])}
    assert plan.demands[0].reasons == [["said_no", 1]]
    assert left.ref not in lines(plan)


def test_the_territory_and_the_period_narrow_the_demands(session, clock) -> None:
    here = workshop(session)
    partner = a_partner(session)
    a_confirmed_demand(session, partner, a_site(session, partner, commune="06088"), an_offering(session))
    workshop(session, first_day=date(2027, 4, 1))
    plan = ask_plan(session, *MONTH, departements=["13"], actor=OFFICE_ACTOR, clock=clock, real_now=NOW)
    assert [line.demand.ref for line in plan.demands] == [here.ref]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"until": MONTH[0]}, "period_order"),
        ({"until": date(2028, 1, 1)}, "period_long"),
        ({"seconds": 0}, "seconds_bounds"),
        ({"seconds": 601}, "seconds_bounds"),
        ({"demand_refs": []}, "no_demand"),
        ({"departements": ["05"]}, "no_demand"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_a_sentence(session, clock, given, code) -> None:
    workshop(session)
    asked = {"since": MONTH[0], "until": MONTH[1], "actor": OFFICE_ACTOR, "clock": clock, "real_now": NOW} | given
    with pytest.raises(InvalidInput) as refusal:
        ask_plan(session, **asked)
    assert refusal.value.code == code


def test_a_demand_filled_since_it_was_asked_is_said_to_be(session, clock) -> None:
    talk, other = workshop(session), workshop(session, first_day=date(2027, 1, 22))
    peer = a_peer(session)
    plan = ask_plan(session, *MONTH, seconds=1, actor=OFFICE_ACTOR, clock=clock, real_now=NOW)
    hold_seat(session, talk, peer.id, actor=OFFICE_ACTOR, clock=clock)
    run = claim_run(session, real_now=NOW)
    assert search(Turn.of(session, run, lease=LEASE), clock=clock)
    assert lines(plan) == {talk.ref: (Outcome.FILLED, []), other.ref: (Outcome.SERVED, [peer.ref])}


def test_a_stop_before_anything_was_found_still_gives_a_plan(session, clock) -> None:
    talk, peer = workshop(session), a_peer(session)
    plan = ask_plan(session, *MONTH, seconds=60, actor=OFFICE_ACTOR, clock=clock, real_now=NOW)
    run = claim_run(session, real_now=NOW)
    turn = Turn.of(session, run, lease=LEASE)
    ask_stop(session, run.ref, real_now=NOW)
    assert search(turn, clock=clock)
    assert lines(plan) == {talk.ref: (Outcome.SERVED, [peer.ref])}


def test_a_worker_that_ends_leaves_what_it_found_to_the_next(session, clock) -> None:
    workshop(session), a_peer(session)
    plan = ask_plan(session, *MONTH, seconds=60, actor=OFFICE_ACTOR, clock=clock, real_now=NOW)
    run = claim_run(session, real_now=NOW)
    assert not search(Turn.of(session, run, lease=LEASE, leaving=lambda: True), clock=clock)
    assert plan.concluded_at is None


def test_a_plan_is_concluded_once(session, clock) -> None:
    workshop(session), a_peer(session)
    plan = planned(session, clock)
    run = session.get(Run, plan.run_id)
    assert search(Turn.of(session, run, lease=LEASE), clock=clock), "taken up again after the end: nothing to do"
    for change in (
        "UPDATE plan SET found = '{}'",
        "DELETE FROM plan_proposal",
        "UPDATE plan_proposal SET km = 99",
        "UPDATE plan_hours SET minutes_after = 10000",
    ):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(change))


# --- applying ------------------------------------------------------------------------------------------------


def test_applying_sends_offers_and_assigns_nobody(session, clock) -> None:
    talk, peer = workshop(session), a_peer(session)
    plan = planned(session, clock)
    assert apply_plan(session, plan.ref, actor=OFFICE_ACTOR, clock=clock) == 1
    do_effects(session, clock)
    offer = session.scalars(select(Offer)).one()
    assert (offer.demand_id, offer.peer_id, offer.state) == (talk.id, peer.id, OfferState.SENT)
    proposal = plan.demands[0].proposals[0]
    assert (proposal.state, proposal.offer_ref) == (ProposalState.SENT, offer.ref)
    assert not session.scalar(select(func.count()).select_from(Offer).where(Offer.assignment_id.is_not(None)))
    told = session.scalars(select(AuditEntry).where(AuditEntry.action == "demand.propose")).one()
    assert told.actor_ref == OFFICE_ACTOR.ref


def test_applying_twice_asks_once(session, clock) -> None:
    workshop(session), a_peer(session)
    plan = planned(session, clock)
    assert apply_plan(session, plan.ref, actor=OFFICE_ACTOR, clock=clock) == 1
    assert apply_plan(session, plan.ref, actor=OFFICE_ACTOR, clock=clock) == 0
    for _ in range(2):
        do_effects(session, clock)
    assert len(session.scalars(select(Offer)).all()) == 1


def test_some_demands_may_be_applied_and_the_others_later(session, clock) -> None:
    first, second = workshop(session), workshop(session, first_day=date(2027, 1, 22))
    a_peer(session)
    plan = planned(session, clock)
    assert apply_plan(session, plan.ref, [second.ref], actor=OFFICE_ACTOR, clock=clock) == 1
    do_effects(session, clock)
    assert [offer.demand_id for offer in session.scalars(select(Offer))] == [second.id]
    assert apply_plan(session, plan.ref, actor=OFFICE_ACTOR, clock=clock) == 1
    do_effects(session, clock)
    assert {offer.demand_id for offer in session.scalars(select(Offer))} == {first.id, second.id}


def test_a_proposal_no_longer_possible_is_left_and_the_other_half_leaves(session, clock) -> None:
    group = a_firm_wrap_group(session)
    one, other = a_certified_peer(session), a_certified_peer(session)
    plan = planned(session, clock)
    one.left_on = date(2027, 1, 20)
    session.flush()
    apply_plan(session, plan.ref, actor=OFFICE_ACTOR, clock=clock)
    do_effects(session, clock)
    states = {each.peer.ref: each.state for each in plan.demands[0].proposals}
    assert states == {one.ref: ProposalState.GONE, other.ref: ProposalState.SENT}
    assert [offer.peer_id for offer in session.scalars(select(Offer).where(Offer.demand_id == group.id))] == [other.id]


@pytest.mark.parametrize("meanwhile", ["held", "asked", "declined", "cancelled"])
def test_a_demand_that_needs_nobody_any_more_is_left(session, clock, meanwhile) -> None:
    talk, peer = workshop(session), a_peer(session)
    plan = planned(session, clock)
    late = a_peer(session)
    if meanwhile == "held":
        hold_seat(session, talk, late.id, actor=OFFICE_ACTOR, clock=clock)
    elif meanwhile == "asked":
        an_offer(session, talk, late)
    elif meanwhile == "declined":
        decline_offer(session, an_offer(session, talk, peer).ref, actor=OFFICE_ACTOR, clock=clock)
    else:
        session.execute(text("UPDATE demand SET state = 'cancelled'"))
        session.expire_all()
    before = session.scalar(select(func.count()).select_from(Offer))
    apply_plan(session, plan.ref, actor=Actor.SYSTEM, clock=clock)
    do_effects(session, clock)
    assert session.scalar(select(func.count()).select_from(Offer)) == before
    assert [one.state for one in plan.demands[0].proposals] == [ProposalState.GONE]


def test_an_offer_already_sent_to_the_same_person_is_the_same_offer(session, clock) -> None:
    talk, peer = workshop(session), a_peer(session)
    plan = planned(session, clock)
    offer = an_offer(session, talk, peer)
    apply_plan(session, plan.ref, actor=OFFICE_ACTOR, clock=clock)
    do_effects(session, clock)
    assert plan.demands[0].proposals[0].offer_ref == offer.ref


def test_a_plan_still_searched_is_not_applied(session, clock) -> None:
    workshop(session)
    plan = ask_plan(session, *MONTH, actor=OFFICE_ACTOR, clock=clock, real_now=NOW)
    with pytest.raises(Conflict):
        apply_plan(session, plan.ref, actor=OFFICE_ACTOR, clock=clock)
    with pytest.raises(NotFound):
        find_plan(session, "PLA-2222-2222")


def test_a_plan_applied_late_leaves_what_has_begun(session, clock) -> None:
    workshop(session), a_peer(session)
    plan = planned(session, clock)
    clock.advance(timedelta(days=30))
    apply_plan(session, plan.ref, actor=OFFICE_ACTOR, clock=clock)
    do_effects(session, clock)
    assert [one.state for one in plan.demands[0].proposals] == [ProposalState.GONE]
