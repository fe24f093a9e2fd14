CREATE OR REPLACE TRIGGER trg_invoice_attachment_issued BEFORE INSERT OR UPDATE OR DELETE ON invoice_attachment FOR EACH ROW EXECUTE FUNCTION guard_invoice_parts_issued()
-- next
CREATE OR REPLACE TRIGGER trg_invoice_attachment_truncate BEFORE TRUNCATE ON invoice_attachment FOR EACH STATEMENT EXECUTE FUNCTION guard_billing_truncate()
-- next
DO $$
DECLARE frozen text;
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'entrepairs_app') THEN
        GRANT USAGE ON SCHEMA public TO entrepairs_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO entrepairs_app;
        GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO entrepairs_app;
        FOREACH frozen IN ARRAY ARRAY['audit_entry', 'transition', 'audit_seal', 'stored_file', 'acceptance', 'settlement',
                'invoice_event'] LOOP
            EXECUTE format('REVOKE UPDATE, DELETE ON %I FROM entrepairs_app', frozen);
        END LOOP;
        REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM entrepairs_app;
    END IF;
END $$
