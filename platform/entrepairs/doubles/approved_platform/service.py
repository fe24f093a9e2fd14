"""The platform's interface: an invoice given under our own reference, its events read by cursor, ours taken once."""

import base64
import binascii
import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest, NotFound, Unauthorized

from entrepairs.doubles import faults
from entrepairs.doubles.french import PARIS
from entrepairs.doubles.kept import Json, Kept
from entrepairs.doubles.stand import Kind

DEMO_TOKEN = re.compile(r"demo-[\w-]+")
PAGE = 20
BY_ITSELF = (200, 201, 202, 203)
REASONS = {207: "AUTRE", 208: "JUSTIF_ABS", 210: "NON_CONFORME", 213: "REJ_SEMAN", 501: "IRR_SYNTAX"}
"""The usual reason of a decision taken on the page."""
WORDS = {
    "200": "déposée",
    "201": "émise",
    "202": "reçue",
    "203": "mise à disposition",
    "204": "prise en charge",
    "205": "approuvée",
    "207": "en litige",
    "208": "suspendue",
    "209": "complétée",
    "210": "refusée",
    "211": "paiement transmis",
    "212": "encaissée",
    "213": "rejetée",
    "221": "erreur de routage",
    "501": "irrecevable",
}
BUTTONS = (
    ("203", "Mettre à disposition"),
    ("204", "Prendre en charge"),
    ("205", "Approuver"),
    ("211", "Paiement transmis"),
    ("207", "Contester"),
    ("208", "Suspendre"),
    ("221", "Erreur de routage"),
    ("210", "Refuser"),
    ("213", "Rejeter"),
)


def routes(store: Kept) -> Blueprint:
    """The interface under `/v1`."""
    api = Blueprint("api", __name__)
    api.before_request(_ensure_token)

    @api.post("/v1/invoices")
    def take() -> tuple[Response, int]:
        with store.transaction():
            invoice, fresh = _take(store, _json())
            return jsonify(_told(invoice)), 201 if fresh else 409

    @api.get("/v1/invoices")
    def find() -> Response:
        wanted = request.args.get("external_reference", "")
        with store.transaction():
            rows = [_told(one) for one in store.all("invoice") if one["external_reference"] == wanted]
        return jsonify({"invoices": rows})

    @api.get("/v1/invoices/<wanted>/events")
    def events(wanted: str) -> Response:
        after = request.args.get("after", "")
        with store.transaction():
            _advance(store)
            rows = _found(store, wanted)["steps"]
        first = int(after) if after.isdigit() else 0
        page = rows[first : first + PAGE]
        following = str(first + PAGE) if len(rows) > first + PAGE else ""
        return jsonify({"events": [_event(row) for row in page], "next": following})

    _add_ours(api, store)
    return api


def _add_ours(api: Blueprint, store: Kept) -> None:
    """What a supplier tells: an event, a document, another recipient. Each once by its key."""

    @api.post("/v1/invoices/<wanted>/events")
    def hear(wanted: str) -> tuple[Response, int]:
        body = _json()
        if not isinstance(body.get("code"), int):
            raise BadRequest("code is a number")
        with store.transaction():
            invoice = _found(store, wanted)
            if _told_before(store):
                return jsonify({"status": "known"}), 409
            _step(store, invoice, body["code"], text=str(body.get("text") or ""), amounts=body.get("amounts"))
        return jsonify({"status": "taken"}), 201

    @api.post("/v1/invoices/<wanted>/documents")
    def documents(wanted: str) -> tuple[Response, int]:
        body = _json()
        with store.transaction():
            invoice = _found(store, wanted)
            if _told_before(store):
                return jsonify({"status": "known"}), 409
            invoice["pieces"].append(str(body.get("name")))
            store.put("invoice", invoice)
        return jsonify({"status": "taken"}), 201

    @api.post("/v1/invoices/<wanted>/recipient")
    def recipient(wanted: str) -> tuple[Response, int]:
        body = _json()
        with store.transaction():
            invoice = _found(store, wanted)
            if _told_before(store):
                return jsonify({"status": "known"}), 409
            invoice["recipient"] = (body.get("recipient") or {}).get("address", "")
            _step(store, invoice, 200)
        return jsonify({"status": "taken"}), 201


