"""What a peer is learning, on their page of the association: a course being prepared, and the days it takes."""

from collections.abc import Callable

from flask import flash, redirect, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import DomainError
from entrepairs.network.finding import find_peer
from entrepairs.network.learning import (
    record_learning,
    record_training_days,
    remove_learning,
    remove_training_days,
)
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor
from entrepairs.web.demand_words import _
from entrepairs.web.forms import attach
from entrepairs.web.office import bp
from entrepairs.web.office.equipe import peer_page
from entrepairs.web.office.forms.equipe import LearningForm, TrainingForm

Page = str | Response | tuple[str, int]


@bp.post("/equipe/<ref:ref>/apprentissages")
@requires(Permission.COORDINATE)
def add_learning(ref: str) -> Page:
    """A qualification is being prepared: one of two seats may be theirs, where the offering says so."""
    form, clock, actor = LearningForm(), business_clock(), current_actor()
    return _written(
        ref,
        form,
        "learning_form",
        lambda: record_learning(
            db.session(), ref, form.learned.data, form.starts.data, form.ends.data, clock=clock, actor=actor
        ),
    )


@bp.post("/equipe/<ref:ref>/jours-de-formation")
@requires(Permission.COORDINATE)
def add_training(ref: str) -> Page:
    """Days at school: nothing is proposed then."""
    form, clock, actor = TrainingForm(), business_clock(), current_actor()
    return _written(
        ref,
        form,
        "training_form",
        lambda: record_training_days(
            db.session(), ref, form.training_first.data, form.training_last.data, clock=clock, actor=actor
        ),
    )


def _written(ref: str, form: FlaskForm, name: str, write: Callable[[], object]) -> Page:
    person = find_peer(db.session(), ref)
    if form.validate():
        try:
            write()
            db.session.commit()
            flash(_("It is noted."), "success")
            return redirect(url_for(".peer", ref=ref), code=303)
        except DomainError as error:
            db.session.rollback()
            if not attach(form, error):
                raise
            person = find_peer(db.session(), ref)
    return peer_page(person, **{name: form}), 422


@bp.post("/equipe/<ref:ref>/apprentissages/<int:number>/retirer")
@requires(Permission.COORDINATE)
def drop_learning(ref: str, number: int) -> Response:
    """A line written by mistake, or a course left."""
    remove_learning(db.session(), ref, number, clock=business_clock(), actor=current_actor())
    return _taken_out(ref)


@bp.post("/equipe/<ref:ref>/jours-de-formation/<int:number>/retirer")
@requires(Permission.COORDINATE)
def drop_training(ref: str, number: int) -> Response:
    """These days are free again."""
    remove_training_days(db.session(), ref, number, clock=business_clock(), actor=current_actor())
    return _taken_out(ref)


def _taken_out(ref: str) -> Response:
    db.session.commit()
    flash(_("The line is taken out."), "success")
    return redirect(url_for(".peer", ref=ref), code=303)
