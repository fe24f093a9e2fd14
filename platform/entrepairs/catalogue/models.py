"""Tables of the catalogue: offerings, the qualifications they require, dated prices."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from entrepairs.db import Base, Cents, Key, fk, state_column


class OfferingKind(StrEnum):
    """What shape a demand of this offering takes."""

    SERIES = "series"
    ONE_OFF = "one_off"
    PRESENCE = "presence"
    EMERGENCY = "emergency"
    ACCOMPANIMENT = "accompaniment"
    TRAINING = "training"
    PLACEMENT = "placement"


class Facilitation(StrEnum):
    """Who comes. PEER_AND_PROFESSIONAL: one seat, and the ward names a function of its own."""

    ALONE = "alone"
    TWO_PEERS = "two_peers"
    PEER_AND_PROFESSIONAL = "peer_and_professional"

    @property
    def seats(self) -> int:
        """Peers needed in each session."""
        return 2 if self is Facilitation.TWO_PEERS else 1


class Pairing(StrEnum):
    """What the offering asks of two peers coming together: it needs them, is better with them, or goes with one."""

    REQUIRED = "required"
    PREFERRED = "preferred"
    REFUSED = "refused"


class PriceUnit(StrEnum):
    """What one price pays for. A session's price covers all its peers."""

    PER_SESSION = "per_session"
    PER_HOUR = "per_hour"
    PER_HALF_DAY = "per_half_day"
    PER_DAY = "per_day"
    PER_SERIES = "per_series"
    PER_PARTICIPANT = "per_participant"


class Offering(Base):
    """An item of the palette, loaded from `config/catalogue.toml`; prices are the association's to set."""

    __tablename__ = "offering"
    __table_args__ = (
        CheckConstraint("group_min IS NULL OR group_max IS NULL OR group_min <= group_max", name="group_ordered"),
        CheckConstraint(
            "facilitation = 'two_peers' OR NOT (second_optional OR learner_seat)", name="second_seat_of_two"
        ),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    summary: Mapped[str] = mapped_column(String(400))
    kind: Mapped[OfferingKind] = state_column(OfferingKind)
    family: Mapped[str] = mapped_column(String(60), default="")
    session_minutes: Mapped[int]
    sessions_min: Mapped[int] = mapped_column(default=1)
    sessions_usual: Mapped[int] = mapped_column(default=1)
    facilitation: Mapped[Facilitation] = state_column(Facilitation)
    second_optional: Mapped[bool] = mapped_column(default=False)
    """Of two peers: whether one may come alone when the second is not found."""
    learner_seat: Mapped[bool] = mapped_column(default=False)
    """Whether one of two seats may be held by a peer who is learning, beside a qualified one (« en tandem »)."""
    group_min: Mapped[int | None]
    group_max: Mapped[int | None]
    price_unit: Mapped[PriceUnit] = state_column(PriceUnit)
    vat_regime: Mapped[str] = mapped_column(String(40))
    asks_person_wish: Mapped[bool] = mapped_column(default=False)
    preparation_minutes: Mapped[int] = mapped_column(default=0)
    pictogram: Mapped[str] = mapped_column(String(40), default="people")
    goals: Mapped[list[str]]
    """Chips a partner may choose: goals, or expectations of the person."""
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)

    required: Mapped[list["OfferingQualification"]] = relationship(back_populates="offering", lazy="selectin")

    @property
    def qualifications(self) -> frozenset[str]:
        """Codes every peer of a session needs."""
        return frozenset(row.kind for row in self.required)

    @property
    def pairing(self) -> Pairing:
        """What the offering asks of two peers coming together."""
        if self.facilitation is not Facilitation.TWO_PEERS:
            return Pairing.REFUSED
        return Pairing.PREFERRED if self.second_optional else Pairing.REQUIRED


class OfferingQualification(Base):
    """A qualification each facilitator needs."""

    __tablename__ = "offering_qualification"
    __table_args__ = (UniqueConstraint("offering_id", "kind"),)

    id: Mapped[Key]
    offering_id: Mapped[int] = fk("offering.id")
    kind: Mapped[str] = mapped_column(String(40))

    offering: Mapped[Offering] = relationship(back_populates="required")


class Price(Base):
    """A voted price without VAT, for the offering's unit, over a period."""

    __tablename__ = "price"
    __table_args__ = (
        ExcludeConstraint(("offering_id", "="), ("valid", "&&"), using="gist", name="ex_price_offering_valid"),
        CheckConstraint("cents >= 0", name="not_negative"),
    )

    id: Mapped[Key]
    offering_id: Mapped[int] = fk("offering.id")
    cents: Mapped[Cents]
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)
    source: Mapped[str] = mapped_column(String(200))
    fictional: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
