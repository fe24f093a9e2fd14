"""Opening any file given to the check: an XML invoice, or a PDF that carries one. Nothing in it is trusted.

No document type declaration (so no entity, no bomb, no outside file), no network, bounded sizes; an encrypted PDF is
refused. What can't be opened raises Unreadable with a sentence; what can is an `Opened`.
"""

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lxml import etree

from entrepairs.billing.einvoice.rule_sets import profile_of
from entrepairs.billing.einvoice.terms import ROOTS, Reading
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.foreign_xml import BrokenError, DeclaredError, TooMuchError, root_of
from entrepairs.kernel.i18n import N_

MAX_FILE: Final = 120_000_000
"""Bytes: what Chorus Pro takes for an invoice with its attachments."""
MAX_XML: Final = 20_000_000
MAX_DEPTH: Final = 100
MAX_ELEMENTS: Final = 1_000_000
ATTACHED_NAMES: Final[tuple[str, ...]] = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
"""What the invoice inside a PDF is called, by the most recent name first; in small letters."""
STDIN: Final = Path("/dev/stdin")
_PDF: Final = b"%PDF-"
_HEAD: Final = 1024
_XMP_FACT: Final = r"(?:{0}\s*=\s*[\"']([^\"']*)[\"']|<{0}\s*>([^<]*)<)"
_ZUGFERD_1: Final = "{urn:ferd:CrossIndustryDocument:invoice:1p0}CrossIndustryDocument"


class Unreadable(InvalidInput):
    """The file holds no invoice that can be read: exit code 2."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the PDF says of the XML it carries. `relationship` is its AFRelationship, without the slash."""

    name: str
    relationship: str
    listed: bool
    """Whether the catalogue lists it as an associated file (/AF)."""
    pdfa_part: str
    profile: str
    """The profile written in the metadata (`EN 16931`)."""
    text: str
    """What the pages say, without spaces; empty when they could not be read."""
    others: tuple[str, ...] = ()
    """Other invoices in the same PDF: they were not checked."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A document ready to be checked. `xml` is rewritten in UTF-8, whatever its encoding was."""

    reading: Reading
    xml: bytes
    profile: str
    envelope: Envelope | None = None

    @property
    def syntax(self) -> str:
        """`cii`, `ubl-invoice` or `ubl-creditnote`."""
        return self.reading.syntax


def open_file(path: Path) -> Opened:
    """The invoice in a file; `-` and a pipe are read to their end. Raises Unreadable."""
    path = STDIN if str(path) == "-" else path
    try:
        if path.is_dir():
            raise Unreadable("no_file", N_("This is a folder, not a file."))
        if not path.exists():
            raise Unreadable("no_file", N_("There is no such file."))
        with path.open("rb") as stream:
            content = stream.read(MAX_FILE + 1)
    except OSError as error:
        raise Unreadable("no_file", N_("The file can't be read: %(why)s."), why=error.strerror or str(error)) from error
    return open_bytes(content)


def open_bytes(content: bytes) -> Opened:
    """The invoice in the bytes of a file. Raises Unreadable."""
    if len(content) > MAX_FILE:
        raise _huge(MAX_FILE)
    if _PDF in content[:_HEAD]:
        envelope, xml = _from_pdf(content)
        return open_xml(xml, envelope)
    if not content.strip(b" \t\r\n\0"):
        raise Unreadable("empty", N_("The file is empty."))
    return open_xml(content)


def open_xml(content: bytes, envelope: Envelope | None = None) -> Opened:
    """An XML invoice. Raises Unreadable."""
    root = parse(content)
    return open_root(root, etree.tostring(root, encoding="UTF-8", xml_declaration=True), envelope)


