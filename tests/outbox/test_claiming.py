"""Effects: written once, taken by one, given back when a worker dies, put aside when they kill."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.models import AuditEntry
from entrepairs.audit.recording import record
from entrepairs.audit.sealing import seal_new_entries, verify
from entrepairs.outbox.adding import add, set_nudge, withdraw
from entrepairs.outbox.claiming import LEASE, MOST_ATTEMPTS, claim_next, mark_done, mark_failed
from entrepairs.outbox.models import ItemState, OutboxItem
from entrepairs.outbox.slots import due_slots, take_slot

NOW = datetime(2027, 1, 11, 8, tzinfo=UTC)


def written(session: Session, dedup: str = "one", due_at: datetime = NOW) -> bool:
    return add(session, "test.effect", subject_kind="x", subject_ref="X", due_at=due_at, dedup=dedup)


def test_an_effect_is_written_once(session) -> None:
    assert written(session)
    assert not written(session)
    assert len(session.scalars(select(OutboxItem)).all()) == 1


def test_an_effect_waits_for_its_business_instant(session) -> None:
    written(session, due_at=NOW + timedelta(days=3))
    assert claim_next(session, business_now=NOW, real_now=NOW) is None
    assert claim_next(session, business_now=NOW + timedelta(days=3), real_now=NOW) is not None


def test_a_leased_effect_comes_back_when_the_lease_lapses(session) -> None:
    written(session)
    assert claim_next(session, business_now=NOW, real_now=NOW)
    assert claim_next(session, business_now=NOW, real_now=NOW + LEASE / 2) is None
    again = claim_next(session, business_now=NOW, real_now=NOW + LEASE * 1.1)
    assert again is not None
    assert again.attempts == 2


def test_an_effect_that_never_ends_is_put_aside_and_the_next_flows(session) -> None:
    written(session, "poison")
    written(session, "sound", NOW + timedelta(seconds=1))
    at = NOW
    for _ in range(MOST_ATTEMPTS):
        assert claim_next(session, business_now=NOW, real_now=at).dedup_key == "poison"
        at += LEASE * 1.1
    assert claim_next(session, business_now=NOW + timedelta(minutes=1), real_now=at).dedup_key == "sound"
    poison = session.scalars(select(OutboxItem).where(OutboxItem.dedup_key == "poison")).one()
    assert poison.state is ItemState.FAILED


def test_failures_pause_longer_each_time_then_reach_the_office(session) -> None:
    written(session)
    pauses, at = [], NOW
    while (item := claim_next(session, business_now=NOW, real_now=at)) is not None:
        mark_failed(item, "away", retry=True, real_now=at)
        if item.state is ItemState.FAILED:
            break
        pauses.append(item.not_before - at)
        at = item.not_before
    assert pauses == sorted(pauses)
    assert len(pauses) == MOST_ATTEMPTS - 1
    assert item.state is ItemState.FAILED


def test_two_workers_never_take_the_same(fresh_database) -> None:
    with fresh_database.session() as writer:
        written(writer)
        writer.commit()
    with fresh_database.session() as one, fresh_database.session() as two:
        taken = claim_next(one, business_now=NOW, real_now=NOW)
        assert claim_next(two, business_now=NOW, real_now=NOW) is None, "the row is locked, not waited for"
        mark_done(taken, real_now=NOW)
        one.commit()
        assert claim_next(two, business_now=NOW, real_now=NOW) is None


def test_the_nudge_comes_after_the_commit_and_not_after_a_rollback(fresh_database) -> None:
    heard: list[int] = []
    set_nudge(lambda: heard.append(1))
    try:
        with fresh_database.session() as writer:
            written(writer)
            writer.rollback()
            assert heard == []
            written(writer)
            assert heard == []
            writer.commit()
            assert heard == [1]
    finally:
        set_nudge(None)


def test_an_effect_that_lost_its_object_is_not_done(session) -> None:
    written(session)
    withdraw(session, "one")
    assert claim_next(session, business_now=NOW, real_now=NOW) is None


def test_a_slot_is_taken_once_and_missed_slots_are_caught_up_in_order(session) -> None:
    hour = timedelta(hours=1)
    (first,) = due_slots(session, "job", hour, NOW)
    assert take_slot(session, "job", first, real_now=NOW)
    assert not take_slot(session, "job", first, real_now=NOW)
    assert due_slots(session, "job", hour, NOW + timedelta(minutes=59)) == []
    later = due_slots(session, "job", hour, NOW + timedelta(hours=6))
    assert later == [NOW + hour * n for n in range(1, 7)]


def test_the_trail_can_only_grow(session, clock) -> None:
    record(session, "test.act", "x", "X", actor=Actor.SYSTEM, clock=clock)
    session.flush()
    for order in ("UPDATE audit_entry SET action = 'other'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(order))


def test_a_seal_shows_a_row_altered_behind_our_back(fresh_database, clock) -> None:
    from sqlalchemy import create_engine

    with fresh_database.session() as writer:
        for number in range(5):
            record(writer, "test.act", "x", str(number), actor=Actor.SYSTEM, clock=clock)
        writer.flush()
        for row in writer.scalars(select(AuditEntry)):
            assert row.real_at is not None
        writer.commit()
    owner = create_engine(fresh_database.owner_url)
    with owner.begin() as connection:  # only the owner of the tables can disable the guard
        connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER ALL"))
        connection.execute(text("UPDATE audit_entry SET real_at = real_at - interval '1 hour'"))
    with fresh_database.session() as sealer:
        assert seal_new_entries(sealer, clock=clock) == 5
        sealer.commit()
        assert verify(sealer) == []
    with owner.begin() as connection:
        connection.execute(text("UPDATE audit_entry SET actor_label = 'somebody else' WHERE subject_ref = '3'"))
    owner.dispose()
    with fresh_database.session() as reader:
        assert len(verify(reader)) == 1
