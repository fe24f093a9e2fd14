"""`/a/appariement/poids`: what each part of the order counts for, and what other weights would have changed last month."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request

from entrepairs.cooperative.matters import BY_ADDRESS
from entrepairs.cooperative.votes import stand_of, votes_of
from entrepairs.demands.queries import title_of
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import Unavailable
from entrepairs.matching.looking import weights_on
from entrepairs.matching.previewing import Preview, preview
from entrepairs.matching.scoring import FULL, PART_LABELS, PartKind, Weights
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, viewer
from entrepairs.web.demand_words import _, ngettext
from entrepairs.web.matching_words import MEANINGS
from entrepairs.web.office import bp
from entrepairs.web.office.forms.gouverner import answer_form

MATTER = BY_ADDRESS["matching-weights"]


@bp.get("/appariement/poids")
@requires(Permission.OFFICE_VIEW)
def matching_weights() -> str:
    """The weights in force, others tried on last month's demands, and the vote of those tried."""
    clock = business_clock()
    held = weights_on(db.session(), clock.today())
    tried, problem = _tried(request.args)
    seen = preview(db.session(), held, tried, clock=clock) if tried is not None and tried != held else []
    form = answer_form(MATTER)()
    return render_template(
        "office/matching_weights.html",
        parts=[_part(kind, held, tried) for kind in PartKind],
        problem=problem,
        tried=tried is not None,
        same=tried == held,
        changed=[_changed(each) for each in seen if each.changes],
        summary=_summary(seen),
        total=FULL,
        matter=MATTER,
        stand=stand_of(db.session(), MATTER, clock.today()),
        votes=votes_of(db.session(), MATTER),
        form=form,
        may_vote=Permission.GOVERN in viewer().permissions,
    )


def _tried(typed: Mapping[str, str]) -> tuple[Weights | None, str]:
    """The weights typed in the address, if any, or what is wrong with them."""
    if not any(kind.value in typed for kind in PartKind):
        return None, ""
    points: dict[str, Any] = {}
    for kind in PartKind:
        digits = typed.get(kind.value, "").strip()
        points[kind.value] = int(digits) if digits.isdecimal() and len(digits) <= 3 else -1
    try:
        return Weights(**points), ""
    except Unavailable:
        return None, _(
            "Whole numbers that make 100 together, please: here they make %(total)s.",
            total=sum(max(each, 0) for each in points.values()),
        )


def _part(kind: PartKind, held: Weights, tried: Weights | None) -> dict[str, Any]:
    typed = request.args.get(kind.value, "")[:3]
    return {
        "kind": kind.value,
        "label": _(PART_LABELS[kind]),
        "meaning": _(MEANINGS[kind]),
        "held": held.of(kind),
        "value": tried.of(kind) if tried else typed or held.of(kind),
    }


def _changed(one: Preview) -> dict[str, str]:
    """A demand for which somebody else would be thought of first."""
    return {
        "ref": one.demand.ref,
        "title": title_of(one.demand),
        "words": _("%(after)s rather than %(before)s", after=_names(one.after), before=_names(one.before)),
    }


def _names(names: tuple[str, ...]) -> str:
    return _("%(first)s and %(last)s", first=names[0], last=names[1]) if len(names) > 1 else "".join(names)


def _summary(seen: list[Preview]) -> str:
    """« Sur 12 demandes du mois dernier, 4 auraient été proposées d'abord à quelqu'un d'autre. »"""
    if not seen:
        return _("No demand became firm last month: nothing to compare yet.")
    changed = sum(one.changes for one in seen)
    if not changed:
        return _(
            "Of %(num)s demands of last month, none would have been proposed to somebody else first.", num=len(seen)
        )
    return ngettext(
        "Of %(all)s demands of last month, one would have been proposed to somebody else first.",
        "Of %(all)s demands of last month, %(num)s would have been proposed to somebody else first.",
        changed,
        all=len(seen),
    )
