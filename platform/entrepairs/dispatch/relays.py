"""« Je ne peux finalement pas »: a peer gives a seat back. No reason; the office looks for a relay."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.demands.diary import release_assignment
from entrepairs.demands.models import Assignment
from entrepairs.demands.scopes import lock_demand
from entrepairs.demands.states import AssignmentEvent, AssignmentState
from entrepairs.dispatch.mails import tell_offices
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.i18n import N_


def give_back(session: Session, assignment_ref: str, *, peer_id: int, actor: Actor, clock: Clock) -> Assignment:
    """The peer can't come in the end; the sessions to come are free and the office is told. Twice changes nothing.

    Raises NotFound (also for somebody else's seat), TransitionRefused when it is over.
    """
    assignment = session.scalar(
        select(Assignment).where(Assignment.ref == assignment_ref, Assignment.peer_id == peer_id)
    )
    if assignment is None:
        raise NotFound("assignment", N_("This mission is not one of yours."))
    demand = lock_demand(session, assignment.demand.ref)
    session.refresh(assignment)
    if assignment.state is AssignmentState.WITHDRAWN:
        return assignment
    release_assignment(session, assignment, AssignmentEvent.WITHDRAW, actor=actor, clock=clock)
    record(session, "assignment.give_back", "assignment", assignment.ref, actor=actor, clock=clock, demand=demand.ref)
    tell_offices(session, "dispatch.relay_needed", demand, since=assignment.ref, clock=clock)
    return assignment
