"""When the money will come: each payer's own pace, spans without a hole, nothing lost."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from entrepairs.billing.dunning.forecast import (
    Basis,
    Expected,
    Source,
    delays_of,
    forecast,
    payment_days,
    spans_from,
)
from entrepairs.billing.dunning.forecasting import outlook, past_delays
from entrepairs.billing.dunning.pausing import note_promise, open_dispute
from entrepairs.billing.payments import record_transfer
from entrepairs.kernel.money import Money
from entrepairs.network.models import PayerKind
from tests.factories.billing import OFFICE, a_client, a_demand_done, an_issued_invoice, later
from tests.factories.demands import a_confirmed_demand
from tests.factories.network import a_site

MONDAY = date(2027, 1, 11)


def test_a_payer_is_judged_by_its_own_past_then_by_its_kind_then_by_its_term():
    own, kind = [20, 30, 40, 50], [60, 60, 60]
    assert delays_of(own, kind, 30).basis is Basis.PAYER
    assert (delays_of(own, kind, 30).fast, delays_of(own, kind, 30).usual, delays_of(own, kind, 30).slow) == (
        28,
        35,
        42,
    )
    assert (delays_of(own[:2], kind, 30).basis, delays_of(own[:2], kind, 30).usual) == (Basis.KIND, 60)
    assert (delays_of([], [60], 30).basis, delays_of([], [60], 30).slow) == (Basis.TERM, 30)


def test_who_is_later_than_usual_is_judged_by_those_who_were_as_late():
    delays = delays_of([20, 30, 40, 90], [], 30)
    issued = MONDAY - timedelta(days=50)
    assert payment_days(issued, delays, MONDAY)[0] == issued + timedelta(days=90)
    longer_ago = MONDAY - timedelta(days=200)
    likely, prudent = payment_days(longer_ago, delays, MONDAY)
    assert likely == prudent == MONDAY + timedelta(days=max(delays.slow - delays.usual, 14))


@given(
    own=st.lists(st.integers(0, 200), max_size=8),
    ago=st.integers(-60, 400),
    term=st.sampled_from([30, 50, 63]),
)
def test_nothing_is_expected_in_the_past_and_the_prudent_day_is_never_sooner(own: list[int], ago: int, term: int):
    likely, prudent = payment_days(MONDAY - timedelta(days=ago), delays_of(own, [], term), MONDAY)
    assert MONDAY < likely <= prudent


@given(st.dates(date(2026, 1, 1), date(2028, 12, 31)))
def test_thirteen_weeks_then_months_leave_no_day_out(today: date):
    spans = spans_from(today)
    assert spans[0][0] <= today
    assert [weekly for *_days, weekly in spans] == [True] * 13 + [False] * 4
    for (_first, last, _weekly), (following, *_rest) in pairwise(spans):
        assert following - last == timedelta(days=1)
    assert all(first <= last for first, last, _weekly in spans)


@given(st.lists(st.tuples(st.sampled_from(Source), st.integers(1, 10**6), st.integers(1, 500)), max_size=20))
def test_every_sum_stands_once_in_its_span_or_after(sums: list):
    expected = [
        Expected(source, Money(cents), MONDAY + timedelta(days=days), MONDAY + timedelta(days=days))
        for source, cents, days in sums
    ]
    found = forecast(expected, MONDAY)
    assert found.total + found.later == Money.sum(one.amount for one in expected)
    assert Money.sum(one.prudent for one in found.spans) == found.total


def test_open_invoices_services_done_and_planned_are_expected_at_their_payers_pace(session: Session):
    clock, client = later(), a_client(session)
    paid = an_issued_invoice(session, client)
    twelve = clock.today() + timedelta(days=12)
    clock.advance(timedelta(days=12))
    record_transfer(session, paid.ref, Money(paid.gross), twelve, clock=clock, actor=OFFICE)
    assert past_delays(session, twelve).by_payer == {client.id: [12]}
    owed, promised, contested = (an_issued_invoice(session) for _ in range(3))
    note_promise(session, promised.ref, until=twelve + timedelta(days=40), clock=clock, actor=OFFICE)
    open_dispute(session, contested.ref, reason="Quantité discutée", clock=clock, actor=OFFICE)
    a_demand_done(session, owed.partner, done=3)
    seen = outlook(session, clock=clock)
    by_source = {source: [one for one in seen.expected if one.source is source] for source in Source}
    assert [one.amount for one in by_source[Source.INVOICES]] == [Money(owed.gross), Money(promised.gross)]
    assert by_source[Source.INVOICES][1].likely == twelve + timedelta(days=40)
    assert Money.sum(one.amount for one in by_source[Source.DONE]) == Money(3 * 32000)
    assert seen.contested == Money(contested.gross)
    assert {delays.basis for *_who, delays in seen.payers} == {Basis.TERM}


def test_sessions_to_come_count_at_the_agreed_price_and_what_a_grant_pays_does_not(session: Session):
    clinic = a_client(session, payer_kind=PayerKind.PRIVATE)
    demand = a_confirmed_demand(session, clinic, a_site(session, clinic), a_demand_done(session, clinic).offering)
    seen = outlook(session, clock=later())
    planned = [one for one in seen.expected if one.source is Source.PLANNED]
    assert Money.sum(one.amount for one in planned) == Money(32000 * len(demand.sessions))
    demand.financed_by = "Une fondation"
    session.flush()
    assert not [one for one in outlook(session, clock=later()).expected if one.source is Source.PLANNED]
