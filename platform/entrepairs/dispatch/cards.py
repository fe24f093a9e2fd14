"""An offer as its peer reads it: six lines, and why it is proposed to them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from entrepairs.catalogue.models import Facilitation
from entrepairs.demands.diary import live_assignments
from entrepairs.demands.models import Demand, PlaceKind
from entrepairs.demands.queries import dates_sentence
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.states import AssignmentState, SessionState
from entrepairs.dispatch.models import Offer, OfferState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import Period, month_start, paris_day
from entrepairs.kernel.errors import DomainError
from entrepairs.kernel.i18n import Sentence, say
from entrepairs.matching.gathering import gather_ask, gather_pool
from entrepairs.matching.looking import limits_on
from entrepairs.matching.notice import short_notice
from entrepairs.matching.skill_rules import learns
from entrepairs.matching.values import Ask, Candidate
from entrepairs.network.models import Employment, PairWish
from entrepairs.network.rules import referent_in_charge
from entrepairs.network.vocabulary import THEMES


@dataclass(frozen=True, slots=True)
class OfferCard:
    """What, when, where, with whom, paid hours, until when. `month_hours` goes from before to after a yes."""

    offer: Offer
    title: str
    sessions: tuple[Period, ...]
    dates: Sentence
    where: str | Sentence
    km: int | None
    companion: Sentence | None
    welcomed_by: str | None
    paid_minutes: int
    preparation_minutes: int
    month: date | None
    month_hours: tuple[int, int] | None
    why: tuple[Sentence, ...]
    short_notice: Sentence | None = None
    """What a yes agrees to expressly, when the first session is nearer than the legal notice."""

    @property
    def paid(self) -> Sentence:
        """« 20 h payées, dont 4 h de préparation »."""
        hours, part = hours_text(self.paid_minutes), hours_text(self.preparation_minutes)
        if self.offer.peer.employment is Employment.VOLUNTEER:
            return say("%(hours)s in all, %(part)s of them to prepare", hours=hours, part=part)
        if not self.preparation_minutes:
            return say("%(hours)s paid", hours=hours)
        return say("%(hours)s paid, %(part)s of them to prepare", hours=hours, part=part)


def hours_text(minutes: int) -> str:
    """« 20 h », « 2 h 30 »: the same in every language."""
    hours, rest = divmod(minutes, 60)
    return f"{hours}\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}{rest:02d}" if rest else f"{hours}\N{NO-BREAK SPACE}h"


def offer_card(session: Session, offer: Offer, *, clock: Clock) -> OfferCard:
    """The six lines of an offer, open or ended."""
    demand = offer.demand
    sessions = offered_periods(demand)
    preparation = demand.offering.preparation_minutes * len(sessions)
    ask, candidate = _compared(session, offer, clock)
    return OfferCard(
        offer=offer,
        title=demand.offering.name,
        sessions=sessions,
        dates=dates_sentence(demand, sessions),
        where=_where(demand),
        km=None if ask is None or candidate is None or ask.place is None else round(candidate.km_to(ask.place)),
        companion=_companion(session, offer),
        welcomed_by=_welcome(demand, sessions, clock),
        paid_minutes=sum(period.minutes for period in sessions) + preparation,
        preparation_minutes=preparation,
        month=ask.month if ask else None,
        month_hours=_month_hours(ask, candidate) if ask and candidate else None,
        why=_why_you(ask, candidate) if ask and candidate else (),
        short_notice=_short_notice(session, offer, ask, candidate) if ask and candidate else None,
    )


def offered_periods(demand: Demand) -> tuple[Period, ...]:
    """The sessions an offer speaks of."""
    return tuple(period_of(row) for row in demand.sessions if row.state is not SessionState.CANCELLED)


def _short_notice(session: Session, offer: Offer, ask: Ask, candidate: Candidate) -> Sentence | None:
    """Said before a yes, and remembered after."""
    if offer.short_notice_agreed_at is not None:
        agreed = paris_day(offer.short_notice_agreed_at)
        return say("Your express agreement to a short notice was noted on %(day)s.", day=agreed)
    limits = limits_on(session, paris_day(ask.span.start))
    if offer.state is not OfferState.SENT or not short_notice(ask, candidate, limits):
        return None
    return say(
        "This mission starts in less than %(days)s working days. By saying yes, you expressly agree to this short notice.",
        days=limits.notice_days,
    )


def _compared(session: Session, offer: Offer, clock: Clock) -> tuple[Ask | None, Candidate | None]:
    try:
        ask = gather_ask(session, offer.demand.ref, clock=clock)
    except DomainError:  # the sessions are over: the card still says what it was
        return None, None
    pool = gather_pool(session, ask, [offer.peer.ref])
    return ask, pool[0] if pool else None


def _where(demand: Demand) -> str | Sentence:
    commune = demand.site.commune if demand.site else demand.commune
    name = commune.name if commune else ""
    match demand.place_kind:
        case PlaceKind.REMOTE:
            return say("Remotely")
        case PlaceKind.HOME:
            return say("At somebody's home, in %(commune)s", commune=name)
        case _:
            place = demand.site.name if demand.site else demand.place_detail
            return ", ".join(part for part in (place, name) if part)


def _companion(session: Session, offer: Offer) -> Sentence | None:
    """« avec Samira » once she has said yes; before, no name: an answer is nobody else's business."""
    demand = offer.demand
    if demand.facilitation is Facilitation.PEER_AND_PROFESSIONAL:
        if demand.colleague_function:
            return say("with a professional of the place: %(function)s", function=demand.colleague_function)
        return say("with a professional of the place")
    if demand.facilitation is not Facilitation.TWO_PEERS:
        return None
    others = [
        row.peer.first_name
        for row in live_assignments(session, demand.id)
        if row.state is AssignmentState.CONFIRMED and row.peer_id != offer.peer_id
    ]
    return say("with %(name)s", name=others[0]) if others else say("with another member of the team")


