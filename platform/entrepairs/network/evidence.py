"""What a file given as evidence may be: PDF, PNG or JPEG, told by its content and not by its name."""

import re
from dataclasses import dataclass, field
from typing import Final

from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_

LARGEST: Final = 5 * 1024 * 1024
ACCEPT: Final = ".pdf,.png,.jpg,.jpeg"
_SIGNATURES: Final = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file as it was given. `read()` gives it named after what it is."""

    filename: str
    content: bytes = field(repr=False)

    def read(self) -> "ReadEvidence":
        """Raises InvalidInput("file_empty", "file_too_large" or "file_kind") on the field `file`."""
        if not self.content:
            raise InvalidInput("file_empty", N_("This file is empty."), field="file")
        if len(self.content) > LARGEST:
            raise InvalidInput(
                "file_too_large",
                N_("This file is over 5 MB. A photograph or a scan in PDF is enough."),
                field="file",
            )
        for signature, media, ending in _SIGNATURES:
            if self.content.startswith(signature):
                return ReadEvidence(_plain_name(self.filename, ending), media, self.content)
        raise InvalidInput("file_kind", N_("This file is neither a PDF nor a picture (PNG, JPEG)."), field="file")


@dataclass(frozen=True, slots=True)
class ReadEvidence:
    """A file whose kind is known by its first bytes."""

    filename: str
    media: str
    content: bytes = field(repr=False)


def _plain_name(name: str, ending: str) -> str:
    """The name without folders nor signs that a header or a disk would dislike, with the ending it deserves."""
    stem = re.split(r"[\\/]", name)[-1].rsplit(".", 1)[0]
    kept = re.sub(r"[^\w\- ]+", "", stem, flags=re.UNICODE).strip()[:80] or "justificatif"
    return f"{kept}.{ending}"
