"""Does an agreement with room cover a demand? Then it is firm without a quote. Runs after the demand was sent."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.moving import move
from entrepairs.audit.recording import record
from entrepairs.catalogue.models import OfferingKind, PriceUnit
from entrepairs.catalogue.prices import estimate
from entrepairs.contracting import mails, quotes, rules
from entrepairs.contracting.models import Agreement, AgreementDraw, AgreementPrice
from entrepairs.contracting.queries import covering_agreements, drawn_on, engagement_missing
from entrepairs.contracting.states import LIVE_AGREEMENTS
from entrepairs.db import locked
from entrepairs.demands.confirming import confirm
from entrepairs.demands.models import Demand
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.scopes import lock_demand
from entrepairs.demands.states import DEMAND_TRANSITIONS, DemandEvent, DemandState, SessionState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.money import Money
from entrepairs.outbox.adding import add
from entrepairs.outbox.models import ItemState, OutboxItem

NOT_BILLED: Final = (SessionState.CANCELLED, SessionState.MISSED)


def consider_demand(session: Session, subject_ref: str, payload: Mapping[str, object], *, clock: Clock) -> None:
    """Use case of the effect `contracting.consider_demand`: draw on an agreement with room, else leave it to the office."""
    demand = lock_demand(session, subject_ref)
    if demand.state not in (DemandState.SUBMITTED, DemandState.QUALIFIED):
        return
    for candidate in covering_agreements(session, demand):
        if draw(session, demand, candidate, actor=Actor.SYSTEM, clock=clock):
            break
    if demand.kind is OfferingKind.EMERGENCY:  # covered or not, the association acts today
        add(
            session,
            "dispatch.tell_need",
            subject_kind="demand",
            subject_ref=demand.ref,
            due_at=clock.now(),
            dedup=f"dispatch.tell_need:{demand.ref}",
        )


def is_being_considered(session: Session, demand: Demand) -> bool:
    """Whether it is not known yet if an agreement covers a demand just sent: a matter of seconds."""
    waits = select(OutboxItem.id).where(
        OutboxItem.kind == "contracting.consider_demand",
        OutboxItem.subject_ref == demand.ref,
        OutboxItem.state.in_((ItemState.PENDING, ItemState.CLAIMED)),
    )
    return session.scalar(select(waits.exists())) or False


def draw(session: Session, demand: Demand, candidate: Agreement, *, actor: Actor, clock: Clock) -> bool:
    """Take the demand's estimate off the agreement's ceiling and make the demand firm; False when there is no room.

    The caller holds the demand's lock; the agreement's row is locked here, so that two demands can't take the same
    room. A public buyer that requires an engagement number is asked for it first.
    """
    agreement = locked(session, select(Agreement).where(Agreement.id == candidate.id))
    if agreement is None or agreement.state not in LIVE_AGREEMENTS:  # terminated since it was found
        return False
    if demand.offering.price_unit is PriceUnit.PER_PARTICIPANT and not demand.participants:
        return False  # nobody can tell what it costs: the office asks
    wanted = cost_of(session, demand, agreement)
    ceiling = None if agreement.ceiling is None else Money(agreement.ceiling)
    if not rules.has_room(ceiling, drawn_on(session, agreement.id), wanted):
        return False
    session.add(AgreementDraw(agreement_id=agreement.id, demand_id=demand.id, cents=wanted.cents, drawn_at=clock.now()))
    session.flush()
    record(
        session, "agreement.draw", "demand", demand.ref, actor=actor, clock=clock, agreement=agreement.ref, cents=wanted
    )
    if engagement_missing(session, demand, agreement):
        move(session, demand, DEMAND_TRANSITIONS, DemandEvent.AWAIT_ENGAGEMENT, actor=actor, clock=clock)
        mails.queue_engagement_wanted(session, demand, clock=clock)
    else:
        confirm(session, demand, DemandEvent.DRAW, actor=actor, clock=clock)
    return True


def cost_of(session: Session, demand: Demand, agreement: Agreement) -> Money:
    """What the demand would take of the agreement, at its prices."""
    cents = session.scalar(
        select(AgreementPrice.cents).where(
            AgreementPrice.agreement_id == agreement.id, AgreementPrice.offering_id == demand.offering_id
        )
    )
    minutes = [period_of(row).minutes for row in demand.sessions if row.state not in NOT_BILLED]
    return estimate(demand.offering.price_unit, Money(int(cents or 0)), minutes, demand.participants).net


def release_demand(session: Session, subject_ref: str, payload: Mapping[str, object], *, clock: Clock) -> None:
    """Use case of the effect `contracting.release_demand`: a demand that ended gives back what it will not use.

    Sessions held stay drawn: they are billed; those dropped or missed are not. A quote still open for an answer is closed.
    """
    demand = lock_demand(session, subject_ref)
    quotes.close_quote(session, demand, actor=Actor.SYSTEM, clock=clock)
    row = locked(
        session,
        select(AgreementDraw).where(AgreementDraw.demand_id == demand.id, AgreementDraw.released_at.is_(None)),
    )
    if row is None:
        return
    kept = sum(1 for one in demand.sessions if one.state not in NOT_BILLED)
    cost = cost_of(session, demand, row.agreement)
    if demand.offering.price_unit in (PriceUnit.PER_SERIES, PriceUnit.PER_PARTICIPANT):
        cost = rules.share_kept(cost, kept, len(demand.sessions))
    if not kept:
        row.released_at = clock.now()
    row.cents = min(row.cents, cost.cents) if kept else row.cents
    record(session, "agreement.release", "demand", demand.ref, actor=Actor.SYSTEM, clock=clock, sessions_kept=kept)


def draw_late_cancellation(session: Session, demand_id: int, cost: Money) -> None:
    """What a demand cancelled too late takes of the agreement it was drawing on; nothing once it is given up."""
    row = locked(session, select(AgreementDraw).where(AgreementDraw.demand_id == demand_id))
    if row is not None:
        row.late_cents = cost.cents
        session.flush()


def forgo_on_draw(session: Session, demand_id: int, cents: Money) -> None:
    """What invoices ask less than the agreed price of a demand, in all: it is room again under the ceiling."""
    row = locked(session, select(AgreementDraw).where(AgreementDraw.demand_id == demand_id))
    if row is not None:
        row.forgone = cents.cents
        session.flush()


def reconsider_waiting(session: Session, partner_id: int, *, clock: Clock, why: str) -> None:
    """An agreement has become active: look again at what the partner has sent meanwhile."""
    waiting = session.scalars(
        select(Demand).where(
            Demand.partner_id == partner_id, Demand.state.in_([DemandState.SUBMITTED, DemandState.QUALIFIED])
        )
    )
    for demand in waiting:
        add(
            session,
            "contracting.consider_demand",
            subject_kind="demand",
            subject_ref=demand.ref,
            due_at=clock.now(),
            dedup=f"contracting.reconsider:{demand.ref}:{why}",
        )
