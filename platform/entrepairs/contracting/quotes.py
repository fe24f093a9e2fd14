"""Quotes: prepared from a demand, frozen on sending, answered by the partner's signatory."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.moving import move
from entrepairs.audit.recording import record
from entrepairs.catalogue.prices import price_on, units_taken
from entrepairs.contracting import engagements, mails, papers, rules
from entrepairs.contracting.models import Acceptance, AgreementPrice, Quote, QuoteLine, QuoteVersion
from entrepairs.contracting.queries import covering_agreements, engagement_of, quote_of
from entrepairs.contracting.rules import PricedLine
from entrepairs.contracting.states import QUOTE_TRANSITIONS, QuoteEvent, QuoteState
from entrepairs.contracting.vat import rate_of
from entrepairs.db import locked
from entrepairs.demands.confirming import confirm
from entrepairs.demands.models import Demand
from entrepairs.demands.queries import title_of
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.scopes import lock_demand
from entrepairs.demands.states import DEMAND_TRANSITIONS, DemandEvent, SessionState
from entrepairs.documents.numbering import take_number
from entrepairs.documents.rendering import render_pdf
from entrepairs.documents.storing import PDF, store_file
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import add_months, at_paris
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.kernel.references import new_reference
from entrepairs.outbox.adding import add, withdraw
from entrepairs.settings.decisions import decision_or

SERIES: Final = "DV"
VALID_DAYS: Final = "contracting.quote_valid_days"
"""Decision: how long a quote stands, in days."""
_DEFAULT_VALID_DAYS: Final = 30
_KEPT_YEARS: Final = 10


@dataclass(frozen=True, slots=True)
class Signature:
    """Who says « bon pour accord », from where. `account_id` when they were logged in."""

    name: str
    function: str
    ip: str
    user_agent: str
    account_id: int | None = None


def prepare_quote(
    session: Session, demand_ref: str, *, lines: Sequence[PricedLine] | None = None, actor: Actor, clock: Clock
) -> QuoteVersion:
    """A draft version for a demand, its lines proposed from the agreement or the price list unless given.

    A draft that exists is written over; a version already sent is left alone, and the draft is the next one. Raises
    NotFound, Conflict("no_price"), InvalidInput("no_line").
    """
    demand = lock_demand(session, demand_ref)
    today = clock.today()
    wanted = list(lines) if lines is not None else proposed_lines(session, demand, clock=clock)
    if not wanted:
        raise InvalidInput("no_line", N_("A quote needs at least one line."))
    quote = quote_of(session, demand.id) or _new_quote(session, demand, clock)
    version = next((row for row in quote.versions if row.state is QuoteState.DRAFT), None)
    if version is None:
        version = QuoteVersion(
            quote_id=quote.id, number=len(quote.versions) + 1, state=QuoteState.DRAFT, created_at=clock.now()
        )
        quote.versions.append(version)
    sums = rules.totals(wanted)
    days = int(decision_or(session, VALID_DAYS, today, _DEFAULT_VALID_DAYS))
    version.net, version.vat, version.gross = sums.net.cents, sums.vat.cents, sums.gross.cents
    version.issued_on, version.valid_until = today, today + timedelta(days=days)
    session.flush()
    _write_lines(session, version, wanted)
    record(session, "quote.prepare", "quote", quote.ref, actor=actor, clock=clock, version=version.number)
    return version


def proposed_lines(session: Session, demand: Demand, *, clock: Clock) -> list[PricedLine]:
    """One line for the offering: an agreement's price, else the voted one. Raises Conflict("no_price")."""
    offering, today = demand.offering, clock.today()
    minutes = [period_of(row).minutes for row in demand.sessions if row.state is not SessionState.CANCELLED]
    agreement = next(iter(covering_agreements(session, demand)), None)
    cents = (
        session.scalar(
            select(AgreementPrice.cents).where(
                AgreementPrice.agreement_id == agreement.id, AgreementPrice.offering_id == offering.id
            )
        )
        if agreement
        else None
    )
    price = Money(cents) if cents is not None else price_on(session, offering.id, today)
    if price is None:
        raise Conflict(
            "no_price",
            N_("« %(offering)s » has no price on that day: vote one in the catalogue first."),
            offering=offering.name,
        )
    return [
        PricedLine(
            label=title_of(demand),
            quantity=units_taken(offering.price_unit, minutes, demand.participants),
            unit=offering.price_unit.value,
            unit_price=price,
            vat_regime=offering.vat_regime,
            rate=rate_of(offering.vat_regime, today),
        )
    ]