def _ensure_token() -> None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not DEMO_TOKEN.fullmatch(token):
        raise Unauthorized("invalid token")


def _json() -> Json:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadRequest("JSON is expected")
    return body


def _told_before(store: Kept) -> bool:
    """Whether a call under this idempotency key was done."""
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        raise BadRequest("Idempotency-Key is missing")
    if store.get("key", key) is not None:
        return True
    store.put("key", {"id": key})
    return False


def _take(store: Kept, body: Json) -> tuple[Json, bool]:
    reference, number = str(body.get("external_reference") or ""), str(body.get("number") or "")
    if not reference or not number:
        raise BadRequest("external_reference and number are needed")
    for known in store.all("invoice"):
        if reference == known["external_reference"]:
            return known, False
    try:
        content = base64.b64decode(str(body.get("content") or ""), validate=True)
    except binascii.Error as error:
        raise BadRequest("content is not base64") from error
    if hashlib.sha256(content).hexdigest() != body.get("sha256"):
        raise BadRequest("the content does not have this sha256")
    invoice: Json = {
        "id": f"inv_{secrets.token_hex(8)}",
        "external_reference": reference,
        "number": number,
        "recipient": (body.get("recipient") or {}).get("address", ""),
        "cents": None,
        "steps": [],
        "pieces": [],
    }
    twice = any(number == known["number"] for known in store.all("invoice"))
    _step(store, invoice, 200)
    if twice:
        _step(store, invoice, 213, reason="REJ_UNI", text="Ce numéro existe déjà.")
    return invoice, True


def _step(
    store: Kept, invoice: Json, code: int, *, reason: str = "", text: str = "", amounts: Any = None, at: float = 0.0
) -> None:
    number = store.next_number("step", 1)
    step = {"id": f"evt_{number}", "code": code, "at": at or store.clock(), "reason": reason, "text": text}
    invoice["steps"].append({**step, "amounts": amounts})
    store.put("invoice", invoice)


def _advance(store: Kept) -> None:
    pace = faults.read(store).pace_seconds
    if pace is None:
        return
    for invoice in store.all("invoice"):
        for before, after in pairwise(BY_ITSELF):
            last = invoice["steps"][-1]
            if last["code"] == before and store.clock() - last["at"] >= pace:
                _step(store, invoice, after, at=last["at"] + pace)


def _found(store: Kept, wanted: str) -> Json:
    invoice = store.get("invoice", wanted)
    if invoice is None:
        raise NotFound("no such invoice")
    return invoice


def _told(invoice: Json) -> Json:
    return {"id": invoice["id"], "number": invoice["number"], "external_reference": invoice["external_reference"]}


def _event(step: Json) -> Json:
    told = {"id": step["id"], "code": step["code"], "at": datetime.fromtimestamp(step["at"], PARIS).isoformat()}
    if step["reason"]:
        told["reason_code"] = step["reason"]
    if step["text"]:
        told["reason_text"] = step["text"]
    return told


def _shown(store: Kept) -> Sequence[Json]:
    _advance(store)
    return [{**one, "status": str(one["steps"][-1]["code"])} for one in reversed(store.all("invoice"))]


def _decide(store: Kept, wanted: str, status: str, given: Mapping[str, Any]) -> None:
    invoice = store.get("invoice", wanted) or next(
        (one for one in store.all("invoice") if one["number"] == wanted), None
    )
    if invoice is None:
        raise KeyError(wanted)
    if not (status.isdigit() and len(status) == 3):
        raise ValueError(f"No such code: {status}.")
    code = int(status)
    reason = given.get("reason")
    reason = REASONS.get(code, "") if reason is None else str(reason)
    _step(store, invoice, code, reason=reason, text=str(given.get("comment") or ""))


APPROVED_PLATFORM = Kind(
    name="approved-platform",
    title="Plateforme agréée de démonstration",
    lead="Ce que le client fait des factures : décidez ici de leur sort, Entrepairs l’apprendra.",
    api="/v1/",
    routes=routes,
    invoices=_shown,
    decide=_decide,
    buttons=BUTTONS,
    words=WORDS,
)
