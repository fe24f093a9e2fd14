"""What the story paid online: our books and the stand-in of Stripe tell the same."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.models import CheckoutPayment, PaymentState
from entrepairs.billing.online.differences import differences
from entrepairs.billing.online.models import StripeBooking, StripePayout
from entrepairs.billing.online.queries import overview
from entrepairs.billing.online.reconciling import reconcile
from entrepairs.demo.story import BEGINNING
from entrepairs.demo.told_stripe import NOT_TOLD, StandInSilentError, ToldStripe, teach
from entrepairs.doubles.stripe_api.store import Store
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.money import Money
from entrepairs.settings.demo_clock import START
from tests.demo_story import told_stripe

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def stand_in(story: Session, services_folder: Path, tmp_path: Path) -> ToldStripe:
    """What the stand-in beside the story was taught, as it stands after a restart."""
    own = Path(shutil.copy(told_stripe(services_folder), tmp_path))
    return ToldStripe(lambda: START, Store(own, clock=START.timestamp))


def test_each_movement_of_the_story_is_at_stripe_and_in_the_books_at_the_same_instant(
    story: Session, stand_in: ToldStripe
) -> None:
    listed = stand_in.gateway.list_movements(BEGINNING, START + timedelta(days=1))
    booked = story.scalars(select(StripeBooking)).all()
    assert {(one.txn_id, one.cents, one.fee, one.moved_at) for one in booked} == {
        (one.txn_id, one.cents, one.fee, one.moved_at) for one in listed
    }
    assert {one.kind for one in listed} == {"charge", "refund", "adjustment", "payout"}
    assert stand_in.gateway.held() == overview(story).booked


def test_the_comparison_of_the_story_has_nothing_to_mend_and_finds_no_difference(
    story: Session, stand_in: ToldStripe
) -> None:
    found = overview(story)
    assert found.check is not None, "compared once when it was told"
    assert (found.check.mended, found.check.differences, found.check.held) == (0, 0, found.booked.cents)
    assert found.check.movements == len(story.scalars(select(StripeBooking)).all()), "all of it"
    since = found.check.until
    night = reconcile(
        story, stand_in.gateway, clock=FixedClock(START), commit=story.flush, now=since + timedelta(days=36)
    )
    assert (night.mended, night.differences, differences(story)) == (0, 0, [])


def test_what_was_paid_arrived_at_the_bank(story: Session) -> None:
    payouts = story.scalars(select(StripePayout)).all()
    assert payouts
    assert all(one.received_on is not None and one.received_on >= one.arrives_on for one in payouts)
    paid = story.scalars(select(CheckoutPayment).where(CheckoutPayment.state == PaymentState.PAID)).all()
    assert {one.method for one in paid} == {"card"}


def test_a_payment_of_the_story_can_still_go_back(story: Session, stand_in: ToldStripe) -> None:
    disputed = {one.payment_id for one in overview(story).disputes}
    payment = next(one for one in story.scalars(select(CheckoutPayment)) if one.id not in disputed)
    given = stand_in.gateway.create_refund(
        refund_ref="RMB-2222-3333", payment_intent=str(payment.payment_intent), amount=Money(100), idempotency_key="k"
    )
    assert given.movement is not None
    assert given.movement.cents == -100


def test_told_twice_it_has_the_same_identifiers_and_after_the_card_the_money_waits_for_the_bank() -> None:
    def told() -> tuple[object, ...]:
        stripe = ToldStripe(lambda: NOON)
        made = stripe.gateway.create_session(
            payment_ref="CHK", invoice_ref="FAC", number="F1", amount=Money(40600), idempotency_key="k"
        )
        stripe.pay(made.session_id)
        payout_id = stripe.send_payout()
        assert payout_id is not None
        assert stripe.send_payout() is None, "nothing is left"
        stripe.payout_arrives(payout_id)
        return made.session_id, stripe.gateway.fetch_session(made.session_id), stripe.gateway.fetch_payout(payout_id)

    assert told() == told()


def test_without_a_stand_in_the_books_say_so_and_nothing_differs(story: Session) -> None:
    ToldStripe(lambda: NOON).hand_over(story, "", since=BEGINNING, clock=FixedClock(START))
    assert set(story.scalars(select(StripeBooking.aside_why))) == {NOT_TOLD}


def test_a_stand_in_that_is_silent_is_named() -> None:
    with pytest.raises(StandInSilentError, match="refused"):
        teach("http://127.0.0.1:9", [])
