"""The only module that speaks to Stripe. Values in, values out; nothing of the library leaves it.

Amounts are integer cents of euro. No personal data is sent: an invoice number and our references. Real time rules
here (signatures, sessions), never business time.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from entrepairs.billing.online.facts import (
    REFUND_KEY,
    DisputeFacts,
    Movement,
    PayoutFacts,
    RefundFacts,
    SessionFacts,
    dispute_facts,
    mandate_id,
    movement_of,
    payout_facts,
    refund_facts,
    session_facts,
)
from entrepairs.kernel.errors import Conflict, NotFound, Unavailable
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money

TIMEOUT: Final = 8.0
"""Seconds for one call: less than a task may last."""
OLDEST_SIGNATURE: Final = 300
"""Seconds of real time after which a signed webhook is refused, as Stripe recommends."""
PAYMENT_KEY: Final = "payment"
"""Metadata key of our payment's reference on the session and the payment intent."""
CARD: Final = "card"
SEPA_DEBIT: Final = "sepa_debit"
BOTH_MOVEMENTS: Final = ("balance_transaction", "failure_balance_transaction")
"""Of a refund or a payout: the money that left, and the money that came back when it failed."""


class ForgedEvent(Exception):
    """A webhook whose signature, age or mode is not right. Answered 400, stored nowhere."""


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A payment page that Stripe made."""

    session_id: str
    url: str | None


@dataclass(frozen=True, slots=True)
class SignedEvent:
    """A verified webhook, without what we have no use for."""

    event_id: str
    type: str
    livemode: bool
    payload: dict[str, Any]


@dataclass(frozen=True)
class StripeGateway:
    """Stripe, or its local stand-in when `api_base` is set. `base_url` is our own address, for the way back."""

    secret_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    base_url: str
    api_base: str = ""

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Self:
        """From the settings. Raises Unavailable("stripe_not_set") without a key."""
        if not config["STRIPE_SECRET_KEY"]:
            raise Unavailable("stripe_not_set", N_("Online payment is not set up. A bank transfer is always possible."))
        return cls(
            config["STRIPE_SECRET_KEY"],
            config["STRIPE_WEBHOOK_SECRET"],
            config["BASE_URL"].rstrip("/"),
            config["STRIPE_API_BASE"],
        )

    @property
    def live(self) -> bool:
        """Whether the key moves real money."""
        return "_live_" in self.secret_key

    def create_session(
        self,
        *,
        payment_ref: str,
        invoice_ref: str,
        number: str,
        amount: Money,
        idempotency_key: str,
        methods: Sequence[str] = (CARD,),
    ) -> OpenedSession:
        """Make the payment page. The same key gives the same page, also after a lost answer. Raises Unavailable."""
        ours = {PAYMENT_KEY: payment_ref, "invoice": invoice_ref}
        with self._client() as client:
            made = client.v1.checkout.sessions.create(
                {
                    "mode": "payment",
                    "client_reference_id": payment_ref,
                    "locale": "fr",
                    "payment_method_types": list(methods),
                    "line_items": [
                        {
                            "quantity": 1,
                            "price_data": {
                                "currency": "eur",
                                "unit_amount": amount.cents,
                                "product_data": {"name": f"Facture {number}"},
                            },
                        }
                    ],
                    "metadata": ours,
                    "payment_intent_data": {"metadata": ours, "description": f"Facture {number}"},
                    "success_url": f"{self.base_url}/s/factures/{invoice_ref}/paiement",
                    "cancel_url": f"{self.base_url}/s/factures/{invoice_ref}",
                },
                {"idempotency_key": idempotency_key},
            )
        return OpenedSession(made.id, made.url)

    def fetch_session(self, session_id: str) -> SessionFacts:
        """The session as it is now, with its fee when known. Raises NotFound, Unavailable."""
        with self._client() as client:
            found = client.v1.checkout.sessions.retrieve(
                session_id, {"expand": ["payment_intent.latest_charge.balance_transaction"]}
            )
            told = _plain(found)
            mandate = self._mandate(client, mandate_id(told))
        return session_facts(told, mandate)

    def _mandate(self, client: Any, wanted: str | None) -> str | None:
        """Its reference, as the bank prints it beside the debit."""
        if wanted is None:
            return None
        details = _plain(client.v1.mandates.retrieve(wanted)).get("payment_method_details") or {}
        reference = (details.get("sepa_debit") or {}).get("reference")
        return str(reference) if reference else wanted

    def expire_session(self, session_id: str) -> None:
        """Close a page nobody paid on. Raises Conflict when it is no longer open, Unavailable."""
        with self._client() as client:
            client.v1.checkout.sessions.expire(session_id)

    def payment_named(self, payment_intent: str) -> str | None:
        """Our payment's reference, as it was given to a payment intent; None when it is not one of ours."""
        try:
            with self._client() as client:
                found = _plain(client.v1.payment_intents.retrieve(payment_intent))
        except NotFound:
            return None
        named = (found.get("metadata") or {}).get(PAYMENT_KEY)
        return str(named) if named else None

    def create_refund(
        self, *, refund_ref: str, payment_intent: str, amount: Money, idempotency_key: str
    ) -> RefundFacts:
        """Give money back on a payment. The same key gives the same refund. Raises Unavailable, Conflict."""
        with self._client() as client:
            made = client.v1.refunds.create(
                {
                    "payment_intent": payment_intent,
                    "amount": amount.cents,
                    "metadata": {REFUND_KEY: refund_ref},
                    "expand": list(BOTH_MOVEMENTS),
                },
                {"idempotency_key": idempotency_key},
            )
        return refund_facts(_plain(made))

    def find_refund(self, payment_intent: str, refund_ref: str) -> RefundFacts | None:
        """The refund of a payment that bears our reference: what became of a call whose answer was lost."""
        with self._client() as client:
            listed = client.v1.refunds.list(
                {
                    "payment_intent": payment_intent,
                    "limit": 100,
                    "expand": [f"data.{name}" for name in BOTH_MOVEMENTS],
                }
            )
            told = [refund_facts(_plain(each)) for each in listed.auto_paging_iter()]
        return next((each for each in told if each.our_ref == refund_ref), None)

    def fetch_refund(self, refund_id: str) -> RefundFacts:
        """The refund as it is now. Raises NotFound, Unavailable."""
        with self._client() as client:
            return refund_facts(_plain(client.v1.refunds.retrieve(refund_id, {"expand": list(BOTH_MOVEMENTS)})))

    def fetch_dispute(self, dispute_id: str) -> DisputeFacts:
        """The dispute as it is now. Raises NotFound, Unavailable."""
        with self._client() as client:
            return dispute_facts(_plain(client.v1.disputes.retrieve(dispute_id)))

    def fetch_payout(self, payout_id: str) -> PayoutFacts:
        """The payout as it is now. Raises NotFound, Unavailable."""
        with self._client() as client:
            return payout_facts(_plain(client.v1.payouts.retrieve(payout_id, {"expand": list(BOTH_MOVEMENTS)})))

    def list_movements(self, since: datetime, until: datetime) -> list[Movement]:
        """Every line of the Stripe balance made in `[since, until)`, real time, the oldest first. Raises Unavailable."""
        asked: Any = {
            "created": {"gte": math.floor(since.timestamp()), "lt": math.ceil(until.timestamp())},
            "limit": 100,
            "expand": ["data.source"],
        }
        with self._client() as client:
            listed = client.v1.balance_transactions.list(asked)
            found = [movement_of(_plain(each)) for each in listed.auto_paging_iter()]
        return [each for each in reversed(found) if each is not None]

    def held(self) -> Money:
        """What Stripe says it holds for us in euros, ready to leave or not yet. Raises Unavailable."""
        with self._client() as client:
            told = _plain(client.v1.balance.retrieve())
        parts = [*(told.get("available") or ()), *(told.get("pending") or ())]
        return Money(sum(part["amount"] for part in parts if part["currency"] == "eur"))

    def verify(self, body: bytes, signature: str | None) -> SignedEvent:
        """Read a webhook from its raw body. Raises ForgedEvent: bad or old signature, unreadable, other mode."""
        import stripe

        try:
            stripe.WebhookSignature.verify_header(body, signature, self.webhook_secret, OLDEST_SIGNATURE)
            event = json.loads(body)
            signed = SignedEvent(event["id"], event["type"], event["livemode"], _needed(event))
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ForgedEvent(type(error).__name__) from error
        if signed.livemode is not self.live:
            msg = "an event of the other mode (test or live)"
            raise ForgedEvent(msg)
        return signed

    @contextmanager
    def _client(self) -> Iterator[Any]:
        """The library's client for one call; its connections are closed after."""
        import stripe

        addresses: Any = {"api": self.api_base} if self.api_base else None
        http = self._line()
        try:
            with _told_plainly():
                yield stripe.StripeClient(
                    self.secret_key, base_addresses=addresses, max_network_retries=0, http_client=http
                )
        finally:
            http.close()

    def _line(self) -> Any:
        """The library's way to the network."""
        import stripe

        return stripe.new_default_http_client(timeout=TIMEOUT)


