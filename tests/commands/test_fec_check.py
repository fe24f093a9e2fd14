"""`entrepairs fec check`: any file, no service; 0 all holds, 1 a rule fails, 2 unreadable."""

import json
import os
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from entrepairs.commands.fec import command
from tests.factories.fec import a_file, some_lines, written


def run(*arguments: str | Path):
    return CliRunner().invoke(command, ["check", *map(str, arguments)])


def test_it_needs_no_service_at_all(tmp_path: Path):
    keep = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "entrepairs.cli", "fec", "check", a_file(tmp_path)],
        env=keep | {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "conforme" in done.stdout
    assert "9 lignes, 3 écritures, débit 3600,00, crédit 3600,00, du 15/01/2026 au 15/03/2026" in done.stdout


def test_a_fault_is_one_and_its_lines_are_said(tmp_path: Path):
    done = run(a_file(tmp_path, written(some_lines()).replace("1200,00", "1200.00")))
    assert done.exit_code == 1
    assert "[amount-point] Les décimales suivent une virgule, pas un point : 1200.00. — lignes 2, 5, 8" in done.output


def test_the_worst_file_gives_the_exit_code(tmp_path: Path):
    assert run(a_file(tmp_path), tmp_path / "absent.txt").exit_code == 2
    assert run(a_file(tmp_path, name="x.txt")).exit_code == 1
    assert run(a_file(tmp_path, name="x.txt"), "--any-name").exit_code == 0


def test_the_object_for_machines_is_the_documented_one(tmp_path: Path):
    done = run("--json", a_file(tmp_path), tmp_path / "absent.txt")
    told = json.loads(done.output)
    assert (told["schema"], told["exit"], len(told["files"])) == ("entrepairs.fec-check/1", 2, 2)
    good, absent = told["files"]
    assert good == {
        "file": str(tmp_path / "443061841FEC20261231.txt"),
        "verdict": "holds",
        "unreadable": None,
        "encoding": "UTF-8",
        "byte_order_mark": False,
        "separator": "tab",
        "line_end": "CR LF",
        "amounts": "debit-credit",
        "numbering": "file",
        "lines": 9,
        "entries": 3,
        "debit": "3600,00",
        "credit": "3600,00",
        "siren": "443061841",
        "closing_date": "2026-12-31",
        "first_date": "2026-01-15",
        "last_date": "2026-03-15",
        "faults": [],
        "remarks": [],
    }
    assert (absent["verdict"], absent["unreadable"]) == ("unreadable", "Le fichier n'existe pas.")


def test_a_terminal_never_gets_control_characters_of_the_file(tmp_path: Path):
    done = run(a_file(tmp_path, written(some_lines()).replace("1200,00", "\x1b[31m", 1)))
    assert "\x1b" not in done.output
