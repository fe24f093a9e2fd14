"""Money paid online, on the pages: given back, contested, sent to the bank; each state in plain words, one gesture."""

import html
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.checkout import open_checkout
from entrepairs.billing.credit_notes import CREDIT_APPROVAL
from entrepairs.billing.models import CheckoutPayment, EventState, PaymentState, StripeEvent
from entrepairs.billing.online.disputes import apply_dispute
from entrepairs.billing.online.facts import DisputeFacts, Movement, PayoutFacts, SessionFacts
from entrepairs.billing.online.models import (
    DisputeState,
    PayoutState,
    RefundState,
    StripeDispute,
    StripeMovement,
    StripePayout,
    StripeRefund,
)
from entrepairs.billing.online.payouts import apply_payout
from entrepairs.billing.payments import record_transfer
from entrepairs.billing.statements.importing import import_file
from entrepairs.identity import sessions
from entrepairs.identity.models import Account, OfficeRoleKind
from entrepairs.kernel.money import Money
from entrepairs.ledger import balances
from entrepairs.network.models import MemberRole
from entrepairs.settings.decisions import vote
from tests.billing.statements.bank_files import a_bank_file
from tests.factories.billing import OFFICE, an_issued_invoice, later
from tests.factories.identity import an_office_account
from tests.factories.network import a_member

PAGE = "/a/facturation/stripe"
THEN = datetime(2027, 4, 1, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _standing_clock(app):
    app.config["CLOCK"] = later()
    yield
    app.config["CLOCK"] = None


def enter(client: FlaskClient, session: Session, account: Account) -> FlaskClient:
    secret = sessions.open_session(session, account, user_agent="test")
    session.commit()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return client


@pytest.fixture
def office(client: FlaskClient, session: Session) -> FlaskClient:
    return enter(client, session, an_office_account(session, OfficeRoleKind.BILLING, name="Fatou Essai"))


def text_of(answer) -> str:
    plain = html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))))
    return plain.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


def a_payment(session: Session, state: PaymentState = PaymentState.PAID, method: str = "card") -> CheckoutPayment:
    """As Stripe told it; nothing is asked of anybody here."""
    from entrepairs.billing.checkout import apply_facts

    invoice = an_issued_invoice(session)
    payment = open_checkout(session, invoice.ref, clock=later(), actor=OFFICE)
    ref, paid = payment.ref, state is PaymentState.PAID
    facts = SessionFacts(
        session_id=f"cs_{ref}",
        state=state,
        amount=Money(payment.cents),
        payment_intent=f"pi_{ref}",
        fee=Money(3865) if paid else None,
        charge=f"ch_{ref}",
        method=method,
        mandate="RUM0123456789" if method == "sepa_debit" else None,
        failure="insufficient_funds" if state is PaymentState.FAILED else "",
        movement=Movement(f"txn_{ref}", "charge", payment.cents, 3865, THEN) if paid else None,
    )
    apply_facts(session, ref, facts, clock=later())
    session.commit()
    return payment


def overpaid(session: Session) -> CheckoutPayment:
    payment = a_payment(session)
    record_transfer(
        session, payment.invoice.ref, Money(256000), later().today(), keep_surplus=True, clock=later(), actor=OFFICE
    )
    session.commit()
    return payment


def test_a_surplus_is_given_back_online_from_the_invoice_and_a_second_person_lets_it_leave(
    office: FlaskClient, session: Session
):
    day = date(2027, 1, 1)
    vote(session, CREDIT_APPROVAL, 50000, since=day, voted_on=day, source="CA", clock=later())
    payment = overpaid(session)
    bill = f"/a/facturation/{payment.invoice.ref}"
    assert "Rembourser en ligne" in text_of(office.get(bill))
    form = text_of(office.get(f"{bill}/rendre-en-ligne"))
    assert "2 560,00 € au plus" in form
    assert "une deuxième personne" in form
    refused = office.post(f"{bill}/rendre-en-ligne", data={"amount": "9999", "reason": "Payée deux fois"})
    assert (refused.status_code, session.scalars(select(StripeRefund)).all()) == (422, [])
    asked = office.post(f"{bill}/rendre-en-ligne", data={"amount": "2560", "reason": "Payée deux fois"})
    assert asked.status_code == 303
    refund = session.scalars(select(StripeRefund)).one()
    assert "quelqu'un d'autre de l'association l'approuve" in text_of(office.get(PAGE))
    assert office.post(PAGE, data={"approve": refund.ref}).status_code == 422
    enter(office, session, an_office_account(session, OfficeRoleKind.ADMIN, name="Autre Essai"))
    assert "Approuver" in text_of(office.get(PAGE))
    assert office.post(PAGE, data={"approve": refund.ref}).status_code == 303
    session.refresh(refund)
    assert refund.state is RefundState.ASKED
    assert "à rendre" in text_of(office.get(bill))


