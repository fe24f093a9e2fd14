"""The stand-in as a Flask application."""

from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, request
from jinja2 import StrictUndefined
from werkzeug import Response as BaseResponse
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from entrepairs.doubles import french
from entrepairs.doubles.stripe_api.calls import serve
from entrepairs.doubles.stripe_api.control import control
from entrepairs.doubles.stripe_api.endpoints import ENDPOINTS, Endpoint
from entrepairs.doubles.stripe_api.errors import ApiError
from entrepairs.doubles.stripe_api.pay_page import pay_page
from entrepairs.doubles.stripe_api.store import Store

STATIC = Path(__file__).parents[1] / "static"
# No form-action: a browser applies it to the redirect back to the platform too.
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
INTENT_WORDS = {
    "requires_payment_method": "à payer",
    "requires_confirmation": "à payer",
    "processing": "prélèvement en cours",
    "succeeded": "payé",
    "canceled": "abandonné",
}
DISPUTE_WORDS = {"needs_response": "en attente de notre réponse", "won": "gagnée", "lost": "perdue"}
REFUND_WORDS = {"pending": "en cours", "succeeded": "fait", "failed": "refusé par la banque"}
PAYOUT_WORDS = {"in_transit": "en route", "paid": "arrivé", "failed": "renvoyé par la banque"}
DELIVERY_WORDS = {"waiting": "en attente", "delivered": "remise", "given_up": "abandonnée"}


def create_app(store: Store, public_url: str) -> Flask:
    """The API, the payment page and the board over one store."""
    app = Flask(__name__, static_folder=STATIC)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.filters.update(amount=french.amount, moment=french.moment_of)
    app.jinja_env.globals.update(
        intent_words=INTENT_WORDS,
        delivery_words=DELIVERY_WORDS,
        dispute_words=DISPUTE_WORDS,
        refund_words=REFUND_WORDS,
        payout_words=PAYOUT_WORDS,
    )
    for (method, path), endpoint in ENDPOINTS.items():
        view = _view(store, endpoint, public_url)
        app.add_url_rule(path, endpoint=f"{method} {path}", view_func=view, methods=[method])
    app.register_blueprint(pay_page(store))
    app.register_blueprint(control(store))
    app.add_url_rule("/healthz", view_func=lambda: {"status": "ok"}, endpoint="healthz")
    app.register_error_handler(HTTPException, _refuse)
    app.after_request(_guard)
    return app


def _view(store: Store, endpoint: Endpoint, public_url: str) -> Callable[..., Response]:
    def view(wanted: str = "") -> Response:
        return serve(store, endpoint, public_url, wanted)

    return view


def _refuse(error: HTTPException) -> BaseResponse | tuple[dict[str, object], int]:
    """Stripe's form under /v1, a plain sentence elsewhere."""
    if request.path.startswith("/v1/") and isinstance(error, NotFound | MethodNotAllowed):
        refusal = ApiError(f"Unrecognized request URL ({request.method}: {request.path}).", status=404)
        return refusal.body, 404
    if request.path.startswith("/_control"):
        return {"error": error.description}, error.code or 500
    return error.get_response()


def _guard(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
