CREATE OR REPLACE FUNCTION guard_number_series() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND (NEW.next <= 2 OR NEW.series IN ('FA', 'AV'))
            OR TG_OP = 'UPDATE' AND NEW.series = OLD.series AND NEW.year = OLD.year
               AND (NEW.next = OLD.next + 1 OR NEW.series IN ('FA', 'AV') AND NEW.next > OLD.next) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'legal numbers follow each other'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'numbers_continuous';
END $$
-- next
CREATE OR REPLACE FUNCTION guard_number_borne() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    since int := CASE WHEN TG_OP = 'UPDATE' THEN OLD.next ELSE 1 END;
    digits text;
BEGIN
    IF NEW.series NOT IN ('FA', 'AV') THEN
        RETURN NULL;
    END IF;
    FOR taken IN since .. NEW.next - 1 LOOP
        digits := lpad(taken::text, greatest(5, length(taken::text)), '0');
        IF NOT EXISTS (SELECT 1 FROM invoice WHERE state = 'issued' AND number = NEW.series || NEW.year || '-' || digits) THEN
            RAISE EXCEPTION 'a number that was taken is borne by an issued invoice'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'numbers_continuous';
        END IF;
    END LOOP;
    RETURN NULL;
END $$
