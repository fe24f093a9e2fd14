"""Cancelling what was agreed: what it costs is said before, by the agreement's terms at the agreed price, and is billed.

Cancelled by the structure, too late, while somebody had kept their time: part of the price of what was left to be done
is due. The association may waive it, with a reason. What the association cancels itself is never billed.
"""

from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing.models import BilledService, LateCancellation
from entrepairs.billing.routing import agreement_of
from entrepairs.catalogue.models import PriceUnit
from entrepairs.catalogue.prices import estimate
from entrepairs.contracting.agreed import agreed_price, agreed_regime
from entrepairs.contracting.considering import draw_late_cancellation
from entrepairs.contracting.rules import share_kept
from entrepairs.db import locked
from entrepairs.demands import cancelling
from entrepairs.demands.models import Assignment, Demand, DemandSession
from entrepairs.demands.rules import CancellationTerms, cancellation_terms
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.scopes import OFFICE, Scope, lock_demand
from entrepairs.demands.states import AssignmentState, SessionState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import paris_day
from entrepairs.kernel.errors import Conflict, DomainError, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.kernel.references import new_reference
from entrepairs.kernel.text_checks import ensure_no_identity
from entrepairs.network.models import PayerKind

LONGEST_REASON = 200


def terms_of(session: Session, demand: Demand, *, clock: Clock) -> CancellationTerms:
    """What cancelling means now: the agreement's notice and percentage, else those voted; at the agreed price.

    Free when nothing is firm, when nobody has kept their time, and when nobody is invoiced for the demand.
    """
    notice, percent = _rule(session, demand, clock.today())
    coming = _coming(demand, clock)
    firm = demand.confirmed_at is not None and bool(coming)
    owed = firm and _is_held(session, demand) and not demand.financed_by
    return cancellation_terms(
        period_of(coming[0]).start if firm else None,
        clock.now(),
        notice_days=notice,
        percent=percent,
        price=_price_of(session, demand, coming) if owed and percent else Money(0),
    )


def cancel_demand(
    session: Session,
    ref: str,
    scope: Scope = OFFICE,
    *,
    note: str = "",
    names_checked: bool = False,
    asked_by_structure: bool = False,
    actor: Actor,
    clock: Clock,
) -> Demand:
    """Cancel, and write what is due when the structure cancels too late.

    `asked_by_structure`: the office cancels for a structure that asked. Raises what `cancelling.cancel` raises.
    """
    demand = lock_demand(session, ref, scope)
    terms, agreement, coming = (
        terms_of(session, demand, clock=clock),
        agreement_of(session, demand),
        _coming(demand, clock),
    )
    cancelling.cancel(
        session, ref, scope, note=note, names_checked=names_checked, terms=terms, actor=actor, clock=clock
    )
    if terms.cost and (scope.partner_id is not None or asked_by_structure):
        row = LateCancellation(
            ref=new_reference("ANN"),
            demand_id=demand.id,
            agreement_id=agreement.id if agreement else None,
            cancelled_on=clock.today(),
            first_day=paris_day(period_of(coming[0]).start),
            sessions=len(coming),
            notice_days=terms.notice_days,
            percent=terms.percent,
            base=_price_of(session, demand, coming).cents,
            cents=terms.cost.cents,
            vat_regime=agreed_regime(session, demand),
            created_at=clock.now(),
        )
        session.add(row)
        session.flush()
        draw_late_cancellation(session, demand.id, terms.cost)
        record(
            session,
            "cancellation.owed",
            "demand",
            ref,
            actor=actor,
            clock=clock,
            cents=row.cents,
            percent=row.percent,
        )
    return demand


def waive(session: Session, ref: str, *, reason: str, clock: Clock, actor: Actor) -> LateCancellation:
    """Ask nothing for a late cancellation. Raises NotFound, Conflict("cancellation_billed"), InvalidInput."""
    said = " ".join(reason.split())
    if not said:
        raise InvalidInput("reason_missing", N_("Say why, in a few words: it stays in the accounts."), field="reason")
    if len(said) > LONGEST_REASON:
        raise InvalidInput("reason_long", N_("200 characters at most."), field="reason")
    ensure_no_identity(said, field="reason")
    row = locked(session, select(LateCancellation).where(LateCancellation.ref == ref))
    if row is None:
        raise NotFound("cancellation", N_("This cancellation does not exist."))
    held = select(BilledService.id).where(BilledService.cancellation_id == row.id, BilledService.released_at.is_(None))
    if row.waived_at is not None or session.scalar(held) is not None:
        raise Conflict("cancellation_billed", N_("This cancellation is on an invoice already, or given up."))
    draw_late_cancellation(session, row.demand_id, Money(0))
    row.waived_at, row.waived_by, row.waived_why = clock.now(), actor.label[:160], said
    record(session, "cancellation.waive", "demand", row.demand.ref, actor=actor, clock=clock, cents=row.cents, why=said)
    session.flush()
    return row


def cancellation_of(session: Session, ref: str) -> LateCancellation:
    """One, by its reference. Raises NotFound."""
    row = session.scalars(select(LateCancellation).where(LateCancellation.ref == ref)).one_or_none()
    if row is None:
        raise NotFound("cancellation", N_("This cancellation does not exist."))
    return row


def _rule(session: Session, demand: Demand, today: date) -> tuple[int, Decimal]:
    agreement = agreement_of(session, demand)
    if agreement is not None and agreement.cancel_notice_days is not None and agreement.cancel_percent is not None:
        return agreement.cancel_notice_days, agreement.cancel_percent
    return cancelling.voted_rule(session, today)


def _coming(demand: Demand, clock: Clock) -> list[DemandSession]:
    """Sessions that have not begun: one that has will be reported and billed as held."""
    coming = [row for row in demand.sessions if row.state is SessionState.PLANNED]
    return sorted((row for row in coming if period_of(row).start > clock.now()), key=lambda row: period_of(row).start)


def _is_held(session: Session, demand: Demand) -> bool:
    held = select(Assignment.id).where(Assignment.demand_id == demand.id, Assignment.state == AssignmentState.CONFIRMED)
    return session.scalar(select(held.exists())) or False


def _price_of(session: Session, demand: Demand, coming: list[DemandSession]) -> Money:
    """The agreed price of the sessions to come; nothing when nobody ever set one."""
    if demand.partner.payer_kind is PayerKind.NONE:
        return Money(0)
    try:
        price = agreed_price(session, demand)
    except DomainError:
        return Money(0)
    unit = PriceUnit(demand.offering.price_unit)
    cost = estimate(unit, price, [period_of(row).minutes for row in coming], demand.participants).net
    if unit in (PriceUnit.PER_SERIES, PriceUnit.PER_PARTICIPANT):
        return share_kept(cost, len(coming), len(demand.sessions))
    return cost
