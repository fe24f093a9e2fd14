"""The only module that speaks to Stripe. Values in, values out; nothing of the library leaves it.

Amounts are integer cents of euro. No personal data is sent: an invoice number and our references. Real time rules
here (signatures, sessions), never business time.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Self

from entrepairs.billing.models import PaymentState
from entrepairs.kernel.errors import Conflict, NotFound, Unavailable
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money

TIMEOUT: Final = 8.0
"""Seconds for one call: less than a task may last."""
OLDEST_SIGNATURE: Final = 300
"""Seconds of real time after which a signed webhook is refused, as Stripe recommends."""
PAYMENT_KEY: Final = "payment"
"""Metadata key of our payment's reference on the session and the payment intent."""


class ForgedEvent(Exception):
    """A webhook whose signature, age or mode is not right. Answered 400, stored nowhere."""


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A payment page that Stripe made."""

    session_id: str
    url: str | None


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What Stripe says of a session now. `fee` is None until its balance transaction exists."""

    session_id: str
    state: PaymentState
    amount: Money
    payment_intent: str | None
    fee: Money | None


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
        self, *, payment_ref: str, invoice_ref: str, number: str, amount: Money, idempotency_key: str
    ) -> OpenedSession:
        """Make the payment page. The same key gives the same page, also after a lost answer. Raises Unavailable."""
        ours = {PAYMENT_KEY: payment_ref, "invoice": invoice_ref}
        with self._client() as client:
            made = client.v1.checkout.sessions.create(
                {
                    "mode": "payment",
                    "client_reference_id": payment_ref,
                    "locale": "fr",
                    "payment_method_types": ["card", "sepa_debit"],
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
        return _facts(found.to_dict())

    def expire_session(self, session_id: str) -> None:
        """Close a page nobody paid on. Raises Conflict when it is no longer open, Unavailable."""
        with self._client() as client:
            client.v1.checkout.sessions.expire(session_id)

    def verify(self, body: bytes, signature: str | None) -> SignedEvent:
        """Read a webhook from its raw body. Raises ForgedEvent: bad or old signature, unreadable, other mode."""
        import stripe

        try:
            stripe.WebhookSignature.verify_header(body, signature, self.webhook_secret, OLDEST_SIGNATURE)
            event = json.loads(body)
            signed = SignedEvent(event["id"], event["type"], event["livemode"], _needed(event["data"]["object"]))
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
        http = stripe.new_default_http_client(timeout=TIMEOUT)
        try:
            with _told_plainly():
                yield stripe.StripeClient(
                    self.secret_key, base_addresses=addresses, max_network_retries=0, http_client=http
                )
        finally:
            http.close()  # type: ignore[no-untyped-call]


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
    except stripe.StripeError as error:
        raise Unavailable(
            "stripe_unavailable",
            N_("Stripe does not answer for now. Nothing was paid twice; please try again in a moment."),
            why=type(error).__name__,
        ) from error


def _facts(found: Mapping[str, Any]) -> SessionFacts:
    intent = found["payment_intent"]
    known = intent if isinstance(intent, Mapping) else {}
    charge = known.get("latest_charge") or {}
    entry = charge.get("balance_transaction") if isinstance(charge, Mapping) else None
    return SessionFacts(
        session_id=found["id"],
        state=_state(found["status"], found["payment_status"], known.get("status")),
        amount=Money(found["amount_total"]),
        payment_intent=known.get("id") or (intent if isinstance(intent, str) else None),
        fee=Money(entry["fee"]) if isinstance(entry, Mapping) else None,
    )


def _state(session: str, payment: str, intent: str | None) -> PaymentState:
    if payment == "paid":
        return PaymentState.PAID
    if session == "expired":
        return PaymentState.EXPIRED
    if session == "complete":
        # A direct debit: waiting for the bank, or refused by it.
        return PaymentState.PROCESSING if intent == "processing" else PaymentState.FAILED
    return PaymentState.OPEN


def _needed(thing: Mapping[str, Any]) -> dict[str, Any]:
    """Ids only: whose card it was is Stripe's business, not ours."""
    metadata = thing.get("metadata") or {}
    return {
        "object": thing["object"],
        "id": thing["id"],
        "payment_intent": thing.get("payment_intent"),
        PAYMENT_KEY: metadata.get(PAYMENT_KEY),
    }
