"""`/a/demandes/<ref>/appariement`: who can come to a demand, why, and proposing it to them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import exists, select
from werkzeug.wrappers import Response

from entrepairs.audit.moving import history
from entrepairs.demands.diary import live_assignments
from entrepairs.demands.models import Demand, Seat
from entrepairs.demands.queries import free_seats, title_of
from entrepairs.demands.rules import Check, Fidelity, fidelity_checks
from entrepairs.demands.states import OFFERABLE, OPEN_STATES, DemandState, SeatState
from entrepairs.dispatch import queries
from entrepairs.dispatch.ending import withdraw_offer
from entrepairs.dispatch.models import Offer, OfferState
from entrepairs.dispatch.rules import EVENING, default_deadline, next_start
from entrepairs.dispatch.sending import send_offers
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.dates import Period, at_paris, paris_day
from entrepairs.kernel.errors import Conflict, DomainError, InvalidInput, NotAllowed, NotFound
from entrepairs.kernel.i18n import N_, say
from entrepairs.matching.looking import Look, look
from entrepairs.web import matching_words as told
from entrepairs.web.access import requires
from entrepairs.web.context import Viewer, business_clock, current_actor, viewer
from entrepairs.web.demand_words import _, ngettext, periods_of, rhythm_phrase, timeline_of
from entrepairs.web.errors import sentence
from entrepairs.web.filters import instant
from entrepairs.web.offer_words import OFFICE_CHIPS
from entrepairs.web.office import bp
from entrepairs.web.office.demandes import demand_panel, found
from entrepairs.web.retrying import committed
from entrepairs.web.todo import Panel, TodoItem, waiting

LOOKABLE = OPEN_STATES - {DemandState.AWAITING_APPROVAL}
"""States in which one looks for people; offers leave only from those of OFFERABLE."""
EVENINGS = 7
PEOPLE = 30
"""People shown one by one; the others are counted."""


@bp.get("/demandes/<ref:ref>/appariement")
@requires(Permission.COORDINATE)
def matching(ref: str) -> str:
    """Candidates with bars and words; below, for whom it is not possible this time."""
    return _page(found(ref))


def _page(row: Demand, problem: str = "") -> str:
    clock = business_clock()
    offers = queries.offers_of_demand(db.session(), row.id)
    looked, over = _looked(row, offers)
    periods = periods_of(row)
    return render_template(
        "office/matching.html",
        demand=row,
        title=title_of(row),
        phrase=rhythm_phrase(row, periods),
        steps=timeline_of(row, history(db.session(), "demand", row.ref), now=clock.now(), office=True),
        periods=periods,
        missing=free_seats(row) if row.seats else row.facilitation.seats,
        staying=[one.peer.short_name for one in live_assignments(db.session(), row.id)],
        checks=_checks(row, periods),
        offerable=row.state in OFFERABLE,
        offers=[_offer_line(offer) for offer in offers],
        problem=problem,
        over=over,
        evenings=_evenings(periods, clock.now()),
        **_found(looked, offers),
    )


def _checks(row: Demand, periods: Sequence[Period]) -> tuple[Check, ...]:
    """What the demand keeps of its offering's model."""
    usual = row.session_minutes or (periods[0].minutes if periods else row.offering.session_minutes)
    return fidelity_checks(
        Fidelity.of(row.offering),
        sessions=len(periods),
        minutes=usual,
        participants=row.participants,
        facilitators=row.facilitation.seats,
        learner=row.offering.learner_seat,
    )


def _looked(row: Demand, offers: Sequence[Offer]) -> tuple[Look | None, str]:
    said_no = {ref for ref, offer in queries.latest_by_peer(offers).items() if offer.state is OfferState.DECLINED}
    if row.state not in LOOKABLE:
        return None, _("Nobody is looked for: the demand is not under way.")
    try:
        return look(db.session(), row.ref, clock=business_clock(), unpaired=said_no), ""
    except Conflict as refusal:
        return None, sentence(refusal)


def _found(looked: Look | None, offers: Sequence[Offer]) -> dict[str, Any]:
    """What the page shows of a look."""
    latest = queries.latest_by_peer(offers)
    states = {ref: (OFFICE_CHIPS[o.state][0], _(OFFICE_CHIPS[o.state][1])) for ref, o in latest.items()}
    asked = {ref for ref, offer in latest.items() if offer.state is OfferState.SENT}
    said_no = {ref for ref, offer in latest.items() if offer.state is OfferState.DECLINED}
    common = {"chips_of": states, "asked": asked, "said_no": said_no}
    if looked is None:
        return common | {"looked": False}
    return common | {
        "looked": True,
        "lead": told.lead_count(looked.answer),
        "pairs": [told.pair_row(pair) for pair in looked.pairs],
        "people": [told.person_row(each.explanation) for each in looked.answer.possible[:PEOPLE]],
        "more_people": max(0, len(looked.answer.possible) - PEOPLE),
        "criteria": told.criteria_line(),
        "absent": told.absent_people(looked.answer),
        "counts": told.count_chips(looked.answer),
        "weights": told.weight_lines(looked.weights),
    }


