"""Reads of contracts: the agreement that covers a demand, agreed prices, lists for pages."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from entrepairs.catalogue.prices import price_on
from entrepairs.contracting import rules
from entrepairs.contracting.models import (
    Agreement,
    AgreementDraw,
    AgreementPrice,
    Engagement,
    Quote,
    QuoteLine,
    QuoteVersion,
)
from entrepairs.contracting.states import LIVE_AGREEMENTS, QuoteState
from entrepairs.demands.authority import signatories
from entrepairs.demands.models import Demand
from entrepairs.demands.scopes import OFFICE, Scope
from entrepairs.demands.states import SessionState
from entrepairs.kernel.dates import paris_day
from entrepairs.kernel.errors import Conflict, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money


def agreed_price(session: Session, demand: Demand) -> Money:
    """The price of one unit of the demand's offering, without VAT.

    The accepted quote's first line, else the agreement drawn on, else the voted price on the day the demand was
    confirmed (or sent). Raises Conflict("no_price") when nobody ever set one.
    """
    quoted = session.scalar(
        select(QuoteLine.unit_cents)
        .join(QuoteVersion)
        .join(Quote)
        .where(Quote.demand_id == demand.id, QuoteVersion.state == QuoteState.ACCEPTED)
        .order_by(QuoteLine.position)
        .limit(1)
    )
    if quoted is not None:
        return Money(quoted)
    agreed = session.scalar(
        select(AgreementPrice.cents)
        .join(AgreementDraw, AgreementDraw.agreement_id == AgreementPrice.agreement_id)
        .where(AgreementDraw.demand_id == demand.id, AgreementPrice.offering_id == demand.offering_id)
    )
    if agreed is not None:
        return Money(agreed)
    day = paris_day(demand.confirmed_at or demand.submitted_at or demand.created_at)
    listed = price_on(session, demand.offering_id, day)
    if listed is None:
        raise Conflict(
            "no_price",
            N_("« %(offering)s » has no price on that day: vote one in the catalogue first."),
            offering=demand.offering.name,
        )
    return listed


def days_of(demand: Demand) -> frozenset[date]:
    """Paris days of the sessions that stand."""
    return frozenset(
        paris_day(row.during.lower)
        for row in demand.sessions
        if row.state is not SessionState.CANCELLED and row.during.lower is not None
    )


def drawn_on(session: Session, agreement_id: int) -> Money:
    """What living draws take of an agreement, without VAT."""
    total = session.scalar(
        select(func.coalesce(func.sum(AgreementDraw.cents), 0)).where(
            AgreementDraw.agreement_id == agreement_id, AgreementDraw.released_at.is_(None)
        )
    )
    return Money(int(total or 0))


def covering_agreements(session: Session, demand: Demand) -> Sequence[Agreement]:
    """Live agreements of the partner that price the offering and hold all the sessions' days, oldest first."""
    days = days_of(demand)
    found = session.scalars(
        select(Agreement)
        .join(AgreementPrice)
        .where(
            Agreement.partner_id == demand.partner_id,
            Agreement.state.in_(LIVE_AGREEMENTS),
            AgreementPrice.offering_id == demand.offering_id,
        )
        .order_by(Agreement.id)
    ).all()
    return [
        row for row in found if row.valid.lower is not None and rules.covers(row.valid.lower, row.valid.upper, days)
    ]


def quote_of(session: Session, demand_id: int) -> Quote | None:
    """The quote of a demand with its versions and lines."""
    return session.scalars(
        select(Quote)
        .where(Quote.demand_id == demand_id)
        .options(selectinload(Quote.versions).selectinload(QuoteVersion.lines))
    ).one_or_none()


def engagement_of(session: Session, demand_id: int) -> Engagement | None:
    """The public buyer's commitment for a demand."""
    return session.scalars(select(Engagement).where(Engagement.demand_id == demand_id)).one_or_none()


def find_version(session: Session, quote_ref: str, scope: Scope) -> QuoteVersion:
    """The latest version of a quote that was sent, as a viewer may see it. Raises NotFound.

    The office sees drafts too.
    """
    statement: Select[QuoteVersion] = (
        select(QuoteVersion)
        .join(Quote)
        .join(Demand)
        .where(Quote.ref == quote_ref)
        .order_by(QuoteVersion.number.desc())
        .limit(1)
    )
    if scope.partner_id is not None:
        statement = statement.where(Demand.partner_id == scope.partner_id, QuoteVersion.state != QuoteState.DRAFT)
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound("quote", N_("This quote does not exist."))
    return found


def list_quotes(session: Session, scope: Scope) -> Sequence[Quote]:
    """Quotes with something sent, newest first; the office sees all."""
    statement = (
        select(Quote)
        .join(Demand)
        .options(selectinload(Quote.versions), selectinload(Quote.demand))
        .order_by(Quote.id.desc())
        .limit(200)
    )
    if scope.partner_id is not None:
        statement = statement.where(
            Demand.partner_id == scope.partner_id, Quote.versions.any(QuoteVersion.state != QuoteState.DRAFT)
        )
    return session.scalars(statement).all()


def find_agreement(session: Session, ref: str, scope: Scope = OFFICE) -> Agreement:
    """An agreement as a viewer may see it. Raises NotFound."""
    statement = select(Agreement).where(Agreement.ref == ref)
    if scope.partner_id is not None:
        statement = statement.where(Agreement.partner_id == scope.partner_id, Agreement.state != "draft")
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound("agreement", N_("This agreement does not exist."))
    return found


def list_agreements(session: Session, scope: Scope) -> Sequence[Agreement]:
    """Agreements, the latest end first."""
    statement = select(Agreement).order_by(func.upper(Agreement.valid).desc().nulls_first(), Agreement.id.desc())
    if scope.partner_id is not None:
        statement = statement.where(Agreement.partner_id == scope.partner_id, Agreement.state != "draft")
    return session.scalars(statement.limit(200)).all()


def current_agreement(session: Session, partner_id: int, today: date) -> Agreement | None:
    """The partner's live agreement today, the one ending last."""
    return session.scalars(
        select(Agreement)
        .where(
            Agreement.partner_id == partner_id, Agreement.state.in_(LIVE_AGREEMENTS), Agreement.valid.contains(today)
        )
        .order_by(func.upper(Agreement.valid).desc().nulls_first())
        .limit(1)
    ).one_or_none()


def signatory_emails(session: Session, demand: Demand) -> list[tuple[str, str]]:
    """Who may sign for the demand's partner: (account reference, address); the requester when nobody is named."""

    named = [(row.account.ref, row.account.email) for row in signatories(session, demand.partner_id)]
    if not named and demand.requester is not None:
        named = [(demand.requester.ref, demand.requester.email)]
    return named
