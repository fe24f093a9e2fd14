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
-- next
CREATE OR REPLACE TRIGGER trg_financed_demand_frozen BEFORE INSERT OR UPDATE OR DELETE ON financed_demand FOR EACH ROW EXECUTE FUNCTION guard_financed_demand()
-- next
CREATE OR REPLACE TRIGGER trg_financed_demand_truncate BEFORE TRUNCATE ON financed_demand FOR EACH STATEMENT EXECUTE FUNCTION guard_financed_demand()
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
