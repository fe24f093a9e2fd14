"""The two forms of a service to confirm, the same behind the login and behind a mail's link."""

from dataclasses import dataclass

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import IntegerField, SelectField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional

from entrepairs.demands.models import DemandSession
from entrepairs.demands.queries import title_of
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.scopes import Scope
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import Period
from entrepairs.missions import queries, rules
from entrepairs.missions.asking import live_reports, service_of, waits_for_partner
from entrepairs.missions.models import ServiceDone
from entrepairs.missions.papers import drawn_agreement
from entrepairs.missions.services_done import Answerer, Facts, asked_at, correct_service, dispute_service, facts_of
from entrepairs.web.mission_words import length_choices


class CorrectForm(FlaskForm):  # type: ignore[misc]
    """« Corriger » : how long, how many."""

    minutes = SelectField(_l("How long?"))
    headcount = IntegerField(
        _l("How many people came?"),
        validators=[Optional(), NumberRange(0, rules.LARGEST_GROUP, _l("How many people came? Between 0 and 500."))],
    )

    @classmethod
    def of(cls, facts: Facts) -> "CorrectForm":
        """Filled with what was reported."""
        typed = request.form.get("minutes", "")
        form = cls()
        kept = int(typed) if typed.isdecimal() and int(typed) <= rules.LONGEST_DAY else 0
        form.minutes.choices = length_choices(facts.minutes, kept)[1:]
        if not form.is_submitted() or not typed:
            form.minutes.data, form.headcount.data = str(facts.minutes), facts.headcount
        return form


class DisputeForm(FlaskForm):  # type: ignore[misc]
    """« Ce n'est pas ce qui s'est passé » : a few words."""

    comment = TextAreaField(_l("What happened, in a few words"), validators=[Length(max=400)])


@dataclass(frozen=True, slots=True)
class ServiceView:
    """A session to confirm, as its page shows it."""

    row: DemandSession
    title: str
    period: Period
    facts: Facts
    people: list[str]
    waits: bool
    done: ServiceDone | None
    others: int
    """Other sessions of the same demand that wait."""
    silence: object
    """The day silence counts as yes, or None."""
    correct: CorrectForm
    dispute: DisputeForm


def service_view(session: Session, row: DemandSession) -> ServiceView:
    """Everything the page shows; nothing is written."""
    reports = live_reports(session, row)
    facts = facts_of(reports)
    agreement, asked = drawn_agreement(session, row.demand), asked_at(reports)
    waiting = queries.services_to_confirm(session, Scope(row.demand.partner_id), demand_id=row.demand_id)
    return ServiceView(
        row=row,
        title=title_of(row.demand),
        period=period_of(row),
        facts=facts,
        people=[one.assignment.peer.first_name for one in reports],
        waits=waits_for_partner(session, row),
        done=service_of(session, row),
        others=sum(1 for one in waiting if one.id != row.id),
        silence=rules.tacit_on(asked, agreement.tacit_days) if agreement and asked else None,
        correct=CorrectForm.of(facts),
        dispute=DisputeForm(),
    )


def post_correction(session: Session, view: ServiceView, scope: Scope, answerer: Answerer, clock: Clock) -> bool:
    """Correct with what was typed; False when the form says no. Raises what `correct_service` raises."""
    if not view.correct.validate():
        return False
    correct_service(
        session,
        view.row.ref,
        scope,
        answerer,
        minutes=int(view.correct.minutes.data),
        headcount=view.correct.headcount.data,
        clock=clock,
    )
    return True


def post_dispute(session: Session, view: ServiceView, scope: Scope, answerer: Answerer, clock: Clock) -> bool:
    """Dispute with what was typed; False when the form says no. Raises what `dispute_service` raises."""
    if not view.dispute.validate():
        return False
    dispute_service(
        session,
        view.row.ref,
        scope,
        answerer,
        comment=view.dispute.comment.data or "",
        names_checked=request.form.get("names_checked") == "1",
        clock=clock,
    )
    return True
