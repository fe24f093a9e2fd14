"""Tables of bank statements. What was imported is written once: only a line's being put aside may change."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from entrepairs.billing.models import Settlement
from entrepairs.billing.statements.values import StatementFormat
from entrepairs.db import Base, Cents, Json, Key, Ref, fk, state_column


class BankStatement(Base):
    """One statement of one account, as a file told it. Balances are None when the file tells none."""

    __tablename__ = "bank_statement"
    __table_args__ = (CheckConstraint("opened_on <= closed_on", name="days_in_order"),)

    id: Mapped[Key]
    ref: Mapped[Ref]
    format: Mapped[StatementFormat] = state_column(StatementFormat)
    account: Mapped[str] = mapped_column(String(40), index=True)
    number: Mapped[str] = mapped_column(String(40), default="")
    opening: Mapped[int | None] = mapped_column(BigInteger)
    closing: Mapped[int | None] = mapped_column(BigInteger)
    opened_on: Mapped[date]
    closed_on: Mapped[date]
    imported_at: Mapped[datetime]
    imported_by: Mapped[str] = mapped_column(String(160))

    lines: Mapped[list["StatementLine"]] = relationship(back_populates="statement", order_by="StatementLine.position")


class StatementLine(Base):
    """One movement, once whatever the number of files that tell it. Money in is positive.

    What is paid out keeps its day and its amount only (salaries and expenses bear names); `matched` is never stored: it
    is having payments that were not undone.
    """

    __tablename__ = "statement_line"
    __table_args__ = (
        CheckConstraint("(aside_why IS NULL) = (aside_at IS NULL)", name="aside_whole"),
        CheckConstraint("aside_why IS NULL OR aside_why <> ''", name="aside_told"),
        Index("ix_statement_line_statement", "statement_id", "position"),
        Index("ix_statement_line_iban", "counterparty_iban"),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    statement_id: Mapped[int] = fk("bank_statement.id", index=False)
    position: Mapped[int]
    booked_on: Mapped[date]
    value_on: Mapped[date | None]
    cents: Mapped[Cents]
    label: Mapped[str] = mapped_column(String(500), default="")
    reference: Mapped[str] = mapped_column(String(140), default="")
    counterparty: Mapped[str] = mapped_column(String(140), default="")
    counterparty_iban: Mapped[str] = mapped_column(String(34), default="")
    end_to_end: Mapped[str] = mapped_column(String(70), default="")
    reversal: Mapped[bool] = mapped_column(default=False)
    charge: Mapped[bool] = mapped_column(default=False)
    fingerprint: Mapped[str] = mapped_column(String(80), unique=True)
    aside_why: Mapped[str | None] = mapped_column(String(200))
    aside_at: Mapped[datetime | None]
    aside_by: Mapped[str | None] = mapped_column(String(160))

    statement: Mapped[BankStatement] = relationship(back_populates="lines")
    links: Mapped[list["LineSettlement"]] = relationship(back_populates="line", order_by="LineSettlement.id")


class CsvLayout(Base):
    """What the columns of a bank's CSV hold, chosen by somebody, by the words of its header."""

    __tablename__ = "bank_csv_layout"

    id: Mapped[Key]
    header_print: Mapped[str] = mapped_column(String(64), unique=True)
    header: Mapped[list[str]]
    places: Mapped[Json]
    """Places from 0, by name (`csv_french.Columns`); the header's own row is not kept."""
    chosen_at: Mapped[datetime]
    chosen_by: Mapped[str] = mapped_column(String(160))


class LineSettlement(Base):
    """A payment recorded from a line, or found to be it. Written once; undone with the payment, by its opposite."""

    __tablename__ = "line_settlement"

    id: Mapped[Key]
    line_id: Mapped[int] = fk("statement_line.id")
    settlement_id: Mapped[int] = fk("settlement.id", unique=True)
    by_itself: Mapped[bool] = mapped_column(default=False)
    """Number, amount and payer agreed: nobody was asked."""
    created_at: Mapped[datetime]

    line: Mapped[StatementLine] = relationship(back_populates="links")
    settlement: Mapped[Settlement] = relationship()
