"""A peer and a professional of the place: the ward names the function, and confirms presence date by date."""

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.catalogue.models import Facilitation
from entrepairs.demands.models import DemandSession
from entrepairs.demands.scopes import Scope, lock_demand
from entrepairs.demands.states import SessionState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, NotFound
from entrepairs.kernel.i18n import N_


def confirm_colleague(
    session: Session, ref: str, session_ref: str, scope: Scope, *, there: bool, actor: Actor, clock: Clock
) -> DemandSession:
    """The ward's professional will be there that day, or it is not certain after all. Twice changes nothing.

    Raises NotFound, Conflict("no_professional").
    """
    demand = lock_demand(session, ref, scope)
    if demand.facilitation is not Facilitation.PEER_AND_PROFESSIONAL:
        raise Conflict("no_professional", N_("This demand has no professional of the place to confirm."))
    row = next((one for one in demand.sessions if one.ref == session_ref), None)
    if row is None or row.state is not SessionState.PLANNED:
        raise NotFound("session", N_("This session does not exist."))
    if (row.colleague_confirmed_at is not None) is there:
        return row
    row.colleague_confirmed_at = clock.now() if there else None
    session.flush()
    record(session, "session.confirm_colleague", "demand_session", row.ref, actor=actor, clock=clock, there=there)
    return row