def send_quote(session: Session, quote_ref: str, *, actor: Actor, clock: Clock) -> QuoteVersion:
    """Freeze the draft, draw its PDF, supersede the earlier version, write to whoever may sign.

    Raises NotFound, Conflict("nothing_to_send").
    """
    demand, quote = _lock(session, quote_ref)
    version = next((row for row in quote.versions if row.state is QuoteState.DRAFT), None)
    if version is None:
        raise Conflict("nothing_to_send", N_("This quote has been sent already. Prepare a new version to change it."))
    for earlier in quote.versions:
        if earlier.state is QuoteState.SENT:
            _move(session, earlier, QuoteEvent.SUPERSEDE, actor=actor, clock=clock)
            withdraw(session, _expiry_key(earlier))
    session.flush()
    pdf = render_pdf(
        "quote", papers.quote_paper(session, version, clock=clock), on=version.issued_on, title=quote.number
    )
    version.file_id = store_file(
        session,
        pdf,
        PDF,
        kept_until=add_months(version.issued_on, 12 * _KEPT_YEARS),
        clock=clock,
        filename=f"devis-{quote.number}-v{version.number}.pdf",
    ).id
    session.flush()
    version.sent_at = clock.now()
    _move(session, version, QuoteEvent.SEND, actor=actor, clock=clock)
    move(session, demand, DEMAND_TRANSITIONS, DemandEvent.QUOTE, actor=actor, clock=clock)
    add(
        session,
        "contracting.expire_quote",
        subject_kind="quote",
        subject_ref=quote.ref,
        due_at=at_paris(version.valid_until + timedelta(days=1), time()),
        dedup=_expiry_key(version),
        payload={"version": version.number},
    )
    mails.queue_quote(session, version, clock=clock)
    return version


def accept_quote(
    session: Session,
    quote_ref: str,
    signature: Signature,
    *,
    engagement: str | None = None,
    actor: Actor,
    clock: Clock,
) -> QuoteVersion:
    """« Bon pour accord » on the version sent: who, when, from where, and the hash of the PDF are kept (C. civ. 1366).

    The demand becomes firm, or waits for the engagement number of a public buyer that requires one. Raises NotFound,
    InvalidInput, Conflict("quote_not_open" or "quote_expired").
    """
    demand, quote = _lock(session, quote_ref)
    version = _open_version(quote, clock)
    if not signature.name.strip() or not signature.function.strip():
        raise InvalidInput("signature_incomplete", N_("Write your name and your function."), field="name")
    if version.file is None:
        raise Conflict("quote_not_open", N_("This quote is no longer open for an answer."))
    session.add(
        Acceptance(
            version_id=version.id,
            name=signature.name.strip()[:120],
            function=signature.function.strip()[:120],
            statement="Bon pour accord",
            account_id=signature.account_id,
            at=datetime.now(UTC),
            ip=signature.ip[:45],
            user_agent=signature.user_agent[:200],
            sha256=version.file.sha256,
        )
    )
    _move(session, version, QuoteEvent.ACCEPT, actor=actor, clock=clock)
    withdraw(session, _expiry_key(version))
    if engagement and engagement.strip():
        engagements.note_engagement(session, demand, engagement, service_code=None, actor=actor, clock=clock)
    if demand.partner.requires_engagement and engagement_of(session, demand.id) is None:
        move(session, demand, DEMAND_TRANSITIONS, DemandEvent.AWAIT_ENGAGEMENT, actor=actor, clock=clock)
        mails.queue_engagement_wanted(session, demand, clock=clock)
    else:
        confirm(session, demand, DemandEvent.ACCEPT, actor=actor, clock=clock)
    return version


