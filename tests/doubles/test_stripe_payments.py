"""Paying through the stand-in, with the real `stripe` library in front of it."""

import re
import urllib.error
import urllib.request

import pytest
import stripe

from entrepairs.doubles.local_server import CannotListen
from entrepairs.doubles.stripe_api.charges import fee_of
from entrepairs.doubles.stripe_api.service import StripeApi


def test_a_card_payment_ends_with_the_fee_and_the_net_known(client, session_of, press, receiver):
    session = session_of(client)
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert (session.amount_total, session.currency, session.livemode) == (123450, "eur", False)

    assert press(session.url, "card") == (303, f"http://127.0.0.1:5000/merci?session={session.id}")

    paid = client.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge.balance_transaction", "line_items"]}
    )
    assert (paid.status, paid.payment_status, paid.client_reference_id) == ("complete", "paid", "FA-2027-0001")
    assert paid.metadata["invoice"] == paid.payment_intent.metadata["invoice"] == "FA-2027-0001"
    charge = paid.payment_intent.latest_charge
    entry = charge.balance_transaction
    assert (entry.amount, entry.fee, entry.net) == (123450, 1877, 121573)
    assert (charge.status, charge.payment_intent, entry.source) == ("succeeded", paid.payment_intent.id, charge.id)
    assert paid.line_items.data[0].quantity == 2
    assert receiver.types(4) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


def test_pressing_twice_pays_once(client, session_of, press):
    session = session_of(client)
    assert press(session.url, "card") == press(session.url, "card")
    assert len(client.charges.list().data) == 1


def test_a_refused_card_leaves_the_page_open_for_another_try(client, session_of, press, receiver):
    session = session_of(client)
    status, target = press(session.url, "refused")
    assert status == 303
    assert target is not None
    assert target.startswith(f"/c/pay/{session.id}")
    again = client.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (again.status, again.payment_intent.status) == ("open", "requires_payment_method")
    assert again.payment_intent.last_payment_error.code == "card_declined"
    assert receiver.types(3) == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]

    press(session.url, "card")
    assert client.payment_intents.retrieve(again.payment_intent.id).status == "succeeded"


def test_cancelling_goes_back_and_charges_nothing(client, session_of, press):
    session = session_of(client)
    assert press(session.url, "cancel") == (303, "http://127.0.0.1:5000/factures")
    assert client.checkout.sessions.retrieve(session.id).status == "open"
    assert client.payment_intents.list().data == []


@pytest.mark.parametrize(
    ("outcome", "status", "payment_status", "told"),
    [
        ("succeeded", "succeeded", "paid", "checkout.session.async_payment_succeeded"),
        ("failed", "requires_payment_method", "unpaid", "checkout.session.async_payment_failed"),
    ],
)
def test_a_direct_debit_waits_for_the_bank(
    client, session_of, press, receiver, control, stand, outcome, status, payment_status, told
):
    session = session_of(client)
    press(session.url, "sepa_debit")
    waiting = client.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert waiting.payment_intent.status == "processing"
    assert receiver.types(4)[-2:] == ["payment_intent.processing", "checkout.session.completed"]

    control("POST", f"{stand.address}/_control/sepa/{waiting.payment_intent.id}", {"outcome": outcome})

    assert client.payment_intents.retrieve(waiting.payment_intent.id).status == status
    assert client.checkout.sessions.retrieve(session.id).payment_status == payment_status
    assert receiver.types(3)[-1] == told


def test_a_direct_debit_can_be_left_to_settle_by_itself(client, session_of, press, receiver, control, stand):
    control("POST", f"{stand.address}/_control", {"sepa_settles_after_seconds": 0.01})
    session = session_of(client)
    press(session.url, "sepa_debit")
    assert receiver.types(7)[-1] == "checkout.session.async_payment_succeeded"
    assert client.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_the_balance_can_come_later_as_it_does_at_stripe(client, session_of, press, receiver, control, stand):
    control("POST", f"{stand.address}/_control", {"balance_delay_seconds": 0.01})
    press(session_of(client).url, "card")
    told = [receiver.next() for _ in range(5)]
    assert told[1].data.object.balance_transaction is None
    assert told[-1].type == "charge.updated"
    assert told[-1].data.object.balance_transaction.startswith("txn_")


def test_an_expired_session_can_no_longer_be_paid(client, session_of, press, receiver):
    session = session_of(client)
    assert client.checkout.sessions.expire(session.id).status == "expired"
    assert receiver.next().type == "checkout.session.expired"
    press(session.url or f"/c/pay/{session.id}", "card")
    assert client.payment_intents.list().data == []
    with pytest.raises(stripe.InvalidRequestError):
        client.checkout.sessions.expire(session.id)


def test_intents_can_be_confirmed_without_the_page(client):
    made = {"amount": 5000, "currency": "eur", "confirm": True}
    assert client.payment_intents.create({**made, "payment_method": "pm_card_visa"}).status == "succeeded"
    debit = client.payment_intents.create({"amount": 5000, "currency": "eur"})
    assert debit.status == "requires_payment_method"
    confirmed = client.payment_intents.confirm(
        debit.id, {"payment_method_data": {"type": "sepa_debit", "sepa_debit": {"iban": "FR1420041010050500013M02606"}}}
    )
    assert confirmed.status == "processing"
    with pytest.raises(stripe.CardError) as refused:
        client.payment_intents.create({**made, "payment_method": "pm_card_chargeDeclinedInsufficientFunds"})
    assert (refused.value.code, refused.value.http_status) == ("card_declined", 402)
    assert refused.value.error.decline_code == "insufficient_funds"
    statuses = [each.status for each in client.payment_intents.list().data]
    assert statuses == ["requires_payment_method", "processing", "succeeded"]


