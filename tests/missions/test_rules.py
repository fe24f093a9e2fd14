"""Hours prefilled and split, what a structure is asked, silence."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepairs.catalogue.models import Facilitation, OfferingKind
from entrepairs.kernel.dates import paris
from entrepairs.kernel.errors import InvalidInput
from entrepairs.missions import rules
from entrepairs.missions.activities import activity_names
from entrepairs.missions.rules import Work

WRAP = Work("wrap_group", OfferingKind.SERIES, Facilitation.TWO_PEERS, 120, 30)
PRESENCE = Work("ward_presence", OfferingKind.PRESENCE, Facilitation.ALONE, 210)
KNOWN = set(activity_names())


def test_a_report_starts_from_the_session_and_its_preparation():
    assert rules.prefill(WRAP) == {"group": 120, "preparation": 30}


def test_a_presence_is_split_as_the_last_one_was():
    last = {"talk_alone": 120, "team_meeting": 90, "travel": 40}
    assert rules.prefill(PRESENCE, last) == last


def test_a_session_of_another_length_starts_afresh():
    assert rules.prefill(PRESENCE, {"talk_alone": 60}) == {"talk_alone": 210}


def test_meetings_with_a_professional_are_talks_with_two():
    work = Work("care_engagement", OfferingKind.ACCOMPANIMENT, Facilitation.PEER_AND_PROFESSIONAL, 90)
    assert rules.main_activity(work) == "talk_with_two"


@given(kind=st.sampled_from(OfferingKind), facilitation=st.sampled_from(Facilitation), minutes=st.integers(1, 600))
def test_every_offering_is_prefilled_with_a_known_activity_and_its_whole_length(kind, facilitation, minutes):
    hours = rules.prefill(Work("any", kind, facilitation, minutes, 15))
    assert hours.keys() <= KNOWN
    assert rules.presence_minutes(hours) == minutes


def test_preparation_and_travel_are_never_counted_to_the_structure():
    samira = {"group": 120, "preparation": 60, "travel": 90}
    paul = {"group": 90, "handover": 15}
    assert rules.service_minutes([samira, paul]) == 120
    assert rules.service_minutes([]) == 0


def test_the_largest_head_count_told_is_the_one_asked():
    assert rules.largest_headcount([None, 8, 9]) == 9
    assert rules.largest_headcount([None, None]) is None


def test_something_else_counts_for_the_whole_session():
    kept = rules.counted_hours({}, did_something_else=True, planned_minutes=120, known=KNOWN)
    assert kept == {"other": 120}


@pytest.mark.parametrize(
    ("hours", "code"),
    [
        ({}, "no_hours"),
        ({"group": 0}, "no_hours"),
        ({"dancing": 60}, "activity_unknown"),
        ({"group": -15}, "minutes_out_of_range"),
        ({"group": 600, "travel": 500}, "too_many_hours"),
    ],
)
def test_hours_that_cannot_be_are_said_on_the_hours(hours, code):
    with pytest.raises(InvalidInput, match=code) as refusal:
        rules.counted_hours(hours, did_something_else=False, planned_minutes=120, known=KNOWN)
    assert refusal.value.field == "hours"


def test_a_note_names_nobody():
    with pytest.raises(InvalidInput, match="identity_in_text"):
        rules.ensure_text("Longue discussion avec Mme Dupont.", field="note", names_checked=True)
    with pytest.raises(InvalidInput, match="name_to_check"):
        rules.ensure_text("Vu le Dr Martin.", field="note", names_checked=False)
    rules.ensure_text("Vu le Dr Martin.", field="note", names_checked=True)


def test_the_kind_recall_comes_the_next_morning_in_paris_also_across_the_change_of_hour():
    evening = datetime(2027, 3, 27, 20, tzinfo=UTC)  # 21 h in Paris, the night the clocks move
    assert paris(rules.next_morning(evening)).isoformat() == "2027-03-28T09:00:00+02:00"


def test_silence_counts_only_where_the_agreement_says_so():
    asked = datetime(2027, 1, 21, 17, tzinfo=UTC)
    assert rules.tacit_on(asked, None) is None
    assert rules.tacit_on(asked, 15) == date(2027, 2, 6)
