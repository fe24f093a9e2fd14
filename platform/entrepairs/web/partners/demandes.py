"""The structure's demands: the list, one demand from its first word to its last session, cancelling, agreeing."""

from collections.abc import Callable
from typing import Final, TypeAlias

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from entrepairs.audit.moving import history
from entrepairs.billing import cancellations
from entrepairs.catalogue.models import Facilitation
from entrepairs.demands import drafting, queries, submitting
from entrepairs.demands.colleagues import confirm_colleague
from entrepairs.demands.models import Demand, DemandSession
from entrepairs.demands.queries import GROUPS, DemandFilters, title_of
from entrepairs.demands.scheduling import is_scheduled, period_of, wished_plan
from entrepairs.demands.states import DEMAND_TRANSITIONS, DemandEvent, DemandState, SessionState
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.dates import Period
from entrepairs.kernel.errors import InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.transitions import allowed
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor, viewer
from entrepairs.web.demand_words import (
    COMPANY,
    WISHES,
    _,
    chip_of,
    periods_of,
    place_phrase,
    rhythm_phrase,
    session_chip,
    status_sentence,
    timeline_of,
)
from entrepairs.web.forms import attach
from entrepairs.web.partners import bp
from entrepairs.web.partners.acting import own_scope
from entrepairs.web.partners.forms.demandes import WordForm
from entrepairs.web.todo import Panel

GROUP_NAMES = {
    "open": N_("In progress"),
    "draft": N_("Drafts"),
    "over": N_("Demands carried out"),
    "dropped": N_("Not followed up"),
}


@bp.get("/demandes")
@requires(Permission.PARTNER_VIEW)
def demands() -> str:
    """Every demand of the structure, with filters."""
    group, text = request.args.get("etat", ""), request.args.get("q", "").strip()
    filters = DemandFilters(states=GROUPS.get(group, frozenset()), text=text)
    found = queries.list_demands(db.session(), own_scope(), filters, page=request.args.get("page", 1, type=int))
    return render_template(
        "partners/demands.html",
        found=found,
        group=group,
        text=text,
        groups=_group_chips(group),
        chip_of=chip_of,
        title_of=title_of,
        may_file=Permission.FILE_DEMAND in viewer().permissions,
    )


def _group_chips(current: str) -> list[dict[str, object]]:
    counts = queries.count_by_state(db.session(), own_scope())
    chips: list[dict[str, object]] = [
        {"label": _("All"), "url": url_for(".demands"), "active": current not in GROUPS, "count": sum(counts.values())}
    ]
    for group, states in GROUPS.items():
        count = sum(counts.get(state, 0) for state in states)
        url = url_for(".demands", etat=group)
        chips.append({"label": _(GROUP_NAMES[group]), "url": url, "active": current == group, "count": count})
    return chips


PanelOfDemand: TypeAlias = Callable[[Demand], Panel | None]
_DEMAND_PANELS: Final[list[PanelOfDemand]] = []


def demand_panel(maker: PanelOfDemand) -> PanelOfDemand:
    """Register a card of another room (dispatch) on the page of one demand."""
    _DEMAND_PANELS.append(maker)
    return maker


@bp.get("/demandes/<ref:ref>")
@requires(Permission.PARTNER_VIEW)
def demand(ref: str) -> str:
    """One demand: where it stands, what comes next, its sessions, who comes."""
    row = _own(ref)
    coming = queries.who_comes(db.session(), row)
    periods = _periods(row)
    person = viewer()
    return render_template(
        "partners/demand.html",
        demand=row,
        title=title_of(row),
        chip=chip_of(row.state),
        status=status_sentence(row, coming),
        phrase=rhythm_phrase(row, periods),
        place=place_phrase(row),
        company=_(COMPANY[row.facilitation]),
        wish=_(WISHES[row.person_wish]) if row.person_wish else "",
        steps=timeline_of(row, history(db.session(), "demand", ref), now=business_clock().now()),
        periods=periods,
        session_chip=session_chip,
        coming=coming,
        may_agree=row.state is DemandState.AWAITING_APPROVAL and Permission.SIGN in person.permissions,
        may_cancel=_may_cancel(row) and Permission.FILE_DEMAND in person.permissions,
        may_file=Permission.FILE_DEMAND in person.permissions,
        ours=_sessions_of_ours(row),
        panels=_panels(row),
        form=WordForm(),
        doubt=False,
    )


def _panels(row: Demand) -> list[Panel]:
    made = (maker(row) for maker in _DEMAND_PANELS)
    return sorted((one for one in made if one is not None), key=lambda one: one.rank)


