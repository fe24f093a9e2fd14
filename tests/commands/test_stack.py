"""What `entrepairs up` starts beforehand, and what it finds in a database."""

import socket
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from entrepairs.commands._ports import chosen_ports
from entrepairs.commands._stack import TOLD, Stack
from entrepairs.embedded.children import Child
from entrepairs.embedded.errors import EmbeddedError
from entrepairs.embedded.postgres import EmbeddedPostgres
from entrepairs.embedded.supervisor import Supervisor
from entrepairs.identity.models import Account
from entrepairs.settings.demo_clock import START
from tests.conftest import FreshDatabase


def test_a_program_loads_then_waits_for_its_gate(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    running = subprocess.Popen(
        [sys.executable, "-m", "entrepairs.commands._warm", str(gate), "json.tool", "json.tool", "--compact"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with pytest.raises(subprocess.TimeoutExpired):
        running.wait(1)
    gate.touch()
    said, _ = running.communicate('{"a": 1}', timeout=20)
    assert (running.returncode, said.strip()) == (0, '{"a":1}')


@pytest.mark.parametrize("ours", [False, True])
def test_a_database_that_holds_accounts_and_no_story_is_left_alone(
    fresh_database: FreshDatabase,
    cluster: EmbeddedPostgres,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ours: bool,
) -> None:
    monkeypatch.setenv("DATABASE_URL", fresh_database.owner_url)
    monkeypatch.setenv("REDIS_URL", "redis://nowhere")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        monkeypatch.setenv("ENTREPAIRS_PORT", str(probe.getsockname()[1]))
    with fresh_database.session() as session:
        session.add(Account(ref="CPT-2222-3333", email="un@foule.test", name="Un", created_at=START))
        session.commit()
    said: list[str] = []
    with Supervisor(tmp_path, say=said.append, signals=()) as supervisor, chosen_ports() as ports:
        stack = Stack(supervisor, tmp_path, ports, kind="demo")
        stack._postgres = cluster if ours else None
        with pytest.raises(EmbeddedError, match="« entrepairs demo reset » efface tout et le recommence"):
            stack.load_demo("S", said.append)
    assert said == []
    with fresh_database.session() as session:
        assert session.query(Account).count() == 1


@pytest.mark.parametrize("ended", [0, 1])
def test_a_story_is_remembered_as_told_only_when_its_loader_says_so(
    fresh_database: FreshDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ended: int
) -> None:
    monkeypatch.setenv("DATABASE_URL", fresh_database.owner_url)
    monkeypatch.setenv("REDIS_URL", "redis://nowhere")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        monkeypatch.setenv("ENTREPAIRS_PORT", str(probe.getsockname()[1]))
    said: list[str] = []
    with Supervisor(tmp_path, say=said.append, signals=()) as supervisor, chosen_ports() as ports:
        stack = Stack(supervisor, tmp_path, ports, kind="demo")
        monkeypatch.setattr(stack, "call_programs", lambda: None)
        stack._loader = Child("Récit", [sys.executable, "-c", f"exit({ended})"], log=tmp_path / "log")
        supervisor.start(stack._loader)
        with nullcontext() if ended == 0 else pytest.raises(EmbeddedError, match="le récit recommencera"):
            stack.load_demo("S", said.append)
    assert said == ["Récit de démonstration (une minute la première fois)…"]
    assert (tmp_path / "demo.loaded").exists() == (ended == 0)


def test_the_sign_of_a_whole_story_is_the_one_the_loader_writes() -> None:
    from entrepairs.demo.loading import TOLD as WRITTEN

    assert f"'{WRITTEN}'" in TOLD
