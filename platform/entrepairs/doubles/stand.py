"""What the stand-ins of Chorus Pro and of an approved platform share: the server, the faults, the page, the program."""

import argparse
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from flask import Blueprint, Flask, Response, jsonify, redirect, render_template, request, url_for
from jinja2 import StrictUndefined
from werkzeug import Response as BaseResponse
from werkzeug.exceptions import BadRequest, HTTPException, NotFound

from entrepairs.doubles import faults, french
from entrepairs.doubles.kept import Json, Kept
from entrepairs.doubles.local_server import CannotListen, LocalServer, StopSignal, bind, say

HERE = Path(__file__).parent
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SHOWN = 60


@dataclass(frozen=True)
class Kind:
    """One stand-in: its words, its routes, what a person may decide on its page."""

    name: str
    title: str
    lead: str
    api: str
    """Paths that the faults strike start so; the page and the control never fail."""
    routes: Callable[[Kept], Blueprint]
    invoices: Callable[[Kept], Sequence[Json]]
    """What the page shows, newest first: id, number, recipient, cents, status, steps."""
    decide: Callable[[Kept, str, str, Mapping[str, Any]], None]
    """Give an invoice (id) a status, with `comment` and `reason`. Raises KeyError, ValueError."""
    buttons: Sequence[tuple[str, str]]
    words: Mapping[str, str]


class Stand:
    """`with Stand(KIND, data=…) as stand:` then call `stand.address`. Raises CannotListen."""

    def __init__(self, kind: Kind, *, data: Path, host: str = "127.0.0.1", port: int = 0) -> None:
        listener = bind(host, port)
        try:
            self.store = Kept(data)
            self._web = LocalServer(create_app(kind, self.store), listener)
        except BaseException:
            listener.close()
            raise
        self.address = self._web.address

    def __enter__(self) -> Self:
        self._web.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._web.__exit__(kind, error, trace)
        self.store.close()

    def turn(self, **changes: object) -> None:
        """Set faults, for tests in the same process."""
        with self.store.transaction():
            faults.turn(self.store, changes)


def create_app(kind: Kind, store: Kept) -> Flask:
    """The interface, the page and the control over one store."""
    app = Flask(kind.name, static_folder=HERE / "static", template_folder=HERE / "templates")
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.filters.update(amount=french.amount, moment=french.moment_of)
    app.register_blueprint(kind.routes(store))
    app.register_blueprint(_control(kind, store))
    app.add_url_rule("/healthz", view_func=lambda: {"status": "ok"}, endpoint="healthz")
    app.register_error_handler(HTTPException, _refuse)

    def before() -> Response | None:
        return faults.strike_before(store) if request.path.startswith(kind.api) else None

    def after(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = POLICY
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Cache-Control"] = "no-store"
        struck = request.path.startswith(kind.api) and answer.status_code < 300
        return faults.strike_after(store, answer) if struck else answer

    app.before_request(before)
    app.after_request(after)
    return app


def _refuse(error: HTTPException) -> BaseResponse | tuple[dict[str, object], int]:
    """JSON for a program, a plain sentence for a person at the page."""
    if request.path == "/" or request.form:
        return error.get_response()
    return {"message": error.description}, error.code or 500


def _control(kind: Kind, store: Kept) -> Blueprint:
    board = Blueprint("control", __name__)

    @board.get("/")
    def home() -> str:
        with store.transaction():
            shown = list(kind.invoices(store))[:SHOWN]
            return render_template("invoices.html", kind=kind, invoices=shown, faults=faults.read(store))

    @board.get("/_control")
    def look() -> Response:
        with store.transaction():
            return jsonify({"faults": asdict(faults.read(store)), "invoices": list(kind.invoices(store))})

    @board.post("/_control")
    def turn() -> Response:
        changes = request.get_json()
        if not isinstance(changes, dict):
            raise BadRequest("A JSON object of faults is expected.")
        with store.transaction():
            try:
                return jsonify(asdict(faults.turn(store, changes)))
            except faults.InvalidFault as error:
                raise BadRequest(str(error)) from error

    @board.delete("/_control")
    def rest() -> Response:
        with store.transaction():
            return jsonify(asdict(faults.rest(store)))

    @board.post("/_control/invoices/<wanted>")
    def decide(wanted: str) -> BaseResponse:
        given: Mapping[str, Any] = request.get_json() if request.is_json else request.form
        with store.transaction():
            try:
                kind.decide(store, wanted, str(given.get("status") or ""), given)
            except KeyError as error:
                raise NotFound from error
            except ValueError as error:
                raise BadRequest(str(error)) from error
        return jsonify({"done": wanted}) if request.is_json else redirect(url_for("control.home"), code=303)

    return board


def program(kind: Kind) -> int:
    """Run until SIGTERM or SIGINT (0); 1 with a sentence when it cannot start."""
    parser = argparse.ArgumentParser(prog=kind.name, description=f"A local stand-in: {kind.title}.")
    parser.add_argument("--host", default="127.0.0.1", help="loopback only")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="SQLite file, made when absent")
    parser.add_argument("--pace", type=float, help="seconds between the first steps, which then come by themselves")
    asked = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format=f"{kind.name}: %(message)s")
    stop = StopSignal()
    try:
        stand = Stand(kind, data=asked.data, host=asked.host, port=asked.port)
    except CannotListen as error:
        sys.stderr.write(f"{kind.name}: {error}\n")
        return 1
    if asked.pace is not None:
        stand.turn(pace_seconds=asked.pace)
    with stand:
        say(f"{kind.name} ready at {stand.address}")
        stop.wait()
    return 0
