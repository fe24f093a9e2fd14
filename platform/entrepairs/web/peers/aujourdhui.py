"""`/p/`: the next mission first, then what waits for the person, then the month. « Un souci » and the call back."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from babel.dates import format_date
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from entrepairs.demands.models import Booking
from entrepairs.demands.scheduling import period_of
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.dates import paris_day
from entrepairs.kernel.i18n import say
from entrepairs.missions import queries
from entrepairs.missions.calling_back import ask_call_back
from entrepairs.network.models import Peer
from entrepairs.settings.models import Association
from entrepairs.web.access import requires
from entrepairs.web.context import Viewer, business_clock, current_actor, viewer
from entrepairs.web.demand_words import _, ngettext, place_phrase
from entrepairs.web.filters import LOCALE
from entrepairs.web.mission_words import address_of, give_back_address, map_address, welcomer_of
from entrepairs.web.peers import bp
from entrepairs.web.peers.acting import acting_peer
from entrepairs.web.peers.sur_place import on_site_of
from entrepairs.web.todo import TodoItem, waiting, what_waits


@bp.get("/")
@requires(Permission.PEER)
def home() -> str:
    """« Aujourd'hui »."""
    peer, clock = acting_peer(), business_clock()
    now, today = clock.now(), clock.today()
    coming = queries.next_bookings(db.session(), peer, now, limit=2)
    offers = queries.open_offers(db.session(), peer, now)
    reports = queries.reports_to_write(db.session(), peer, now)
    return render_template(
        "peers/home.html",
        peer=peer,
        lead=_lead(_count_today(coming, now), len(offers), len(reports)),
        mission=_card(peer, coming[0], now) if coming else None,
        waiting=what_waits("peers", viewer()),
        month=queries.month_hours(db.session(), peer, today),
        month_name=format_date(today, "MMMM", locale=LOCALE),
        terms_url=address_of("peers.profile"),
        hours_url=address_of("peers.availability"),
        today=today,
    )


def _count_today(coming: Sequence[Booking], now: datetime) -> int:
    return sum(1 for one in coming if paris_day(period_of(one).start) == paris_day(now))


def _lead(today: int, offers: int, reports: int) -> str:
    parts = [ngettext("One mission today.", "%(num)s missions today.", today)] if today else []
    if offers:
        parts.append(ngettext("One proposal waits for you.", "%(num)s proposals wait for you.", offers))
    if reports:
        parts.append(ngettext("One report to write.", "%(num)s reports to write.", reports))
    return " ".join(parts) or _("Nothing to do today. All is well.")


def _card(peer: Peer, booking: Booking, now: datetime) -> dict[str, object]:
    demand, clock = booking.session.demand, business_clock()
    welcomer = welcomer_of(demand, clock.today())
    return {
        "booking": booking,
        "title": demand.offering.name,
        "period": period_of(booking),
        "place": place_phrase(demand),
        "town": demand.site.commune.name if demand.site else "",
        "map": map_address(demand),
        "km": queries.kilometres(peer, demand.site) if demand.site else 0,
        "welcomer": welcomer,
        "phone": (welcomer.phone if welcomer else None) or (demand.site.phone if demand.site else None),
        "begun": period_of(booking).start <= now,
        "on_site": on_site_of(booking, now),
    }


@waiting("peers")
def reports_to_write(person: Viewer) -> Iterable[TodoItem]:
    """The sessions that are over and not told yet, oldest first."""
    if person.peer is None:
        return
    for booking in queries.reports_to_write(db.session(), person.peer, business_clock().now()):
        yield TodoItem(
            chip=say("Report"),
            title=booking.session.demand.offering.name,
            detail=say("%(period)s", period=period_of(booking)),
            url=url_for("peers.report", ref=booking.assignment.ref, session_ref=booking.session.ref),
            action=say("Tell it in two minutes"),
            rank=20,
        )


@bp.get("/souci")
@requires(Permission.PEER)
def worry() -> str:
    """The association first, then the ward's own number, then the national one; a call back in one tap."""
    ref = request.args.get("mission", "")
    mission = queries.mission_of(db.session(), acting_peer(), ref) if ref else None
    demand = mission.demand if mission else None
    return render_template(
        "peers/worry.html",
        association=db.session.get(Association, 1),
        mission=mission,
        danger=demand.site.card.danger_contact if demand and demand.site and demand.site.card else "",
        give_back=give_back_address(mission) if mission else "",
    )


@bp.post("/souci/rappel")
@requires(Permission.PEER)
def call_back() -> Response:
    """« Être rappelé·e »: a mail to the office, nothing else is kept."""
    ask_call_back(db.session(), acting_peer(), actor=current_actor(), clock=business_clock())
    db.session.commit()
    flash(_("It is noted: we call you back. If it can't wait, call us."), "success")
    return redirect(url_for(".worry"), code=303)
