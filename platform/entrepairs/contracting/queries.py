"""Reads of contracts: the agreement that covers a demand, agreed prices, lists for pages."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from entrepairs.contracting import rules
from entrepairs.contracting.models import (
    Agreement,
    AgreementDraw,
    AgreementEngagement,
    AgreementPrice,
    Engagement,
    Quote,
    QuoteVersion,
)
from entrepairs.contracting.states import LIVE_AGREEMENTS, AgreementState, QuoteState
from entrepairs.demands.authority import signatories
from entrepairs.demands.models import Demand
from entrepairs.demands.scopes import OFFICE, Scope
from entrepairs.demands.states import DemandState, SessionState
from entrepairs.identity.models import Account
from entrepairs.kernel.dates import paris_day
from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.network.models import MemberRole, PartnerMember


def days_of(demand: Demand) -> frozenset[date]:
    """Paris days of the sessions that stand."""
    return frozenset(
        paris_day(row.during.lower)
        for row in demand.sessions
        if row.state is not SessionState.CANCELLED and row.during.lower is not None
    )


def drawn_on(session: Session, agreement_id: int) -> Money:
    """What demands and late cancellations take of an agreement, without VAT, discounts and credit notes off."""
    return drawn_by_agreement(session, [agreement_id]).get(agreement_id, Money(0))


@dataclass(frozen=True, slots=True)
class Room:
    """How an agreement's ceiling stands, without VAT. `left` is None without ceiling."""

    ceiling: Money | None
    drawn: Money
    left: Money | None
    percent: int


def room_of(session: Session, agreement: Agreement) -> Room:
    """Ceiling, what is drawn, what is left."""
    ceiling = None if agreement.ceiling is None else Money(agreement.ceiling)
    drawn = drawn_on(session, agreement.id)
    return Room(ceiling, drawn, rules.room_left(ceiling, drawn), rules.percent_drawn(ceiling, drawn))


def draws_of(session: Session, agreement_id: int) -> Sequence[AgreementDraw]:
    """What demands have taken of an agreement, newest first, released ones too."""
    return session.scalars(
        select(AgreementDraw)
        .where(AgreementDraw.agreement_id == agreement_id)
        .options(
            joinedload(AgreementDraw.demand).joinedload(Demand.offering),
            joinedload(AgreementDraw.demand).joinedload(Demand.site),
        )
        .order_by(AgreementDraw.id.desc())
        .limit(200)
    ).all()


def draw_of(session: Session, demand_id: int) -> AgreementDraw | None:
    """What a demand takes of an agreement, if it does."""
    return session.scalars(
        select(AgreementDraw)
        .where(AgreementDraw.demand_id == demand_id, AgreementDraw.released_at.is_(None))
        .options(joinedload(AgreementDraw.agreement))
    ).one_or_none()


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


def yearly_number(session: Session, agreement_id: int, year: int) -> AgreementEngagement | None:
    """The commitment the buyer gave for a year of an agreement."""
    return session.scalars(
        select(AgreementEngagement).where(
            AgreementEngagement.agreement_id == agreement_id, AgreementEngagement.year == year
        )
    ).one_or_none()


def engagement_missing(session: Session, demand: Demand, agreement: Agreement) -> bool:
    """Whether a demand that draws on an agreement still waits for its buyer's commitment number.

    The number of the demand, or the agreement's for each year in which it has sessions.
    """
    if not demand.partner.requires_engagement or engagement_of(session, demand.id) is not None:
        return False
    if not agreement.yearly_engagement:
        return True
    return any(yearly_number(session, agreement.id, year) is None for year in {day.year for day in days_of(demand)})


def find_quote(session: Session, quote_ref: str, scope: Scope) -> Quote:
    """A quote as a viewer may see it: a partner sees it once a version was sent. Raises NotFound."""
    found = session.scalars(_seen(scope).where(Quote.ref == quote_ref)).one_or_none()
    if found is None:
        raise NotFound("quote", N_("This quote does not exist."))
    return found


def find_version(session: Session, quote_ref: str, scope: Scope, *, number: int | None = None) -> QuoteVersion:
    """A version of a quote, the latest unless `number` is given, as a viewer may see it. Raises NotFound.

    The office sees drafts too; a partner sees what was sent.
    """
    quote = find_quote(session, quote_ref, scope)
    shown = [row for row in quote.versions if scope.partner_id is None or row.sent_at is not None]
    chosen = shown[-1] if number is None else next((row for row in shown if row.number == number), None)
    if chosen is None:
        raise NotFound("quote", N_("This quote does not exist."))
    return chosen


def quote_of_demand(session: Session, demand_ref: str, scope: Scope) -> Quote:
    """The quote of a demand as a viewer may see it. Raises NotFound."""
    found = session.scalars(_seen(scope).where(Demand.ref == demand_ref)).one_or_none()
    if found is None:
        raise NotFound("quote", N_("This quote does not exist."))
    return found


