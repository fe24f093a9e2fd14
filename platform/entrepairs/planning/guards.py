"""What the database refuses of a plan: to change what was found, or to send twice what was sent."""

from typing import Final

_PROPOSAL: Final = """
CREATE OR REPLACE FUNCTION guard_plan_proposal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'proposed' OR (NEW.line_id, NEW.peer_id, NEW.km, NEW.parts, NEW.replaces_id, NEW.gain)
        IS DISTINCT FROM (OLD.line_id, OLD.peer_id, OLD.km, OLD.parts, OLD.replaces_id, OLD.gain) THEN
        RAISE EXCEPTION 'what a plan proposed is kept' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""

_PLAN: Final = """
CREATE OR REPLACE FUNCTION guard_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.concluded_at IS NOT NULL THEN
        RAISE EXCEPTION 'what a plan found is kept' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""

GUARDS: Final = (
    _PROPOSAL,
    (
        "CREATE OR REPLACE TRIGGER trg_plan_proposal_kept BEFORE UPDATE OR DELETE ON plan_proposal "
        "FOR EACH ROW EXECUTE FUNCTION guard_plan_proposal()"
    ),
    _PLAN,
    (
        "CREATE OR REPLACE TRIGGER trg_plan_kept BEFORE UPDATE OR DELETE ON plan "
        "FOR EACH ROW EXECUTE FUNCTION guard_plan()"
    ),
    (
        "CREATE OR REPLACE TRIGGER trg_plan_movable_insert_only BEFORE UPDATE OR DELETE ON plan_movable "
        "FOR EACH ROW EXECUTE FUNCTION guard_insert_only()"
    ),
    (
        "CREATE OR REPLACE TRIGGER trg_plan_hours_insert_only BEFORE UPDATE OR DELETE ON plan_hours "
        "FOR EACH ROW EXECUTE FUNCTION guard_insert_only()"
    ),
)
