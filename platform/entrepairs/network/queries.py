"""Reads for pages. The office sees structures, sheets, qualifications and papers; never a pause, an absence or a place
not wished: those reads take the peer themselves.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, String, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from entrepairs.identity.models import Account
from entrepairs.kernel.dates import at_paris
from entrepairs.kernel.text_checks import fold
from entrepairs.network.models import (
    Absence,
    Commune,
    Employment,
    Exclusion,
    MemberRole,
    Partner,
    PartnerKind,
    PartnerMember,
    Peer,
    Qualification,
    Referent,
    Site,
)

PAGE_SIZE: Final = 50
EXPIRY_NOTICE: Final = timedelta(days=90)
_ACCENTS: Final = ("àâäéèêëîïôöùûüÿç", "aaaeeeeiioouuuyc")

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list. `number` counts from 1; `total` counts all pages' rows."""

    rows: Sequence[Row]
    number: int
    total: int

    @property
    def previous(self) -> int | None:
        """Number of the page before."""
        return self.number - 1 if self.number > 1 else None

    @property
    def following(self) -> int | None:
        """Number of the page after."""
        return self.number + 1 if self.number * PAGE_SIZE < self.total else None


def _page(session: Session, statement: Select[Row], number: int) -> Page[Row]:
    total = session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    rows = session.scalars(statement.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).unique().all()
    return Page(rows, number, total)


def folded(column: InstrumentedAttribute[Any]) -> ColumnElement[str]:
    """The column in small letters without accents, to be compared with `fold(text)`."""
    return func.translate(func.lower(column), *_ACCENTS, type_=String())


def _holds(column: InstrumentedAttribute[Any], text: str) -> ColumnElement[bool]:
    """The text somewhere in the column, accents and case apart."""
    return folded(column).contains(fold(text), autoescape=True)


# --- structures --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PartnerFilter:
    """What the office looks for. `unwelcomed`: only structures with a service nobody welcomes in."""

    text: str = ""
    kind: PartnerKind | None = None
    unwelcomed: bool = False

    @property
    def empty(self) -> bool:
        """Whether everything is asked for."""
        return not (self.text or self.kind or self.unwelcomed)


def list_partners(session: Session, wanted: PartnerFilter, *, page: int, today: date) -> Page[Partner]:
    """Structures by name, for the office, with their services and members loaded."""
    statement = (
        select(Partner)
        .where(Partner.archived_at.is_(None))
        .options(selectinload(Partner.sites), selectinload(Partner.members))
        .order_by(Partner.name, Partner.id)
    )
    if wanted.kind:
        statement = statement.where(Partner.kind == wanted.kind)
    if wanted.unwelcomed:
        statement = statement.where(
            exists().where(Site.partner_id == Partner.id, Site.archived_at.is_(None), _unwelcomed(today))
        )
    if wanted.text:
        compact = "".join(wanted.text.split())
        statement = statement.where(
            or_(
                _holds(Partner.name, wanted.text),
                _holds(Partner.town, wanted.text),
                Partner.siret.startswith(compact, autoescape=True) if compact.isdigit() else _holds(Partner.name, wanted.text),
            )
        )  # fmt: skip
    return _page(session, statement, page)


def _unwelcomed(today: date) -> ColumnElement[bool]:
    in_charge = and_(
        Referent.site_id == Site.id, Referent.since <= today, or_(Referent.until.is_(None), Referent.until > today)
    )
    return ~exists().where(in_charge)


def partners_by_kind(session: Session) -> dict[PartnerKind, int]:
    """How many structures of each kind, for the filter chips."""
    statement = select(Partner.kind, func.count()).where(Partner.archived_at.is_(None)).group_by(Partner.kind)
    return {row[0]: row[1] for row in session.execute(statement)}


def sites_unwelcomed(session: Session, *, today: date, partner: Partner | None = None) -> Sequence[Site]:
    """Services in which nobody is named to welcome a peer: the association's to mend before the next mission."""
    statement = (
        select(Site)
        .join(Partner)
        .where(Site.archived_at.is_(None), Partner.archived_at.is_(None), Partner.refers_only.is_(False))
        .where(_unwelcomed(today))
        .order_by(Partner.name, Site.name)
    )
    if partner is not None:
        statement = statement.where(Site.partner_id == partner.id)
    return session.scalars(statement).all()


def sites_of(session: Session, partner: Partner) -> Sequence[Site]:
    """The services of a structure with their communes, welcomers and pages."""
    statement = (
        select(Site)
        .where(Site.partner_id == partner.id, Site.archived_at.is_(None))
        .options(selectinload(Site.commune), selectinload(Site.referents), selectinload(Site.card))
        .order_by(Site.name)
    )
    return session.scalars(statement).all()


@dataclass(frozen=True, slots=True)
class TeamMember:
    """A person of a structure with everything they may do."""

    account: Account
    roles: tuple[MemberRole, ...]
    function: str
    delegation: str | None
    delegation_since: date | None


def team_of(session: Session, partner: Partner) -> list[TeamMember]:
    """The team of a structure by name."""
    rows = session.scalars(select(PartnerMember).where(PartnerMember.partner_id == partner.id)).unique().all()
    people: dict[int, list[PartnerMember]] = {}
    for row in rows:
        people.setdefault(row.account_id, []).append(row)
    team = [_member(held) for held in people.values()]
    return sorted(team, key=lambda member: fold(member.account.name))


def _member(rows: list[PartnerMember]) -> TeamMember:
    held = {row.role for row in rows}
    signs = next((row for row in rows if row.role is MemberRole.SIGNATORY), None)
    return TeamMember(
        rows[0].account,
        tuple(role for role in MemberRole if role in held),
        next((row.function for row in rows if row.function), ""),
        signs.delegation if signs else None,
        signs.delegation_since if signs else None,
    )


