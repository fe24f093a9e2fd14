"""`/a/equite`: are hours shared as people wish, are demands answered everywhere, and where would one more person help?"""

from typing import Final

from flask import flash, jsonify, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from entrepairs.extensions import db
from entrepairs.fairness.coverage import coverage, last_study, since_of, study_under_way
from entrepairs.fairness.departements import departement_named, departements
from entrepairs.fairness.hours import AlertKind
from entrepairs.fairness.models import CoverageStudy
from entrepairs.fairness.shares import ShareFilter, all_shares, count_alerts, paged, share_of, thresholds_on
from entrepairs.fairness.spread import spread
from entrepairs.fairness.studies import FORGOTTEN, ask_study
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.network.finding import find_peer
from entrepairs.web import fairness_words as fw
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, viewer
from entrepairs.web.demand_words import _
from entrepairs.web.hour_pictures import dots_picture, hours_picture
from entrepairs.web.office import bp

PERIODS: Final = (12, 6, 3)
"""Months of demands one may look at, the longest first."""
SHOWN: Final = 8
"""Places where one more person would help: a short list is read, a long one is not."""


@bp.get("/equite")
@requires(Permission.OFFICE_VIEW)
def fairness() -> str:
    """Everybody around their wish, the region's demands, where to welcome or train somebody."""
    clock, months = business_clock(), _period()
    today = clock.today()
    everybody, thresholds = all_shares(db.session(), today), thresholds_on(today)
    found, study = spread((one.share for one in everybody), thresholds.recent_months), last_study(db.session())
    return render_template(
        "office/fairness.html",
        lead=fw.spread_sentence(found, thresholds),
        everybody=everybody,
        alerts=count_alerts(everybody),
        kinds=AlertKind,
        thresholds=thresholds,
        found=found,
        words=fw,
        dots=dots_picture(found.percents, thresholds.under_percent, fw.axis_words()) if found.people else None,
        tiles=fw.tiles(coverage(db.session(), since_of(today, months))),
        months=months,
        periods=PERIODS,
        study=study,
        running=study_under_way(db.session(), clock.now() - FORGOTTEN),
        helps=fw.help_lines(study.newcomers or [], SHOWN) if study else [],
        may_ask=Permission.COORDINATE in viewer().permissions,
    )


def _period() -> int:
    asked = request.args.get("mois", PERIODS[0], type=int)
    return asked if asked in PERIODS else PERIODS[0]


@bp.get("/equite/personnes")
@requires(Permission.OFFICE_VIEW)
def fairness_people() -> str:
    """Everybody by name, with filters; nobody before anybody."""
    today = business_clock().today()
    everybody, wanted, thresholds = all_shares(db.session(), today), _wanted(), thresholds_on(today)
    page = paged(everybody, wanted, max(request.args.get("page", 1, type=int), 1))
    return render_template(
        "office/fairness_people.html",
        page=page,
        lines=[(fw.person_row(one, thresholds), hours_picture(one.share)) for one in page.rows],
        wanted=wanted,
        everybody=everybody,
        alerts=count_alerts(everybody),
        alert_words=fw.ALERTS,
        places=departements(),
    )


def _wanted() -> ShareFilter:
    place, alert = request.args.get("departement", ""), request.args.get("alerte", "")
    return ShareFilter(
        departement=place if departement_named(place) else "",
        alert=AlertKind(alert) if alert in set(AlertKind) else None,
    )


@bp.get("/equite/personnes/<ref:ref>")
@requires(Permission.OFFICE_VIEW)
def fairness_person(ref: str) -> str:
    """One person's months: what they see themselves, word for word."""
    today = business_clock().today()
    one, thresholds = share_of(db.session(), find_peer(db.session(), ref), today), thresholds_on(today)
    return render_template(
        "office/fairness_person.html",
        share=one.share,
        line=fw.person_row(one, thresholds),
        picture=hours_picture(one.share),
        rows=fw.month_rows(one.share),
        label=fw.picture_label(one.share, thresholds),
    )


@bp.post("/equite/etude")
@requires(Permission.COORDINATE)
def ask_fairness_study() -> Response:
    """Look again at why demands are without anybody."""
    ask_study(db.session(), clock=business_clock())
    db.session.commit()
    flash(_("The study is under way: it takes from a few seconds to a few minutes."), "success")
    return redirect(url_for(".fairness", _anchor="etude"), code=303)


@bp.get("/equite/etude/<ref:ref>")
@requires(Permission.OFFICE_VIEW)
def fairness_study(ref: str) -> Response:
    """How far a study is, for the page that shows it."""
    study = db.session.scalars(select(CoverageStudy).where(CoverageStudy.ref == ref)).one_or_none()
    if study is None:
        raise NotFound("study", N_("This study does not exist."))
    finished = study.done_at is not None
    return jsonify(
        done=study.done,
        total=study.total,
        text=_("%(done)s demands of %(total)s looked into", done=study.done, total=study.total),
        finished=finished,
        reload=finished,
    )
