"""`/s/equipe`: who may do what for the structure."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import Conflict, DomainError, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.network.members import change_member, invite_member, remove_member
from entrepairs.network.partners import PUBLIC_PAYERS
from entrepairs.network.queries import TeamMember, team_of
from entrepairs.network.vocabulary import MEMBER_ROLES
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor, viewer
from entrepairs.web.demand_words import _
from entrepairs.web.errors import sentence
from entrepairs.web.forms import attach
from entrepairs.web.network_forms import InvitationForm, RightsForm
from entrepairs.web.partners import bp
from entrepairs.web.partners.acting import acting_partner

Page = str | Response | tuple[str, int]


@bp.get("/equipe")
@requires(Permission.PARTNER_VIEW)
def team() -> str:
    """The team; who manages it may invite and change."""
    members = team_of(db.session(), acting_partner())
    manages = Permission.PARTNER_ADMIN in viewer().permissions
    return render_template(
        "partners/team.html", members=members, manages=manages, me=viewer().account, role_names=MEMBER_ROLES
    )


@bp.route("/equipe/inviter", methods=["GET", "POST"])
@requires(Permission.PARTNER_ADMIN)
def invite() -> Page:
    """Invite a colleague: the mail with the link leaves at once."""
    partner, form = acting_partner(), InvitationForm()
    form.offer()
    if form.validate_on_submit():
        try:
            invite_member(
                db.session(),
                partner.ref,
                email=form.email.data,
                name=form.name.data or "",
                rights=form.rights(),
                clock=business_clock(),
                actor=current_actor(),
            )
            db.session.commit()
            flash(_("The invitation is leaving for %(email)s.", email=form.email.data), "success")
            return redirect(url_for(".team"), code=303)
        except DomainError as error:
            db.session.rollback()
            if not attach(form, error):
                raise
    page = render_template("partners/team_invite.html", form=form, public=partner.payer_kind in PUBLIC_PAYERS)
    return (page, 422) if form.is_submitted() else page


@bp.route("/equipe/<ref:ref>", methods=["GET", "POST"])
@requires(Permission.PARTNER_ADMIN)
def member(ref: str) -> Page:
    """Change what a colleague may do."""
    partner, found, form = acting_partner(), _member(ref), RightsForm()
    form.offer()
    if not form.is_submitted():
        form.fill(found)
    elif form.validate():
        try:
            change_member(db.session(), partner.ref, ref, form.rights(), clock=business_clock(), actor=current_actor())
            db.session.commit()
            flash(_("The rights of %(name)s are changed.", name=found.account.name), "success")
            return redirect(url_for(".team"), code=303)
        except DomainError as error:
            db.session.rollback()
            if not attach(form, error):
                form.form_errors.append(sentence(error))
    page = render_template(
        "partners/team_member.html", form=form, member=found, public=partner.payer_kind in PUBLIC_PAYERS
    )
    return (page, 422) if form.is_submitted() else page


@bp.post("/equipe/<ref:ref>/retirer")
@requires(Permission.PARTNER_ADMIN)
def remove(ref: str) -> Response:
    """Take a colleague out of the team."""
    found = _member(ref)
    try:
        remove_member(db.session(), acting_partner().ref, ref, clock=business_clock(), actor=current_actor())
        db.session.commit()
        flash(_("%(name)s is no longer in the team.", name=found.account.name), "success")
    except Conflict as error:
        db.session.rollback()
        flash(sentence(error), "warning")
        return redirect(url_for(".team"), code=303)
    left = found.account.id == viewer().account.id
    return redirect(url_for("public.home") if left else url_for(".team"), code=303)


def _member(ref: str) -> TeamMember:
    found = next((one for one in team_of(db.session(), acting_partner()) if one.account.ref == ref), None)
    if found is None:
        raise NotFound("member", N_("This person is not in the team of this structure."))
    return found
