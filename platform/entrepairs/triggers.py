"""The SQL of the triggers that rooms' guards set: one line each, run again at will."""


def before_row(table: str, what: str, events: str, function: str) -> str:
    """`trg_<table>_<what>`: the function sees each row before `events`, and may refuse."""
    return (
        f"CREATE OR REPLACE TRIGGER trg_{table}_{what} BEFORE {events} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}()"
    )


def never_emptied(table: str, function: str) -> str:
    """`trg_<table>_truncate`: TRUNCATE, which no row trigger sees."""
    return (
        f"CREATE OR REPLACE TRIGGER trg_{table}_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
    )


def at_the_end(table: str, what: str, events: str, function: str) -> tuple[str, str]:
    """`trg_<table>_<what>`: the function judges each row written, when the transaction commits."""
    # A constraint trigger has no CREATE OR REPLACE.
    return (
        f"DROP TRIGGER IF EXISTS trg_{table}_{what} ON {table}",
        (
            f"CREATE CONSTRAINT TRIGGER trg_{table}_{what} AFTER {events} ON {table} "
            f"DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {function}()"
        ),
    )
