"""The diary of a mission, read back by hand: RFC 5545."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from entrepairs.kernel.clock import PARIS
from entrepairs.missions import ics
from entrepairs.missions.ics import Event

EVENT = Event(
    uid="sea-1.aff-1@entrepairs",
    start=datetime(2027, 1, 21, 14, tzinfo=PARIS),
    end=datetime(2027, 1, 21, 16, tzinfo=PARIS),
    title="Groupe WRAP; séance, 1",
    place="CMP Les Tamaris\n3 place du Marché",
    sequence=4,
)


def made(*events: Event) -> str:
    stamp = datetime(2027, 1, 14, 9, tzinfo=UTC)
    return ics.calendar(events, stamp=stamp, organizer="bonjour@pairs.invalid", attendee="sam@pairs.invalid").decode()


def test_instants_are_written_in_utc_and_the_request_is_already_accepted():
    text = made(EVENT)
    assert "METHOD:REQUEST\r\n" in text
    assert "DTSTART:20270121T130000Z\r\n" in text
    assert "SEQUENCE:4\r\n" in text
    assert "PARTSTAT=ACCEPTED" in text


def test_commas_semicolons_and_line_ends_are_escaped():
    text = made(EVENT)
    assert "SUMMARY:Groupe WRAP\\; séance\\, 1\r\n" in text
    assert "LOCATION:CMP Les Tamaris\\n3 place du Marché\r\n" in text


def test_each_session_is_one_event():
    assert made(EVENT, EVENT).count("BEGIN:VEVENT\r\n") == 2


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=300))
def test_folding_keeps_the_text_and_no_line_is_too_long(text):
    folded = ics.fold(text)
    assert folded.replace("\r\n ", "") == text
    assert all(len(line.encode()) <= 75 for line in folded.split("\r\n"))
