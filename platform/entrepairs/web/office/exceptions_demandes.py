"""« À traiter », what is about demands: received, quoted, proposed, confirmed. The missions tell reports and disputes."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from flask import url_for
from sqlalchemy import ColumnElement, and_, exists, func, not_, select
from sqlalchemy.orm import joinedload

from entrepairs.audit.models import Transition
from entrepairs.catalogue.models import OfferingKind
from entrepairs.contracting.models import Quote, QuoteVersion
from entrepairs.contracting.states import QuoteState
from entrepairs.demands.models import Demand, DemandSession, Seat
from entrepairs.demands.queries import dates_sentence, title_of
from entrepairs.demands.states import OFFERABLE, DemandState, SeatState, SessionState
from entrepairs.dispatch.models import Offer, OfferState
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.dates import paris_day
from entrepairs.kernel.i18n import Sentence, say
from entrepairs.missions.models import Report, ReportState, ServiceDone
from entrepairs.web import filters
from entrepairs.web.context import Viewer, business_clock
from entrepairs.web.office.exceptions import concerns, few_or_all, item
from entrepairs.web.todo import TodoItem, waiting

RECEIVED: Final = (DemandState.SUBMITTED, DemandState.QUALIFIED)
QUOTE_ENDS: Final = timedelta(days=5)
OFFER_SILENT: Final = timedelta(hours=48)
SERVICE_SILENT: Final = timedelta(days=7)
ENGAGEMENT_SILENT: Final = timedelta(days=7)


@waiting("office")
def needs_of_today(person: Viewer) -> Iterable[TodoItem]:
    """Needs of today nobody answers yet: first of all, each on its own line."""
    if not concerns(person, Permission.COORDINATE):
        return []
    uncovered = _demands(_today(), Demand.submitted_at, Demand.state.in_(RECEIVED))
    alone = exists().where(Seat.demand_id == Demand.id, Seat.state.in_((SeatState.OPEN, SeatState.OFFERED)))
    missing = _demands(_today(), Demand.confirmed_at, Demand.state.in_(OFFERABLE), alone)
    return [
        *(
            _need(row, _demand(row), say("No agreement covers it: call %(who)s.", who=_caller(row)))
            for row in uncovered
        ),
        *(
            _need(
                row,
                url_for("office.matching", ref=row.ref),
                say("Nobody comes yet: %(dates)s", dates=dates_sentence(row)),
            )
            for row in missing
        ),
    ]


def _today() -> ColumnElement[bool]:
    """An emergency whose hour has not passed."""
    ahead = exists().where(
        DemandSession.demand_id == Demand.id,
        DemandSession.state == SessionState.PLANNED,
        func.upper(DemandSession.during) > business_clock().now(),
    )
    return and_(Demand.kind == OfferingKind.EMERGENCY, ahead)


def _need(row: Demand, url: str, detail: Sentence) -> TodoItem:
    return item(say("need today"), title_of(row), url, detail, rank=1, action=say("Take in hand"))


def _caller(row: Demand) -> str:
    who = row.requester.name if row.requester else row.partner.name
    return f"{who}, {filters.phone(row.partner.phone)}" if row.partner.phone else who


@waiting("office")
def demands_to_treat(person: Viewer) -> Iterable[TodoItem]:
    """Demands received that nobody has taken in hand, the oldest first."""
    if not concerns(person, Permission.COORDINATE):
        return []
    rows = _demands(Demand.state.in_(RECEIVED), Demand.submitted_at, not_(_today()))
    return few_or_all(
        rows,
        lambda row: item(
            say("to treat"), title_of(row), _demand(row), _received(row), rank=10, action=say("Take in hand")
        ),
        lambda n: item(
            say("to treat"),
            say("%(n)s demands to treat", n=n),
            url_for("office.demands", etat=DemandState.SUBMITTED.value),
            say("The oldest arrived on %(day)s.", day=_day(rows[0].submitted_at)),
            rank=10,
        ),
    )


@waiting("office")
def quotes_about_to_expire(person: Viewer) -> Iterable[TodoItem]:
    """Quotes sent that end within five days without an answer."""
    if not concerns(person, Permission.COORDINATE):
        return []
    today = business_clock().today()
    rows = db.session.scalars(
        select(QuoteVersion)
        .join(Quote)
        .options(joinedload(QuoteVersion.quote).joinedload(Quote.demand).joinedload(Demand.offering))
        .where(QuoteVersion.state == QuoteState.SENT, QuoteVersion.valid_until.between(today, today + QUOTE_ENDS))
        .order_by(QuoteVersion.valid_until)
    ).all()
    return few_or_all(
        rows,
        lambda row: item(
            say("quote"),
            title_of(row.quote.demand),
            _demand(row.quote.demand),
            say("No answer yet; valid until %(day)s.", day=row.valid_until),
            rank=15,
        ),
        lambda n: item(
            say("quote"),
            say("%(n)s quotes end soon without an answer", n=n),
            url_for("office.demands", etat=DemandState.QUOTED.value),
            rank=15,
        ),
    )


@waiting("office")
def engagements_awaited(person: Viewer) -> Iterable[TodoItem]:
    """Public buyers who accepted a week ago and have not given their commitment number."""
    if not concerns(person, Permission.COORDINATE):
        return []
    since = business_clock().now() - ENGAGEMENT_SILENT
    entered = exists().where(
        Transition.subject_kind == Demand.__tablename__,
        Transition.subject_ref == Demand.ref,
        Transition.to_state == DemandState.AWAITING_ENGAGEMENT.value,
        Transition.at < since,
    )
    rows = _demands(Demand.state == DemandState.AWAITING_ENGAGEMENT, Demand.submitted_at, entered)
    detail = say("Accepted more than a week ago; the commitment number is still awaited.")
    return few_or_all(
        rows,
        lambda row: item(say("commitment number"), title_of(row), _demand(row), detail, rank=25),
        lambda n: item(
            say("commitment number"),
            say("%(n)s commitment numbers awaited for more than a week", n=n),
            url_for("office.demands", etat=DemandState.AWAITING_ENGAGEMENT.value),
            rank=25,
        ),
    )


@waiting("office")
def offers_without_answer(person: Viewer) -> Iterable[TodoItem]:
    """Demands whose proposals have stayed two days without any answer."""
    if not concerns(person, Permission.COORDINATE):
        return []
    silent = exists().where(
        Offer.demand_id == Demand.id,
        Offer.state == OfferState.SENT,
        Offer.sent_at < business_clock().now() - OFFER_SILENT,
    )
    rows = _demands(silent, Demand.confirmed_at)
    may_look = Permission.COORDINATE in person.permissions
    return few_or_all(
        rows,
        lambda row: item(
            say("no answer"),
            title_of(row),
            url_for("office.matching", ref=row.ref) if may_look else _demand(row),
            say("Proposed two days ago; some have not answered."),
            rank=22,
        ),
        lambda n: item(
            say("no answer"),
            say("%(n)s demands have proposals without an answer", n=n),
            url_for("office.demands", etat=DemandState.STAFFING.value),
            rank=22,
        ),
    )


@waiting("office")
def services_without_word(person: Viewer) -> Iterable[TodoItem]:
    """Reports sent a week ago that the structure has neither confirmed nor corrected."""
    if not concerns(person, Permission.COORDINATE):
        return []
    unanswered = ~exists().where(ServiceDone.session_id == Report.session_id)
    waiting_since = Report.submitted_at < business_clock().now() - SERVICE_SILENT
    rows = _reported(Report.state.in_((ReportState.SUBMITTED, ReportState.CORRECTED)), unanswered, waiting_since)
    return few_or_all(
        rows,
        lambda row: item(
            say("to be confirmed"),
            title_of(row),
            _demand(row),
            say("The structure has not answered for a week."),
            rank=32,
        ),
        lambda n: item(
            say("to be confirmed"),
            say("%(n)s demands have had sessions to confirm for more than a week", n=n),
            url_for("office.demands", etat=DemandState.RUNNING.value),
            rank=32,
        ),
    )


def _demands(condition: ColumnElement[bool], order: Any, *more: ColumnElement[bool]) -> Sequence[Demand]:
    return db.session.scalars(
        select(Demand)
        .options(joinedload(Demand.offering), joinedload(Demand.site), joinedload(Demand.partner))
        .where(condition, *more)
        .order_by(order, Demand.id)
    ).all()


def _reported(*conditions: ColumnElement[bool]) -> Sequence[Demand]:
    """Demands with a report like this."""
    like_this = (
        exists()
        .where(DemandSession.demand_id == Demand.id, DemandSession.id == Report.session_id, *conditions)
        .correlate(Demand)
    )
    return _demands(like_this, Demand.id)


def _demand(row: Demand) -> str:
    return url_for("office.demand", ref=row.ref)


def _received(row: Demand) -> Sentence | str:
    if row.submitted_at is None:
        return row.partner.name
    return say("%(partner)s, since %(day)s", partner=row.partner.name, day=_day(row.submitted_at))


def _day(instant: datetime | None) -> date | str:
    """The date alone: an hour says nothing of a wait of days."""
    return paris_day(instant) if instant is not None else ""
