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
CREATE OR REPLACE TRIGGER trg_invoice_event_insert_only BEFORE UPDATE OR DELETE ON invoice_event FOR EACH ROW EXECUTE FUNCTION guard_insert_only()
-- next
CREATE OR REPLACE TRIGGER trg_invoice_event_no_truncate BEFORE TRUNCATE ON invoice_event FOR EACH STATEMENT EXECUTE FUNCTION guard_insert_only()
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
    IF TG_OP = 'DELETE' OR OLD.state <> 'proposed' OR (NEW.line_id, NEW.peer_id, NEW.km, NEW.parts, NEW.replaces_id, NEW.gain)
        IS DISTINCT FROM (OLD.line_id, OLD.peer_id, OLD.km, OLD.parts, OLD.replaces_id, OLD.gain) THEN
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
CREATE OR REPLACE TRIGGER trg_plan_movable_insert_only BEFORE UPDATE OR DELETE ON plan_movable FOR EACH ROW EXECUTE FUNCTION guard_insert_only()
-- next
CREATE OR REPLACE TRIGGER trg_plan_hours_insert_only BEFORE UPDATE OR DELETE ON plan_hours FOR EACH ROW EXECUTE FUNCTION guard_insert_only()
-- next
CREATE OR REPLACE FUNCTION guard_entry_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
    debits bigint;
    credits bigint;
    lines bigint;
    astray bigint;
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
    SELECT coalesce(sum(l.debit), 0), coalesce(sum(l.credit), 0), count(*),
           count(*) FILTER (WHERE l.counted_on IS DISTINCT FROM
                                  CASE WHEN e.state = 'validated' THEN e.entry_date END)
        INTO debits, credits, lines, astray
        FROM entry e LEFT JOIN entry_line l ON l.entry_id = e.id WHERE e.id = wanted;
    IF astray > 0 AND lines > 1 THEN
        RAISE EXCEPTION 'lines of entry % do not count on its day', wanted
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_counted';
    END IF;
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
    IF TG_OP = 'UPDATE' THEN
        IF to_jsonb(NEW) - 'lettering_id' = to_jsonb(OLD) - 'lettering_id' THEN
            RETURN NEW;
        END IF;
    END IF;
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
CREATE OR REPLACE FUNCTION guard_entry_numbered() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    y accounting_year%ROWTYPE;
    last bigint;
    wanted bigint;
BEGIN
    IF NEW.state <> 'validated' OR (TG_OP = 'UPDATE' AND OLD.state = 'validated') THEN
        RETURN NEW;
    END IF;
    SELECT * INTO y FROM accounting_year WHERE year = NEW.fiscal_year FOR NO KEY UPDATE;
    IF NEW.entry_date NOT BETWEEN y.first_day AND y.last_day THEN
        RAISE EXCEPTION 'entry of % is not in the year %', NEW.entry_date, NEW.fiscal_year
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_in_year';
    END IF;
    IF y.closed_at IS NOT NULL OR (NEW.entry_date <= y.closed_through AND NEW.journal_code <> 'AN') THEN
        RAISE EXCEPTION 'the books are closed through %', y.closed_through
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_period_closed';
    END IF;
    SELECT max(number) INTO last FROM entry WHERE fiscal_year = NEW.fiscal_year AND state = 'validated';
    wanted := coalesce(last, CASE WHEN y.opening_reserved THEN 1 ELSE 0 END) + 1;
    IF NEW.journal_code = 'AN' AND y.opening_reserved AND NOT EXISTS (
        SELECT 1 FROM entry WHERE fiscal_year = NEW.fiscal_year AND state = 'validated' AND number = 1) THEN
        wanted := 1;
    END IF;
    IF NEW.number IS DISTINCT FROM wanted THEN
        RAISE EXCEPTION 'entry number % out of turn: % comes next', NEW.number, wanted
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_number_in_turn';
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_accounting_year() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW.year <> OLD.year OR NEW.first_day <> OLD.first_day OR NEW.last_day <> OLD.last_day
        OR NEW.opening_reserved <> OLD.opening_reserved
        OR OLD.closed_at IS NOT NULL
        OR (OLD.closed_through IS NOT NULL AND (NEW.closed_through IS NULL OR NEW.closed_through < OLD.closed_through)) THEN
        RAISE EXCEPTION 'a closed period never opens again'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'accounting_year_frozen';
    END IF;
    IF NEW.closed_through IS DISTINCT FROM OLD.closed_through AND EXISTS (
        SELECT 1 FROM entry WHERE state = 'draft' AND fiscal_year = NEW.year AND entry_date <= NEW.closed_through) THEN
        RAISE EXCEPTION 'drafts are left in the period'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'accounting_year_drafts';
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_entry_line_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.debit > 0 AND EXISTS (SELECT 1 FROM ledger_account WHERE code = NEW.account_code AND frozen) THEN
        RAISE EXCEPTION 'what account % holds is never taken out', NEW.account_code
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_line_frozen_account';
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_ledger_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.frozen AND NOT (TG_OP = 'UPDATE' AND NEW.frozen AND NEW.code = OLD.code) THEN
        RAISE EXCEPTION 'account % is frozen by law', OLD.code
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_line_frozen_account';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_lettering_settles() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
BEGIN
    FOREACH wanted IN ARRAY ARRAY[OLD.lettering_id, NEW.lettering_id] LOOP
        IF EXISTS (SELECT 1 FROM entry_line l JOIN lettering g ON g.id = l.lettering_id WHERE g.id = wanted
                   HAVING sum(l.debit) <> sum(l.credit) OR count(*) FILTER (
                       WHERE l.account_code <> g.account_code OR l.aux_code <> g.aux_code OR l.counted_on IS NULL) > 0) THEN
            RAISE EXCEPTION 'lettering % does not settle', wanted
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'lettering_settles';
        END IF;
    END LOOP;
    RETURN NULL;
