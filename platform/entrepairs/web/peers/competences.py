"""`/p/competences` and `/p/themes`: what a peer is qualified for, and what they accept to speak of."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import InvalidInput
from entrepairs.network.evidence import ACCEPT, Evidence
from entrepairs.network.qualifications import add_evidence, find_qualification
from entrepairs.network.vocabulary import CLEARANCES, QUALIFICATIONS
from entrepairs.network.wishes import choose_themes
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor
from entrepairs.web.demand_words import _
from entrepairs.web.errors import sentence
from entrepairs.web.evidence_files import as_download
from entrepairs.web.peers import bp
from entrepairs.web.peers.acting import acting_peer
from entrepairs.web.peers.forms.moi import EvidenceForm, ThemesForm

Page = str | Response | tuple[str, int]


@bp.get("/competences")
@requires(Permission.PEER)
def skills() -> str:
    """One's qualifications with their papers, and what the association has checked."""
    peer = acting_peer()
    held = sorted(peer.qualifications, key=lambda row: (QUALIFICATIONS.get(row.kind, row.kind), row.id))
    return render_template(
        "peers/skills.html",
        held=held,
        checked=sorted(peer.clearances, key=lambda row: row.checked_on, reverse=True),
        today=business_clock().today(),
        form=EvidenceForm(),
        accept=ACCEPT,
        qualifications=QUALIFICATIONS,
        clearances=CLEARANCES,
    )


@bp.post("/competences/<int:number>/justificatif")
@requires(Permission.PEER)
def give_evidence(number: int) -> Response:
    """Join the paper of a qualification."""
    form = EvidenceForm()
    if not form.validate_on_submit():
        flash(_("Choose a file."), "warning")
        return redirect(url_for(".skills"), code=303)
    paper = Evidence(form.file.data.filename or "", form.file.data.read())
    try:
        add_evidence(db.session(), acting_peer().ref, number, paper, clock=business_clock(), actor=current_actor())
        db.session.commit()
        flash(_("The paper is joined. Thank you."), "success")
    except InvalidInput as error:
        db.session.rollback()
        flash(sentence(error), "warning")
    return redirect(url_for(".skills"), code=303)


@bp.get("/competences/<int:number>/justificatif")
@requires(Permission.PEER)
def evidence(number: int) -> Response:
    """One's own paper, as a download."""
    return as_download(db.session(), find_qualification(db.session(), acting_peer(), number))


@bp.route("/themes", methods=["GET", "POST"])
@requires(Permission.PEER)
def themes() -> Page:
    """Lived experience one accepts to speak of: ticked, and taken back, at will."""
    peer, form = acting_peer(), ThemesForm()
    form.offer()
    if form.validate_on_submit():
        choose_themes(db.session(), peer.ref, form.themes.data or ())
        db.session.commit()
        flash(_("It is noted. You can change it whenever you like."), "success")
        return redirect(url_for(".me"), code=303)
    if not form.is_submitted():
        form.themes.data = [row.theme for row in peer.themes]
    page = render_template("peers/themes.html", form=form)
    return (page, 422) if form.is_submitted() else page
