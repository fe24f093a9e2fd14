"""Cancelling: everything still to come is let go, and those concerned are told."""

from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.moving import move
from entrepairs.audit.recording import record
from entrepairs.demands import mails, rules
from entrepairs.demands.ending import drop_what_is_planned
from entrepairs.demands.models import Demand
from entrepairs.demands.scopes import OFFICE, Scope, lock_demand
from entrepairs.demands.states import DEMAND_TRANSITIONS, DemandEvent
from entrepairs.kernel.clock import Clock
from entrepairs.settings.decisions import decision_or

NOTICE_DAYS = 7


def voted_rule(session: Session, day: date) -> tuple[int, Decimal]:
    """Notice in days and percentage of the price due after it, as voted for whoever has no terms of their own."""
    notice = int(decision_or(session, "demands.cancellation_notice_days", day, NOTICE_DAYS))
    return notice, Decimal(str(decision_or(session, "demands.late_cancellation_percent", day, "0")))


def cancel(
    session: Session,
    ref: str,
    scope: Scope = OFFICE,
    *,
    note: str = "",
    names_checked: bool = False,
    terms: rules.CancellationTerms | None = None,
    actor: Actor,
    clock: Clock,
) -> Demand:
    """End a demand: seats released, holds and planned sessions let go; those who were to come are told by mail.

    `terms`: what was said of its cost, kept in the trail; billing works it out and bills it
    (`billing.cancellations.cancel_demand`). Raises NotFound, TransitionRefused, InvalidInput (identity in the note).
    """
    demand = lock_demand(session, ref, scope)
    rules.ensure_texts({"note": note}, names_checked=names_checked)
    move(session, demand, DEMAND_TRANSITIONS, DemandEvent.CANCEL, actor=actor, clock=clock)
    demand.note = note.strip()
    for assignment in drop_what_is_planned(session, demand, actor=actor, clock=clock):
        mails.tell(session, demand, "demands.mission_cancelled", assignment.peer.account, clock=clock)
    if scope.partner_id is None and demand.requester is not None:
        mails.tell(session, demand, "demands.cancelled", demand.requester, clock=clock)
    said = {"late": terms.late, "cost": terms.cost} if terms is not None else {}
    record(session, "demand.cancel", "demand", ref, actor=actor, clock=clock, **said)
    return demand
