CREATE OR REPLACE FUNCTION guard_invoice_numbered() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    letters text := CASE NEW.kind WHEN 'credit_note' THEN 'AV' ELSE 'FA' END;
    head text := letters || extract(year FROM NEW.issue_date)::int || '-';
    last int;
BEGIN
    IF NEW.state <> 'issued' THEN
        RETURN NEW;
    END IF;
    SELECT next - 1 INTO last FROM number_series
        WHERE series = letters AND year = extract(year FROM NEW.issue_date)::int;
    IF left(NEW.number, length(head)) = head AND substr(NEW.number, length(head) + 1) ~ '^[0-9]{5,9}$' THEN
        IF substr(NEW.number, length(head) + 1)::int BETWEEN 1 AND last THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the number of an invoice is taken from its series'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'numbers_continuous';
END $$
-- next
CREATE OR REPLACE FUNCTION guard_number_borne() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    taken text := (NEW.next - 1)::text;
BEGIN
    IF NEW.next = 1 OR NEW.series NOT IN ('FA', 'AV') OR EXISTS (SELECT 1 FROM invoice WHERE state = 'issued'
            AND number = NEW.series || NEW.year || '-' || lpad(taken, greatest(5, length(taken)), '0')) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'a number that was taken is borne by an issued invoice'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'numbers_continuous';
END $$
-- next
CREATE OR REPLACE TRIGGER trg_invoice_numbered BEFORE INSERT OR UPDATE ON invoice FOR EACH ROW EXECUTE FUNCTION guard_invoice_numbered()
-- next
DROP TRIGGER IF EXISTS trg_number_series_borne ON number_series
-- next
CREATE CONSTRAINT TRIGGER trg_number_series_borne AFTER INSERT OR UPDATE ON number_series DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_number_borne()
