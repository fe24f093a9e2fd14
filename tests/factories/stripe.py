"""A payer, Stripe's stand-in and its news, for tests of what is paid online."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
import stripe
from sqlalchemy.orm import Session

from entrepairs.billing.checkout import DEBIT_OFFERED, open_checkout, start_checkout
from entrepairs.billing.models import CheckoutPayment
from entrepairs.billing.stripe_events import handle_event, store_event
from entrepairs.billing.stripe_gateway import StripeGateway
from entrepairs.doubles.stripe_api.service import StripeApi
from entrepairs.settings.decisions import vote
from entrepairs.settings.models import Decision
from tests.factories.billing import OFFICE, an_issued_invoice, later

SECRET = "whsec_for_the_tests"


def a_started_payment(session: Session, gateway: StripeGateway) -> CheckoutPayment:
    invoice = an_issued_invoice(session)
    debits_are_offered(session)
    payment = open_checkout(session, invoice.ref, clock=later(), actor=OFFICE)
    return start_checkout(session, payment.ref, gateway, clock=later())


def pay(payment: CheckoutPayment, method: str = "card") -> None:
    """The payer on Stripe's page; the way back is not followed."""
    assert payment.session_url is not None
    body = urllib.parse.urlencode({"outcome": method}).encode()
    opener = urllib.request.build_opener(StayThere)
    with pytest.raises(urllib.error.HTTPError) as answer:
        opener.open(payment.session_url, body, timeout=10)
    with answer.value as page:
        assert page.code == 303


class StayThere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def turn(stand: StripeApi, path: str = "/_control", **changes: Any) -> dict[str, Any]:
    request = urllib.request.Request(
        stand.address + path, json.dumps(changes).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return dict(json.loads(answer.read()))


@contextmanager
def a_client_of(stand: StripeApi) -> Iterator[stripe.StripeClient]:
    http = stripe.new_default_http_client()
    yield stripe.StripeClient("sk_test_platform", base_addresses={"api": stand.address}, http_client=http)
    http.close()


def news(stand: StripeApi) -> list[bytes]:
    """Every event so far as Stripe would post it, oldest first."""
    with a_client_of(stand) as client:
        listed = list(client.v1.events.list({"limit": 100}).auto_paging_iter())
    return [json.dumps(event.to_dict()).encode() for event in reversed(listed)]


def sign(body: bytes, *, secret: str = SECRET, timestamp: int | None = None) -> str:
    return stripe.WebhookSignature.generate_signature_header(body.decode(), secret, timestamp=timestamp)


def hear(session: Session, gateway: StripeGateway, body: bytes) -> None:
    """The webhook, then the worker."""
    signed = gateway.verify(body, sign(body))
    store_event(session, signed, clock=later())
    handle_event(session, signed.event_id, gateway, clock=later(), commit=session.flush)


def hear_all(session: Session, stand: StripeApi, gateway: StripeGateway) -> None:
    """All that was told so far; what was heard before changes nothing."""
    for body in news(stand):
        hear(session, gateway, body)


def a_paid_invoice(session: Session, stand: StripeApi, gateway: StripeGateway, method: str = "card") -> CheckoutPayment:
    """Paid online and heard of; a direct debit has been accepted by the bank."""
    payment = a_started_payment(session, gateway)
    pay(payment, method)
    hear_all(session, stand, gateway)
    if method == "sepa_debit":
        turn(stand, f"/_control/sepa/{payment.payment_intent}", outcome="succeeded")
        hear_all(session, stand, gateway)
    return payment


def debits_are_offered(session: Session) -> None:
    """The association voted it."""
    if session.query(Decision).filter_by(key=DEBIT_OFFERED).count() == 0:
        day = date(2027, 1, 1)
        vote(session, DEBIT_OFFERED, True, since=day, voted_on=day, source="CA", clock=later())
