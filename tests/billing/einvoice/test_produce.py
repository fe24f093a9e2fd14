"""The Factur-X itself: one call, the same bytes again, an archivable file that carries its XML."""

import functools
import io
import itertools
from collections.abc import Callable
from dataclasses import replace

import pikepdf
import pypdf
import pytest
from facturx import get_facturx_xml_from_pdf

from entrepairs.billing.einvoice.checker import Checker
from entrepairs.billing.einvoice.drawing import EmbeddingError, declared
from entrepairs.billing.einvoice.mentions import SOCIAL, TRAINING
from entrepairs.billing.einvoice.model import EInvoice
from entrepairs.billing.einvoice.produce import Issuable, NotIssuable, ensure_issuable, prepare_einvoice
from entrepairs.documents.french import french_money
from entrepairs.kernel.money import Money
from tests.billing.einvoice.sample_invoices import (
    AFTER_DEPOSIT,
    CASES,
    CREDIT_NOTE,
    DEPOSIT,
    DISCOUNTED,
    MIXED,
    PRIVATE,
    PUBLIC,
    VAT_20,
    line,
)

FX = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"
PDFA = "{http://www.aiim.org/pdfa/ns/id/}"


def read(pdf: bytes) -> str:
    """What a person reads, in one line, with plain spaces and apostrophes."""
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    return " ".join(text.replace("’", "'").split())


