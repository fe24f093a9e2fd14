"""A demand nobody is invoiced for: who finances it, and under which grant it counts."""

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from entrepairs.cooperative import financing
from entrepairs.cooperative.queries import find_grant
from entrepairs.demands import confirming
from entrepairs.demands.models import Demand
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor, viewer
from entrepairs.web.demand_words import _
from entrepairs.web.errors import sentence
from entrepairs.web.grant_words import grant_choices
from entrepairs.web.office import bp
from entrepairs.web.office.demandes import demand_panel
from entrepairs.web.office.forms.demandes import UnderGrantForm
from entrepairs.web.todo import Panel


@bp.post("/demandes/<ref:ref>/financer")
@requires(Permission.COORDINATE)
def finance_demand(ref: str) -> Response:
    """Confirm a demand nobody is invoiced for, and count it under its grant when one pays for it."""
    grant, said = request.form.get("grant", ""), request.form.get("financed_by", "").strip()
    actor, clock = current_actor(), business_clock()

    def act() -> None:
        told = said or (find_grant(db.session(), grant).funder if grant else "")
        confirming.confirm_financed(db.session(), ref, financed_by=told[:120], actor=actor, clock=clock)
        if grant:
            financing.finance_demand(db.session(), ref, grant, actor=actor, clock=clock)

    return _done(ref, act, _("It is confirmed: people can be asked."))


@bp.post("/demandes/<ref:ref>/subvention")
@requires(Permission.COORDINATE)
def put_under_grant(ref: str) -> Response:
    """Which grant it counts under; none takes it off."""
    grant, actor, clock = request.form.get("grant", ""), current_actor(), business_clock()
    if grant:
        return _done(
            ref,
            lambda: financing.finance_demand(db.session(), ref, grant, actor=actor, clock=clock),
            _("It counts under this grant."),
        )
    return _done(
        ref,
        lambda: financing.stop_financing(db.session(), ref, actor=actor, clock=clock),
        _("It counts under no grant."),
    )


def _done(ref: str, act: Callable[[], object], said: str) -> Response:
    """Act and commit, or say the refusal, on the demand's page."""
    try:
        act()
        db.session.commit()
        flash(said, "success")
    except (Conflict, InvalidInput) as refusal:
        db.session.rollback()
        flash(sentence(refusal), "info")
    return redirect(url_for("office.demand", ref=ref), code=303)


@demand_panel
def _under_which_grant(row: Demand) -> Panel | None:
    """For a demand nobody is invoiced for: the grant it counts under, changed until its report has left."""
    if not financing.is_financeable(row):
        return None
    tied, grants = financing.financing_of(db.session(), row.id), financing.grants_for(db.session(), row)
    if tied is None and not grants:
        return None
    may = Permission.COORDINATE in viewer().permissions and (tied is None or tied.grant.state in financing.OPEN)
    form = UnderGrantForm(data={"grant": tied.grant.ref if tied else ""}).offer(grant_choices(grants))
    return Panel("office/grant_panel.html", {"ref": row.ref, "tied": tied, "form": form, "may": may}, rank=60)