def test_refunds_in_parts_never_exceed_the_charge(client, session_of, press, receiver):
    session = session_of(client)
    press(session.url, "card")
    intent = client.checkout.sessions.retrieve(session.id).payment_intent
    first = client.refunds.create(
        {
            "payment_intent": intent,
            "amount": 23450,
            "metadata": {"credit_note": "AV-1"},
            "expand": ["balance_transaction"],
        }
    )
    assert (first.status, first.balance_transaction.net, first.balance_transaction.fee) == ("succeeded", -23450, 0)
    with pytest.raises(stripe.InvalidRequestError) as too_much:
        client.refunds.create({"payment_intent": intent, "amount": 100001})
    assert too_much.value.param == "amount"
    client.refunds.create({"charge": first.charge})
    assert client.charges.retrieve(first.charge).refunded is True
    with pytest.raises(stripe.InvalidRequestError) as again:
        client.refunds.create({"payment_intent": intent})
    assert again.value.code == "charge_already_refunded"
    assert client.refunds.retrieve(first.id).metadata["credit_note"] == "AV-1"
    assert receiver.types(8)[-4:] == ["refund.created", "charge.refunded"] * 2


def test_customers_keep_what_is_said_of_them(client, session_of):
    customer = client.customers.create(
        {"name": "CH de la Colline", "email": "compta@ch.example", "metadata": {"partner": "PAR-1"}}
    )
    assert client.customers.update(customer.id, {"metadata": {"site": "2"}}).metadata.to_dict() == {
        "partner": "PAR-1",
        "site": "2",
    }
    assert client.customers.list({"email": "compta@ch.example"}).data[0].id == customer.id
    session = session_of(client, customer=customer.id)
    assert session.customer_details.email == "compta@ch.example"
    assert client.checkout.sessions.retrieve(session.id, {"expand": ["customer"]}).customer.name == "CH de la Colline"


def test_lists_go_page_by_page(client):
    made = [client.customers.create({"name": f"n° {n}"}).id for n in range(7)]
    seen = [each.id for each in client.customers.list({"limit": 3}).auto_paging_iter()]
    assert seen == made[::-1]
    events = client.events.list({"type": "customer.created", "limit": 100})
    assert [each.data.object.id for each in events.data] == made[::-1]
    assert client.events.retrieve(events.data[0].id).type == "customer.created"


def test_refusals_have_stripe_s_form(client, stand, new_client, session_of):
    with pytest.raises(stripe.InvalidRequestError) as absent:
        client.checkout.sessions.retrieve("cs_test_nowhere")
    assert (absent.value.http_status, absent.value.code) == (404, "resource_missing")
    with pytest.raises(stripe.InvalidRequestError) as missing:
        client.checkout.sessions.create({"mode": "payment", "success_url": "http://127.0.0.1/"})
    assert (missing.value.http_status, missing.value.code, missing.value.param) == (
        400,
        "parameter_missing",
        "line_items",
    )
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        session_of(client, colour="blue")
    assert (unknown.value.code, unknown.value.param) == ("parameter_unknown", "colour")
    customer = client.customers.create({"name": "CH"})
    with pytest.raises(stripe.InvalidRequestError) as not_expandable:
        client.customers.retrieve(customer.id, {"expand": ["colour"]})
    assert not_expandable.value.param == "expand"
    for key in ("sk_live_platform", "nonsense"):
        with pytest.raises(stripe.AuthenticationError):
            new_client(stand, key).v1.customers.list()
    with pytest.raises(stripe.InvalidRequestError) as no_such_call:
        new_client(stand).v1.invoices.list()
    assert no_such_call.value.http_status == 404


@pytest.mark.parametrize(("amount", "fee"), [(50, 26), (1000, 40), (10033, 175), (123450, 1877)])
def test_the_fee_is_rounded_half_up_to_the_cent(amount, fee):
    assert fee_of(amount) == fee


def test_the_page_speaks_french_and_asks_for_no_card(client, session_of, press):
    session = session_of(client)
    with urllib.request.urlopen(session.url) as answer:
        page = answer.read().decode()
        assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert '<html lang="fr">' in page
    assert "Paiement fictif (Stripe, démonstration)" in page
    assert "1\u202f234,50\u00a0€" in page
    assert not re.search(r"<input|<script|style=", page)
    for label in ("Payer par carte", "Payer par prélèvement SEPA (en cours)", "Paiement refusé", "Annuler et revenir"):
        assert label in page
    press(session.url, "card")
    with urllib.request.urlopen(session.url) as answer:
        assert "ce paiement est enregistré" in answer.read().decode()
    with pytest.raises(urllib.error.HTTPError) as absent:
        urllib.request.urlopen(session.url + "x")
    absent.value.close()
    assert absent.value.code == 404


def test_it_speaks_on_loopback_only(tmp_path):
    for settings in ({"host": "0.0.0.0", "webhook_url": None}, {"webhook_url": "http://192.0.2.1/webhooks"}):
        with pytest.raises(CannotListen):
            StripeApi(data=tmp_path / "s.sqlite", webhook_secret="whsec_x", **settings)
