CREATE OR REPLACE FUNCTION guard_agreement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.state <> 'draft'
        OR TG_OP = 'UPDATE' AND OLD.state <> 'draft' AND (NEW.ref, NEW.number, NEW.partner_id, NEW.title, NEW.valid, NEW.ceiling, NEW.record_access, NEW.payment_days, NEW.tacit_days, NEW.procurement_basis, NEW.file_id, NEW.created_at, NEW.grouping, NEW.yearly_engagement, NEW.project, NEW.cancel_notice_days, NEW.cancel_percent, NEW.end_of_month, NEW.late_rate) IS DISTINCT FROM (OLD.ref, OLD.number, OLD.partner_id, OLD.title, OLD.valid, OLD.ceiling, OLD.record_access, OLD.payment_days, OLD.tacit_days, OLD.procurement_basis, OLD.file_id, OLD.created_at, OLD.grouping, OLD.yearly_engagement, OLD.project, OLD.cancel_notice_days, OLD.cancel_percent, OLD.end_of_month, OLD.late_rate)
        OR TG_OP = 'UPDATE' AND OLD.state NOT IN ('draft', 'sent') AND (NEW.partner_signatory, NEW.partner_signatory_function, NEW.signed_on, NEW.signed_file_id) IS DISTINCT FROM (OLD.partner_signatory, OLD.partner_signatory_function, OLD.signed_on, OLD.signed_file_id)
        OR TG_OP = 'UPDATE' AND OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (('active', 'expired'), ('active', 'expiring'), ('active', 'terminated'), ('draft', 'active'), ('draft', 'sent'), ('expiring', 'expired'), ('expiring', 'terminated'), ('sent', 'active'), ('sent', 'terminated')) THEN
        RAISE EXCEPTION 'an agreement that was sent is frozen: only its state moves, as it may' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'signed_frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