def _welcome(demand: Demand, sessions: tuple[Period, ...], clock: Clock) -> str | None:
    if demand.site is None:
        return None
    day = paris_day(sessions[0].start) if sessions else clock.today()
    referent = referent_in_charge(demand.site.referents, day)
    return referent.name if referent else None


def _month_hours(ask: Ask, candidate: Candidate) -> tuple[int, int]:
    held = candidate.month_minutes(ask.month)
    mine = sum(w.paid_minutes for w in ask.work if month_start(paris_day(w.period.start)) == ask.month)
    before = held - mine if candidate.id in ask.holders else held
    return before // 60, (before + mine) // 60


def _why_you(ask: Ask, candidate: Candidate) -> tuple[Sentence, ...]:
    """The same facts as the office sees, said to the person."""
    said: list[Sentence] = []
    missing = candidate.wished_hours - candidate.month_minutes(ask.month) // 60
    if missing > 0:
        said.append(say("You wished for %(hours)s h more that month.", hours=missing))
    if candidate.visits:
        said.append(say("You know the place."))
    if any(candidate.together.get(holder) for holder in ask.holders if holder != candidate.id):
        said.append(say("You have worked with the colleague who comes."))
    themes = sorted(ask.themes & candidate.themes)
    if themes:
        said.append(say("You accept to speak of: %(theme)s.", theme=Sentence(THEMES[themes[0]])))
    if ask.learners_here:
        said.append(say("You would help a colleague learn."))
    if ask.qualifications and learns(ask, candidate):
        said.append(say("You would learn beside a qualified colleague."))
    elif ask.qualifications:
        said.append(say("You hold the qualification it takes."))
    if ask.paired and candidate.pair_wish in (PairWish.PREFERRED, PairWish.REQUIRED):
        said.append(say("You like coming with somebody."))
    if ask.place is None:
        said.append(say("It is remote: no journey."))
    else:
        km = round(candidate.km_to(ask.place))
        said.append(say("It is %(km)s km from your home.", km=km) if km else say("It is in your commune."))
    return tuple(said)
