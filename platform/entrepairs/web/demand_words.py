"""How a demand is spoken of on every front door: chip, sentence, dates, timeline."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import flask_babel
from babel.dates import format_date

from entrepairs.audit.models import Transition
from entrepairs.catalogue.models import Facilitation, OfferingKind
from entrepairs.demands.models import Demand, PersonWish, PlaceKind
from entrepairs.demands.queries import Coming, free_seats
from entrepairs.demands.rhythms import DAYS
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.states import OPEN_STATES, DemandEvent, DemandState, SessionState
from entrepairs.kernel.dates import Period, paris, rhythm_of
from entrepairs.kernel.i18n import N_
from entrepairs.network.models import PayerKind
from entrepairs.web.filters import LOCALE, date_range, full_day, instant, rhythm, time_range, when

_S, _E = DemandState, DemandEvent


def _(msgid: str, **params: object) -> str:
    return str(flask_babel.gettext(msgid, **params))


def ngettext(singular: str, plural: str, count: int, **params: object) -> str:
    """Babel's, typed."""
    return str(flask_babel.ngettext(singular, plural, count, **params))


class Chip(NamedTuple):
    """A tone of `components/chip.html` and a word."""

    tone: str
    label: str


CHIPS: Final[dict[DemandState, tuple[str, str]]] = {
    _S.DRAFT: ("todo", N_("Draft")),
    _S.AWAITING_APPROVAL: ("todo", N_("For agreement")),
    _S.SUBMITTED: ("prop", N_("Demand received")),
    _S.QUALIFIED: ("prop", N_("Being prepared")),
    _S.QUOTED: ("todo", N_("Quote to sign")),
    _S.AWAITING_ENGAGEMENT: ("todo", N_("Engagement number awaited")),
    _S.CONFIRMED: ("ok", N_("Demand confirmed")),
    _S.STAFFING: ("prop", N_("We are looking")),
    _S.STAFFED: ("ok", N_("Everybody found")),
    _S.RUNNING: ("ok", N_("Under way")),
    _S.COMPLETED: ("done", N_("Demand carried out")),
    _S.CLOSED: ("done", N_("Demand closed")),
    _S.CANCELLED: ("done", N_("Demand cancelled")),
    _S.UNFILLED: ("no", N_("Nobody found")),
    _S.REFUSED: ("no", N_("Not possible this time")),
}
SESSION_CHIPS: Final[dict[SessionState, tuple[str, str]]] = {
    SessionState.PLANNED: ("prop", N_("session planned")),
    SessionState.DONE: ("ok", N_("session held")),
    SessionState.MISSED: ("no", N_("session not held")),
    SessionState.CANCELLED: ("done", N_("session cancelled")),
}
PLACES: Final[dict[PlaceKind, str]] = {
    PlaceKind.SITE: N_("In the service"),
    PlaceKind.IN_TOWN: N_("In town"),
    PlaceKind.HOME: N_("At the person's home"),
    PlaceKind.TRAINING_VENUE: N_("In a training venue"),
    PlaceKind.REMOTE: N_("At a distance"),
}
WISHES: Final[dict[PersonWish, str]] = {
    PersonWish.WISHES: N_("The person wishes it"),
    PersonWish.TO_PROPOSE: N_("To be proposed to the person"),
}
COMPANY: Final[dict[Facilitation, str]] = {
    Facilitation.ALONE: N_("One peer comes."),
    Facilitation.TWO_PEERS: N_("Two peers come together."),
    Facilitation.PEER_AND_PROFESSIONAL: N_("One peer comes, with a professional of your team."),
}
COMPANY_FOR_OFFICE: Final[dict[Facilitation, str]] = {
    **COMPANY,
    Facilitation.PEER_AND_PROFESSIONAL: N_("One peer comes, with a professional of the service."),
}


def chip_of(state: DemandState) -> Chip:
    """The chip of a state."""
    tone, label = CHIPS[state]
    return Chip(tone, _(label))


def session_chip(state: SessionState, *, over: bool = False) -> Chip:
    """The chip of a session; one that is over and still « planned » waits for its report or its confirmation."""
    if over and state is SessionState.PLANNED:
        return Chip("todo", _("session to be confirmed"))
    tone, label = SESSION_CHIPS[state]
    return Chip(tone, _(label))


