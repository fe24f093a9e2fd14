"""A draft, saved at each step: offering, place, dates, people, review. Nothing typed is lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.catalogue.models import Offering, OfferingKind
from entrepairs.catalogue.queries import find_offering
from entrepairs.demands import rules
from entrepairs.demands.models import Demand, PersonWish, PlaceKind
from entrepairs.demands.rhythms import Rhythm, plan
from entrepairs.demands.scheduling import half_day_hours, suggested_first_day
from entrepairs.demands.scopes import OFFICE, Scope, find_demand, lock_demand
from entrepairs.demands.states import DemandState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.references import new_reference
from entrepairs.network.finding import commune_named
from entrepairs.network.models import Site

STEPS: Final = ("offering", "place", "dates", "people", "review")
AFTERNOON: Final = time(14)
MORNING: Final = time(9)


@dataclass(frozen=True, slots=True)
class PlaceAnswer:
    """Where. `site_ref`, or `commune` as typed, according to the kind; a home never has a detail."""

    kind: PlaceKind
    site_ref: str | None = None
    commune: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DatesAnswer:
    """When, in Paris wall time. `sessions_count` is a number of weeks for a presence."""

    first_day: date
    start_time: time | None = None
    session_minutes: int | None = None
    sessions_count: int = 1
    half_days: Sequence[str] = ()
    skip_holidays: bool = True


@dataclass(frozen=True, slots=True)
class PeopleAnswer:
    """For whom and what for. Free texts are checked: nobody met is named."""

    participants: int | None = None
    audience: str = ""
    context: str = ""
    goals: Sequence[str] = ()
    person_wish: PersonWish | None = None
    colleague_function: str = ""
    language: str | None = None
    themes: Sequence[str] = field(default_factory=tuple)


def start_draft(
    session: Session, partner_id: int, offering_code: str, *, account_id: int | None, actor: Actor, clock: Clock
) -> Demand:
    """Open a draft with everything that can be guessed: the site, the usual dates and group. Raises NotFound."""
    offering = find_offering(session, offering_code)
    demand = _blank(offering, partner_id, _usual_site(session, partner_id, account_id), clock)
    demand.requester_id = account_id
    session.add(demand)
    session.flush()
    record(session, "demand.draft", "demand", demand.ref, actor=actor, clock=clock, offering=offering.code)
    return demand


def _usual_site(session: Session, partner_id: int, account_id: int | None) -> Site | None:
    """The only site of the structure, or the one this person last asked for."""
    open_sites = select(Site).where(Site.partner_id == partner_id, Site.archived_at.is_(None))
    sites = session.scalars(open_sites.limit(2)).all()
    if len(sites) == 1 or account_id is None:
        return sites[0] if len(sites) == 1 else None
    asked = open_sites.join(Demand, Demand.site_id == Site.id).where(Demand.requester_id == account_id)
    return session.scalars(asked.order_by(Demand.id.desc()).limit(1)).first()


def _blank(offering: Offering, partner_id: int, site: Site | None, clock: Clock) -> Demand:
    presence = offering.kind is OfferingKind.PRESENCE
    return Demand(
        ref=new_reference("DEM"),
        partner_id=partner_id,
        site_id=site.id if site else None,
        commune_insee=site.commune_insee if site else None,
        offering_id=offering.id,
        offering=offering,
        kind=offering.kind,
        state=DemandState.DRAFT,
        facilitation=offering.facilitation,
        place_kind=PlaceKind.SITE,
        themes=[],
        goals=[],
        half_days=["tue_am", "thu_am"] if presence else [],
        participants=rules.Fidelity.of(offering).usual_group,
        first_day=suggested_first_day(clock.today()),
        start_time=MORNING if offering.session_minutes > 180 else AFTERNOON,
        session_minutes=offering.session_minutes,
        sessions_count=offering.sessions_usual,
        skip_holidays=True,
        step="place",
        created_at=clock.now(),
    )


def lock_draft(session: Session, ref: str, scope: Scope = OFFICE) -> Demand:
    """A draft to fill. Raises NotFound, Conflict("not_a_draft") once it has left."""
    demand = lock_demand(session, ref, scope)
    if demand.state is not DemandState.DRAFT:
        raise Conflict("not_a_draft", N_("This demand has been sent already: nothing to fill in any more."))
    return demand


def save_place(session: Session, ref: str, answer: PlaceAnswer, scope: Scope, *, names_checked: bool = False) -> Demand:
    """Keep where the sessions are. Raises NotFound, Conflict, InvalidInput."""
    demand = lock_draft(session, ref, scope)
    site = _own_site(session, demand.partner_id, answer.site_ref)
    typed = "" if answer.kind is PlaceKind.SITE else answer.commune.strip()
    commune = commune_named(session, typed, field="commune").insee if typed else None
    rules.ensure_place(answer.kind, has_site=site is not None, has_commune=bool(commune), detail=answer.detail)
    rules.ensure_texts({"place_detail": answer.detail}, names_checked=names_checked)
    demand.place_kind = answer.kind
    demand.site_id = site.id if site else None
    demand.commune_insee = commune or (site.commune_insee if site else None)
    demand.place_detail = answer.detail.strip()
    _reach(demand, "dates")
    session.flush()
    session.expire(demand, ["site", "commune"])
    return demand


def save_dates(session: Session, ref: str, answer: DatesAnswer, scope: Scope, *, clock: Clock) -> Demand:
    """Keep when. Raises NotFound, Conflict, InvalidInput (a first day gone by, a rhythm that can't be)."""
    demand = lock_draft(session, ref, scope)
    rules.ensure_first_day(answer.first_day, clock.today())
    rhythm = Rhythm(
        kind=demand.kind,
        first_day=answer.first_day,
        start=answer.start_time or MORNING,
        minutes=answer.session_minutes or demand.offering.session_minutes,
        count=answer.sessions_count,
        half_days=tuple(answer.half_days),
        skip_holidays=answer.skip_holidays,
    )
    plan(rhythm, half_day_hours(session, rhythm.first_day))
    demand.first_day, demand.start_time = rhythm.first_day, rhythm.start
    demand.session_minutes, demand.sessions_count = rhythm.minutes, rhythm.count
    demand.half_days, demand.skip_holidays = list(rhythm.half_days), rhythm.skip_holidays
    _reach(demand, "people")
    session.flush()
    return demand


def save_people(
    session: Session, ref: str, answer: PeopleAnswer, scope: Scope, *, names_checked: bool = False
) -> Demand:
    """Keep for whom and what for. Raises NotFound, Conflict, InvalidInput naming the field."""
    demand = lock_draft(session, ref, scope)
    ensure_people(demand.offering, answer, names_checked=names_checked)
    demand.participants = answer.participants
    demand.audience, demand.context = answer.audience.strip(), answer.context.strip()
    demand.goals, demand.themes = list(answer.goals), list(answer.themes)
    demand.person_wish = answer.person_wish
    demand.colleague_function = answer.colleague_function.strip()
    demand.language = answer.language or None
    _reach(demand, "review")
    session.flush()
    return demand


def ensure_people(offering: Offering, answer: PeopleAnswer, *, names_checked: bool) -> None:
    """Raise InvalidInput when the head-count, the person's wish or a text can't be kept."""
    rules.ensure_group(answer.participants, rules.Fidelity.of(offering))
    if offering.asks_person_wish and answer.person_wish is None:
        raise InvalidInput("wish_missing", N_("Does the person wish it? Their word comes first."), field="person_wish")
    texts = {
        "audience": answer.audience,
        "colleague_function": answer.colleague_function,
        "context": answer.context,
    }
    rules.ensure_texts(texts, names_checked=names_checked)


def _own_site(session: Session, partner_id: int, ref: str | None) -> Site | None:
    if not ref:
        return None
    site = session.scalar(
        select(Site).where(Site.ref == ref, Site.partner_id == partner_id, Site.archived_at.is_(None))
    )
    if site is None:
        raise NotFound("site", N_("This service does not exist."))
    return site


def _reach(demand: Demand, step: str) -> None:
    """Move the draft forward, never back: a step seen again keeps what comes after."""
    if STEPS.index(step) > STEPS.index(demand.step):
        demand.step = step


REPEATED: Final = (
    "site_id",
    "place_kind",
    "commune_insee",
    "place_detail",
    "colleague_function",
    "language",
    "person_wish",
    "participants",
    "audience",
    "context",
    "start_time",
    "session_minutes",
    "sessions_count",
    "skip_holidays",
)


def repeat(session: Session, ref: str, scope: Scope, *, account_id: int | None, actor: Actor, clock: Clock) -> Demand:
    """A new draft with the answers of an earlier demand and a first day to come. Raises NotFound."""
    earlier = find_demand(session, ref, scope)
    draft = start_draft(
        session, earlier.partner_id, earlier.offering.code, account_id=account_id, actor=actor, clock=clock
    )
    for name in REPEATED:
        setattr(draft, name, getattr(earlier, name))
    draft.themes, draft.goals, draft.half_days = list(earlier.themes), list(earlier.goals), list(earlier.half_days)
    draft.step = "review"
    session.flush()
    return draft