def _sessions_of_ours(row: Demand) -> list[DemandSession]:
    """The sessions to come to which a professional of the place is expected."""
    if row.facilitation is not Facilitation.PEER_AND_PROFESSIONAL:
        return []
    now = business_clock().now()
    return [one for one in row.sessions if one.state is SessionState.PLANNED and period_of(one).end > now]


@bp.post("/demandes/<ref:ref>/seances/<ref:session_ref>/professionnel")
@requires(Permission.FILE_DEMAND)
def confirm_professional(ref: str, session_ref: str) -> Response:
    """« Notre professionnel·le sera là », date by date; or not certain after all."""
    there = request.form.get("there") == "yes"
    confirm_colleague(
        db.session(), ref, session_ref, own_scope(), there=there, actor=current_actor(), clock=business_clock()
    )
    db.session.commit()
    said = (
        _("It is noted: your professional will be there that day.")
        if there
        else _("It is noted: we wait for your confirmation for that day.")
    )
    flash(said, "success")
    return redirect(url_for(".demand", ref=ref), code=303)


def _own(ref: str) -> Demand:
    row = queries.with_details(db.session(), ref, own_scope())
    if row is None:
        raise NotFound("demand", N_("This demand does not exist."))
    return row


def _periods(row: Demand) -> list[Period]:
    if is_scheduled(row):
        return periods_of(row)
    try:
        return list(wished_plan(db.session(), row).periods)
    except InvalidInput:
        return []


def _may_cancel(row: Demand) -> bool:
    return row.state is not DemandState.DRAFT and DemandEvent.CANCEL in allowed(DEMAND_TRANSITIONS, row.state)


@bp.get("/demandes/<ref:ref>/annuler")
@requires(Permission.FILE_DEMAND)
def cancel_page(ref: str) -> str:
    """What cancelling means, said before."""
    return _cancel_page(_own(ref), WordForm())


def _cancel_page(row: Demand, form: WordForm, *, doubt: bool = False) -> str:
    return render_template(
        "partners/demand_cancel.html",
        demand=row,
        title=title_of(row),
        form=form,
        doubt=doubt,
        possible=_may_cancel(row),
        terms=cancellations.terms_of(db.session(), row, clock=business_clock()),
        coming=queries.who_comes(db.session(), row),
    )


@bp.post("/demandes/<ref:ref>/annuler")
@requires(Permission.FILE_DEMAND)
def cancel_demand(ref: str) -> Response | tuple[str, int]:
    """Cancel; those who were to come are told."""
    form = WordForm()
    if not form.validate():
        return _cancel_page(_own(ref), form), 422
    try:
        cancellations.cancel_demand(
            db.session(),
            ref,
            own_scope(),
            note=form.note.data or "",
            names_checked=request.form.get("names_checked") == "1",
            actor=current_actor(),
            clock=business_clock(),
        )
    except InvalidInput as error:
        db.session.rollback()
        attach(form, error)
        return _cancel_page(_own(ref), form, doubt=error.code == "name_to_check"), 422
    db.session.commit()
    flash(_("It is cancelled. Those who were to come are told."), "success")
    return redirect(url_for(".demand", ref=ref), code=303)


@bp.post("/demandes/<ref:ref>/accord")
@requires(Permission.SIGN)
def agree(ref: str) -> Response:
    """The signatory agrees: the demand leaves."""
    submitting.approve(
        db.session(),
        ref,
        account_id=viewer().account.id,
        scope=own_scope(),
        actor=current_actor(),
        clock=business_clock(),
    )
    db.session.commit()
    flash(_("Thank you. The demand has left."), "success")
    return redirect(url_for(".demand", ref=ref), code=303)


@bp.post("/demandes/<ref:ref>/renvoyer")
@requires(Permission.SIGN)
def send_back(ref: str) -> Response:
    """The signatory would like something changed."""
    submitting.send_back(
        db.session(),
        ref,
        account_id=viewer().account.id,
        note=request.form.get("note", ""),
        scope=own_scope(),
        names_checked=request.form.get("names_checked") == "1",
        actor=current_actor(),
        clock=business_clock(),
    )
    db.session.commit()
    flash(_("It goes back with your word."), "success")
    return redirect(url_for(".home"), code=303)


@bp.post("/demandes/<ref:ref>/refaire")
@requires(Permission.FILE_DEMAND)
def repeat_demand(ref: str) -> Response:
    """The same again: a new draft with the same answers, ready to check."""
    new = drafting.repeat(
        db.session(), ref, own_scope(), account_id=viewer().account.id, actor=current_actor(), clock=business_clock()
    )
    db.session.commit()
    return redirect(url_for(".dates_step", ref=new.ref), code=303)