def signatories_of(session: Session, partner: Partner) -> list[TeamMember]:
    """Who may commit the structure, with their delegation and since when."""
    return [member for member in team_of(session, partner) if MemberRole.SIGNATORY in member.roles]


# --- peers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PeerFilter:
    """What the office looks for. `to_renew`: qualifications that end within three months."""

    text: str = ""
    employment: Employment | None = None
    qualification: str = ""
    to_renew: bool = False

    @property
    def empty(self) -> bool:
        """Whether everyone is asked for."""
        return not (self.text or self.employment or self.qualification or self.to_renew)


def list_peers(session: Session, wanted: PeerFilter, *, page: int, today: date) -> Page[Peer]:
    """The team by first name, for the office: those who have not left."""
    statement = (
        select(Peer)
        .where(or_(Peer.left_on.is_(None), Peer.left_on >= today))
        .options(selectinload(Peer.qualifications), selectinload(Peer.languages), selectinload(Peer.clearances))
        .order_by(Peer.first_name, Peer.last_name, Peer.id)
    )
    if wanted.employment:
        statement = statement.where(Peer.employment == wanted.employment)
    if wanted.qualification:
        held = exists().where(
            Qualification.peer_id == Peer.id,
            Qualification.kind == wanted.qualification,
            Qualification.valid.contains(today),
        )
        statement = statement.where(held)
    if wanted.to_renew:
        statement = statement.where(exists().where(Qualification.peer_id == Peer.id, _ends_soon(today)))
    if wanted.text:
        statement = statement.join(Commune, Commune.insee == Peer.commune_insee).where(
            or_(*(_holds(column, wanted.text) for column in (Peer.first_name, Peer.last_name, Commune.name)))
        )
    return _page(session, statement, page)


def peer_names(session: Session, refs: Collection[str]) -> dict[str, str]:
    """First and last name of people by reference, those who left included: for the office, who reads codes elsewhere."""
    statement = select(Peer.ref, Peer.first_name, Peer.last_name).where(Peer.ref.in_(refs))
    return {ref: f"{first} {last}" for ref, first, last in session.execute(statement)}


def peers_by_employment(session: Session, *, today: date) -> dict[Employment, int]:
    """How many people by kind of bond, for the filter chips."""
    present = or_(Peer.left_on.is_(None), Peer.left_on >= today)
    statement = select(Peer.employment, func.count()).where(present).group_by(Peer.employment)
    return {row[0]: row[1] for row in session.execute(statement)}


def expiring_qualifications(session: Session, *, today: date) -> Sequence[Qualification]:
    """Qualifications that end within three months and are not followed by another of their kind, soonest first."""
    later = select(
        Qualification.id.label("id"), Qualification.peer_id, Qualification.kind, Qualification.valid
    ).subquery()
    followed = exists().where(
        later.c.peer_id == Qualification.peer_id,
        later.c.kind == Qualification.kind,
        later.c.id != Qualification.id,
        or_(func.upper_inf(later.c.valid), func.upper(later.c.valid) > func.upper(Qualification.valid)),
    )
    statement = (
        select(Qualification)
        .join(Peer)
        .where(_ends_soon(today), ~followed, or_(Peer.left_on.is_(None), Peer.left_on >= today))
        .options(selectinload(Qualification.peer))
        .order_by(func.upper(Qualification.valid), Peer.first_name)
    )
    return session.scalars(statement).all()


def _ends_soon(today: date) -> ColumnElement[bool]:
    """`upper` is the first day without it: one that ends today is still to be renewed."""
    return and_(func.upper(Qualification.valid) > today, func.upper(Qualification.valid) <= today + EXPIRY_NOTICE)


# --- what belongs to the peer alone ------------------------------------------------------------------------


def coming_absences(session: Session, peer: Peer, *, today: date) -> Sequence[Absence]:
    """Days away that are not over, soonest first. For the peer's own page."""
    statement = select(Absence).where(Absence.peer_id == peer.id, func.upper(Absence.during) > at_paris(today, time()))
    return session.scalars(statement.order_by(func.lower(Absence.during))).all()


def own_exclusions(session: Session, peer: Peer) -> Sequence[Exclusion]:
    """Places the person does not wish to go. For the peer's own page, nobody else's."""
    statement = (
        select(Exclusion)
        .where(Exclusion.peer_id == peer.id)
        .options(selectinload(Exclusion.site).selectinload(Site.partner), selectinload(Exclusion.partner))
        .order_by(Exclusion.id)
    )
    return session.scalars(statement).all()


@dataclass(frozen=True, slots=True)
class Place:
    """A structure, or one of its services, as a peer finds it."""

    ref: str
    name: str
    detail: str
    whole: bool


def find_places(session: Session, text: str, *, limit: int = 20) -> list[Place]:
    """Structures then services whose name or town holds the text."""
    if not text.strip():
        return []
    partners = session.scalars(
        select(Partner)
        .where(Partner.archived_at.is_(None), or_(_holds(Partner.name, text), _holds(Partner.town, text)))
        .order_by(Partner.name)
        .limit(limit)
    ).all()
    sites = session.scalars(
        select(Site)
        .join(Partner)
        .join(Commune, Commune.insee == Site.commune_insee)
        .where(Site.archived_at.is_(None), or_(*(_holds(c, text) for c in (Site.name, Partner.name, Commune.name))))
        .options(selectinload(Site.partner), selectinload(Site.commune))
        .order_by(Partner.name, Site.name)
        .limit(limit)
    ).all()
    return [
        *(Place(partner.ref, partner.name, partner.town, whole=True) for partner in partners),
        *(Place(site.ref, site.name, f"{site.partner.name}, {site.commune.name}", whole=False) for site in sites),
    ]