def half_day_name(code: str) -> str:
    """« mardi matin »."""
    day, half = code.split("_")
    # 2027-01-04 is a Monday: any would do to write the day's name.
    name = format_date(datetime(2027, 1, 4 + DAYS.index(day)), "EEEE", locale=LOCALE)  # noqa: DTZ001 - a name only
    return _("%(day)s morning", day=name) if half == "am" else _("%(day)s afternoon", day=name)


def count_of(kind: OfferingKind, count: int) -> str:
    """« 8 séances », « 12 demi-journées », « 4 rencontres »: the word follows the kind."""
    if kind is OfferingKind.PRESENCE:
        return ngettext("%(num)s half-day", "%(num)s half-days", count)
    if kind is OfferingKind.ACCOMPANIMENT:
        return ngettext("%(num)s meeting", "%(num)s meetings", count)
    if kind is OfferingKind.TRAINING:
        return ngettext("%(num)s training day", "%(num)s training days", count)
    return ngettext("%(num)s session", "%(num)s sessions", count)


def periods_of(demand: Demand) -> list[Period]:
    """The dated sessions of a demand that stand."""
    return [period_of(row) for row in demand.sessions if row.state is not SessionState.CANCELLED]


def rhythm_phrase(demand: Demand, periods: Sequence[Period]) -> str:
    """« 8 séances le jeudi, 14 h – 16 h, du 21 janvier au 11 mars 2027 »."""
    if not periods:
        return _("Dates to be agreed")
    first, last = periods[0], periods[-1]
    if len(periods) == 1:
        return when(first)
    count = count_of(demand.kind, len(periods))
    if demand.kind is OfferingKind.PRESENCE:
        days = ", ".join(half_day_name(code) for code in demand.half_days)
        return _("%(count)s: %(days)s, %(span)s", count=count, days=days, span=date_range(first.start, last.start))
    return _("%(count)s %(span)s", count=count, span=rhythm(rhythm_of(periods)))


def missing_phrase(missing: int) -> str:
    """« Nous cherchons deux personnes » in figures."""
    return ngettext("We are looking for one person", "We are looking for %(num)s people", missing)


def status_sentence(demand: Demand, coming: Sequence[Coming] = ()) -> str:
    """Where a demand stands, said to the partner in one sentence."""
    state = demand.state
    if state in {_S.CONFIRMED, _S.STAFFING, _S.RUNNING} and free_seats(demand):
        return _("%(looking)s; we tell you as soon as it is settled.", looking=missing_phrase(free_seats(demand)))
    if state in {_S.STAFFED, _S.RUNNING} and coming:
        names = _join([one.first_name for one in coming])
        return (
            _("%(names)s will be there.", names=names)
            if state is _S.STAFFED
            else _("%(names)s comes to you.", names=names)
        )
    if state is _S.SUBMITTED and demand.kind is OfferingKind.EMERGENCY:
        return _("We have received it. If no agreement covers it, the association calls you back first.")
    signatory = demand.signatory.name if demand.signatory else ""
    plain = {
        _S.DRAFT: _("It has not left yet: you can finish it when you like."),
        _S.AWAITING_APPROVAL: _("It waits for the agreement of %(who)s.", who=signatory),
        _S.SUBMITTED: _("We have received it and read it today or tomorrow."),
        _S.QUALIFIED: _("We have read it: we prepare what follows."),
        _S.QUOTED: _("A quote waits for your signature."),
        _S.AWAITING_ENGAGEMENT: _("Everything is agreed: only your engagement number is missing."),
        _S.CONFIRMED: _("It is confirmed."),
        _S.STAFFING: _("It is confirmed."),
        _S.STAFFED: _("Everything is ready."),
        _S.RUNNING: _("It is under way."),
        _S.COMPLETED: _("All the sessions have been held. The invoice follows."),
        _S.CLOSED: _("Everything is finished."),
        _S.CANCELLED: _("It has been cancelled."),
        _S.UNFILLED: _("We found nobody for these dates, and we are sorry. Other dates are welcome."),
        _S.REFUSED: _("We could not answer it this time."),
    }
    return plain[state]


