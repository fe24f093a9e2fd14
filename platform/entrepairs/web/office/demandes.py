"""The office's demands: the pipeline by state and age, the list, one demand."""

from collections.abc import Callable
from typing import Final, TypeAlias

from flask import render_template, request, url_for

from entrepairs.audit.moving import history
from entrepairs.cooperative.financing import grants_for
from entrepairs.demands import queries
from entrepairs.demands.models import Demand
from entrepairs.demands.queries import DemandFilters, title_of
from entrepairs.demands.scopes import OFFICE
from entrepairs.demands.states import DEMAND_TRANSITIONS, DemandEvent, DemandState, SessionState
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.transitions import allowed
from entrepairs.network.models import PayerKind
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, viewer
from entrepairs.web.demand_words import (
    COMPANY_FOR_OFFICE,
    WISHES,
    _,
    age_phrase,
    chip_of,
    periods_of,
    place_phrase,
    rhythm_phrase,
    session_chip,
    timeline_of,
)
from entrepairs.web.grant_words import grant_choices
from entrepairs.web.office import bp
from entrepairs.web.office.forms.demandes import FinancedForm, QualifyForm
from entrepairs.web.todo import Panel

PIPELINE_NAMES = {DemandState.QUOTED: N_("Quote sent")}
"""Where the office says it otherwise than the structure."""


@bp.get("/demandes")
@requires(Permission.OFFICE_VIEW)
def demands() -> str:
    """The pipeline with counts and ages, and the list below."""
    state, text = request.args.get("etat", ""), request.args.get("q", "").strip()
    known = {one.value for one in DemandState}
    filters = DemandFilters(states=frozenset({DemandState(state)}) if state in known else frozenset(), text=text)
    found = queries.list_demands(db.session(), OFFICE, filters, page=request.args.get("page", 1, type=int))
    return render_template(
        "office/demands.html",
        found=found,
        state=state if state in known else "",
        text=text,
        pipeline=_pipeline(),
        others=_other_states(state),
        chip_of=office_chip,
        title_of=title_of,
        age=lambda since: age_phrase(since, business_clock().now()),
        may_coordinate=Permission.COORDINATE in viewer().permissions,
    )


def _pipeline() -> list[dict[str, object]]:
    now = business_clock().now()
    return [
        {
            "state": step.state.value,
            "label": office_chip(step.state)[1],
            "count": step.count,
            "age": age_phrase(step.oldest, now),
            "url": url_for(".demands", etat=step.state.value),
        }
        for step in queries.pipeline(db.session())
    ]


def _other_states(current: str) -> list[dict[str, object]]:
    counts = queries.count_by_state(db.session(), OFFICE)
    states = [one for one in DemandState if one not in queries.PIPELINE and one is not DemandState.DRAFT]
    chips: list[dict[str, object]] = [{"label": _("All"), "url": url_for(".demands"), "active": not current}]
    for one in states:
        url = url_for(".demands", etat=one.value)
        chips.append(
            {"label": office_chip(one)[1], "url": url, "active": current == one.value, "count": counts.get(one, 0)}
        )
    return chips


def office_chip(state: DemandState) -> tuple[str, str]:
    """The chip of a state in the office's words."""
    chip = chip_of(state)
    return (chip.tone, _(PIPELINE_NAMES[state])) if state in PIPELINE_NAMES else (chip.tone, chip.label)


PanelOfDemand: TypeAlias = Callable[[Demand], Panel | None]
_DEMAND_PANELS: Final[list[PanelOfDemand]] = []


def demand_panel(maker: PanelOfDemand) -> PanelOfDemand:
    """Register a card of another room (matching, contracting) on the page of one demand."""
    _DEMAND_PANELS.append(maker)
    return maker


@bp.get("/demandes/<ref:ref>")
@requires(Permission.OFFICE_VIEW)
def demand(ref: str) -> str:
    """One demand: where it stands, what it asks, its sessions, what the office can do."""
    return page_of(found(ref))


def found(ref: str) -> Demand:
    """The demand of a page. Raises NotFound; a draft is its author's alone."""
    row = queries.with_details(db.session(), ref, OFFICE)
    if row is None or row.state is DemandState.DRAFT:
        raise NotFound("demand", N_("This demand does not exist."))
    return row


def page_of(row: Demand) -> str:
    """The page of one demand."""
    coming = queries.who_comes(db.session(), row)
    periods = periods_of(row)
    events = allowed(DEMAND_TRANSITIONS, row.state)
    form = QualifyForm()
    form.offer()
    form.language.data, form.themes.data = row.language or "", list(row.themes)
    return render_template(
        "office/demand.html",
        demand=row,
        title=title_of(row),
        chip=office_chip(row.state),
        phrase=rhythm_phrase(row, periods),
        place=place_phrase(row),
        company=_(COMPANY_FOR_OFFICE[row.facilitation]),
        wish=_(WISHES[row.person_wish]) if row.person_wish else "",
        missing=queries.free_seats(row),
        steps=timeline_of(row, history(db.session(), "demand", row.ref), now=business_clock().now(), office=True),
        session_chip=session_chip,
        planned=SessionState.PLANNED,
        now=business_clock().now(),
        coming=coming,
        panels=_panels(row),
        may=_rights(row, events),
        qualify_form=form,
        financed_form=financed_form(row),
    )


def financed_form(row: Demand) -> FinancedForm:
    """Who finances it, with the grants of its days."""
    form = FinancedForm(data={"financed_by": row.financed_by})
    return form.offer(grant_choices(grants_for(db.session(), row)))


def _panels(row: Demand) -> list[Panel]:
    made = (maker(row) for maker in _DEMAND_PANELS)
    return sorted((one for one in made if one is not None), key=lambda one: one.rank)


def _rights(row: Demand, events: frozenset[DemandEvent]) -> dict[str, bool]:
    coordinates = Permission.COORDINATE in viewer().permissions
    free = row.partner.payer_kind is PayerKind.NONE or row.caller_code is not None
    return {
        "qualify": coordinates and DemandEvent.QUALIFY in events,
        "refuse": coordinates and DemandEvent.REFUSE in events,
        "cancel": coordinates and DemandEvent.CANCEL in events,
        "finance": coordinates and free and DemandEvent.DRAW in events,
        "move": coordinates and DemandEvent.CANCEL in events,
    }
