"""What the network does to payments: repeats, losses, disorder, restarts."""

import threading

import pytest
import stripe

CUSTOMER = {"name": "CH de la Colline"}


def test_the_same_key_gives_the_same_answer(client):
    options = {"idempotency_key": "invoice-1"}
    first = client.customers.create(CUSTOMER, options)
    second = client.customers.create(CUSTOMER, options)
    assert first.last_response.body == second.last_response.body
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert second.last_response.headers["Original-Request"] == first.last_response.request_id
    assert len(client.customers.list().data) == 1


def test_the_same_key_for_something_else_is_refused(client):
    options = {"idempotency_key": "invoice-1"}
    client.customers.create(CUSTOMER, options)
    with pytest.raises(stripe.IdempotencyError) as refused:
        client.customers.create({"name": "Another"}, options)
    assert refused.value.http_status == 400
    assert len(client.customers.list().data) == 1


def test_a_refused_card_is_replayed_but_a_bad_call_is_not(client):
    made = {"amount": 5000, "currency": "eur", "confirm": True, "payment_method": "pm_card_chargeDeclined"}
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            client.payment_intents.create(made, {"idempotency_key": "k"})
    assert len(client.payment_intents.list().data) == 1
    with pytest.raises(stripe.InvalidRequestError):
        client.refunds.create({}, {"idempotency_key": "k2"})
    assert client.customers.create(CUSTOMER, {"idempotency_key": "k2"}).id


