"""What the database itself refuses: changing what was done under a grant once its report has left for the funder."""

from typing import Final

from entrepairs.triggers import before_row, never_emptied

# FOR SHARE: a demand tied while somebody says that the report has left waits, then is refused.
_FROZEN: Final = """
CREATE OR REPLACE FUNCTION guard_financed_demand() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stands text;
BEGIN
    IF TG_OP IN ('UPDATE', 'TRUNCATE') THEN
        RAISE EXCEPTION 'what a grant finances is tied or taken off, never changed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'grant_reported';
    END IF;
    SELECT state INTO stands FROM grant_funding
        WHERE id = CASE TG_OP WHEN 'DELETE' THEN OLD.grant_id ELSE NEW.grant_id END FOR SHARE;
    IF stands NOT IN ('notified', 'running') THEN
        RAISE EXCEPTION 'a grant takes demands from its notification until its report has left'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'grant_reported';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
"""

GUARDS: Final = (
    _FROZEN,
    before_row("financed_demand", "frozen", "INSERT OR UPDATE OR DELETE", "guard_financed_demand"),
    never_emptied("financed_demand", "guard_financed_demand"),
)