def test_a_dispute_is_told_with_its_last_day_then_how_it_ended(office: FlaskClient, session: Session):
    payment = a_payment(session)
    taken = Movement("txn_taken", "adjustment", -payment.cents, 2000, THEN)
    told = DisputeFacts(
        "du_1", None, None, Money(payment.cents), DisputeState.OPENED, "fraudulent", THEN + timedelta(days=9), (taken,)
    )
    apply_dispute(session, told, payment.ref, clock=later())
    session.commit()
    assert "Répondre avant le 10 avril" in text_of(office.get(PAGE))
    assert "contestés auprès de la banque" in text_of(office.get("/a/"))
    assert "contestée par la banque" in text_of(office.get(f"/a/facturation/{payment.invoice.ref}"))
    lost = DisputeFacts("du_1", None, None, Money(payment.cents), DisputeState.LOST, "fraudulent", None, (taken,))
    apply_dispute(session, lost, payment.ref, clock=later())
    session.commit()
    assert "a donné raison au payeur" in text_of(office.get(PAGE))
    dispute = session.scalars(select(StripeDispute)).one()
    assert office.post(PAGE, data={"read": dispute.ref}).status_code == 303
    assert "a donné raison au payeur" not in text_of(office.get(PAGE))


def test_a_payout_is_proposed_beside_the_line_that_says_stripe(office: FlaskClient, session: Session):
    payment = a_payment(session)
    held = payment.cents - 3865
    left = Movement("txn_po", "payout", -held, 0, THEN)
    arrives = date(2027, 3, 4)
    apply_payout(
        session,
        PayoutFacts("po_1", Money(held), PayoutState.PAID, arrives, "", left, None),
        clock=later(),
    )
    content = a_bank_file((held, "STRIPE PAYMENTS EUROPE"), (held, "AUTRE CLIENT"))
    statement = import_file(session, content, other_account=True, clock=later(), actor=OFFICE).statements[0]
    session.commit()
    address = f"/a/facturation/releves/{statement.ref}"
    page = text_of(office.get(address))
    assert page.count("Virement de Stripe") == 1
    line = next(one for one in statement.lines if "STRIPE" in one.label + one.counterparty)
    payout = session.scalars(select(StripePayout)).one()
    decide = f"/a/facturation/releves/lignes/{line.ref}"
    assert office.post(decide, data={"payout": payout.ref}).status_code == 303
    assert balances.balance(session, "580") == Money(0)
    assert "Viré par Stripe" in text_of(office.get(address))
    assert office.post(decide, data={"aside": "1", "reason": "Autre"}).status_code == 422
    assert office.post(decide, data={"payout_back": payout.ref}).status_code == 303
    assert balances.balance(session, "580") == Money(held)
    by_hand = {"received": payout.ref, "received_on": line.booked_on.isoformat()}
    assert office.post(PAGE, data={**by_hand, "received_on": "soon"}).status_code == 422
    assert office.post(PAGE, data=by_hand).status_code == 303
    assert "arrivé le" in text_of(office.get(PAGE))
    assert office.post(PAGE, data={"undo": payout.ref}).status_code == 303


def test_what_differs_is_explained_and_unknown_news_are_put_away(office: FlaskClient, session: Session):
    session.add(
        StripeMovement(txn_id="txn_gift", type="charge", source_id="ch_x", cents=5000, fee=100, net=4900, moved_at=THEN)
    )
    session.add(
        StripeEvent(
            event_id="evt_strange",
            type="treasure.found",
            livemode=False,
            payload={},
            state=EventState.ASIDE,
            received_at=later().now(),
        )
    )
    session.commit()
    page = text_of(office.get(PAGE))
    assert "aucun de nos paiements ne l'explique" in page
    assert "treasure.found" in page
    assert "2 choses à regarder" in page
    refused = office.post(PAGE, data={"explain": "txn_gift", "reason": ""})
    assert refused.status_code == 422
    assert "quelques mots" in text_of(refused)
    assert office.post(PAGE, data={"explain": "txn_gift", "reason": "Un don"}).status_code == 303
    assert office.post(PAGE, data={"event": "evt_strange"}).status_code == 303
    assert office.post(PAGE, data={"compare": "1"}).status_code == 303
    assert "aucun de nos paiements" not in text_of(office.get(PAGE))


def test_the_payer_of_a_debit_reads_what_happens_and_what_is_possible_instead(client: FlaskClient, session: Session):
    waiting = a_payment(session, PaymentState.PROCESSING, "sepa_debit")
    failed = a_payment(session, PaymentState.FAILED, "sepa_debit")
    for payment, sentences in (
        (waiting, ("Votre prélèvement est en route", "ne payez pas une deuxième fois", "Mandat RUM0123456789")),
        (failed, ("n'a pas abouti", "pas trouvé assez", "ou payer par virement")),
    ):
        browser = enter(client, session, a_member(session, payment.invoice.partner, MemberRole.ACCOUNTANT))
        page = text_of(browser.get(f"/s/factures/{payment.invoice.ref}/paiement"))
        assert all(sentence in page for sentence in sentences), page
        assert browser.get(f"/s/factures/{payment.invoice.ref}").status_code == 200