def refuse_quote(session: Session, quote_ref: str, *, actor: Actor, clock: Clock) -> QuoteVersion:
    """The partner says no to this version; the demand stays, for another version or an end. Raises as `accept_quote`."""
    _, quote = _lock(session, quote_ref)
    version = _open_version(quote, clock)
    _move(session, version, QuoteEvent.REFUSE, actor=actor, clock=clock)
    withdraw(session, _expiry_key(version))
    return version


def expire_quote(session: Session, subject_ref: str, payload: dict[str, object], *, clock: Clock) -> None:
    """Use case of the effect `contracting.expire_quote`, the day after the last day of validity."""
    _, quote = _lock(session, subject_ref)
    for version in quote.versions:
        if version.number == payload["version"] and version.state is QuoteState.SENT:
            _move(session, version, QuoteEvent.EXPIRE, actor=Actor.SYSTEM, clock=clock)


def _new_quote(session: Session, demand: Demand, clock: Clock) -> Quote:
    quote = Quote(
        ref=new_reference("DEV"),
        number=take_number(session, SERIES, clock.today().year),
        demand_id=demand.id,
        created_at=clock.now(),
    )
    session.add(quote)
    session.flush()
    return quote


def _write_lines(session: Session, version: QuoteVersion, lines: Sequence[PricedLine]) -> None:
    for old in list(version.lines):
        session.delete(old)
    session.flush()
    session.expire(version, ["lines"])
    session.add_all(
        QuoteLine(
            version_id=version.id,
            position=position,
            label=line.label[:200],
            quantity=line.quantity,
            unit=line.unit,
            unit_cents=line.unit_price.cents,
            net=line.net.cents,
            vat_regime=line.vat_regime,
        )
        for position, line in enumerate(lines, start=1)
    )
    session.flush()
    session.expire(version, ["lines"])


def _lock(session: Session, quote_ref: str) -> tuple[Demand, Quote]:
    """The demand's row, then the quote's: the lock order of the house."""
    demand_ref = session.scalar(
        select(Demand.ref).join(Quote, Quote.demand_id == Demand.id).where(Quote.ref == quote_ref)
    )
    if demand_ref is None:
        raise NotFound("quote", N_("This quote does not exist."))
    demand = lock_demand(session, demand_ref)
    quote = locked(session, select(Quote).where(Quote.ref == quote_ref))
    if quote is None:
        raise NotFound("quote", N_("This quote does not exist."))
    for version in quote.versions:
        session.refresh(version, ["state"])
    return demand, quote


def _open_version(quote: Quote, clock: Clock) -> QuoteVersion:
    version = next((row for row in quote.versions if row.state is QuoteState.SENT), None)
    if version is None:
        raise Conflict("quote_not_open", N_("This quote is no longer open for an answer."))
    if version.valid_until < clock.today():
        raise Conflict(
            "quote_expired", N_("This quote was valid until %(day)s. Ask us for a new one."), day=version.valid_until
        )
    return version


def _move(session: Session, version: QuoteVersion, event: QuoteEvent, *, actor: Actor, clock: Clock) -> None:
    ref = f"{version.quote.ref}/{version.number}"
    move(session, version, QUOTE_TRANSITIONS, event, actor=actor, clock=clock, subject_ref=ref)
    session.flush()


def _expiry_key(version: QuoteVersion) -> str:
    return f"contracting.expire_quote:{version.quote.ref}:{version.number}"
