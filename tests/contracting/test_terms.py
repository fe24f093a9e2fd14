"""What an agreement says of its invoices and of cancellations: checked, printed, frozen; one number a year."""

from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from entrepairs.contracting import engagements, papers
from entrepairs.contracting.considering import consider_demand
from entrepairs.contracting.models import Agreement, InvoiceGrouping
from entrepairs.demands.states import DemandState
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, InvalidInput
from tests.contracting.conftest import House, ask
from tests.factories.billing import OFFICE
from tests.factories.contracting import an_active_agreement


def yearly(session: Session, hospital: House, clock: FixedClock) -> Agreement:
    return an_active_agreement(session, hospital.partner, hospital.group, clock=clock, yearly_engagement=True)


def test_a_demand_waits_for_the_number_of_the_year_then_the_next_ones_wait_no_more(
    session: Session, hospital: House, clock: FixedClock
) -> None:
    agreement = yearly(session, hospital, clock)
    first, second = ask(session, hospital), ask(session, hospital)
    consider_demand(session, first.ref, {}, clock=clock)
    assert first.state is DemandState.AWAITING_ENGAGEMENT
    engagements.record_yearly_engagement(session, agreement.ref, 2027, " EJ 27 ", actor=OFFICE, clock=clock)
    assert (first.state, agreement.engagements[0].number) == (DemandState.CONFIRMED, "EJ27")
    consider_demand(session, second.ref, {}, clock=clock)
    assert second.state is DemandState.CONFIRMED
    engagements.record_yearly_engagement(session, agreement.ref, 2027, "EJ28", actor=OFFICE, clock=clock)
    assert [row.number for row in agreement.engagements] == ["EJ28"]


def test_a_number_is_for_a_year_in_which_the_agreement_runs_and_for_agreements_that_take_one(
    session: Session, hospital: House, clinic: House, clock: FixedClock
) -> None:
    agreement = yearly(session, hospital, clock)
    with pytest.raises(InvalidInput, match="engagement_year"):
        engagements.record_yearly_engagement(session, agreement.ref, 2028, "EJ1", actor=OFFICE, clock=clock)
    other = an_active_agreement(session, clinic.partner, clinic.group, clock=clock)
    with pytest.raises(Conflict, match="not_yearly"):
        engagements.record_yearly_engagement(session, other.ref, 2027, "EJ1", actor=OFFICE, clock=clock)
    with pytest.raises(InvalidInput, match="yearly_engagement"):
        an_active_agreement(session, clinic.partner, clinic.group, clock=clock, yearly_engagement=True)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"cancel_notice_days": 7}, "cancellation_whole"),
        ({"cancel_percent": Decimal(50)}, "cancellation_whole"),
        ({"cancel_notice_days": -1, "cancel_percent": Decimal(50)}, "cancellation_days"),
        ({"cancel_notice_days": 7, "cancel_percent": Decimal("100.01")}, "cancellation_percent"),
    ],
)
def test_terms_of_cancellation_go_together_and_are_sound(
    session: Session, clinic: House, clock: FixedClock, given: dict[str, object], code: str
) -> None:
    with pytest.raises(InvalidInput, match=code):
        an_active_agreement(session, clinic.partner, clinic.group, clock=clock, **given)


def test_the_paper_says_them_in_sentences(session: Session, clinic: House, clock: FixedClock) -> None:
    agreement = an_active_agreement(
        session,
        clinic.partner,
        clinic.group,
        clock=clock,
        grouping=InvoiceGrouping.MISSION,
        cancel_notice_days=3,
        cancel_percent=Decimal(30),
        payment_days=45,
        end_of_month=True,
        late_rate=Decimal("8.5"),
    )
    paper = papers.agreement_paper(session, agreement, clock=clock)
    assert "facturés mission par mission" in paper["payment_terms"]
    assert "payables à 45 jours fin de mois" in paper["payment_terms"]
    assert "les intérêts sont de 8,5" in paper["payment_terms"]
    said = papers.cancellation_sentence(agreement)
    assert paper["cancellation"] == said
    assert said is not None
    assert "sans frais jusqu'à 3 jours avant la séance" in said


@pytest.mark.parametrize("change", ["grouping = 'site'", "cancel_percent = 0, cancel_notice_days = 0"])
def test_the_terms_of_an_agreement_that_was_sent_are_frozen(
    session: Session, clinic: House, clock: FixedClock, change: str
) -> None:
    agreement = an_active_agreement(session, clinic.partner, clinic.group, clock=clock)
    with pytest.raises(DBAPIError, match="frozen"), session.begin_nested():
        session.execute(text(f"UPDATE agreement SET {change} WHERE id = :id"), {"id": agreement.id})


def test_the_office_records_the_number_of_the_year_on_the_page(
    session: Session, hospital: House, office, clock: FixedClock
) -> None:
    agreement = yearly(session, hospital, clock)
    session.commit()
    page = f"/a/conventions/{agreement.ref}"
    assert "Aucun pour l" in office.get(page).text
    refused = office.post(f"{page}/engagement", data={"year": "2029", "number": "EJ1"})
    assert refused.status_code == 422
    answer = office.post(f"{page}/engagement", data={"year": "2027", "number": "EJ1", "service_code": "PSY"})
    assert answer.status_code == 303
    assert "EJ1" in office.get(page).text
