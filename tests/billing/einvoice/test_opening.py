"""Any file: what is read, and what is refused with a sentence instead of a crash, a fetch or a bomb."""

import io
import os
import threading
import zlib
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from entrepairs.billing.einvoice.checker import Checker
from entrepairs.billing.einvoice.drawing import draw_facturx
from entrepairs.billing.einvoice.examining import examine
from entrepairs.billing.einvoice.facturx import build_ubl, build_xml
from entrepairs.billing.einvoice.inspecting import own_findings
from entrepairs.billing.einvoice.opening import MAX_XML, Opened, Unreadable, open_bytes, open_file
from entrepairs.billing.einvoice.paper import paper_of, title_of
from entrepairs.documents.rendering import render_pdf
from tests.billing.einvoice.sample_invoices import PRIVATE

XML = build_xml(PRIVATE)
PAGE = render_pdf("invoice", paper_of(PRIVATE), on=PRIVATE.issued_on, title=title_of(PRIVATE))
FACTURX = draw_facturx(PRIVATE, XML)


def pdf_with(attachments: dict[str, bytes], page: bytes = PAGE, **options: object) -> bytes:
    """The page with files attached, as another program would."""
    with pikepdf.open(io.BytesIO(page)) as pdf:
        for name, content in attachments.items():
            pdf.attachments[name] = content
        out = io.BytesIO()
        pdf.save(out, **options)
        return out.getvalue()


def refused(content: bytes) -> str:
    with pytest.raises(Unreadable) as refusal:
        open_bytes(content)
    return refusal.value.code


def test_our_own_pdf_carries_its_xml_and_says_so():
    opened = open_bytes(FACTURX)
    assert opened.envelope is not None
    assert (opened.syntax, opened.profile, opened.envelope.name) == ("cii", "en16931", "factur-x.xml")
    assert (opened.envelope.pdfa_part, opened.envelope.profile, opened.envelope.relationship) == (
        "3",
        "EN 16931",
        "Data",
    )
    assert opened.envelope.listed
    assert "FA2027-00042" in opened.envelope.text


@pytest.mark.parametrize(
    ("name", "xml"),
    [
        ("factur-x.xml", XML),
        ("Factur-X.xml", XML),
        ("zugferd-invoice.xml", XML),
        ("ZUGFeRD-invoice.xml", XML),
        ("xrechnung.xml", build_ubl(PRIVATE)),
        ("facture.xml", XML),
    ],
)
def test_the_xml_is_found_under_its_usual_names_and_others(name: str, xml: bytes):
    opened = open_bytes(pdf_with({"conditions.txt": b"bonjour", name: xml}))
    assert opened.reading.value("BT-1") == "FA2027-00042"


def test_what_the_page_lacks_is_a_warning(checker: Checker, tmp_path: Path):
    path = tmp_path / "facture.pdf"
    path.write_bytes(pdf_with({"facture.xml": build_xml(replace(PRIVATE, number="FA2027-00043"))}))
    seen = examine(path, checker)
    assert seen.exit == 0
    assert {"EP-PDF-RELATION", "EP-PDF-NAME", "EP-PDF-PAGE"} <= {one.rule for one in seen.findings}


def test_a_pdf_with_two_invoices_says_which_one_was_read():
    other = build_xml(replace(PRIVATE, number="FA2027-00043"))
    opened = open_bytes(pdf_with({"factur-x.xml": XML, "copie.xml": XML, "autre.xml": other, "plan.xml": b"<plan/>"}))
    assert opened.envelope is not None
    assert (opened.envelope.name, opened.envelope.others) == ("factur-x.xml", ("autre.xml",))
    (two,) = [one for one in own_findings(opened) if one.rule == "EP-PDF-TWO"]
    assert not two.blocks
    assert "autre.xml" in str(two.sentence.params)


def test_what_a_crooked_pdf_makes_the_library_say_is_not_told():
    crooked = pdf_with({"factur-x.xml": XML}).replace(b"/EmbeddedFile", b"/EmbeddedFilz").replace(b"/EF ", b"/EG ")
    with pytest.raises(Unreadable) as refusal:
        open_bytes(crooked)
    assert "object" not in f"{refusal.value.message} {refusal.value.params}"


def test_a_pdf_without_an_invoice_is_unreadable():
    assert refused(PAGE) == "no_xml_within"
    assert refused(pdf_with({"conditions.txt": b"bonjour", "plan.xml": b"<plan/>"})) == "no_invoice_within"
    assert refused(pdf_with({"factur-x.xml": b"<not xml"})) == "not_xml"


def test_an_encrypted_pdf_is_unreadable_even_without_a_password():
    for user in ("secret", ""):
        locked = pdf_with({"factur-x.xml": XML}, encryption=pikepdf.Encryption(owner="owner", user=user))
        assert refused(locked) == "encrypted"


@pytest.mark.parametrize("kept", [5, 300, 3000, len(FACTURX) // 2])
def test_a_broken_pdf_is_unreadable_not_a_crash(kept: int):
    assert refused(FACTURX[:kept]) in ("broken_pdf", "no_xml_within")


def test_a_bomb_inside_a_pdf_is_stopped_before_it_fills_the_memory():
    squeezed = zlib.compress(b"\0" * (MAX_XML * 2), 1)
    with pikepdf.open(io.BytesIO(FACTURX)) as pdf:
        stream = pdf.attachments["factur-x.xml"].get_file().obj
        stream.write(squeezed, filter=pikepdf.Name.FlateDecode)
        out = io.BytesIO()
        pdf.save(out, compress_streams=False)
    assert refused(out.getvalue()) == "huge"


def test_huge_deep_and_endless_documents_are_not_read():
    assert refused(XML + b" " * MAX_XML) == "huge"
    assert refused(b"<a>" * 200 + b"</a>" * 200) == "too_deep"


def test_another_encoding_is_read_and_rewritten_for_the_rules():
    utf16 = XML.decode().replace("encoding='UTF-8'", "encoding='UTF-16'").encode("utf-16")
    opened = open_bytes(utf16)
    assert opened.reading.value("BT-27") == "Entrepairs Provence"
    assert opened.xml.decode().startswith("<?xml version='1.0' encoding='UTF-8'?>")
    assert refused(utf16[:-9]) == "not_xml"


def test_an_entity_is_refused_in_any_encoding():
    bomb = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY a "b">]><a>&a;</a>'
    assert refused(bomb.encode("utf-16")) == "doctype"


def test_a_missing_file_and_a_folder_are_unreadable(tmp_path: Path):
    for path, told in ((tmp_path / "nowhere.xml", "no such file"), (tmp_path, "a folder")):
        with pytest.raises(Unreadable) as refusal:
            open_file(path)
        assert refusal.value.code == "no_file"
        assert told in refusal.value.message


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(XML,))
    writer.start()
    assert open_file(pipe).reading.value("BT-1") == open_bytes(XML).reading.value("BT-1")
    writer.join()


def test_comments_and_instructions_change_nothing():
    commented = XML.replace(b"<ram:ID>FA2027-00042", b"<!-- here --><?go now?><ram:ID>FA2027-00042")
    opened: Opened = open_bytes(commented)
    assert opened.reading.value("BT-1") == "FA2027-00042"
