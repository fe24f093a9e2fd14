"""Every paper: archivable, repeatable, deaf to markup, and whole even with long texts."""

import copy
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pikepdf
import pypdf
import pytest

from entrepairs.documents.rendering import RenderingError, render_pdf
from entrepairs.paths import resource
from tests.documents.sample_papers import AGREEMENT, INVOICE, MISSION_ORDER, PAPERS, QUOTE

DAY = date(2027, 1, 11)
LONG = (
    "Un texte que quelqu'un a écrit sans regarder la place qu'il prenait, avec un mot interminable "
    "(hippopotomonstrosesquippedaliophobiaanticonstitutionnellementhttps://exemple.test/une/adresse/sans/fin) et la suite. "
)


def printed(template: str, data: dict[str, Any]) -> bytes:
    return render_pdf(template, data, on=DAY, title=data["number"])


def read(pdf: bytes) -> str:
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    return " ".join(text.replace("\u00ad", "").replace("’", "'").split())


@pytest.mark.parametrize("name", PAPERS)
def test_every_paper_is_pdf_a_3a_in_french_with_its_fonts(name: str):
    with pikepdf.open(io.BytesIO(printed(name, PAPERS[name]))) as pdf:
        assert pdf.check_pdf_syntax() == []
        with pdf.open_metadata() as xmp:
            assert xmp.pdfa_status == "3A"
            assert xmp["dc:title"] == PAPERS[name]["number"]
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang).startswith("fr")
        assert "/OutputIntents" in pdf.Root
        assert len(pdf.trailer.ID) == 2
        fonts = [font for page in pdf.pages for font in page.resources["/Font"].values()]
        described = [font.DescendantFonts[0].FontDescriptor for font in fonts]
        assert all("/FontFile2" in one or "/FontFile3" in one for one in described)
        assert {str(one.BaseFont).split("+")[-1].split("-")[0] for one in fonts} == {"Inter"}


@pytest.mark.parametrize("name", PAPERS)
def test_the_same_data_and_day_give_the_same_bytes(name: str):
    assert printed(name, PAPERS[name]) == printed(name, PAPERS[name])
    assert printed(name, PAPERS[name]) != render_pdf(
        name, PAPERS[name], on=date(2027, 1, 12), title=PAPERS[name]["number"]
    )


