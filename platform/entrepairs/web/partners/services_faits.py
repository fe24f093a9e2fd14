"""`/s/services`: what waits for the structure's word, and what it said. Two clicks from the home page."""

from collections.abc import Iterable
from dataclasses import replace

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from entrepairs.demands.models import DemandSession
from entrepairs.demands.queries import title_of
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.scopes import Scope
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.dates import Period, paris_day
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import say
from entrepairs.missions import queries, services_done
from entrepairs.missions.asking import live_reports
from entrepairs.missions.services_done import Answerer, Facts, facts_of
from entrepairs.web.access import requires
from entrepairs.web.context import Viewer, business_clock, current_actor, viewer
from entrepairs.web.demand_words import _, ngettext
from entrepairs.web.errors import sentence
from entrepairs.web.filters import duration
from entrepairs.web.forms import attach
from entrepairs.web.mission_words import answer_chip
from entrepairs.web.partners import bp
from entrepairs.web.partners.acting import acting_partner, own_scope
from entrepairs.web.service_forms import ServiceView, post_correction, post_dispute, service_view
from entrepairs.web.todo import TodoItem, waiting

Page = str | Response | tuple[str, int]
ServiceRow = tuple[DemandSession, Period, Facts]


@bp.get("/services")
@requires(Permission.PARTNER_VIEW)
def services() -> str:
    """Sessions to confirm, by demand, then the answers given."""
    rows = queries.services_to_confirm(db.session(), own_scope())
    by_demand: dict[str, list[ServiceRow]] = {}
    for row in rows:
        by_demand.setdefault(row.demand.ref, []).append(
            (row, period_of(row), facts_of(live_reports(db.session(), row)))
        )
    return render_template(
        "partners/services.html",
        groups=[(title_of(found[0][0].demand), ref, found) for ref, found in by_demand.items()],
        count=len(rows),
        answered=queries.services_answered(db.session(), own_scope()),
        answer_chip=answer_chip,
        title_of=title_of,
        period_of=period_of,
        may_confirm=Permission.CONFIRM_SERVICE in viewer().permissions,
    )


@bp.get("/services/<ref:ref>")
@requires(Permission.PARTNER_VIEW)
def service(ref: str) -> str:
    """One session: what was reported, and three answers."""
    return _page(_view(ref))


@bp.post("/services/<ref:ref>/valider")
@requires(Permission.CONFIRM_SERVICE)
def confirm_service(ref: str) -> Response:
    """« Valider »."""
    services_done.confirm_service(db.session(), ref, own_scope(), answerer(), clock=business_clock())
    return _noted()


@bp.post("/services/<ref:ref>/corriger")
@requires(Permission.CONFIRM_SERVICE)
def correct_service(ref: str) -> Page:
    """« Corriger »."""
    view = _view(ref)
    try:
        if not post_correction(db.session(), view, own_scope(), answerer(), business_clock()):
            return _page(view), 422
    except InvalidInput as error:
        return _refused(ref, view, error)
    return _noted()


@bp.post("/services/<ref:ref>/autre")
@requires(Permission.CONFIRM_SERVICE)
def dispute_service(ref: str) -> Page:
    """« Ce n'est pas ce qui s'est passé »."""
    view = _view(ref)
    try:
        if not post_dispute(db.session(), view, own_scope(), answerer(), business_clock()):
            return _page(view), 422
    except InvalidInput as error:
        return _refused(ref, view, error)
    db.session.commit()
    flash(_("Thank you. We call you: nothing is invoiced meanwhile."), "info")
    return redirect(url_for(".services"), code=303)


@bp.post("/services/demande/<ref:ref>/valider")
@requires(Permission.CONFIRM_SERVICE)
def confirm_services_of(ref: str) -> Response:
    """« Tout valider » for a demand."""
    count = services_done.confirm_all(db.session(), ref, own_scope(), answerer(), clock=business_clock())
    db.session.commit()
    flash(ngettext("One session confirmed. Thank you.", "%(num)s sessions confirmed. Thank you.", count), "success")
    return redirect(url_for(".services"), code=303)


def answerer() -> Answerer:
    """The logged-in person, with the function they have in the structure."""
    account = viewer().account
    held = next((row.function for row in viewer().memberships if row.partner is acting_partner() and row.function), "")
    return Answerer(current_actor(), f"{account.name}, {held}" if held else account.name, account.id)


def _view(ref: str) -> ServiceView:
    return service_view(db.session(), queries.find_session(db.session(), ref, own_scope()))


def _noted() -> Response:
    db.session.commit()
    flash(_("It is confirmed. Thank you."), "success")
    return redirect(url_for(".services"), code=303)


def _refused(ref: str, view: ServiceView, error: InvalidInput) -> tuple[str, int]:
    db.session.rollback()
    fresh = replace(_view(ref), correct=view.correct, dispute=view.dispute)
    if not (attach(fresh.dispute, error) or attach(fresh.correct, error)):
        flash(sentence(error), "error")
    return _page(fresh, doubt=error.code == "name_to_check"), 422


def _page(view: ServiceView, *, doubt: bool = False) -> str:
    return render_template(
        "partners/service.html",
        view=view,
        doubt=doubt,
        answer_chip=answer_chip,
        may_confirm=Permission.CONFIRM_SERVICE in viewer().permissions,
    )


@waiting("partners")
def services_to_confirm(person: Viewer) -> Iterable[TodoItem]:
    """« À confirmer »: one item by session reported, oldest first."""
    if person.partner is None or Permission.CONFIRM_SERVICE not in person.permissions:
        return
    for row in queries.services_to_confirm(db.session(), Scope(person.partner.id))[:5]:
        facts = facts_of(live_reports(db.session(), row))
        people = say("%(count)s people", count=facts.headcount) if facts.headcount else say("report received")
        yield TodoItem(
            chip=say("To confirm"),
            title=say("%(what)s, %(day)s", what=row.demand.offering.name, day=paris_day(period_of(row).start)),
            detail=say("%(length)s · %(people)s", length=duration(facts.minutes), people=people),
            url=url_for("partners.service", ref=row.ref),
            action=say("Confirm"),
            rank=20,
        )
