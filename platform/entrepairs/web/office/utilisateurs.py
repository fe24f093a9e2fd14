"""`/a/utilisateurs`: who works for the association here, and what each may do."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from entrepairs.extensions import db
from entrepairs.identity import office_team
from entrepairs.identity.models import Account
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor, viewer
from entrepairs.web.demand_words import _, ngettext
from entrepairs.web.errors import sentence
from entrepairs.web.forms import attach
from entrepairs.web.office import bp
from entrepairs.web.office.forms.gouverner import ROLE_WORDS, InviteForm, RolesForm


@bp.get("/utilisateurs")
@requires(Permission.GOVERN)
def users() -> str:
    """Everybody, those at work first."""
    return _list(_invite_form())


def _invite_form() -> InviteForm:
    form = InviteForm()
    form.offer()
    return form


def _list(form: InviteForm) -> str:
    people = office_team.office_accounts(db.session())
    at_work = sum(1 for account in people if account.disabled_at is None)
    return render_template(
        "office/users.html",
        people=people,
        seen=office_team.last_seen(db.session(), people),
        roles_of=_roles,
        lead=ngettext("One person has access.", "%(num)s people have access.", at_work),
        form=form,
        me=viewer().account,
    )


def _roles(account: Account) -> str:
    held = {row.role for row in account.office_roles}
    return ", ".join(_(label) for role, label in ROLE_WORDS.items() if role in held)


@bp.post("/utilisateurs")
@requires(Permission.GOVERN)
def invite_user() -> Response | tuple[str, int]:
    """Open an access and write to the person."""
    form = _invite_form()
    if form.validate():
        try:
            office_team.invite_colleague(
                db.session(),
                email=form.email.data,
                name=form.name.data,
                roles=form.chosen,
                actor=current_actor(),
                clock=business_clock(),
            )
            db.session.commit()
            flash(_("The access is open; a letter is on its way."), "success")
            return redirect(url_for(".users"), code=303)
        except (InvalidInput, Conflict) as error:
            db.session.rollback()
            attach(form, error)
    return _list(form), 422


@bp.get("/utilisateurs/<ref:ref>")
@requires(Permission.GOVERN)
def user(ref: str) -> str:
    """One person: roles, access."""
    account = office_team.office_account(db.session(), ref)
    form = RolesForm(data={"roles": [row.role.value for row in account.office_roles]})
    form.offer()
    return _page(account, form)


def _page(account: Account, form: RolesForm) -> str:
    seen = office_team.last_seen(db.session(), [account]).get(account.id)
    return render_template(
        "office/user.html", person=account, form=form, seen=seen, roles=_roles(account), me=viewer().account
    )


@bp.post("/utilisateurs/<ref:ref>")
@requires(Permission.GOVERN)
def save_user(ref: str) -> Response | tuple[str, int]:
    """Give exactly the roles ticked."""
    form = RolesForm()
    form.offer()
    if form.validate():
        try:
            office_team.set_office_roles(db.session(), ref, form.chosen, actor=current_actor(), clock=business_clock())
            db.session.commit()
            flash(_("The roles are recorded."), "success")
            return redirect(url_for(".users"), code=303)
        except (InvalidInput, Conflict) as error:
            db.session.rollback()
            error.field = "roles"
            attach(form, error)
    return _page(office_team.office_account(db.session(), ref), form), 422


@bp.post("/utilisateurs/<ref:ref>/fermer")
@requires(Permission.GOVERN)
def close_user(ref: str) -> Response:
    """Close an access; its sessions end at once."""
    try:
        office_team.close_account(db.session(), ref, actor=current_actor(), clock=business_clock())
    except Conflict as error:
        db.session.rollback()
        flash(sentence(error), "error")
        return redirect(url_for(".user", ref=ref), code=303)
    db.session.commit()
    flash(_("The access is closed."), "success")
    return redirect(url_for(".users"), code=303)


@bp.post("/utilisateurs/<ref:ref>/rouvrir")
@requires(Permission.GOVERN)
def reopen_user(ref: str) -> Response:
    """Let a person in again."""
    office_team.reopen_account(db.session(), ref, actor=current_actor(), clock=business_clock())
    db.session.commit()
    flash(_("The access is open again."), "success")
    return redirect(url_for(".user", ref=ref), code=303)
