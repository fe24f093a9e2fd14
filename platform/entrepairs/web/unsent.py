"""What was typed in a form that could not be received: kept in the answered page itself, so that it can be sent again.

A page stayed open overnight, a colleague signed out on the shared PC, another tab signed in: the form's token or the
person's session is no longer good, and the text is all that matters. Nothing is stored by the server nor in a cookie:
the page holds it, signed. Only what a page of this very site has posted is kept: a foreign page can make nobody send
what they did not write.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.exceptions import HTTPException, Unauthorized

FORM_KEY: Final = "form_key"
LONGEST: Final = timedelta(hours=12)
KEPT: Final = "kept"
"""The field of the login form that carries what waits."""
NOT_SAID: Final = frozenset({FORM_KEY, "csrf_token", KEPT})
WITH_A_PASSWORD: Final = frozenset({"public.login", "public.choose_password", "public.change_password"})
"""What is typed there is never given back."""


class SignedOut(Unauthorized):
    """A form was posted by somebody whose session has ended. Its page keeps what was typed."""


@dataclass(frozen=True)
class Unsent:
    """A form that waits: where it goes, its answers in order, the files that are to be chosen again."""

    address: str
    said: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> list[str]:
        """What a person wrote, as far as one can tell from codes and dates: the answers with a space."""
        return [value for _name, value in self.said if " " in value.strip()]


def of_request() -> Unsent | None:
    """The form of this request; None when no page of ours posted it, or when it was too heavy to be read."""
    if request.method != "POST" or request.endpoint in WITH_A_PASSWORD or not from_our_page():
        return None
    try:
        return _read()
    except HTTPException:
        return None


def page_before() -> str | None:
    """The address, here, of the page the request comes from, when it is another page than the one asked for."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host or (request.method == "GET" and parts.path == request.path):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _read() -> Unsent:
    said = tuple(pair for pair in request.form.items(multi=True) if pair[0] not in NOT_SAID)
    files = tuple((name, file.filename) for name, file in request.files.items(multi=True) if file.filename)
    return Unsent(request.full_path.rstrip("?"), said, files)


def from_our_page() -> bool:
    """Whether the browser itself says that a page of this site posted the request."""
    site = request.headers.get("Sec-Fetch-Site")
    return site == "same-origin" if site else request.headers.get("Origin") == request.host_url.rstrip("/")


def pack(unsent: Unsent) -> str:
    """As text for a hidden field."""
    return str(_serializer().dumps([unsent.address, unsent.said, unsent.files]))


def unpack(text: str) -> Unsent | None:
    """What `pack` made, by us and less than half a day ago; None otherwise."""
    try:
        address, said, files = _serializer().loads(text, max_age=int(LONGEST.total_seconds()))
    except BadData:
        return None
    return Unsent(address, tuple((name, value) for name, value in said), tuple((name, value) for name, value in files))


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="unsent", serializer=json)
