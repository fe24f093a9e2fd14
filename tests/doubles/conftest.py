"""A running Stripe stand-in, the real library in front of it, and a webhook receiver behind it."""

import json
import queue
import threading
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe

from entrepairs.doubles.mail_sink.service import MailSink
from entrepairs.doubles.stripe_api.service import StripeApi

SECRET = "whsec_for_the_tests"


class Receiver:
    """Records what is posted; answers the scripted statuses first, then 200."""

    def __init__(self) -> None:
        self.posted: queue.Queue[tuple[bytes, str]] = queue.Queue()
        self.statuses: list[int] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(outer.statuses.pop(0) if outer.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                outer.posted.put((body, self.headers["Stripe-Signature"]))

            def log_message(self, *_args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks/stripe"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def next(self) -> stripe.Event:
        body, signature = self.posted.get(timeout=10)
        return stripe.Webhook.construct_event(body, signature, SECRET)

    def types(self, count: int) -> list[str]:
        return [self.next().type for _ in range(count)]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Box:
    """Opens stand-ins on one data file, so that a test can restart them."""

    def __init__(self, data: Any, webhook_url: str) -> None:
        self._data, self._webhook_url = data, webhook_url

    def open(self, **settings: Any) -> StripeApi:
        settings.setdefault("webhook_url", self._webhook_url)
        return StripeApi(data=self._data, webhook_secret=SECRET, **settings)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def box(tmp_path, receiver) -> Box:
    return Box(tmp_path / "stripe.sqlite", receiver.url)


@pytest.fixture
def stand(box) -> Iterator[StripeApi]:
    with box.open() as stand:
        yield stand


def client_of(stand: StripeApi, key: str = "sk_test_platform") -> stripe.StripeClient:
    return stripe.StripeClient(key, base_addresses={"api": stand.address}, max_network_retries=0)


@pytest.fixture
def client(stand):
    return client_of(stand).v1


@pytest.fixture
def new_client() -> Callable[..., Any]:
    return client_of


def call(method: str, url: str, body: object = None) -> Any:
    """A JSON call to a stand-in's own pages."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


@pytest.fixture
def control() -> Callable[..., Any]:
    return call


@pytest.fixture
def session_of():
    def create(client, **changes: Any):
        params = {
            "mode": "payment",
            "line_items": [
                {
                    "price_data": {
                        "currency": "eur",
                        "unit_amount": 61725,
                        "product_data": {"name": "Facture FA-2027-0001"},
                    },
                    "quantity": 2,
                }
            ],
            "client_reference_id": "FA-2027-0001",
            "metadata": {"invoice": "FA-2027-0001"},
            "payment_intent_data": {
                "metadata": {"invoice": "FA-2027-0001"},
                "description": "Facture FA-2027-0001",
            },
            "success_url": "http://127.0.0.1:5000/merci?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://127.0.0.1:5000/factures",
        }
        return client.checkout.sessions.create({**params, **changes})

    return create


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        return None


@pytest.fixture
def press():
    """Press a button of the payment page: the status and the address one is sent to."""

    def press(url: str, outcome: str) -> tuple[int, str | None]:
        opener = urllib.request.build_opener(NoRedirect)
        try:
            with opener.open(url, f"outcome={outcome}".encode(), timeout=10) as answer:
                return answer.status, None
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.headers["Location"]

    return press


@pytest.fixture
def sink(tmp_path) -> Iterator[MailSink]:
    with MailSink(data=tmp_path / "mails") as sink:
        yield sink
