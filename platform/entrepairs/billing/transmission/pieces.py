"""What Chorus Pro takes beside an invoice: kinds of files, sizes, names, how many. Pure.

Documentation of « ajouter fichier » and « compléter une facture »: a name of 50 characters at most, 10 MB a file,
120 MB in all, a list of extensions.
"""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_

MEGABYTE: Final = 1_000_000
LARGEST: Final = 10 * MEGABYTE
LARGEST_TOGETHER: Final = 120 * MEGABYTE
LONGEST_NAME: Final = 50
MOST: Final = 20
EXTENSIONS: Final = frozenset(
    {
        "BMP", "BZ2", "CSV", "DOC", "DOCX", "FAX", "GIF", "GZ", "GZIP", "HTM", "HTML", "JPEG", "JPG", "ODP", "ODS",
        "ODT", "P7S", "PDF", "PNG", "PPS", "PPT", "PPTX", "RTF", "SVG", "TGZ", "TIF", "TIFF", "TXT", "XHTML", "XLC",
        "XLM", "XLS", "XLSX", "XML", "XSD", "XSL", "ZIP",
    }
)  # fmt: skip
_BEGINNINGS: Final = {"PDF": b"%PDF-", "PNG": b"\x89PNG", "JPG": b"\xff\xd8", "JPEG": b"\xff\xd8", "ZIP": b"PK"}
MEDIA: Final = {"PDF": "application/pdf", "PNG": "image/png", "JPG": "image/jpeg", "JPEG": "image/jpeg"}


def extension_of(name: str) -> str:
    """« devis.pdf » → « PDF »."""
    return PurePath(name).suffix.lstrip(".").upper()


def ensure_piece(name: str, content: bytes, already: Sequence[int] = ()) -> None:
    """Raise InvalidInput (`piece_…`, field `file`) for a file that Chorus Pro would turn down.

    `already` are the sizes in bytes of what goes with the same invoice.
    """
    kind = extension_of(name)
    if kind not in EXTENSIONS:
        raise InvalidInput(
            "piece_kind",
            N_("Chorus Pro does not take this kind of file: send a PDF, an image or a spreadsheet."),
            field="file",
        )
    if len(name) > LONGEST_NAME:
        raise InvalidInput(
            "piece_name",
            N_("The name of the file is too long: 50 characters at most, its ending included."),
            field="file",
        )
    if not content:
        raise InvalidInput("piece_empty", N_("This file is empty."), field="file")
    if not content.startswith(_BEGINNINGS.get(kind, b"")):
        raise InvalidInput(
            "piece_other", N_("This file is not what its name says: open it and save it again."), field="file"
        )
    if len(content) > LARGEST:
        raise InvalidInput("piece_size", N_("This file is too large: 10 MB at most."), field="file")
    if len(already) >= MOST:
        raise InvalidInput("piece_count", N_("Twenty documents at most go with one invoice."), field="file")
    if sum(already) + len(content) > LARGEST_TOGETHER:
        raise InvalidInput("pieces_size", N_("All the documents of an invoice: 120 MB at most."), field="file")
