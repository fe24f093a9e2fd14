CREATE OR REPLACE FUNCTION guard_accounting_year() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW.opening_reserved <> OLD.opening_reserved
        OR OLD.closed_at IS NOT NULL
        OR (OLD.closed_through IS NOT NULL AND (NEW.closed_through IS NULL OR NEW.closed_through < OLD.closed_through)) THEN
        RAISE EXCEPTION 'a closed period never opens again'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'accounting_year_frozen';
    END IF;
    IF (NEW.year, NEW.first_day, NEW.last_day) <> (OLD.year, OLD.first_day, OLD.last_day) AND (
        OLD.closed_through IS NOT NULL
        OR EXISTS (SELECT 1 FROM entry WHERE state = 'validated' AND fiscal_year = OLD.year)) THEN
        RAISE EXCEPTION 'the days of the exercise % are kept: an entry is validated in it', OLD.year
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'accounting_year_days_kept';
    END IF;
    IF NEW.closed_through IS DISTINCT FROM OLD.closed_through AND EXISTS (
        SELECT 1 FROM entry WHERE state = 'draft' AND fiscal_year = NEW.year AND entry_date <= NEW.closed_through) THEN
        RAISE EXCEPTION 'drafts are left in the period'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'accounting_year_drafts';
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_accounting_year_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before date;
    after date;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('accounting_year'));
    SELECT max(last_day) INTO before FROM accounting_year WHERE last_day < NEW.first_day;
    SELECT min(first_day) INTO after FROM accounting_year WHERE first_day > NEW.last_day;
    IF before < NEW.first_day - 1 OR after > NEW.last_day + 1 THEN
        RAISE EXCEPTION 'no day is left between two exercises'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'accounting_year_follows';
    END IF;
    IF NEW.last_day >= NEW.first_day + make_interval(months => (CASE WHEN before IS NULL THEN 24 ELSE 12 END)) THEN
        RAISE EXCEPTION 'the exercise % is too long', NEW.year
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'accounting_year_length';
    END IF;
    RETURN NULL;
END $$
-- next
CREATE OR REPLACE TRIGGER trg_accounting_year_follows AFTER INSERT OR UPDATE OF first_day, last_day ON accounting_year FOR EACH ROW EXECUTE FUNCTION guard_accounting_year_follows()