def _offer_line(offer: Offer) -> dict[str, Any]:
    tone, label = OFFICE_CHIPS[offer.state]
    if offer.state is OfferState.SENT:
        detail = _("answer before %(when)s", when=instant(offer.deadline))
        if offer.seen_at is not None:
            detail = _("%(before)s, opened", before=detail)
    else:
        detail = instant(offer.answered_at) if offer.answered_at else ""
    return {
        "name": offer.peer.short_name,
        "chip": (tone, _(label)),
        "detail": detail,
        "open": offer.state is OfferState.SENT,
        "ref": offer.ref,
    }


def _evenings(periods: Sequence[Period], now: datetime) -> list[tuple[str, str, bool]]:
    """The evenings until which one may ask for an answer: value, words, whether it is the default."""
    ahead = [period for period in periods if period.end > now]
    if not ahead:
        return []
    first = next_start(ahead, now)
    default = default_deadline(now, first)
    evenings = [at_paris(paris_day(now) + timedelta(days=n), EVENING) for n in range(EVENINGS)]
    chosen = sorted({default, *(one for one in evenings if now < one < first)})
    return [(one.isoformat(), instant(one), one == default) for one in chosen]


@bp.post("/demandes/<ref:ref>/propositions")
@requires(Permission.COORDINATE)
def propose(ref: str) -> Response | tuple[str, int]:
    """Propose to those chosen; who can no longer come stops it, and the list is shown again."""
    row, clock, actor = found(ref), business_clock(), current_actor()
    try:
        offers = committed(
            db.session(),
            lambda session: send_offers(session, ref, _chosen(), deadline=_deadline(row), actor=actor, clock=clock),
        )
    except (Conflict, InvalidInput, NotAllowed) as refusal:
        return _page(found(ref), sentence(refusal)), refusal.status
    flash(ngettext("The proposal is on its way.", "The proposals are on their way.", len(offers)), "success")
    return redirect(url_for(".matching", ref=ref), code=303)


def _chosen() -> list[str]:
    """The references ticked; « Proposer à 3 » sends three in one value."""
    return [ref for value in request.form.getlist("peers") for ref in value.split(",") if ref]


def _deadline(row: Demand) -> datetime:
    now = business_clock().now()
    given = request.form.get("deadline", "")
    ahead = [period for period in periods_of(row) if period.end > now]
    if not ahead:
        raise Conflict("nothing_to_come", N_("The sessions of this demand are over. Thank you for your answer."))
    try:
        chosen = datetime.fromisoformat(given)
    except ValueError:
        return default_deadline(now, next_start(ahead, now))
    return chosen if chosen.tzinfo is not None else default_deadline(now, next_start(ahead, now))


@bp.post("/demandes/<ref:ref>/propositions/<ref:offer_ref>/retirer")
@requires(Permission.COORDINATE)
def take_back(ref: str, offer_ref: str) -> Response:
    """Take a proposal back; its peer is told kindly."""
    offer = next((o for o in queries.offers_of_demand(db.session(), found(ref).id) if o.ref == offer_ref), None)
    if offer is None:
        raise NotFound("offer", N_("This proposal does not exist."))
    clock, actor = business_clock(), current_actor()
    try:
        committed(db.session(), lambda session: withdraw_offer(session, offer_ref, actor=actor, clock=clock))
        flash(_("The proposal is taken back, and the person is told."), "success")
    except DomainError as refusal:
        flash(sentence(refusal), "info")
    return redirect(url_for(".matching", ref=ref), code=303)


@demand_panel
def _who_can_come(row: Demand) -> Panel | None:
    """The way from the demand's page."""
    if row.state not in LOOKABLE or Permission.COORDINATE not in viewer().permissions:
        return None
    missing = free_seats(row) if row.seats else row.facilitation.seats
    if row.state not in OFFERABLE and row.seats and not missing:
        return None
    waiting_for = sum(o.state is OfferState.SENT for o in queries.offers_of_demand(db.session(), row.id))
    return Panel("office/matching_panel.html", {"ref": row.ref, "missing": missing, "asked": waiting_for}, rank=10)


@waiting("office")
def _somebody_missing(person: Viewer) -> Iterable[TodoItem]:
    """Firm demands where somebody is missing and nobody is asked."""
    if Permission.COORDINATE not in person.permissions:
        return
    rows = db.session.scalars(
        select(Demand)
        .where(
            Demand.state.in_(OFFERABLE),
            exists().where(Seat.demand_id == Demand.id, Seat.state.in_((SeatState.OPEN, SeatState.OFFERED))),
            ~exists().where(Offer.demand_id == Demand.id, Offer.state == OfferState.SENT),
        )
        .order_by(Demand.confirmed_at, Demand.id)
        .limit(10)
    )
    for row in rows:
        yield TodoItem(
            chip=say("somebody is missing"),
            title=title_of(row),
            url=url_for("office.matching", ref=row.ref),
            action=say("Who can come?"),
            rank=20,
        )
