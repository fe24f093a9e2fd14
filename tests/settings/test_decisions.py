"""What the association votes, as an act reads it: once, and never older than its own transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import NotFound
from entrepairs.settings.decisions import decision, decision_or, decisions_on, vote

KEY = "tests.delay"
FIRST, SECOND = date(2026, 1, 1), date(2027, 1, 1)


def vote_since(session: Session, since: date, value: int, clock: FixedClock) -> None:
    vote(session, KEY, value, since=since, voted_on=since, source="AG", clock=clock)


@contextmanager
def asked(session: Session) -> Iterator[list[str]]:
    """The questions put to the database meanwhile."""
    questions: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        questions.append(statement)

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    yield questions
    event.remove(connection, "before_cursor_execute", note)


def test_the_value_is_the_one_of_the_day(session: Session, clock: FixedClock) -> None:
    vote_since(session, FIRST, 4, clock)
    vote_since(session, SECOND, 7, clock)
    assert [decision(session, KEY, day) for day in (FIRST, date(2026, 12, 31), SECOND)] == [4, 4, 7]
    assert decision_or(session, KEY, date(2025, 12, 31), None) is None
    with pytest.raises(NotFound):
        decision(session, "tests.never", SECOND)


def test_it_is_asked_once_by_transaction_whatever_the_day(session: Session, clock: FixedClock) -> None:
    vote_since(session, FIRST, 4, clock)
    with asked(session) as questions:
        for day in (FIRST, SECOND, date(2025, 1, 1)):
            decision_or(session, KEY, day, None)
            decisions_on(session, (KEY, "tests.never"), day)
    assert len([one for one in questions if "FROM decision" in one]) == 2, "one for each key"


def test_a_vote_of_the_same_transaction_is_seen_and_one_taken_back_is_not(session: Session, clock: FixedClock) -> None:
    vote_since(session, FIRST, 4, clock)
    assert decision(session, KEY, SECOND) == 4
    with session.begin_nested() as savepoint:
        vote_since(session, SECOND, 7, clock)
        assert decision(session, KEY, SECOND) == 7
        savepoint.rollback()
    assert decision(session, KEY, SECOND) == 4


def test_another_transaction_asks_again(session: Session, clock: FixedClock) -> None:
    vote_since(session, FIRST, 4, clock)
    decision(session, KEY, FIRST)
    session.commit()
    with asked(session) as questions:
        decision(session, KEY, FIRST)
    assert questions
