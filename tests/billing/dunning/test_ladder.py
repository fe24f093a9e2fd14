"""The ladder: one step at a time, whatever the delay, never during a pause."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from entrepairs.billing.dunning.ladder import DEFAULT_DAYS, ROUTES, Due, Recovery, Step, next_step
from entrepairs.network.models import PayerKind

DUE = date(2027, 1, 4)


def after(days: int) -> date:
    return DUE + timedelta(days=days)


def test_steps_come_at_the_days_voted():
    taken: dict[Step, date] = {}
    seen = []
    while (due := next_step(DEFAULT_DAYS, DUE, taken, None)) is not None:
        taken[due.step] = due.on
        seen.append((due.on - DUE).days)
    assert (list(taken), seen) == (list(Step), [7, 15, 30, 60])


def test_whoever_begins_late_still_climbs_one_step_at_a_time():
    taken = {Step.FRIENDLY: after(40)}
    assert next_step(DEFAULT_DAYS, DUE, taken, None) == Due(Step.REMINDER, after(48))


def test_nothing_comes_before_the_end_of_a_pause():
    assert next_step(DEFAULT_DAYS, DUE, {}, after(20)) == Due(Step.FRIENDLY, after(20))
    assert next_step(DEFAULT_DAYS, DUE, {}, after(2)) == Due(Step.FRIENDLY, after(7))


@given(st.dictionaries(st.sampled_from(Step), st.integers(0, 365), min_size=4), st.integers(0, 300))
def test_two_steps_never_come_the_same_day_whatever_is_voted(days: dict[Step, int], late: int):
    first = next_step(days, DUE, {}, None)
    assert first is not None
    day = max(first.on, after(late))
    following = next_step(days, DUE, {first.step: day}, None)
    assert following is not None
    assert following.on > day


def test_only_a_public_body_other_than_the_state_can_be_paid_for_by_another():
    assert {kind for kind, routes in ROUTES.items() if Recovery.ORDERED_PAYMENT in routes} == {
        PayerKind.PUBLIC_HOSPITAL,
        PayerKind.PUBLIC_LOCAL,
    }
