"""Write the next migration from what the models and guards say and the migrated schema lacks: `make migration NAME=…`.

Alembic compares tables, columns, uniques, foreign keys and plain indexes. Checks, exclusions, partial indexes, triggers
and the rights of the application role are compared here by PostgreSQL's own catalogue, as the architecture test does.
Read what is written: a column that must be filled on a table that has rows, or a rename, is yours to say.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VERSIONS = ROOT / "migrations" / "versions"
sys.path.insert(0, str(ROOT))
os.environ.update(ENTREPAIRS_ENV="test", REDIS_URL="redis://unused", SMTP_URL="smtp://unused")

from alembic.autogenerate import produce_migrations, render_python_code  # noqa: E402 - the environment is read on import
from alembic.migration import MigrationContext  # noqa: E402
from sqlalchemy import Connection, create_engine, text  # noqa: E402
from sqlalchemy.pool import NullPool  # noqa: E402

from entrepairs import guards  # noqa: E402
from entrepairs.app import load_models  # noqa: E402
from entrepairs.config import psycopg_url  # noqa: E402
from entrepairs.db import Base  # noqa: E402
from entrepairs.embedded.postgres import EmbeddedPostgres, Role  # noqa: E402
from entrepairs.embedded.supervisor import Supervisor  # noqa: E402

CHECKS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'x')"""
PARTIAL = (
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexdef LIKE '% WHERE %'"
)
TRIGGERS = "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
Objects = dict[tuple[str, str], str]


def main(name: str) -> int:
    """Write `NNNN_name.py` and its guards beside it, or say that nothing changed."""
    words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    if not words:
        sys.stdout.write('Say what the migration is for: make migration NAME="peers of an invoice line"' + "\n")
        return 2
    last = max(path.name[:4] for path in VERSIONS.glob("[0-9][0-9][0-9][0-9]_*.py"))
    number = f"{int(last) + 1:04d}"
    with _databases() as (migrated, modelled):
        up, down = _statements(migrated, modelled)
        changed = _changed_guards(up)
    if not up and not changed:
        sys.stdout.write("The migrations say what the models say: nothing to write." + "\n")
        return 0
    if changed:
        (VERSIONS / f"{number}_guards.sql").write_text("\n-- next\n".join(changed) + "\n", encoding="utf-8")
    path = VERSIONS / f"{number}_{words}.py"
    path.write_text(_file(name, number, last, up, down, with_guards=bool(changed)), encoding="utf-8")
    for command in (["check", "--fix", "-q"], ["format", "-q"]):
        subprocess.run([sys.executable, "-m", "ruff", *command, str(path)], check=False)
    sys.stdout.write(f"{path.relative_to(ROOT)}: read it whole before you commit it." + "\n")
    return 0


@contextmanager
def _databases() -> Iterator[tuple[Connection, Connection]]:
    """The schema as migrated and the schema as modelled, on a throw-away server."""
    with tempfile.TemporaryDirectory(prefix="gm", dir="/tmp") as made:
        parent = Path(made)
        parent.chmod(0o711)
        server = EmbeddedPostgres(parent / "postgres", parent / "s", log=parent / "log", throwaway=True)
        with Supervisor(parent, say=lambda _: None, signals=()) as supervisor:
            supervisor.start(server)
            engines = []
            for database in ("migrated", "modelled"):
                server.create_database(database)
                engines.append(create_engine(psycopg_url(server.url(database, Role.OWNER)), poolclass=NullPool))
            owner = server.url("migrated", Role.OWNER)
            subprocess.run(
                [sys.executable, "-m", "entrepairs.cli", "migrate", "--tables-only"],
                cwd=ROOT,
                env={**os.environ, "DATABASE_URL": owner, "MIGRATION_DATABASE_URL": owner},
                check=True,
                stdout=subprocess.DEVNULL,
            )
            load_models()
            with engines[0].connect() as migrated, engines[1].connect() as modelled:
                guards.make_schema(modelled)
                yield migrated, modelled


