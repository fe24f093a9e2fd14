"""The supervisor as a real program: signals, order of stop, restarts, leftovers."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from entrepairs.embedded.children import Child, process_mark
from entrepairs.embedded.errors import EmbeddedError
from entrepairs.embedded.supervisor import Supervisor

CHILD = """
import signal, sys, time
def stop(*_):
    print("stopped", flush=True)
    open(sys.argv[2], "a").write(sys.argv[1] + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("ready", flush=True)
while True:
    time.sleep(0.05)
"""
PROGRAM = """
import sys
from pathlib import Path
from entrepairs.embedded.children import Child
from entrepairs.embedded.supervisor import Supervisor
folder = Path(sys.argv[1])
with Supervisor(folder, say=lambda text: print(text, flush=True)) as supervisor:
    for name in ("first", "second"):
        command = [sys.executable, "-c", (folder / "child.py").read_text(), name, str(folder / "order")]
        supervisor.start(Child(name, command, log=folder / f"{name}.log"))
    print("up", flush=True)
    supervisor.watch()
print("down", flush=True)
"""


def until(met: Callable[[], bool], within: float = 20.0) -> None:
    deadline = time.monotonic() + within
    while not met():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def launch(folder: Path, **options: object) -> subprocess.Popen[str]:
    (folder / "child.py").write_text(CHILD)
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        **options,  # type: ignore[call-overload]
    )
    until(lambda: all("ready" in read(folder / f"{name}.log") for name in ("first", "second")))
    return program


def read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def pids(folder: Path) -> dict[str, int]:
    return {child["name"]: child["pid"] for child in json.loads((folder / "children.json").read_text())}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all_in_reverse_order_and_the_exit_is_zero(folder: Path, number: signal.Signals) -> None:
    program = launch(folder)
    program.send_signal(number)
    output, _ = program.communicate(timeout=20)
    assert program.returncode == 0
    assert output.endswith("down\n")
    assert read(folder / "order").split() == ["second", "first"]


def test_started_in_the_background_with_sigint_ignored_it_still_stops(folder: Path) -> None:
    program = launch(folder, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    program.send_signal(signal.SIGINT)
    program.communicate(timeout=20)
    assert program.returncode == 0


def test_a_fallen_child_is_started_again_with_a_sentence(folder: Path) -> None:
    program = launch(folder)
    fallen = pids(folder)["first"]
    os.kill(fallen, signal.SIGKILL)
    until(lambda: pids(folder).get("first") not in (None, fallen))
    program.terminate()
    output, _ = program.communicate(timeout=20)
    assert "first s'est arrêté : nous le relançons." in output


def test_children_of_a_killed_supervisor_are_ended_by_the_next_and_nothing_else(folder: Path) -> None:
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    program = launch(folder)
    left = pids(folder)
    program.kill()
    program.communicate()
    assert all(process_mark(pid) for pid in left.values())
    children = json.loads((folder / "children.json").read_text())
    children.append({"name": "recycled", "pid": bystander.pid, "mark": "another process had this number"})
    (folder / "children.json").write_text(json.dumps(children))

    said: list[str] = []
    with Supervisor(folder, say=said.append):
        assert not any(process_mark(pid) for pid in left.values())
    assert len(said) == 2
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_two_supervisors_never_hold_one_folder(folder: Path) -> None:
    with Supervisor(folder), pytest.raises(EmbeddedError, match="tourne déjà"), Supervisor(folder):
        pass


def test_a_failed_step_says_the_end_of_its_log(folder: Path) -> None:
    step = Child("Étape", [sys.executable, "-c", "raise SystemExit('no such table')"], log=folder / "step.log")
    with Supervisor(folder) as supervisor, pytest.raises(EmbeddedError, match="no such table"):
        supervisor.run(step)


def test_a_stop_asked_during_a_step_ends_it_at_once(folder: Path) -> None:
    asks = "import os, signal, time; os.kill(os.getppid(), signal.SIGTERM); time.sleep(60)"
    with Supervisor(folder) as supervisor:
        supervisor.run(Child("Étape", [sys.executable, "-c", asks], log=folder / "step.log"))
        pytest.fail("the stop was not heard")
