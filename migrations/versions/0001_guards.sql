CREATE OR REPLACE FUNCTION guard_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are written once', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
-- next
CREATE OR REPLACE TRIGGER trg_audit_entry_insert_only BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION guard_insert_only()
-- next
CREATE OR REPLACE TRIGGER trg_audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION guard_insert_only()
-- next
CREATE OR REPLACE TRIGGER trg_transition_insert_only BEFORE UPDATE OR DELETE ON transition FOR EACH ROW EXECUTE FUNCTION guard_insert_only()
-- next
CREATE OR REPLACE TRIGGER trg_transition_no_truncate BEFORE TRUNCATE ON transition FOR EACH STATEMENT EXECUTE FUNCTION guard_insert_only()
-- next
CREATE OR REPLACE TRIGGER trg_audit_seal_insert_only BEFORE UPDATE OR DELETE ON audit_seal FOR EACH ROW EXECUTE FUNCTION guard_insert_only()
-- next
CREATE OR REPLACE TRIGGER trg_audit_seal_no_truncate BEFORE TRUNCATE ON audit_seal FOR EACH STATEMENT EXECUTE FUNCTION guard_insert_only()
-- next
CREATE OR REPLACE TRIGGER trg_stored_file_insert_only BEFORE UPDATE OR DELETE ON stored_file FOR EACH ROW EXECUTE FUNCTION guard_insert_only()
-- next
CREATE OR REPLACE TRIGGER trg_stored_file_no_truncate BEFORE TRUNCATE ON stored_file FOR EACH STATEMENT EXECUTE FUNCTION guard_insert_only()
-- next
CREATE OR REPLACE TRIGGER trg_acceptance_insert_only BEFORE UPDATE OR DELETE ON acceptance FOR EACH ROW EXECUTE FUNCTION guard_insert_only()
-- next
CREATE OR REPLACE TRIGGER trg_acceptance_no_truncate BEFORE TRUNCATE ON acceptance FOR EACH STATEMENT EXECUTE FUNCTION guard_insert_only()
-- next
CREATE OR REPLACE FUNCTION guard_sent_quote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND (
        TG_OP = 'DELETE' OR NEW.state = 'draft' OR
        (NEW.net, NEW.vat, NEW.gross, NEW.issued_on, NEW.valid_until, NEW.file_id, NEW.quote_id, NEW.number, NEW.sent_at)
        IS DISTINCT FROM
        (OLD.net, OLD.vat, OLD.gross, OLD.issued_on, OLD.valid_until, OLD.file_id, OLD.quote_id, OLD.number, OLD.sent_at)
    ) THEN
        RAISE EXCEPTION 'a quote that was sent is frozen' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
-- next
CREATE OR REPLACE TRIGGER trg_quote_version_frozen BEFORE UPDATE OR DELETE ON quote_version FOR EACH ROW EXECUTE FUNCTION guard_sent_quote()
-- next
CREATE OR REPLACE FUNCTION guard_sent_quote_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM quote_version WHERE state <> 'draft' AND (
                   (TG_OP <> 'DELETE' AND id = NEW.version_id) OR (TG_OP <> 'INSERT' AND id = OLD.version_id))) THEN
        RAISE EXCEPTION 'a quote that was sent is frozen' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
-- next
CREATE OR REPLACE TRIGGER trg_quote_line_frozen BEFORE INSERT OR UPDATE OR DELETE ON quote_line FOR EACH ROW EXECUTE FUNCTION guard_sent_quote_line()
-- next
CREATE OR REPLACE FUNCTION guard_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state IN ('done', 'failed', 'stopped') OR NEW.turn < OLD.turn THEN
        RAISE EXCEPTION 'a run is kept as it ended' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (('queued', 'failed'), ('queued', 'running'), ('queued', 'stopped'), ('running', 'done'), ('running', 'failed'), ('running', 'queued'), ('running', 'running'), ('running', 'stopped')) THEN
        RAISE EXCEPTION 'a run does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE TRIGGER trg_run_life BEFORE UPDATE OR DELETE ON run FOR EACH ROW EXECUTE FUNCTION guard_run()
-- next
CREATE OR REPLACE FUNCTION guard_plan_proposal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'proposed' OR (NEW.line_id, NEW.peer_id, NEW.km, NEW.parts)
        IS DISTINCT FROM (OLD.line_id, OLD.peer_id, OLD.km, OLD.parts) THEN
        RAISE EXCEPTION 'what a plan proposed is kept' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE TRIGGER trg_plan_proposal_kept BEFORE UPDATE OR DELETE ON plan_proposal FOR EACH ROW EXECUTE FUNCTION guard_plan_proposal()
