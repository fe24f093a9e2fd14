"""An approved platform (plateforme agréée): a small REST interface of the life cycle, with a token.

The platforms sell different interfaces; this is the one we ask of ours, in the spirit of XP Z12-013 (a flow given with our
own reference, its events read by cursor). Address and token are settings. `docs/guide/transmission.md` has its page.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Self
from urllib.parse import quote

from entrepairs.billing.transmission.calling import Answer, Line, NotOurs, words_of
from entrepairs.billing.transmission.carriers import (
    Heard,
    News,
    NotReached,
    NotSet,
    Own,
    Parcel,
    Piece,
    Receipt,
    Refused,
)
from entrepairs.billing.transmission.channels import Channel, Recipient
from entrepairs.billing.transmission.codes import LifeCode

INVOICES: Final = "/v1/invoices"
MOST_PAGES: Final = 50


@dataclass
class ApprovedPlatform:
    """The association's platform."""

    base: str
    token: str = field(repr=False)
    channel: Channel = Channel.PLATFORM
    settles: timedelta = timedelta(0)
    """It knows an invoice as soon as it has taken it."""

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Self:
        """From the settings. Raises NotSet."""
        if missing_settings(config):
            raise NotSet(Channel.PLATFORM)
        return cls(config["PLATFORM_URL"], config["PLATFORM_TOKEN"])

    # --- the port -----------------------------------------------------------------------------------------------

    def deposit(self, parcel: Parcel) -> Receipt:
        """Give the invoice, under our reference: the same one twice is one (409 answers with the first)."""
        body = {
            "external_reference": parcel.ref,
            "number": parcel.number,
            "issued_on": parcel.issued_on.isoformat(),
            "media": parcel.media,
            "sha256": hashlib.sha256(parcel.content).hexdigest(),
            "content": base64.b64encode(parcel.content).decode(),
            "recipient": _address(parcel.recipient),
        }
        return _receipt(self._call("POST", INVOICES, body, key=parcel.ref))

    def find(self, parcel: Parcel) -> Receipt | None:
        """What our reference names there."""
        told = self._call("GET", f"{INVOICES}?external_reference={quote(parcel.ref)}")
        rows = told.body.get("invoices") or []
        return Receipt(str(rows[0]["id"])) if rows else None

    def hear(self, receipt: Receipt, parcel: Parcel) -> Heard:
        """Every event, page after page: what is known already is recognised by its number."""
        found: list[News] = []
        after = ""
        for _page in range(MOST_PAGES):
            told = self._call("GET", f"{_of(receipt)}/events?after={quote(after)}")
            if told.status == 404:
                raise Refused(words_of(told.body) or "404")
            found += [_news(row) for row in told.body.get("events") or []]
            after = str(told.body.get("next") or "")
            if not after:
                break
        return Heard(receipt, tuple(found))

    def recycle(self, receipt: Receipt, parcel: Parcel) -> Receipt:
        """Send the same invoice again to a mended address."""
        body = {"recipient": _address(parcel.recipient)}
        self._call("POST", f"{_of(receipt)}/recipient", body, key=f"{parcel.ref}:recipient")
        return receipt

    def complete(self, receipt: Receipt, pieces: Sequence[Piece], comment: str) -> None:
        """The documents, then 209."""
        for piece in pieces:
            digest = hashlib.sha256(piece.content).hexdigest()
            body = {"name": piece.name, "media": piece.media, "content": base64.b64encode(piece.content).decode()}
            self._call("POST", f"{_of(receipt)}/documents", body, key=f"{receipt.remote_ref}:{digest}")
        done = {"code": int(LifeCode.COMPLETED), "text": comment}
        digest = hashlib.sha256("".join(piece.name for piece in pieces).encode()).hexdigest()
        self._call("POST", f"{_of(receipt)}/events", done, key=f"{receipt.remote_ref}:209:{digest}")

    def tell(self, receipt: Receipt, own: Own) -> None:
        """An event of ours, under our own reference."""
        body: dict[str, Any] = {"code": own.code, "at": own.at.isoformat()}
        if own.amounts:
            body["amounts"] = [dict(row) for row in own.amounts]
        self._call("POST", f"{_of(receipt)}/events", body, key=own.ref)

    # --- calls --------------------------------------------------------------------------------------------------

    def _call(self, method: str, path: str, body: Any = None, *, key: str = "") -> Answer:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            answer = Line(self.base).call(method, path, headers=headers, json=body, changes=method == "POST")
        except NotOurs as error:
            raise NotReached("HTTP 401") from error
        if not isinstance(answer.body, dict):
            raise NotReached("unreadable answer")
        if answer.status == 404 and method == "POST":
            raise Refused(words_of(answer.body) or "404")
        return answer


def missing_settings(config: Mapping[str, Any]) -> list[str]:
    """Names of the settings without which nothing leaves by the platform."""
    return [name for name in ("PLATFORM_URL", "PLATFORM_TOKEN") if not config.get(name)]


def _of(receipt: Receipt) -> str:
    return f"{INVOICES}/{quote(receipt.remote_ref, safe='')}"


def _receipt(answer: Answer) -> Receipt:
    if not answer.body.get("id"):
        raise Refused(words_of(answer.body) or f"HTTP {answer.status}")
    return Receipt(str(answer.body["id"]))


def _address(recipient: Recipient) -> dict[str, str]:
    """Scheme 0225 of the directory: as given, else the SIREN and the SIRET."""
    address = recipient.electronic_address or f"{recipient.siret[:9]}_{recipient.siret}"
    return {"scheme": "0225", "address": address, "routing_code": recipient.service_code}


def _news(row: Mapping[str, Any]) -> News:
    try:
        at = datetime.fromisoformat(str(row.get("at")))
    except ValueError:
        at = None
    code = row.get("code")
    return News(
        key=str(row.get("id") or ""),
        code=code if isinstance(code, int) and 100 <= code <= 999 else 999,
        at=at if at and at.tzinfo else None,
        reason=str(row["reason_code"]) if row.get("reason_code") else None,
        text=str(row.get("reason_text") or "")[:500],
        payload={"status": str(code)},
    )
