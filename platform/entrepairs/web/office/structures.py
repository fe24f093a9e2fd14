"""`/a/structures`: the structures, their services, their teams."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import DomainError
from entrepairs.network.finding import find_partner, find_site
from entrepairs.network.members import invite_member
from entrepairs.network.models import Partner, PartnerKind, Site
from entrepairs.network.partners import PUBLIC_PAYERS, edit_partner, register_partner
from entrepairs.network.queries import (
    PartnerFilter,
    list_partners,
    partners_by_kind,
    sites_of,
    sites_unwelcomed,
    team_of,
)
from entrepairs.network.vocabulary import MEMBER_ROLES, PARTNER_KINDS, PAYER_KINDS
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor, viewer
from entrepairs.web.demand_words import _
from entrepairs.web.forms import attach
from entrepairs.web.network_forms import InvitationForm, PartnerSheetForm
from entrepairs.web.network_views import (
    new_site_page,
    remove_welcomer,
    site_form_page,
    welcome_form_page,
    welcomer_form_page,
    welcomers,
)
from entrepairs.web.office import bp

Page = str | Response | tuple[str, int]
DOOR = "office"


@bp.get("/structures")
@requires(Permission.OFFICE_VIEW)
def partners() -> str:
    """The list by name, with filter chips and a search."""
    wanted, today = _wanted(), business_clock().today()
    number = max(request.args.get("page", 1, type=int), 1)
    return render_template(
        "office/partners.html",
        page=list_partners(db.session(), wanted, page=number, today=today),
        wanted=wanted,
        counts=partners_by_kind(db.session()),
        unwelcomed=len(sites_unwelcomed(db.session(), today=today)),
        kinds=PARTNER_KINDS,
        may_write=_may_write(),
    )


@bp.get("/structures/<ref:ref>")
@requires(Permission.OFFICE_VIEW)
def partner(ref: str) -> str:
    """One structure: sheet, services, team."""
    found = find_partner(db.session(), ref)
    return render_template(
        "office/partner.html",
        partner=found,
        sites=sites_of(db.session(), found),
        members=team_of(db.session(), found),
        today=business_clock().today(),
        welcomers=welcomers,
        kinds=PARTNER_KINDS,
        payers=PAYER_KINDS,
        role_names=MEMBER_ROLES,
        may_write=_may_write(),
    )


@bp.route("/structures/nouvelle", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def new_partner() -> Page:
    """Register a structure."""
    return _sheet_page(None)


@bp.route("/structures/<ref:ref>/modifier", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def edit_sheet(ref: str) -> Page:
    """Change the sheet of a structure."""
    return _sheet_page(find_partner(db.session(), ref))


def _sheet_page(known: Partner | None) -> Page:
    form = PartnerSheetForm()
    form.offer()
    if known is not None and not form.is_submitted():
        form.fill(known)
    elif form.validate_on_submit():
        try:
            saved = _save(known, form)
            flash(_("%(name)s is noted.", name=saved.name), "success")
            return redirect(url_for(".partner", ref=saved.ref), code=303)
        except DomainError as error:
            db.session.rollback()
            if not attach(form, error):
                raise
    page = render_template("office/partner_form.html", form=form, partner=known)
    return (page, 422) if form.is_submitted() else page


def _save(known: Partner | None, form: PartnerSheetForm) -> Partner:
    clock, actor = business_clock(), current_actor()
    if known is None:
        saved = register_partner(db.session(), form.answer(), clock=clock, actor=actor)
    else:
        saved = edit_partner(db.session(), known.ref, form.answer(), clock=clock, actor=actor)
    db.session.commit()
    return saved


@bp.route("/structures/<ref:ref>/inviter", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def invite_to_partner(ref: str) -> Page:
    """Invite somebody into the structure's team, the first who manages it for instance."""
    found, form = find_partner(db.session(), ref), InvitationForm()
    form.offer()
    if form.validate_on_submit():
        try:
            invite_member(
                db.session(),
                ref,
                email=form.email.data,
                name=form.name.data or "",
                rights=form.rights(),
                clock=business_clock(),
                actor=current_actor(),
            )
            db.session.commit()
            flash(_("The invitation is leaving for %(email)s.", email=form.email.data), "success")
            return redirect(url_for(".partner", ref=ref), code=303)
        except DomainError as error:
            db.session.rollback()
            if not attach(form, error):
                raise
    page = render_template(
        "office/partner_invite.html", form=form, partner=found, public=found.payer_kind in PUBLIC_PAYERS
    )
    return (page, 422) if form.is_submitted() else page


@bp.get("/lieux/<ref:ref>")
@requires(Permission.OFFICE_VIEW)
def site(ref: str) -> str:
    """One service of a structure."""
    return render_template(
        "office/site.html",
        site=_site(ref),
        today=business_clock().today(),
        welcomers=welcomers,
        may_write=_may_write(),
    )


@bp.route("/structures/<ref:ref>/services/nouveau", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def new_site(ref: str) -> Page:
    """Add a service."""
    return new_site_page(DOOR, find_partner(db.session(), ref))


@bp.route("/lieux/<ref:ref>/modifier", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def edit_site(ref: str) -> Page:
    """Where the service is."""
    return site_form_page(DOOR, _site(ref))


@bp.route("/lieux/<ref:ref>/interlocuteur", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def name_welcomer(ref: str) -> Page:
    """Name who welcomes, or the deputy."""
    return welcomer_form_page(DOOR, _site(ref))


@bp.post("/lieux/<ref:ref>/interlocuteur/<int:number>/fin")
@requires(Permission.COORDINATE)
def end_welcomer(ref: str, number: int) -> Response:
    """The person no longer welcomes."""
    remove_welcomer(_site(ref), number)
    return redirect(url_for(".site", ref=ref), code=303)


@bp.route("/lieux/<ref:ref>/accueil", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def welcome(ref: str) -> Page:
    """Write the welcome page with the ward."""
    return welcome_form_page(DOOR, _site(ref))


def _site(ref: str) -> Site:
    return find_site(db.session(), ref)


def _may_write() -> bool:
    return Permission.COORDINATE in viewer().permissions


def _wanted() -> PartnerFilter:
    kind = request.args.get("type", "")
    return PartnerFilter(
        text=request.args.get("q", "").strip()[:80],
        kind=PartnerKind(kind) if kind in set(PartnerKind) else None,
        unwelcomed=request.args.get("sans_interlocuteur") == "1",
    )
