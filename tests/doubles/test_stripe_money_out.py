"""Money that leaves the Stripe balance of the stand-in: refunds that fail, disputes, payouts; told by signed events."""

import urllib.error
import urllib.request

import pytest
import stripe

from entrepairs.doubles.stripe_api.disputes import FEE
from entrepairs.doubles.stripe_api.store import Store


def paid(client, session_of, press, method="card"):
    session = session_of(client)
    press(session.url, method)
    return client.checkout.sessions.retrieve(session.id).payment_intent


def types(client):
    return [event.type for event in reversed(client.events.list({"limit": 100}).data)]


def held(client):
    told = client.balance.retrieve()
    return sum(part.amount for part in (*told.available, *told.pending))


def test_a_refund_may_fail_days_after_it_was_done(client, session_of, press, control, stand):
    control("POST", stand.address + "/_control", {"refund_status": "pending"})
    intent = paid(client, session_of, press)
    before = held(client)
    refund = client.refunds.create({"payment_intent": intent, "amount": 1000})
    assert (refund.status, held(client)) == ("pending", before - 1000)
    for outcome in ("succeeded", "failed"):
        control("POST", f"{stand.address}/_control/refunds/{refund.id}", {"outcome": outcome})
    refund = client.refunds.retrieve(refund.id)
    assert (refund.status, refund.failure_reason, held(client)) == ("failed", "expired_or_canceled_card", before)
    assert types(client)[-4:] == ["charge.refunded", "refund.updated", "refund.failed", "charge.refund.updated"]
    assert client.charges.retrieve(refund.charge).amount_refunded == 0


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_a_dispute_takes_the_money_until_it_is_won(client, session_of, press, control, stand, outcome):
    intent = paid(client, session_of, press)
    before = held(client)
    dispute = control("POST", f"{stand.address}/_control/disputes/of/{intent}", {})
    found = client.disputes.retrieve(dispute["id"])
    assert (found.status, found.payment_intent, found.amount) == ("needs_response", intent, 123450)
    assert found.evidence_details.due_by > found.created
    assert (found.balance_transactions[0].fee, held(client)) == (FEE, before - 123450 - FEE)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.refunds.create({"payment_intent": intent})
    assert refused.value.code == "charge_disputed"
    control("POST", f"{stand.address}/_control/disputes/{found.id}", {"outcome": outcome})
    assert client.disputes.retrieve(found.id).status == outcome
    assert held(client) == before - FEE - (0 if outcome == "won" else 123450)
    assert types(client)[-1] == "charge.dispute.closed"


def test_a_disputed_debit_is_lost_at_once_and_names_its_mandate(client, session_of, press, control, stand):
    intent = paid(client, session_of, press, "sepa_debit")
    control("POST", f"{stand.address}/_control/sepa/{intent}", {"outcome": "succeeded"})
    charge = client.payment_intents.retrieve(intent, {"expand": ["latest_charge"]}).latest_charge
    mandate = client.mandates.retrieve(charge.payment_method_details.sepa_debit.mandate)
    assert len(mandate.payment_method_details.sepa_debit.reference) == 16
    dispute = control("POST", f"{stand.address}/_control/disputes/of/{intent}", {})
    assert (dispute["status"], dispute["reason"]) == ("lost", "debit_not_authorized")


def test_a_payout_carries_what_is_held_and_may_come_back(client, session_of, press, control, stand):
    intent = paid(client, session_of, press)
    client.refunds.create({"payment_intent": intent, "amount": 450})
    before = held(client)
    made = control("POST", f"{stand.address}/_control/payouts", {})
    assert (made["amount"], held(client)) == (before, 0)
    inside = client.balance_transactions.list({"payout": made["id"], "limit": 100, "expand": ["data.source"]}).data
    assert [each.type for each in inside] == ["payout", "refund", "charge"]
    assert sum(each.net for each in inside) == 0
    assert inside[2].source.payment_intent == intent
    for outcome in ("paid", "failed"):
        control("POST", f"{stand.address}/_control/payouts/{made['id']}", {"outcome": outcome})
    assert (client.payouts.retrieve(made["id"]).status, held(client)) == ("failed", before)
    assert types(client)[-3:] == ["payout.created", "payout.paid", "payout.failed"]
    with urllib.request.urlopen(stand.address) as answer:
        page = answer.read().decode()
    assert "Verser le solde à la banque" in page
    assert "renvoyé par la banque" in page
    assert "Le payeur conteste auprès de sa banque" in page


def test_what_it_is_taught_replaces_what_it_knew_outlives_a_restart_and_can_be_given_back(
    box, new_client, session_of, press, control, tmp_path
):
    with box.open() as stand:
        client = new_client(stand).v1
        intent = paid(client, session_of, press)
        control("POST", f"{stand.address}/_control/payouts", {})
    store = Store(tmp_path / "stripe.sqlite")
    known = store.everything()
    store.close()
    assert {one["object"] for one in known} >= {"checkout.session", "charge", "payout", "balance_transaction"}
    with box.open() as stand:
        paid(new_client(stand).v1, session_of, press)
        control("PUT", f"{stand.address}/_control/data", known)
    with box.open() as stand:
        client = new_client(stand).v1
        assert [one.id for one in client.payment_intents.list().data] == [intent]
        assert held(client) == 0
        assert client.events.list().data == [], "nothing is told again"
        refund = client.refunds.create({"payment_intent": intent, "amount": 1000})
        assert (refund.status, held(client)) == ("succeeded", -1000)


def test_what_is_no_list_of_objects_is_not_learnt(stand, control):
    with pytest.raises(urllib.error.HTTPError, match="400"):
        control("PUT", f"{stand.address}/_control/data", [{"id": "pi_1"}])