def test_the_same_key_at_the_same_instant_works_once(stand, new_client):
    barrier, made = threading.Barrier(8), []

    def create():
        client = new_client(stand).v1
        barrier.wait()
        made.append(client.customers.create(CUSTOMER, {"idempotency_key": "invoice-1"}).id)

    threads = [threading.Thread(target=create) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(made) == 8
    assert len(set(made)) == 1


def test_a_lost_answer_has_done_the_work_and_the_key_finds_it(client, control, stand, session_of):
    control("POST", f"{stand.address}/_control", {"lose_answers": 1, "calls_to": "/v1/checkout"})
    with pytest.raises(stripe.APIConnectionError):
        client.checkout.sessions.create(
            {
                "mode": "payment",
                "line_items": [
                    {
                        "price_data": {"currency": "eur", "unit_amount": 5000, "product_data": {"name": "F"}},
                        "quantity": 1,
                    }
                ],
                "success_url": "http://127.0.0.1/",
            },
            {"idempotency_key": "invoice-1"},
        )
    assert len(client.checkout.sessions.list().data) == 1
    assert control("GET", f"{stand.address}/_control")["knobs"]["lose_answers"] == 0


def test_the_library_s_own_retry_survives_a_lost_answer(stand, control):
    control("POST", f"{stand.address}/_control", {"lose_answers": 1})
    client = stripe.StripeClient("sk_test_x", base_addresses={"api": stand.address}, max_network_retries=2).v1
    made = client.customers.create(CUSTOMER)
    assert made.last_response.headers["Idempotent-Replayed"] == "true"
    assert [each.id for each in client.customers.list().data] == [made.id]


def test_a_failing_stripe_has_done_nothing(client, control, stand):
    control("POST", f"{stand.address}/_control", {"fail_requests": 1})
    with pytest.raises(stripe.APIError):
        client.customers.create(CUSTOMER)
    assert client.customers.list().data == []


def test_webhooks_are_signed_and_tell_what_was_then(client, receiver, stand):
    customer = client.customers.create(CUSTOMER, {"idempotency_key": "k"})
    client.customers.update(customer.id, {"name": "Other"})
    event = receiver.next()
    assert (event.type, event.data.object.name, event.livemode) == ("customer.created", "CH de la Colline", False)
    assert event.request.idempotency_key == "k"
    assert event.request.id == customer.last_response.request_id
    assert receiver.next().data.object.name == "Other"


@pytest.mark.parametrize("signature", ["wrong", "old"])
def test_bad_signatures_can_be_asked_for(client, control, stand, receiver, signature):
    control("POST", f"{stand.address}/_control", {"signature": signature})
    client.customers.create(CUSTOMER)
    with pytest.raises(stripe.SignatureVerificationError):
        receiver.next()


def test_a_receiver_that_refuses_is_tried_again_until_it_accepts(client, control, stand, receiver):
    control("POST", f"{stand.address}/_control", {"retry_base_seconds": 0.01})
    receiver.statuses = [500, 303, 404]
    client.customers.create(CUSTOMER)
    assert len({receiver.next().id for _ in range(4)}) == 1
    assert receiver.posted.empty()


def test_a_receiver_that_never_accepts_is_given_up(client, control, stand, receiver, session_of, press):
    control("POST", f"{stand.address}/_control", {"retry_base_seconds": 0.001, "max_attempts": 3})
    receiver.statuses = [500] * 3
    first = client.customers.create(CUSTOMER)
    for _ in range(3):
        assert receiver.next().data.object.id == first.id
    second = client.customers.create(CUSTOMER)
    assert receiver.next().data.object.id == second.id
    states = {each["state"] for each in control("GET", f"{stand.address}/_control/deliveries")["data"][1:]}
    assert states == {"given_up"}


def test_duplicates_have_the_same_event_id(client, control, stand, receiver):
    control("POST", f"{stand.address}/_control", {"duplicates": 2})
    client.customers.create(CUSTOMER)
    assert len({receiver.next().id for _ in range(3)}) == 1


def test_held_webhooks_leave_together_in_the_order_asked(client, control, stand, receiver, session_of, press):
    told = f"{stand.address}/_control"
    control("POST", told, {"hold": True})
    press(session_of(client).url, "card")
    assert control("GET", told)["waiting"] == 4
    control("POST", told, {"hold": False, "order": "reversed"})
    assert receiver.types(4) == [
        "checkout.session.completed",
        "payment_intent.succeeded",
        "charge.succeeded",
        "payment_intent.created",
    ]


def test_a_shuffle_is_the_same_for_the_same_seed_and_loses_nothing(client, control, stand, receiver, session_of, press):
    control("POST", f"{stand.address}/_control", {"hold": True, "order": "shuffled", "seed": 7, "duplicates": 1})
    press(session_of(client).url, "card")
    control("POST", f"{stand.address}/_control", {"hold": False})
    told = receiver.types(8)
    assert sorted(set(told)) == [
        "charge.succeeded",
        "checkout.session.completed",
        "payment_intent.created",
        "payment_intent.succeeded",
    ]
    assert all(told.count(each) == 2 for each in told)


def test_an_event_can_be_sent_again_days_later(client, control, stand, receiver):
    client.customers.create(CUSTOMER)
    event = receiver.next()
    control("POST", f"{stand.address}/_control/deliveries/{event.id}", {})
    assert receiver.next().id == event.id


def test_everything_survives_a_restart(box, receiver, new_client, control, press, session_of):
    with box.open() as before:
        control("POST", f"{before.address}/_control", {"hold": True})
        client = new_client(before).v1
        customer = client.customers.create(CUSTOMER, {"idempotency_key": "k"})
        session = session_of(client)
        press(session.url, "sepa_debit")
    with box.open() as after:
        client = new_client(after).v1
        assert client.customers.create(CUSTOMER, {"idempotency_key": "k"}).id == customer.id
        intent = client.checkout.sessions.retrieve(session.id).payment_intent
        assert client.payment_intents.retrieve(intent).status == "processing"
        control("POST", f"{after.address}/_control", {"hold": False})
        assert receiver.types(5)[0] == "customer.created"


def test_knobs_refuse_what_they_do_not_know_and_go_back_to_rest(control, stand):
    import urllib.error

    for changes in ({"colour": 1}, {"hold": 3}, {"order": "random"}, {"duplicates": -1}):
        with pytest.raises(urllib.error.HTTPError) as refused:
            control("POST", f"{stand.address}/_control", changes)
        refused.value.close()
        assert refused.value.code == 400
    control("POST", f"{stand.address}/_control", {"duplicates": 4})
    assert control("DELETE", f"{stand.address}/_control")["knobs"]["duplicates"] == 0
    assert control("GET", f"{stand.address}/healthz") == {"status": "ok"}


def test_forgetting_everything_starts_over(client, control, stand):
    client.customers.create(CUSTOMER)
    control("DELETE", f"{stand.address}/_control/data")
    assert client.customers.list().data == []
