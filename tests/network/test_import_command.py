"""`entrepairs import`, on an empty database of its own."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from entrepairs.network.models import Partner, Peer

EXAMPLES = Path(__file__).parents[2] / "docs" / "guide" / "examples"


@pytest.fixture
def entrepairs(fresh_database):
    def run(*arguments):
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
        settings = {
            "ENTREPAIRS_ENV": "test",
            "DATABASE_URL": fresh_database.url,
            "REDIS_URL": "redis://127.0.0.1:9/0",
            "SMTP_URL": "smtp://127.0.0.1:9",
        }
        return subprocess.run(
            [sys.executable, "-m", "entrepairs.cli", "import", *map(str, arguments)],
            env={**kept, **settings},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


def counted(database, table):
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_dry_run_then_the_real_one_then_the_same_again(entrepairs, fresh_database):
    looked = entrepairs("partners", EXAMPLES / "structures.csv", "--dry-run")
    assert (looked.returncode, counted(fresh_database, Partner)) == (0, 0), looked.stderr
    assert "6 structures" in looked.stdout
    assert "rien n'a changé" in looked.stdout
    done = entrepairs("partners", EXAMPLES / "structures.csv")
    assert (done.returncode, counted(fresh_database, Partner)) == (0, 6)
    again = json.loads(entrepairs("partners", EXAMPLES / "structures.csv", "--json").stdout)
    assert (again["created"], again["unchanged"]) == ({}, {"partners": 6, "sites": 6})


def test_wrong_lines_go_to_a_file_and_nothing_is_written(entrepairs, fresh_database, tmp_path):
    wrong = tmp_path / "pairs.csv"
    wrong.write_bytes((EXAMPLES / "pairs.csv").read_bytes().replace(b"Toulon;83000;70", b"Toulon;83000;loin"))
    errors = tmp_path / "erreurs.csv"
    done = entrepairs("peers", wrong, "--errors", errors)
    assert (done.returncode, counted(fresh_database, Peer)) == (1, 0), done.stderr
    assert "Rien n'est importé" in done.stdout
    rows = list(csv.reader(errors.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    assert rows[0][:3] == ["ligne", "colonne", "ce qui est écrit"]
    assert rows[1][:3] == ["5", "rayon_km", "loin"]
    assert rows[1][3].startswith("Écrivez un nombre entier")


def test_what_is_no_csv_is_said_in_one_sentence(entrepairs, tmp_path):
    book = tmp_path / "classeur.xlsx"
    book.write_bytes(b"PK\x03\x04\x00\x00")
    done = entrepairs("partners", book)
    assert done.returncode == 1
    assert "CSV" in done.stderr
    assert "Traceback" not in done.stderr
