"""The stand-in's own pages: knobs as JSON under `/_control`, and the board for a person."""

from collections.abc import Callable
from dataclasses import asdict

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug import Response
from werkzeug.exceptions import BadRequest, NotFound

from entrepairs.doubles.stripe_api import disputes, events, knobs, payouts, refunds, sessions
from entrepairs.doubles.stripe_api.errors import ApiError, Json
from entrepairs.doubles.stripe_api.store import Store

SHOWN = 50


def control(store: Store) -> Blueprint:
    """Routes to look at and to disturb the stand-in."""
    board = Blueprint("control", __name__)
    _add_knobs(board, store)
    _add_deeds(board, store)
    _add_decisions(board, store)

    @board.get("/")
    def home() -> str:
        with store.transaction():
            return render_template(
                "board.html",
                intents=list(store.newest("payment_intent"))[:SHOWN],
                disputes=list(store.newest("dispute"))[:SHOWN],
                refunds=list(store.newest("refund"))[:SHOWN],
                payouts=list(store.newest("payout"))[:SHOWN],
                left=payouts.left(store),
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

    @board.put("/_control/data")
    def learn() -> Response:
        things = request.get_json()
        if not isinstance(things, list) or not all(
            isinstance(one, dict) and {"id", "object"} <= set(one) for one in things
        ):
            raise BadRequest("A JSON list of objects with their id is expected.")
        with store.transaction():
            store.learn(things)
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


def _add_decisions(board: Blueprint, store: Store) -> None:
    """What the payer, the banks and Stripe decide, in their place."""

    def decided(deed: Callable[[], Json]) -> Response:
        try:
            with store.transaction():
                done = deed()
        except ApiError as error:
            raise BadRequest(str(error)) from error
        return _done(done)

    @board.post("/_control/sepa/<intent_id>")
    def bank_answers(intent_id: str) -> Response:
        accepted = _asked("succeeded", "failed") == "succeeded"
        return decided(lambda: sessions.bank_answers(store, intent_id, accepted=accepted))

    @board.post("/_control/refunds/<refund_id>")
    def refund_ends(refund_id: str) -> Response:
        accepted = _asked("succeeded", "failed") == "succeeded"
        return decided(lambda: refunds.settle_refund(store, store.get("refund", refund_id), accepted=accepted))

    @board.post("/_control/disputes/of/<intent_id>")
    def dispute(intent_id: str) -> Response:
        return decided(lambda: disputes.open_dispute(store, store.get("payment_intent", intent_id)))

    @board.post("/_control/disputes/<dispute_id>")
    def dispute_ends(dispute_id: str) -> Response:
        won = _asked("won", "lost") == "won"
        return decided(lambda: disputes.close_dispute(store, store.get("dispute", dispute_id), won=won))

    @board.post("/_control/payouts")
    def pay_out() -> Response:
        return decided(lambda: payouts.make_payout(store))

    @board.post("/_control/payouts/<payout_id>")
    def payout_ends(payout_id: str) -> Response:
        arrived = _asked("paid", "failed") == "paid"
        return decided(lambda: payouts.settle_payout(store, store.get("payout", payout_id), arrived=arrived))


def _asked(*outcomes: str) -> str:
    outcome = str((request.get_json() if request.is_json else request.form).get("outcome"))
    if outcome not in outcomes:
        raise BadRequest(f"outcome is {' or '.join(outcomes)}.")
    return outcome


def _told(store: Store) -> Response:
    return jsonify({"knobs": asdict(knobs.read(store)), "waiting": events.count_waiting(store)})


def _done(told: Json) -> Response:
    """JSON for a program, back to the board for a person."""
    return jsonify(told) if request.is_json else redirect(url_for("control.home"), code=303)
