"""What the database refuses of a long work: to leave its end, to skip a step of its life, to go back a turn."""

from typing import Final

from entrepairs.outbox.states import ENDED, RUN_TRANSITIONS


def _listed(values: list[str]) -> str:
    return ", ".join(values)


_ENDS: Final = _listed(sorted(f"'{state}'" for state in ENDED))
_MOVES: Final = _listed(sorted({f"('{before}', '{after}')" for (before, _), after in RUN_TRANSITIONS.items()}))

_RUN: Final = f"""
CREATE OR REPLACE FUNCTION guard_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state IN ({_ENDS}) OR NEW.turn < OLD.turn THEN
        RAISE EXCEPTION 'a run is kept as it ended' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN ({_MOVES}) THEN
        RAISE EXCEPTION 'a run does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""

GUARDS: Final = (
    _RUN,
    "CREATE OR REPLACE TRIGGER trg_run_life BEFORE UPDATE OR DELETE ON run FOR EACH ROW EXECUTE FUNCTION guard_run()",
)
