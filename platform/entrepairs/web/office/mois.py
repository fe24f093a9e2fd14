"""`/a/facturation/mois`: a month invoiced at once; what is in the way first, then the sums, the launch, how far it is."""

from datetime import UTC, date, datetime
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from entrepairs.billing.month.asking import ask_month, find_run, last_run, stop_month
from entrepairs.billing.month.months import Month
from entrepairs.billing.month.reading import Outlook, outlook, papers_to_draw
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import DomainError, InvalidInput
from entrepairs.outbox.models import Run
from entrepairs.outbox.states import ENDED, RunState
from entrepairs.web import filters
from entrepairs.web import month_words as told
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor, viewer
from entrepairs.web.demand_words import _
from entrepairs.web.errors import sentence
from entrepairs.web.office import bp
from entrepairs.web.words import words


@bp.get("/facturation/mois")
@requires(Permission.OFFICE_VIEW)
def month() -> str:
    """The month asked, by default the last that is over."""
    return _page(_asked())


def _asked() -> Month:
    try:
        return Month.parse(request.values.get("mois", ""))
    except InvalidInput:
        return Month.before(business_clock().today())


def _page(asked: Month, problem: str = "") -> str:
    today, run = business_clock().today(), last_run(db.session(), asked)
    under_way = run is not None and run.state not in ENDED
    return render_template(
        "office/month.html",
        problem=problem,
        failed=RunState.FAILED,
        month=asked,
        next_month=_after(asked, today),
        open=asked.last <= today,
        run=run,
        may_bill=Permission.BILL in viewer().permissions,
        **(_progress(run) if under_way and run is not None else _standing(asked, run)),
    )


def _after(asked: Month, today: date) -> Month | None:
    following = asked.following
    return following if following.first <= today else None


def _progress(run: Run) -> dict[str, Any]:
    return {
        "under_way": True,
        "done": run.progress.get("done", 0),
        "total": run.progress.get("total", 0),
        "text": told.progress_text(run),
    }


def _standing(asked: Month, run: Run | None) -> dict[str, Any]:
    session = db.session()
    seen = outlook(session, asked, clock=business_clock())
    aside = told.left_aside(session, run) if run is not None else []
    known = {one.ref for one in aside}
    obstacles = [*aside, *(one for one in seen.obstacles if one.ref not in known)]
    return {
        "under_way": False,
        "seen": seen,
        "obstacles": [
            (one, told.obstacle_chip(one.kind), words(one.what), told.way_out(session, one)) for one in obstacles
        ],
        "figures": _figures(seen),
        "end": told.end_text(run) if run is not None else "",
        "ended_well": run is not None and run.state is RunState.DONE,
        "to_draw": papers_to_draw(session, asked),
    }


def _figures(seen: Outlook) -> list[list[str]]:
    lines = [
        (_("To be prepared and issued"), seen.new),
        (_("Drafts ready, to be issued"), seen.drafts),
        (_("Issued already"), seen.issued),
        (_("The month in all"), seen.total),
        (filters.month(seen.month.previous.first), seen.before),
    ]
    return [
        [label, str(sums.invoices), *(filters.money(one) for one in (sums.net, sums.vat, sums.gross))]
        for label, sums in lines
    ]


@bp.post("/facturation/mois")
@requires(Permission.BILL)
def launch_month() -> Response | tuple[str, int]:
    """Launch the month, or take it up again."""
    asked = _asked()
    try:
        ask_month(db.session(), asked, actor=current_actor(), clock=business_clock(), real_now=datetime.now(UTC))
        db.session.commit()
    except DomainError as refused:
        db.session.rollback()
        return _page(asked, sentence(refused)), refused.status
    return redirect(url_for(".month", mois=str(asked)), code=303)


@bp.get("/facturation/mois/<ref:ref>/avancement")
@requires(Permission.OFFICE_VIEW)
def month_progress(ref: str) -> Response:
    """How far the work is: for the page that shows it."""
    run = find_run(db.session(), ref)
    over = run.state in ENDED
    done, total = run.progress.get("done", 0), run.progress.get("total", 0)
    return jsonify(done=done, total=total, text=told.progress_text(run), finished=over, reload=over)


@bp.post("/facturation/mois/<ref:ref>/arreter")
@requires(Permission.BILL)
def stop_billing(ref: str) -> Response:
    """Stop after the invoice under way."""
    run = stop_month(db.session(), ref, actor=current_actor(), clock=business_clock(), real_now=datetime.now(UTC))
    db.session.commit()
    flash(_("The work stops after the invoice under way. What is issued stays issued."), "success")
    return redirect(url_for(".month", mois=run.subject_ref), code=303)
