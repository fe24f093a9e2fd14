"""Tables of demands, sessions, seats and the diary."""

from datetime import date, datetime, time
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from entrepairs.catalogue.models import Facilitation, Offering, OfferingKind
from entrepairs.db import Base, Key, Ref, fk, state_column
from entrepairs.demands.states import AssignmentState, DemandState, SeatState, SessionState
from entrepairs.identity.models import Account
from entrepairs.network.models import Commune, Partner, Peer, Site


class PlaceKind(StrEnum):
    """Where the sessions are. A home is known by its commune only: an address identifies a person."""

    SITE = "site"
    IN_TOWN = "in_town"
    HOME = "home"
    TRAINING_VENUE = "training_venue"
    REMOTE = "remote"


class PersonWish(StrEnum):
    """For accompaniment, mediation and re-contact: does the person wish it?"""

    WISHES = "wishes"
    TO_PROPOSE = "to_propose"


class Demand(Base):
    """What a partner asks. A draft is saved at each step; nothing here can identify a person met."""

    __tablename__ = "demand"
    __table_args__ = (
        CheckConstraint("place_kind <> 'home' OR place_detail = ''", name="home_commune_only"),
        CheckConstraint("participants IS NULL OR participants > 0", name="participants_positive"),
        CheckConstraint("within_km > 0", name="within_km_positive"),
        Index("ix_demand_state", "state", "created_at"),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    partner_id: Mapped[int] = fk("partner.id")
    site_id: Mapped[int | None] = fk("site.id", nullable=True)
    offering_id: Mapped[int] = fk("offering.id")
    kind: Mapped[OfferingKind] = state_column(OfferingKind, name="kind_known")
    state: Mapped[DemandState] = state_column(DemandState)
    facilitation: Mapped[Facilitation] = state_column(Facilitation)
    requester_id: Mapped[int | None] = fk("account.id", nullable=True)
    """Who filed it for the partner; None when the office opened it."""
    opened_by_office: Mapped[bool] = mapped_column(default=False)
    caller_code: Mapped[str | None] = mapped_column(String(16), unique=True)
    """Code given to a person who called the association directly: no name is held."""
    signatory_id: Mapped[int | None] = fk("account.id", nullable=True)
    """Asked for agreement (« pour accord »)."""
    approved_at: Mapped[datetime | None]

    place_kind: Mapped[PlaceKind] = state_column(PlaceKind)
    commune_insee: Mapped[str | None] = mapped_column(String(5), ForeignKey("commune.insee"), index=True)
    place_detail: Mapped[str] = mapped_column(String(200), default="")
    colleague_function: Mapped[str] = mapped_column(String(120), default="")
    """For peer + professional: the function the ward names, printed on the mission order."""
    within_km: Mapped[int | None]
    """People are looked for up to that distance by road, at the wish of who asks; None: everywhere."""
    language: Mapped[str | None] = mapped_column(String(3))
    themes: Mapped[list[str]]
    goals: Mapped[list[str]]
    person_wish: Mapped[PersonWish | None] = state_column(PersonWish, nullable=True)
    participants: Mapped[int | None]
    audience: Mapped[str] = mapped_column(String(200), default="")
    context: Mapped[str] = mapped_column(default="")
    """Free text, checked: never who is met."""

    first_day: Mapped[date | None]
    start_time: Mapped[time | None]
    session_minutes: Mapped[int | None]
    sessions_count: Mapped[int | None]
    half_days: Mapped[list[str]]
    """For presence: `["mon_am", "thu_pm"]`, repeated each week for `sessions_count` weeks."""
    skip_holidays: Mapped[bool] = mapped_column(default=True)
    """Whether a public holiday is left out, the choice of who asks."""
    step: Mapped[str] = mapped_column(String(20), default="offering")
    """Where the draft stands in the form."""
    note: Mapped[str] = mapped_column(String(400), default="")
    """The words said with a sending back, a refusal or a cancellation; checked like every free text."""

    financed_by: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]

    partner: Mapped[Partner] = relationship()
    site: Mapped[Site | None] = relationship()
    offering: Mapped[Offering] = relationship()
    commune: Mapped[Commune | None] = relationship()
    requester: Mapped[Account | None] = relationship(foreign_keys=[requester_id])
    signatory: Mapped[Account | None] = relationship(foreign_keys=[signatory_id])
    sessions: Mapped[list["DemandSession"]] = relationship(back_populates="demand", order_by="DemandSession.number")
    seats: Mapped[list["Seat"]] = relationship(back_populates="demand", order_by="Seat.number")


