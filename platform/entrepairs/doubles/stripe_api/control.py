"""The stand-in's own pages: knobs as JSON under `/_control`, and the board for a person."""

from dataclasses import asdict

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug import Response
from werkzeug.exceptions import BadRequest, NotFound

from entrepairs.doubles.stripe_api import events, knobs, sessions
from entrepairs.doubles.stripe_api.errors import ApiError, Json
from entrepairs.doubles.stripe_api.store import Store

SHOWN = 50


def control(store: Store) -> Blueprint:
    """Routes to look at and to disturb the stand-in."""
    board = Blueprint("control", __name__)
    _add_knobs(board, store)
    _add_deeds(board, store)

    @board.get("/")
    def home() -> str:
        with store.transaction():
            return render_template(
                "board.html",
                intents=list(store.newest("payment_intent"))[:SHOWN],
                deliveries=events.deliveries(store, SHOWN),
                turned=knobs.read(store),
            )

    return board


def _add_knobs(board: Blueprint, store: Store) -> None:
    @board.get("/_control")
    def read() -> Response:
        with store.transaction():
            return _told(store)

    @board.post("/_control")
    def turn() -> Response:
        changes = request.get_json()
        if not isinstance(changes, dict):
            raise BadRequest("A JSON object of knobs is expected.")
        with store.transaction():
            try:
                knobs.turn(store, changes)
            except knobs.InvalidKnob as error:
                raise BadRequest(str(error)) from error
            return _told(store)

    @board.delete("/_control")
    def rest() -> Response:
        with store.transaction():
            knobs.rest(store)
            return _told(store)


def _add_deeds(board: Blueprint, store: Store) -> None:
    @board.delete("/_control/data")
    def forget() -> Response:
        with store.transaction():
            store.forget_everything()
            return _told(store)

    @board.get("/_control/deliveries")
    def deliveries() -> Response:
        with store.transaction():
            return jsonify({"data": events.deliveries(store)})

    @board.post("/_control/deliveries/<event_id>")
    def resend(event_id: str) -> Response:
        with store.transaction():
            event = store.find(event_id)
            if event is None or event["object"] != "event":
                raise NotFound
            events.send(store, event)
        return _done({"sent": event_id})

    @board.post("/_control/sepa/<intent_id>")
    def bank_answers(intent_id: str) -> Response:
        outcome = (request.get_json() if request.is_json else request.form).get("outcome")
        if outcome not in ("succeeded", "failed"):
            raise BadRequest("outcome is succeeded or failed.")
        try:
            with store.transaction():
                intent = sessions.bank_answers(store, intent_id, accepted=outcome == "succeeded")
        except ApiError as error:
            raise BadRequest(str(error)) from error
        return _done(intent)


def _told(store: Store) -> Response:
    return jsonify({"knobs": asdict(knobs.read(store)), "waiting": events.count_waiting(store)})


def _done(told: Json) -> Response:
    """JSON for a program, back to the board for a person."""
    return jsonify(told) if request.is_json else redirect(url_for("control.home"), code=303)
