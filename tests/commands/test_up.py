"""`entrepairs up` as a person starts it: ready, stopped by a signal, started again with its data."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Proof
from tests.throwaway import short_folder

pytestmark = pytest.mark.worker
CUT = "Le récit s'était arrêté en chemin : nous le recommençons."


@pytest.fixture
def variables() -> Iterator[dict[str, str]]:
    """A machine of its own: another data folder, a free port, no service given."""
    folder = Path(tempfile.mkdtemp(prefix="ep-up-", dir=short_folder()))
    folder.chmod(0o711)
    unset = ("DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL", "SMTP_URL", "XDG_RUNTIME_DIR")
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    yield {**kept, "ENTREPAIRS_DATA_DIR": str(folder / "data"), "ENTREPAIRS_PORT": str(port)}
    shutil.rmtree(folder, ignore_errors=True)


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "entrepairs.cli", *arguments]


def start(
    variables: dict[str, str], *options: str, until: str = "Ctrl-C arrête tout"
) -> tuple[subprocess.Popen[str], str]:
    """The running command and what it said until it was ready."""
    running = subprocess.Popen(
        command("up", *options), env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert running.stdout is not None
    said = ""
    for line in running.stdout:
        said += line
        if until in line:
            return running, said
    pytest.fail(said)


def stop(running: subprocess.Popen[str], number: signal.Signals) -> str:
    running.send_signal(number)
    said, _ = running.communicate(timeout=90)
    assert running.returncode == 0, said
    return said


def test_it_starts_stops_and_starts_again_with_its_data(variables: dict[str, str]) -> None:
    running, said = start(variables)
    address = re.search(r"Adresse\s+(http\S+)", said)
    assert address
    with urllib.request.urlopen(f"{address[1]}/readyz", timeout=10) as answer:
        assert answer.status == 200
    doctor = subprocess.run(command("doctor"), env=variables, capture_output=True, text=True, check=False)
    assert doctor.returncode == 0, doctor.stdout
    made = ("user", "create", "--email", "alix@example.org", "--name", "Alix", "--role", "admin")
    subprocess.run(command(*made), env=variables, check=True, capture_output=True)
    second = subprocess.run(command("up"), env=variables, capture_output=True, text=True, check=False)
    assert (second.returncode, second.stderr.count("\n")) == (1, 1)
    assert "tourne déjà" in second.stderr
    stop(running, signal.SIGTERM)
    assert "data" not in _command_lines(variables)

    running, _ = start(variables)
    again = subprocess.run(command(*made), env=variables, capture_output=True, text=True, check=False)
    stop(running, signal.SIGINT)
    assert again.returncode == 1
    assert "déjà" in again.stderr


def _command_lines(variables: dict[str, str]) -> str:
    """The processes that still name the data folder."""
    shown = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return "\n".join(line for line in shown.splitlines() if variables["ENTREPAIRS_DATA_DIR"] in line)


def test_a_story_cut_half_way_is_said_then_begun_again(variables: dict[str, str], proof: Proof) -> None:
    running, _ = start(variables, "--demo", until="Récit de démonstration")
    os.kill(_teller(variables, lived=proof.size(1, 2)), signal.SIGKILL)
    said, _ = running.communicate(timeout=60)
    assert running.returncode == 1
    assert "Relancez la même commande : le récit recommencera." in said
    assert "Traceback" not in said
    assert _command_lines(variables) == "", "the printer and the checker ended with their story"

    if proof.full:
        running, _ = start(variables, "--demo", until=CUT)
        assert _teller(variables, lived=1), "it is told from the start"
        running.kill()
        running.communicate(timeout=60)

    running, said = start(variables, "--demo", until=CUT)
    assert ("Récit de démonstration tournait encore d'une fois précédente" in said) == proof.full
    assert _teller(variables, lived=1), "it is told from the start"
    assert "est prêt" not in stop(running, signal.SIGTERM)
    assert _command_lines(variables) == ""


def _teller(variables: dict[str, str], *, lived: int) -> int:
    """The process that tells the story, once it has said that tenths of it are lived in this very telling."""
    folder = Path(variables["ENTREPAIRS_DATA_DIR"])
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        children = json.loads((folder / "children.json").read_text())
        pid = next((child["pid"] for child in children if child["name"] == "Récit de démonstration"), 0)
        log = folder / "logs" / "demo.log"
        said = log.read_text() if log.exists() else ""
        if pid and said.count("Semaines vécues") >= lived:
            log.write_text("")
            return int(pid)
        time.sleep(0.05)
    pytest.fail("nothing was told")
