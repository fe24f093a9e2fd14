"""The demo's story as a database, told once by run: read, or lived on in a clone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from entrepairs.embedded.postgres import EmbeddedPostgres, Role
from tests.conftest import FreshDatabase
from tests.demo_story import told_story


@pytest.fixture(scope="session")
def story_engine(cluster: EmbeddedPostgres, services_folder: Path, worker_name: str) -> Iterator[Engine]:
    """This process's clone of the story, to be read."""
    name = f"told_{worker_name}"
    cluster.clone_database(told_story(cluster, services_folder), name)
    engine = create_engine(cluster.url(name, Role.APP), poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture
def story(story_engine: Engine) -> Iterator[Session]:
    """A session on the story; what a test does to it disappears."""
    with Session(story_engine) as session:
        yield session
        session.rollback()


@pytest.fixture
def demo_database(cluster: EmbeddedPostgres, services_folder: Path, worker_name: str) -> Iterator[FreshDatabase]:
    """A clone of the story that really commits; dropped at the end."""
    name = f"demo_{worker_name}"
    cluster.clone_database(told_story(cluster, services_folder), name)
    engine = create_engine(cluster.url(name, Role.APP), poolclass=NullPool)
    try:
        yield FreshDatabase(name, cluster.url(name, Role.APP), cluster.url(name, Role.OWNER), engine)
    finally:
        engine.dispose()
        cluster.drop_database(name)
