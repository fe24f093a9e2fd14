"""The terms of some peers, each kind in its own table, read in one statement: an acceptance waits for it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Date,
    Select,
    SmallInteger,
    String,
    Time,
    any_,
    bindparam,
    cast,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import DATERANGE, TSTZRANGE
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from entrepairs.network.models import (
    Absence,
    Availability,
    Clearance,
    Learning,
    Pause,
    PeerLanguage,
    PeerTheme,
    Qualification,
    TrainingDays,
)

Term = tuple[Any, ...]

_COLUMNS: Final[Mapping[str, TypeEngine[Any]]] = {
    "code": String(),
    "valid": DATERANGE(),
    "during": TSTZRANGE(),
    "weekday": SmallInteger(),
    "starts": Time(),
    "ends": Time(),
    "since": Date(),
    "until": Date(),
}
_TERMS: Final[Mapping[str, Mapping[str, Any]]] = {
    "languages": {"code": PeerLanguage.language},
    "themes": {"code": PeerTheme.theme},
    "held": {"code": Qualification.kind, "valid": Qualification.valid},
    "week": {"weekday": Availability.weekday, "starts": Availability.starts, "ends": Availability.ends},
    "absences": {"during": Absence.during},
    "pauses": {"since": Pause.since, "until": Pause.until},
    "papers": {"code": Clearance.kind, "until": Clearance.valid_until},
    "learning": {"code": Learning.kind, "valid": Learning.valid},
    "training": {"valid": TrainingDays.days},
}
"""What is read of each kind, in this order."""
_PLACES: Final = {kind: [2 + list(_COLUMNS).index(name) for name in given] for kind, given in _TERMS.items()}


def _one(kind: str, given: Mapping[str, Any]) -> Select[Any]:
    peer_id = next(iter(given.values())).class_.peer_id
    values: list[Any] = [cast(given.get(name, null()), kept).label(name) for name, kept in _COLUMNS.items()]
    wanted = peer_id == any_(bindparam("peers", type_=ARRAY(BigInteger)))
    return select(literal_column(f"'{kind}'").label("kind"), peer_id.label("peer_id"), *values).where(wanted)


_ALL: Final = union_all(*(_one(kind, given) for kind, given in _TERMS.items()))


def read_terms(session: Session, peers: Sequence[int]) -> Mapping[str, Mapping[int, list[Term]]]:
    """By kind, then by peer's id (none: an empty list): the columns of `_TERMS`; a paper's kind is its code."""
    found: dict[str, dict[int, list[Term]]] = {kind: defaultdict(list) for kind in _TERMS}
    for row in session.execute(_ALL, {"peers": list(peers)}):
        kind = row[0]
        found[kind][row[1]].append(tuple(row[at] for at in _PLACES[kind]))
    return found
