"""What the database itself refuses: an entry that does not balance, a number out of turn, a closed period, any change
of what is validated, a lettering that does not settle, money taken out of what the law froze.

The statements are idempotent and run by the owner's role in the migrations (PCG 1031-3; LPF A47 A-1).
"""

from typing import Final

from entrepairs.triggers import at_the_end, before_row, never_emptied

_BALANCED: Final = """
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
"""

_VALIDATED: Final = """
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
"""

# The year's row is locked: numbers are given one after the other, whoever asks.
_NUMBERED: Final = """
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
"""

_YEAR: Final = """
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
"""

# One change of days at a time: two exercises opened together would each believe it follows the same one.
_FOLLOWS: Final = """
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
"""

_FROZEN: Final = """
CREATE OR REPLACE FUNCTION guard_entry_line_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.debit > 0 AND EXISTS (SELECT 1 FROM ledger_account WHERE code = NEW.account_code AND frozen) THEN
        RAISE EXCEPTION 'what account % holds is never taken out', NEW.account_code
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_line_frozen_account';
    END IF;
    RETURN NEW;
END $$
"""

_ACCOUNT: Final = """
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
"""

_LETTERED: Final = """
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
"""

# Lettering is the only thing that happens to a line after its entry is validated.
_LINE: Final = """
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
"""

_AXIS: Final = """
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
"""

_TRUNCATE: Final = """
CREATE OR REPLACE FUNCTION guard_ledger_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_validated_frozen';
END $$
"""


def _no_truncate(table: str) -> str:
    return never_emptied(table, "guard_ledger_truncate")


def _validated(table: str, events: str, function: str) -> str:
    return before_row(table, "validated", events, function)


GUARDS: Final[tuple[str, ...]] = (
    _BALANCED,
    _VALIDATED,
    _LINE,
    _AXIS,
    _TRUNCATE,
    _NUMBERED,
    _YEAR,
    _FOLLOWS,
    _FROZEN,
    _ACCOUNT,
    _LETTERED,
    *at_the_end("entry", "balanced", "INSERT OR UPDATE", "guard_entry_balanced"),
    *at_the_end(
        "entry_line",
        "balanced",
        "INSERT OR UPDATE OF entry_id, debit, credit, counted_on OR DELETE",
        "guard_entry_balanced",
    ),
    _validated("entry", "UPDATE OR DELETE", "guard_entry_validated"),
    _validated("entry_line", "INSERT OR UPDATE OR DELETE", "guard_entry_line_validated"),
    _validated("line_axis", "INSERT OR UPDATE OR DELETE", "guard_line_axis_validated"),
    before_row("entry", "numbered", "INSERT OR UPDATE", "guard_entry_numbered"),
    before_row("accounting_year", "frozen", "UPDATE OR DELETE", "guard_accounting_year"),
    (
        "CREATE OR REPLACE TRIGGER trg_accounting_year_follows AFTER INSERT OR UPDATE OF first_day, last_day "
        "ON accounting_year FOR EACH ROW EXECUTE FUNCTION guard_accounting_year_follows()"
    ),
    before_row("ledger_account", "frozen", "UPDATE OR DELETE", "guard_ledger_account"),
    before_row("entry_line", "frozen", "INSERT OR UPDATE OF debit, account_code", "guard_entry_line_frozen"),
    *at_the_end("entry_line", "lettered", "UPDATE OF lettering_id", "guard_lettering_settles"),
    _no_truncate("accounting_year"),
    _no_truncate("entry"),
    _no_truncate("entry_line"),
    _no_truncate("line_axis"),
)
"""Executed in order, one statement each."""