def list_quotes(session: Session, scope: Scope) -> Sequence[Quote]:
    """Quotes with something sent, newest first; the office sees all."""
    return session.scalars(_seen(scope).order_by(Quote.id.desc()).limit(200)).all()


def quotes_to_sign(session: Session, scope: Scope, today: date) -> Sequence[QuoteVersion]:
    """Versions that wait for an answer and still may have one, the first to end first."""
    statement = (
        select(QuoteVersion)
        .join(Quote)
        .join(Demand)
        .where(
            QuoteVersion.state == QuoteState.SENT,
            QuoteVersion.valid_until >= today,
            Demand.state == DemandState.QUOTED,
        )
        .options(
            joinedload(QuoteVersion.quote).joinedload(Quote.demand).joinedload(Demand.offering),
            joinedload(QuoteVersion.quote).joinedload(Quote.demand).joinedload(Demand.site),
        )
        .order_by(QuoteVersion.valid_until, QuoteVersion.id)
    )
    if scope.partner_id is not None:
        statement = statement.where(Demand.partner_id == scope.partner_id)
    return session.scalars(statement).all()


def quotes_left_open(session: Session) -> Sequence[Quote]:
    """Quotes that were refused or went by while their demand still waits: the office proposes again, or ends it."""
    waiting = Quote.versions.any(QuoteVersion.state == QuoteState.SENT)
    return session.scalars(
        _seen(OFFICE).where(Demand.state == DemandState.QUOTED, ~waiting).order_by(Quote.id).limit(50)
    ).all()


def engagements_awaited(session: Session, scope: Scope) -> Sequence[Demand]:
    """Demands that only wait for an engagement number, oldest first."""
    return session.scalars(
        scope.narrow(select(Demand))
        .where(Demand.state == DemandState.AWAITING_ENGAGEMENT)
        .options(joinedload(Demand.offering), joinedload(Demand.site), joinedload(Demand.partner))
        .order_by(Demand.id)
        .limit(50)
    ).all()


def _seen(scope: Scope) -> Select[Quote]:
    statement = (
        select(Quote)
        .join(Quote.demand)
        .options(
            selectinload(Quote.versions),
            contains_eager(Quote.demand).joinedload(Demand.offering),
            contains_eager(Quote.demand).joinedload(Demand.site),
            contains_eager(Quote.demand).joinedload(Demand.commune),
            contains_eager(Quote.demand).joinedload(Demand.partner),
        )
    )
    if scope.partner_id is not None:
        statement = statement.where(
            Demand.partner_id == scope.partner_id, Quote.versions.any(QuoteVersion.sent_at.is_not(None))
        )
    return statement


def find_agreement(session: Session, ref: str, scope: Scope = OFFICE) -> Agreement:
    """An agreement as a viewer may see it. Raises NotFound."""
    statement = select(Agreement).where(Agreement.ref == ref)
    if scope.partner_id is not None:
        statement = statement.where(Agreement.partner_id == scope.partner_id, Agreement.state != AgreementState.DRAFT)
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound("agreement", N_("This agreement does not exist."))
    return found


def list_agreements(
    session: Session, scope: Scope, states: Collection[AgreementState] = frozenset()
) -> Sequence[Agreement]:
    """Agreements in these states (empty: all), the latest end first."""
    statement = select(Agreement).order_by(func.upper(Agreement.valid).desc().nulls_first(), Agreement.id.desc())
    if scope.partner_id is not None:
        statement = statement.where(Agreement.partner_id == scope.partner_id, Agreement.state != AgreementState.DRAFT)
    if states:
        statement = statement.where(Agreement.state.in_(states))
    return session.scalars(statement.options(joinedload(Agreement.partner)).limit(200)).all()


def drawn_by_agreement(session: Session, agreement_ids: Collection[int]) -> Mapping[int, Money]:
    """What demands and late cancellations take of each agreement, without VAT; one that nothing drew on is left out."""
    living = case((AgreementDraw.released_at.is_(None), AgreementDraw.cents), else_=0)
    taken = func.greatest(living + AgreementDraw.late_cents - AgreementDraw.forgone, 0)
    rows = session.execute(
        select(AgreementDraw.agreement_id, func.sum(taken))
        .where(AgreementDraw.agreement_id.in_(agreement_ids))
        .group_by(AgreementDraw.agreement_id)
    )
    return {agreement_id: Money(int(cents)) for agreement_id, cents in rows}


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


def signatory_accounts(session: Session, demand: Demand) -> list[Account]:
    """Who is written to for an answer: who signs for the partner; nobody named, who asked; else its administrators."""
    named = [row.account for row in signatories(session, demand.partner_id)]
    if named:
        return named
    if demand.requester is not None and demand.requester.disabled_at is None:
        return [demand.requester]
    admins = select(PartnerMember).where(
        PartnerMember.partner_id == demand.partner_id, PartnerMember.role == MemberRole.ADMIN
    )
    return [row.account for row in session.scalars(admins) if row.account.disabled_at is None]
