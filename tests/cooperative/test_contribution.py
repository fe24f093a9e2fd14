"""The share taken on issued invoices, on PostgreSQL."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.credit_notes import Part, credit_invoice
from entrepairs.billing.queries import receivables
from entrepairs.cooperative.contribution import (
    RATE,
    contributions_between,
    take_contribution,
    take_missing_contributions,
)
from entrepairs.cooperative.models import ContributionShare
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.money import Money
from entrepairs.outbox.models import OutboxItem
from entrepairs.settings.decisions import vote
from entrepairs_workers.effects import USE_CASES, handler
from tests.factories.billing import OFFICE, a_draft_invoice, an_issued_invoice, later


@pytest.fixture
def voted(session: Session) -> None:
    """Ten percent of the turnover."""
    _vote(session, "10.0", date(2026, 1, 1))


def _vote(session: Session, rate: str, since: date) -> None:
    value = {"rate": rate, "basis": "turnover"}
    vote(session, RATE, value, since=since, voted_on=since, source="AG", clock=FixedClock())


def test_an_issued_invoice_gives_its_share_once(session: Session, voted: None) -> None:
    invoice = an_issued_invoice(session)
    for _ in range(2):
        take_contribution(session, invoice.ref, {}, clock=later())
    share = session.scalars(select(ContributionShare)).one()
    assert (share.base, share.rate, share.cents) == (invoice.net, Decimal("10.00"), invoice.net // 10)


def test_issuing_asks_for_the_share_after_the_commit(session: Session, voted: None) -> None:
    invoice = an_issued_invoice(session)
    item = session.scalars(select(OutboxItem).where(OutboxItem.kind == "cooperative.take_contribution")).one()
    handler(USE_CASES, item.kind)(session, item.subject_ref, item.payload, clock=later())
    assert session.scalars(select(ContributionShare)).one().invoice_id == invoice.id


def test_a_credit_note_gives_back_at_the_rate_of_what_it_corrects(session: Session, voted: None) -> None:
    invoice = an_issued_invoice(session)
    take_contribution(session, invoice.ref, {}, clock=later())
    _vote(session, "15.0", date(2027, 4, 2))
    credit_invoice(session, invoice.ref, reason="Séances annulées", clock=later(), actor=OFFICE)
    assert take_missing_contributions(session, clock=later()) == 1
    assert contributions_between(session, date(2027, 4, 2), date(2027, 4, 3)) == Money(0)


def test_credited_in_parts_a_sale_leaves_no_cent_of_contribution(session: Session, voted: None) -> None:
    invoice = an_issued_invoice(session)
    take_contribution(session, invoice.ref, {}, clock=later())
    for cents in (5, 5, 5, 320_00 - 15):
        part = [Part(1, net=Money(cents))]
        credit_invoice(session, invoice.ref, reason="Erreur", parts=part, clock=later(), actor=OFFICE)
    credit_invoice(session, invoice.ref, reason="Erreur", clock=later(), actor=OFFICE)
    assert take_missing_contributions(session, clock=later()) == 5
    assert contributions_between(session, date(2027, 4, 2), date(2027, 4, 3)) == Money(0)


def test_a_draft_and_an_unvoted_rate_give_nothing_and_a_later_vote_is_caught_up(session: Session) -> None:
    draft = a_draft_invoice(session)
    assert take_contribution(session, draft.ref, {}, clock=later()) is None
    invoice = an_issued_invoice(session)
    assert take_contribution(session, invoice.ref, {}, clock=later()) is None
    _vote(session, "8.5", date(2027, 1, 1))
    assert take_missing_contributions(session, clock=later()) == 1
    assert contributions_between(session, date(2027, 4, 2), date(2027, 4, 3)) == Money.of("217.60")


def test_what_is_owed_and_what_is_late_are_one_sum_each(session: Session) -> None:
    invoice = an_issued_invoice(session)
    assert invoice.due_date is not None
    owed = receivables(session, invoice.due_date)
    assert (owed.due, owed.late, owed.late_count) == (Money(invoice.gross), Money(0), 0)
    assert receivables(session, date(2028, 1, 1)).late == Money(invoice.gross)
