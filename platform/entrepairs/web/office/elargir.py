"""« Que changer pour en trouver plus ? »: what a demand could bend; the distance looked at; the same answer as JSON."""

from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from entrepairs.demands.queries import free_seats, title_of
from entrepairs.demands.widening import look_within
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.matching.looking import look, widen
from entrepairs.matching.relaxing import WIDER_KM
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor
from entrepairs.web.demand_words import _
from entrepairs.web.errors import sentence
from entrepairs.web.matching_answers import explained, nobody_looked_for
from entrepairs.web.matching_words import gain_words
from entrepairs.web.office import bp
from entrepairs.web.office.demandes import found
from entrepairs.web.words import words


@bp.get("/demandes/<ref:ref>/elargir")
@requires(Permission.COORDINATE)
def wider(ref: str) -> str:
    """The changes that would help, the nearest first; each promises nothing of what people choose."""
    row, over, changes = found(ref), "", []
    try:
        for one in widen(db.session(), ref, clock=business_clock()):
            changes.append({"words": words(one.sentence), "gain": gain_words(one)})
    except Conflict as refusal:
        over = sentence(refusal)
    return render_template(
        "office/matching_wider.html",
        demand=row,
        title=title_of(row),
        missing=free_seats(row) if row.seats else row.facilitation.seats,
        changes=changes,
        over=over,
        distances=WIDER_KM,
    )


@bp.post("/demandes/<ref:ref>/distance")
@requires(Permission.COORDINATE)
def look_farther(ref: str) -> Response:
    """How far people are looked for, as the structure and the association agree."""
    typed = request.form.get("km", "").strip()
    km = int(typed) if typed.isdecimal() else None
    try:
        look_within(db.session(), found(ref).ref, km, actor=current_actor(), clock=business_clock())
        db.session.commit()
        flash(
            _("People are looked for up to %(km)s km.", km=km) if km else _("People are looked for everywhere."),
            "success",
        )
    except InvalidInput as refusal:
        db.session.rollback()
        flash(sentence(refusal), "error")
    return redirect(url_for(".matching", ref=ref), code=303)


@bp.get("/demandes/<ref:ref>/appariement.json")
@requires(Permission.COORDINATE)
def matching_records(ref: str) -> Response:
    """The records of the page, for a machine."""
    try:
        looked = look(db.session(), found(ref).ref, clock=business_clock())
    except Conflict as refusal:
        return jsonify(nobody_looked_for(ref, sentence(refusal)))
    answer: dict[str, Any] = explained(looked.answer, looked.pairs)
    return jsonify(answer)
