"""Tables of the association's identity, its dated decisions and the demo's clock."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, String
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from entrepairs.db import Base, Key


class Association(Base):
    """The operator: one row. Seller on every invoice."""

    __tablename__ = "association"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(120))
    legal_form: Mapped[str] = mapped_column(String(120))
    siret: Mapped[str] = mapped_column(String(14))
    rna: Mapped[str | None] = mapped_column(String(10))
    vat_number: Mapped[str | None] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(200))
    postcode: Mapped[str] = mapped_column(String(5))
    town: Mapped[str] = mapped_column(String(80))
    email: Mapped[str] = mapped_column(String(254))
    phone: Mapped[str] = mapped_column(String(20))
    opening_hours: Mapped[str] = mapped_column(String(200))
    iban: Mapped[str] = mapped_column(String(34))
    bic: Mapped[str | None] = mapped_column(String(11))
    signatory_name: Mapped[str] = mapped_column(String(120))
    signatory_function: Mapped[str] = mapped_column(String(120))
    fictional: Mapped[bool] = mapped_column(default=False)

    @property
    def siren(self) -> str:
        """The first nine digits of the SIRET."""
        return self.siret[:9]


class Decision(Base):
    """A dated decision. Two decisions of the same key never overlap (held by the exclusion constraint)."""

    __tablename__ = "decision"
    __table_args__ = (ExcludeConstraint(("key", "="), ("valid", "&&"), using="gist", name="ex_decision_key_valid"),)

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(80))
    value: Mapped[Any] = mapped_column(JSONB)
    """A string for decimals (`"10.0"`), an integer, a list or an object; never a float."""
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)
    voted_on: Mapped[date]
    source: Mapped[str] = mapped_column(String(200))
    fictional: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class DemoClock(Base):
    """Business time of the demo: one row, advanced while the demo runs, still while it is stopped."""

    __tablename__ = "demo_clock"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    ticked_at: Mapped[datetime]
    """Real instant of the last tick; a reading adds at most `settings.demo_clock.LONGEST_GAP` to `at`."""
