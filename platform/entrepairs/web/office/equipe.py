"""`/a/equipe`: the peers, as the association may know them: bond, terms, qualifications, papers. Nothing of their pauses,
absences or places not wished, which are theirs.
"""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import DomainError
from entrepairs.network.evidence import ACCEPT, Evidence
from entrepairs.network.finding import commune_named, find_peer
from entrepairs.network.learning import learning_of
from entrepairs.network.models import Employment, Peer
from entrepairs.network.peers import edit_bond, register_peer, send_peer_invitation
from entrepairs.network.qualifications import (
    find_qualification,
    record_clearance,
    record_qualification,
    remove_qualification,
)
from entrepairs.network.queries import (
    PeerFilter,
    expiring_qualifications,
    list_peers,
    peers_by_employment,
)
from entrepairs.network.rhythm import week_of
from entrepairs.network.vocabulary import CLEARANCES, EMPLOYMENTS, LANGUAGES, QUALIFICATIONS, THEMES, WEEKDAYS
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor, viewer
from entrepairs.web.demand_words import _
from entrepairs.web.evidence_files import as_download
from entrepairs.web.forms import attach
from entrepairs.web.office import bp
from entrepairs.web.office.forms.equipe import (
    BondForm,
    ClearanceForm,
    LearningForm,
    PeerForm,
    QualificationForm,
    TrainingForm,
)

Page = str | Response | tuple[str, int]


@bp.get("/equipe")
@requires(Permission.OFFICE_VIEW)
def peers() -> str:
    """The team by first name, with filter chips and a search."""
    wanted, today = _wanted(), business_clock().today()
    number = max(request.args.get("page", 1, type=int), 1)
    return render_template(
        "office/peers.html",
        page=list_peers(db.session(), wanted, page=number, today=today),
        wanted=wanted,
        today=today,
        counts=peers_by_employment(db.session(), today=today),
        to_renew=expiring_qualifications(db.session(), today=today),
        employments=EMPLOYMENTS,
        qualifications=QUALIFICATIONS,
        may_write=_may_write(),
    )


@bp.get("/equipe/<ref:ref>")
@requires(Permission.OFFICE_VIEW)
def peer(ref: str) -> str:
    """One person."""
    return peer_page(find_peer(db.session(), ref))


def peer_page(person: Peer, **forms: object) -> str:
    """The page of one person, with the form at fault if any."""
    held = sorted(person.qualifications, key=lambda row: (row.kind, row.id))
    courses, training = learning_of(db.session(), person.id)
    blank = {
        "qualification_form": QualificationForm(),
        "clearance_form": ClearanceForm(),
        "learning_form": LearningForm(),
        "training_form": TrainingForm(),
    }
    return render_template(
        "office/peer.html",
        **blank | forms,
        peer=person,
        courses=courses,
        training=training,
        held=held,
        week=week_of(person),
        checked=sorted(person.clearances, key=lambda row: row.checked_on, reverse=True),
        today=business_clock().today(),
        accept=ACCEPT,
        weekdays=WEEKDAYS,
        employments=EMPLOYMENTS,
        languages=LANGUAGES,
        qualifications=QUALIFICATIONS,
        clearances=CLEARANCES,
        themes=THEMES if _may_write() else {},
        may_write=_may_write(),
    )


