"""`/p/agenda`: the week, a list on a phone and a picture on a wide screen; then what comes later."""

from datetime import date, datetime, timedelta

from flask import render_template, request, url_for

from entrepairs.demands.models import Booking, DemandSession
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.states import SessionState
from entrepairs.dispatch.models import Offer
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.dates import Period, day_bounds, paris_day, week_start
from entrepairs.missions import queries
from entrepairs.network.models import Absence, Peer
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock
from entrepairs.web.demand_words import _, place_phrase
from entrepairs.web.mission_words import address_of
from entrepairs.web.peers import bp
from entrepairs.web.peers.acting import acting_peer
from entrepairs.web.pictures import WeekEvent, day_groups, week_picture

LATER = 12


@bp.get("/agenda")
@requires(Permission.PEER)
def diary() -> str:
    """One week, this one unless another is asked."""
    peer, clock = acting_peer(), business_clock()
    monday = _monday(request.args.get("semaine", ""), clock.today())
    between = Period(day_bounds(monday).start, day_bounds(monday + timedelta(days=6)).end)
    events = _events(peer, between, clock.now())
    after = queries.next_bookings(db.session(), peer, between.end, limit=LATER)
    return render_template(
        "peers/diary.html",
        picture=week_picture(monday, events, today=clock.today()),
        monday=monday,
        this_week=monday == week_start(clock.today()),
        previous=url_for(".diary", semaine=(monday - timedelta(days=7)).isoformat()),
        following=url_for(".diary", semaine=(monday + timedelta(days=7)).isoformat()),
        later=day_groups(_booked(one) for one in after),
        hours_url=address_of("peers.availability"),
        absences_url=address_of("peers.absences"),
    )


def _monday(asked: str, today: date) -> date:
    """The Monday of the week asked; this week's when the address says nothing readable."""
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        day = today
    return week_start(min(max(day, today - timedelta(days=3660)), today + timedelta(days=3660)))


def _events(peer: Peer, between: Period, now: datetime) -> list[WeekEvent]:
    booked = [_booked(row) for row in queries.bookings_between(db.session(), peer, between)]
    offers = queries.open_offers(db.session(), peer, now)
    proposed = [_proposed(offer, row) for offer in offers for row in offer.demand.sessions if _inside(row, between)]
    return [*booked, *proposed, *_away(peer.absences, between)]


def _inside(row: DemandSession, between: Period) -> bool:
    return row.state is SessionState.PLANNED and period_of(row).overlaps(between)


def _booked(row: Booking) -> WeekEvent:
    demand, period = row.session.demand, period_of(row)
    over = row.session.state is not SessionState.PLANNED
    return WeekEvent(
        title=demand.offering.name,
        start=period.start,
        end=period.end,
        detail=place_phrase(demand),
        tone="done" if over else "ok",
        word=_("not held") if row.session.state is SessionState.MISSED else "",
        url=url_for("peers.mission", ref=row.assignment.ref),
    )


def _proposed(offer: Offer, row: DemandSession) -> WeekEvent:
    period = period_of(row)
    return WeekEvent(
        title=offer.demand.offering.name,
        start=period.start,
        end=period.end,
        detail=place_phrase(offer.demand),
        tone="prop",
        word=_("proposed"),
        url=address_of("peers.offer", ref=offer.ref) or address_of("peers.offers"),
    )


def _away(absences: list[Absence], between: Period) -> list[WeekEvent]:
    """Days away, one event by day of the week shown."""
    events = []
    for absence in absences:
        first, last = absence.during.lower, absence.during.upper
        if first is None or last is None:
            continue
        day = paris_day(between.start)
        while day <= paris_day(between.end - timedelta(seconds=1)):
            whole = day_bounds(day)
            start, end = max(first, whole.start), min(last, whole.end)
            if start < end:
                events.append(WeekEvent(_("Away"), start, end, tone="absence"))
            day += timedelta(days=1)
    return events
