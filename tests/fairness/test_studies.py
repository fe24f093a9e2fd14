"""Coverage and studies on real PostgreSQL: counts by département, steps that resume, nothing of anybody's choice."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.demands.diary import hold_seat
from entrepairs.demands.ending import give_up
from entrepairs.demands.models import Demand, PlaceKind
from entrepairs.demands.scopes import lock_demand
from entrepairs.fairness import studies
from entrepairs.fairness.coverage import Covered, Outcome, coverage, last_study, since_of, study_under_way
from entrepairs.fairness.models import CoverageFinding, CoverageStudy
from entrepairs.kernel.clock import FixedClock
from entrepairs.network.models import Peer
from entrepairs.network.models.peers import PairWish
from entrepairs.network.rhythm import declare_absence, take_pause
from entrepairs.network.wishes import exclude_place
from entrepairs.outbox.models import ItemState, OutboxItem
from tests.factories.catalogue import an_offering
from tests.factories.demands import a_confirmed_demand, a_submitted_demand
from tests.factories.dispatch import a_certified_peer, a_firm_wrap_group
from tests.factories.network import a_peer, a_site
from tests.matching.test_looking import counted

SINCE = date(2026, 2, 1)
ACTOR = Actor.SYSTEM


def make(session: Session, clock: FixedClock) -> CoverageStudy:
    """Ask for a study and do its steps as a worker would."""
    study = studies.ask_study(session, clock=clock)
    do_steps(session, clock)
    session.refresh(study)
    return study


def do_steps(session: Session, clock: FixedClock) -> int:
    """The effects waiting, one after the other."""
    count = 0
    waiting = select(OutboxItem).where(OutboxItem.kind == studies.EFFECT, OutboxItem.state == ItemState.PENDING)
    while item := session.scalars(waiting.limit(1)).one_or_none():
        studies.study_coverage(session, item.subject_ref, item.payload, clock=clock)
        item.state, count = ItemState.DONE, count + 1
        session.flush()
    return count


def in_place(session: Session, code: str) -> Covered:
    return next(one for one in coverage(session, SINCE) if one.departement == code)


def a_demand(session: Session, commune: str = "13055", **offering: Any) -> Demand:
    """A firm demand of one person, on a Thursday of January."""
    site = a_site(session, commune=commune)
    return a_confirmed_demand(session, site.partner, site, an_offering(session, **offering))


def test_demands_are_counted_by_departement_and_by_what_became_of_them(session: Session, clock: FixedClock) -> None:
    given_up, served, two = a_demand(session), a_demand(session), a_firm_wrap_group(session)
    give_up(session, lock_demand(session, given_up.ref), actor=ACTOR, clock=clock)
    hold_seat(session, served, a_peer(session).id, actor=ACTOR, clock=clock)
    hold_seat(session, two, a_certified_peer(session).id, actor=ACTOR, clock=clock)
    site = a_site(session, commune="06088")
    a_submitted_demand(session, site.partner, site, an_offering(session))
    remote = a_demand(session)
    remote.place_kind = PlaceKind.REMOTE
    session.flush()
    marseille, nice = in_place(session, "13"), in_place(session, "06")
    assert marseille.counts == {Outcome.UNFILLED: 1, Outcome.SERVED: 1, Outcome.LOOKING: 1}
    assert (marseille.total, marseille.without, marseille.unstudied, marseille.served_percent) == (3, 2, 2, 33)
    assert (nice.counts, nice.served_percent) == ({Outcome.PREPARED: 1}, 100)
    assert [one.departement for one in coverage(session, SINCE)] == ["04", "05", "06", "13", "83", "84", ""]


def test_coverage_is_read_in_three_queries(session: Session, clock: FixedClock) -> None:
    for commune in ("13055", "06088", "84007"):
        a_demand(session, commune)
    make(session, clock)
    with counted(session) as sent:
        coverage(session, SINCE)
    assert len(sent) == 3


def test_cancelled_drafts_and_older_demands_are_left_out(session: Session, clock: FixedClock) -> None:
    old = a_demand(session)
    assert in_place(session, "13").total == 1
    old.submitted_at = FixedClock().now() - timedelta(days=400)
    session.flush()
    assert in_place(session, "13").total == 0
    assert since_of(clock.today(), 12) == SINCE


def test_a_study_says_what_was_missing_and_where_somebody_would_help(session: Session, clock: FixedClock) -> None:
    groups = [a_firm_wrap_group(session, first_day=date(2027, 1, 21)) for _ in range(2)]
    a_peer(session)
    a_certified_peer(session, commune="06088")
    study = make(session, clock)
    assert (study.total, study.done, study.done_at) == (2, 2, clock.now())
    assert in_place(session, "13").whys == [("qualification", 2)]
    assert study.newcomers is not None
    here = [one for one in study.newcomers if one["departement"] == "13"]
    assert here == [{"departement": "13", "qualifications": ["wrap_facilitator"], "demands": 1, "members": 1}], (
        "both groups are on the same Thursdays: one person does one of them"
    )
    assert {finding.eligible for finding in study.findings} == {1}
    assert {finding.demand_id for finding in study.findings} == {group.id for group in groups}


def test_a_demand_that_found_somebody_since_is_told_no_more(session: Session, clock: FixedClock) -> None:
    demand = a_demand(session)
    make(session, clock)
    assert in_place(session, "13").whys == [("team", 1)]
    hold_seat(session, demand, a_peer(session).id, actor=ACTOR, clock=clock)
    assert (in_place(session, "13").whys, in_place(session, "13").without) == ([], 0)
    a_demand(session)
    assert in_place(session, "13").unstudied == 1


def test_a_demand_given_up_is_studied_on_the_dates_it_had(session: Session, clock: FixedClock) -> None:
    demand = a_demand(session)
    give_up(session, lock_demand(session, demand.ref), actor=ACTOR, clock=clock)
    for _ in range(6):
        a_peer(session, week=False)
    later = FixedClock(clock.now() + timedelta(days=90))
    make(session, later)
    assert in_place(session, "13").whys == [("usual_hours", 1)]


CHOICES: dict[str, Callable[[Session, Peer, Demand, FixedClock], object]] = {
    "nothing": lambda session, peer, demand, clock: None,
    "pause": lambda session, peer, demand, clock: take_pause(session, peer.ref, clock=clock),
    "absence": lambda session, peer, demand, clock: declare_absence(
        session, peer.ref, date(2027, 1, 20), date(2027, 1, 22), clock=clock
    ),
    "exclusion": lambda session, peer, demand, clock: exclude_place(session, peer.ref, partner_ref=demand.partner.ref),
    "radius": lambda session, peer, demand, clock: setattr(peer, "radius_km", 0),
    "own maximum": lambda session, peer, demand, clock: setattr(peer, "weekly_max_hours", 1),
    "monthly maximum": lambda session, peer, demand, clock: setattr(peer, "monthly_max_hours", 1),
    "pair wish": lambda session, peer, demand, clock: setattr(peer, "pair_wish", PairWish.REQUIRED),
    "no missions": lambda session, peer, demand, clock: setattr(peer, "asks_missions", False),
}


@pytest.mark.parametrize("choice", CHOICES)
def test_what_one_person_chose_changes_nothing_of_what_is_told(
    choice: str, session: Session, clock: FixedClock
) -> None:
    """The only one who could come: whatever they chose, the page and the forecast read the same."""
    demand = a_demand(session)
    CHOICES[choice](session, a_peer(session), demand, clock)
    session.flush()
    study = make(session, clock)
    assert in_place(session, "13").whys == [("few", 1)]
    finding = session.scalars(select(CoverageFinding)).one()
    assert (finding.why, finding.needed, finding.eligible) == ("few", 1, 1)
    assert [(one["departement"], one["demands"]) for one in study.newcomers or []] == [("13", 1)]


def test_a_study_is_made_in_steps_and_a_step_done_twice_adds_nothing(
    session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studies, "BY_COLUMNS", 2)
    for _ in range(3):
        a_demand(session)
    a_peer(session)
    study = studies.ask_study(session, clock=clock)
    assert (study.total, study.done) == (3, 0)
    studies.study_coverage(session, study.ref, {}, clock=clock)
    assert (study.done, study.done_at, study.newcomers) == (2, None, None)
    assert last_study(session) is None
    assert do_steps(session, clock) == 2, "the first effect found its work done already"
    assert (study.done, study.done_at) == (3, clock.now())
    studies.study_coverage(session, study.ref, {}, clock=clock)
    studies.study_coverage(session, "ETU-2222-2222", {}, clock=clock)
    assert session.scalars(select(CoverageFinding.study_id)).all() == [study.id] * 3


def test_a_study_under_way_is_not_asked_twice_and_a_lost_one_is_asked_again(
    session: Session, clock: FixedClock
) -> None:
    first = studies.ask_study(session, clock=clock)
    assert studies.ask_study(session, clock=clock) is first
    clock.advance(timedelta(hours=2))
    assert study_under_way(session, clock.now() - studies.FORGOTTEN) is None
    assert studies.ask_study(session, clock=clock) is not first


def test_the_calendar_asks_when_there_is_something_to_look_at_and_the_last_is_old(
    session: Session, clock: FixedClock
) -> None:
    def asked() -> int:
        studies.ask_study_when_old(session, clock=clock)
        do_steps(session, clock)
        return len(session.scalars(select(CoverageStudy.id)).all())

    assert asked() == 0, "nothing to look at"
    a_demand(session)
    assert asked() == 1
    clock.advance(timedelta(days=1))
    assert asked() == 1
    clock.advance(timedelta(days=7))
    assert asked() == 2


def test_an_empty_association_has_an_empty_study(session: Session, clock: FixedClock) -> None:
    study = make(session, clock)
    assert (study.total, study.newcomers) == (0, [])
    assert all(one.total == 0 for one in coverage(session, SINCE))


def test_who_could_learn_lives_there_wishes_missions_and_lacks_it(session: Session, clock: FixedClock) -> None:
    a_firm_wrap_group(session)
    a_peer(session)
    a_peer(session, asks_missions=False)
    a_peer(session, commune="13001")
    a_peer(session, commune="06088")
    a_certified_peer(session)
    study = make(session, clock)
    assert [(one["departement"], one["members"]) for one in study.newcomers or []] == [("13", 2)]
