"""What the two doors that keep services share: the form, the refusal on its field, the way back.

`door` is the blueprint's name: it gives the layout, and its `site` page is where one comes back to.
"""

from collections.abc import Sequence
from datetime import date

from flask import flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from entrepairs.extensions import db
from entrepairs.kernel.errors import DomainError
from entrepairs.network.finding import commune_named
from entrepairs.network.models import Partner, Referent, Site
from entrepairs.network.rules import in_force
from entrepairs.network.sites import add_site, edit_site, end_referent, name_referent, write_site_card
from entrepairs.web.context import business_clock, current_actor
from entrepairs.web.demand_words import _
from entrepairs.web.forms import attach
from entrepairs.web.network_forms import SiteForm, WelcomePageForm, WelcomerForm

Page = str | Response | tuple[str, int]


def new_site_page(door: str, partner: Partner) -> Page:
    """Add a service to the structure."""
    form = SiteForm()
    if form.validate_on_submit():
        try:
            commune = commune_named(db.session(), form.commune.data, field="commune")
            site = add_site(
                db.session(), partner.ref, form.answer(commune.insee), clock=business_clock(), actor=current_actor()
            )
            db.session.commit()
            flash(_("%(name)s is added. Who welcomes the peers there?", name=site.name), "success")
            return redirect(url_for(f"{door}.site", ref=site.ref), code=303)
        except DomainError as error:
            _refuse(form, error)
    return _form_page("partners/site_form.html", door, form, site=None, partner=partner)


def site_form_page(door: str, site: Site) -> Page:
    """Change where the service is."""
    form = SiteForm()
    if not form.is_submitted():
        form.fill(site)
    elif form.validate():
        try:
            commune = commune_named(db.session(), form.commune.data, field="commune")
            sheet = form.answer(commune.insee, site)
            edit_site(db.session(), site.ref, sheet, clock=business_clock(), actor=current_actor())
            db.session.commit()
            flash(_("It is noted."), "success")
            return redirect(url_for(f"{door}.site", ref=site.ref), code=303)
        except DomainError as error:
            _refuse(form, error)
    return _form_page("partners/site_form.html", door, form, site=site, partner=site.partner)


def welcomer_form_page(door: str, site: Site) -> Page:
    """Name who welcomes, or the deputy."""
    form = WelcomerForm()
    if form.validate_on_submit():
        try:
            named = name_referent(db.session(), site.ref, form.answer(), clock=business_clock(), actor=current_actor())
            db.session.commit()
            flash(_("%(name)s welcomes the peers from today.", name=named.name), "success")
            return redirect(url_for(f"{door}.site", ref=site.ref), code=303)
        except DomainError as error:
            _refuse(form, error)
    return _form_page("partners/site_welcomer.html", door, form, site=site, partner=site.partner)


def remove_welcomer(site: Site, number: int) -> None:
    """The person no longer welcomes; says who does now."""
    now = end_referent(db.session(), site.ref, number, clock=business_clock(), actor=current_actor())
    db.session.commit()
    if now is None:
        flash(_("Nobody welcomes in this service now. Name somebody before the next mission."), "warning")
    else:
        flash(_("It is noted. %(name)s stands in.", name=now.name), "success")


def welcome_form_page(door: str, site: Site) -> Page:
    """Write the welcome page of the service."""
    form = WelcomePageForm()
    if not form.is_submitted():
        form.fill(site.card)
    elif form.validate():
        try:
            write_site_card(db.session(), site.ref, form.answer(), clock=business_clock(), actor=current_actor())
            db.session.commit()
            flash(_("The page is written. It will be on the next mission orders."), "success")
            return redirect(url_for(f"{door}.site", ref=site.ref), code=303)
        except DomainError as error:
            _refuse(form, error)
    return _form_page("partners/site_welcome.html", door, form, site=site, partner=site.partner)


def welcomers(referents: Sequence[Referent], today: date) -> list[Referent]:
    """Who welcomes today, the first named before the deputy."""
    present = [person for person in referents if in_force(person, today)]
    return sorted(present, key=lambda person: (person.deputy, person.name))


def _refuse(form: FlaskForm, error: DomainError) -> None:
    """Put the refusal on its field; what has no field is for the error page."""
    db.session.rollback()
    if not attach(form, error):
        raise error


def _form_page(template: str, door: str, form: FlaskForm, *, site: Site | None, partner: Partner) -> Page:
    page = render_template(template, door=door, form=form, site=site, partner=partner)
    return (page, 422) if form.is_submitted() else page
