"""The demo's story as a database: told once by run, cloned for each process."""

import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from entrepairs.embedded.postgres import EmbeddedPostgres, Role
from tests.demo_story import told_story
from tests.web.routes_and_objects import World, complete_story

if TYPE_CHECKING:
    from flask import Flask

STORY = "template_of_story"


@pytest.fixture(scope="session")
def story_template(cluster: EmbeddedPostgres, services_folder: Path) -> str:
    """The database the story was told in; the first process that asks tells it, the others wait."""
    told = services_folder / "story.told"
    with (services_folder / "story.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            cluster.clone_database(told_story(cluster, services_folder), STORY)
            engine = create_engine(cluster.url(STORY, Role.APP), poolclass=NullPool)
            with Session(engine) as session:
                complete_story(session)
            engine.dispose()
            told.touch()
    return STORY


@pytest.fixture(scope="session")
def story_url(cluster: EmbeddedPostgres, story_template: str, worker_name: str) -> str:
    """This process's clone of the story, as the application role."""
    name = f"story_{worker_name}"
    cluster.clone_database(story_template, name)
    return cluster.url(name, Role.APP)


@pytest.fixture(scope="session")
def story_engine(story_url: str) -> Iterator[Engine]:
    """Real connections to the story."""
    made = create_engine(story_url, poolclass=NullPool)
    yield made
    made.dispose()


@pytest.fixture
def story_session(story_engine: Engine) -> Iterator[Session]:
    """A session on the story; what a test does to it disappears."""
    with story_engine.connect() as connection:
        outer = connection.begin()
        own = Session(connection, join_transaction_mode="create_savepoint")
        try:
            yield own
        finally:
            own.close()
            outer.rollback()


def _an_app(url: str, **more: Any) -> "Flask":
    from entrepairs.app import create_app
    from entrepairs.kernel.parameters import add_figures

    made = create_app(
        {
            "ENV": "test",
            "DEMO": True,
            "DATABASE_URL": url,
            "REDIS_URL": "unix:///nowhere/valkey.sock",
            "SMTP_URL": "smtp://127.0.0.1:9",
            "RATELIMIT_STORAGE_URI": "memory://",
            **more,
        }
    )
    add_figures()  # the demo's own figures stay in the demo: other tests share the process
    return made


@pytest.fixture(scope="session")
def story_app(story_url: str) -> Iterator["Flask"]:
    """The demo's application."""
    from entrepairs.extensions import db

    made = _an_app(story_url)
    yield made
    with made.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def story_app_on_session(story_app: "Flask", story_session: Session) -> Iterator["Flask"]:
    """The demo's application on the connection of `story_session`: nothing stays."""
    from entrepairs.extensions import db

    db.session.session_factory.configure(join_transaction_mode="create_savepoint")
    engines: dict[str | None, Any] = db._app_engines[story_app]
    own_engine = engines[None]
    engines[None] = story_session.get_bind()
    try:
        yield story_app
    finally:
        engines[None] = own_engine


@pytest.fixture
def world(story_session: Session, story_app_on_session: "Flask") -> World:
    """The story, with people at their browsers."""
    return World(story_session, story_app_on_session)


@pytest.fixture(scope="session")
def _lasting_world(
    cluster: EmbeddedPostgres, story_template: str, story_app: "Flask", worker_name: str
) -> Iterator[World]:
    """On a clone of its own: the people logged in hold locks until the end of the run."""
    name = f"everybody_{worker_name}"
    cluster.clone_database(story_template, name)
    engine = create_engine(cluster.url(name, Role.APP), poolclass=NullPool)
    with engine.connect() as connection:
        outer = connection.begin()
        own = Session(connection, join_transaction_mode="create_savepoint")
        yield World(own, story_app)
        own.close()
        outer.rollback()
    engine.dispose()


@pytest.fixture
def lasting_world(_lasting_world: World) -> Iterator[World]:
    """A story and people logged in once by process, for tests that take back what they do."""
    from entrepairs.extensions import db

    db.session.session_factory.configure(join_transaction_mode="create_savepoint")
    engines: dict[str | None, Any] = db._app_engines[_lasting_world.app]
    own_engine = engines[None]
    engines[None] = _lasting_world.session.get_bind()
    try:
        yield _lasting_world
    finally:
        engines[None] = own_engine


@pytest.fixture(scope="session")
def guarded_app(story_url: str) -> "Flask":
    """The demo's application with the forms' token checked, as it is outside tests."""
    return _an_app(story_url, WTF_CSRF_ENABLED=True)


@pytest.fixture
def committed_engine(cluster: EmbeddedPostgres, story_template: str, worker_name: str) -> Iterator[Engine]:
    """A clone of the story where commits are real; dropped at the end."""
    name = f"read_{worker_name}"
    cluster.clone_database(story_template, name)
    engine = create_engine(cluster.url(name, Role.APP), poolclass=NullPool)
    yield engine
    engine.dispose()
    cluster.drop_database(name)


@pytest.fixture
def committed_world(committed_engine: Engine) -> Iterator[World]:
    """The story with people at their browsers, every commit real."""
    from entrepairs.extensions import db

    app = _an_app(committed_engine.url.render_as_string(hide_password=False))
    with Session(committed_engine) as session:
        yield World(session, app)
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def picture(engine: Engine) -> dict[str, tuple[int, str]]:
    """Rows and their versions (a hash over `xmin` and `ctid`) of every table, but web sessions and the trail."""
    found = {}
    with engine.connect() as connection:
        names = connection.scalars(text("SELECT relname FROM pg_stat_user_tables ORDER BY relname")).all()
        for name in names:
            if name not in {"web_session", "audit_entry"}:
                versions = f"SELECT count(*), md5(string_agg(xmin::text || ctid::text, ',' ORDER BY ctid)) FROM {name}"
                row = connection.execute(text(versions)).one()
                found[name] = (row[0], row[1] or "")
    return found
