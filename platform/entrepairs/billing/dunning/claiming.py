"""Asking for the interest of an invoice paid late, by an invoice outside VAT; or giving it up with a reason.

Interest runs by right, but asking for it is the office's choice. What is asked is damages, not a price: outside the
scope of VAT, in accounts 763 and 758, never turnover. Lock order: invoice, series, journal.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing import parties
from entrepairs.billing.drafting import write_totals
from entrepairs.billing.dunning.models import InterestDecision, Outcome
from entrepairs.billing.dunning.pausing import told
from entrepairs.billing.dunning.standing import DAY, Standing, standing_of
from entrepairs.billing.einvoice.checker import Checker
from entrepairs.billing.einvoice.mentions import OUT_OF_SCOPE
from entrepairs.billing.issuing import finish_issue
from entrepairs.billing.models import Invoice, InvoiceKind, InvoiceLine, InvoiceState
from entrepairs.billing.payments import payable_for_update
from entrepairs.billing.postings import issued
from entrepairs.documents.french import french_date
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.kernel.references import new_reference
from entrepairs.ledger import chart

UNIT: Final = "forfait"


def claim_interest(
    session: Session, ref: str, *, clock: Clock, actor: Actor, checker: Checker | None = None
) -> Invoice:
    """Issue the invoice of the interest run so far, with the 40 € when they were not asked yet.

    Raises NotFound, Conflict("not_payable", "no_interest", "disputed", "halted", "rate_unknown"), and what issuing raises. On any
    of them the caller rolls back.
    """
    standing = _decidable(session, ref, clock)
    if standing.disputed:
        raise Conflict("disputed", N_("This invoice is contested: settle that first."))
    if standing.halt is not None:
        raise Conflict("halted", N_("The payer's platform stopped this invoice: settle that first."))
    if standing.interest.provisional:
        raise Conflict(
            "rate_unknown",
            N_("The rate of a semester is missing: enter it among the legal figures, with its source, then ask again."),
        )
    claim = _claim(session, standing, clock)
    session.add(claim)
    session.flush()
    finish_issue(session, claim, clock=clock, actor=actor, checker=checker)
    _decide(session, standing, Outcome.CLAIMED, "", claim, clock, actor)
    return claim


def waive_interest(session: Session, ref: str, *, reason: str, clock: Clock, actor: Actor) -> InterestDecision:
    """Give up the interest run so far, and the 40 €. What runs later, while something is owed, is another matter.

    Raises NotFound, Conflict("not_payable", "no_interest"), InvalidInput("reason_missing", "reason_long",
    "identity_in_text").
    """
    said = told(reason)
    return _decide(session, _decidable(session, ref, clock), Outcome.WAIVED, said, None, clock, actor)


def _decidable(session: Session, ref: str, clock: Clock) -> Standing:
    standing = standing_of(session, payable_for_update(session, ref), clock.today())
    if not standing.cost:
        raise Conflict("no_interest", N_("No interest is owed on this invoice."))
    return standing


def _span(standing: Standing) -> Range:  # type: ignore[type-arg]
    """The days decided on: from the first that nothing settled to today."""
    settled = [one.days.upper for one in standing.decisions if one.days.upper is not None]
    first = max(settled, default=standing.term.due_on + DAY)
    return Range(first, max(standing.today, first) + timedelta(days=1))


def _claim(session: Session, standing: Standing, clock: Clock) -> Invoice:
    late, days = standing.invoice, _span(standing)
    number, _day = issued(late)
    claim = Invoice(
        ref=new_reference("FAC"),
        kind=InvoiceKind.INVOICE,
        state=InvoiceState.DRAFT,
        partner=late.partner,
        interest_of=late,
        period_start=days.lower,
        period_end=standing.today,
        seller=parties.seller_snapshot(session, clock),
        buyer=parties.buyer_snapshot(late.partner, None),
        notes={},
        service_code=late.service_code,
        engagement=late.engagement,
        agreement_number=late.agreement_number,
        created_at=clock.now(),
    )
    until = french_date(standing.today)
    parts = (
        (
            f"Intérêts de retard sur la facture {number}, due le {french_date(standing.term.due_on)}, jusqu’au {until}",
            standing.interest.amount,
            chart.LATE_INTEREST,
        ),
        (f"Indemnité forfaitaire de recouvrement, facture {number}", standing.indemnity, chart.RECOVERY_COSTS),
    )
    claim.lines = [
        _line(place, label, amount, account)
        for place, (label, amount, account) in enumerate((one for one in parts if one[1]), start=1)
    ]
    write_totals(claim, {OUT_OF_SCOPE.code: OUT_OF_SCOPE})
    return claim


def _line(place: int, label: str, amount: Money, account: str) -> InvoiceLine:
    return InvoiceLine(
        position=place,
        label=label,
        quantity=Decimal(1),
        unit=UNIT,
        unit_cents=amount.cents,
        net=amount.cents,
        vat_regime=OUT_OF_SCOPE.code,
        axes={},
        account=account,
    )


def _decide(  # noqa: PLR0917 - the parts of one row
    session: Session,
    standing: Standing,
    outcome: Outcome,
    reason: str,
    claim: Invoice | None,
    clock: Clock,
    actor: Actor,
) -> InterestDecision:
    row = InterestDecision(
        ref=new_reference("INT"),
        invoice=standing.invoice,
        outcome=outcome,
        days=_span(standing),
        interest=standing.interest.amount.cents,
        indemnity=standing.indemnity.cents,
        claim=claim,
        reason=reason,
        decided_on=clock.today(),
        decided_by=actor.label,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    record(
        session,
        "interest.decide",
        "invoice",
        standing.invoice.ref,
        actor=actor,
        clock=clock,
        outcome=outcome,
        interest=row.interest,
        indemnity=row.indemnity,
    )
    return row
