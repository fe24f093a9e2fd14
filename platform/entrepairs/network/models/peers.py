"""Tables of the peers. No diagnosis, no treatment, no reason of a wish, an absence, a pause or an exclusion."""

from datetime import date, datetime, time
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import DATERANGE, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from entrepairs.db import Base, Key, Ref, fk, state_column
from entrepairs.documents.models import StoredFile
from entrepairs.identity.models import Account
from entrepairs.network.models.partners import Commune, Partner, Site


class Employment(StrEnum):
    """How the peer is bound to the association. EMPLOYED_ELSEWHERE is a member, offered missions only if they ask."""

    EMPLOYEE = "employee"
    VOLUNTEER = "volunteer"
    COOPERATOR = "cooperator"
    EMPLOYED_ELSEWHERE = "employed_elsewhere"


class PairWish(StrEnum):
    """Coming with another peer: whatever is asked, rather, only, or never (a professional of the place is no peer)."""

    EITHER = "either"
    PREFERRED = "preferred"
    REQUIRED = "required"
    REFUSED = "refused"


class HomeWish(StrEnum):
    """Going to a person's home: as the association decides, alone is fine too, or never alone."""

    AS_ALL = "as_all"
    ALONE_TOO = "alone_too"
    NEVER_ALONE = "never_alone"


class Peer(Base):
    """A peer worker, with their own terms. Hours are theirs to choose and to change."""

    __tablename__ = "peer"
    __table_args__ = (
        CheckConstraint("radius_km >= 0", name="radius_positive"),
        CheckConstraint("wished_hours >= 0 AND weekly_max_hours > 0", name="hours_positive"),
        CheckConstraint("outside_hours >= 0", name="outside_positive"),
        CheckConstraint("monthly_max_hours > 0", name="monthly_max_positive"),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    account_id: Mapped[int] = fk("account.id", unique=True)
    first_name: Mapped[str] = mapped_column(String(60))
    last_name: Mapped[str] = mapped_column(String(60))
    wording: Mapped[str] = mapped_column(String(60), default="pair-aidant·e")
    """How the person wishes to be called."""
    employment: Mapped[Employment] = state_column(Employment)
    asks_missions: Mapped[bool] = mapped_column(default=True)
    phone: Mapped[str | None] = mapped_column(String(20))
    commune_insee: Mapped[str] = mapped_column(String(5), ForeignKey("commune.insee"), index=True)
    radius_km: Mapped[int] = mapped_column(default=40)
    wished_hours: Mapped[int] = mapped_column(default=35)
    """Hours wished per month."""
    weekly_max_hours: Mapped[int] = mapped_column(default=20)
    outside_hours: Mapped[int] = mapped_column(default=0)
    """Hours a week declared for other employers (C. trav. L8261-1)."""
    monthly_max_hours: Mapped[int | None]
    """Hours a month the person wishes not to go beyond; None: no such wish."""
    rests_on_holidays: Mapped[bool] = mapped_column(default=True)
    """Whether public holidays are kept free, their choice."""
    waits_for_supervision: Mapped[bool] = mapped_column(default=False)
    """Whether no new mission is wished while the association owes them a supervision, their choice."""
    pair_wish: Mapped[PairWish] = state_column(PairWish, default=PairWish.EITHER)
    home_wish: Mapped[HomeWish] = state_column(HomeWish, default=HomeWish.AS_ALL)
    full_time: Mapped[bool] = mapped_column(default=False)
    """Whether the contract is full-time; a part-time one has the notice of C. trav. L3123-31."""
    joined_on: Mapped[date]
    left_on: Mapped[date | None]
    created_at: Mapped[datetime]

    account: Mapped[Account] = relationship(lazy="joined")
    commune: Mapped[Commune] = relationship(lazy="joined")
    languages: Mapped[list["PeerLanguage"]] = relationship(back_populates="peer")
    qualifications: Mapped[list["Qualification"]] = relationship(back_populates="peer")
    availabilities: Mapped[list["Availability"]] = relationship(back_populates="peer")
    absences: Mapped[list["Absence"]] = relationship(back_populates="peer")
    pauses: Mapped[list["Pause"]] = relationship(back_populates="peer")
    exclusions: Mapped[list["Exclusion"]] = relationship(back_populates="peer")
    themes: Mapped[list["PeerTheme"]] = relationship(back_populates="peer")
    clearances: Mapped[list["Clearance"]] = relationship(back_populates="peer")

    @property
    def short_name(self) -> str:
        """« Samira A. », as shown in lists."""
        return f"{self.first_name} {self.last_name[:1]}."


class PeerLanguage(Base):
    """A language spoken (ISO 639-1; `lsf` for French sign language)."""

    __tablename__ = "peer_language"
    __table_args__ = (UniqueConstraint("peer_id", "language"),)

    id: Mapped[Key]
    peer_id: Mapped[int] = fk("peer.id")
    language: Mapped[str] = mapped_column(String(3))

    peer: Mapped[Peer] = relationship(back_populates="languages")


class Qualification(Base):
    """A qualification of the palette's closed list, with its validity and its evidence."""

    __tablename__ = "qualification"
    __table_args__ = (Index("ix_qualification_kind", "kind", "peer_id"),)

    id: Mapped[Key]
    peer_id: Mapped[int] = fk("peer.id")
    kind: Mapped[str] = mapped_column(String(40))
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)
    file_id: Mapped[int | None] = fk("stored_file.id", nullable=True)
    created_at: Mapped[datetime]

    peer: Mapped[Peer] = relationship(back_populates="qualifications")
    file: Mapped[StoredFile | None] = relationship()


