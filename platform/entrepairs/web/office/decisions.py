"""`/a/decisions`: what the association votes, dated; what must be decided before going live comes first."""

from datetime import time
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from entrepairs.cooperative.answers import parts_of, typed_from
from entrepairs.cooperative.matters import BY_ADDRESS
from entrepairs.cooperative.shapes import GROUPS, Group, Matter, Shape
from entrepairs.cooperative.votes import Stand, record_vote, stand_of, stands_on, votes_of
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor, viewer
from entrepairs.web.demand_words import Chip, _, ngettext
from entrepairs.web.forms import attach
from entrepairs.web.office import bp
from entrepairs.web.office.forms.gouverner import VoteForm, answer_form


@bp.get("/decisions")
@requires(Permission.OFFICE_VIEW)
def decisions() -> str:
    """Every matter by heading, with what holds today."""
    stands = stands_on(db.session(), business_clock().today())
    missing = [stand for stand in stands if stand.matter.blocking and stand.decision is None]
    return render_template(
        "office/decisions.html",
        groups=[(group, GROUPS[group], [s for s in stands if s.matter.group is group]) for group in Group],
        lead=_lead(len(missing)),
        fictional=any(stand.decision is not None and stand.decision.fictional for stand in stands),
        chip_of=_chip,
        may_vote=Permission.GOVERN in viewer().permissions,
    )


def _lead(missing: int) -> str:
    if missing:
        return ngettext(
            "One decision to take before going live.", "%(num)s decisions to take before going live.", missing
        )
    return _("Voted, dated, with where it was decided. A new vote never rewrites the past.")


def _chip(stand: Stand) -> Chip | None:
    if stand.decision is None:
        return Chip("todo", _("to be taken")) if stand.matter.blocking else None
    if stand.decision.fictional:
        return Chip("prop", _("fictitious")) if current_app.config["DEMO"] else Chip("todo", _("to be taken"))
    return Chip("ok", _("decided"))


@bp.get("/decisions/<address>")
@requires(Permission.OFFICE_VIEW)
def decision(address: str) -> str:
    """One matter: what it changes, what was voted, a new vote."""
    matter = _matter(address)
    stand = stand_of(db.session(), matter, business_clock().today())
    return _page(matter, stand, answer_form(matter)(data=_start(matter, stand)))


def _start(matter: Matter, stand: Stand) -> dict[str, Any]:
    """What the form starts from: what holds today. A time field wants a time."""
    typed = typed_from(matter, stand.value)
    if matter.shape is Shape.HALF_DAYS:
        return {part: time.fromisoformat(wall) for part, wall in typed.items()}
    return typed


def _matter(address: str) -> Matter:
    if address not in BY_ADDRESS:
        raise NotFound("decision", N_("This page does not exist, or is not for you."))
    return BY_ADDRESS[address]


def _page(matter: Matter, stand: Stand, form: VoteForm) -> str:
    return render_template(
        "office/decision.html",
        matter=matter,
        stand=stand,
        chip=_chip(stand),
        votes=votes_of(db.session(), matter),
        stand_type=Stand,
        parts=[form[part] for part in parts_of(matter)],
        form=form,
        may_vote=Permission.GOVERN in viewer().permissions,
    )


@bp.post("/decisions/<address>")
@requires(Permission.GOVERN)
def vote_decision(address: str) -> Response | tuple[str, int]:
    """Record a vote."""
    matter = _matter(address)
    form = answer_form(matter)()
    if form.validate():
        try:
            _record(matter, form)
            db.session.commit()
            flash(_("The decision is recorded."), "success")
            return redirect(url_for(".decision", address=address), code=303)
        except (InvalidInput, Conflict) as error:
            db.session.rollback()
            if not attach(form, error):
                error.field = "since"
                attach(form, error)
    return _page(matter, stand_of(db.session(), matter, business_clock().today()), form), 422


def _record(matter: Matter, form: Any) -> None:
    record_vote(
        db.session(),
        matter,
        {part: _raw(form, part) for part in parts_of(matter)},
        since=form.since.data,
        voted_on=form.voted_on.data,
        source=form.source.data,
        actor=current_actor(),
        clock=business_clock(),
    )


def _raw(form: Any, part: str) -> Any:
    """As typed: several ticks stay a list, hours stay text."""
    if form[part].type == "SelectMultipleField":
        return form[part].data
    return request.form.get(part, "")
