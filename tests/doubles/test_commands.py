"""The stand-ins as programs: ready line, clean end, clear refusals."""

import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest
import stripe

COMMANDS = {
    "stripe_api": ["--port", "0", "--data"],
    "chorus_pro": ["--port", "0", "--data"],
    "mail_sink": ["--port", "0", "--smtp-port", "0", "--data"],
}


def start(name, data, *more, **settings):
    command = [sys.executable, "-m", f"entrepairs.doubles.{name}", *COMMANDS[name], str(data), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **settings)


def ignore_interrupt():
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_and_ends_well(tmp_path, name, number):
    # A program started in the background inherits an ignored SIGINT.
    with start(name, tmp_path / "data", preexec_fn=ignore_interrupt) as running:
        try:
            ready = running.stdout.readline()
            address = re.search(r"http://127\.0\.0\.1:\d+", ready)[0]
            with urllib.request.urlopen(f"{address}/healthz", timeout=10) as answer:
                assert answer.status == 200
        finally:
            running.send_signal(number)
        try:
            rest, errors = running.communicate(timeout=20)
        finally:
            running.kill()  # one that does not end fails the test instead of holding it
        assert (running.returncode, rest, errors) == (0, "", "")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_port_taken_is_one_clear_sentence(tmp_path, name):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with start(name, tmp_path / "data", "--port", port) as refused:
            _, errors = refused.communicate(timeout=20)
    assert refused.returncode == 1
    assert errors.strip().count("\n") == 0
    assert f"port {port}" in errors


@pytest.mark.parametrize("name", COMMANDS)
def test_another_address_than_loopback_is_refused(tmp_path, name):
    with start(name, tmp_path / "data", "--host", "0.0.0.0") as refused:
        _, errors = refused.communicate(timeout=20)
    assert refused.returncode == 1
    assert "loopback only" in errors


def test_what_was_answered_survives_a_kill(tmp_path):
    ids = []
    for _ in range(2):
        with start("stripe_api", tmp_path / "data") as running:
            address = re.search(r"http://127\.0\.0\.1:\d+", running.stdout.readline())[0]
            client = stripe.StripeClient("sk_test_x", base_addresses={"api": address}).v1
            ids.append(client.customers.create({"name": "CH"}, {"idempotency_key": "k"}).id)
            running.kill()
            running.communicate(timeout=20)
    assert ids[0] == ids[1]
