"""The background thread that delivers signed webhooks and does what the agenda says."""

import http.client
import json
import logging
import threading
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import stripe

from entrepairs.doubles.local_server import ensure_loopback
from entrepairs.doubles.stripe_api import agenda, events, knobs
from entrepairs.doubles.stripe_api.errors import Json
from entrepairs.doubles.stripe_api.store import Store

log = logging.getLogger(__name__)
ANSWER_WITHIN_SECONDS = 10.0
LONGEST_NAP_SECONDS = 5.0
AN_HOUR = 3600


class Courier:
    """One delivery at a time; the store's lock is never held while waiting for the receiver."""

    def __init__(self, store: Store, deeds: Mapping[str, agenda.Deed], url: str | None, secret: str) -> None:
        if url is not None:
            ensure_loopback(urlsplit(url).hostname or "")
        self._store, self._deeds, self._url, self._secret = store, deeds, url, secret
        self._stop, self._wake = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="stripe-courier", daemon=True)
        store.after_commit = self._nudge

    def start(self) -> None:
        """Begin, with whatever was left undelivered by an earlier run."""
        self._thread.start()

    def stop(self) -> None:
        """End after the delivery under way."""
        self._stop.set()
        self._wake.set()
        self._thread.join()

    def _nudge(self) -> None:
        # Its own commits must not wake it, or it would never sleep.
        if threading.current_thread() is not self._thread:
            self._wake.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                nap = self._one_round()
            except Exception:  # a defect here must not silence every later webhook
                log.exception("The courier stumbled")
                nap = LONGEST_NAP_SECONDS
            if nap > 0:
                self._wake.wait(nap)

    def _one_round(self) -> float:
        """Do what is due; how long to sleep, in seconds."""
        store = self._store
        with store.transaction():
            agenda.do_what_is_due(store, self._deeds)
            delivery = events.next_delivery(store) if self._url is not None else None
            if delivery is None:
                coming = [at for at in (self._next_due(), agenda.next_at(store)) if at is not None]
                return max(0.001, min([LONGEST_NAP_SECONDS, *(at - store.now() for at in coming)]))
            event = store.get("event", delivery["event_id"])
            signature = knobs.read(store).signature
        accepted, outcome = self._deliver(event, signature)
        with store.transaction():
            events.record_attempt(store, delivery, accepted=accepted, outcome=outcome)
        return 0.0

    def _next_due(self) -> float | None:
        return events.next_due_at(self._store) if self._url is not None else None

    def _deliver(self, event: Json, signature: str) -> tuple[bool, str]:
        """Post the event; whether the answer was 2xx, and the answer in words."""
        address = urlsplit(self._url or "")
        body = json.dumps(event, indent=2, ensure_ascii=False)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": self._sign(body, signature),
            "User-Agent": "Stripe/1.0 (local stand-in)",
        }
        line = http.client.HTTPConnection(address.hostname or "", address.port or 80, timeout=ANSWER_WITHIN_SECONDS)
        try:
            line.request("POST", address.path or "/", body.encode(), headers)
            status = line.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            return False, f"{type(error).__name__}: {error}"
        finally:
            line.close()
        return 200 <= status < 300, f"HTTP {status}"

    def _sign(self, body: str, signature: str) -> str:
        generate: Callable[..., str] = stripe.WebhookSignature.generate_signature_header
        if signature == "wrong":
            return generate(body, self._secret + "_of_somebody_else")
        if signature == "old":
            return generate(body, self._secret, timestamp=int(self._store.now()) - AN_HOUR)
        return generate(body, self._secret)
