"""Keep exact bytes, and give them back only if they are still the same."""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, undefer

from entrepairs.documents.models import StoredFile
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.references import new_reference

PDF: Final = "application/pdf"
XML: Final = "application/xml"
CSV: Final = "text/csv"
_SUFFIXES: Final = {PDF: ".pdf", XML: ".xml", CSV: ".csv"}


class CorruptFile(RuntimeError):
    """Stored bytes no longer have their hash. To be told to the office at once; never served."""


def store_file(
    session: Session,
    content: bytes,
    media: str,
    *,
    kept_until: date | None,
    clock: Clock,
    filename: str | None = None,
) -> StoredFile:
    """Keep `content`; the same bytes twice are one row, the first one, with its own name and date.

    `kept_until` is the last day it must be kept (accounting: ten years, C. com. L123-22); None means as long as
    something refers to it. A row never changes, so whoever purges must also look at what refers to the file.
    """
    (stored,) = store_files(session, [(content, filename)], media, kept_until=kept_until, clock=clock)
    return stored


def store_files(
    session: Session,
    contents: Sequence[tuple[bytes, str | None]],
    media: str,
    *,
    kept_until: date | None,
    clock: Clock,
) -> list[StoredFile]:
    """The same for several contents, each with its name, in their order."""
    if not contents:
        return []
    digests = [hashlib.sha256(content).hexdigest() for content, _ in contents]
    rows = [
        {
            "ref": new_reference("DOC"),
            "sha256": digest,
            "media": media,
            "filename": filename or f"{digest[:12]}{_SUFFIXES.get(media, '')}",
            "size": len(content),
            "content": content,
            "kept_until": kept_until,
            "created_at": clock.now(),
        }
        for digest, (content, filename) in sorted(zip(digests, contents, strict=True), key=lambda one: one[0])
    ]
    # Two writers of the same bytes: the second waits for the first, then reads its row. All write in the same order.
    written = insert(StoredFile).on_conflict_do_nothing(index_elements=[StoredFile.sha256]).returning(StoredFile)
    found = {row.sha256: row for row in session.scalars(written, rows)}
    if known := [one for one in digests if one not in found]:
        found |= {row.sha256: row for row in session.scalars(select(StoredFile).where(StoredFile.sha256.in_(known)))}
    return [found[one] for one in digests]


def read_file(session: Session, file_id: int) -> bytes:
    """The bytes of a stored file. Raises NotFound, or CorruptFile when they are not what was stored."""
    stored = session.scalars(
        select(StoredFile).where(StoredFile.id == file_id).options(undefer(StoredFile.content))
    ).one_or_none()
    if stored is None:
        raise NotFound("file", N_("This document does not exist, or is not yours to read."))
    if hashlib.sha256(stored.content).hexdigest() != stored.sha256:
        msg = f"{stored.ref}: bytes do not have the hash {stored.sha256}"
        raise CorruptFile(msg)
    return stored.content
