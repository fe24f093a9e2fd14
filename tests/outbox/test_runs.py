"""Long works: one at a time, taken up again when their owner falls silent, stopped when asked, put aside when they kill."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from entrepairs.kernel.errors import InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.outbox.models import Run
from entrepairs.outbox.runs import (
    LEASE,
    MOST_ATTEMPTS,
    RunLost,
    ask_run,
    ask_stop,
    claim_run,
    end_run,
    fail_for,
    hand_over,
    own_run,
    renew,
    set_run_nudge,
)
from entrepairs.outbox.states import RunState
from entrepairs.outbox.turns import Pulse, Turn

NOW = datetime(2027, 1, 11, 8, tzinfo=UTC)
LATER = NOW + LEASE * 1.1


def asked(session: Session, subject: str = "X") -> Run:
    return ask_run(session, "test.work", subject, {"n": 3}, asked_by="CPT", asked_label="Claire", real_now=NOW)


def test_runs_are_taken_in_the_order_asked_and_one_at_a_time(session) -> None:
    first, second = asked(session, "A"), asked(session, "B")
    assert claim_run(session, real_now=NOW) is first
    assert (first.state, first.turn, first.started_at) == (RunState.RUNNING, 1, NOW)
    assert claim_run(session, real_now=NOW) is None, "the second waits for the end of the first"
    end_run(first, real_now=NOW)
    assert claim_run(session, real_now=NOW) is second


def test_a_silent_owner_is_replaced_and_can_write_nothing_more(session) -> None:
    run = asked(session)
    claim_run(session, real_now=NOW)
    renew(session, run.id, 1, real_now=NOW, kept={"best": 7}, progress={"done": 1, "total": 3})
    assert claim_run(session, real_now=NOW + LEASE / 2) is None
    again = claim_run(session, real_now=LATER)
    assert again is run
    assert (run.turn, run.kept) == (2, {"best": 7}), "it goes on from what was kept"
    with pytest.raises(RunLost):
        renew(session, run.id, 1, real_now=LATER, kept={"best": 0})
    assert run.kept == {"best": 7}


def test_a_silent_run_goes_before_those_that_wait(session) -> None:
    first, _second = asked(session, "A"), asked(session, "B")
    claim_run(session, real_now=NOW)
    assert claim_run(session, real_now=LATER) is first


def test_a_run_that_never_ends_is_put_aside_with_a_sentence_and_the_next_flows(session) -> None:
    poison, sound = asked(session, "poison"), asked(session, "sound")
    at = NOW
    for _ in range(MOST_ATTEMPTS):
        assert claim_run(session, real_now=at) is poison
        at += LEASE * 1.1
    assert claim_run(session, real_now=at) is sound
    assert poison.state is RunState.FAILED
    assert poison.failure is not None
    assert poison.failure["msgid"].startswith("It was started several times")


def test_an_unexpected_error_is_tried_again_then_given_up(session) -> None:
    run = asked(session)
    for _ in range(MOST_ATTEMPTS):
        assert run.state is RunState.QUEUED
        claim_run(session, real_now=NOW)
        hand_over(run, real_now=NOW, error="KeyError: 'x'")
    assert (run.state, run.last_error) == (RunState.FAILED, "KeyError: 'x'")


def test_a_worker_that_ends_hands_over_and_that_costs_no_attempt(session) -> None:
    run = asked(session)
    for number in range(1, MOST_ATTEMPTS * 2):
        assert claim_run(session, real_now=NOW) is run
        assert run.turn == number
        hand_over(run, real_now=NOW)
    assert (run.state, run.attempts) == (RunState.QUEUED, 0)


def test_a_refusal_is_said_and_not_tried_again(session) -> None:
    run = asked(session)
    claim_run(session, real_now=NOW)
    fail_for(run, InvalidInput("nothing", N_("Nothing to plan from %(day)s."), day="lundi"), real_now=NOW)
    assert run.failure == {"msgid": "Nothing to plan from %(day)s.", "params": {"day": "lundi"}}
    assert claim_run(session, real_now=LATER) is None


def test_a_stop_is_told_at_the_next_pulse_and_what_is_found_stays(session) -> None:
    run = asked(session)
    claim_run(session, real_now=NOW)
    turn = Turn.of(session, run, lease=LEASE)
    assert turn.pulse({"done": 1, "total": 3}, {"best": 7}) is Pulse.GO_ON
    ask_stop(session, run.ref, real_now=NOW)
    assert turn.pulse() is Pulse.STOP
    end_run(own_run(session, run.id, turn.number), real_now=NOW)
    assert (run.state, run.kept, run.progress) == (RunState.STOPPED, {"best": 7}, {"done": 1, "total": 3})


def test_a_stop_before_the_start_ends_it_and_a_stop_after_the_end_changes_nothing(session) -> None:
    waiting, over = asked(session, "A"), asked(session, "B")
    assert ask_stop(session, waiting.ref, real_now=NOW).state is RunState.STOPPED
    claim_run(session, real_now=NOW)
    end_run(over, real_now=NOW)
    session.flush()
    assert ask_stop(session, over.ref, real_now=LATER).state is RunState.DONE
    with pytest.raises(NotFound):
        ask_stop(session, "RUN-2222-2222", real_now=NOW)


def test_a_worker_that_ends_is_told_to_leave(session) -> None:
    run = asked(session)
    claim_run(session, real_now=NOW)
    assert Turn.of(session, run, lease=LEASE, leaving=lambda: True).pulse() is Pulse.LEAVE


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE run SET state = 'queued', ended_at = NULL",
        "UPDATE run SET kept = '{}'",
        "DELETE FROM run",
        "UPDATE run SET state = 'running', ended_at = NULL, lease_until = now()",
    ],
)
def test_the_database_keeps_a_run_as_it_ended(session, change: str) -> None:
    run = asked(session)
    claim_run(session, real_now=NOW)
    end_run(run, real_now=NOW)
    session.flush()
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text(change))


def test_the_database_refuses_two_runs_at_work_and_a_leap(session) -> None:
    asked(session, "A"), asked(session, "B")
    claim_run(session, real_now=NOW)
    for change in (
        "UPDATE run SET state = 'running', lease_until = now() WHERE state = 'queued'",
        "UPDATE run SET state = 'done', ended_at = now() WHERE state = 'queued'",
    ):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(change))


def test_workers_are_nudged_after_the_commit_only(session) -> None:
    told: list[int] = []
    set_run_nudge(lambda: told.append(1))
    try:
        asked(session)
        session.rollback()
        assert told == []
        asked(session)
        session.commit()
        assert told == [1]
    finally:
        set_run_nudge(None)


def test_a_lapse_is_told_by_the_lease_not_by_the_clock_of_business(session) -> None:
    run = asked(session)
    claim_run(session, real_now=NOW, lease=timedelta(seconds=2))
    assert run.lease_until == NOW + timedelta(seconds=2)
