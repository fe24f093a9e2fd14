"""The one way out of this room: an HTTP call with a bound on everything, whose failures are told apart.

What surely did not arrive (`NotReached`) may be sent again; what may have arrived (`InDoubt`) may not. Real time rules
here. Secrets go to https addresses only, or to this very machine.
"""

import ipaddress
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from entrepairs.billing.transmission.carriers import InDoubt, NotReached, Refused

TIMEOUT: Final = (3.0, 8.0)
"""Seconds to connect, and between two bytes: less than a task may last."""
MOST_BYTES: Final = 4_000_000
"""Of an answer; longer is not read."""
TRIES: Final = 3
"""Within one call, for what surely did nothing (no connection, 429, 503); the outbox tries again later."""
FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 2.0
_SURELY_UNDONE: Final = frozenset({401, 403, 429, 503})


class NotOurs(Exception):
    """401: the token is not taken; a new one is asked for once."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body as read."""

    status: int
    body: Any


@dataclass
class Line:
    """A line to one address. `pause` is replaced in tests."""

    base: str
    pause: Callable[[float], None] = field(default=time.sleep, repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.base)
        self._local = _is_loopback(parts.hostname or "")
        if parts.scheme != "https" and not (parts.scheme == "http" and self._local):
            raise Refused(f"{self.base}: https only")

    def call(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        json: Any = None,
        form: Mapping[str, str] | None = None,
        changes: bool = False,
    ) -> Answer:
        """One call. `changes`: it may leave something there, so a lost answer is a doubt.

        Raises NotReached, InDoubt, NotOurs (401), Refused (4xx, with the words of the other end).
        """
        for attempt in range(TRIES):
            last = attempt == TRIES - 1
            try:
                answer = self._once(method, path, headers, json, form, changes=changes)
            except NotReached:
                if last:
                    raise
                self.pause(FIRST_PAUSE * 2**attempt)
                continue
            if answer.status in (429, 503) and not last:
                self.pause(min(_wait(answer.body, FIRST_PAUSE * 2**attempt), LONGEST_PAUSE))
                continue
            return _sorted_out(answer, changes=changes)
        raise NotReached("no answer")

    def _once(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        json: Any,
        form: Mapping[str, str] | None,
        *,
        changes: bool,
    ) -> Answer:
        import requests

        with requests.Session() as session:
            session.trust_env = not self._local
            try:
                with session.request(
                    method,
                    self.base.rstrip("/") + path,
                    headers=dict(headers),
                    json=json,
                    data=form,
                    timeout=TIMEOUT,
                    allow_redirects=False,
                    stream=True,
                ) as found:
                    content = found.raw.read(MOST_BYTES + 1, decode_content=True)
                    status, wait = found.status_code, found.headers.get("Retry-After", "")
            except (requests.ConnectTimeout, requests.exceptions.SSLError) as error:
                raise NotReached(type(error).__name__) from error
            except requests.ConnectionError as error:
                raise _cut(error, changes=changes) from error
            except (requests.RequestException, OSError) as error:
                raise _lost(type(error).__name__, changes=changes) from error
            except Exception as error:  # urllib3's own, met while the body is read
                if not type(error).__module__.startswith("urllib3"):
                    raise
                raise _lost(type(error).__name__, changes=changes) from error
        if len(content) > MOST_BYTES:
            raise _lost("answer too long", changes=changes)
        return Answer(status, _read(content, wait))


def _lost(why: str, *, changes: bool) -> NotReached | InDoubt:
    return InDoubt(why) if changes else NotReached(why)


def _cut(error: Exception, *, changes: bool) -> NotReached | InDoubt:
    """A connection refused did nothing; one that was cut may have."""
    text = str(error)
    refused = "NewConnectionError" in text or "NameResolutionError" in text or "Connection refused" in text
    return NotReached("no connection") if refused else _lost("connection cut", changes=changes)


def _read(content: bytes, wait: str) -> Any:
    import json

    try:
        body = json.loads(content) if content.strip() else {}
    except ValueError:
        body = {"text": content[:500].decode("utf-8", errors="replace")}
    if isinstance(body, dict) and wait.isdigit():
        body["_wait"] = int(wait)
    return body


def _wait(body: Any, usual: float) -> float:
    told = body.get("_wait") if isinstance(body, dict) else None
    return float(told) if told is not None else usual


def _sorted_out(answer: Answer, *, changes: bool) -> Answer:
    """The answer, when it is one."""
    if answer.status < 300 or answer.status in (404, 409):
        return answer
    if answer.status == 401:
        raise NotOurs
    if answer.status in _SURELY_UNDONE:
        raise NotReached(f"HTTP {answer.status}")
    if answer.status >= 500:
        raise _lost(f"HTTP {answer.status}", changes=changes)
    raise Refused(words_of(answer.body) or f"HTTP {answer.status}")


def words_of(body: Any) -> str:
    """What an answer says for people."""
    if not isinstance(body, dict):
        return ""
    for name in ("libelle", "message", "detail", "error_description", "error", "text"):
        if isinstance(body.get(name), str) and body[name]:
            return str(body[name])
    return ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
