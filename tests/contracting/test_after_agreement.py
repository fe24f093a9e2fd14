"""After the agreement: the engagement number of a public buyer, the price and the VAT that are billed."""

from dataclasses import replace

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from entrepairs.billing.drafting import draft_invoices
from entrepairs.contracting import engagements
from entrepairs.contracting.pricing import proposed_lines
from entrepairs.demands.cancelling import cancel
from entrepairs.demands.states import DemandState, SessionState
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict
from entrepairs.kernel.money import Money
from entrepairs.kernel.references import new_reference
from entrepairs.messages.models import Message
from entrepairs.missions.models import ServiceAnswer, ServiceDone
from tests.contracting.answering import accept
from tests.contracting.conftest import House, ask
from tests.factories.billing import OFFICE, later
from tests.factories.contracting import SIGNER, a_sent_quote


def test_a_public_buyer_agrees_then_gives_its_engagement_number(
    session: Session, hospital: House, clock: FixedClock
) -> None:
    demand = ask(session, hospital)
    accept(session, a_sent_quote(session, demand, clock=clock), hospital, clock)
    assert demand.state is DemandState.AWAITING_ENGAGEMENT
    assert demand.seats == []
    asked = session.scalars(select(Message).where(Message.kind == "contracting.engagement_wanted")).all()
    assert [one.to_ref for one in asked] == [hospital.manager.ref]

    engagements.record_engagement(
        session, demand.ref, " EJ-2027-0042 ", service_code="PSY", scope=hospital.scope, actor=SIGNER, clock=clock
    )
    assert demand.state is DemandState.CONFIRMED
    corrected = engagements.record_engagement(session, demand.ref, "EJ-2027-0043", actor=OFFICE, clock=clock)
    assert corrected.state is DemandState.CONFIRMED
    kept = session.execute(text("SELECT number, service_code FROM engagement")).all()
    assert kept == [("EJ-2027-0043", "PSY")]


def test_the_number_given_with_the_signature_makes_the_demand_firm_at_once(
    session: Session, hospital: House, clock: FixedClock
) -> None:
    demand = ask(session, hospital)
    accept(session, a_sent_quote(session, demand, clock=clock), hospital, clock, engagement="EJ-1")
    assert demand.state is DemandState.CONFIRMED


def test_a_demand_that_is_over_takes_no_number(session: Session, hospital: House, clock: FixedClock) -> None:
    demand = ask(session, hospital)
    cancel(session, demand.ref, actor=OFFICE, clock=clock)
    with pytest.raises(Conflict):
        engagements.record_engagement(session, demand.ref, "EJ-1", actor=OFFICE, clock=clock)


def test_the_invoice_follows_the_price_and_the_vat_that_were_agreed(
    session: Session, clinic: House, clock: FixedClock
) -> None:
    demand = ask(session, clinic)
    proposal = proposed_lines(session, demand, clock=clock)[0]
    line = replace(proposal, unit_price=Money.of(310), vat_regime="standard")
    accept(session, a_sent_quote(session, demand, clock=clock, lines=[line]), clinic, clock)
    planned = demand.sessions[0]
    planned.state = SessionState.DONE
    session.add(
        ServiceDone(
            ref=new_reference("SF"),
            session=planned,
            answer=ServiceAnswer.CONFIRMED,
            minutes=120,
            headcount=10,
            by_label="Nadège, cadre de santé",
            at=clock.now(),
        )
    )
    session.flush()
    invoice = draft_invoices(session, clinic.partner.ref, clock=later(), actor=OFFICE)[0]
    assert (invoice.net, invoice.vat, invoice.gross) == (31000, 6200, 37200)
