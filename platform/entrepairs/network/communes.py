"""Bringing the communes shipped with the package into their table."""

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from entrepairs.network.models import Commune
from entrepairs.network.territory import Territory, region

_COPIED = ("name", "postcodes", "departement", "population", "latitude", "longitude", "approximate")


def load_communes(session: Session, territory: Territory | None = None) -> int:
    """Add the missing communes and correct those that changed; the number of rows written. The caller commits.

    None is ever removed: sites and peers point at them.
    """
    rows = [
        {
            "insee": commune.insee,
            "name": commune.name,
            "postcodes": list(commune.postcodes),
            "departement": commune.departement,
            "population": commune.population,
            "latitude": commune.latitude,
            "longitude": commune.longitude,
            "approximate": commune.approximate,
        }
        for commune in (territory or region()).communes
    ]
    if not rows:
        return 0
    statement = insert(Commune)
    given = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=[Commune.insee],
        set_={name: given[name] for name in _COPIED},
        where=or_(*(getattr(Commune, name) != given[name] for name in _COPIED)),
    )
    return len(session.execute(statement.returning(Commune.insee), rows).all())


def ensure_communes(session: Session) -> None:
    """Fill the table when it is still empty.

    Call it before a savepoint: a commune read inside one that is rolled back would stay in the session's memory while
    its row is gone.
    """
    if session.scalar(select(Commune.insee).limit(1)) is None:
        load_communes(session)