class DemandSession(Base):
    """One dated slot. `during` is `[start, end)` in UTC, the wall time of Paris kept across DST."""

    __tablename__ = "demand_session"
    __table_args__ = (
        UniqueConstraint("demand_id", "number"),
        Index("ix_demand_session_during", "during", postgresql_using="gist"),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    demand_id: Mapped[int] = fk("demand.id")
    number: Mapped[int]
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    state: Mapped[SessionState] = state_column(SessionState)
    colleague_confirmed_at: Mapped[datetime | None]
    """For peer + professional: when the ward said that its professional will be there that day."""

    demand: Mapped[Demand] = relationship(back_populates="sessions")
    bookings: Mapped[list["Booking"]] = relationship(back_populates="session")


class Seat(Base):
    """One peer needed on all the sessions of a demand."""

    __tablename__ = "seat"
    __table_args__ = (UniqueConstraint("demand_id", "number"),)

    id: Mapped[Key]
    demand_id: Mapped[int] = fk("demand.id")
    number: Mapped[int]
    state: Mapped[SeatState] = state_column(SeatState)

    demand: Mapped[Demand] = relationship(back_populates="seats")
    assignments: Mapped[list["Assignment"]] = relationship(back_populates="seat")


class Assignment(Base):
    """A peer holding a seat. At most one live assignment by seat, and by demand and peer (partial unique indexes)."""

    __tablename__ = "assignment"
    __table_args__ = (
        Index("uq_assignment_live_seat", "seat_id", unique=True, postgresql_where=text("state = 'confirmed'")),
        Index(
            "uq_assignment_live_demand_peer",
            "demand_id",
            "peer_id",
            unique=True,
            postgresql_where=text("state = 'confirmed'"),
        ),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    demand_id: Mapped[int] = fk("demand.id")
    seat_id: Mapped[int] = fk("seat.id")
    peer_id: Mapped[int] = fk("peer.id")
    state: Mapped[AssignmentState] = state_column(AssignmentState)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    demand: Mapped[Demand] = relationship()
    seat: Mapped[Seat] = relationship(back_populates="assignments")
    peer: Mapped[Peer] = relationship()
    bookings: Mapped[list["Booking"]] = relationship(back_populates="assignment")


class Booking(Base):
    """A peer's hold on one session. No peer in two places: `ex_booking_peer_during` (last line; rows are locked first)."""

    __tablename__ = "booking"
    __table_args__ = (
        UniqueConstraint("assignment_id", "session_id"),
        ExcludeConstraint(
            ("peer_id", "="),
            ("during", "&&"),
            using="gist",
            where=text("active"),
            name="ex_booking_peer_during",
        ),
        Index("ix_booking_peer_active", "peer_id", postgresql_where=text("active")),
    )

    id: Mapped[Key]
    assignment_id: Mapped[int] = fk("assignment.id", index=False)
    session_id: Mapped[int] = fk("demand_session.id")
    peer_id: Mapped[int] = fk("peer.id", index=False)
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    active: Mapped[bool] = mapped_column(default=True)

    assignment: Mapped[Assignment] = relationship(back_populates="bookings")
    session: Mapped[DemandSession] = relationship(back_populates="bookings")
    peer: Mapped[Peer] = relationship()
