"""`/a/structures/import` and `/a/equipe/import`: look at what a file would do, then do it. All of it or nothing.

Between the two pages the file travels in the form, compressed: nothing of it is kept before it is confirmed.
"""

import base64
import binascii
import zlib
from collections.abc import Callable
from typing import Any, Final

from flask import Response as FileResponse
from flask import flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.wrappers import Response
from wtforms import BooleanField

from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.network.importing.partner_landing import import_partners as land_partners
from entrepairs.network.importing.peer_landing import import_peers as land_peers
from entrepairs.network.importing.problems import Outcome, errors_csv
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor
from entrepairs.web.demand_words import _
from entrepairs.web.forms import attach
from entrepairs.web.office import bp
from entrepairs.web.words import words

Page = str | Response | tuple[str, int]

LARGEST: Final = 2 * 1024 * 1024
"""Of a file sent by the page; larger ones go through `entrepairs import`."""
MOST_LINES: Final = 1000
"""Of a file sent by the page: what a request lands well within its time."""
LARGEST_PACKED: Final = 450_000
TOO_LARGE: Final = N_(
    "This file is over 2 MB or %(most)s lines. Cut it in parts, or ask for « entrepairs import » on the server."
)
SHOWN: Final = 50
WHAT: Final = {"partners": N_("Structures"), "sites": N_("Services"), "peers": N_("People")}
SKIPPED: Final = {"elsewhere": N_("outside the region"), "category": N_("of another category (pharmacies…)")}


class ImportForm(FlaskForm):  # type: ignore[misc]
    """The file."""

    file = FileField(_l("The file"))
    invite = BooleanField(_l("Send each new person the invitation to sign in"))


@bp.route("/structures/import", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def import_partners() -> Page:
    """Structures and services."""
    return _import_page("office.import_partners", "office.partners", land_partners, {})


@bp.route("/equipe/import", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def import_peers() -> Page:
    """Peers."""
    return _import_page("office.import_peers", "office.peers", land_peers, {"invite": bool(request.form.get("invite"))})


def _import_page(here: str, back: str, land: Callable[..., Outcome], options: dict[str, Any]) -> Page:
    form, outcome, packed = ImportForm(), None, ""
    if form.validate_on_submit():
        try:
            content = _content(form)
            packed = _pack(content)
            confirmed = "confirm" in request.form
            outcome = land(
                db.session(),
                content,
                dry_run=not confirmed,
                clock=business_clock(),
                actor=current_actor(),
                **options,
            )
            if "errors" in request.form:
                return _errors_file(outcome)
            if outcome.written:
                db.session.commit()
                flash(_("The file is imported."), "success")
                return redirect(url_for(back), code=303)
        except InvalidInput as error:
            db.session.rollback()
            attach(form, error)
    page = render_template(
        "office/import.html",
        form=form,
        outcome=outcome,
        packed=packed,
        here=here,
        back=back,
        what=WHAT,
        skipped=SKIPPED,
        shown=SHOWN,
        invite=options.get("invite", False),
    )
    return (page, 422) if form.errors or (outcome and outcome.problems) else page


def _content(form: ImportForm) -> bytes:
    if request.form.get("packed"):
        return _unpack(request.form["packed"])
    given = form.file.data
    content = given.read(LARGEST + 1) if given else b""
    if len(content) > LARGEST:
        raise InvalidInput("file_too_large", TOO_LARGE, field="file", most=MOST_LINES)
    if content.count(b"\n") > MOST_LINES + 1:
        raise InvalidInput("file_too_long", TOO_LARGE, field="file", most=MOST_LINES)
    return bytes(content)


def _pack(content: bytes) -> str:
    packed = base64.b64encode(zlib.compress(content, 9)).decode("ascii")
    if len(packed) > LARGEST_PACKED:
        raise InvalidInput("file_too_large", TOO_LARGE, field="file", most=MOST_LINES)
    return packed


def _unpack(packed: str) -> bytes:
    """The file of the form before. Raises InvalidInput when it was cut or swells beyond what was given."""
    try:
        inflating = zlib.decompressobj()
        content = inflating.decompress(base64.b64decode(packed, validate=True), LARGEST + 1)
    except (binascii.Error, zlib.error) as problem:
        raise InvalidInput("file_lost", N_("The file was lost on the way. Choose it again."), field="file") from problem
    if len(content) > LARGEST or not inflating.eof:
        raise InvalidInput("file_lost", N_("The file was lost on the way. Choose it again."), field="file")
    return content


def _errors_file(outcome: Outcome) -> FileResponse:
    return FileResponse(
        errors_csv([*outcome.problems, *outcome.remarks], words),
        mimetype="text/csv",
        headers={"Content-Disposition": "attachment; filename=lignes-a-corriger.csv"},
    )