@pytest.mark.parametrize("name", PAPERS)
def test_every_template_has_a_sample_and_the_reverse(name: str):
    templates = {path.stem for path in (resource("templates") / "documents").glob("*.typ")} - {"house"}
    assert templates == set(PAPERS)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the free texts are."""
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, (*path, key))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from leaves(one, (*path, index))


def with_every_text(data: dict[str, Any], made: Any) -> dict[str, Any]:
    bent = copy.deepcopy(data)
    for path in list(leaves(bent)):
        if path[0] in ("record_access",):
            continue
        holder = bent
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = made(holder[path[-1]])
    return bent


@pytest.mark.parametrize("name", PAPERS)
def test_no_text_becomes_markup(name: str):
    hostile = '#panic("x") *gras* _it_ $x^2$ `code` @ref <label> \\ // "a" [b] = titre #image("/etc/passwd")'
    page = read(printed(name, with_every_text(PAPERS[name], lambda text: f"{text} {hostile}")))
    assert '#panic("x") *gras* _it_ $x^2$ `code` @ref <label>'.replace(" ", "") in page.replace(" ", "")


@pytest.mark.parametrize("name", PAPERS)
def test_long_texts_break_and_nothing_is_lost(name: str):
    pdf = printed(name, with_every_text(PAPERS[name], lambda text: f"{text} {LONG}"))
    assert "et la suite" in read(pdf)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert 1 < len(opened.pages) < 60


@pytest.mark.parametrize("name", PAPERS)
def test_empty_optional_parts_leave_no_hole(name: str):
    optional = {
        "quote": ("description", "vat_mentions", "sessions", "buyer_signatory", "notice"),
        "agreement": (
            "sites",
            "renewal",
            "vat_mentions",
            "expenses",
            "ceiling",
            "cancellation",
            "tacit_confirmation",
            "insurance",
        ),
        "mission_order": ("companion", "basis", "deputy", "hours_note", "notes", "signatory"),
        "invoice": ("delivery",),
        "arrears": ("notice",),
    }[name]
    bare = {key: value for key, value in PAPERS[name].items() if key not in optional}
    assert printed(name, bare).startswith(b"%PDF")
    assert printed(name, {**PAPERS[name], **dict.fromkeys(optional)}).startswith(b"%PDF")


def test_a_missing_part_is_an_error_and_not_a_blank():
    with pytest.raises(RenderingError, match="deliverable"):
        printed("mission_order", {key: value for key, value in MISSION_ORDER.items() if key != "deliverable"})


@pytest.mark.parametrize("name", ["nothing", "../emails/offer", "house.typ", ""])
def test_an_unknown_template_is_an_error(name: str):
    with pytest.raises(RenderingError):
        render_pdf(name, QUOTE, on=DAY, title="x")


def test_a_character_without_a_glyph_is_shown_as_missing_rather_than_stopping_the_paper():
    page = read(printed("quote", {**QUOTE, "subject": "Fête 🎉 du 漢字\x07, Nguyễn"}))
    assert "Fête \ufffd du \ufffd\ufffd\ufffd, Nguyễn" in page


def test_forty_lines_repeat_their_head_and_number_their_pages():
    pdf = printed("invoice", {**INVOICE, "lines": INVOICE["lines"] * 14})
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    assert len(pages) > 1
    assert all("Désignation" in page for page in pages[:-1])
    assert all(f"page {n} / {len(pages)}" in " ".join(page.split()) for n, page in enumerate(pages, 1))


def test_the_agreement_lends_no_staff_and_says_who_commands():
    page = read(printed("agreement", AGREEMENT)).lower()
    assert "mise à disposition" not in page
    assert "intervention" in page
    assert "elle garde seule autorité sur eux" in page


def test_the_agreement_states_the_access_to_the_record_that_was_chosen():
    pages = {
        choice: read(printed("agreement", {**AGREEMENT, "record_access": choice}))
        for choice in ("none", "own_tab", "full")
    }
    assert "n'ont pas accès au dossier" in pages["none"]
    assert "un onglet du dossier" in pages["own_tab"]
    assert "trace et ferme cet accès" in pages["full"]
    with pytest.raises(RenderingError):
        printed("agreement", {**AGREEMENT, "record_access": "some"})


def test_silence_confirms_only_when_the_agreement_says_so():
    assert "réputé confirmé" in read(printed("agreement", AGREEMENT))
    bare = {key: value for key, value in AGREEMENT.items() if key != "tacit_confirmation"}
    assert "Le silence ne vaut pas confirmation" in read(printed("agreement", bare))


def test_the_mission_order_names_object_result_and_the_association_as_supervisor():
    page = read(printed("mission_order", MISSION_ORDER))
    assert "mise à disposition" not in page.lower()
    for words in (
        "Objet",
        "Ce qui est attendu",
        "Encadrement",
        "agit sous l'autorité de l'association (Entrepairs Provence)",
        "3114",
    ):
        assert words in page


def test_the_mission_order_of_a_peer_employed_elsewhere_names_that_employer():
    page = read(printed("mission_order", {**MISSION_ORDER, "employer": "GEM L'Éclaircie"}))
    assert "Votre employeur" in page
    assert "Employeur et responsable" not in page
    assert "en accord avec son employeur (GEM L'Éclaircie)" in page


def test_the_quote_asks_for_a_bon_pour_accord_on_its_own_version():
    page = read(printed("quote", QUOTE))
    assert "Bon pour accord" in page
    assert "version 2 de ce devis, datée du 11 janvier 2027, pour 3 540,00 €" in page