def _statements(migrated: Connection, modelled: Connection) -> tuple[list[str], list[str]]:
    """Lines of Python that bring one schema to the other, and back."""
    context = MigrationContext.configure(migrated, opts={"compare_type": True})
    operations = produce_migrations(context, Base.metadata)
    if operations.upgrade_ops is None or operations.downgrade_ops is None:
        raise SystemExit("Alembic compared nothing.")
    up = _lines(render_python_code(operations.upgrade_ops))
    down = _lines(render_python_code(operations.downgrade_ops))
    known = {
        table for (table,) in migrated.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
    }
    for query, drop, make in (
        (CHECKS, "ALTER TABLE {0} DROP CONSTRAINT {1}", "ALTER TABLE {0} ADD CONSTRAINT {1} {2}"),
        (PARTIAL, "DROP INDEX {1}", "{2}"),
        (TRIGGERS, "DROP TRIGGER {1} ON {0}", None),
    ):
        was, is_now = _objects(migrated, query), _objects(modelled, query)
        written = "\n".join(up)
        for key in sorted(was.keys() | is_now.keys()):
            if was.get(key) == is_now.get(key) or key[0] not in known or f"'{key[1]}'" in written:
                continue
            if key in was and (make or key not in is_now):
                up.append(f"op.execute({drop.format(*key)!r})")
            if key in is_now and make:
                up.append(f"op.execute({make.format(*key, is_now[key])!r})")
            if make and key in is_now:
                down.insert(0, f"op.execute({drop.format(*key)!r})")
            if make and key in was:
                down.append(f"op.execute({make.format(*key, was[key])!r})")
    return up, down


def _lines(code: str) -> list[str]:
    wanted = [line for line in code.splitlines() if "auto generated" not in line and "end Alembic" not in line]
    lines = [re.sub(r"(?<![.\w])Text\(\)", "sa.Text()", line.removeprefix("    ")) for line in wanted]
    return [] if [line for line in lines if line.strip()] == ["pass"] else lines


def _objects(connection: Connection, query: str) -> Objects:
    return {
        (table, name): definition for table, name, definition in connection.execute(text(query.replace(":", "\\:")))
    }


def _changed_guards(up: list[str]) -> list[str]:
    """Statements that earlier migrations did not run last; the rights, which name every table, also for a new table."""
    frozen: dict[str, str] = {}
    for path in sorted(VERSIONS.glob("*_guards.sql")):
        for each in path.read_text(encoding="utf-8").split("\n-- next\n"):
            frozen[_named(each)] = each.strip()
    statements = [each.strip() for each in guards.all_guards()]
    changed = [each for each in statements if frozen.get(_named(each)) != each]
    if any("op.create_table" in line for line in up) and statements[-1] not in changed:
        changed.append(statements[-1])
    return changed


def _named(statement: str) -> str:
    """The first line says which function or trigger it is; an anonymous block is known by its whole text."""
    first = statement.strip().partition("\n")[0]
    return statement.strip() if first.startswith("DO ") else first


def _file(name: str, number: str, last: str, up: list[str], down: list[str], *, with_guards: bool) -> str:
    sentence = name[0].upper() + name[1:]
    guards_line = f'\nGUARDS = Path(__file__).with_name("{number}_guards.sql")\n' if with_guards else ""
    run = []
    if with_guards:
        run = ['for statement in GUARDS.read_text(encoding="utf-8").split("\\n-- next\\n"):']
        run += ['    op.execute(sa.text(statement.replace(":", "\\\\:")))']
    body = "\n".join(f"    {line}" if line.strip() else "" for line in [*up, *run])
    back = "\n".join(f"    {line}" if line.strip() else "" for line in down) or "    pass"
    return f'''"""{sentence}

Revision: {number}
Follows: {last}
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "{number}"
down_revision = "{last}"
branch_labels = None
depends_on = None
{guards_line}

def upgrade() -> None:
    """{sentence}."""
{body}


def downgrade() -> None:
    """Back, without the guards that changed."""
{back}
'''


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