def open_root(root: etree._Element, xml: bytes, envelope: Envelope | None = None) -> Opened:
    """An invoice that was read already, from `xml` in UTF-8: it is our own, or known to be harmless. Raises Unreadable."""
    syntax = ROOTS.get(str(root.tag))
    if syntax is None:
        if root.tag == _ZUGFERD_1:
            raise Unreadable(
                "zugferd_1", N_("This is a ZUGFeRD 1.0 invoice, older than the European norm: it can't be checked.")
            )
        name = etree.QName(root).localname
        raise Unreadable(
            "not_an_invoice", N_("This XML is no CII or UBL invoice: it starts with “%(name)s”."), name=name[:60]
        )
    reading = Reading(root, syntax)
    return Opened(reading, xml, profile_of(syntax, reading.value("BT-24")), envelope)


def parse(content: bytes) -> etree._Element:
    """The root of an XML document, once it is known to be harmless. Raises Unreadable."""
    if len(content) > MAX_XML:
        raise _huge(MAX_XML)
    try:
        return root_of(content, most_elements=MAX_ELEMENTS, deepest=MAX_DEPTH)
    except DeclaredError as refused:
        raise Unreadable(
            "doctype",
            N_(
                "The XML declares a document type or entities: no invoice does, and they may hide an attack. It was not read."
            ),
        ) from refused
    except TooMuchError as refused:
        raise Unreadable("too_deep", N_("The XML has more elements than any invoice: it was not read.")) from refused
    except BrokenError as problem:
        raise _not_xml(str(problem)) from problem


