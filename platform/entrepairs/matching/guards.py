"""The triggers that tell the columns in memory what changed, in the transaction that changes it.

The statements are idempotent and run by the owner's role in the migrations.
"""

from collections.abc import Iterator
from typing import Final

EVERYTHING: Final = "everything"
"""A change after which the columns are built anew."""
WATCHED: Final = {
    "peer": ("peers", "id"),
    "peer_language": ("languages", "peer_id"),
    "peer_theme": ("themes", "peer_id"),
    "qualification": ("held", "peer_id"),
    "learning": ("learning", "peer_id"),
    "availability": ("hours", "peer_id"),
    "absence": ("absences", "peer_id"),
    "pause": ("pauses", "peer_id"),
    "training_days": ("training", "peer_id"),
    "exclusion": ("exclusions", "peer_id"),
    "clearance": ("papers", "peer_id"),
    "refused_colleague": ("refusals", "peer_id"),
    "booking": ("diary", "peer_id"),
    "assignment": ("history", "peer_id", "demand_history", "demand_id"),
    "support": ("supervision", "peer_id"),
    "commune": (EVERYTHING, "0"),
}
"""By table: what is read again and the column that says of whom, by pairs."""
_PLACE: Final = ("place_kind", "site_id", "commune_insee", "offering_id", "kind")
_VOTES: Final = "key IN ('supervision.every_days', 'supervision.every_hours')"


def _changed(*columns: str) -> str:
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
    return f"ROW({old}) IS DISTINCT FROM ROW({new})"


ROWS: Final = (
    ("demand_update", "UPDATE ON demand", _changed(*_PLACE), "demand"),
    ("site_update", "UPDATE ON site", _changed("commune_insee"), EVERYTHING),
    ("offering_update", "UPDATE ON offering", _changed("preparation_minutes"), EVERYTHING),
    ("decision_write", "INSERT OR UPDATE ON decision", f"NEW.{_VOTES}", EVERYTHING),
    ("decision_delete", "DELETE ON decision", f"OLD.{_VOTES}", EVERYTHING),
)
"""Tables of which only some rows matter: when, and what is read again."""

_NOTE: Final = """
CREATE OR REPLACE FUNCTION guard_matching_statement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE place integer := 0;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO matching_change (part, subject_id) VALUES ('everything', 0);
        RETURN NULL;
    END IF;
    WHILE place < TG_NARGS LOOP
        EXECUTE format('INSERT INTO matching_change (part, subject_id) SELECT DISTINCT %L, %s FROM touched',
                       TG_ARGV[place], TG_ARGV[place + 1]);
        IF TG_OP = 'UPDATE' THEN
            EXECUTE format('INSERT INTO matching_change (part, subject_id)
                            SELECT %1$L, %2$s FROM before EXCEPT SELECT %1$L, %2$s FROM touched',
                           TG_ARGV[place], TG_ARGV[place + 1]);
        END IF;
        place := place + 2;
    END LOOP;
    RETURN NULL;
END $$
"""
_NOTE_ROW: Final = """
CREATE OR REPLACE FUNCTION guard_matching_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO matching_change (part, subject_id)
    VALUES (TG_ARGV[0], CASE TG_ARGV[0] WHEN 'everything' THEN 0 ELSE NEW.id END);
    RETURN NULL;
END $$
"""
_SEEN: Final = {
    "INSERT": "REFERENCING NEW TABLE AS touched",
    "DELETE": "REFERENCING OLD TABLE AS touched",
    "UPDATE": "REFERENCING NEW TABLE AS touched OLD TABLE AS before",
    "TRUNCATE": "",
}


def _statements() -> Iterator[str]:
    for table, told in WATCHED.items():
        given = ", ".join(f"'{word}'" for word in told)
        for event, seen in _SEEN.items():
            yield (
                f"CREATE OR REPLACE TRIGGER trg_{table}_matching_{event.lower()} AFTER {event} ON {table} {seen}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement({given})"
            )


def _row_statements() -> Iterator[str]:
    for name, event, when, part in ROWS:
        yield (
            f"CREATE OR REPLACE TRIGGER trg_{name}_matching AFTER {event}"
            f" FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION guard_matching_row('{part}')"
        )


GUARDS: Final = (_NOTE, _NOTE_ROW, *_statements(), *_row_statements())
