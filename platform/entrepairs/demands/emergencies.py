"""« Besoin aujourd'hui »: one page, one post, no agreement asked first. Who comes is looked for at once."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.catalogue.queries import emergency_offering
from entrepairs.demands import rules
from entrepairs.demands.drafting import start_draft
from entrepairs.demands.models import Demand, PersonWish
from entrepairs.demands.submitting import send
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import at_paris, paris, paris_day
from entrepairs.kernel.errors import InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.network.models import Site

GRACE: Final = timedelta(minutes=30)
"""An hour chosen a moment ago is still good: the form stays open while the phone rings."""


@dataclass(frozen=True, slots=True)
class NeedToday:
    """Where and from when, Paris wall time of today. `context` is checked like every free text."""

    site_ref: str
    start: time
    context: str = ""


def hours_left(now: datetime, *, most: int = 24) -> list[time]:
    """The half hours of today still to come, Paris wall time: what the form offers."""
    wall = paris(now)
    first = wall.replace(minute=30 if wall.minute < 30 else 0, second=0, microsecond=0)
    if wall.minute >= 30:
        first += timedelta(hours=1)
    steps = (first + timedelta(minutes=30 * n) for n in range(most))
    return [step.time() for step in steps if step.date() == wall.date()]


def file_emergency(
    session: Session,
    partner_id: int,
    need: NeedToday,
    *,
    account_id: int | None,
    names_checked: bool = False,
    actor: Actor,
    clock: Clock,
) -> Demand:
    """Open and send a need of today. Raises NotFound, InvalidInput("hour_past"), InvalidInput (identity)."""
    rules.ensure_texts({"context": need.context}, names_checked=names_checked)
    site = session.scalar(
        select(Site).where(Site.ref == need.site_ref, Site.partner_id == partner_id, Site.archived_at.is_(None))
    )
    if site is None:
        raise NotFound("site", N_("This service does not exist."))
    today = paris_day(clock.now())
    if at_paris(today, need.start) < clock.now() - GRACE:
        raise InvalidInput("hour_past", N_("Choose an hour to come."), field="start")
    offering = emergency_offering(session)
    demand = start_draft(session, partner_id, offering.code, account_id=account_id, actor=actor, clock=clock)
    demand.site_id, demand.commune_insee = site.id, site.commune_insee
    demand.first_day, demand.start_time = today, need.start
    demand.sessions_count, demand.context = 1, need.context.strip()
    if offering.asks_person_wish:
        demand.person_wish = PersonWish.TO_PROPOSE
    session.flush()
    return send(session, demand, actor=actor, clock=clock)
