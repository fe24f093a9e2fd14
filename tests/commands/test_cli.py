"""The command line: quick help in French, and sentences instead of traces."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from entrepairs.cli import main
from entrepairs.commands import _stack


def entrepairs(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "entrepairs.cli", *arguments],
        env={**kept, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_help_lists_every_command_in_french_without_loading_the_application() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from entrepairs.cli import main; "
        "print(CliRunner().invoke(main, ['--help']).output); "
        "print([name for name in ('flask', 'sqlalchemy', 'celery') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip().endswith("[]")
    for line in ("doctor", "migrate", "reset", "up", "user"):
        assert f"\n  {line}" in shown
    assert "Démarre tout sur cette machine" in shown


@pytest.mark.parametrize("name", main.list_commands(None))  # type: ignore[arg-type]
def test_every_command_has_help(name: str) -> None:
    shown = CliRunner().invoke(main, [name, "--help"])
    assert shown.exit_code == 0, shown.output
    assert main._short_help(name)


def test_a_taken_port_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = entrepairs("up", ENTREPAIRS_PORT=port, ENTREPAIRS_DATA_DIR=str(tmp_path / "data"))
    assert done.returncode == 1
    assert done.stderr.startswith(f"Le port {port} est déjà pris")
    assert done.stderr.count("\n") == 1


def test_a_port_that_is_no_number_is_said_in_one_sentence(tmp_path: Path) -> None:
    done = entrepairs("up", ENTREPAIRS_PORT="web", ENTREPAIRS_DATA_DIR=str(tmp_path / "data"))
    assert (done.returncode, done.stderr) == (1, "ENTREPAIRS_PORT=web n'est pas un numéro de port.\n")


def test_a_folder_that_cannot_be_made_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    done = entrepairs("up", ENTREPAIRS_DATA_DIR=str(tmp_path / "file" / "data"))
    assert done.returncode == 1
    assert str(tmp_path) in done.stderr
    assert done.stderr.count("\n") == 1


def test_reset_never_erases_a_folder_that_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    done = entrepairs("reset", "--yes", ENTREPAIRS_DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert (tmp_path / "letters.txt").exists()


def test_reset_empties_our_folder(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "secrets.json").write_text("{}")
    assert entrepairs("reset", "--yes", ENTREPAIRS_DATA_DIR=str(tmp_path)).returncode == 0
    assert {path.name for path in tmp_path.iterdir()} <= {"supervisor.lock", "children.json"}


def test_the_doctor_says_what_is_missing_and_fails(tmp_path: Path) -> None:
    done = entrepairs("doctor", ENTREPAIRS_DATA_DIR=str(tmp_path), ENTREPAIRS_ENV="production")
    assert done.returncode == 1
    assert "Il manque : DATABASE_URL, REDIS_URL, SECRET_KEY, SMTP_URL" in done.stdout
    assert "Traceback" not in done.stderr


def test_the_doctor_finds_dead_services_one_by_one(tmp_path: Path) -> None:
    done = entrepairs(
        "doctor",
        "--json",
        ENTREPAIRS_ENV="development",
        ENTREPAIRS_DATA_DIR=str(tmp_path),
        ENTREPAIRS_SECRET_KEY="short",
        DATABASE_URL=f"postgresql://nobody@/none?host={tmp_path}",
        REDIS_URL=f"unix://{tmp_path}/none.sock",
        SMTP_URL="smtp://127.0.0.1:1",
    )
    answer = json.loads(done.stdout)
    verdicts = {finding["subject"]: finding["verdict"] for finding in answer["findings"]}
    assert answer["healthy"] is False
    assert [verdicts[name] for name in ("Secrets", "Base", "File", "Courrier")] == ["wrong"] * 4


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_start_that_is_stopped_while_it_loads_ends_with_0(number: signal.Signals) -> None:
    code = f"""
import os, signal, click
from entrepairs import cli
signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in a background job
cli.main.get_command(click.Context(cli.main), "up")
os.kill(os.getpid(), {number:d})
raise SystemExit("still here")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_last_migrations_are_read_from_the_files(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('revision = "0001"\ndown_revision = None\n')
    (tmp_path / "b.py").write_text('revision: str = "0002"\ndown_revision: str = "0001"\n')
    assert _stack.heads(tmp_path) == {"0002"}


def test_an_account_is_not_made_for_what_is_not_an_address():
    answer = CliRunner().invoke(main, ["user", "create", "--email", "pas-une-adresse", "--name", "X"])
    assert answer.exit_code == 1
    assert "n'est pas une adresse" in answer.output


def test_what_an_import_counts_is_said_in_good_french():
    from entrepairs.commands.import_ import counted

    assert counted(6, "sites", "created") == "6 services : nouveaux."
    assert counted(1, "partners", "created") == "1 structure : nouvelle."
    assert counted(2, "peers", "updated") == "2 personnes : mises à jour."
    assert counted(1, "sites", "unchanged") == "1 service : déjà à jour."
