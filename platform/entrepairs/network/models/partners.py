"""Tables of the structures: partners, their members, sites, referents and welcome pages; the communes."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Numeric, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from entrepairs.db import Base, Key, Ref, fk, state_column
from entrepairs.identity.models import Account


class Commune(Base):
    """A commune with coordinates in degrees (WGS 84). `approximate`: the mean of its neighbours."""

    __tablename__ = "commune"

    insee: Mapped[str] = mapped_column(String(5), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), index=True)
    postcodes: Mapped[list[str]]
    departement: Mapped[str] = mapped_column(String(3), index=True)
    population: Mapped[int]
    latitude: Mapped[Decimal] = mapped_column(Numeric(8, 5))
    longitude: Mapped[Decimal] = mapped_column(Numeric(8, 5))
    approximate: Mapped[bool] = mapped_column(Boolean, default=False)


class PartnerKind(StrEnum):
    """What kind of structure it is."""

    PUBLIC_HOSPITAL = "public_hospital"
    PRIVATE_CLINIC = "private_clinic"
    MEDICO_SOCIAL = "medico_social"
    SOCIAL_SERVICE = "social_service"
    GEM = "gem"
    SCHOOL = "school"
    TOWN = "town"
    COMPANY = "company"
    USERS_ASSOCIATION = "users_association"
    FAMILIES_ASSOCIATION = "families_association"
    TRAINING_BODY = "training_body"
    OTHER = "other"


class PayerKind(StrEnum):
    """How it pays, which sets the term (CCP R2192-10 and -11, C. com. L441-10). NONE only refers people."""

    PUBLIC_HOSPITAL = "public_hospital"
    PUBLIC_LOCAL = "public_local"
    PUBLIC_STATE = "public_state"
    PRIVATE = "private"
    NONE = "none"


class Partner(Base):
    """A structure that asks, or only refers. `siret` is unique when known."""

    __tablename__ = "partner"
    __table_args__ = (
        CheckConstraint("siret IS NULL OR length(siret) = 14", name="siret_length"),
        Index("uq_partner_finess", "finess", unique=True, postgresql_where=text("finess IS NOT NULL")),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    name: Mapped[str] = mapped_column(String(160), index=True)
    kind: Mapped[PartnerKind] = state_column(PartnerKind)
    payer_kind: Mapped[PayerKind] = state_column(PayerKind)
    siret: Mapped[str | None] = mapped_column(String(14), unique=True)
    vat_number: Mapped[str | None] = mapped_column(String(20))
    finess: Mapped[str | None] = mapped_column(String(9))
    """FINESS of the legal entity (nofinessej)."""
    address: Mapped[str] = mapped_column(String(200), default="")
    postcode: Mapped[str] = mapped_column(String(5), default="")
    town: Mapped[str] = mapped_column(String(80), default="")
    billing_email: Mapped[str | None] = mapped_column(String(254))
    billing_address: Mapped[str | None] = mapped_column(String(200))
    billing_postcode: Mapped[str | None] = mapped_column(String(5))
    billing_town: Mapped[str | None] = mapped_column(String(80))
    requires_engagement: Mapped[bool] = mapped_column(default=False)
    requires_service_code: Mapped[bool] = mapped_column(default=False)
    service_code: Mapped[str | None] = mapped_column(String(40))
    """Default « code service » of Chorus Pro; a site may have its own."""
    electronic_address: Mapped[str | None] = mapped_column(String(125))
    refers_only: Mapped[bool] = mapped_column(default=False)
    phone: Mapped[str | None] = mapped_column(String(20))
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]

    sites: Mapped[list["Site"]] = relationship(back_populates="partner", order_by="Site.name")
    members: Mapped[list["PartnerMember"]] = relationship(back_populates="partner")

    @property
    def siren(self) -> str | None:
        """The first nine digits of the SIRET, when known."""
        return self.siret[:9] if self.siret else None


class Site(Base):
    """A service of a partner: a ward, a CMP, an emergency department."""

    __tablename__ = "site"
    __table_args__ = (
        UniqueConstraint("partner_id", "name"),
        Index("uq_site_finess", "finess", unique=True, postgresql_where=text("finess IS NOT NULL")),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    partner_id: Mapped[int] = fk("partner.id")
    name: Mapped[str] = mapped_column(String(160))
    address: Mapped[str] = mapped_column(String(200), default="")
    postcode: Mapped[str] = mapped_column(String(5), default="")
    commune_insee: Mapped[str] = mapped_column(String(5), ForeignKey("commune.insee"), index=True)
    finess: Mapped[str | None] = mapped_column(String(9))
    """FINESS of the establishment (nofinesset)."""
    phone: Mapped[str | None] = mapped_column(String(20))
    service_code: Mapped[str | None] = mapped_column(String(40))
    emergency: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]

    partner: Mapped[Partner] = relationship(back_populates="sites")
    commune: Mapped[Commune] = relationship()
    referents: Mapped[list["Referent"]] = relationship(back_populates="site", order_by="Referent.deputy")
    card: Mapped["SiteCard | None"] = relationship(back_populates="site")


class Referent(Base):
    """The « interlocuteur privilégié » of a site, or the deputy."""

    __tablename__ = "referent"

    id: Mapped[Key]
    site_id: Mapped[int] = fk("site.id")
    name: Mapped[str] = mapped_column(String(120))
    function: Mapped[str] = mapped_column(String(120))
    email: Mapped[str | None] = mapped_column(String(254))
    phone: Mapped[str | None] = mapped_column(String(20))
    account_id: Mapped[int | None] = fk("account.id", nullable=True)
    deputy: Mapped[bool] = mapped_column(default=False)
    since: Mapped[date]
    until: Mapped[date | None]

    site: Mapped[Site] = relationship(back_populates="referents")


class SiteCard(Base):
    """The one-page welcome and role card of a site, written by ward and peers together."""

    __tablename__ = "site_card"

    id: Mapped[Key]
    site_id: Mapped[int] = fk("site.id", unique=True)
    peer_does: Mapped[str] = mapped_column(default="")
    peer_does_not: Mapped[str] = mapped_column(default="")
    with_whom: Mapped[str] = mapped_column(default="")
    entrance: Mapped[str] = mapped_column(default="")
    badge: Mapped[str] = mapped_column(default="")
    locker: Mapped[str] = mapped_column(default="")
    alarm: Mapped[str] = mapped_column(default="")
    meal: Mapped[str] = mapped_column(default="")
    danger_contact: Mapped[str] = mapped_column(default="")
    """Whom to call if someone is in danger; printed on the mission order."""
    updated_at: Mapped[datetime]

    site: Mapped[Site] = relationship(back_populates="card")


class MemberRole(StrEnum):
    """What a person may do for the partner."""

    REQUESTER = "requester"
    SIGNATORY = "signatory"
    ACCOUNTANT = "accountant"
    ADMIN = "admin"


class PartnerMember(Base):
    """A role of an account in a partner. A signatory has the reference of the delegation and since when."""

    __tablename__ = "partner_member"
    __table_args__ = (UniqueConstraint("partner_id", "account_id", "role"),)

    id: Mapped[Key]
    partner_id: Mapped[int] = fk("partner.id")
    account_id: Mapped[int] = fk("account.id")
    role: Mapped[MemberRole] = state_column(MemberRole)
    function: Mapped[str] = mapped_column(String(120), default="")
    delegation: Mapped[str | None] = mapped_column(String(120))
    delegation_since: Mapped[date | None]

    partner: Mapped[Partner] = relationship(back_populates="members")
    account: Mapped[Account] = relationship(lazy="joined")
