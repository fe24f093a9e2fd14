"""The Stripe of the story: the stand-in itself, in memory, standing at the story's hours.

The story pays through the real use cases, the real gateway and the real library, so that our books and Stripe tell the
same. What came of it is handed to the stand-in that runs beside the demo, which goes on from there.
"""

import json
import logging
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final
from urllib.parse import urlsplit

import stripe
from sqlalchemy import update
from sqlalchemy.orm import Session

from entrepairs.billing.online.models import StripeBooking
from entrepairs.billing.online.reconciling import reconcile
from entrepairs.billing.stripe_gateway import StripeGateway
from entrepairs.doubles.stripe_api import disputes, payouts, sessions
from entrepairs.doubles.stripe_api.app import create_app
from entrepairs.doubles.stripe_api.store import Store, drawn_from
from entrepairs.kernel.clock import Clock

NOWHERE: Final = "http://stripe.invalid"
PATIENCE: Final = 30.0
"""Seconds for the stand-in to take what it is told: it may be loading still."""
NOT_TOLD: Final = "Récit de démonstration : le Stripe branché ici n'en sait rien"


class StandInSilentError(RuntimeError):
    """The stand-in did not take what the story told of it."""


class _Line(stripe.HTTPClient):
    """The library's way to a stand-in of the same process."""

    name = "in process"

    def __init__(self, store: Store, ids: Random) -> None:
        super().__init__()
        self._web, self._ids = create_app(store, NOWHERE).test_client(), ids

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_more: object
    ) -> tuple[str, int, Mapping[str, str]]:
        """Ask the stand-in."""
        asked = urlsplit(url)
        with drawn_from(self._ids):
            answer = self._web.open(
                f"{asked.path}?{asked.query}", method=method.upper(), headers=dict(headers or {}), data=post_data
            )
        return answer.get_data(as_text=True), answer.status_code, dict(answer.headers)

    def close(self) -> None:
        """Nothing to close."""


@dataclass(frozen=True)
class LocalGateway(StripeGateway):
    """The real gateway, on a stand-in of the same process."""

    line: Any = None

    def _line(self) -> Any:
        return self.line


class ToldStripe:
    """The stand-in's memory, the gateway to it, and what payers, banks and Stripe itself do in the story."""

    def __init__(self, now: Callable[[], datetime], store: Store | None = None) -> None:
        self._store = store or Store(Path(":memory:"), clock=lambda: now().timestamp())
        self._ids = Random("stripe")
        logging.getLogger("stripe").setLevel(logging.WARNING)  # each call at INFO, between the weeks told
        line = _Line(self._store, self._ids)
        self.gateway = LocalGateway("sk_test_story", "whsec_story", NOWHERE, NOWHERE, line)

    def pay(self, session_id: str) -> None:
        """The payer gives their card on the page."""
        with drawn_from(self._ids), self._store.transaction():
            sessions.complete(self._store, self._store.get("checkout.session", session_id), "card")

    def contest(self, payment_intent: str, *, reason: str, answer_by: datetime) -> str:
        """The payer's bank takes the money back, until it has our answer; the dispute's id."""
        with drawn_from(self._ids), self._store.transaction():
            intent = self._store.get("payment_intent", payment_intent)
            by = int(answer_by.timestamp())
            return str(disputes.open_dispute(self._store, intent, reason=reason, answer_by=by)["id"])

    def send_payout(self) -> str | None:
        """Stripe sends what it holds; the payout's id, None when it holds nothing."""
        with drawn_from(self._ids), self._store.transaction():
            return str(payouts.make_payout(self._store)["id"]) if payouts.left(self._store) > 0 else None

    def payout_arrives(self, payout_id: str) -> None:
        """Our bank has it."""
        with drawn_from(self._ids), self._store.transaction():
            payouts.settle_payout(self._store, self._store.get("payout", payout_id), arrived=True)

    def hand_over(self, session: Session, address: str, *, since: datetime, clock: Clock) -> None:
        """Teach the stand-in at `address` all of it, and compare all of it as each night does what is new.

        Without a stand-in, the books say that their movements were told.

        Raises StandInSilentError.
        """
        if address:
            with self._store.transaction():
                things = self._store.everything()
            teach(address, things)
            lived = (since, max(clock.now(), datetime.now(UTC)))
            reconcile(session, self.gateway, clock=clock, commit=session.flush, period=lived)
        else:
            said = {"aside_why": NOT_TOLD, "aside_at": clock.now(), "aside_by": "Récit"}
            session.execute(update(StripeBooking).values(said).execution_options(synchronize_session=False))


def teach(address: str, things: list[dict[str, Any]]) -> None:
    """Have a running stand-in hold these objects and nothing else. Raises StandInSilentError."""
    asked = urllib.request.Request(  # noqa: S310 - the stand-in's own address
        f"{address.rstrip('/')}/_control/data",
        json.dumps(things).encode(),
        {"Content-Type": "application/json"},
        method="PUT",
    )
    try:
        with urllib.request.urlopen(asked, timeout=PATIENCE):  # noqa: S310
            return
    except (urllib.error.URLError, OSError) as error:
        raise StandInSilentError(str(error)) from error
