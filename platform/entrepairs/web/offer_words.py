"""An offer in words: the title, the lines of its card, and what is said once it is over."""

from dataclasses import dataclass
from typing import Final

from babel.dates import format_date

from entrepairs.catalogue.models import OfferingKind
from entrepairs.demands.models import Demand
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.states import SessionState
from entrepairs.dispatch.cards import OfferCard
from entrepairs.dispatch.models import Offer, OfferState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import Period, paris
from entrepairs.kernel.i18n import N_
from entrepairs.web.demand_words import _, count_of
from entrepairs.web.filters import LOCALE, date_range, long_date, month, time_range
from entrepairs.web.words import words

CHIPS: Final[dict[OfferState, tuple[str, str]]] = {
    OfferState.SENT: ("prop", N_("Proposal")),
    OfferState.ACCEPTED: ("ok", N_("you said yes")),
    OfferState.DECLINED: ("done", N_("you said no")),
    OfferState.EXPIRED: ("done", N_("over")),
    OfferState.WITHDRAWN: ("done", N_("closed")),
    OfferState.SUPERSEDED: ("done", N_("taken by a colleague")),
}
OFFICE_CHIPS: Final[dict[OfferState, tuple[str, str]]] = {
    OfferState.SENT: ("prop", N_("proposed")),
    OfferState.ACCEPTED: ("ok", N_("accepted")),
    OfferState.DECLINED: ("done", N_("not this time")),
    OfferState.EXPIRED: ("done", N_("no answer in time")),
    OfferState.WITHDRAWN: ("done", N_("taken back")),
    OfferState.SUPERSEDED: ("done", N_("another person came")),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an offer: an icon, what it says, a detail."""

    icon: str
    text: str
    detail: str = ""


def offer_title(demand: Demand, sessions: tuple[Period, ...]) -> str:
    """« Groupe WRAP, 8 jeudis »; the count alone when the days differ."""
    if len(sessions) < 2:
        return demand.offering.name
    days = {paris(one.start).weekday() for one in sessions}
    if len(days) == 1 and demand.kind is not OfferingKind.PRESENCE:
        weekday = format_date(paris(sessions[0].start), "EEEE", locale=LOCALE)
        count = _("%(count)s %(weekday)ss", count=len(sessions), weekday=weekday)
    else:
        count = count_of(demand.kind, len(sessions))
    return f"{demand.offering.name}, {count}"


def title_of_offer(offer: Offer) -> str:
    """The title, for a list."""
    rows = [row for row in offer.demand.sessions if row.state is not SessionState.CANCELLED]
    return offer_title(offer.demand, tuple(period_of(row) for row in rows))


def lines_of(card: OfferCard) -> list[Line]:
    """When, where, with whom, paid hours."""
    lines = [_when(card), Line("geo-alt", words(card.where), _journey(card))]
    welcome = _("%(name)s welcomes you there", name=card.welcomed_by) if card.welcomed_by else ""
    if card.companion is not None:
        lines.append(Line("person", _capital(words(card.companion)), welcome))
    elif welcome:
        lines.append(Line("person", welcome))
    lines.append(Line("clock", words(card.paid), _hours_of_month(card)))
    return lines


def _when(card: OfferCard) -> Line:
    if not card.sessions:
        return Line("calendar3", words(card.dates))
    first, last = card.sessions[0], card.sessions[-1]
    if len(card.sessions) == 1:
        return Line("calendar3", _capital(long_date(first.start)), time_range(first))
    walls = {(paris(one.start).weekday(), paris(one.start).time(), paris(one.end).time()) for one in card.sessions}
    detail = count_of(card.offer.demand.kind, len(card.sessions))
    if len(walls) == 1:
        weekday = format_date(paris(first.start), "EEEE", locale=LOCALE)
        detail = _("on %(weekday)s, %(hours)s", weekday=weekday, hours=time_range(first))
    return Line("calendar3", _capital(date_range(first.start, last.start)), detail)


def _journey(card: OfferCard) -> str:
    if card.km is None:
        return ""
    return _("%(km)s km from your home", km=card.km) if card.km else _("in your commune")


def _hours_of_month(card: OfferCard) -> str:
    if card.month is None or card.month_hours is None:
        return ""
    before, after = card.month_hours
    span = {"month": month(card.month), "before": before, "after": after}
    if card.offer.state is OfferState.ACCEPTED:
        return _("In %(month)s you go from %(before)s h to %(after)s h", **span)
    return _("In %(month)s you would go from %(before)s h to %(after)s h", **span)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def chip_of_offer(offer: Offer, clock: Clock) -> tuple[str, str]:
    """Tone and word for the peer; an offer nobody has swept yet is already over."""
    tone, label = CHIPS[OfferState.SENT if is_open(offer, clock) else over_state(offer)]
    return tone, _(label)


def is_open(offer: Offer, clock: Clock) -> bool:
    """Whether it may still be answered."""
    return offer.state is OfferState.SENT and clock.now() < offer.deadline and offer.needed


def over_state(offer: Offer) -> OfferState:
    """How an offer that is not open ended."""
    if offer.state is not OfferState.SENT:
        return offer.state
    return OfferState.EXPIRED if offer.needed else OfferState.WITHDRAWN