@bp.route("/equipe/nouvelle-personne", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def new_peer() -> Page:
    """Welcome somebody in the team: the invitation leaves at once."""
    form = PeerForm()
    form.offer()
    if not form.is_submitted():
        form.joined_on.data = business_clock().today()
    elif form.validate():
        try:
            commune = commune_named(db.session(), form.commune.data, field="commune")
            person = register_peer(
                db.session(), form.answer(commune.insee), clock=business_clock(), actor=current_actor()
            )
            db.session.commit()
            flash(_("The invitation is leaving for %(email)s.", email=form.email.data), "success")
            return redirect(url_for(".peer", ref=person.ref), code=303)
        except DomainError as error:
            _refuse(form, error)
    page = render_template("office/peer_form.html", form=form, peer=None)
    return (page, 422) if form.is_submitted() else page


@bp.route("/equipe/<ref:ref>/modifier", methods=["GET", "POST"])
@requires(Permission.COORDINATE)
def edit_peer(ref: str) -> Page:
    """Name and bond; the terms are the person's own."""
    person, form = find_peer(db.session(), ref), BondForm()
    form.offer()
    if not form.is_submitted():
        form.fill(person)
    elif form.validate():
        try:
            edit_bond(db.session(), ref, **form.answer(), clock=business_clock(), actor=current_actor())
            db.session.commit()
            flash(_("It is noted."), "success")
            return redirect(url_for(".peer", ref=ref), code=303)
        except DomainError as error:
            _refuse(form, error)
    page = render_template("office/peer_form.html", form=form, peer=person)
    return (page, 422) if form.is_submitted() else page


@bp.post("/equipe/<ref:ref>/invitation")
@requires(Permission.COORDINATE)
def invite_peer(ref: str) -> Response:
    """Send the invitation again."""
    send_peer_invitation(db.session(), ref, clock=business_clock())
    db.session.commit()
    flash(_("The invitation is leaving."), "success")
    return redirect(url_for(".peer", ref=ref), code=303)


@bp.post("/equipe/<ref:ref>/qualifications")
@requires(Permission.COORDINATE)
def add_qualification(ref: str) -> Page:
    """Write a qualification, with its paper if it is there."""
    person, form = find_peer(db.session(), ref), QualificationForm()
    if form.validate_on_submit():
        given = form.file.data
        paper = Evidence(given.filename or "", given.read()) if given else None
        try:
            record_qualification(
                db.session(),
                ref,
                form.kind.data,
                since=form.since.data,
                last_day=form.last_day.data,
                evidence=paper,
                clock=business_clock(),
                actor=current_actor(),
            )
            db.session.commit()
            flash(_("The qualification is written."), "success")
            return redirect(url_for(".peer", ref=ref), code=303)
        except DomainError as error:
            _refuse(form, error)
            person = find_peer(db.session(), ref)
    return peer_page(person, qualification_form=form), 422


@bp.post("/equipe/<ref:ref>/qualifications/<int:number>/retirer")
@requires(Permission.COORDINATE)
def drop_qualification(ref: str, number: int) -> Response:
    """Take out a line written by mistake."""
    remove_qualification(db.session(), ref, number, clock=business_clock(), actor=current_actor())
    db.session.commit()
    flash(_("The line is taken out."), "success")
    return redirect(url_for(".peer", ref=ref), code=303)


@bp.get("/equipe/<ref:ref>/qualifications/<int:number>/justificatif")
@requires(Permission.COORDINATE)
def peer_evidence(ref: str, number: int) -> Response:
    """The paper, as a download, for the coordination only."""
    return as_download(db.session(), find_qualification(db.session(), find_peer(db.session(), ref), number))


@bp.post("/equipe/<ref:ref>/verifications")
@requires(Permission.COORDINATE)
def add_clearance(ref: str) -> Page:
    """Write that a paper was checked; the paper itself is not kept."""
    person, form = find_peer(db.session(), ref), ClearanceForm()
    if form.validate_on_submit():
        try:
            record_clearance(
                db.session(),
                ref,
                form.paper(),
                checked_on=form.checked_on.data,
                valid_until=form.valid_until.data,
                clock=business_clock(),
                actor=current_actor(),
            )
            db.session.commit()
            flash(_("It is noted."), "success")
            return redirect(url_for(".peer", ref=ref), code=303)
        except DomainError as error:
            _refuse(form, error)
            person = find_peer(db.session(), ref)
    return peer_page(person, clearance_form=form), 422


def _refuse(form: BondForm | PeerForm | QualificationForm | ClearanceForm, error: DomainError) -> None:
    db.session.rollback()
    if not attach(form, error):
        raise error


def _may_write() -> bool:
    return Permission.COORDINATE in viewer().permissions


def _wanted() -> PeerFilter:
    bond = request.args.get("statut", "")
    kind = request.args.get("qualification", "")
    return PeerFilter(
        text=request.args.get("q", "").strip()[:80],
        employment=Employment(bond) if bond in set(Employment) else None,
        qualification=kind if kind in QUALIFICATIONS else "",
        to_renew=request.args.get("a_renouveler") == "1",
    )
