"""What is told late: a notification found in a drawer, a rate voted after the fact, a second click."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.issuing import issue_invoice
from entrepairs.cooperative import contribution, grants
from entrepairs.cooperative.contribution import RATE, take_missing_contributions
from entrepairs.cooperative.models import ContributionShare
from entrepairs.cooperative.rules import GrantSpan
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.money import Money
from entrepairs.ledger.balances import balance
from entrepairs.settings.decisions import vote
from tests.factories.billing import a_draft_invoice, an_issued_invoice, later
from tests.factories.cooperative import OFFICE, a_grant, a_notified_grant

PARIS = ZoneInfo("Europe/Paris")


def test_a_grant_told_after_its_end_leaves_nothing_deferred(session: Session) -> None:
    clock = FixedClock(datetime(2027, 1, 11, 9, tzinfo=PARIS))
    grant = a_grant(session, euros=1000, first=date(2025, 7, 1), last=date(2026, 12, 31), clock=clock)
    grants.notify_grant(session, grant.ref, on=date(2025, 12, 15), actor=OFFICE, clock=clock)
    grants.follow_grants(session, clock=clock)
    assert balance(session, "487") == Money(0)
    assert balance(session, "741") == Money.of(-1000)


def test_a_leap_year_has_its_day() -> None:
    span = GrantSpan(Money.of(731), date(2027, 1, 1), date(2029, 1, 1))
    assert {one.number: share for one, share in span.by_exercise([]).items()} == {
        2027: Money.of(365),
        2028: Money.of(366),
    }
    assert span.earned(date(2028, 2, 29), date(2028, 3, 1)) == Money.of(1)


def test_old_invoices_without_a_rate_do_not_hold_back_the_newer_ones(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contribution, "_BATCH", 1)
    old = a_draft_invoice(session)
    issue_invoice(session, old.ref, clock=FixedClock(datetime(2027, 3, 20, 9, tzinfo=PARIS)), actor=OFFICE)
    newer = an_issued_invoice(session)
    value = {"rate": "10.0", "basis": "turnover"}
    since = date(2027, 4, 1)
    vote(session, RATE, value, since=since, voted_on=since, source="AG", clock=later())
    assert take_missing_contributions(session, clock=later()) == 1
    assert session.scalars(select(ContributionShare.invoice_id)).all() == [newer.id]


def test_the_last_payment_of_a_grant_sent_twice_is_one(session: Session) -> None:
    grant = a_notified_grant(session, euros=1000)
    clock = FixedClock()
    for _ in range(2):
        grants.receive_grant(session, grant.ref, Money.of(1000), on=clock.today(), actor=OFFICE, clock=clock)
    assert balance(session, "441", aux_code=grant.ref) == Money(0)