END $$
-- next
DROP TRIGGER IF EXISTS trg_entry_balanced ON entry
-- next
CREATE CONSTRAINT TRIGGER trg_entry_balanced AFTER INSERT OR UPDATE ON entry DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_entry_balanced()
-- next
DROP TRIGGER IF EXISTS trg_entry_line_balanced ON entry_line
-- next
CREATE CONSTRAINT TRIGGER trg_entry_line_balanced AFTER INSERT OR UPDATE OF entry_id, debit, credit, counted_on OR DELETE ON entry_line DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_entry_balanced()
-- next
CREATE OR REPLACE TRIGGER trg_entry_validated BEFORE UPDATE OR DELETE ON entry FOR EACH ROW EXECUTE FUNCTION guard_entry_validated()
-- next
CREATE OR REPLACE TRIGGER trg_entry_line_validated BEFORE INSERT OR UPDATE OR DELETE ON entry_line FOR EACH ROW EXECUTE FUNCTION guard_entry_line_validated()
-- next
CREATE OR REPLACE TRIGGER trg_line_axis_validated BEFORE INSERT OR UPDATE OR DELETE ON line_axis FOR EACH ROW EXECUTE FUNCTION guard_line_axis_validated()
-- next
CREATE OR REPLACE TRIGGER trg_entry_numbered BEFORE INSERT OR UPDATE ON entry FOR EACH ROW EXECUTE FUNCTION guard_entry_numbered()
-- next
CREATE OR REPLACE TRIGGER trg_accounting_year_frozen BEFORE UPDATE OR DELETE ON accounting_year FOR EACH ROW EXECUTE FUNCTION guard_accounting_year()
-- next
CREATE OR REPLACE TRIGGER trg_ledger_account_frozen BEFORE UPDATE OR DELETE ON ledger_account FOR EACH ROW EXECUTE FUNCTION guard_ledger_account()
-- next
CREATE OR REPLACE TRIGGER trg_entry_line_frozen BEFORE INSERT OR UPDATE OF debit, account_code ON entry_line FOR EACH ROW EXECUTE FUNCTION guard_entry_line_frozen()
-- next
DROP TRIGGER IF EXISTS trg_entry_line_lettered ON entry_line
-- next
CREATE CONSTRAINT TRIGGER trg_entry_line_lettered AFTER UPDATE OF lettering_id ON entry_line DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard_lettering_settles()
-- next
CREATE OR REPLACE TRIGGER trg_accounting_year_truncate BEFORE TRUNCATE ON accounting_year FOR EACH STATEMENT EXECUTE FUNCTION guard_ledger_truncate()
-- next
CREATE OR REPLACE TRIGGER trg_entry_truncate BEFORE TRUNCATE ON entry FOR EACH STATEMENT EXECUTE FUNCTION guard_ledger_truncate()
-- next
CREATE OR REPLACE TRIGGER trg_entry_line_truncate BEFORE TRUNCATE ON entry_line FOR EACH STATEMENT EXECUTE FUNCTION guard_ledger_truncate()
-- next
CREATE OR REPLACE TRIGGER trg_line_axis_truncate BEFORE TRUNCATE ON line_axis FOR EACH STATEMENT EXECUTE FUNCTION guard_ledger_truncate()
-- next
CREATE OR REPLACE FUNCTION guard_matching_statement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE place integer := 0;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO matching_change (part, subject_id) VALUES ('everything', 0);
        RETURN NULL;
    END IF;
    WHILE place < TG_NARGS LOOP
        EXECUTE format('INSERT INTO matching_change (part, subject_id) SELECT DISTINCT %L, %s FROM touched',
                       TG_ARGV[place], TG_ARGV[place + 1]);
        IF TG_OP = 'UPDATE' THEN
            EXECUTE format('INSERT INTO matching_change (part, subject_id)
                            SELECT %1$L, %2$s FROM before EXCEPT SELECT %1$L, %2$s FROM touched',
                           TG_ARGV[place], TG_ARGV[place + 1]);
        END IF;
        place := place + 2;
    END LOOP;
    RETURN NULL;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_matching_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO matching_change (part, subject_id)
    VALUES (TG_ARGV[0], CASE TG_ARGV[0] WHEN 'everything' THEN 0 ELSE NEW.id END);
    RETURN NULL;
