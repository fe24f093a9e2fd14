"""Ports are taken when they are chosen: two starts in the same second never serve on the same one."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from entrepairs.commands._ports import Ports, chosen_ports
from entrepairs.commands.up import _stand_ins
from entrepairs.embedded.errors import EmbeddedError

STAND_INS = ("MAIL", "SMTP", "STRIPE", "CHORUS", "PLATFORM")

GIVEN = (
    "SMTP_URL",
    "ENTREPAIRS_STRIPE_SECRET_KEY",
    "ENTREPAIRS_CHORUS_PISTE_ID",
    "ENTREPAIRS_PLATFORM_TOKEN",
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(autouse=True)
def usual(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Usual ports of this test, free when it begins; nothing given from outside."""
    for name in (*GIVEN, "ENTREPAIRS_HOST"):
        monkeypatch.delenv(name, raising=False)
    ports = {name: free_port() for name in (*STAND_INS, "WEB")}
    for name in STAND_INS:
        monkeypatch.setenv(f"ENTREPAIRS_{name}_PORT", str(ports[name]))
    monkeypatch.setenv("ENTREPAIRS_PORT", str(ports["WEB"]))
    return ports


def all_of(ports: Ports) -> set[int]:
    return {ports.web, ports.mail, ports.smtp, ports.stripe, ports.chorus, ports.platform}


def test_the_usual_ports_are_taken_as_soon_as_they_are_chosen(usual: dict[str, int]) -> None:
    with chosen_ports() as ports:
        assert all_of(ports) == set(usual.values())
        for port in all_of(ports):
            with socket.socket() as other:
                other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                with pytest.raises(OSError, match="in use"):
                    other.bind(("127.0.0.1", port))


def test_the_stand_ins_take_other_ports_when_theirs_are_taken(
    usual: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with chosen_ports() as first:
        monkeypatch.setenv("ENTREPAIRS_PORT", str(free_port()))
        with chosen_ports() as second:
            assert len(all_of(first) | all_of(second)) == 12


def test_a_web_port_that_is_taken_is_said_and_another_proposed(usual: dict[str, int]) -> None:
    with chosen_ports(), pytest.raises(EmbeddedError, match=rf"{usual['WEB']} est déjà pris.*={usual['WEB'] + 1}"):
        chosen_ports()


def test_of_starts_in_the_same_instant_one_gets_the_port_and_the_others_are_told(usual: dict[str, int]) -> None:
    together, got, told = threading.Barrier(8), [], []

    def start() -> None:
        together.wait()
        try:
            got.append(chosen_ports())
        except EmbeddedError as error:
            told.append(str(error))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(got), len(told)) == (1, 7)
    assert all("est déjà pris" in sentence for sentence in told)
    got[0].__exit__(None, None, None)


def test_what_is_given_from_outside_takes_no_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_URL", "smtp://mail.example")
    for name in GIVEN[1:]:
        monkeypatch.setenv(name, "given")
    with chosen_ports() as ports:
        assert all_of(ports) == {ports.web, 0}
        assert set(ports.sockets) == {ports.web}


def test_an_address_that_is_not_of_this_machine_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENTREPAIRS_HOST", "192.0.2.1")
    with pytest.raises(EmbeddedError, match=r"Impossible d'écouter sur 192\.0\.2\.1"):
        chosen_ports()


def test_a_stand_in_serves_on_the_socket_it_is_handed(usual: dict[str, int], tmp_path: Path) -> None:
    with chosen_ports() as ports:
        running = subprocess.Popen(
            [
                *(sys.executable, "-m", "entrepairs.doubles.mail_sink", "--data", str(tmp_path)),
                *("--port", str(ports.mail), "--smtp-port", str(ports.smtp)),
            ],
            env={**os.environ, "ENTREPAIRS_SOCKETS": ports.handed((ports.mail, ports.smtp))},
            pass_fds=[ports.number(ports.mail), ports.number(ports.smtp)],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert running.stdout is not None
            assert f":{ports.mail}," in running.stdout.readline()
            with socket.create_connection(("127.0.0.1", ports.smtp), timeout=10) as caller:
                assert caller.recv(3) == b"220"
        finally:
            running.terminate()
            running.communicate(timeout=20)


def test_the_port_suggested_is_one_that_is_free(usual: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo's stand-ins often sit right after its own port."""
    with socket.socket() as web, socket.socket() as mail:
        for port in range(20_000, 30_000):
            try:
                web.bind(("127.0.0.1", port))
                mail.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            break
        web.listen()
        mail.listen()
        monkeypatch.setenv("ENTREPAIRS_PORT", str(port))
        with pytest.raises(EmbeddedError) as refused:
            chosen_ports()
    suggested = int(str(refused.value).rstrip(".").rpartition("=")[2])
    assert suggested > port + 1


def test_the_start_says_where_each_stand_in_is_played_and_nothing_of_those_not_needed() -> None:
    every = Ports("127.0.0.1", web=1, mail=2, smtp=3, stripe=4, chorus=5, platform=6)
    assert [line.split()[:2] for line in _stand_ins(every)] == [
        ["Payeurs", "http://127.0.0.1:5"],
        ["Plateforme", "http://127.0.0.1:6"],
        ["Stripe", "http://127.0.0.1:4"],
    ]
    assert _stand_ins(Ports("127.0.0.1", web=1, mail=2, smtp=3, stripe=0)) == []
