"""Tables of matching: what changed since a process read the team into memory."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from entrepairs.db import Base, Key


class MatchingChange(Base):
    """Something of a peer or of a demand was written: the columns in memory read it again. Written by triggers.

    `xid` tells which transactions a process has seen: a change that commits late is found by its transaction's
    number, whatever its place in the table. `noted_at` is real time, for the purge only.
    """

    __tablename__ = "matching_change"
    __table_args__ = (Index("ix_matching_change_xid", "xid"),)

    id: Mapped[Key]
    part: Mapped[str] = mapped_column(String(20))
    """What is read again (`index.team.PARTS`), or one of `index.changes`'s own words."""
    subject_id: Mapped[int] = mapped_column(BigInteger)
    xid: Mapped[int] = mapped_column(BigInteger, server_default=text("(pg_current_xact_id()::text)::bigint"))
    noted_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))


class MatchingPurge(Base):
    """Up to which transaction changes were forgotten: who has not seen that far reads everything anew."""

    __tablename__ = "matching_purge"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    upto: Mapped[int] = mapped_column(BigInteger)
