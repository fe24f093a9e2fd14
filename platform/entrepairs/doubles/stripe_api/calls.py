"""Serving one call of the API: the key, the idempotency key, one transaction, the answer or its loss."""

import json
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from flask import Response, request

from entrepairs.doubles.stripe_api import knobs
from entrepairs.doubles.stripe_api.endpoints import Call, Endpoint
from entrepairs.doubles.stripe_api.errors import ApiError, Json
from entrepairs.doubles.stripe_api.expansion import expand
from entrepairs.doubles.stripe_api.parameters import Parameters, parse
from entrepairs.doubles.stripe_api.store import Origin, Store, new_id

TEST_KEY = re.compile(r"(sk|rk)_test_[\w-]+")
REMEMBERED_SECONDS = 24 * 3600
"""How long an answer is kept for its idempotency key."""


@dataclass(frozen=True)
class Answer:
    """What is sent: the body as text, so that a replay is the same to the byte."""

    status: int
    body: str
    request_id: str
    original: str | None = None


def ensure_test_key(header: str | None) -> None:
    """401 unless `Bearer sk_test_…`: a live key must never be sent to a stand-in."""
    scheme, _, key = (header or "").partition(" ")
    if scheme != "Bearer" or not key:
        raise ApiError("You did not provide an API key.", status=401)
    if not TEST_KEY.fullmatch(key):
        raise ApiError(f"Invalid API Key provided: {key[:8]}****", status=401)


def serve(store: Store, endpoint: Endpoint, public_url: str, wanted: str) -> Response:
    """Do what the current request asks and answer in Stripe's form."""
    pairs = list((request.form if request.method == "POST" else request.args).items(multi=True))
    request_id = new_id("req")
    try:
        ensure_test_key(request.headers.get("Authorization"))
        _fail_if_asked(store)
        call = Call(store, Parameters(parse(pairs)), public_url, wanted)
        answer = _answer(endpoint, call, _fingerprint(pairs), request_id)
    except ApiError as refusal:
        answer = Answer(refusal.status, _dump(refusal.body), request_id)
    if request.method == "POST" and _strikes(store, "lose_answers"):
        _cut_the_line()
    return _respond(answer)


def _answer(endpoint: Endpoint, call: Call, fingerprint: str, request_id: str) -> Answer:
    store = call.store
    key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
    with store.transaction(Origin(request_id, key)):
        if key is not None and (known := _remembered(store, key, fingerprint, request_id)) is not None:
            return known
        try:
            done = expand(store, endpoint(call), call.parameters.texts("expand"))
            answer = Answer(200, _dump(done), request_id)
        except ApiError as refusal:
            if not refusal.keeps_work:
                raise
            answer = Answer(refusal.status, _dump(refusal.body), request_id)
        if key is not None:
            _remember(store, key, fingerprint, answer)
        return answer


def _fingerprint(pairs: Iterable[tuple[str, str]]) -> str:
    asked = json.dumps([request.method, request.path, sorted(pairs)])
    return sha256(asked.encode()).hexdigest()


def _remembered(store: Store, key: str, fingerprint: str, request_id: str) -> Answer | None:
    store.sql.execute("DELETE FROM answer WHERE created_at < ?", (store.now() - REMEMBERED_SECONDS,))
    row = store.sql.execute("SELECT * FROM answer WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    if row["fingerprint"] != fingerprint:
        raise ApiError(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request.",
            kind="idempotency_error",
        )
    return Answer(row["status"], row["body"], request_id, original=row["request_id"])


def _remember(store: Store, key: str, fingerprint: str, answer: Answer) -> None:
    store.sql.execute(
        "INSERT INTO answer (key, fingerprint, request_id, status, body, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        (key, fingerprint, answer.request_id, answer.status, answer.body, store.now()),
    )


def _respond(answer: Answer) -> Response:
    response = Response(answer.body, answer.status, mimetype="application/json")
    response.headers["Request-Id"] = answer.request_id
    response.headers["Stripe-Version"] = request.headers.get("Stripe-Version", "")
    key = request.headers.get("Idempotency-Key")
    if key is not None:
        response.headers["Idempotency-Key"] = key
    if answer.original is not None:
        response.headers["Original-Request"] = answer.original
        response.headers["Idempotent-Replayed"] = "true"
    return response


def _strikes(store: Store, knob: str) -> bool:
    with store.transaction():
        return knobs.use_up(store, knob, request.path)


def _fail_if_asked(store: Store) -> None:
    if _strikes(store, "fail_requests"):
        raise ApiError("An error occurred on the stand-in, as asked.", status=500, kind="api_error")


def _cut_the_line() -> None:
    """The work is committed; the caller gets a closed connection, as when the network fails."""
    line = request.environ.get("werkzeug.socket")
    if isinstance(line, socket.socket):
        line.shutdown(socket.SHUT_RDWR)


def _dump(body: Json) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False)
