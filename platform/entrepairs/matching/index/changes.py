"""What was written since a team was read: found by transaction, so that one that commits late is not missed.

A process remembers the snapshot it has read. A change is new when the transaction that wrote it was not visible in
that snapshot; numbers of a sequence would not do, since they become visible out of order.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from entrepairs.kernel.clock import Clock
from entrepairs.matching.guards import EVERYTHING
from entrepairs.matching.index.team import PARTS, Team

KEPT_HOURS: Final = 24
"""Real hours a change is kept: a process that asks for nothing longer than that reads everything anew."""
MOST: Final = 2000
"""More peers touched than that: building anew is quicker."""
_WHICH: Final = """pg_postmaster_start_time()::text || ' ' || 'matching_change'::regclass::oid::text
                   || ' ' || (SELECT oid::text FROM pg_database WHERE datname = current_database())"""
"""What tells a database from another, restored in its place."""
_NEW: Final = """c.xid >= (pg_snapshot_xmin(CAST(:seen AS pg_snapshot))::text)::bigint
                 AND NOT pg_visible_in_snapshot(CAST(c.xid::text AS xid8), CAST(:seen AS pg_snapshot))"""
_CHECK: Final = text(f"""
    SELECT pg_current_snapshot()::text AS now, {_WHICH} AS which,
           pg_current_xact_id_if_assigned() IS NULL
               AND current_setting('transaction_isolation') = 'read committed' AS plain,
           coalesce((SELECT upto FROM matching_purge WHERE id = 1), 0)
               >= (pg_snapshot_xmin(CAST(:seen AS pg_snapshot))::text)::bigint AS forgotten,
           (pg_snapshot_xmax(CAST(:seen AS pg_snapshot))::text)::bigint
               > (pg_snapshot_xmax(pg_current_snapshot())::text)::bigint AS older,
           EXISTS (SELECT 1 FROM matching_change c WHERE {_NEW}) AS changed
""")  # noqa: S608
_READ: Final = text(f"SELECT c.part, c.subject_id FROM matching_change c WHERE {_NEW}")  # noqa: S608
_NOW: Final = text(f"SELECT pg_current_snapshot()::text, {_WHICH}")
_PEERS_OF: Final = text("""
    SELECT DISTINCT peer_id FROM assignment WHERE demand_id = ANY(:demands)
    UNION SELECT b.peer_id FROM booking b JOIN demand_session s ON s.id = b.session_id WHERE s.demand_id = ANY(:demands)
""")
_FORGET: Final = text(f"""
    WITH gone AS (
        DELETE FROM matching_change
        WHERE xid < (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint
          AND noted_at < clock_timestamp() - interval '{KEPT_HOURS} hours'
        RETURNING xid
    )
    INSERT INTO matching_purge (id, upto) SELECT 1, max(xid) FROM gone HAVING count(*) > 0
    ON CONFLICT (id) DO UPDATE SET upto = greatest(matching_purge.upto, excluded.upto)
""")  # noqa: S608


class Doubt(RuntimeError):
    """The columns may not say what the database says: they are thrown away."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Up to where a team was read: a snapshot, of which database."""

    snapshot: str
    which: str


@dataclass(frozen=True, slots=True)
class Check:
    """What a session may do with a team that was read up to `seen`."""

    seen: Seen
    plain: bool
    """Whether the session sees what is committed, and only that."""
    changed: bool


def now(connection: Connection) -> Seen:
    """Where a connection's snapshot stands."""
    snapshot, which = connection.execute(_NOW).one()
    return Seen(snapshot, which)


def check(session: Session, seen: Seen) -> Check:
    """One cheap query: is there anything new? Raises Doubt when that cannot be told any more."""
    row = session.execute(_CHECK, {"seen": seen.snapshot}).one()
    if row.which != seen.which or row.forgotten or row.older:
        raise Doubt
    return Check(Seen(row.now, row.which), row.plain, row.changed)


def catch_up(team: Team, connection: Connection, seen: Seen) -> Seen:
    """Read again what changed since `seen`, in the connection's one snapshot; where it stands then.

    Raises Doubt when everything is to be read anew, and what `Team.reload` raises.
    """
    new = now(connection)
    if new.which != seen.which:
        raise Doubt
    touched = _touched(connection, connection.execute(_READ, {"seen": seen.snapshot}))
    if sum(len(peers) for peers in touched.values()) > MOST:
        raise Doubt
    with team.lock:
        for part in PARTS:  # new peers first
            if touched.get(part):
                team.reload(part, connection, touched[part])
    return new


def _touched(connection: Connection, changes: Iterable[Any]) -> Mapping[str, Collection[int]]:
    """The peers of each part to be read again."""
    found: dict[str, set[int]] = defaultdict(set)
    for part, subject_id in changes:
        found[part].add(subject_id)
    if found.pop(EVERYTHING, None):
        raise Doubt
    held, moved = found.pop("demand_history", set()), found.pop("demand", set())
    found["history"] |= _peers_of(connection, held | moved)
    found["diary"] |= _peers_of(connection, moved)
    if set(found) - set(PARTS):
        raise Doubt
    return found


def _peers_of(connection: Connection, demands: set[int]) -> set[int]:
    return set(connection.scalars(_PEERS_OF, {"demands": list(demands)})) if demands else set()


def forget_changes(session: Session, *, clock: Clock) -> None:
    """Forget what every process has had the time to read (real time, whatever the business clock says)."""
    session.execute(_FORGET)
