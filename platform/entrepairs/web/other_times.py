"""Another time suggested, on every door's pages: the form a peer fills, and how a time is said."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Final

from babel.dates import format_date
from flask import flash
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.validators import Optional

from entrepairs.demands.models import Demand
from entrepairs.demands.scheduling import period_of
from entrepairs.dispatch.models import Offer, OtherTime
from entrepairs.dispatch.other_times import live_time, slot_suggested, slots_that_fit, stands_at, there_at, to_move
from entrepairs.dispatch.slots import EARLIEST, LATEST, Slot
from entrepairs.extensions import db
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import Period, paris
from entrepairs.kernel.errors import Conflict, DomainError, InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.web.context import business_clock
from entrepairs.web.day_fields import DateField
from entrepairs.web.demand_words import _
from entrepairs.web.errors import sentence
from entrepairs.web.filters import LOCALE, clock_time, time_range, when
from entrepairs.web.forms import attach
from entrepairs.web.offer_words import title_of_offer

HALF_HOURS: Final = tuple(
    time(hour, minute) for hour in range(24) for minute in (0, 30) if EARLIEST <= time(hour, minute) <= LATEST
)
WEEKDAYS: Final = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)


class OtherTimeForm(FlaskForm):  # type: ignore[misc]
    """A weekday and an hour for a series, a day and an hour for one session."""

    weekday = SelectField(_l("Day of the week"), validators=[Optional()])
    day = DateField(_l("Day"), validators=[Optional()])
    starts = SelectField(_l("Starting at"))

    @classmethod
    def of(cls, stands: Slot) -> "OtherTimeForm":
        """Starting from the time proposed."""
        form = cls(weekday=str(stands.weekday or 0), day=stands.day, starts=stands.starts.strftime("%H:%M"))
        form.weekday.choices = [(str(number), _(label)) for number, label in enumerate(WEEKDAYS)]
        hours = sorted({*HALF_HOURS, stands.starts})
        form.starts.choices = [(hour.strftime("%H:%M"), clock_time(hour)) for hour in hours]
        return form

    def slot(self, stands: Slot) -> Slot:
        """What was chosen, in the shape of what stands. Raises InvalidInput("slot_missing")."""
        starts = time.fromisoformat(self.starts.data)
        if stands.weekday is not None:
            return Slot(starts, weekday=int(self.weekday.data))
        if self.day.data is None:
            raise InvalidInput("slot_missing", N_("Choose another day or another hour."), field="day")
        return Slot(starts, day=self.day.data)


@dataclass(frozen=True, slots=True)
class Tap:
    """A time that fits, to be suggested in one tap."""

    label: str
    fields: dict[str, str]


def taps(offer: Offer, clock: Clock) -> list[Tap]:
    """The times near the one proposed that fit for this peer."""
    return [Tap(time_words(there), _fields(slot)) for slot, there in slots_that_fit(db.session(), offer, clock=clock)]


def _fields(slot: Slot) -> dict[str, str]:
    where = {"day": slot.day.isoformat()} if slot.day else {"weekday": str(slot.weekday)}
    return where | {"starts": slot.starts.strftime("%H:%M")}


def stands_of(offer: Offer, clock: Clock) -> Slot:
    """Where the sessions of an offer stand. Raises Conflict("no_rhythm")."""
    stands = stands_at(offer.demand, clock.now())
    if stands is None:
        raise Conflict("no_rhythm", N_("These sessions have no common rhythm to move at once. Call us."))
    return stands


def form_page(offer: Offer, form: OtherTimeForm | None = None, problem: str = "") -> dict[str, object]:
    """What the page of the form is given, behind the login or behind a mail's link. Raises Conflict("no_rhythm")."""
    clock = business_clock()
    stands = stands_of(offer, clock)
    return {
        "offer": offer,
        "title": title_of_offer(offer),
        "now_at": time_words([period_of(one) for one in to_move(offer.demand, clock.now())]),
        "taps": taps(offer, clock),
        "form": form or OtherTimeForm.of(stands),
        "weekly": stands.weekday is not None,
        "problem": problem,
    }


def try_to_suggest(offer: Offer, form: OtherTimeForm, suggest: Callable[[Slot], object]) -> str:
    """Suggest what was posted; what stands in the way, or nothing."""
    if not form.validate():
        return _("Choose another day or another hour.")
    try:
        suggest(form.slot(stands_of(offer, business_clock())))
    except (InvalidInput, Conflict) as error:
        db.session.rollback()
        attach(form, error)
        return sentence(error)
    flash(_("It is noted: we see with the structure. You can still accept or decline meanwhile."), "success")
    return ""


def time_words(periods: Sequence[Period]) -> str:
    """« le mardi, 10 h – 12 h » for a series, « mer. 13 janvier, 14 h – 16 h » for one session."""
    if len(periods) == 1:
        return when(periods[0])
    weekday = format_date(paris(periods[0].start), "EEEE", locale=LOCALE)
    return _("on %(weekday)s, %(hours)s", weekday=weekday, hours=time_range(periods[0]))


@dataclass(frozen=True, slots=True)
class TimeCard:
    """Another time as a page tells it: both times in words, and from when."""

    row: OtherTime
    demand: Demand
    now_at: str
    there: str
    first: Period
    count: int


def time_card(row: OtherTime, clock: Clock) -> TimeCard | None:
    """What a page shows of another time; None once it makes no sense any more."""
    demand = row.offer.demand
    try:
        there = there_at(demand, slot_suggested(row), clock)
    except DomainError:
        return None
    standing = [period_of(one) for one in to_move(demand, clock.now())]
    return TimeCard(row, demand, time_words(standing), time_words(there), there[0], len(there))


def suggested_words(offer: Offer, clock: Clock) -> str:
    """The time this peer has suggested and that waits for an answer; empty when there is none."""
    row = live_time(db.session(), offer)
    card = time_card(row, clock) if row else None
    return card.there if card else ""


def may_suggest(offer: Offer, clock: Clock) -> bool:
    """Whether the sessions of an offer can be moved in one go."""
    return offer.handover_id is None and stands_at(offer.demand, clock.now()) is not None