END $$
-- next
CREATE OR REPLACE TRIGGER trg_peer_matching_insert AFTER INSERT ON peer REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('peers', 'id')
-- next
CREATE OR REPLACE TRIGGER trg_peer_matching_delete AFTER DELETE ON peer REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('peers', 'id')
-- next
CREATE OR REPLACE TRIGGER trg_peer_matching_update AFTER UPDATE ON peer REFERENCING NEW TABLE AS touched OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('peers', 'id')
-- next
CREATE OR REPLACE TRIGGER trg_peer_matching_truncate AFTER TRUNCATE ON peer  FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('peers', 'id')
-- next
CREATE OR REPLACE TRIGGER trg_peer_language_matching_insert AFTER INSERT ON peer_language REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('languages', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_peer_language_matching_delete AFTER DELETE ON peer_language REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('languages', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_peer_language_matching_update AFTER UPDATE ON peer_language REFERENCING NEW TABLE AS touched OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('languages', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_peer_language_matching_truncate AFTER TRUNCATE ON peer_language  FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('languages', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_peer_theme_matching_insert AFTER INSERT ON peer_theme REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('themes', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_peer_theme_matching_delete AFTER DELETE ON peer_theme REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('themes', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_peer_theme_matching_update AFTER UPDATE ON peer_theme REFERENCING NEW TABLE AS touched OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('themes', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_peer_theme_matching_truncate AFTER TRUNCATE ON peer_theme  FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('themes', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_qualification_matching_insert AFTER INSERT ON qualification REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('held', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_qualification_matching_delete AFTER DELETE ON qualification REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('held', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_qualification_matching_update AFTER UPDATE ON qualification REFERENCING NEW TABLE AS touched OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('held', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_qualification_matching_truncate AFTER TRUNCATE ON qualification  FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('held', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_learning_matching_insert AFTER INSERT ON learning REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('learning', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_learning_matching_delete AFTER DELETE ON learning REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('learning', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_learning_matching_update AFTER UPDATE ON learning REFERENCING NEW TABLE AS touched OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('learning', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_learning_matching_truncate AFTER TRUNCATE ON learning  FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('learning', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_availability_matching_insert AFTER INSERT ON availability REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('hours', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_availability_matching_delete AFTER DELETE ON availability REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('hours', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_availability_matching_update AFTER UPDATE ON availability REFERENCING NEW TABLE AS touched OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('hours', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_availability_matching_truncate AFTER TRUNCATE ON availability  FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('hours', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_absence_matching_insert AFTER INSERT ON absence REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('absences', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_absence_matching_delete AFTER DELETE ON absence REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('absences', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_absence_matching_update AFTER UPDATE ON absence REFERENCING NEW TABLE AS touched OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('absences', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_absence_matching_truncate AFTER TRUNCATE ON absence  FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('absences', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_pause_matching_insert AFTER INSERT ON pause REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('pauses', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_pause_matching_delete AFTER DELETE ON pause REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('pauses', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_pause_matching_update AFTER UPDATE ON pause REFERENCING NEW TABLE AS touched OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('pauses', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_pause_matching_truncate AFTER TRUNCATE ON pause  FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('pauses', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_training_days_matching_insert AFTER INSERT ON training_days REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('training', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_training_days_matching_delete AFTER DELETE ON training_days REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('training', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_training_days_matching_update AFTER UPDATE ON training_days REFERENCING NEW TABLE AS touched OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('training', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_training_days_matching_truncate AFTER TRUNCATE ON training_days  FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('training', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_exclusion_matching_insert AFTER INSERT ON exclusion REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('exclusions', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_exclusion_matching_delete AFTER DELETE ON exclusion REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('exclusions', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_exclusion_matching_update AFTER UPDATE ON exclusion REFERENCING NEW TABLE AS touched OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('exclusions', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_exclusion_matching_truncate AFTER TRUNCATE ON exclusion  FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('exclusions', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_clearance_matching_insert AFTER INSERT ON clearance REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('papers', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_clearance_matching_delete AFTER DELETE ON clearance REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('papers', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_clearance_matching_update AFTER UPDATE ON clearance REFERENCING NEW TABLE AS touched OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('papers', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_clearance_matching_truncate AFTER TRUNCATE ON clearance  FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('papers', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_refused_colleague_matching_insert AFTER INSERT ON refused_colleague REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('refusals', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_refused_colleague_matching_delete AFTER DELETE ON refused_colleague REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('refusals', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_refused_colleague_matching_update AFTER UPDATE ON refused_colleague REFERENCING NEW TABLE AS touched OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('refusals', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_refused_colleague_matching_truncate AFTER TRUNCATE ON refused_colleague  FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('refusals', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_booking_matching_insert AFTER INSERT ON booking REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('diary', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_booking_matching_delete AFTER DELETE ON booking REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('diary', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_booking_matching_update AFTER UPDATE ON booking REFERENCING NEW TABLE AS touched OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('diary', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_booking_matching_truncate AFTER TRUNCATE ON booking  FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('diary', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_assignment_matching_insert AFTER INSERT ON assignment REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('history', 'peer_id', 'demand_history', 'demand_id')
-- next
CREATE OR REPLACE TRIGGER trg_assignment_matching_delete AFTER DELETE ON assignment REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('history', 'peer_id', 'demand_history', 'demand_id')
-- next
CREATE OR REPLACE TRIGGER trg_assignment_matching_update AFTER UPDATE ON assignment REFERENCING NEW TABLE AS touched OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('history', 'peer_id', 'demand_history', 'demand_id')
-- next
CREATE OR REPLACE TRIGGER trg_assignment_matching_truncate AFTER TRUNCATE ON assignment  FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('history', 'peer_id', 'demand_history', 'demand_id')
-- next
CREATE OR REPLACE TRIGGER trg_support_matching_insert AFTER INSERT ON support REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('supervision', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_support_matching_delete AFTER DELETE ON support REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('supervision', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_support_matching_update AFTER UPDATE ON support REFERENCING NEW TABLE AS touched OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('supervision', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_support_matching_truncate AFTER TRUNCATE ON support  FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('supervision', 'peer_id')
-- next
CREATE OR REPLACE TRIGGER trg_commune_matching_insert AFTER INSERT ON commune REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('everything', '0')
-- next
CREATE OR REPLACE TRIGGER trg_commune_matching_delete AFTER DELETE ON commune REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('everything', '0')
-- next
CREATE OR REPLACE TRIGGER trg_commune_matching_update AFTER UPDATE ON commune REFERENCING NEW TABLE AS touched OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('everything', '0')
-- next
CREATE OR REPLACE TRIGGER trg_commune_matching_truncate AFTER TRUNCATE ON commune  FOR EACH STATEMENT EXECUTE FUNCTION guard_matching_statement('everything', '0')
-- next
CREATE OR REPLACE TRIGGER trg_demand_update_matching AFTER UPDATE ON demand FOR EACH ROW WHEN (ROW(OLD.place_kind, OLD.site_id, OLD.commune_insee, OLD.offering_id, OLD.kind) IS DISTINCT FROM ROW(NEW.place_kind, NEW.site_id, NEW.commune_insee, NEW.offering_id, NEW.kind)) EXECUTE FUNCTION guard_matching_row('demand')
-- next
CREATE OR REPLACE TRIGGER trg_site_update_matching AFTER UPDATE ON site FOR EACH ROW WHEN (ROW(OLD.commune_insee) IS DISTINCT FROM ROW(NEW.commune_insee)) EXECUTE FUNCTION guard_matching_row('everything')
-- next
CREATE OR REPLACE TRIGGER trg_offering_update_matching AFTER UPDATE ON offering FOR EACH ROW WHEN (ROW(OLD.preparation_minutes) IS DISTINCT FROM ROW(NEW.preparation_minutes)) EXECUTE FUNCTION guard_matching_row('everything')
-- next
CREATE OR REPLACE TRIGGER trg_decision_write_matching AFTER INSERT OR UPDATE ON decision FOR EACH ROW WHEN (NEW.key IN ('supervision.every_days', 'supervision.every_hours')) EXECUTE FUNCTION guard_matching_row('everything')
-- next
CREATE OR REPLACE TRIGGER trg_decision_delete_matching AFTER DELETE ON decision FOR EACH ROW WHEN (OLD.key IN ('supervision.every_days', 'supervision.every_hours')) EXECUTE FUNCTION guard_matching_row('everything')
-- next
CREATE OR REPLACE FUNCTION guard_agreement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.state <> 'draft'
        OR TG_OP = 'UPDATE' AND OLD.state <> 'draft' AND (NEW.ref, NEW.number, NEW.partner_id, NEW.title, NEW.valid, NEW.ceiling, NEW.record_access, NEW.payment_days, NEW.tacit_days, NEW.procurement_basis, NEW.file_id, NEW.created_at, NEW.grouping, NEW.yearly_engagement, NEW.cancel_notice_days, NEW.cancel_percent, NEW.end_of_month, NEW.late_rate) IS DISTINCT FROM (OLD.ref, OLD.number, OLD.partner_id, OLD.title, OLD.valid, OLD.ceiling, OLD.record_access, OLD.payment_days, OLD.tacit_days, OLD.procurement_basis, OLD.file_id, OLD.created_at, OLD.grouping, OLD.yearly_engagement, OLD.cancel_notice_days, OLD.cancel_percent, OLD.end_of_month, OLD.late_rate)
        OR TG_OP = 'UPDATE' AND OLD.state NOT IN ('draft', 'sent') AND (NEW.partner_signatory, NEW.partner_signatory_function, NEW.signed_on, NEW.signed_file_id) IS DISTINCT FROM (OLD.partner_signatory, OLD.partner_signatory_function, OLD.signed_on, OLD.signed_file_id)
        OR TG_OP = 'UPDATE' AND OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (('active', 'expired'), ('active', 'expiring'), ('active', 'terminated'), ('draft', 'active'), ('draft', 'sent'), ('expiring', 'expired'), ('expiring', 'terminated'), ('sent', 'active'), ('sent', 'terminated')) THEN
        RAISE EXCEPTION 'an agreement that was sent is frozen: only its state moves, as it may' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'signed_frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_agreement_price() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        SELECT state INTO found FROM agreement WHERE id = OLD.agreement_id FOR SHARE;
    END IF;
    IF coalesce(found, 'draft') = 'draft' AND TG_OP <> 'DELETE' THEN
        SELECT state INTO found FROM agreement WHERE id = NEW.agreement_id FOR SHARE;
    END IF;
    IF coalesce(found, 'draft') <> 'draft' THEN
        RAISE EXCEPTION 'the prices of an agreement that was sent are frozen' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'signed_frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_quote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.ref, NEW.number, NEW.demand_id, NEW.created_at) IS DISTINCT FROM (OLD.ref, OLD.number, OLD.demand_id, OLD.created_at)
        OR TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM quote_version WHERE quote_id = OLD.id AND state <> 'draft') THEN
        RAISE EXCEPTION 'a quote that was sent is frozen' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'signed_frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_sent_quote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.state <> 'draft'
        OR TG_OP = 'UPDATE' AND OLD.state <> 'draft' AND (NEW.quote_id, NEW.number, NEW.net, NEW.vat, NEW.gross, NEW.issued_on, NEW.valid_until, NEW.file_id, NEW.created_at, NEW.sent_at) IS DISTINCT FROM (OLD.quote_id, OLD.number, OLD.net, OLD.vat, OLD.gross, OLD.issued_on, OLD.valid_until, OLD.file_id, OLD.created_at, OLD.sent_at)
        OR TG_OP = 'UPDATE' AND OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (('draft', 'sent'), ('draft', 'superseded'), ('expired', 'accepted'), ('sent', 'accepted'), ('sent', 'expired'), ('sent', 'refused'), ('sent', 'superseded')) THEN
        RAISE EXCEPTION 'a quote that was sent is frozen: only its state moves, as it may' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'signed_frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_sent_quote_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        SELECT state INTO found FROM quote_version WHERE id = OLD.version_id FOR SHARE;
    END IF;
    IF coalesce(found, 'draft') = 'draft' AND TG_OP <> 'DELETE' THEN
        SELECT state INTO found FROM quote_version WHERE id = NEW.version_id FOR SHARE;
    END IF;
    IF coalesce(found, 'draft') <> 'draft' THEN
        RAISE EXCEPTION 'the lines of a quote that was sent are frozen' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'signed_frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_contracting_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TRUE THEN
        RAISE EXCEPTION 'what was signed is frozen: it is never emptied' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'signed_frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
-- next
CREATE OR REPLACE TRIGGER trg_agreement_frozen BEFORE UPDATE OR DELETE ON agreement FOR EACH ROW EXECUTE FUNCTION guard_agreement()
-- next
CREATE OR REPLACE TRIGGER trg_agreement_price_frozen BEFORE INSERT OR UPDATE OR DELETE ON agreement_price FOR EACH ROW EXECUTE FUNCTION guard_agreement_price()
-- next
CREATE OR REPLACE TRIGGER trg_quote_frozen BEFORE UPDATE OR DELETE ON quote FOR EACH ROW EXECUTE FUNCTION guard_quote()
-- next
CREATE OR REPLACE TRIGGER trg_quote_version_frozen BEFORE UPDATE OR DELETE ON quote_version FOR EACH ROW EXECUTE FUNCTION guard_sent_quote()
-- next
CREATE OR REPLACE TRIGGER trg_quote_line_frozen BEFORE INSERT OR UPDATE OR DELETE ON quote_line FOR EACH ROW EXECUTE FUNCTION guard_sent_quote_line()
-- next
CREATE OR REPLACE TRIGGER trg_agreement_truncate BEFORE TRUNCATE ON agreement FOR EACH STATEMENT EXECUTE FUNCTION guard_contracting_truncate()
-- next
CREATE OR REPLACE TRIGGER trg_agreement_price_truncate BEFORE TRUNCATE ON agreement_price FOR EACH STATEMENT EXECUTE FUNCTION guard_contracting_truncate()
-- next
CREATE OR REPLACE TRIGGER trg_quote_truncate BEFORE TRUNCATE ON quote FOR EACH STATEMENT EXECUTE FUNCTION guard_contracting_truncate()
-- next
CREATE OR REPLACE TRIGGER trg_quote_version_truncate BEFORE TRUNCATE ON quote_version FOR EACH STATEMENT EXECUTE FUNCTION guard_contracting_truncate()
-- next
CREATE OR REPLACE TRIGGER trg_quote_line_truncate BEFORE TRUNCATE ON quote_line FOR EACH STATEMENT EXECUTE FUNCTION guard_contracting_truncate()
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
    IF TG_OP = 'UPDATE' AND (NEW.service_id, NEW.cancellation_id, NEW.line_id) IS NOT DISTINCT FROM
            (OLD.service_id, OLD.cancellation_id, OLD.line_id) AND OLD.released_at IS NULL THEN
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
CREATE OR REPLACE FUNCTION guard_late_cancellation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.waived_at IS NOT NULL
            OR to_jsonb(NEW) - '{waived_at,waived_by,waived_why}'::text[]
               IS DISTINCT FROM to_jsonb(OLD) - '{waived_at,waived_by,waived_why}'::text[] THEN
        RAISE EXCEPTION 'what a late cancellation costs is written once, and waived once at most'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'invoice_issued_frozen';
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_credit_approval() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    threshold bigint;
BEGIN
    IF NEW.kind = 'credit_note' AND NEW.state = 'issued' THEN
        SELECT (value #>> '{}')::bigint INTO threshold FROM decision
            WHERE key = 'billing.credit_approval_cents' AND valid @> NEW.issue_date;
        IF NEW.gross > threshold AND (NEW.prepared_by IS NULL OR NEW.approved_by IS NULL
                OR NEW.approved_by = NEW.prepared_by) THEN
            RAISE EXCEPTION 'a credit note above the threshold is approved by a second person'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'credit_second_person';
        END IF;
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_number_series() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.next <= 2
            OR TG_OP = 'UPDATE' AND NEW.series = OLD.series AND NEW.year = OLD.year AND NEW.next = OLD.next + 1 THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'legal numbers follow each other'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'numbers_continuous';
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
CREATE OR REPLACE TRIGGER trg_late_cancellation_frozen BEFORE UPDATE OR DELETE ON late_cancellation FOR EACH ROW EXECUTE FUNCTION guard_late_cancellation()
-- next
CREATE OR REPLACE TRIGGER trg_invoice_credit_approval BEFORE INSERT OR UPDATE ON invoice FOR EACH ROW EXECUTE FUNCTION guard_credit_approval()
-- next
CREATE OR REPLACE TRIGGER trg_number_series_continuous BEFORE INSERT OR UPDATE OR DELETE ON number_series FOR EACH ROW EXECUTE FUNCTION guard_number_series()
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
CREATE OR REPLACE TRIGGER trg_late_cancellation_truncate BEFORE TRUNCATE ON late_cancellation FOR EACH STATEMENT EXECUTE FUNCTION guard_billing_truncate()
-- next
CREATE OR REPLACE TRIGGER trg_number_series_truncate BEFORE TRUNCATE ON number_series FOR EACH STATEMENT EXECUTE FUNCTION guard_billing_truncate()
-- next
CREATE OR REPLACE FUNCTION guard_bank_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what a bank statement says is written once'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'bank_written_once';
END $$
-- next
CREATE OR REPLACE FUNCTION guard_statement_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - '{aside_why,aside_at,aside_by}'::text[]
            IS DISTINCT FROM to_jsonb(OLD) - '{aside_why,aside_at,aside_by}'::text[] THEN
        RAISE EXCEPTION 'what a bank statement says is written once'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'bank_written_once';
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_line_settlement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    line statement_line;
    recorded bigint;
BEGIN
    SELECT * INTO line FROM statement_line WHERE id = NEW.line_id FOR UPDATE;
    SELECT coalesce(sum(s.cents), 0) INTO recorded FROM settlement s
        WHERE (s.id = NEW.settlement_id OR s.id IN (SELECT settlement_id FROM line_settlement WHERE line_id = NEW.line_id))
        AND NOT EXISTS (SELECT 1 FROM settlement u WHERE u.counterpart_id = s.id AND u.kind = 'reversal');
    IF line.aside_why IS NOT NULL OR recorded > line.cents THEN
        RAISE EXCEPTION 'a line of a statement pays no more than it holds'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'line_recorded_once';
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE TRIGGER trg_bank_statement_written_once BEFORE UPDATE OR DELETE ON bank_statement FOR EACH ROW EXECUTE FUNCTION guard_bank_written_once()
-- next
CREATE OR REPLACE TRIGGER trg_line_settlement_written_once BEFORE UPDATE OR DELETE ON line_settlement FOR EACH ROW EXECUTE FUNCTION guard_bank_written_once()
-- next
CREATE OR REPLACE TRIGGER trg_statement_line_written_once BEFORE DELETE ON statement_line FOR EACH ROW EXECUTE FUNCTION guard_bank_written_once()
-- next
CREATE OR REPLACE TRIGGER trg_statement_line_said BEFORE UPDATE ON statement_line FOR EACH ROW EXECUTE FUNCTION guard_statement_line()
-- next
CREATE OR REPLACE TRIGGER trg_line_settlement_bounded BEFORE INSERT ON line_settlement FOR EACH ROW EXECUTE FUNCTION guard_line_settlement()
-- next
CREATE OR REPLACE TRIGGER trg_bank_statement_truncate BEFORE TRUNCATE ON bank_statement FOR EACH STATEMENT EXECUTE FUNCTION guard_bank_written_once()
-- next
CREATE OR REPLACE TRIGGER trg_statement_line_truncate BEFORE TRUNCATE ON statement_line FOR EACH STATEMENT EXECUTE FUNCTION guard_bank_written_once()
-- next
CREATE OR REPLACE TRIGGER trg_line_settlement_truncate BEFORE TRUNCATE ON line_settlement FOR EACH STATEMENT EXECUTE FUNCTION guard_bank_written_once()
-- next
CREATE OR REPLACE FUNCTION guard_dunning_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was told or decided about a late payment is written once'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'dunning_written_once';
END $$
-- next
CREATE OR REPLACE FUNCTION guard_dunning_pause() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed_on IS NOT NULL
            OR to_jsonb(NEW) - '{closed_on,closed_by,closed_why}'::text[]
               IS DISTINCT FROM to_jsonb(OLD) - '{closed_on,closed_by,closed_why}'::text[] THEN
        RAISE EXCEPTION 'a pause is closed once and never rewritten'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'dunning_written_once';
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE TRIGGER trg_dunning_letter_written_once BEFORE UPDATE OR DELETE ON dunning_letter FOR EACH ROW EXECUTE FUNCTION guard_dunning_written_once()
-- next
CREATE OR REPLACE TRIGGER trg_reminder_written_once BEFORE UPDATE OR DELETE ON reminder FOR EACH ROW EXECUTE FUNCTION guard_dunning_written_once()
-- next
CREATE OR REPLACE TRIGGER trg_interest_decision_written_once BEFORE UPDATE OR DELETE ON interest_decision FOR EACH ROW EXECUTE FUNCTION guard_dunning_written_once()
-- next
CREATE OR REPLACE TRIGGER trg_dunning_pause_closed_once BEFORE UPDATE ON dunning_pause FOR EACH ROW EXECUTE FUNCTION guard_dunning_pause()
-- next
CREATE OR REPLACE TRIGGER trg_dunning_pause_kept BEFORE DELETE ON dunning_pause FOR EACH ROW EXECUTE FUNCTION guard_dunning_written_once()
-- next
CREATE OR REPLACE TRIGGER trg_dunning_letter_truncate BEFORE TRUNCATE ON dunning_letter FOR EACH STATEMENT EXECUTE FUNCTION guard_dunning_written_once()
-- next
CREATE OR REPLACE TRIGGER trg_reminder_truncate BEFORE TRUNCATE ON reminder FOR EACH STATEMENT EXECUTE FUNCTION guard_dunning_written_once()
-- next
CREATE OR REPLACE TRIGGER trg_interest_decision_truncate BEFORE TRUNCATE ON interest_decision FOR EACH STATEMENT EXECUTE FUNCTION guard_dunning_written_once()
-- next
CREATE OR REPLACE TRIGGER trg_dunning_pause_truncate BEFORE TRUNCATE ON dunning_pause FOR EACH STATEMENT EXECUTE FUNCTION guard_dunning_written_once()
-- next
CREATE OR REPLACE FUNCTION guard_transmission() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
            OR (NEW.invoice_id, NEW.channel, NEW.created_at, NEW.ref) IS DISTINCT FROM
               (OLD.invoice_id, OLD.channel, OLD.created_at, OLD.ref)
            OR OLD.remote_ref IS NOT NULL AND NEW.remote_ref IS DISTINCT FROM OLD.remote_ref
            OR OLD.sent_at IS NOT NULL AND NEW.sent_at IS DISTINCT FROM OLD.sent_at THEN
        RAISE EXCEPTION 'a sending is kept as it was made'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'transmission_frozen';
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_transmission_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'sendings are never emptied'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'transmission_frozen';
END $$
-- next
CREATE OR REPLACE TRIGGER trg_transmission_frozen BEFORE UPDATE OR DELETE ON transmission FOR EACH ROW EXECUTE FUNCTION guard_transmission()
-- next
CREATE OR REPLACE TRIGGER trg_transmission_truncate BEFORE TRUNCATE ON transmission FOR EACH STATEMENT EXECUTE FUNCTION guard_transmission_truncate()
-- next
CREATE OR REPLACE FUNCTION guard_stripe_money() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept text[] := ARRAY['id', 'ref', 'payment_id', 'cents', 'reason', 'origin', 'idempotency_key', 'prepared_by',
        'asked_on', 'dispute_id', 'payout_id', 'created_at', 'txn_id', 'type', 'source_id', 'fee', 'net', 'moved_at',
        'subject', 'booked_at'];
    name text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'what moved through Stripe is never taken away'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'stripe_money_kept';
    END IF;
    FOREACH name IN ARRAY kept LOOP
        IF TG_TABLE_NAME = 'stripe_dispute' AND name = 'reason' THEN
            CONTINUE;
        END IF;
        IF to_jsonb(NEW) -> name IS DISTINCT FROM to_jsonb(OLD) -> name THEN
            RAISE EXCEPTION 'what moved through Stripe never changes (%)', name
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'stripe_money_kept';
        END IF;
    END LOOP;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_stripe_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what moved through Stripe is never emptied'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'stripe_money_kept';
END $$
-- next
CREATE OR REPLACE FUNCTION guard_refund_approval() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    threshold bigint;
BEGIN
    IF NEW.origin = 'office' AND NEW.state NOT IN ('waiting', 'refused') THEN
        SELECT (value #>> '{}')::bigint INTO threshold FROM decision
            WHERE key = 'billing.credit_approval_cents' AND valid @> NEW.asked_on;
        IF NEW.cents > threshold AND NEW.approved_by IS NULL THEN
            RAISE EXCEPTION 'money above the threshold is given back by two people'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'refund_second_person';
        END IF;
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_payout_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    line statement_line;
BEGIN
    IF NEW.line_id IS NULL THEN
        RETURN NEW;
    END IF;
    SELECT * INTO line FROM statement_line WHERE id = NEW.line_id FOR UPDATE;
    IF line.aside_why IS NOT NULL OR line.cents <> NEW.cents OR EXISTS (
            SELECT 1 FROM line_settlement l WHERE l.line_id = NEW.line_id AND NOT EXISTS (
                SELECT 1 FROM settlement u WHERE u.counterpart_id = l.settlement_id AND u.kind = 'reversal')) THEN
        RAISE EXCEPTION 'a line of a statement is one thing'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'line_recorded_once';
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE FUNCTION guard_line_not_payout() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM statement_line WHERE id = NEW.line_id FOR UPDATE;
    IF EXISTS (SELECT 1 FROM stripe_payout WHERE line_id = NEW.line_id) THEN
        RAISE EXCEPTION 'a line of a statement is one thing'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'line_recorded_once';
    END IF;
    RETURN NEW;
END $$
-- next
CREATE OR REPLACE TRIGGER trg_stripe_refund_kept BEFORE UPDATE OR DELETE ON stripe_refund FOR EACH ROW EXECUTE FUNCTION guard_stripe_money()
-- next
CREATE OR REPLACE TRIGGER trg_stripe_dispute_kept BEFORE UPDATE OR DELETE ON stripe_dispute FOR EACH ROW EXECUTE FUNCTION guard_stripe_money()
-- next
CREATE OR REPLACE TRIGGER trg_stripe_payout_kept BEFORE UPDATE OR DELETE ON stripe_payout FOR EACH ROW EXECUTE FUNCTION guard_stripe_money()
-- next
CREATE OR REPLACE TRIGGER trg_stripe_movement_kept BEFORE UPDATE OR DELETE ON stripe_movement FOR EACH ROW EXECUTE FUNCTION guard_stripe_money()
-- next
CREATE OR REPLACE TRIGGER trg_stripe_booking_kept BEFORE UPDATE OR DELETE ON stripe_booking FOR EACH ROW EXECUTE FUNCTION guard_stripe_money()
-- next
CREATE OR REPLACE TRIGGER trg_stripe_refund_approval BEFORE INSERT OR UPDATE ON stripe_refund FOR EACH ROW EXECUTE FUNCTION guard_refund_approval()
-- next
CREATE OR REPLACE TRIGGER trg_stripe_payout_line BEFORE INSERT OR UPDATE ON stripe_payout FOR EACH ROW EXECUTE FUNCTION guard_payout_line()
-- next
CREATE OR REPLACE TRIGGER trg_line_settlement_not_payout BEFORE INSERT ON line_settlement FOR EACH ROW EXECUTE FUNCTION guard_line_not_payout()
-- next
CREATE OR REPLACE TRIGGER trg_stripe_refund_truncate BEFORE TRUNCATE ON stripe_refund FOR EACH STATEMENT EXECUTE FUNCTION guard_stripe_emptied()
-- next
CREATE OR REPLACE TRIGGER trg_stripe_dispute_truncate BEFORE TRUNCATE ON stripe_dispute FOR EACH STATEMENT EXECUTE FUNCTION guard_stripe_emptied()
-- next
CREATE OR REPLACE TRIGGER trg_stripe_payout_truncate BEFORE TRUNCATE ON stripe_payout FOR EACH STATEMENT EXECUTE FUNCTION guard_stripe_emptied()
-- next
CREATE OR REPLACE TRIGGER trg_stripe_movement_truncate BEFORE TRUNCATE ON stripe_movement FOR EACH STATEMENT EXECUTE FUNCTION guard_stripe_emptied()
-- next
CREATE OR REPLACE TRIGGER trg_stripe_booking_truncate BEFORE TRUNCATE ON stripe_booking FOR EACH STATEMENT EXECUTE FUNCTION guard_stripe_emptied()
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
