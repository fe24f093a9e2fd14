"""Quotes: prepared from a demand, frozen on sending, answered by the partner's signatory."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.moving import move
from entrepairs.audit.recording import record
from entrepairs.contracting import engagements, mails, papers, rules
from entrepairs.contracting.models import Quote, QuoteLine, QuoteVersion
from entrepairs.contracting.pricing import proposed_lines, sound_lines
from entrepairs.contracting.queries import engagement_of, quote_of, signatory_accounts
from entrepairs.contracting.rules import PricedLine
from entrepairs.contracting.signatures import PaperSignature, Signature, acceptance_on_paper, acceptance_online
from entrepairs.contracting.states import QUOTE_TRANSITIONS, QuoteEvent, QuoteState
from entrepairs.db import locked
from entrepairs.demands import authority
from entrepairs.demands.confirming import confirm
from entrepairs.demands.models import Demand
from entrepairs.demands.scopes import OFFICE, Scope, lock_demand
from entrepairs.demands.states import DEMAND_TRANSITIONS, DemandEvent
from entrepairs.documents.numbering import take_number
from entrepairs.documents.rendering import render_pdf
from entrepairs.documents.storing import PDF, store_file
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import add_months, at_paris
from entrepairs.kernel.errors import Conflict, NotAllowed, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.kernel.references import new_reference
from entrepairs.kernel.transitions import next_state
from entrepairs.kernel.vat_regimes import rate_of
from entrepairs.network.models import PartnerMember
from entrepairs.outbox.adding import add, withdraw
from entrepairs.settings.decisions import decision_or

SERIES: Final = "DV"
VALID_DAYS: Final = "contracting.quote_valid_days"
"""Decision: how long a quote stands, in days."""
_DEFAULT_VALID_DAYS: Final = 30
_KEPT_YEARS: Final = 10


def prepare_quote(
    session: Session, demand_ref: str, *, lines: Sequence[PricedLine] | None = None, actor: Actor, clock: Clock
) -> QuoteVersion:
    """A draft version for a demand, its lines proposed from the agreement or the price list unless given.

    A draft that exists is written over; a version already sent is left alone, and the draft is the next one. Raises
    NotFound, TransitionRefused, Conflict("no_price"), InvalidInput (see `pricing.sound_lines`).
    """
    demand = lock_demand(session, demand_ref)
    next_state(DEMAND_TRANSITIONS, demand.state, DemandEvent.QUOTE)  # no number for a quote that can't leave
    given = lines if lines is not None else proposed_lines(session, demand, clock=clock)
    today = clock.today()
    wanted = sound_lines(demand, given, today)
    quote = quote_of(session, demand.id) or _new_quote(session, demand, clock)
    version = next((row for row in quote.versions if row.state is QuoteState.DRAFT), None)
    if version is None:
        version = QuoteVersion(number=len(quote.versions) + 1, state=QuoteState.DRAFT, created_at=clock.now())
    _date(version, wanted, today, _valid_days(session, today))
    if version not in quote.versions:
        quote.versions.append(version)
    session.flush()
    _write_lines(session, version, wanted)
    record(session, "quote.prepare", "quote", quote.ref, actor=actor, clock=clock, version=version.number)
    return version


def send_quote(session: Session, quote_ref: str, *, actor: Actor, clock: Clock) -> QuoteVersion:
    """Freeze the draft, draw its PDF, supersede the earlier version, write to whoever may sign.

    Raises NotFound, TransitionRefused, Conflict("nothing_to_send", "nobody_to_write_to").
    """
    demand, quote = _lock(session, quote_ref)
    version = next((row for row in quote.versions if row.state is QuoteState.DRAFT), None)
    if version is not None and not signatory_accounts(session, demand):
        raise Conflict(
            "nobody_to_write_to", N_("Nobody of this structure can receive the quote: invite somebody first.")
        )
    if version is None:
        raise Conflict("nothing_to_send", N_("This quote has been sent already. Prepare a new version to change it."))
    for earlier in quote.versions:
        if earlier.state is QuoteState.SENT:
            _move(session, earlier, QuoteEvent.SUPERSEDE, actor=actor, clock=clock)
            withdraw(session, _expiry_key(earlier))
    session.flush()
    # A draft may have slept: the paper bears the day it leaves, and the rates of that day.
    today = clock.today()
    _date(version, lines_of(version, today), today, _valid_days(session, today))
    version.file = store_file(
        session,
        preview(session, version, clock=clock),
        PDF,
        kept_until=add_months(version.issued_on, 12 * _KEPT_YEARS),
        clock=clock,
        filename=f"devis-{quote.number}-v{version.number}.pdf",
    )
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


def preview(session: Session, version: QuoteVersion, *, clock: Clock) -> bytes:
    """The PDF a version makes as it stands, kept nowhere."""
    paper = papers.quote_paper(session, version, clock=clock)
    return render_pdf("quote", paper, on=version.issued_on, title=version.quote.number)


def accept_quote(
    session: Session,
    quote_ref: str,
    signature: Signature,
    *,
    version: int,
    engagement: str | None = None,
    service_code: str | None = None,
    scope: Scope = OFFICE,
    actor: Actor,
    clock: Clock,
) -> QuoteVersion:
    """« Bon pour accord » on the version read: who, when, from where, and the hash of the PDF are kept (C. civ. 1366).

    `version` is the number the signatory had before their eyes: another one sent meanwhile is not accepted unread. The
    demand becomes firm, or waits for the engagement number of a public buyer that requires one. Raises NotFound,
    InvalidInput, NotAllowed("not_signatory"), Conflict("quote_not_open", "quote_replaced" or "quote_expired").
    """
    demand, quote = _lock(session, quote_ref, scope)
    chosen = _open_version(quote, version, clock)
    _ensure_may_answer(session, demand, signature.account_id)
    rules.ensure_signature(signature.name, signature.function)
    session.add(acceptance_online(session, chosen, signature))
    _move(session, chosen, QuoteEvent.ACCEPT, actor=actor, clock=clock)
    withdraw(session, _expiry_key(chosen))
    if engagement and engagement.strip():
        engagements.note_engagement(session, demand, engagement, service_code=service_code, actor=actor, clock=clock)
    _make_firm(session, demand, actor=actor, clock=clock)
    return chosen


def accept_on_paper(
    session: Session, quote_ref: str, paper: PaperSignature, *, version: int, actor: Actor, clock: Clock
) -> QuoteVersion:
    """Record a quote signed on paper: the scan, the day and who signed are kept, frozen like a signature online.

    A paper signed in time counts when it comes late, as long as no newer version was sent. Raises NotFound,
    InvalidInput("signature_incomplete", "signed_in_future", "signed_before_sent", "signed_too_late", "file_…"),
    Conflict("quote_not_open", "quote_replaced").
    """
    demand, quote = _lock(session, quote_ref)
    chosen = _waiting_version(quote, version)
    rules.ensure_signature(paper.name, paper.function)
    rules.ensure_signed_in_time(paper.signed_on, chosen.issued_on, chosen.valid_until, clock.today())
    session.add(acceptance_on_paper(session, chosen, paper, actor=actor, clock=clock))
    _move(session, chosen, QuoteEvent.ACCEPT_ON_PAPER, actor=actor, clock=clock)
    withdraw(session, _expiry_key(chosen))
    record(session, "quote.accept_on_paper", "quote", quote_ref, actor=actor, clock=clock, signed_on=paper.signed_on)
    _make_firm(session, demand, actor=actor, clock=clock)
    return chosen


def _waiting_version(quote: Quote, number: int) -> QuoteVersion:
    """The latest version sent, still waiting or gone by unanswered."""
    last = max((row for row in quote.versions if row.sent_at is not None), key=lambda row: row.number, default=None)
    if last is None or last.state not in (QuoteState.SENT, QuoteState.EXPIRED):
        raise Conflict("quote_not_open", N_("This quote is no longer open for an answer."))
    if last.number != number:
        raise Conflict("quote_replaced", N_("Another version of this quote has been sent since. Please read it first."))
    return last


def _make_firm(session: Session, demand: Demand, *, actor: Actor, clock: Clock) -> None:
    """The quote of a locked demand is accepted: it is confirmed, or waits for a public buyer's number."""
    if demand.partner.requires_engagement and engagement_of(session, demand.id) is None:
        move(session, demand, DEMAND_TRANSITIONS, DemandEvent.AWAIT_ENGAGEMENT, actor=actor, clock=clock)
        mails.queue_engagement_wanted(session, demand, clock=clock)
    else:
        confirm(session, demand, DemandEvent.ACCEPT, actor=actor, clock=clock)


