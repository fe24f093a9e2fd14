"""Stored bytes: one row by content, checked when read, frozen."""

from datetime import date

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from entrepairs.documents.models import StoredFile
from entrepairs.documents.storing import PDF, CorruptFile, read_file, store_file
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import NotFound


def test_what_is_stored_is_read_back(session: Session, clock: FixedClock):
    stored = store_file(session, b"%PDF-1", PDF, kept_until=date(2037, 1, 11), clock=clock, filename="FA2027-00001.pdf")
    assert read_file(session, stored.id) == b"%PDF-1"
    assert (stored.size, stored.media, stored.filename) == (6, PDF, "FA2027-00001.pdf")
    assert len(stored.sha256) == 64
    assert stored.created_at == clock.now()


def test_the_same_bytes_are_one_row(session: Session, clock: FixedClock):
    first = store_file(session, b"same", PDF, kept_until=None, clock=clock)
    second = store_file(session, b"same", PDF, kept_until=None, clock=clock, filename="other.pdf")
    assert first.id == second.id
    assert first.filename.endswith(".pdf")
    assert store_file(session, b"different", PDF, kept_until=None, clock=clock).id != first.id


def test_an_absent_file_is_not_found(session: Session):
    with pytest.raises(NotFound):
        read_file(session, 0)


def test_the_database_refuses_to_change_stored_bytes(session: Session, clock: FixedClock):
    stored = store_file(session, b"frozen", PDF, kept_until=None, clock=clock)
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(update(StoredFile).where(StoredFile.id == stored.id).values(content=b"thawed"))
    assert read_file(session, stored.id) == b"frozen"


def test_bytes_that_lost_their_hash_are_never_served(session: Session, clock: FixedClock):
    """As after a fault of the disk: another row is inserted by hand with a hash that is not its own."""
    session.execute(
        text(
            "INSERT INTO stored_file (ref, sha256, media, filename, size, content, created_at)"
            " VALUES ('DOC-2222-2222', repeat('a', 64), 'application/pdf', 'x.pdf', 1, 'x'::bytea, now())"
        )
    )
    broken = session.scalars(select(StoredFile).where(StoredFile.ref == "DOC-2222-2222")).one()
    with pytest.raises(CorruptFile):
        read_file(session, broken.id)