EVENTS: Final[dict[str, str]] = {
    _E.ASK_APPROVAL: N_("Sent for agreement"),
    _E.SEND_BACK: N_("Came back with a word"),
    _E.SUBMIT: N_("Demand sent"),
    _E.QUALIFY: N_("Read by the association"),
    _E.QUOTE: N_("Quote sent"),
    _E.ACCEPT: N_("Quote accepted"),
    _E.AWAIT_ENGAGEMENT: N_("Agreed, engagement number awaited"),
    _E.RECORD_ENGAGEMENT: N_("Engagement number received"),
    _E.DRAW: N_("Confirmed, no quote to sign"),
    _E.FILL: N_("Everybody found"),
    _E.REOPEN: N_("A relay is being looked for"),
    _E.START: N_("First session held"),
    _E.COMPLETE: N_("All sessions held"),
    _E.CLOSE: N_("Invoiced"),
    _E.CANCEL: N_("Demand cancelled"),
    _E.GIVE_UP: N_("Nobody found"),
    _E.REFUSE: N_("Answered: not possible this time"),
}
NOW: Final[dict[DemandState, str]] = {
    _S.AWAITING_APPROVAL: N_("Agreement of your signatory"),
    _S.SUBMITTED: N_("We read the demand"),
    _S.QUALIFIED: N_("We prepare what follows"),
    _S.QUOTED: N_("Your signature"),
    _S.AWAITING_ENGAGEMENT: N_("Your engagement number"),
    _S.RUNNING: N_("Sessions under way"),
    _S.COMPLETED: N_("The invoice is being prepared"),
}
NOW_FOR_OFFICE: Final[dict[DemandState, str]] = {
    **NOW,
    _S.AWAITING_APPROVAL: N_("Agreement of the signatory"),
    _S.QUOTED: N_("Signature of the structure"),
    _S.AWAITING_ENGAGEMENT: N_("Engagement number of the structure"),
}
"""Where it stands, said to the association: nothing there is « yours »."""


def timeline_of(
    demand: Demand, moves: Sequence[Transition], *, now: datetime, office: bool = False
) -> list[dict[str, str]]:
    """The life of a demand for `components/timeline.html`: what happened, what is going on, what comes."""
    told = EVENTS if _is_invoiced(demand) else {**EVENTS, _E.CLOSE: N_("Demand closed")}
    steps = [
        {"state": "done", "label": _(told[move.event]), "detail": instant(move.at)}
        for move in moves
        if move.event in EVENTS
    ]
    current = _current(demand, NOW_FOR_OFFICE if office else NOW)
    if current:
        steps.append({"state": "now", "label": current})
    coming = next((one for one in periods_of(demand) if one.start > now), None)
    if coming and demand.state in OPEN_STATES:
        label = _("Next session") if demand.state is _S.RUNNING else _("First session")
        steps.append({"state": "next", "label": label, "detail": f"{full_day(coming.start)}, {time_range(coming)}"})
    return steps


def _current(demand: Demand, now: Mapping[DemandState, str]) -> str:
    missing = free_seats(demand)
    if demand.state in {_S.CONFIRMED, _S.STAFFING} or (demand.state is _S.RUNNING and missing):
        return missing_phrase(missing) if missing else ""
    if demand.state is _S.COMPLETED and not _is_invoiced(demand):
        return ""
    return _(now[demand.state]) if demand.state in now else ""


def _is_invoiced(demand: Demand) -> bool:
    """What something else finances, or a structure that pays nothing, gets no invoice."""
    return not demand.financed_by and demand.partner.payer_kind is not PayerKind.NONE


def place_phrase(demand: Demand) -> str:
    """« CMP Les Tamaris », « Au domicile, Manosque »: never more than a commune for a home."""
    if demand.place_kind is PlaceKind.SITE and demand.site:
        return demand.site.name
    commune = demand.commune.name if demand.commune else ""
    return ", ".join(part for part in (_(PLACES[demand.place_kind]), commune, demand.place_detail) if part)


def _join(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s and %(last)s", first=", ".join(names[:-1]), last=names[-1])


def age_phrase(since: datetime | None, now: datetime) -> str:
    """« depuis 3 jours », for a list; empty when unknown."""
    if since is None:
        return ""
    days = (paris(now).date() - paris(since).date()).days
    return _("since today") if days <= 0 else ngettext("for %(num)s day", "for %(num)s days", days)
