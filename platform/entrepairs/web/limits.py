"""How often one may try to enter: counted by the address typed, since a whole hospital comes by one connection."""

from flask import request
from flask_limiter.util import get_remote_address
from werkzeug.wrappers import Response


def typed_address() -> str:
    """The e-mail address of the form, as it is looked for."""
    return request.form.get("email", "").strip().lower()[:254]


def typed_here() -> str:
    """The same, from one connection: nobody elsewhere can lock somebody out."""
    return f"{typed_address()}|{get_remote_address()}"


def went_wrong(answer: Response) -> bool:
    """Only what was refused counts: who enters costs nothing to the next."""
    return answer.status_code != 303