def fonts_of(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    return [font for page in pdf.pages for font in page.resources.get("/Font", pikepdf.Dictionary()).values()]


def is_embedded(font: pikepdf.Object) -> bool:
    described = font.DescendantFonts[0] if "/DescendantFonts" in font else font
    return any(key in described.FontDescriptor for key in ("/FontFile", "/FontFile2", "/FontFile3"))


@pytest.fixture(scope="module")
def made_of(checker: Checker) -> Callable[[str], Issuable]:
    """Each case made once for the file."""
    return functools.cache(lambda name: prepare_einvoice(CASES[name], checker=checker))


@pytest.mark.parametrize("name", CASES)
def test_every_case_becomes_a_facturx(name: str, made_of: Callable[[str], Issuable]):
    made = made_of(name)
    assert made.verdict.holds
    assert made.pdf.startswith(b"%PDF-")
    assert get_facturx_xml_from_pdf(made.pdf, check_xsd=True)[1] == made.xml


def test_the_same_invoice_gives_the_same_bytes(checker: Checker):
    first, second = (prepare_einvoice(PUBLIC, checker=checker) for _ in range(2))
    assert first.pdf == second.pdf
    assert first.xml == second.xml
    assert prepare_einvoice(replace(PUBLIC, number="FA2027-00043"), checker=checker).pdf != first.pdf


def test_the_file_is_archivable_and_says_so(checker: Checker):
    made = prepare_einvoice(PUBLIC, checker=checker)
    assert made.pdf.count(b"%%EOF") == made.pdf.count(b"startxref") == 1, "one file, without the page before it"
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        assert pdf.check_pdf_syntax() == []
        root = pdf.Root
        assert root.OutputIntents[0].S == "/GTS_PDFA1"
        assert "/DestOutputProfile" in root.OutputIntents[0]
        assert len(pdf.trailer.ID) == 2
        assert root.MarkInfo.Marked
        assert "/StructTreeRoot" in root
        assert str(root.Lang).lower().startswith("fr")
        assert fonts_of(pdf)
        assert all(is_embedded(font) for font in fonts_of(pdf))
        with pdf.open_metadata() as xmp:
            assert (xmp[f"{PDFA}part"], xmp[f"{PDFA}conformance"]) == ("3", "A")
            assert xmp[f"{FX}ConformanceLevel"] == "EN 16931"
            assert xmp[f"{FX}DocumentFileName"] == "factur-x.xml"
            assert xmp["xmp:CreateDate"].startswith("2027-03-12")
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20270312")


def test_the_xml_is_attached_once_as_data_and_unchanged(checker: Checker):
    made = prepare_einvoice(PUBLIC, checker=checker)
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        assert [str(file.AFRelationship) for file in pdf.Root.AF] == ["/Data"]
        assert list(pdf.attachments) == ["factur-x.xml"]
        attached = pdf.attachments["factur-x.xml"].get_file()
        assert attached.mime_type == "text/xml"
        assert attached.read_bytes() == made.xml


def test_a_page_made_otherwise_is_not_taken_for_a_facturx(checker: Checker):
    made = prepare_einvoice(PUBLIC, checker=checker).pdf
    for broken in (b"%PDF-1.7\n", made.replace(b"/Subtype/XML", b"/Subtype/TXT"), made.replace(b" n\r\n", b" n \n", 1)):
        with pytest.raises(EmbeddingError):
            declared(broken)


def test_the_page_carries_the_mandatory_mentions(checker: Checker):
    page = read(prepare_einvoice(PUBLIC, checker=checker).pdf)
    for mention in (
        "FA2027-00042",
        "12 mars 2027",
        "Entrepairs Provence",
        "12 rue des Amandiers",
        "900 000 001",
        "EPSM de la Durance",
        "130 005 481",
        "Route de Pertuis",
        "CMP Les Tamaris",
        "4500123456",
        "FACT-PSY",
        "CV2027-00003",
        "du 21 janvier 2027 au 11 mars 2027",
        "Groupe WRAP",
        "8 séances",
        "240,00 €",
        "1 920,00 €",
        "Exonération de TVA, art. 261-7-1° du CGI",
        "1er mai 2027",
        "FR76 3000 6000 0112 3456 7890 189",
        "prestation de services",
        "majoré de 8 points",
        "40 €",
        "Pas d'escompte",
    ):
        assert mention in page, mention


def test_the_page_and_the_xml_say_the_same_amounts(checker: Checker):
    made = prepare_einvoice(MIXED, checker=checker)
    page = read(made.pdf)
    for printed, written in (("3 645,50 €", "3645.50"), ("345,10 €", "345.10"), ("3 990,60 €", "3990.60")):
        assert printed in page
        assert f">{written}<".encode() in made.xml
    assert "FR68900000001" in page
    assert "d'après les débits" in page


def test_a_credit_note_names_its_invoice_and_asks_for_nothing(checker: Checker):
    made = prepare_einvoice(CREDIT_NOTE, checker=checker)
    page = read(made.pdf)
    assert "Avoir" in page
    assert "FA2027-00042 du 12 mars 2027" in page
    assert "Séance du 4 mars annulée" in page
    assert "IBAN" not in page
    assert b"IBANID" not in made.xml
    assert b"<ram:TypeCode>381<" in made.xml


def test_an_ordinary_invoice_fits_on_one_page_and_forty_lines_follow_on(made_of: Callable[[str], Issuable]):
    pages = {name: len(pypdf.PdfReader(io.BytesIO(made_of(name).pdf)).pages) for name in CASES}
    long = pages.pop("forty lines")
    assert set(pages.values()) == {1}
    assert 1 < long <= 4


def pages_of(invoice: EInvoice, checker: Checker) -> list[str]:
    reader = pypdf.PdfReader(io.BytesIO(prepare_einvoice(invoice, checker=checker).pdf))
    return [
        " ".join(page.extract_text().replace("\u202f", " ").replace("\u00a0", " ").split()) for page in reader.pages
    ]


def test_a_dozen_sessions_fit_on_one_page(checker: Checker):
    dozen = replace(MIXED, lines=tuple(line(SOCIAL if n % 3 else VAT_20, f"{n}.25") for n in range(1, 13)))
    (page,) = pages_of(dozen, checker)
    assert "Report" not in page
    assert "À reporter" not in page


def test_sixty_lines_carry_their_sum_and_their_head_from_page_to_page(checker: Checker):
    sixty = replace(PRIVATE, lines=tuple(line(quantity=f"{n}.25", cents=1_111 * n) for n in range(1, 61)))
    pages = pages_of(sixty, checker)
    assert len(pages) == 3
    assert all("Désignation Quantité Prix unitaire HT TVA Montant HT" in page for page in pages)
    assert "Report " not in pages[0]
    assert "À reporter" not in pages[-1]
    sums = itertools.accumulate(one.net.cents for one in sixty.lines)
    printed = [french_money(Money(cents)).replace("\u202f", " ").replace("\u00a0", " ") for cents in sums]
    for before, after in itertools.pairwise(pages):
        lines_so_far = sum(page.count("pavillon Les Glycines") for page in pages[: pages.index(after)])
        carried = printed[lines_so_far - 1]
        assert f"À reporter {carried}" in before
        assert f"Report {carried}" in after
    assert all(f"page {n} / 3" in page for n, page in enumerate(pages, start=1))


def test_a_deposit_and_what_takes_it_off_say_so(checker: Checker):
    assert "Facture d'acompte" in read(prepare_einvoice(DEPOSIT, checker=checker).pdf)
    made = prepare_einvoice(AFTER_DEPOSIT, checker=checker)
    page = read(made.pdf)
    assert "FA2027-00041 du 1er mars 2027" in page
    assert "−576,00 €" in page or "-576,00 €" in page
    assert b"<ram:ID>S4<" in made.xml
    assert b"<ram:TypeCode>386<" in prepare_einvoice(DEPOSIT, checker=checker).xml


def test_discounts_are_printed_with_their_reason(checker: Checker):
    page = read(prepare_einvoice(DISCOUNTED, checker=checker).pdf)
    assert "Remise de 10,00 € : Tarif solidaire" in page
    assert "Remise : Geste commercial" in page
    assert "PRJ-7" in page


def test_a_paid_invoice_says_so_and_asks_for_nothing(checker: Checker):
    page = read(prepare_einvoice(CASES["paid already"], checker=checker).pdf)
    assert "Déjà réglée le 10 mars 2027" in page
    assert "IBAN" not in page


def test_what_cannot_be_issued_names_the_first_field_to_mend(checker: Checker):
    broken = replace(PUBLIC, engagement=None, number="")
    with pytest.raises(NotIssuable) as refused:
        prepare_einvoice(broken, checker=checker)
    assert refused.value.field == "number"
    assert [one.field for one in refused.value.refusals] == ["number", "engagement"]
    assert refused.value.status == 422
    with pytest.raises(NotIssuable):
        ensure_issuable(broken)


def test_an_official_refusal_is_explained(monkeypatch: pytest.MonkeyPatch, checker: Checker):
    """Our own refusals out of the way, the norm still stands behind."""
    monkeypatch.setattr("entrepairs.billing.einvoice.produce.refusals_of", lambda invoice: ())
    with pytest.raises(NotIssuable) as refused:
        prepare_einvoice(replace(PRIVATE, lines=(line(), line(TRAINING))), checker=checker)
    assert "BR-E-01" in [one.code for one in refused.value.refusals]
    assert refused.value.verdict is not None
