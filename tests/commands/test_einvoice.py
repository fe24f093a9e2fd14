"""`entrepairs einvoice check`: sentences for people, a stable JSON for machines, an exit code for scripts."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from entrepairs.billing.einvoice.facturx import build_xml
from tests.billing.einvoice.sample_invoices import PRIVATE, SELLER

RIGHT = build_xml(PRIVATE)
WRONG = build_xml(replace(PRIVATE, seller=replace(SELLER, siren="123456789", siret=None)))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("factures")
    written = {"right": RIGHT, "wrong": WRONG, "unreadable": b"bonjour"}
    for name, content in written.items():
        (folder / f"{name}.xml").write_bytes(content)
    return {name: str(folder / f"{name}.xml") for name in written}


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("entrepairs")), "einvoice", "check", *arguments]
    variables = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": "/nonexistent", **environment}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=variables)


@pytest.fixture(scope="module")
def told(files: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """One run for the file: a right, a wrong and an unreadable file; no database, not even an address of one."""
    done = run("--json", *files.values(), DATABASE_URL="postgresql://nowhere.invalid/none")
    return done.returncode, json.loads(done.stdout)


def test_the_worst_file_decides_the_exit_code(told: tuple[int, dict[str, Any]]):
    code, answer = told
    assert code == answer["exit"] == 2
    assert [one["exit"] for one in answer["files"]] == [0, 1, 2]
    assert (answer["hold"], answer["fail"], answer["unreadable"]) == (1, 1, 1)


def test_the_json_keeps_its_shape(told: tuple[int, dict[str, Any]]):
    """What the guide promises to machines: a change of it is a new version."""
    answer = told[1]
    assert set(answer) == {"version", "exit", "files", "hold", "fail", "unreadable", "seconds", "checkers"}
    assert answer["version"] == 1
    right, wrong, unreadable = answer["files"]
    assert set(right) == set(wrong) == {"file", "exit", "document", "rule_sets", "failures"}
    assert set(right["document"]) == {"syntax", "profile", "specification", "attachment", "number", "type"}
    assert [one["layer"] for one in right["rule_sets"]] == ["xsd", "en16931", "br-fr"]
    assert right["failures"] == []
    assert set(wrong["failures"][0]) == {"id", "layer", "severity", "term", "place", "sentence", "official"}
    assert set(unreadable) == {"file", "exit", "error"}
    assert set(unreadable["error"]) == {"code", "sentence"}


def test_a_failure_says_its_rule_its_field_and_what_to_do(told: tuple[int, dict[str, Any]]):
    found = {one["id"]: one for one in told[1]["files"][1]["failures"]}
    assert found["EP-SIREN"] == {
        "id": "EP-SIREN",
        "layer": "entrepairs",
        "severity": "error",
        "term": "BT-30",
        "place": "/rsm:CrossIndustryInvoice/rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement"
        "/ram:SellerTradeParty/ram:SpecifiedLegalOrganization/ram:ID",
        "sentence": "SIREN du vendeur (BT-30)\u00a0: «\u00a0123456789\u00a0» n’est pas un numéro SIREN, "
        "un chiffre est sans doute mal recopié.",
        "official": None,
    }


def test_people_read_sentences_and_the_speed(files: dict[str, str]):
    done = run(files["wrong"], files["right"])
    assert done.returncode == 1
    assert "SIREN du vendeur (BT-30)" in done.stdout
    assert "tout est juste (CII, profil en16931)" in done.stdout
    assert "2 fichiers : 1 juste, 1 avec une règle non respectée, 0 illisible." in done.stdout
    assert "par seconde, 1 vérificateur." in done.stdout
