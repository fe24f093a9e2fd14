"""A late cancellation: its cost is said before, at the agreed price and by the agreed terms, then invoiced or given up."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from entrepairs.billing.cancellations import cancel_demand, terms_of, waive
from entrepairs.billing.ceilings import invoiced_under
from entrepairs.billing.credit_notes import credit_invoice
from entrepairs.billing.drafting import delete_draft, draft_invoices
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.models import LateCancellation
from entrepairs.billing.month.months import Month
from entrepairs.billing.month.obstacles import Kind
from entrepairs.billing.month.reading import waiting_up_to
from entrepairs.billing.queries import cancellations_to_bill
from entrepairs.contracting.considering import draw, release_demand
from entrepairs.contracting.models import Agreement, AgreementDraw
from entrepairs.contracting.queries import room_of
from entrepairs.demands.diary import hold_seat
from entrepairs.demands.models import Demand
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.scopes import OFFICE as BY_OFFICE
from entrepairs.demands.scopes import Scope
from entrepairs.kernel.clock import PARIS, FixedClock
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.kernel.money import Money
from entrepairs.network.models import Partner
from tests.billing.test_grouping import done
from tests.factories.billing import EXEMPT, OFFICE, a_client, the_association
from tests.factories.catalogue import a_wrap_group
from tests.factories.contracting import an_active_agreement
from tests.factories.demands import a_submitted_demand
from tests.factories.missions import a_certified_peer
from tests.factories.network import a_site

THREE_DAYS_BEFORE = FixedClock(datetime(2027, 1, 18, 14, tzinfo=PARIS))
LATER = FixedClock(datetime(2027, 2, 1, 10, tzinfo=PARIS))


def agreed(session: Session, *, held: bool = True, **terms: object) -> tuple[Partner, Demand]:
    """A WRAP group at the agreed 300 € (320 € in the catalogue) from Thursday 21 January 2027; somebody comes."""
    the_association(session)
    partner, group = a_client(session), a_wrap_group(session, vat_regime=EXEMPT, cents=32000)
    values = {"cancel_notice_days": 7, "cancel_percent": Decimal(50)} | terms
    agreement = an_active_agreement(session, partner, group, **values)
    demand = a_submitted_demand(session, partner, a_site(session, partner), group)
    assert draw(session, demand, agreement, actor=OFFICE, clock=FixedClock())
    if held:
        hold_seat(session, demand, a_certified_peer(session).id, actor=OFFICE, clock=FixedClock())
    return partner, demand


def cancelled(session: Session, partner: Partner, demand: Demand) -> LateCancellation:
    cancel_demand(session, demand.ref, Scope(partner.id), actor=OFFICE, clock=THREE_DAYS_BEFORE)
    release_demand(session, demand.ref, {}, clock=THREE_DAYS_BEFORE)
    return session.scalars(select(LateCancellation)).one()


def test_half_of_the_agreed_price_is_said_then_invoiced_under_the_agreement(session: Session) -> None:
    partner, demand = agreed(session)
    assert terms_of(session, demand, clock=THREE_DAYS_BEFORE).cost == Money(8 * 150_00)
    row = cancelled(session, partner, demand)
    assert (row.base, row.cents, row.sessions) == (8 * 300_00, 8 * 150_00, 8)
    assert cancellations_to_bill(session) == [row]
    (draft,) = draft_invoices(session, partner.ref, clock=LATER, actor=OFFICE)
    issued = issue_invoice(session, draft.ref, clock=LATER, actor=OFFICE)
    assert (issued.gross, issued.agreement_number) == (1200_00, "CV2027-00001")
    assert issued.lines[0].label.replace("\u00a0", " ") == (
        "Groupe WRAP, 8 séances à partir du 21 janvier 2027, annulées le 18 janvier 2027 (moins de 7 jours avant) : "
        "50 % du prix convenu"
    )
    assert cancellations_to_bill(session) == []


def test_what_a_late_cancellation_costs_counts_in_the_ceiling_of_its_agreement(session: Session) -> None:
    partner, demand = agreed(session, ceiling=Money(2500_00))
    cancelled(session, partner, demand)
    agreement = session.scalars(select(Agreement)).one()
    room = room_of(session, agreement)
    assert (room.drawn, room.left, room.percent) == (Money.of(1200), Money.of(1300), 48)
    january = Month(date(2027, 1, 1))
    assert waiting_up_to(session, january, today=LATER.today()).obstacles == ()
    second = a_submitted_demand(session, partner, a_site(session, partner), demand.offering)
    assert not draw(session, second, agreement, actor=OFFICE, clock=FixedClock()), (
        "it would be invoiced beyond the ceiling"
    )
    session.execute(update(AgreementDraw).values(late_cents=0))  # as if it had been forgotten: the month finds it
    assert draw(session, second, agreement, actor=OFFICE, clock=FixedClock())
    done(session, second)
    months = Month(date(2027, 3, 1))
    assert {one.kind for one in waiting_up_to(session, months, today=LATER.today()).obstacles} == {Kind.CEILING}
    (draft,) = draft_invoices(session, partner.ref, demand_refs=[demand.ref], clock=LATER, actor=OFFICE)
    assert invoiced_under(session, agreement) == Money(draft.net) == Money(1200_00)
    assert {one.kind for one in waiting_up_to(session, months, today=LATER.today()).obstacles} == {Kind.CEILING}


def test_a_draft_thrown_away_and_a_credit_note_give_it_back_to_bill(session: Session) -> None:
    partner, demand = agreed(session)
    row = cancelled(session, partner, demand)
    (draft,) = draft_invoices(session, partner.ref, clock=LATER, actor=OFFICE)
    delete_draft(session, draft.ref, clock=LATER, actor=OFFICE)
    (draft,) = draft_invoices(session, partner.ref, clock=LATER, actor=OFFICE)
    issue_invoice(session, draft.ref, clock=LATER, actor=OFFICE)
    credit_invoice(session, draft.ref, reason="Le service était fermé", bill_again=True, clock=LATER, actor=OFFICE)
    assert cancellations_to_bill(session) == [row]


@pytest.mark.parametrize(
    ("terms", "hours", "cost"),
    [
        ({}, 7 * 24 + 1, 0),
        ({}, 7 * 24, 0),
        ({}, 7 * 24 - 1, 1200_00),
        ({"cancel_notice_days": 2, "cancel_percent": Decimal("33.33")}, 47, 799_92),
        ({"cancel_notice_days": 0, "cancel_percent": Decimal(100)}, 1, 0),
        ({"cancel_notice_days": 30, "cancel_percent": Decimal(0)}, 1, 0),
        ({"cancel_notice_days": None, "cancel_percent": None}, 1, 0),  # nothing voted either
    ],
)
def test_the_agreement_says_until_when_it_is_free_and_how_much_then(
    session: Session, terms: dict[str, object], hours: int, cost: int
) -> None:
    _partner, demand = agreed(session, **terms)
    start = period_of(demand.sessions[0]).start
    assert terms_of(session, demand, clock=FixedClock(start - timedelta(hours=hours))).cost == Money(cost)


def test_nothing_is_due_when_nobody_had_kept_their_time_or_when_the_association_cancels(session: Session) -> None:
    _partner, alone = agreed(session, held=False)
    assert terms_of(session, alone, clock=THREE_DAYS_BEFORE).cost == Money(0)
    hold_seat(session, alone, a_certified_peer(session).id, actor=OFFICE, clock=FixedClock())
    cancel_demand(session, alone.ref, BY_OFFICE, actor=OFFICE, clock=THREE_DAYS_BEFORE)
    assert cancellations_to_bill(session) == []


def test_the_office_cancels_for_a_structure_that_asked(session: Session) -> None:
    _partner, demand = agreed(session)
    cancel_demand(session, demand.ref, asked_by_structure=True, actor=OFFICE, clock=THREE_DAYS_BEFORE)
    assert [row.cents for row in cancellations_to_bill(session)] == [1200_00]


def test_it_is_given_up_once_with_a_reason_and_never_once_billed(session: Session) -> None:
    partner, demand = agreed(session)
    row = cancelled(session, partner, demand)
    with pytest.raises(InvalidInput, match="reason_missing"):
        waive(session, row.ref, reason=" ", clock=LATER, actor=OFFICE)
    (draft,) = draft_invoices(session, partner.ref, clock=LATER, actor=OFFICE)
    with pytest.raises(Conflict, match="cancellation_billed"):
        waive(session, row.ref, reason="Épidémie dans le service", clock=LATER, actor=OFFICE)
    delete_draft(session, draft.ref, clock=LATER, actor=OFFICE)
    agreement = session.scalars(select(Agreement)).one()
    assert room_of(session, agreement).drawn == Money.of(1200)
    waive(session, row.ref, reason="Épidémie dans le service", clock=LATER, actor=OFFICE)
    assert room_of(session, agreement).drawn == Money(0)
    with pytest.raises(Conflict, match="nothing_to_bill"):
        draft_invoices(session, partner.ref, clock=LATER, actor=OFFICE)
    with pytest.raises(Conflict, match="cancellation_billed"):
        waive(session, row.ref, reason="Encore", clock=LATER, actor=OFFICE)


@pytest.mark.parametrize(
    "change",
    ["UPDATE late_cancellation SET cents = 1", "DELETE FROM late_cancellation", "TRUNCATE late_cancellation CASCADE"],
)
def test_what_is_due_is_written_once(session: Session, change: str) -> None:
    partner, demand = agreed(session)
    cancelled(session, partner, demand)
    with pytest.raises(DBAPIError, match=r"written once|permission denied"), session.begin_nested():
        session.execute(text(change))
