"""Money from the signed quote to the last cent due, along the paths people really take."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from entrepairs.billing.credit_notes import credit_invoice
from entrepairs.billing.delivery import produce_einvoice
from entrepairs.billing.drafting import draft_invoices
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.payments import balance_of, record_refund, record_transfer
from entrepairs.billing.queries import OPEN_SHOWN, invoices, invoices_of_partner, to_bill, view_of
from entrepairs.billing.states import ShownState
from entrepairs.billing.transmission.sending import send_invoice
from entrepairs.catalogue.models import PriceUnit
from entrepairs.contracting import quotes
from entrepairs.contracting.engagements import record_engagement
from entrepairs.contracting.models import AgreementDraw
from entrepairs.contracting.pricing import proposed_lines
from entrepairs.contracting.queries import drawn_on
from entrepairs.demands.cancelling import cancel
from entrepairs.demands.models import Demand
from entrepairs.demands.states import SessionState
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.kernel.identifiers import vat_number_of
from entrepairs.kernel.money import Money
from entrepairs.kernel.references import new_reference
from entrepairs.ledger import balances
from entrepairs.messages.models import Message
from entrepairs.missions.models import ServiceAnswer, ServiceDone
from entrepairs.network.models import MemberRole
from tests.factories.billing import (
    EXEMPT,
    OFFICE,
    a_client,
    a_demand_done,
    a_siret,
    an_issued_invoice,
    later,
    the_association,
    the_paper_due,
)
from tests.factories.catalogue import a_wrap_group, an_offering
from tests.factories.contracting import (
    SIGNER,
    a_demand_to_quote,
    a_sent_quote,
    a_signatory,
    a_signature,
    an_active_agreement,
)
from tests.factories.network import a_member, a_public_hospital

PARIS = ZoneInfo("Europe/Paris")
TODAY = later().today()


def everything_done(session: Session, demand: Demand, *, minutes: int = 120, headcount: int | None = 10) -> None:
    """Each session of the demand held and confirmed by the structure."""
    for planned in demand.sessions:
        planned.state = SessionState.DONE
        session.add(
            ServiceDone(
                ref=new_reference("SF"),
                session=planned,
                answer=ServiceAnswer.CONFIRMED,
                minutes=minutes,
                headcount=headcount,
                by_label="Nadège, cadre de santé",
                at=FixedClock().now(),
            )
        )
    session.flush()


def signed(session: Session, quantity: str, price: str, *, more: str | None = None, **offering: object) -> Demand:
    """A demand whose quote was signed with what the office typed; `more` is a second line of that price."""
    demand = a_demand_to_quote(session, a_client(session), a_wrap_group(session, vat_regime=EXEMPT, **offering))
    line = proposed_lines(session, demand, clock=FixedClock())[0]
    a_signatory(session, demand.partner)
    lines = [replace(line, quantity=Decimal(quantity), unit_price=Money.of(price))]
    if more:
        lines.append(replace(line, label="Déplacements", quantity=Decimal(1), unit_price=Money.of(more)))
    sent = a_sent_quote(session, demand, lines=lines)
    quotes.accept_quote(session, sent.quote.ref, a_signature(), version=1, actor=SIGNER, clock=FixedClock())
    return demand


@pytest.mark.parametrize(
    ("quantity", "price", "more", "total"),
    [
        ("8", "320", None, 256000),
        ("6", "320", None, 192000),  # two sessions offered
        ("1", "2000", None, 200000),  # a price for the whole
        ("8", "300", "80", 248000),  # travel on its own line
    ],
)
def test_what_was_signed_is_what_is_billed(
    session: Session, quantity: str, price: str, more: str | None, total: int
) -> None:
    demand = signed(session, quantity, price, more=more)
    everything_done(session, demand)
    (draft,) = draft_invoices(session, demand.partner.ref, clock=later(), actor=OFFICE)
    assert (len(draft.lines), draft.net) == (8, total)


def test_a_price_by_person_follows_the_head_count_at_the_signed_price(session: Session) -> None:
    demand = signed(session, "10", "80", price_unit=PriceUnit.PER_PARTICIPANT)
    everything_done(session, demand, headcount=9)
    (draft,) = draft_invoices(session, demand.partner.ref, clock=later(), actor=OFFICE)
    assert draft.net == 9 * 8000


def test_a_price_by_hour_follows_the_hours_confirmed(session: Session) -> None:
    demand = signed(session, "16", "60", price_unit=PriceUnit.PER_HOUR)
    everything_done(session, demand, minutes=90)
    (draft,) = draft_invoices(session, demand.partner.ref, clock=later(), actor=OFFICE)
    assert draft.net == 8 * 9000


def test_a_quote_of_two_vat_regimes_does_not_leave(session: Session) -> None:
    demand = a_demand_to_quote(session)
    line = proposed_lines(session, demand, clock=FixedClock())[0]
    with pytest.raises(InvalidInput, match="vat_regimes_mixed"):
        quotes.prepare_quote(
            session, demand.ref, lines=[line, replace(line, vat_regime="standard")], actor=OFFICE, clock=FixedClock()
        )


def test_a_credit_note_is_never_shown_as_something_to_pay(session: Session) -> None:
    invoice = an_issued_invoice(session)
    credit_invoice(session, invoice.ref, reason="Erreur de structure", clock=later(), actor=OFFICE)
    assert invoices(session, TODAY, shown=OPEN_SHOWN) == []
    shown = {view.is_credit_note: view.shown for view in invoices_of_partner(session, invoice.partner_id, TODAY)}
    assert shown[True] not in OPEN_SHOWN


def test_the_oldest_debts_are_never_pushed_out_of_the_list(session: Session) -> None:
    old, paid = an_issued_invoice(session), an_issued_invoice(session)
    record_transfer(session, paid.ref, Money(paid.gross), TODAY, clock=later(), actor=OFFICE)
    assert [view.invoice for view in invoices(session, TODAY, shown=OPEN_SHOWN, limit=1)] == [old]


def test_money_is_given_back_on_a_day_that_has_come(session: Session) -> None:
    invoice = an_issued_invoice(session)
    record_transfer(session, invoice.ref, Money(300000), TODAY, keep_surplus=True, clock=later(), actor=OFFICE)
    with pytest.raises(InvalidInput, match="received_ahead"):
        record_refund(session, invoice.ref, Money(44000), TODAY + timedelta(days=1), clock=later(), actor=OFFICE)


def test_a_slip_of_a_year_is_not_written_in_the_books(session: Session) -> None:
    invoice = an_issued_invoice(session)
    with pytest.raises(InvalidInput, match="received_before_issue"):
        record_transfer(session, invoice.ref, Money(1000), date(2017, 4, 2), clock=later(), actor=OFFICE)


def test_a_payment_after_a_credit_note_is_owed_back(session: Session) -> None:
    invoice = an_issued_invoice(session)
    record_transfer(session, invoice.ref, Money(100000), TODAY, clock=later(), actor=OFFICE)
    credit_invoice(session, invoice.ref, reason="Séances annulées", clock=later(), actor=OFFICE)
    record_transfer(session, invoice.ref, Money(50000), TODAY, keep_surplus=True, clock=later(), actor=OFFICE)
    assert balance_of(session, invoice) == Money(-150000) == balances.balance(session, "411")
    record_refund(session, invoice.ref, Money(150000), TODAY, clock=later(), actor=OFFICE)
    assert balances.balance(session, "411") == Money(0) == balances.balance(session, "512")
    assert view_of(session, invoice, TODAY).shown is ShownState.CREDITED


def test_an_invoice_credited_line_by_line_leaves_no_cent(session: Session) -> None:
    partner = a_client(session)
    offering = a_wrap_group(session, vat_regime="standard", cents=3333)
    seller = the_association(session)
    seller.vat_number = vat_number_of(seller.siren)
    demand = a_demand_done(session, partner, offering, done=3)
    (draft,) = draft_invoices(session, partner.ref, demand_refs=[demand.ref], clock=later(), actor=OFFICE)
    invoice = issue_invoice(session, draft.ref, clock=later(), actor=OFFICE)
    assert (invoice.net, invoice.vat) == (9999, 2000)
    for position in (1, 2, 3):
        credit_invoice(session, invoice.ref, reason="Erreur", positions=[position], clock=later(), actor=OFFICE)
    assert balance_of(session, invoice) == Money(0) == balances.balance(session, "411")
    assert balances.balance(session, "44571") == Money(0)


def test_a_session_of_the_night_is_billed_on_its_paris_day(session: Session) -> None:
    the_association(session)
    partner = a_client(session)
    demand = a_demand_done(session, partner, an_offering(session, vat_regime=EXEMPT))
    start = datetime(2027, 2, 1, 0, 30, tzinfo=PARIS)
    demand.sessions[0].during = Range(start, start + timedelta(hours=2))
    session.flush()
    session.expire_all()
    (waiting,) = to_bill(session, partner.id)
    assert (waiting.since, waiting.until) == (date(2027, 2, 1), date(2027, 2, 1))


def test_a_public_buyer_that_cancelled_may_still_number_what_was_done(session: Session) -> None:
    the_association(session)
    hospital = a_public_hospital(session, siret=a_siret())
    demand = a_demand_done(session, hospital, done=3)
    cancel(session, demand.ref, actor=OFFICE, clock=FixedClock(datetime(2027, 2, 5, 10, tzinfo=PARIS)))
    record_engagement(session, demand.ref, "EJ20270042", actor=OFFICE, clock=later())
    (draft,) = draft_invoices(session, hospital.ref, clock=later(), actor=OFFICE)
    assert issue_invoice(session, draft.ref, clock=later(), actor=OFFICE).engagement == "EJ20270042"


def test_a_demand_dropped_before_any_session_takes_no_number(session: Session) -> None:
    demand = a_demand_to_quote(session)
    cancel(session, demand.ref, actor=OFFICE, clock=FixedClock())
    with pytest.raises(Conflict, match="demand_over"):
        record_engagement(session, demand.ref, "EJ20270042", actor=OFFICE, clock=FixedClock())


@pytest.mark.parametrize("typed", ["EJ 2027.0042", ".", "N/A"])
def test_a_number_the_invoice_would_refuse_is_refused_when_it_is_typed(session: Session, typed: str) -> None:
    demand = a_demand_to_quote(session, a_public_hospital(session))
    with pytest.raises(InvalidInput, match="engagement_number"):
        record_engagement(session, demand.ref, typed, actor=OFFICE, clock=FixedClock())


def test_spaces_typed_in_a_commitment_number_are_not_part_of_it(session: Session) -> None:
    the_association(session)
    hospital = a_public_hospital(session, siret=a_siret())
    demand = a_demand_done(session, hospital)
    record_engagement(session, demand.ref, " EJ 2027 0042 ", service_code="PSY 12", actor=OFFICE, clock=later())
    (draft,) = draft_invoices(session, hospital.ref, clock=later(), actor=OFFICE)
    issued = issue_invoice(session, draft.ref, clock=later(), actor=OFFICE)
    assert (issued.engagement, issued.service_code) == ("EJ20270042", "PSY12")


def test_an_invoice_without_a_billing_address_goes_to_who_keeps_the_accounts(session: Session) -> None:
    partner = a_client(session, billing_email=None)
    keeper = a_member(session, partner, MemberRole.ACCOUNTANT)
    invoice = an_issued_invoice(session, partner)
    produce_einvoice(session, invoice.ref, the_paper_due(session, invoice), clock=later())
    session.refresh(invoice)
    send_invoice(session, invoice.ref, {}, clock=later())
    letters = session.scalars(select(Message).where(Message.subject_ref == invoice.ref)).all()
    assert [letter.address for letter in letters] == [keeper.email]


def test_sessions_that_were_not_held_give_their_room_back(session: Session) -> None:
    partner = a_client(session)
    group = a_wrap_group(session, vat_regime=EXEMPT)
    agreement = an_active_agreement(session, partner, group)
    demand = a_demand_done(session, partner, group, done=6)
    session.add(
        AgreementDraw(agreement_id=agreement.id, demand_id=demand.id, cents=240000, drawn_at=FixedClock().now())
    )
    session.flush()
    complete(session, demand)
    assert drawn_on(session, agreement.id) == Money(6 * 30000)


def complete(session: Session, demand: Demand) -> None:
    """Two sessions nobody held go by, then what the end of a demand plans is done."""
    from entrepairs.contracting.considering import release_demand
    from entrepairs.demands.advancing import advance_demand
    from entrepairs.demands.states import DemandState
    from entrepairs.outbox.models import OutboxItem

    demand.state = DemandState.RUNNING
    session.flush()
    advance_demand(session, demand.ref, clock=later())
    assert demand.state is DemandState.COMPLETED
    planned = session.scalars(select(OutboxItem).where(OutboxItem.kind == "contracting.release_demand")).one()
    release_demand(session, planned.subject_ref, planned.payload, clock=later())
    session.flush()
