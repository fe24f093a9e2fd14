"""A form counts once: sent twice (double click, back and again, a line that hesitates), it makes one thing, one answer.

Every form carries a hidden key (`web.forms.form_guard`). Its row is the first thing written by the request's
transaction, before any lock of a use case, and commits with what the view did: a second sending waits on the unique
key, then is answered by the same address. A view that gives up (an answer missing, a refusal) rolls the row back, so
that the corrected form may be sent. A form without key is taken as it comes: scripts, pages of before an upgrade.
"""

import hashlib
import hmac
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from flask import Flask, current_app, flash, g, has_request_context, redirect, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session, SessionTransaction
from werkzeug.wrappers import Response

from entrepairs.extensions import db
from entrepairs.identity import sent_forms
from entrepairs.kernel.errors import Conflict
from entrepairs.kernel.i18n import N_
from entrepairs.web.errors import answer_domain_error
from entrepairs.web.forms import CREATES
from entrepairs.web.unsent import FORM_KEY

EXEMPT: Final = {
    "demo.enter": "changes who one is in the demo, and nothing else",
    "partners.pay_invoice": "has its own key: an invoice has one payment under way at a time, and Stripe hears it once",
    "peers.seen": "a time written once, posted by the page itself",
    "public.change_password": "the same password twice is one password; what is typed there is hashed nowhere else",
    "public.choose_partner": "a choice kept in the cookie: no row",
    "public.choose_password": "its link serves once",
    "public.login": "each entry is a session of its own; what is typed there is hashed nowhere else",
    "public.logout": "leaving twice is leaving",
    "public.offer_seen": "a time written once, posted by the page itself",
    "public.take_up": "shows again what waits, and changes nothing",
    "public.stripe_webhook": "Stripe's event is stored once, by its own identifier",
    "public.use_link": "its link serves once",
}
"""Routes whose posts are not kept here, and why."""

LONGEST_KEY: Final = 64
WAIT: Final = 0.1
WAITS: Final = 40
"""The first answer is on its way between its commit and its address: four seconds are plenty."""
SENT_BEFORE: Final = N_("This was sent already, and it is recorded once. Open the page again to see it.")
NOT_SAID: Final = frozenset({FORM_KEY, "csrf_token"})


class SentBefore(Exception):
    """This form has been sent, and what it did is committed."""


@dataclass
class _Gesture:
    """The form of this request."""

    digest: str
    twin: str | None
    account_id: int | None
    claimed: bool = False
    kept: bool = False
    """Its row is committed, with what the view did."""


def init_once(app: Flask) -> None:
    """Look at every post before its view, and keep where its answer leads."""
    app.before_request(_begin)
    app.after_request(_end)
    app.register_error_handler(SentBefore, lambda _error: _same_answer())


def _begin() -> Response | None:
    if request.method != "POST" or request.endpoint is None or request.endpoint in EXEMPT:
        return None
    key = request.form.get(FORM_KEY, "")
    if not key or len(key) > LONGEST_KEY:
        return None
    person = current_user.account.id if current_user.is_authenticated else None  # may commit: before the claim
    said = _digest(str(person or ""), request.path, *_said())
    gesture = _Gesture(_digest(key, said), said if key.startswith(CREATES) and person else None, person)
    if gesture.twin and (sent := sent_forms.twin_just_sent(db.session(), gesture.account_id or 0, gesture.twin)):
        gesture.digest = sent.digest
        g.gesture = gesture
        return _same_answer()
    g.gesture = gesture
    try:
        _claim(gesture, db.session.connection())
    except SentBefore:
        return _same_answer()
    return None


def _said() -> Iterator[str]:
    """What was typed, in the order of the form, the files by their content."""
    for name, values in request.form.lists():
        if name not in NOT_SAID:
            yield from (name, *values)
    for name, file in request.files.items(multi=True):
        yield from (name, file.filename or "", hashlib.sha256(file.stream.read()).hexdigest())
        file.stream.seek(0)


def _digest(*parts: str) -> str:
    """A keyed hash: what was typed can't be guessed from it."""
    made = hmac.new(str(current_app.config["SECRET_KEY"]).encode(), digestmod=hashlib.sha256)
    for part in parts:
        encoded = part.encode()
        made.update(f"{len(encoded)}:".encode() + encoded)
    return made.hexdigest()


def _claim(gesture: _Gesture, connection: Connection) -> None:
    gesture.claimed = True
    if not sent_forms.claim(connection, gesture.digest, twin=gesture.twin, account_id=gesture.account_id):
        raise SentBefore


def _gesture() -> _Gesture | None:
    return g.get("gesture") if has_request_context() else None


@event.listens_for(db.session, "after_begin")
def _claim_again(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    """A view that rolled back starts anew (a deadlock): the claim is again its first statement."""
    gesture = _gesture()
    if gesture is not None and gesture.claimed and not gesture.kept and not transaction.nested:
        _claim(gesture, connection)


@event.listens_for(db.session, "after_commit")
def _note_kept(session: Session) -> None:
    gesture = _gesture()
    if gesture is not None and gesture.claimed and session.get_nested_transaction() is None:
        gesture.kept = True


def _end(response: Response) -> Response:
    gesture = _gesture()
    if gesture is not None and gesture.kept:
        session = db.session()
        session.rollback()
        sent_forms.keep_answer(session, gesture.digest, response.location or "")
        session.commit()
    return response


def _same_answer() -> Response:
    """The answer of the first sending: its address; a word when it had none."""
    gesture: _Gesture = g.pop("gesture")
    session = db.session()
    for _wait in range(WAITS):
        session.rollback()
        sent = sent_forms.find_sent(session, gesture.digest)
        if sent is None or sent.location is not None:
            break
        time.sleep(WAIT)
    if sent is None or not sent.location:
        return answer_domain_error(Conflict("sent_before", SENT_BEFORE))
    flash(_("It was recorded already: nothing was added."), "info")
    return redirect(sent.location, code=303)