-- next
CREATE OR REPLACE FUNCTION guard_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.concluded_at IS NOT NULL THEN
        RAISE EXCEPTION 'what a plan found is kept' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE TRIGGER trg_plan_kept BEFORE UPDATE OR DELETE ON plan FOR EACH ROW EXECUTE FUNCTION guard_plan()
-- next
CREATE OR REPLACE TRIGGER trg_plan_hours_insert_only BEFORE UPDATE OR DELETE ON plan_hours FOR EACH ROW EXECUTE FUNCTION guard_insert_only()
-- next
CREATE OR REPLACE FUNCTION guard_entry_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
    debits bigint;
    credits bigint;
    lines bigint;
BEGIN
    IF TG_TABLE_NAME = 'entry' THEN
        wanted := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        wanted := OLD.entry_id;
    ELSE
        wanted := NEW.entry_id;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM entry WHERE id = wanted) THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(sum(debit), 0), coalesce(sum(credit), 0), count(*)
        INTO debits, credits, lines FROM entry_line WHERE entry_id = wanted;
    IF debits <> credits OR lines < 2 THEN
        RAISE EXCEPTION 'entry % does not balance: debit %, credit %, % lines', wanted, debits, credits, lines
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_balanced';
    END IF;
    RETURN NULL;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_entry_validated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'validated' THEN
        RAISE EXCEPTION 'entry % is validated: it never changes', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_validated_frozen';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_entry_line_validated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (TG_OP <> 'INSERT' AND EXISTS (SELECT 1 FROM entry WHERE id = OLD.entry_id AND state = 'validated'))
        OR (TG_OP <> 'DELETE' AND EXISTS (SELECT 1 FROM entry WHERE id = NEW.entry_id AND state = 'validated')) THEN
        RAISE EXCEPTION 'the lines of a validated entry never change'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_validated_frozen';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_line_axis_validated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (TG_OP <> 'INSERT' AND EXISTS (SELECT 1 FROM entry_line l JOIN entry e ON e.id = l.entry_id
                                      WHERE l.id = OLD.line_id AND e.state = 'validated'))
        OR (TG_OP <> 'DELETE' AND EXISTS (SELECT 1 FROM entry_line l JOIN entry e ON e.id = l.entry_id
                                          WHERE l.id = NEW.line_id AND e.state = 'validated')) THEN
        RAISE EXCEPTION 'the axes of a validated entry never change'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_validated_frozen';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_ledger_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_validated_frozen';
END $$
-- next
DROP TRIGGER IF EXISTS trg_entry_balanced ON entry
-- next
CREATE CONSTRAINT TRIGGER trg_entry_balanced AFTER INSERT OR UPDATE ON entry DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_entry_balanced()
-- next
DROP TRIGGER IF EXISTS trg_entry_line_balanced ON entry_line
-- next
CREATE CONSTRAINT TRIGGER trg_entry_line_balanced AFTER INSERT OR UPDATE OR DELETE ON entry_line DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_entry_balanced()
-- next
CREATE OR REPLACE TRIGGER trg_entry_validated BEFORE UPDATE OR DELETE ON entry FOR EACH ROW EXECUTE FUNCTION guard_entry_validated()
-- next
CREATE OR REPLACE TRIGGER trg_entry_line_validated BEFORE INSERT OR UPDATE OR DELETE ON entry_line FOR EACH ROW EXECUTE FUNCTION guard_entry_line_validated()
-- next
CREATE OR REPLACE TRIGGER trg_line_axis_validated BEFORE INSERT OR UPDATE OR DELETE ON line_axis FOR EACH ROW EXECUTE FUNCTION guard_line_axis_validated()
-- next
CREATE OR REPLACE TRIGGER trg_entry_truncate BEFORE TRUNCATE ON entry FOR EACH STATEMENT EXECUTE FUNCTION guard_ledger_truncate()
-- next
CREATE OR REPLACE TRIGGER trg_entry_line_truncate BEFORE TRUNCATE ON entry_line FOR EACH STATEMENT EXECUTE FUNCTION guard_ledger_truncate()
-- next
CREATE OR REPLACE TRIGGER trg_line_axis_truncate BEFORE TRUNCATE ON line_axis FOR EACH STATEMENT EXECUTE FUNCTION guard_ledger_truncate()
-- next
CREATE OR REPLACE FUNCTION guard_invoice_issued() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'issued' THEN
        RAISE EXCEPTION 'an issued invoice never changes'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'invoice_issued_frozen';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_invoice_parts_issued() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        SELECT state INTO found FROM invoice WHERE id = OLD.invoice_id FOR SHARE;
    END IF;
    IF found IS DISTINCT FROM 'issued' AND TG_OP <> 'DELETE' THEN
        SELECT state INTO found FROM invoice WHERE id = NEW.invoice_id FOR SHARE;
    END IF;
    IF found = 'issued' THEN
        RAISE EXCEPTION 'an issued invoice never changes'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'invoice_issued_frozen';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_invoice_file() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'the issued files never change'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'invoice_issued_frozen';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_settlement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'a settlement never changes: write the opposite one'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'invoice_issued_frozen';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_billing_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'invoices are never emptied'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'invoice_issued_frozen';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_billed_service_issued() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.service_id = OLD.service_id AND NEW.line_id = OLD.line_id AND OLD.released_at IS NULL THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT 1 FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
                                        WHERE l.id = OLD.line_id AND i.state = 'issued') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a billed service is only ever released, once'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'invoice_issued_frozen';
