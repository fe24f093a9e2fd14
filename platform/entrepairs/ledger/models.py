"""Tables of the ledger. Balance and freezing are held by triggers (see `ledger.guards`)."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from entrepairs.db import Base, Cents, Key, fk, state_column


class LedgerAccount(Base):
    """An account of the chart. `auxiliary` accounts (411) need a third party on each line."""

    __tablename__ = "ledger_account"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    label: Mapped[str] = mapped_column(String(120))
    auxiliary: Mapped[bool] = mapped_column(default=False)


class Journal(Base):
    """A journal: VE sales, BQ bank, ST Stripe, OD miscellaneous, SU grants."""

    __tablename__ = "journal"

    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    label: Mapped[str] = mapped_column(String(80))


class EntryState(StrEnum):
    """A validated entry never changes (LPF A47 A-1)."""

    DRAFT = "draft"
    VALIDATED = "validated"


class Entry(Base):
    """A balanced entry. `dedup_key` names the fact it records, so that a fact is posted once."""

    __tablename__ = "entry"
    __table_args__ = (
        Index(
            "uq_entry_journal_year_number",
            "journal_code",
            "fiscal_year",
            "number",
            unique=True,
            postgresql_where=text("state = 'validated'"),
        ),
        CheckConstraint(
            "state = 'draft' OR (number IS NOT NULL AND validated_at IS NOT NULL)", name="validated_numbered"
        ),
    )

    id: Mapped[Key]
    journal_code: Mapped[str] = mapped_column(String(6), ForeignKey("journal.code"))
    fiscal_year: Mapped[int]
    number: Mapped[int | None] = mapped_column(BigInteger)
    entry_date: Mapped[date] = mapped_column(index=True)
    piece_ref: Mapped[str] = mapped_column(String(40), index=True)
    piece_date: Mapped[date]
    label: Mapped[str] = mapped_column(String(160))
    state: Mapped[EntryState] = state_column(EntryState)
    validated_at: Mapped[datetime | None]
    dedup_key: Mapped[str] = mapped_column(String(120), unique=True)
    created_at: Mapped[datetime]

    lines: Mapped[list["EntryLine"]] = relationship(back_populates="entry", order_by="EntryLine.id")


class EntryLine(Base):
    """One line: a debit or a credit, in cents, never both, never negative."""

    __tablename__ = "entry_line"
    __table_args__ = (
        CheckConstraint("debit >= 0 AND credit >= 0", name="not_negative"),
        CheckConstraint("(debit = 0) <> (credit = 0)", name="one_side"),
        CheckConstraint("(aux_code IS NULL) = (aux_label IS NULL)", name="aux_pair"),
        Index("ix_entry_line_account", "account_code", "aux_code"),
    )

    id: Mapped[Key]
    entry_id: Mapped[int] = fk("entry.id")
    account_code: Mapped[str] = mapped_column(String(12), ForeignKey("ledger_account.code"))
    aux_code: Mapped[str | None] = mapped_column(String(40))
    aux_label: Mapped[str | None] = mapped_column(String(120))
    label: Mapped[str] = mapped_column(String(160))
    debit: Mapped[Cents] = mapped_column(default=0)
    credit: Mapped[Cents] = mapped_column(default=0)

    entry: Mapped[Entry] = relationship(back_populates="lines")
    axes: Mapped[list["LineAxis"]] = relationship(back_populates="line")


class AxisValue(Base):
    """A value on an analytic axis (`offering`, `territory`, `grant`, `peer`), registered by upper rooms."""

    __tablename__ = "axis_value"
    __table_args__ = (UniqueConstraint("axis", "code"),)

    id: Mapped[Key]
    axis: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(40))
    label: Mapped[str] = mapped_column(String(120))


class LineAxis(Base):
    """The line's value on one axis."""

    __tablename__ = "line_axis"
    __table_args__ = (UniqueConstraint("line_id", "axis_value_id"),)

    id: Mapped[Key]
    line_id: Mapped[int] = fk("entry_line.id")
    axis_value_id: Mapped[int] = fk("axis_value.id")

    line: Mapped[EntryLine] = relationship(back_populates="axes")
    value: Mapped[AxisValue] = relationship(lazy="joined")
