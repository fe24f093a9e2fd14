"""Grants in the books and in the share, on PostgreSQL."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from entrepairs.audit.moving import history
from entrepairs.cooperative import grants, queries
from entrepairs.cooperative.models import GrantState
from entrepairs.cooperative.selffinancing import Window, year_until
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, DomainError, InvalidInput, NotFound
from entrepairs.kernel.money import Money
from entrepairs.ledger.balances import balance
from tests.factories.cooperative import (
    OFFICE,
    a_cost_entry,
    a_gift_entry,
    a_grant,
    a_notified_grant,
    a_sale_entry,
)

TODAY = date(2027, 1, 11)


def test_a_grant_asked_for_is_no_income(session: Session) -> None:
    a_grant(session)
    assert queries.income_of(session, year_until(TODAY)).grants == Money(0)
    assert balance(session, "441") == Money(0)


def test_notified_over_two_years_it_is_income_of_the_first_and_deferred_for_the_second(session: Session) -> None:
    grant = a_notified_grant(session, euros=730, first=date(2027, 1, 1), last=date(2028, 12, 30))
    assert grant.state is GrantState.RUNNING
    assert balance(session, "441", aux_code=grant.ref) == Money.of(730)
    assert balance(session, "741") == Money.of(-365)
    assert balance(session, "487") == Money.of(-365)


def test_the_deferred_share_becomes_income_when_its_year_comes_once(session: Session, clock: FixedClock) -> None:
    a_notified_grant(session, euros=730, first=date(2027, 1, 1), last=date(2028, 12, 30))
    grants.follow_grants(session, clock=clock)
    assert balance(session, "487") == Money.of(-365)
    clock.advance(timedelta(days=365))
    for _ in range(2):
        grants.follow_grants(session, clock=clock)
    assert balance(session, "487") == Money(0)
    assert balance(session, "741") == Money.of(-730)


def test_a_grant_starts_by_itself_on_its_first_day(session: Session, clock: FixedClock) -> None:
    grant = a_notified_grant(session, first=date(2027, 2, 1), last=date(2027, 12, 31))
    assert grant.state is GrantState.NOTIFIED
    clock.advance(timedelta(days=21))
    assert grants.follow_grants(session, clock=clock) == 1
    session.refresh(grant)
    assert grant.state is GrantState.RUNNING
    assert [step.to_state for step in history(session, "grant_funding", grant.ref)] == ["notified", "running"]


def test_what_is_granted_may_be_less_than_what_was_asked(session: Session, clock: FixedClock) -> None:
    grant = a_grant(session, euros=45_000)
    grants.notify_grant(session, grant.ref, on=TODAY, amount=Money.of(30_000), actor=OFFICE, clock=clock)
    assert balance(session, "741") == Money.of(-30_000)


def test_a_grant_goes_from_asked_to_closed_and_not_before_its_money_came(session: Session, clock: FixedClock) -> None:
    grant = a_notified_grant(session, euros=1000)
    grants.report_grant(session, grant.ref, actor=OFFICE, clock=clock)
    with pytest.raises(Conflict, match="grant_not_received"):
        grants.close_grant(session, grant.ref, actor=OFFICE, clock=clock)
    grants.receive_grant(session, grant.ref, Money.of(600), on=TODAY, actor=OFFICE, clock=clock)
    grants.receive_grant(session, grant.ref, Money.of(400), on=TODAY, actor=OFFICE, clock=clock)
    assert grants.close_grant(session, grant.ref, actor=OFFICE, clock=clock).state is GrantState.CLOSED
    assert balance(session, "512") == Money.of(1000)


def test_more_than_promised_or_before_the_promise_is_refused(session: Session, clock: FixedClock) -> None:
    asked, promised = a_grant(session), a_notified_grant(session, euros=1000)
    with pytest.raises(Conflict, match="grant_not_notified"):
        grants.receive_grant(session, asked.ref, Money.of(1), on=TODAY, actor=OFFICE, clock=clock)
    with pytest.raises(Conflict, match="grant_over_received"):
        grants.receive_grant(session, promised.ref, Money.of(1001), on=TODAY, actor=OFFICE, clock=clock)


@pytest.mark.parametrize(
    "wrong", [{"euros": 0}, {"funder": " "}, {"first": date(2027, 2, 1), "last": date(2027, 1, 1)}]
)
def test_a_grant_that_says_nothing_is_refused(session: Session, wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        a_grant(session, **wrong)  # type: ignore[arg-type]


def test_a_notification_to_come_or_an_absent_grant_is_refused(session: Session, clock: FixedClock) -> None:
    grant = a_grant(session)
    with pytest.raises(InvalidInput):
        grants.notify_grant(session, grant.ref, on=date(2027, 2, 1), actor=OFFICE, clock=clock)
    with pytest.raises(NotFound):
        grants.report_grant(session, "SUB-AAAA-AAAA", actor=OFFICE, clock=clock)
    with pytest.raises(DomainError):
        grants.report_grant(session, grant.ref, actor=OFFICE, clock=clock)


def test_the_share_reads_sales_gifts_and_days_of_grants(session: Session) -> None:
    a_sale_entry(session, 570, date(2026, 6, 1))
    a_sale_entry(session, -70, date(2026, 7, 1))
    a_gift_entry(session, 100, date(2026, 8, 1))
    a_sale_entry(session, 100, date(2025, 6, 1), offering="training")
    a_notified_grant(session, euros=400, on=date(2026, 1, 5), first=date(2026, 2, 1), last=date(2026, 12, 31))
    standing = queries.standing_on(session, TODAY)
    assert (standing.now.own, standing.now.grants, standing.now.other) == (
        Money.of(500),
        Money.of(400),
        Money.of(100),
    )
    assert (standing.share, standing.previous, standing.gain) == (50, 100, -50)
    assert standing.moved() == [("training", -100)]


def test_the_picture_sums_by_month_and_counts_costs(session: Session) -> None:
    a_sale_entry(session, 320, date(2026, 12, 1))
    a_sale_entry(session, 80, date(2026, 12, 31))
    a_sale_entry(session, 999, TODAY)
    a_cost_entry(session, 250, date(2026, 12, 20))
    months = queries.picture(session, TODAY)
    assert len(months) == 24
    assert (months[-1].month, months[-1].own, months[-1].costs) == (date(2026, 12, 1), Money.of(400), Money.of(250))
    assert Money.sum(line.own for line in months[:-1]) == Money(0)


def test_offerings_share_own_income_and_the_rest_is_said(session: Session) -> None:
    a_sale_entry(session, 300, date(2026, 12, 1), offering="wrap_group")
    a_sale_entry(session, 100, date(2026, 12, 1), offering="training")
    lines = queries.offering_lines(session, Window(date(2026, 1, 1), date(2027, 1, 1)))
    assert [(line.name, line.income, line.points) for line in lines] == [
        ("Groupe WRAP", Money.of(300), 75),
        ("training", Money.of(100), 25),
    ]
    assert queries.own_without_offering(session, Window(date(2026, 1, 1), date(2027, 1, 1))) == Money(0)
