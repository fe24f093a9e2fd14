"""How far people are looked for, at the wish of who asks."""

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.demands.models import Demand
from entrepairs.demands.scopes import lock_demand
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_

FARTHEST_KM = 300


def look_within(session: Session, ref: str, km: int | None, *, actor: Actor, clock: Clock) -> Demand:
    """Look up to so many km by road, or everywhere (None). Raises NotFound, InvalidInput("out_of_range")."""
    demand = lock_demand(session, ref)
    if km is not None and not 1 <= km <= FARTHEST_KM:
        raise InvalidInput(
            "out_of_range",
            N_("Please give a whole number from %(least)s to %(most)s."),
            field="km",
            least=1,
            most=FARTHEST_KM,
        )
    demand.within_km = km
    session.flush()
    record(session, "demand.look_within", "demand", demand.ref, actor=actor, clock=clock, km=km)
    return demand
