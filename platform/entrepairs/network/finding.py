"""Finding one object of the network by its reference, with or without its lock. Absent is NotFound."""

import re
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from entrepairs.db import locked
from entrepairs.kernel.errors import InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.network.communes import load_communes
from entrepairs.network.models import Commune, Partner, Peer, Site
from entrepairs.network.territory import CommunePlace, region

COMMUNE_UNKNOWN: Final = N_(
    "This commune is not in the region, or several have that name. Write its postcode first, such as 04100 Manosque."
)


def find_partner(session: Session, ref: str, *, lock: bool = False) -> Partner:
    """The partner of that reference. Raises NotFound("partner")."""
    statement = select(Partner).where(Partner.ref == ref)
    found = locked(session, statement) if lock else session.scalar(statement)
    if found is None:
        raise NotFound("partner", N_("This structure does not exist."))
    return found


def find_site(session: Session, ref: str, *, partner: Partner | None = None, lock: bool = False) -> Site:
    """The site of that reference, of that partner when given. Raises NotFound("site")."""
    statement: Select[Site] = select(Site).where(Site.ref == ref)
    if partner is not None:
        statement = statement.where(Site.partner_id == partner.id)
    found = locked(session, statement) if lock else session.scalar(statement)
    if found is None:
        raise NotFound("site", N_("This service does not exist."))
    return found


def find_peer(session: Session, ref: str, *, lock: bool = False) -> Peer:
    """The peer of that reference. Raises NotFound("peer")."""
    statement = select(Peer).where(Peer.ref == ref)
    found = locked(session, statement) if lock else session.scalars(statement).unique().one_or_none()
    if found is None:
        raise NotFound("peer", N_("This person is not in the team."))
    return found


def find_commune(session: Session, insee: str, *, field: str | None = None) -> Commune:
    """The commune of that INSEE code; the table is filled from the shipped file when it is still empty.

    Raises InvalidInput("commune_unknown").
    """
    place = region().by_insee(insee)
    found = session.get(Commune, place.insee) if place else session.get(Commune, insee)
    if found is None and place is not None:
        load_communes(session)
        found = session.get(Commune, place.insee)
    if found is None:
        raise InvalidInput("commune_unknown", COMMUNE_UNKNOWN, field=field)
    return found


def commune_named(session: Session, text: str, *, postcode: str = "", field: str | None = None) -> Commune:
    """The commune typed as « Manosque », « 04100 Manosque », « Manosque (04) » or its INSEE code « 04112 ».

    Accents and case are forgiven. Raises InvalidInput("commune_unknown").
    """
    typed = " ".join(re.sub(r"\((?:[0-9]{2}|2[ABab])\)", " ", text).split())
    if re.fullmatch(r"[0-9][0-9AB][0-9]{3}", typed) and region().by_insee(typed):
        return find_commune(session, typed, field=field)
    digits = re.search(r"\b[0-9]{5}\b", typed)
    name = typed.replace(digits[0], " ") if digits else typed
    code = digits[0] if digits else postcode
    place = region().named(name, code) if name.strip() else _only_one_at(code)
    return find_commune(session, place.insee if place else "", field=field)


def _only_one_at(postcode: str) -> CommunePlace | None:
    found = [place for place in region().communes if postcode in place.postcodes]
    return found[0] if len(found) == 1 else None
