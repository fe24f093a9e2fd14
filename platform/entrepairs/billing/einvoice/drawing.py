"""The Factur-X: the page printed by Typst, which attaches the XML, with the metadata that say what the file is.

Typst makes the PDF/A-3a, its attachment and its offsets, but takes no metadata of ours: they are put in afterwards, in
the one object that holds them, and what stands behind it moves. Nothing else is read or written again.
"""

import re
from typing import Final

from entrepairs.billing.einvoice.model import EInvoice
from entrepairs.billing.einvoice.paper import paper_of, title_of
from entrepairs.documents.rendering import render_pdf

FILENAME: Final = "factur-x.xml"
_NAMESPACE: Final = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_FACTS: Final = {
    "DocumentFileName": (FILENAME, "The name of the embedded XML document"),
    "DocumentType": ("INVOICE", "The type of the hybrid document in capital letters, e.g. INVOICE or ORDER"),
    "Version": ("1.0", "The actual version of the standard applying to the embedded XML document"),
    "ConformanceLevel": ("EN 16931", "The conformance level of the embedded XML document"),
}
"""What the metadata say of the XML (Factur-X 1.0, §6.2.2), and what each means, as the norm wants it told."""

# As Typst writes them: the metadata in the clear, near the end, and a table of offsets of twenty bytes each.
_METADATA: Final = re.compile(rb"(?<=\n)\d+ 0 obj\n<</Length (\d+)/Type/Metadata/Subtype/XML>>\nstream\n")
_END: Final = re.compile(rb"(?<=\n)startxref\n(\d+)\n%%EOF\s*\Z")
_TABLE: Final = re.compile(rb"xref\n0 (\d+)\n((?:\d{10} \d{5} [nf]\r\n)+)trailer\n")
_SCHEMAS: Final = b"</rdf:Bag></pdfaExtension:schemas>"
_CLOSING: Final = b"</rdf:RDF>"


class EmbeddingError(RuntimeError):
    """The page is made as we don't know it: Typst changed under us."""


def draw_facturx(invoice: EInvoice, xml: bytes) -> bytes:
    """The page of `invoice` as PDF/A-3a, carrying `xml` unchanged. The same input gives the same bytes."""
    page = render_pdf("invoice", {**paper_of(invoice)}, on=invoice.issued_on, title=title_of(invoice), xml=xml)
    return declared(page)


def declared(pdf: bytes) -> bytes:
    """`pdf` saying in its metadata that it is a Factur-X of profile EN 16931. Raises EmbeddingError."""
    heads, end = list(_METADATA.finditer(pdf)), _END.search(pdf)
    if len(heads) != 1 or end is None:
        raise EmbeddingError("no single metadata, or no end, where Typst puts them")
    head = heads[0]
    close = head.end() + int(head[1])
    told = _told(pdf[head.end() : close])
    opening = head[0].replace(b"/Length %s/" % head[1], b"/Length %d/" % len(told))
    moved = len(opening) + len(told) - (close - head.start())
    at = int(end[1])
    table = _TABLE.match(pdf, at)
    if table is None or len(table[2]) != 20 * int(table[1]):
        raise EmbeddingError("no table of offsets where Typst puts it")
    return b"".join(
        (
            pdf[: head.start()],
            opening,
            told,
            pdf[close : table.start(2)],
            *(_shifted(row, head.start(), moved) for row in table[2].splitlines(keepends=True)),
            pdf[table.end(2) : end.start(1)],
            b"%d" % (at + moved),
            pdf[end.end(1) :],
        )
    )


def _shifted(row: bytes, after: int, moved: int) -> bytes:
    """An offset of the table; what stands after the metadata has moved."""
    offset = int(row[:10])
    return b"%010d%b" % (offset + moved, row[10:]) if row[17:18] == b"n" and offset > after else row


def _told(metadata: bytes) -> bytes:
    for mark in (_SCHEMAS, _CLOSING):
        if metadata.count(mark) != 1:
            raise EmbeddingError(f"{mark!r} is not once in the metadata")
    return metadata.replace(_SCHEMAS, _SCHEMA + _SCHEMAS).replace(_CLOSING, _DESCRIPTION + _CLOSING)


def _property(name: str, meaning: str) -> str:
    return (
        '<rdf:li rdf:parseType="Resource"><pdfaProperty:category>external</pdfaProperty:category>'
        f"<pdfaProperty:description>{meaning}</pdfaProperty:description>"
        f"<pdfaProperty:name>{name}</pdfaProperty:name><pdfaProperty:valueType>Text</pdfaProperty:valueType></rdf:li>"
    )


_SCHEMA: Final = (
    '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>'
    f"<pdfaSchema:namespaceURI>{_NAMESPACE}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>"
    f"<pdfaSchema:property><rdf:Seq>{''.join(_property(name, meaning) for name, (_, meaning) in _FACTS.items())}"
    "</rdf:Seq></pdfaSchema:property></rdf:li>"
).encode()
_DESCRIPTION: Final = (
    f'<rdf:Description rdf:about="" xmlns:fx="{_NAMESPACE}">'
    f"{''.join(f'<fx:{name}>{value}</fx:{name}>' for name, (value, _) in _FACTS.items())}</rdf:Description>"
).encode()
