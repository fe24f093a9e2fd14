"""Stripe in memory, for proofs that make thousands of payments: what the gateway asks, answered without a network.

What it holds is the third word on account 5122. Any call may lose its answer after having done its work. The gateway
itself, its HTTP and its signatures are proved elsewhere, on the stand-in that listens.
"""

import itertools
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from entrepairs.billing.models import PaymentState
from entrepairs.billing.online.facts import DisputeFacts, Movement, PayoutFacts, RefundFacts, SessionFacts
from entrepairs.billing.online.models import DisputeState, PayoutState, RefundState
from entrepairs.billing.stripe_gateway import OpenedSession
from entrepairs.kernel.errors import Conflict, Unavailable
from entrepairs.kernel.money import Money

REAL = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass
class PaperStripe:
    """Its sessions, refunds, disputes and payouts, and the lines of its balance."""

    sessions: dict[str, SessionFacts] = field(default_factory=dict)
    refunds: dict[str, RefundFacts] = field(default_factory=dict)
    disputes: dict[str, DisputeFacts] = field(default_factory=dict)
    payouts: dict[str, PayoutFacts] = field(default_factory=dict)
    movements: list[Movement] = field(default_factory=list)
    lose: int = 0
    """How many of the next answers are lost."""
    _by_key: dict[str, Any] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    # --- what the gateway is asked -------------------------------------------------------------------------

    def create_session(self, *, payment_ref: str, amount: Money, idempotency_key: str, **_: Any) -> OpenedSession:
        """The same key gives the same page."""
        if idempotency_key not in self._by_key:
            made = SessionFacts(self._id("cs"), PaymentState.OPEN, amount, None, None)
            self.sessions[made.session_id] = made
            self._by_key[idempotency_key] = made.session_id
        self._answer()
        return OpenedSession(self._by_key[idempotency_key], f"https://paie.invalid/{payment_ref}")

    def fetch_session(self, session_id: str) -> SessionFacts:
        """As it is now."""
        return self.sessions[session_id]

    def expire_session(self, session_id: str) -> None:
        """Closed, unless it is no longer open."""
        if self.sessions[session_id].state is not PaymentState.OPEN:
            raise Conflict("stripe_refused", "closed")
        self.sessions[session_id] = replace(self.sessions[session_id], state=PaymentState.EXPIRED)

    def payment_named(self, payment_intent: str) -> str | None:
        """Not asked here: the sessions are known."""
        return None

    def create_refund(
        self, *, refund_ref: str, payment_intent: str, amount: Money, idempotency_key: str
    ) -> RefundFacts:
        """The same key gives the same refund; never more than was paid."""
        if idempotency_key not in self._by_key:
            paid = next(one for one in self.sessions.values() if one.payment_intent == payment_intent)
            given = sum(
                one.amount.cents
                for one in self.refunds.values()
                if one.payment_intent == payment_intent and one.state is not RefundState.FAILED
            )
            if given + amount.cents > paid.amount.cents:
                raise Conflict("stripe_refused", "amount_too_large")
            made = RefundFacts(
                self._id("re"),
                refund_ref,
                payment_intent,
                paid.charge,
                amount,
                RefundState.DONE,
                "",
                self._move("refund", -amount.cents),
                None,
            )
            self.refunds[made.refund_id] = made
            self._by_key[idempotency_key] = made.refund_id
        self._answer()
        return self.refunds[self._by_key[idempotency_key]]

    def find_refund(self, payment_intent: str, refund_ref: str) -> RefundFacts | None:
        """By our reference."""
        return next((one for one in self.refunds.values() if one.our_ref == refund_ref), None)

    def fetch_refund(self, refund_id: str) -> RefundFacts:
        """As it is now."""
        return self.refunds[refund_id]

    def fetch_dispute(self, dispute_id: str) -> DisputeFacts:
        """As it is now."""
        return self.disputes[dispute_id]

    def fetch_payout(self, payout_id: str) -> PayoutFacts:
        """As it is now."""
        return self.payouts[payout_id]

    # --- what becomes of things ------------------------------------------------------------------------------

    def pay(self, session_id: str, *, fee: int) -> SessionFacts:
        """The payer pays the page."""
        known = self.sessions[session_id]
        movement = self._move("charge", known.amount.cents, fee)
        self.sessions[session_id] = replace(
            known,
            state=PaymentState.PAID,
            payment_intent=self._id("pi"),
            charge=self._id("ch"),
            fee=Money(fee),
            movement=movement,
            method="card",
        )
        return self.sessions[session_id]

    def fail_refund(self, refund_id: str) -> None:
        """The bank of the payer does not take it."""
        known = self.refunds[refund_id]
        self.refunds[refund_id] = replace(
            known,
            state=RefundState.FAILED,
            failure="lost_or_stolen_card",
            failed_movement=self._move("refund_failure", known.amount.cents),
        )

    def dispute(self, session_id: str, *, fee: int) -> str:
        """The payer contests all of it."""
        paid = self.sessions[session_id]
        made = DisputeFacts(
            self._id("dp"),
            paid.payment_intent,
            paid.charge,
            paid.amount,
            DisputeState.OPENED,
            "fraudulent",
            None,
            (self._move("adjustment", -paid.amount.cents, fee),),
        )
        self.disputes[made.dispute_id] = made
        return made.dispute_id

    def decide(self, dispute_id: str, *, won: bool) -> None:
        """The bank decides; won, the money and the fee come back."""
        known = self.disputes[dispute_id]
        back = (self._move("adjustment", known.amount.cents, -known.movements[0].fee),) if won else ()
        self.disputes[dispute_id] = replace(
            known, state=DisputeState.WON if won else DisputeState.LOST, movements=(*known.movements, *back)
        )

    def pay_out(self, amount: int, arrives_on: date) -> str:
        """What it sends to our bank."""
        made = PayoutFacts(
            self._id("po"), Money(amount), PayoutState.PAID, arrives_on, "", self._move("payout", -amount), None
        )
        self.payouts[made.payout_id] = made
        return made.payout_id

    def bounce(self, payout_id: str) -> None:
        """Our bank did not take it."""
        known = self.payouts[payout_id]
        self.payouts[payout_id] = replace(
            known,
            state=PayoutState.FAILED,
            failure="account_closed",
            failed_movement=self._move("payout_failure", known.amount.cents),
        )

    @property
    def held(self) -> int:
        """What it owes us, in cents."""
        return sum(one.net for one in self.movements)

    @property
    def fees(self) -> int:
        """What it kept."""
        return sum(one.fee for one in self.movements)

    def _move(self, kind: str, cents: int, fee: int = 0) -> Movement:
        made = Movement(self._id("txn"), kind, cents, fee, REAL)
        self.movements.append(made)
        return made

    def _answer(self) -> None:
        if self.lose:
            self.lose -= 1
            raise Unavailable("stripe_unavailable", "the answer was lost")

    def _id(self, kind: str) -> str:
        return f"{kind}_{next(self._numbers)}"