END $$
-- next
CREATE OR REPLACE TRIGGER trg_invoice_issued BEFORE UPDATE OR DELETE ON invoice FOR EACH ROW EXECUTE FUNCTION guard_invoice_issued()
-- next
CREATE OR REPLACE TRIGGER trg_invoice_line_issued BEFORE INSERT OR UPDATE OR DELETE ON invoice_line FOR EACH ROW EXECUTE FUNCTION guard_invoice_parts_issued()
-- next
CREATE OR REPLACE TRIGGER trg_vat_line_issued BEFORE INSERT OR UPDATE OR DELETE ON vat_line FOR EACH ROW EXECUTE FUNCTION guard_invoice_parts_issued()
-- next
CREATE OR REPLACE TRIGGER trg_invoice_file_frozen BEFORE UPDATE OR DELETE ON invoice_file FOR EACH ROW EXECUTE FUNCTION guard_invoice_file()
-- next
CREATE OR REPLACE TRIGGER trg_settlement_frozen BEFORE UPDATE OR DELETE ON settlement FOR EACH ROW EXECUTE FUNCTION guard_settlement()
-- next
CREATE OR REPLACE TRIGGER trg_billed_service_issued BEFORE UPDATE OR DELETE ON billed_service FOR EACH ROW EXECUTE FUNCTION guard_billed_service_issued()
-- next
CREATE OR REPLACE TRIGGER trg_invoice_truncate BEFORE TRUNCATE ON invoice FOR EACH STATEMENT EXECUTE FUNCTION guard_billing_truncate()
-- next
CREATE OR REPLACE TRIGGER trg_invoice_line_truncate BEFORE TRUNCATE ON invoice_line FOR EACH STATEMENT EXECUTE FUNCTION guard_billing_truncate()
-- next
CREATE OR REPLACE TRIGGER trg_vat_line_truncate BEFORE TRUNCATE ON vat_line FOR EACH STATEMENT EXECUTE FUNCTION guard_billing_truncate()
-- next
CREATE OR REPLACE TRIGGER trg_invoice_file_truncate BEFORE TRUNCATE ON invoice_file FOR EACH STATEMENT EXECUTE FUNCTION guard_billing_truncate()
-- next
CREATE OR REPLACE TRIGGER trg_settlement_truncate BEFORE TRUNCATE ON settlement FOR EACH STATEMENT EXECUTE FUNCTION guard_billing_truncate()
-- next
CREATE OR REPLACE TRIGGER trg_billed_service_truncate BEFORE TRUNCATE ON billed_service FOR EACH STATEMENT EXECUTE FUNCTION guard_billing_truncate()
-- next
DO $$
DECLARE frozen text;
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'entrepairs_app') THEN
        GRANT USAGE ON SCHEMA public TO entrepairs_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO entrepairs_app;
        GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO entrepairs_app;
        FOREACH frozen IN ARRAY ARRAY['audit_entry', 'transition', 'audit_seal', 'stored_file', 'acceptance', 'settlement'] LOOP
            EXECUTE format('REVOKE UPDATE, DELETE ON %I FROM entrepairs_app', frozen);
        END LOOP;
        REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM entrepairs_app;
    END IF;
END $$
