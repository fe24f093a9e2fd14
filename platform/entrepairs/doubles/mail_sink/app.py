"""The sink's web side as a Flask application."""

from pathlib import Path

from flask import Flask, Response, request
from jinja2 import StrictUndefined
from werkzeug import Response as BaseResponse
from werkzeug.exceptions import HTTPException

from entrepairs.doubles import french
from entrepairs.doubles.mail_sink.faults import Faults
from entrepairs.doubles.mail_sink.mailbox import Mailbox
from entrepairs.doubles.mail_sink.pages import pages

STATIC = Path(__file__).parents[1] / "static"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def create_app(mailbox: Mailbox, faults: Faults) -> Flask:
    """The pages, the JSON and the faults over one mailbox."""
    app = Flask(__name__, static_folder=STATIC)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.filters.update(moment=french.moment)
    app.register_blueprint(pages(mailbox, faults))
    app.add_url_rule("/healthz", view_func=lambda: {"status": "ok"}, endpoint="healthz")
    app.register_error_handler(HTTPException, _refuse)
    app.after_request(_guard)
    return app


def _refuse(error: HTTPException) -> BaseResponse | tuple[dict[str, object], int]:
    if request.path.startswith("/_control"):
        return {"error": error.description}, error.code or 500
    return error.get_response()


def _guard(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
