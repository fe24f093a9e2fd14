"""Who looks: a partner's member sees the partner's demands, the office sees all. Foreign and absent look the same."""

from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from entrepairs.db import locked
from entrepairs.demands.models import Demand, DemandSession
from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.i18n import N_


@dataclass(frozen=True, slots=True)
class Scope:
    """`partner_id` None is the office's view."""

    partner_id: int | None

    def narrow(self, query: Select[Demand]) -> Select[Demand]:
        """The query restricted to what the viewer may see."""
        return query if self.partner_id is None else query.where(Demand.partner_id == self.partner_id)


OFFICE = Scope(None)


def find_demand(session: Session, ref: str, scope: Scope) -> Demand:
    """The demand to look at. Raises NotFound."""
    return _given(session.scalar(scope.narrow(select(Demand).where(Demand.ref == ref))))


def lock_demand(session: Session, ref: str, scope: Scope = OFFICE) -> Demand:
    """The demand to change, its row locked: first in the lock order demand, seats by id, peers by id.

    Raises NotFound.
    """
    return _given(locked(session, scope.narrow(select(Demand).where(Demand.ref == ref))))


def lock_demand_of(session: Session, session_ref: str, scope: Scope = OFFICE) -> Demand:
    """The demand of a session, its row locked. Raises NotFound."""
    of_it = (
        select(Demand).join(DemandSession, DemandSession.demand_id == Demand.id).where(DemandSession.ref == session_ref)
    )
    return _given(locked(session, scope.narrow(of_it)))


def _given(demand: Demand | None) -> Demand:
    if demand is None:
        raise NotFound("demand", N_("This demand does not exist."))
    return demand
