"""One identifier per request, in the answer's `X-Request-Id`, in the logs and on the error pages."""

import re
import uuid
from typing import Final

from flask import Flask, Response, g, has_request_context, request

HEADER: Final = "X-Request-Id"
# What a proxy may hand us: nothing that could break a log line or a page.
ACCEPTED: Final = re.compile(r"[A-Za-z0-9-]{8,64}")


def init_request_ids(app: Flask) -> None:
    """Echo the proxy's identifier when it is well formed, else draw one."""
    app.after_request(_echo)


def request_id() -> str:
    """The identifier of the current request, or « - » outside one."""
    if not has_request_context():
        return "-"
    if "request_id" not in g:
        given = request.headers.get(HEADER, "")
        g.request_id = given if ACCEPTED.fullmatch(given) else uuid.uuid4().hex[:16]
    drawn: str = g.request_id
    return drawn


def _echo(response: Response) -> Response:
    response.headers[HEADER] = request_id()
    return response
