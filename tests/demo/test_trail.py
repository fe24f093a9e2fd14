"""What the story writes and does not read again: gathered, written by the commit, in the order of the acts."""

from datetime import timedelta

from sqlalchemy import func, select

from entrepairs.audit.actors import Actor
from entrepairs.audit.models import AuditEntry, Transition
from entrepairs.audit.recording import record
from entrepairs.demo.trail import Trail
from entrepairs.kernel.clock import FixedClock
from entrepairs.messages.models import Message
from entrepairs.messages.queueing import queue_mail
from entrepairs.settings.demo_clock import START
from tests.conftest import FreshDatabase


def moved(kind: str) -> Transition:
    return Transition(
        subject_kind=kind,
        subject_ref="DEM-2222-3333",
        from_state="a",
        to_state="b",
        event="go",
        actor_ref="system",
        actor_label="Entrepairs",
        at=START,
    )


def test_rows_nobody_reads_back_wait_for_the_commit_but_the_changes_of_a_demand(fresh_database: FreshDatabase) -> None:
    clock = FixedClock(START)
    with fresh_database.session() as session:
        Trail(session)
        for number in range(3):
            clock.at = START + timedelta(hours=number)
            record(session, f"act.{number}", "demand", "DEM-2222-3333", actor=Actor.SYSTEM, clock=clock)
            session.add_all([moved("demand"), moved("offer")])
            told = queue_mail(
                session,
                "missions.order",
                to_ref="CPT-2222-3333",
                address="un@foule.test",
                subject_kind="demand",
                subject_ref="DEM-2222-3333",
                clock=clock,
                dedup=f"once:{number // 2}",
            )
            assert (told is None) == (number == 1), "the same letter leaves once"
        assert session.scalars(select(Transition.subject_kind)).all() == ["demand"] * 3
        assert session.scalar(select(func.count(AuditEntry.id))) == 0
        session.commit()
        assert session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all() == ["act.0", "act.1", "act.2"]
        assert session.scalar(select(func.count(Transition.id))) == 6
        assert session.scalars(select(Message.attempts)).all() == [0, 0]
