CREATE OR REPLACE FUNCTION guard_credit_approval() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    threshold bigint;
    alone bigint := NEW.gross;
BEGIN
    IF NEW.kind <> 'credit_note' OR NEW.state <> 'issued' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' OR OLD.state <> 'issued' THEN
        SELECT alone + coalesce(sum(other.gross), 0) INTO alone FROM invoice other
            WHERE other.corrected_id = NEW.corrected_id AND other.kind = 'credit_note' AND other.state = 'issued'
                AND other.approved_by IS NULL AND other.id <> NEW.id;
    END IF;
    SELECT (value #>> '{}')::bigint INTO threshold FROM decision
        WHERE key = 'billing.credit_approval_cents' AND valid @> NEW.issue_date;
    IF alone > threshold AND (NEW.prepared_by IS NULL OR NEW.approved_by IS NULL OR NEW.approved_by = NEW.prepared_by) THEN
        RAISE EXCEPTION 'a credit note above the threshold is approved by a second person'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'credit_second_person';
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_refund_approval() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    threshold bigint;
    alone bigint := NEW.cents;
    waited boolean := false;
BEGIN
    IF NEW.origin <> 'office' OR NEW.state IN ('waiting', 'refused') OR NEW.approved_by IS NOT NULL THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' THEN
        SELECT alone + coalesce(sum(other.cents), 0) INTO alone FROM stripe_refund other
            JOIN checkout_payment paid ON paid.id = other.payment_id
            WHERE paid.invoice_id = (SELECT invoice_id FROM checkout_payment WHERE id = NEW.payment_id)
                AND other.origin = 'office' AND other.approved_by IS NULL
                AND other.state NOT IN ('waiting', 'refused', 'failed') AND other.id <> NEW.id;
    ELSE
        waited := OLD.state = 'waiting';
    END IF;
    SELECT (value #>> '{}')::bigint INTO threshold FROM decision
        WHERE key = 'billing.credit_approval_cents' AND valid @> NEW.asked_on;
    IF waited OR alone > threshold THEN
        RAISE EXCEPTION 'money above the threshold is given back by two people'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'refund_second_person';
    END IF;
    RETURN NEW;
END $$
