"""The hosted payment page: what the buyer sees in place of checkout.stripe.com."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug import Response

from entrepairs.doubles.stripe_api import sessions
from entrepairs.doubles.stripe_api.errors import Json
from entrepairs.doubles.stripe_api.expansion import INTERNAL
from entrepairs.doubles.stripe_api.store import Store


def pay_page(store: Store) -> Blueprint:
    """`GET /c/pay/<session>` shows, `POST` pays; both work without JavaScript."""
    page = Blueprint("pay", __name__)

    @page.get("/c/pay/<session_id>")
    def show(session_id: str) -> str:
        session = _load(store, session_id)
        lines = session[INTERNAL]["line_items"]
        refused = "refuse" in request.args
        return render_template("pay.html", session=session, lines=lines, refused=refused, back=_back(session))

    @page.post("/c/pay/<session_id>")
    def act(session_id: str) -> Response:
        outcome = request.form.get("outcome", "")
        with store.transaction():
            session = _load(store, session_id)
            target = _act(store, session, outcome)
        return redirect(target or url_for("pay.show", session_id=session_id), code=303)

    return page


def _act(store: Store, session: Json, outcome: str) -> str | None:
    """Do what the button says; where to go then, None to stay on the page."""
    if outcome == "cancel":
        return str(session["cancel_url"]) if session["cancel_url"] else None
    if session["status"] == "expired" or outcome not in ("card", "sepa_debit", "refused"):
        return None
    if outcome == "refused" and session["status"] == "open":
        sessions.refuse(store, session)
        return url_for("pay.show", session_id=session["id"], refuse="1")
    if outcome in ("card", "sepa_debit"):
        if session["status"] == "open" and outcome not in session["payment_method_types"]:
            abort(400)
        sessions.complete(store, session, outcome)
    return _back(session)


def _back(session: Json) -> str | None:
    """The platform's page after this one: success once complete, else the way of cancelling."""
    if session["status"] == "complete":
        return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])
    return str(session["cancel_url"]) if session["cancel_url"] else None


def _load(store: Store, session_id: str) -> Json:
    with store.transaction():
        found = store.find(session_id)
    if found is None or found["object"] != "checkout.session":
        abort(404)
    return found
