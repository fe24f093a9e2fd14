"""Stored bytes and the continuous legal numbers."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, LargeBinary, String
from sqlalchemy.orm import Mapped, deferred, mapped_column

from entrepairs.db import Base, Key, Ref


class StoredFile(Base):
    """Exact bytes with their SHA-256. Insert-only: neither the application role nor a trigger lets a row change."""

    __tablename__ = "stored_file"
    __table_args__ = (CheckConstraint("octet_length(sha256) = 64", name="sha256_hex"),)

    id: Mapped[Key]
    ref: Mapped[Ref]
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    media: Mapped[str] = mapped_column(String(100))
    filename: Mapped[str] = mapped_column(String(160))
    size: Mapped[int]
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    kept_until: Mapped[date | None]
    """Last day it must be kept (ten years for accounting pieces, C. com. L123-22); None: as long as its subject."""
    created_at: Mapped[datetime]


class NumberSeries(Base):
    """The next number of a legal series in a year; taken under this row's lock in the transaction that uses it."""

    __tablename__ = "number_series"
    __table_args__ = (CheckConstraint("next >= 1", name="next_positive"),)

    series: Mapped[str] = mapped_column(String(20), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    next: Mapped[int]
