"""`/p/moi`: a peer's own pages, gathered; and `/p/profil`, the terms each sets for themselves."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import DomainError
from entrepairs.kernel.parameters import figures
from entrepairs.network.finding import commune_named
from entrepairs.network.peers import edit_terms
from entrepairs.network.queries import coming_absences, own_exclusions
from entrepairs.network.rhythm import current_pause, week_of
from entrepairs.network.rules import weekly_minutes
from entrepairs.network.vocabulary import EMPLOYMENTS
from entrepairs.network.wishes import own_refusals
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor
from entrepairs.web.demand_words import _
from entrepairs.web.forms import attach
from entrepairs.web.peers import bp
from entrepairs.web.peers.acting import acting_peer
from entrepairs.web.peers.forms.moi import TermsForm

Page = str | Response | tuple[str, int]


@bp.get("/moi")
@requires(Permission.PEER)
def me() -> str:
    """Everything that belongs to the person, each a tap away."""
    peer, today = acting_peer(), business_clock().today()
    return render_template(
        "peers/me.html",
        peer=peer,
        pause=current_pause(peer, today),
        minutes=weekly_minutes(week_of(peer)),
        absences=coming_absences(db.session(), peer, today=today),
        places=len(own_exclusions(db.session(), peer)),
        refused=len(own_refusals(db.session(), peer.id)),
        employments=EMPLOYMENTS,
    )


@bp.route("/profil", methods=["GET", "POST"])
@requires(Permission.PEER)
def profile() -> Page:
    """The terms: hours, distance, languages, wording."""
    peer, form = acting_peer(), TermsForm()
    form.offer(peer)
    if not form.is_submitted():
        form.fill(peer)
    elif form.validate():
        try:
            commune = commune_named(db.session(), form.commune.data, field="commune")
            edit_terms(
                db.session(), peer.ref, form.answer(commune.insee), clock=business_clock(), actor=current_actor()
            )
            db.session.commit()
            flash(_("It is noted. You can change it whenever you like."), "success")
            return redirect(url_for(".me"), code=303)
        except DomainError as error:
            db.session.rollback()
            if not attach(form, error):
                raise
    page = render_template(
        "peers/profile.html",
        form=form,
        week_most=figures().whole("working_time.week_max_hours", business_clock().today()),
    )
    return (page, 422) if form.is_submitted() else page
