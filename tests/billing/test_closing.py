"""A demand ends when nothing of it is left to do, to discuss or to invoice."""

from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from entrepairs.billing import closing
from entrepairs.billing.closing import close_demands_of, close_settled_demands
from entrepairs.billing.credit_notes import credit_invoice
from entrepairs.billing.drafting import draft_invoices
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.models import Invoice, LateCancellation
from entrepairs.billing.queries import to_bill
from entrepairs.contracting.engagements import record_engagement
from entrepairs.demands.models import Demand
from entrepairs.demands.states import DemandState
from entrepairs.kernel.references import new_reference
from entrepairs.missions.models import ServiceAnswer, ServiceDone
from tests.factories.billing import EXEMPT, OFFICE, a_client, a_demand_done, later, the_association


def carried_out(session: Session, **given: object) -> Demand:
    the_association(session)
    demand = a_demand_done(session, a_client(session))
    demand.state = DemandState.COMPLETED
    for name, value in given.items():
        setattr(demand, name, value)
    session.flush()
    return demand


def issued(session: Session, demand: Demand) -> Invoice:
    (draft,) = draft_invoices(session, demand.partner.ref, clock=later(), actor=OFFICE)
    return issue_invoice(session, draft.ref, clock=later(), actor=OFFICE)


def test_a_demand_closes_with_its_last_invoice(session: Session) -> None:
    demand = carried_out(session)
    assert close_settled_demands(session, clock=later()) == 0  # not invoiced yet
    invoice = issued(session, demand)
    assert close_demands_of(session, invoice.ref, {}, clock=later()) == 1
    assert demand.state is DemandState.CLOSED
    assert close_demands_of(session, invoice.ref, {}, clock=later()) == 0


def test_a_draft_or_a_session_under_discussion_keeps_it_open(session: Session) -> None:
    demand = carried_out(session)
    disputed = session.query(ServiceDone).filter_by(session_id=demand.sessions[0].id).one()
    disputed.answer = ServiceAnswer.DISPUTED
    session.flush()
    invoice = issued(session, demand)
    assert close_demands_of(session, invoice.ref, {}, clock=later()) == 0
    disputed.answer = ServiceAnswer.CORRECTED
    session.flush()
    draft_invoices(session, demand.partner.ref, clock=later(), actor=OFFICE)
    assert close_settled_demands(session, clock=later()) == 0
    assert demand.state is DemandState.COMPLETED


def test_a_demand_that_a_grant_pays_closes_with_the_daily_round(session: Session) -> None:
    demand = carried_out(session, financed_by="Agence régionale de santé")
    assert close_settled_demands(session, clock=later()) == 1
    assert demand.state is DemandState.CLOSED


def test_those_that_wait_for_an_invoice_do_not_hold_the_others_back(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancelled, day = carried_out(session, state=DemandState.CANCELLED), later().today()
    late = {"cancelled_on": day, "first_day": day, "sessions": 1, "notice_days": 7, "percent": Decimal(50)}
    sums = {"base": 100_00, "cents": 50_00, "vat_regime": EXEMPT, "created_at": later().now()}
    session.add(LateCancellation(ref=new_reference("ANN"), demand_id=cancelled.id, **late, **sums))
    session.flush()
    issued(session, cancelled)  # a line of it bills no service
    carried_out(session, ref="DEM-2222-2222")
    carried_out(session, ref="DEM-3333-3333", financed_by="Agence régionale de santé")
    monkeypatch.setattr(closing, "_BATCH", 1)
    assert close_settled_demands(session, clock=later()) == 1


def test_a_closed_demand_is_billed_again_with_another_number_after_a_credit_note(session: Session) -> None:
    demand = carried_out(session)
    invoice = issued(session, demand)
    close_demands_of(session, invoice.ref, {}, clock=later())
    note = credit_invoice(session, invoice.ref, reason="Numéro d'engagement refusé", clock=later(), actor=OFFICE)
    assert close_demands_of(session, note.ref, {}, clock=later()) == 0
    record_engagement(session, demand.ref, "EJ2027-77", actor=OFFICE, clock=later())
    (waiting,) = to_bill(session, demand.partner_id)
    assert waiting.count == 8
    assert issued(session, demand).engagement == "EJ2027-77"
