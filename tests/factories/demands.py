"""Demands in the state a test needs, made by the use cases themselves."""

from datetime import date, time
from typing import Any

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.catalogue.models import Offering
from entrepairs.demands.confirming import confirm
from entrepairs.demands.drafting import DatesAnswer, save_dates, start_draft
from entrepairs.demands.models import Demand
from entrepairs.demands.scopes import OFFICE
from entrepairs.demands.states import DemandEvent
from entrepairs.demands.submitting import submit_demand
from entrepairs.kernel.clock import Clock, FixedClock
from entrepairs.network.models import Partner, Site
from tests.factories.catalogue import an_offering

ACTOR = Actor("CPT-TEST-TEST", "Nadège, cadre de santé")


def a_draft(
    session: Session,
    partner: Partner,
    site: Site,
    offering: Offering | None = None,
    *,
    clock: Clock | None = None,
    account_id: int | None = None,
    first_day: date = date(2027, 1, 21),
    start: time = time(14),
    **kw: Any,
) -> Demand:
    """A complete draft on a site; `kw` goes to `DatesAnswer` (sessions_count, half_days…)."""
    clock = clock or FixedClock()
    offering = offering or an_offering(session)
    demand = start_draft(session, partner.id, offering.code, account_id=account_id, actor=ACTOR, clock=clock)
    demand.site_id, demand.commune_insee = site.id, site.commune_insee
    kw.setdefault("sessions_count", offering.sessions_usual)
    answer = DatesAnswer(first_day=first_day, start_time=start, **kw)
    session.flush()
    return save_dates(session, demand.ref, answer, OFFICE, clock=clock)


def a_submitted_demand(
    session: Session, partner: Partner, site: Site, offering: Offering | None = None, **kw: Any
) -> Demand:
    """A demand sent, its sessions dated, no seat yet."""
    clock = kw.get("clock") or FixedClock()
    draft = a_draft(session, partner, site, offering, **kw)
    return submit_demand(session, draft.ref, OFFICE, account_id=None, actor=ACTOR, clock=clock)


def a_confirmed_demand(
    session: Session, partner: Partner, site: Site, offering: Offering | None = None, **kw: Any
) -> Demand:
    """A demand that is firm: its seats are open, offers may leave."""
    clock = kw.get("clock") or FixedClock()
    demand = a_submitted_demand(session, partner, site, offering, **kw)
    confirm(session, demand, DemandEvent.DRAW, actor=ACTOR, clock=clock)
    return demand
