"""Structures, services and peers for tests: every default is valid, every name invented."""

import itertools
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from entrepairs.identity.models import Account
from entrepairs.kernel.references import new_reference
from entrepairs.network.models import (
    Availability,
    Clearance,
    ClearanceKind,
    Commune,
    Employment,
    MemberRole,
    Partner,
    PartnerKind,
    PartnerMember,
    PayerKind,
    Peer,
    PeerLanguage,
    Qualification,
    Referent,
    Site,
)
from tests.factories.identity import an_account

_numbers = itertools.count(1)
CREATED = datetime(2027, 1, 4, 9, tzinfo=UTC)

COMMUNES = {
    "13055": ("Marseille", ["13001", "13009", "13013"], "13", 870_000, "43.29695", "5.38107"),
    "13001": ("Aix-en-Provence", ["13080", "13090", "13100"], "13", 145_000, "43.52830", "5.44973"),
    "04112": ("Manosque", ["04100"], "04", 22_000, "43.82883", "5.78688"),
    "04070": ("Digne-les-Bains", ["04000"], "04", 16_000, "44.09252", "6.23199"),
    "84007": ("Avignon", ["84000"], "84", 90_000, "43.94834", "4.80892"),
    "06088": ("Nice", ["06000", "06100"], "06", 340_000, "43.70313", "7.26608"),
}


def a_commune(session: Session, insee: str = "13055") -> Commune:
    """A real commune of the region."""
    known = session.get(Commune, insee)
    if known is not None:
        return known
    name, postcodes, departement, population, latitude, longitude = COMMUNES[insee]
    commune = Commune(
        insee=insee,
        name=name,
        postcodes=postcodes,
        departement=departement,
        population=population,
        latitude=Decimal(latitude),
        longitude=Decimal(longitude),
        approximate=False,
    )
    session.add(commune)
    session.flush()
    return commune


def the_communes(session: Session) -> None:
    """All the communes of these tests."""
    for insee in COMMUNES:
        a_commune(session, insee)


def a_partner(session: Session, **given: Any) -> Partner:
    """A private clinic of Marseille."""
    values = {
        "ref": new_reference("STR"),
        "name": f"Clinique des Essais {next(_numbers)}",
        "kind": PartnerKind.PRIVATE_CLINIC,
        "payer_kind": PayerKind.PRIVATE,
        "address": "12 rue des Essais",
        "postcode": "13009",
        "town": "Marseille",
        "created_at": CREATED,
    }
    partner = Partner(**(values | given))
    session.add(partner)
    session.flush()
    return partner


def a_public_hospital(session: Session, **given: Any) -> Partner:
    """An EPSM, whose invoices carry an engagement number."""
    values = {
        "name": f"EPSM des Essais {next(_numbers)}",
        "kind": PartnerKind.PUBLIC_HOSPITAL,
        "payer_kind": PayerKind.PUBLIC_HOSPITAL,
        "requires_engagement": True,
    }
    return a_partner(session, **(values | given))


def a_site(session: Session, partner: Partner | None = None, *, commune: str = "13055", **given: Any) -> Site:
    """A service in Marseille."""
    a_commune(session, commune)
    values = {
        "ref": new_reference("LIEU"),
        "partner": partner or a_partner(session),
        "name": f"Unité Les Tamaris {next(_numbers)}",
        "commune_insee": commune,
        "created_at": CREATED,
    }
    site = Site(**(values | given))
    session.add(site)
    session.flush()
    return site


def a_referent(session: Session, site: Site, **given: Any) -> Referent:
    """The professional who welcomes on the site."""
    values = {"site": site, "name": "Nora Accueil", "function": "Cadre de santé", "since": date(2026, 9, 1)}
    referent = Referent(**(values | given))
    session.add(referent)
    session.flush()
    return referent


def a_member(
    session: Session,
    partner: Partner,
    *roles: MemberRole,
    account: Account | None = None,
    **given: Any,
) -> Account:
    """A person of the structure, who files demands unless told otherwise."""
    account = account or an_account(session)
    for role in roles or (MemberRole.REQUESTER,):
        session.add(PartnerMember(partner=partner, account_id=account.id, role=role, **given))
    session.flush()
    return account


def a_peer(
    session: Session,
    *,
    commune: str = "13055",
    account: Account | None = None,
    languages: Iterable[str] = ("fr",),
    qualifications: Iterable[str] = (),
    week: bool = True,
    cleared: bool = True,
    **given: Any,
) -> Peer:
    """A peer employed by the association, cleared, free on weekdays from 8 h to 19 h unless `week` is false."""
    number = next(_numbers)
    a_commune(session, commune)
    first, last = f"Sam{number}", "Essai"
    values = {
        "ref": new_reference("PAI"),
        "account": account or an_account(session, name=f"{first} {last}"),
        "first_name": first,
        "last_name": last,
        "employment": Employment.EMPLOYEE,
        "commune_insee": commune,
        "joined_on": date(2026, 3, 1),
        "created_at": CREATED,
    }
    peer = Peer(**(values | given))
    peer.languages = [PeerLanguage(language=code) for code in languages]
    if week:
        peer.availabilities = [Availability(weekday=day, starts=time(8), ends=time(19)) for day in range(5)]
    if cleared:
        peer.clearances = [
            Clearance(kind=kind, checked_on=date(2026, 3, 1), checked_by="La coordination") for kind in ClearanceKind
        ]
    session.add(peer)
    session.flush()
    for kind in qualifications:
        a_qualification(session, peer, kind)
    return peer


def a_qualification(
    session: Session,
    peer: Peer,
    kind: str = "wrap_facilitator",
    *,
    since: date = date(2026, 1, 1),
    last_day: date | None = None,
) -> Qualification:
    """A qualification valid from `since` to `last_day` included."""
    row = Qualification(
        peer=peer,
        kind=kind,
        valid=Range(since, last_day + timedelta(days=1) if last_day else None),
        created_at=CREATED,
    )
    session.add(row)
    session.flush()
    return row
