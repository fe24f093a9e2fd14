"""Tables of the ledger. Balance and freezing are held by triggers (see `ledger.guards`)."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from entrepairs.db import Base, Cents, Key, fk, state_column
from entrepairs.ledger.rules import Exercise


class LedgerAccount(Base):
    """An account of the chart. `auxiliary` accounts (411) need a third party on each line.

    `since` and `until` are the first and last days it may be used, both included; None is no limit. What a `frozen`
    one holds is never taken out again (loi 47-1775, art. 28 bis).
    """

    __tablename__ = "ledger_account"
    __table_args__ = (CheckConstraint("code ~ '^[0-9]{3}'", name="three_digits"),)

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    label: Mapped[str] = mapped_column(String(120))
    auxiliary: Mapped[bool] = mapped_column(default=False)
    since: Mapped[date | None]
    until: Mapped[date | None]
    frozen: Mapped[bool] = mapped_column(default=False)


class BooksForm(StrEnum):
    """The legal form the books are kept for."""

    ASSOCIATION = "association"
    SCIC = "scic"
    SCOP = "scop"


class FormChange(Base):
    """From a day on, the chart is the one of another form; same legal person, same books."""

    __tablename__ = "books_form"

    since: Mapped[date] = mapped_column(primary_key=True)
    form: Mapped[BooksForm] = state_column(BooksForm)
    entry_id: Mapped[int | None] = fk("entry.id", nullable=True, unique=True)
    decided_by: Mapped[str] = mapped_column(String(160))
    created_at: Mapped[datetime]


class AccountingYear(Base):
    """An exercise, named by the year it ends in. Its row is locked by whoever validates an entry of it.

    Exercises follow each other without a gap; the first may last twenty-four months, the others twelve. Their days
    change until an entry is validated in them.
    `opening_reserved`: number 1 is kept for the balances brought forward, which are known last and come first.
    Everything up to `closed_through` is closed, and never opens again; the whole year at `closed_at`.
    """

    __tablename__ = "accounting_year"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("year = date_part('year', last_day)", name="named_by_its_end"),
        ExcludeConstraint(
            (text("daterange(first_day, last_day, '[]')"), "&&"), using="gist", name="ex_accounting_year_days"
        ),
        CheckConstraint(
            "closed_through IS NULL OR closed_through BETWEEN first_day AND last_day", name="closed_inside"
        ),
        CheckConstraint("closed_at IS NULL OR closed_through = last_day", name="closed_whole"),
    )

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_day: Mapped[date]
    last_day: Mapped[date]
    opening_reserved: Mapped[bool] = mapped_column(default=False)
    closed_through: Mapped[date | None]
    closed_at: Mapped[datetime | None]

    @property
    def exercise(self) -> Exercise:
        """Its days, as a value."""
        return Exercise(self.first_day, self.last_day)


class Journal(Base):
    """A journal: VE sales, BQ bank, ST Stripe, OD miscellaneous, SU grants, AN balances brought forward."""

    __tablename__ = "journal"

    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    label: Mapped[str] = mapped_column(String(80))


class EntryState(StrEnum):
    """A validated entry never changes (LPF A47 A-1)."""

    DRAFT = "draft"
    VALIDATED = "validated"


class Entry(Base):
    """A balanced entry. `dedup_key` names the fact it records, so that a fact is posted once.

    `number` follows the order of validation in the year, all journals together. `piece_date` is the day of the fact,
    `entry_date` the day it counts: the same, unless its period was closed already (PCG 921-3).
    """

    __tablename__ = "entry"
    __table_args__ = (
        Index(
            "uq_entry_year_number", "fiscal_year", "number", unique=True, postgresql_where=text("state = 'validated'")
        ),
        Index("ix_entry_draft", "entry_date", postgresql_where=text("state = 'draft'")),
        Index("ix_entry_journal_date", "journal_code", "entry_date", "id"),
        CheckConstraint(
            "state = 'draft' OR (validated_at AT TIME ZONE 'Europe/Paris')::date >= entry_date", name="validated_after"
        ),
        CheckConstraint(
            "state = 'draft' OR (number IS NOT NULL AND validated_at IS NOT NULL)", name="validated_numbered"
        ),
    )

    id: Mapped[Key]
    journal_code: Mapped[str] = mapped_column(String(6), ForeignKey("journal.code"))
    fiscal_year: Mapped[int] = mapped_column(ForeignKey("accounting_year.year", onupdate="CASCADE"))
    number: Mapped[int | None] = mapped_column(BigInteger)
    entry_date: Mapped[date] = mapped_column(index=True)
    piece_ref: Mapped[str] = mapped_column(String(40), index=True)
    piece_date: Mapped[date]
    label: Mapped[str] = mapped_column(String(160))
    state: Mapped[EntryState] = state_column(EntryState)
    validated_at: Mapped[datetime | None]
    dedup_key: Mapped[str] = mapped_column(String(120), unique=True)
    reverses_id: Mapped[int | None] = fk("entry.id", nullable=True, unique=True)
    written_by: Mapped[str | None] = mapped_column(String(160))
    """Who wrote it by hand; None when it came from a fact of the platform."""
    created_at: Mapped[datetime]

    lines: Mapped[list["EntryLine"]] = relationship(back_populates="entry", order_by="EntryLine.id")
    year: Mapped[AccountingYear] = relationship()
    journal: Mapped[Journal] = relationship()


class Lettering(Base):
    """Lines of one third party that settle each other to the cent (lettrage)."""

    __tablename__ = "lettering"
    __table_args__ = (UniqueConstraint("account_code", "aux_code", "ordinal"),)

    id: Mapped[Key]
    account_code: Mapped[str] = mapped_column(String(12), ForeignKey("ledger_account.code"))
    aux_code: Mapped[str] = mapped_column(String(40))
    ordinal: Mapped[int]
    lettered_on: Mapped[date]
    lettered_by: Mapped[str | None] = mapped_column(String(160))
    """Who did it by hand; None when a piece and what pays it met by themselves."""


class EntryLine(Base):
    """One line: a debit or a credit, in cents, never both, never negative.

    `counted_on` is the entry's date once it is validated, None in a draft: balances read lines alone. A `carried` line
    brings forward what the lines of earlier years hold already. `match_ref` names the piece a third party's line is
    about (an invoice's own number, or the one it pays or corrects), `due_on` when it is to be paid.
    """

    __tablename__ = "entry_line"
    __table_args__ = (
        CheckConstraint("debit >= 0 AND credit >= 0", name="not_negative"),
        CheckConstraint("(debit = 0) <> (credit = 0)", name="one_side"),
        CheckConstraint("(aux_code IS NULL) = (aux_label IS NULL)", name="aux_pair"),
        CheckConstraint("lettering_id IS NULL OR (aux_code IS NOT NULL AND NOT carried)", name="lettered_third_party"),
        Index(
            "ix_entry_line_account_day",
            "account_code",
            "counted_on",
            "id",
            postgresql_include=["debit", "credit", "carried"],
        ),
        Index(
            "ix_entry_line_third_party",
            "account_code",
            "aux_code",
            "counted_on",
            postgresql_include=["debit", "credit", "carried"],
            postgresql_where=text("aux_code IS NOT NULL"),
        ),
        Index(
            "ix_entry_line_open",
            "account_code",
            "aux_code",
            "match_ref",
            postgresql_where=text("aux_code IS NOT NULL AND lettering_id IS NULL AND NOT carried"),
        ),
    )

    id: Mapped[Key]
    entry_id: Mapped[int] = fk("entry.id")
    account_code: Mapped[str] = mapped_column(String(12), ForeignKey("ledger_account.code"))
    aux_code: Mapped[str | None] = mapped_column(String(40))
    aux_label: Mapped[str | None] = mapped_column(String(120))
    label: Mapped[str] = mapped_column(String(160))
    debit: Mapped[Cents] = mapped_column(default=0)
    credit: Mapped[Cents] = mapped_column(default=0)
    counted_on: Mapped[date | None]
    carried: Mapped[bool] = mapped_column(default=False)
    match_ref: Mapped[str | None] = mapped_column(String(40))
    due_on: Mapped[date | None]
    lettering_id: Mapped[int | None] = fk("lettering.id", nullable=True)

    entry: Mapped[Entry] = relationship(back_populates="lines")
    account: Mapped[LedgerAccount] = relationship()
    lettering: Mapped[Lettering | None] = relationship()
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
    line_id: Mapped[int] = fk("entry_line.id", index=False)
    axis_value_id: Mapped[int] = fk("axis_value.id")

    line: Mapped[EntryLine] = relationship(back_populates="axes")
    value: Mapped[AxisValue] = relationship(lazy="joined")