def refuse_quote(
    session: Session,
    quote_ref: str,
    *,
    version: int,
    account_id: int | None = None,
    scope: Scope = OFFICE,
    actor: Actor,
    clock: Clock,
) -> QuoteVersion:
    """The partner says no to the version read; the demand stays, for another version or an end.

    Raises as `accept_quote`.
    """
    demand, quote = _lock(session, quote_ref, scope)
    chosen = _open_version(quote, version, clock)
    _ensure_may_answer(session, demand, account_id)
    _move(session, chosen, QuoteEvent.REFUSE, actor=actor, clock=clock)
    withdraw(session, _expiry_key(chosen))
    return chosen


def forward_quote(
    session: Session, quote_ref: str, signatory_ref: str, scope: Scope, *, actor: Actor, clock: Clock
) -> PartnerMember:
    """« Transmettre pour accord »: the letter leaves again to a named signatory, once a day at most.

    Raises NotFound, InvalidInput("signatory_unknown"), Conflict("quote_not_open" or "quote_expired").
    """
    demand, quote = _lock(session, quote_ref, scope)
    version = _open_version(quote, None, clock)
    member = authority.signatory_named(session, demand.partner_id, signatory_ref)
    mails.queue_quote_to(session, version, member.account, clock=clock, again=clock.today())
    record(session, "quote.forward", "quote", quote_ref, actor=actor, clock=clock, to=signatory_ref)
    return member