class Availability(Base):
    """A weekly slot in Paris wall time; `weekday` 0 is Monday."""

    __tablename__ = "availability"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_known"),
        CheckConstraint("starts < ends", name="ends_after"),
        UniqueConstraint("peer_id", "weekday", "starts"),
    )

    id: Mapped[Key]
    peer_id: Mapped[int] = fk("peer.id")
    weekday: Mapped[int] = mapped_column(SmallInteger)
    starts: Mapped[time]
    ends: Mapped[time]

    peer: Mapped[Peer] = relationship(back_populates="availabilities")


class Absence(Base):
    """Days away, without reason."""

    __tablename__ = "absence"
    __table_args__ = (
        ExcludeConstraint(("peer_id", "="), ("during", "&&"), using="gist", name="ex_absence_peer_during"),
    )

    id: Mapped[Key]
    peer_id: Mapped[int] = fk("peer.id")
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)

    peer: Mapped[Peer] = relationship(back_populates="absences")


class Pause(Base):
    """« Je prends une pause »: no offer while it lasts, said to nobody."""

    __tablename__ = "pause"

    id: Mapped[Key]
    peer_id: Mapped[int] = fk("peer.id")
    since: Mapped[date]
    until: Mapped[date | None]

    peer: Mapped[Peer] = relationship(back_populates="pauses")


class Exclusion(Base):
    """A site or a whole partner the peer is never offered. No reason is held. Only the peer sees and lifts it."""

    __tablename__ = "exclusion"
    __table_args__ = (
        CheckConstraint("num_nonnulls(site_id, partner_id) = 1", name="site_or_partner"),
        Index(
            "uq_exclusion_peer_place",
            "peer_id",
            text("coalesce(site_id, 0)"),
            text("coalesce(partner_id, 0)"),
            unique=True,
        ),
    )

    id: Mapped[Key]
    peer_id: Mapped[int] = fk("peer.id")
    site_id: Mapped[int | None] = fk("site.id", nullable=True)
    partner_id: Mapped[int | None] = fk("partner.id", nullable=True)

    peer: Mapped[Peer] = relationship(back_populates="exclusions")
    site: Mapped[Site | None] = relationship()
    partner: Mapped[Partner | None] = relationship()


class PeerTheme(Base):
    """Lived experience the peer accepts to speak of: opt-in, coarse, seen by the coordination only."""

    __tablename__ = "peer_theme"
    __table_args__ = (UniqueConstraint("peer_id", "theme"),)

    id: Mapped[Key]
    peer_id: Mapped[int] = fk("peer.id")
    theme: Mapped[str] = mapped_column(String(40))

    peer: Mapped[Peer] = relationship(back_populates="themes")


class ClearanceKind(StrEnum):
    """Papers without which a mission can't start: the check only, never the extract or a result."""

    CONTRACT = "contract"
    INCAPACITY_CHECK = "incapacity_check"
    CONFIDENTIALITY = "confidentiality"


class Clearance(Base):
    """A paper checked, by whom and until when (CASF L133-6; confidentiality undertaking)."""

    __tablename__ = "clearance"

    id: Mapped[Key]
    peer_id: Mapped[int] = fk("peer.id")
    kind: Mapped[ClearanceKind] = state_column(ClearanceKind)
    checked_on: Mapped[date]
    valid_until: Mapped[date | None]
    checked_by: Mapped[str] = mapped_column(String(120))

    peer: Mapped[Peer] = relationship(back_populates="clearances")