@contextmanager
def _told_plainly() -> Iterator[None]:
    """The library's errors as ours: absent, refused, or to be tried again."""
    import stripe

    try:
        yield
    except stripe.InvalidRequestError as error:
        if error.http_status == 404:
            raise NotFound("stripe_object", N_("Stripe does not know this payment.")) from error
        raise Conflict("stripe_refused", N_("Stripe refuses this payment: %(why)s"), why=error.code or "") from error
    except stripe.IdempotencyError as error:
        raise Conflict("stripe_refused", N_("Stripe refuses this payment: %(why)s"), why="idempotency_key") from error
    except stripe.StripeError as error:
        raise Unavailable(
            "stripe_unavailable",
            N_("Stripe does not answer for now. Nothing was paid twice; please try again in a moment."),
            why=type(error).__name__,
        ) from error


def _plain(told: Any) -> dict[str, Any]:
    """The library's object as mappings and lists."""
    return dict(told.to_dict())


def _needed(event: Mapping[str, Any]) -> dict[str, Any]:
    """Ids only: whose card it was is Stripe's business, not ours. What is of a kind we don't know may have none."""
    thing = event["data"]["object"]
    metadata = thing.get("metadata") or {}
    return {
        "object": str(thing.get("object") or ""),
        "id": str(thing.get("id") or ""),
        "payment_intent": thing.get("payment_intent"),
        "charge": thing.get("charge"),
        "account": event.get("account"),
        PAYMENT_KEY: metadata.get(PAYMENT_KEY),
    }
