"""`entrepairs audit verify`: a trail that was touched is said, exit 1."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from entrepairs.audit.actors import Actor
from entrepairs.audit.models import AuditEntry
from entrepairs.audit.recording import record
from entrepairs.audit.sealing import seal_new_entries
from entrepairs.commands import _application
from entrepairs.commands.audit import command
from entrepairs.config import psycopg_url
from entrepairs.kernel.clock import FixedClock

if TYPE_CHECKING:
    from tests.conftest import FreshDatabase


@pytest.fixture
def sealed(fresh_database: "FreshDatabase", monkeypatch: pytest.MonkeyPatch) -> "FreshDatabase":
    """A database with one sealed act, to which the command connects."""
    with fresh_database.session() as session:
        record(session, "quote.send", "quote", "DEV-TEST-TEST", actor=Actor.SYSTEM, clock=FixedClock(), net=100)
        # the seal leaves the last minutes alone, and nobody may change a line once written
        (entry,) = (row for row in session.new if isinstance(row, AuditEntry))
        entry.real_at = datetime.now(UTC) - timedelta(minutes=5)
        session.flush()
        seal_new_entries(session, clock=FixedClock())
        session.commit()
    values = {
        "ENV": "test",
        "DATABASE_URL": fresh_database.url,
        "REDIS_URL": "unix:///nowhere/valkey.sock",
        "SMTP_URL": "smtp://127.0.0.1:9",
        "RATELIMIT_STORAGE_URI": "memory://",
        "SQLALCHEMY_ENGINE_OPTIONS": {"poolclass": NullPool},
    }
    made = _application.create_app
    monkeypatch.setattr(_application, "create_app", lambda **_: made(values))
    return fresh_database


def test_a_whole_trail_is_said_whole(sealed: "FreshDatabase") -> None:
    shown = CliRunner().invoke(command, ["verify"])
    assert shown.exit_code == 0, shown.output
    assert "1 scellé" in shown.output


def test_a_line_changed_behind_our_back_is_found(sealed: "FreshDatabase") -> None:
    owner = create_engine(psycopg_url(sealed.owner_url), poolclass=NullPool)
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER ALL"))
        connection.execute(text("UPDATE audit_entry SET subject_ref = 'DEV-AUTR-EEEE'"))
    owner.dispose()
    shown = CliRunner().invoke(command, ["verify"])
    assert shown.exit_code == 1
    assert "Le journal a été modifié" in shown.output
