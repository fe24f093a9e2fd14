"""The misbehaviours of a stand-in, on demand; kept with its data, so they survive a restart too."""

import socket
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace

from flask import Response, abort, jsonify, request

from entrepairs.doubles.kept import Kept


@dataclass(frozen=True)
class Faults:
    """Counts go down by one at each call they strike; durations are seconds of real time."""

    fail_requests: int = 0
    """Calls answered 500 before any work."""
    lose_answers: int = 0
    """Calls whose work is done and whose answer never leaves."""
    slow_requests: int = 0
    """Calls answered only after `slow_seconds`."""
    slow_answers: int = 0
    """Calls whose work is done at once and whose answer leaves only after `slow_seconds`."""
    slow_seconds: float = 10.0
    throttle: int = 0
    """Calls answered 429, « try again in a second », before any work."""
    expire_tokens: int = 0
    """Calls answered 401 as for a token that has ended."""
    calls_to: str = "/"
    """The counts above touch only paths that start so."""
    integrates_after_seconds: float = 0.0
    """Chorus Pro: how long a flow stays in treatment before its invoice has a number."""
    pace_seconds: float | None = None
    """Each first step (received, made available) comes by itself after this; None: only from the page."""


class InvalidFault(ValueError):
    """No such fault, or not a value it takes."""


def read(store: Kept) -> Faults:
    """The faults as set."""
    known = store.get("faults", "set")
    return replace(Faults(), **{name: value for name, value in (known or {}).items() if name != "id"})


def turn(store: Kept, changes: Mapping[str, object]) -> Faults:
    """Set the named faults, leave the others; raises InvalidFault."""
    kinds = {field.name: field.type for field in fields(Faults)}
    for name, value in changes.items():
        number = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
        text = name == "calls_to" and isinstance(value, str)
        if name not in kinds or not (text or (number and name != "calls_to") or (value is None and "pace" in name)):
            raise InvalidFault(f"{name} does not take {value!r}.")
    store.put("faults", {**asdict(read(store)), **changes, "id": "set"})
    return read(store)


def rest(store: Kept) -> Faults:
    """All back to good behaviour."""
    store.put("faults", {"id": "set"})
    return Faults()


def _strikes(store: Kept, name: str) -> bool:
    with store.transaction():
        set_now = asdict(read(store))
        if set_now[name] <= 0 or not request.path.startswith(set_now["calls_to"]):
            return False
        turn(store, {name: set_now[name] - 1})
        return True


def strike_before(store: Kept) -> Response | None:
    """What an interface answers instead of working."""
    if _strikes(store, "throttle"):
        answer = jsonify({"message": "Too many requests, as asked."})
        answer.status_code, answer.headers["Retry-After"] = 429, "0"
        return answer
    if _strikes(store, "fail_requests"):
        abort(500, "An error of the stand-in, as asked.")
    if _strikes(store, "expire_tokens"):
        abort(401, "The token has ended, as asked.")
    if _strikes(store, "slow_requests"):
        with store.transaction():
            seconds = read(store).slow_seconds
        time.sleep(seconds)
    return None


def strike_after(store: Kept, answer: Response) -> Response:
    """The work is committed; the caller may get a closed connection, as when the network fails."""
    if _strikes(store, "slow_answers"):
        with store.transaction():
            seconds = read(store).slow_seconds
        time.sleep(seconds)
    if _strikes(store, "lose_answers"):
        line = request.environ.get("werkzeug.socket")
        if isinstance(line, socket.socket):
            line.shutdown(socket.SHUT_RDWR)
    return answer