def _huge(most: int) -> Unreadable:
    return Unreadable("huge", N_("The file is too large to be checked: over %(most)s MB."), most=most // 1_000_000)


def _not_xml(why: str) -> Unreadable:
    return Unreadable("not_xml", N_("The file is no PDF, and no well-formed XML: %(why)s."), why=why[:200])


# --- PDF -----------------------------------------------------------------------------------------------------


def _from_pdf(content: bytes) -> tuple[Envelope, bytes]:
    import logging

    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it thinks of a crooked file is not for our reader
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            raise _encrypted()
        return _carried(reader)
    except Unreadable:
        raise
    except (DependencyError, FileNotDecryptedError) as problem:
        raise _encrypted() from problem
    except Exception as problem:  # a crooked PDF makes the library raise almost anything (KeyError, RecursionError…)
        if isinstance(problem, PyPdfError):
            raise _broken_pdf(str(problem) or type(problem).__name__) from problem
        raise Unreadable("broken_pdf", N_("The PDF is damaged: what it holds can't be found.")) from problem


def _encrypted() -> Unreadable:
    return Unreadable("encrypted", N_("The PDF is encrypted: an electronic invoice must open without a password."))


def _broken_pdf(why: str) -> Unreadable:
    return Unreadable("broken_pdf", N_("The PDF is damaged: %(why)s."), why=why[:200])


def _carried(reader: Any) -> tuple[Envelope, bytes]:
    catalogue = reader.trailer["/Root"].get_object()
    listed = {_identity(one) for one in _array(catalogue.get("/AF"))}
    found: dict[str, tuple[Any, bool]] = {}
    for name, specification in _attached(catalogue):
        found.setdefault(name.lower(), (specification.get_object(), _identity(specification) in listed))
    chosen = next((name for name in ATTACHED_NAMES if name in found), None)
    if chosen is None:
        chosen = next((name for name in found if name.endswith(".xml") and _is_invoice(found[name][0])), None)
    if chosen is None:
        if found:
            raise Unreadable(
                "no_invoice_within",
                N_("The PDF has attachments, but no electronic invoice: %(names)s."),
                names=", ".join(sorted(found))[:200],
            )
        raise Unreadable(
            "no_xml_within", N_("The PDF carries no XML: it is an image of an invoice, no electronic invoice.")
        )
    specification, in_list = found[chosen]
    facts = _metadata(catalogue)
    envelope = Envelope(
        name=str(specification.get("/UF") or specification.get("/F") or chosen),
        relationship=str(specification.get("/AFRelationship", "")).lstrip("/"),
        listed=in_list,
        pdfa_part=facts.get("pdfaid:part", ""),
        profile=facts.get("fx:ConformanceLevel", ""),
        text=_text(reader),
        others=tuple(_others(found, chosen)),
    )
    return envelope, _stream(specification)


def _others(found: dict[str, tuple[Any, bool]], chosen: str) -> Iterator[str]:
    """Other XML that are invoices, and not the same bytes under another name."""
    seen = {_stream(found[chosen][0])}
    for name in sorted(found):
        if name.endswith(".xml") and name != chosen and _is_invoice(found[name][0]):
            content = _stream(found[name][0])
            if content not in seen:
                seen.add(content)
                yield name


def _identity(reference: Any) -> object:
    number = getattr(reference, "idnum", None)
    return number if number is not None else id(reference)


def _array(value: Any) -> list[Any]:
    return [] if value is None else list(value.get_object())


def _attached(catalogue: Any) -> Iterator[tuple[str, Any]]:
    """Name and file specification of every attachment: the name tree of the catalogue, then the associated files."""
    names = catalogue.get("/Names")
    tree = names.get_object().get("/EmbeddedFiles") if names is not None else None
    if tree is not None:
        yield from _leaves(tree.get_object(), 0)
    for reference in _array(catalogue.get("/AF")):
        specification = reference.get_object()
        yield str(specification.get("/UF") or specification.get("/F") or ""), reference


def _leaves(node: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if depth > MAX_DEPTH:
        return
    pairs = _array(node.get("/Names"))
    for key, reference in zip(pairs[::2], pairs[1::2], strict=False):
        specification = reference.get_object()
        yield str(specification.get("/UF") or specification.get("/F") or key), reference
    for kid in _array(node.get("/Kids")):
        yield from _leaves(kid.get_object(), depth + 1)


def _stream(specification: Any) -> bytes:
    """The bytes of an attachment, undone by us: a compressed bomb stops at the size of the largest invoice."""
    files = specification["/EF"].get_object()
    stream = (files.get("/UF") or files["/F"]).get_object()
    return _inflated(stream)


def _inflated(stream: Any) -> bytes:
    filters = stream.get("/Filter")
    raw: bytes = stream._data  # noqa: SLF001 - the library would inflate without a bound
    names = [] if filters is None else [str(one) for one in (filters if isinstance(filters, list) else [filters])]
    if not names:
        return raw
    if names != ["/FlateDecode"] or stream.get("/DecodeParms") is not None:
        if len(raw) > MAX_XML // 100:
            raise _huge(MAX_XML)
        data: bytes = stream.get_data()
        return data
    undone = zlib.decompressobj().decompress(raw, MAX_XML + 1)
    if len(undone) > MAX_XML:
        raise _huge(MAX_XML)
    return undone


def _is_invoice(specification: Any) -> bool:
    try:
        return str(parse(_stream(specification)).tag) in ROOTS
    except (Unreadable, KeyError, zlib.error):
        return False


def _metadata(catalogue: Any) -> dict[str, str]:
    """The facts of the XMP that matter here, written as attributes or as elements."""
    stream = catalogue.get("/Metadata")
    if stream is None:
        return {}
    text = _inflated(stream.get_object()).decode("utf-8", "replace")
    facts = {}
    for fact in ("pdfaid:part", "fx:ConformanceLevel"):
        found = re.search(_XMP_FACT.format(fact), text)
        if found:
            facts[fact] = (found[1] or found[2] or "").strip()
    return facts


def _text(reader: Any) -> str:
    """What the first and last pages say, without spaces."""
    pages = reader.pages
    try:
        texts = [pages[index].extract_text() for index in sorted({0, len(pages) - 1})]
    except Exception:  # noqa: BLE001 - a page that can't be read says nothing; the XML is still checked
        return ""
    return re.sub(r"\s+", "", "".join(texts))
