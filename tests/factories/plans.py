"""Plans searched to their end, and their effects."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.demands.models import Demand
from entrepairs.dispatch.plans import SEND_LINE, search, send_plan_line
from entrepairs.kernel.clock import Clock
from entrepairs.outbox.models import OutboxItem
from entrepairs.outbox.runs import LEASE, claim_run
from entrepairs.outbox.turns import Turn
from entrepairs.planning.asking import ask_plan
from entrepairs.planning.models import Plan
from tests.factories.catalogue import an_offering
from tests.factories.demands import a_confirmed_demand
from tests.factories.dispatch import OFFICE_ACTOR
from tests.factories.network import a_partner, a_site

NOW = datetime(2027, 1, 11, 8, tzinfo=UTC)
MONTH = (date(2027, 1, 18), date(2027, 2, 15))


def planned(session: Session, clock: Clock, **given: Any) -> Plan:
    """A plan of the month searched to its end."""
    plan = ask_plan(session, *MONTH, **{"seconds": 1, "actor": OFFICE_ACTOR, "clock": clock, "real_now": NOW} | given)
    run = claim_run(session, real_now=NOW)
    assert run is not None
    assert search(Turn.of(session, run, lease=LEASE), clock=clock)
    return plan


def workshop(session: Session, *, week: int = 0, **given: Any) -> Demand:
    """A workshop for one person, in one of the weeks of the month."""
    partner = a_partner(session)
    given.setdefault("first_day", date(2027, 1, 21) + timedelta(weeks=week))
    return a_confirmed_demand(session, partner, a_site(session, partner), an_offering(session), **given)


def do_effects(session: Session, clock: Clock) -> None:
    """Do the lines asked, as the worker does."""
    for item in session.scalars(select(OutboxItem).where(OutboxItem.kind == SEND_LINE)):
        send_plan_line(session, item.subject_ref, item.payload, clock=clock)
