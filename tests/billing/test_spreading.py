"""Each line is counted for the peers who did it: on the document, in the ledger, in what each brought; to the cent."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from entrepairs.billing.credit_notes import Part, credit_invoice
from entrepairs.billing.deposits import draft_deposit
from entrepairs.billing.drafting import draft_invoices
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.models import Invoice
from entrepairs.billing.spreading import PEER_AXIS, allotted
from entrepairs.cooperative.by_peer import Brought, account_of, brought, brought_by_peer
from entrepairs.cooperative.contribution import RATE, take_contribution
from entrepairs.cooperative.selffinancing import Window
from entrepairs.demands.models import Demand
from entrepairs.demands.states import SessionState
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.money import Money
from entrepairs.kernel.references import new_reference
from entrepairs.ledger import reports
from entrepairs.missions.models import ServiceAnswer, ServiceDone
from entrepairs.settings.decisions import vote
from tests.factories.billing import EXEMPT, OFFICE, a_client, later
from tests.factories.catalogue import a_wrap_group
from tests.factories.missions import a_held_demand, holders

SINCE, UNTIL = FixedClock().today().replace(month=1, day=1), later().today()
SPAN = Window(SINCE, UNTIL.replace(day=28))
NAMES = st.text("ABCD", min_size=1, max_size=3)


@given(st.integers(-(10**9), 10**9), st.dictionaries(NAMES, st.integers(0, 10**6), min_size=1, max_size=5))
def test_an_amount_shared_makes_the_whole_and_no_part_is_a_cent_astray(cents: int, weights: dict[str, int]) -> None:
    if not any(weights.values()):
        weights = dict.fromkeys(weights, 1)
    parts = allotted(Money(cents), weights)
    assert Money.sum(parts.values()) == Money(cents)
    total = sum(weights.values())
    assert all(abs(part.cents * total - cents * weights[name]) < total for name, part in parts.items())


@given(st.integers(1, 10**6), st.integers(2, 3), st.lists(st.integers(1, 10**6), max_size=6))
def test_taken_back_piece_by_piece_nothing_is_left_to_anybody(net: int, people: int, pieces: list[int]) -> None:
    left = {name: part.cents for name, part in allotted(Money(net), dict.fromkeys("ABC"[:people], 1)).items()}
    for piece in [*pieces, net]:
        taken = min(piece, sum(left.values()))
        if taken:
            for name, part in allotted(Money(taken), left).items():
                left[name] -= part.cents
                assert left[name] >= 0
    assert set(left.values()) == {0}


def a_group_of_two(session: Session, done: int = 2) -> Demand:
    """A WRAP group kept by two peers, whose first sessions took place."""
    demand = a_held_demand(session, partner=a_client(session), offering=a_wrap_group(session, vat_regime=EXEMPT))
    happened(session, demand, range(done))
    return demand


def happened(session: Session, demand: Demand, which: Iterable[int]) -> None:
    for row in (demand.sessions[place] for place in which):
        row.state = SessionState.DONE
        facts = {"answer": ServiceAnswer.CONFIRMED, "minutes": 120, "headcount": 9, "by_label": "Nadège"}
        session.add(ServiceDone(ref=new_reference("SF"), session=row, at=later().now(), **facts))
    session.flush()


def billed(session: Session, demand: Demand) -> Invoice:
    (draft,) = draft_invoices(session, demand.partner.ref, clock=later(), actor=OFFICE)
    return issue_invoice(session, draft.ref, clock=later(), actor=OFFICE)


def by_ledger(session: Session) -> dict[str, Money]:
    return {row.code: row.income for row in reports.axis_rows(session, PEER_AXIS, SINCE, SPAN.last) if row.income}


def by_documents(session: Session) -> dict[str, Money]:
    return {ref: one.turnover for ref, one in brought_by_peer(session, SPAN).items() if one.turnover}


def test_a_session_of_two_counts_half_for_each_and_credit_notes_take_it_back(session: Session) -> None:
    demand = a_group_of_two(session)
    one, two = sorted(each.peer.ref for each in holders(session, demand))
    invoice = billed(session, demand)
    assert [line.axes[PEER_AXIS] for line in invoice.lines] == [{one: 160_00, two: 160_00}] * 2
    assert by_ledger(session) == by_documents(session) == {one: Money.of(320), two: Money.of(320)}
    credit = {"reason": "Séance écourtée", "clock": later(), "actor": OFFICE}
    for odd in ("19.99", "33.33"):
        credit_invoice(session, invoice.ref, parts=[Part(1, net=Money.of(odd))], **credit)
        assert by_ledger(session) == by_documents(session)
        assert Money.sum(by_ledger(session).values()) == reports.axis_rows(session, "offering", SINCE, UNTIL)[0].income
    credit_invoice(session, invoice.ref, **credit)
    assert by_ledger(session) == by_documents(session) == {}


def test_whoever_gave_a_session_away_is_not_counted_for_it(session: Session) -> None:
    demand = a_group_of_two(session)
    leaver, stays = holders(session, demand)
    next(each for each in leaver.bookings if each.session_id == demand.sessions[1].id).active = False
    session.flush()
    first, second = billed(session, demand).lines
    assert set(first.axes[PEER_AXIS]) == {leaver.peer.ref, stays.peer.ref}
    assert second.axes[PEER_AXIS] == {stays.peer.ref: 320_00}


def test_a_deposit_counts_for_nobody_until_the_work_is_done(session: Session) -> None:
    demand = a_group_of_two(session, done=0)
    asked = draft_deposit(session, demand.ref, Money.of(100), clock=FixedClock(), actor=OFFICE)
    issue_invoice(session, asked.ref, clock=FixedClock(), actor=OFFICE)
    assert by_ledger(session) == by_documents(session) == {}
    happened(session, demand, [0])
    billed(session, demand)
    assert Money.sum(by_ledger(session).values()) == Money.of(320)
    assert by_ledger(session) == by_documents(session)


@pytest.mark.parametrize(("rate", "each"), [("10.0", 32_00), ("8.35", 26_72)])
def test_the_contribution_is_shared_as_the_work_is(session: Session, rate: str, each: int) -> None:
    vote(session, RATE, {"rate": rate}, since=SINCE, voted_on=SINCE, source="AG", clock=FixedClock())
    demand = a_group_of_two(session)
    take_contribution(session, billed(session, demand).ref, {}, clock=later())
    found = brought_by_peer(session, SPAN)
    assert {ref: brought(account_of(session, ref, SPAN).values()) for ref in found} == found
    assert set(found.values()) == {Brought(Money.of(320), Money(each))}
    assert {one.left for one in found.values()} == {Money(320_00 - each)}