def expire_quote(session: Session, subject_ref: str, payload: dict[str, object], *, clock: Clock) -> None:
    """Use case of the effect `contracting.expire_quote`, the day after the last day of validity."""
    _, quote = _lock(session, subject_ref)
    for version in quote.versions:
        if version.number == payload["version"] and version.state is QuoteState.SENT:
            _move(session, version, QuoteEvent.EXPIRE, actor=Actor.SYSTEM, clock=clock)


def close_quote(session: Session, demand: Demand, *, actor: Actor, clock: Clock) -> None:
    """A locked demand has ended: its quote, if it still waits for an answer, is no longer open."""
    quote = quote_of(session, demand.id)
    for version in quote.versions if quote else ():
        if version.state is QuoteState.SENT:
            _move(session, version, QuoteEvent.EXPIRE, actor=actor, clock=clock)
            withdraw(session, _expiry_key(version))


def lines_of(version: QuoteVersion, on: date) -> list[PricedLine]:
    """The lines kept, with the rates of a day."""
    return [
        PricedLine(
            row.label, row.quantity, row.unit, Money(row.unit_cents), row.vat_regime, rate_of(row.vat_regime, on)
        )
        for row in version.lines
    ]


def _valid_days(session: Session, today: date) -> int:
    return int(decision_or(session, VALID_DAYS, today, _DEFAULT_VALID_DAYS))


def _date(version: QuoteVersion, lines: Sequence[PricedLine], today: date, days: int) -> None:
    """Date a draft of today and write its sums."""
    sums = rules.totals(lines)
    version.net, version.vat, version.gross = sums.net.cents, sums.vat.cents, sums.gross.cents
    version.issued_on, version.valid_until = today, today + timedelta(days=days)


def _ensure_may_answer(session: Session, demand: Demand, account_id: int | None) -> None:
    """A delegation of signature is named: a link kept after it ended, or a colleague's page, doesn't commit."""
    if account_id is not None and not authority.may_commit(session, demand.partner_id, account_id):
        raise NotAllowed("not_signatory", N_("Only somebody who signs for your structure can answer."))


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
            label=line.label,
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


def _lock(session: Session, quote_ref: str, scope: Scope = OFFICE) -> tuple[Demand, Quote]:
    """The demand's row, then the quote's: the lock order of the house."""
    demand_ref = session.scalar(
        scope.narrow(select(Demand))
        .join(Quote, Quote.demand_id == Demand.id)
        .where(Quote.ref == quote_ref)
        .with_only_columns(Demand.ref)
    )
    if demand_ref is None:
        raise NotFound("quote", N_("This quote does not exist."))
    demand = lock_demand(session, demand_ref, scope)
    quote = locked(session, select(Quote).where(Quote.ref == quote_ref))
    if quote is None:
        raise NotFound("quote", N_("This quote does not exist."))
    session.expire(quote, ["versions"])  # read again under the lock
    for version in quote.versions:
        session.refresh(version)
    return demand, quote


def _open_version(quote: Quote, number: int | None, clock: Clock) -> QuoteVersion:
    version = next((row for row in quote.versions if row.state is QuoteState.SENT), None)
    if version is None:
        raise Conflict("quote_not_open", N_("This quote is no longer open for an answer."))
    if number is not None and version.number != number:
        raise Conflict("quote_replaced", N_("Another version of this quote has been sent since. Please read it first."))
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
