"""Finding one object of the network by its reference, with or without its lock. Absent is NotFound."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from entrepairs.db import locked
from entrepairs.kernel.errors import InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.network.models import Commune, Partner, Peer, Site


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
    """The commune of that INSEE code. Raises InvalidInput("commune_unknown")."""
    found = session.get(Commune, insee)
    if found is None:
        raise InvalidInput(
            "commune_unknown",
            N_("This commune is not in the region. Choose it in the list."),
            field=field,
        )
    return found


def commune_named(session: Session, text: str, *, postcode: str = "", field: str | None = None) -> Commune:
    """The commune typed as « Manosque », « 04100 Manosque » or its INSEE code « 04112 », accents and case forgiven.

    Raises InvalidInput("commune_unknown" or "commune_ambiguous").
    """
    typed = " ".join(text.replace("(", " ").replace(")", " ").split())
    digits = [word for word in typed.split() if len(word) == 5 and word[:2].isalnum() and word[2:].isdigit()]
    name = " ".join(word for word in typed.split() if word not in digits)
    code = digits[0] if digits else postcode
    if digits and not name:
        by_code = session.get(Commune, digits[0].upper())
        if by_code is not None:
            return by_code
    found = _by_name_and_code(session, _plain_name(name), code)
    if len(found) == 1:
        return found[0]
    if found:
        raise InvalidInput(
            "commune_ambiguous",
            N_("Several communes match. Add the postcode before the name, such as 04100 Manosque."),
            field=field,
        )
    return find_commune(session, "", field=field)


def _by_name_and_code(session: Session, name: str, code: str) -> list[Commune]:
    statement = select(Commune)
    if code:
        statement = statement.where((Commune.insee == code) | Commune.postcodes.contains([code]))
    candidates = session.scalars(statement).all()
    return [commune for commune in candidates if not name or _plain_name(commune.name) == name]


def _plain_name(name: str) -> str:
    from entrepairs.kernel.text_checks import fold

    words = fold(name).replace("-", " ").replace("'", " ").replace("’", " ").split()
    return " ".join({"st": "saint", "ste": "sainte"}.get(word, word) for word in words)
