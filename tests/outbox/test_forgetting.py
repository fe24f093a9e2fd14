"""What only serves to run the house is erased in time; what somebody has to look at is not."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from entrepairs.identity.forgetting import forget_links
from entrepairs.identity.models import ActionToken, TokenPurpose
from entrepairs.identity.sessions import open_session
from entrepairs.identity.tokens import mint
from entrepairs.messages.forgetting import forget_addresses
from entrepairs.messages.models import Message, MessageState
from entrepairs.messages.queueing import queue_mail
from entrepairs.outbox import forgetting
from entrepairs.outbox.adding import add, withdraw
from entrepairs.outbox.forgetting import forget_done
from entrepairs.outbox.models import ItemState, OutboxItem, Slot
from entrepairs.outbox.slots import due_slots, take_slot
from tests.factories.identity import an_office_account

NOW = datetime(2027, 1, 11, 8, tzinfo=UTC)
OLD = NOW - timedelta(days=401)


def effects(session) -> set[str]:  # type: ignore[no-untyped-def]
    return set(session.scalars(select(OutboxItem.dedup_key)))


def an_effect(session, dedup: str, state: ItemState, done_at: datetime | None, due_at: datetime = OLD) -> None:  # type: ignore[no-untyped-def]
    add(session, "test.effect", subject_kind="x", subject_ref="X", due_at=due_at, dedup=dedup)
    row = session.scalars(select(OutboxItem).where(OutboxItem.dedup_key == dedup)).one()
    row.state, row.done_at = state, done_at
    session.flush()


def test_only_effects_done_long_ago_are_erased(session, clock) -> None:
    an_effect(session, "old", ItemState.DONE, OLD)
    an_effect(session, "late", ItemState.DONE, NOW - timedelta(days=399))
    an_effect(session, "failed", ItemState.FAILED, None)
    an_effect(session, "pending", ItemState.PENDING, None)
    an_effect(session, "claimed", ItemState.CLAIMED, None)
    an_effect(session, "withdrawn", ItemState.PENDING, None)
    withdraw(session, "withdrawn")
    assert forget_done(session, clock=clock, real_now=NOW) == 2
    assert effects(session) == {"late", "failed", "pending", "claimed"}
    assert forget_done(session, clock=clock, real_now=NOW) == 0


def test_a_day_erases_so_many_at_most_and_the_next_goes_on(session, clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "BATCH", 2)
    monkeypatch.setattr(forgetting, "MOST_BATCHES", 2)
    for number in range(5):
        an_effect(session, str(number), ItemState.DONE, OLD)
    assert [forget_done(session, clock=clock, real_now=NOW) for _ in range(3)] == [4, 1, 0]


def test_the_last_date_of_each_job_stays(session, clock) -> None:
    for days in (500, 450):
        take_slot(session, "yearly", NOW - timedelta(days=days), real_now=NOW - timedelta(days=days))
    forget_done(session, clock=clock, real_now=NOW)
    assert session.scalars(select(Slot.slot).where(Slot.job == "yearly")).all() == [NOW - timedelta(days=450)]
    assert len(due_slots(session, "yearly", timedelta(days=400), NOW)) <= 1


@pytest.mark.parametrize(
    ("state", "days", "kept"),
    [
        (MessageState.SENT, 184, False),
        (MessageState.SENT, 182, True),
        (MessageState.WITHDRAWN, 184, False),
        (MessageState.FAILED, 900, True),
        (MessageState.IN_DOUBT, 900, True),
    ],
)
def test_the_address_of_a_mail_over_is_erased(session, clock, state, days, kept) -> None:
    message = queue_mail(
        session,
        "dispatch.offer",
        to_ref="CPT-X",
        address="samira@exemple.test",
        subject_kind="offer",
        subject_ref="PRO-X",
        clock=clock,
        dedup="one",
    )
    message.state, message.created_at = state, clock.now() - timedelta(days=days)
    session.flush()
    assert forget_addresses(session, clock=clock) == (not kept)
    session.expire_all()
    row = session.scalars(select(Message)).one()
    assert (row.address != "", row.to_ref) == (kept, "CPT-X")


def test_links_and_browsers_of_last_year_are_erased(session, clock) -> None:
    account = an_office_account(session)
    mint(session, TokenPurpose.LOGIN, account.ref, days=1, account_id=account.id)
    open_session(session, account, user_agent="essai")
    session.flush()
    now = datetime.now(UTC)
    assert forget_links(session, clock=clock, real_now=now + timedelta(days=364)) == 0
    assert forget_links(session, clock=clock, real_now=now + timedelta(days=367)) == 2
    assert session.scalar(select(func.count()).select_from(ActionToken)) == 0
