"""Where an invoice stands, from what was said of it: late, twice, in any order."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.billing.transmission.codes import (
    COMPULSORY,
    LABELS,
    REASON_LABELS,
    REASONS,
    UNSAID,
    LifeCode,
    ensure_reason,
    kept_reason,
)
from entrepairs.billing.transmission.life import ENDS, FINAL, LifeState, Said, life_of
from entrepairs.kernel.errors import InvalidInput

START = datetime(2027, 1, 11, 9, tzinfo=UTC)


def said(*codes: int, gap: float = 1.0) -> list[Said]:
    return [Said(code, START + timedelta(hours=gap * place)) for place, code in enumerate(codes)]


@pytest.mark.parametrize(
    ("codes", "state"),
    [
        ((), LifeState.WAITING),
        ((200,), LifeState.DEPOSITED),
        ((200, 201), LifeState.DEPOSITED),
        ((200, 202), LifeState.RECEIVED),
        ((200, 202, 203), LifeState.AVAILABLE),
        ((200, 203, 204), LifeState.IN_HAND),
        ((200, 203, 205), LifeState.APPROVED),
        ((200, 203, 206), LifeState.APPROVED),
        ((200, 203, 205, 214), LifeState.APPROVED),
        ((200, 203, 205, 211), LifeState.PAYMENT_SENT),
        ((200, 203, 211, 212), LifeState.COLLECTED),
        ((200, 203, 208), LifeState.SUSPENDED),
        ((200, 203, 208, 209), LifeState.IN_HAND),
        ((200, 203, 208, 209, 208), LifeState.SUSPENDED),
        ((200, 203, 208, 205), LifeState.APPROVED),
        ((200, 203, 207), LifeState.DISPUTED),
        ((200, 203, 207, 205), LifeState.APPROVED),
        ((200, 221), LifeState.TO_RECYCLE),
        ((200, 221, 200), LifeState.DEPOSITED),
        ((200, 203, 210), LifeState.REFUSED),
        ((200, 213), LifeState.REJECTED),
        ((501,), LifeState.INADMISSIBLE),
        ((200, 220), LifeState.CANCELLED),
        ((200, 203, 210, 205), LifeState.REFUSED),  # an end is an end
        ((200, 224, 228, 999, 777), LifeState.DEPOSITED),  # factoring, unknown codes: kept, nothing changes
    ],
)
def test_the_state_is_the_one_a_person_would_tell(codes: tuple[int, ...], state: LifeState):
    assert life_of(said(*codes)).state is state


@given(
    st.lists(
        st.tuples(st.sampled_from([*map(int, LifeCode), 777]), st.integers(0, 5), st.sampled_from([None, "AUTRE"])),
        max_size=12,
    ),
    st.randoms(use_true_random=False),
)
def test_order_and_repetition_change_nothing(drawn, mix):
    events = [Said(code, START + timedelta(hours=hour), reason) for code, hour, reason in drawn]
    again = [*events, *events[: len(events) // 2]]
    mix.shuffle(again)
    assert life_of(again) == life_of(events)


@given(st.lists(st.sampled_from([200, 201, 202, 203, 204, 205, 211, 212]), min_size=1, max_size=8))
def test_a_step_reached_is_never_left(codes):
    far = [life_of(said(*codes[:count])).state for count in range(1, len(codes) + 1)]
    order = [*LifeState]
    assert [order.index(state) for state in far] == sorted(order.index(state) for state in far)


def test_what_is_said_late_of_an_earlier_hour_does_not_lift_a_halt():
    halted = [*said(200, 203), Said(208, START + timedelta(hours=5), "JUSTIF_ABS", "la liste d'émargement")]
    assert life_of([*halted, Said(204, START + timedelta(hours=4))]).state is LifeState.SUSPENDED
    why = life_of(halted).why
    assert why is not None
    assert (why.reason, why.text) == ("JUSTIF_ABS", "la liste d'émargement")


def test_days_without_hours_do_not_mix_a_suspension_and_its_end():
    same = START
    assert life_of([Said(208, same), Said(209, same)]).state is LifeState.IN_HAND
    assert life_of([Said(208, same), Said(205, same)]).state is LifeState.SUSPENDED


def test_reasons_are_compulsory_where_the_norm_says_so():
    assert set(REASONS) == {206, 207, 208, 210, 213, 501}
    for code, allowed in REASONS.items():
        with pytest.raises(InvalidInput, match="reason_missing"):
            ensure_reason(code, None)
        with pytest.raises(InvalidInput, match="reason_unknown"):
            ensure_reason(code, "BEAU_TEMPS")
        for reason in allowed:
            ensure_reason(code, reason)
            assert reason in REASON_LABELS
    with pytest.raises(InvalidInput, match="reason_unknown"):
        ensure_reason(LifeCode.REFUSED, "AUTRE")  # thirteen reasons, and « another » is not one of them
    ensure_reason(LifeCode.DEPOSITED, None)


def test_a_reason_somebody_left_out_is_said_to_be_missing():
    assert kept_reason(210, None) == UNSAID
    assert kept_reason(210, "DOUBLON") == "DOUBLON"
    assert kept_reason(203, None) is None
    assert kept_reason(999, None) is None


def test_every_code_has_its_word_and_the_four_compulsory_ones_are_known():
    assert set(LABELS) == set(LifeCode)
    assert {200, 210, 212, 213} == COMPULSORY
    assert {ENDS[code] for code in ENDS} <= FINAL
