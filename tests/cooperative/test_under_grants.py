"""A demand that a grant pays for is counted under it: what was done, how long, what it is worth, until the report leaves."""

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from entrepairs.cooperative import grants
from entrepairs.cooperative.financing import (
    demands_for,
    finance_demand,
    financing_of,
    grants_for,
    is_financeable,
    stop_financing,
)
from entrepairs.cooperative.under_grants import COLUMNS, demands_under, done_by_grant, grant_csv, together
from entrepairs.demands.models import Demand
from entrepairs.demands.states import DemandState, SessionState
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, DomainError, NotFound
from entrepairs.kernel.money import Money
from entrepairs.missions.models import ServiceAnswer, ServiceDone
from entrepairs.network.models import PayerKind
from tests.billing.test_grouping import done
from tests.factories.billing import EXEMPT, a_client
from tests.factories.catalogue import a_wrap_group
from tests.factories.cooperative import OFFICE, a_grant, a_notified_grant
from tests.factories.demands import a_submitted_demand
from tests.factories.network import a_site

CLOCK = FixedClock()


def free(session: Session, *, held: bool = True, **client: object) -> Demand:
    """Eight weekly sessions at 320 € from Thursday 21 January 2027, for an association of users; all held when `held`."""
    partner = a_client(session, **({"payer_kind": PayerKind.NONE} | client))
    group = a_wrap_group(session, vat_regime=EXEMPT, cents=32000)
    demand = a_submitted_demand(session, partner, a_site(session, partner), group)
    demand.state = DemandState.CONFIRMED
    if held:
        done(session, demand)
    session.flush()
    return demand


def test_what_was_done_is_counted_within_the_period_at_the_price_it_would_have_been_invoiced(session: Session) -> None:
    grant = a_notified_grant(session, first=date(2027, 1, 1), last=date(2027, 2, 28))
    demand = free(session)
    assert list(demands_for(session, grant)) == [demand]
    assert [one.ref for one in grants_for(session, demand)] == [grant.ref]
    finance_demand(session, demand.ref, grant.ref, actor=OFFICE, clock=CLOCK)
    (one,) = demands_under(session, grant)
    assert (one.done.count, one.done.value) == (6, Money(6 * 320_00)), "the last two sessions are in March"
    assert one.done.minutes == 6 * 120
    assert one.done.peer_minutes == 6 * 120 * demand.facilitation.seats
    assert one.done.headcount == 60
    assert demand.financed_by == "Agence régionale"
    assert list(demands_for(session, grant)) == []
    ((_grant, january),) = done_by_grant(session, date(2027, 1, 1), date(2027, 1, 31))
    assert (january.count, january.value) == (2, Money(640_00))
    assert done_by_grant(session, date(2027, 3, 1), date(2027, 12, 31)) == [], "what is after its period is not its own"
    first, row = grant_csv(demands_under(session, grant)).decode("utf-8-sig").splitlines()
    assert first.split(";") == list(COLUMNS)
    peers = f"{12 * demand.facilitation.seats},00"
    assert row.split(";")[-7:] == [
        "21/01/2027",
        "25/02/2027",
        "6",
        "12,00",
        peers,
        "60",
        "1920,00",
    ]


def test_a_session_in_discussion_waits_and_what_is_only_planned_is_not_counted(session: Session) -> None:
    grant, demand = a_notified_grant(session), free(session)
    first = session.scalars(select(ServiceDone).order_by(ServiceDone.id)).first()
    assert first is not None
    first.answer = ServiceAnswer.DISPUTED
    demand.sessions[1].state = SessionState.PLANNED
    finance_demand(session, demand.ref, grant.ref, actor=OFFICE, clock=CLOCK)
    assert together(demands_under(session, grant)).count == 6


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        ("asked for only", "grant_not_notified"),
        ("reported", "grant_reported"),
        ("other days", "grant_other_days"),
        ("invoiced", "demand_invoiced"),
        ("cancelled", "demand_not_firm"),
        ("unknown", "grant"),
    ],
)
def test_money_is_not_told_to_a_funder_without_ground(session: Session, refused: str, code: str) -> None:
    days = {"first": date(2026, 1, 1), "last": date(2026, 12, 31)} if refused == "other days" else {}
    grant = a_grant(session) if refused == "asked for only" else a_notified_grant(session, **days)
    if refused == "reported":
        grants.report_grant(session, grant.ref, actor=OFFICE, clock=CLOCK)
    demand = free(session, held=False, **({"payer_kind": PayerKind.PRIVATE} if refused == "invoiced" else {}))
    if refused == "cancelled":
        demand.state = DemandState.CANCELLED
    ref = "SUB-2222-2222" if refused == "unknown" else grant.ref
    with pytest.raises(DomainError) as told:
        finance_demand(session, demand.ref, ref, actor=OFFICE, clock=CLOCK)
    assert told.value.code == code
    assert is_financeable(demand) is (refused not in {"invoiced", "cancelled"})


def test_a_demand_counts_under_one_grant_moves_to_another_and_leaves_it(session: Session) -> None:
    first, second, demand = a_notified_grant(session), a_notified_grant(session, funder="Ville"), free(session)
    for grant in (first, first, second):
        finance_demand(session, demand.ref, grant.ref, actor=OFFICE, clock=CLOCK)
        tied = financing_of(session, demand.id)
        assert tied is not None
        assert tied.grant is grant
    with pytest.raises(NotFound):
        stop_financing(session, demand.ref, grant_ref=first.ref, actor=OFFICE, clock=CLOCK)
    for _ in range(2):
        stop_financing(session, demand.ref, actor=OFFICE, clock=CLOCK)
    assert financing_of(session, demand.id) is None
    assert demand.financed_by == "Agence régionale", "nobody is invoiced for it all the same"
    with pytest.raises(NotFound):
        stop_financing(session, "DEM-2222-2222", actor=OFFICE, clock=CLOCK)


def test_once_the_report_has_left_nothing_under_the_grant_changes_even_by_sql(session: Session) -> None:
    grant, other, demand = a_notified_grant(session), a_notified_grant(session, funder="Ville"), free(session)
    finance_demand(session, demand.ref, grant.ref, actor=OFFICE, clock=CLOCK)
    second = free(session)
    for forbidden in ("UPDATE financed_demand SET tied_by = 'x'", "TRUNCATE financed_demand"):
        _refused(session, forbidden)
    grants.report_grant(session, grant.ref, actor=OFFICE, clock=CLOCK)
    session.flush()
    with pytest.raises(Conflict, match="grant_reported"):
        stop_financing(session, demand.ref, actor=OFFICE, clock=CLOCK)
    with pytest.raises(Conflict, match="grant_reported"):
        finance_demand(session, demand.ref, other.ref, actor=OFFICE, clock=CLOCK)
    _refused(session, "DELETE FROM financed_demand")
    _refused(
        session,
        "INSERT INTO financed_demand (grant_id, demand_id, tied_at, tied_by) "
        f"VALUES ({grant.id}, {second.id}, now(), 'x')",
    )
    assert together(demands_under(session, grant)).count == 8


def _refused(session: Session, statement: str) -> None:
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text(statement))
