"""What every test may ask for.

One throw-away cluster serves the whole run: started by the first process, before xdist's workers, stopped at
its end. Its template database holds the real schema, made by the migrations; each worker has a clone of it,
used as the application role; a test that really commits takes a clone of its own (`fresh_database`).
"""

import gc
import itertools
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import core as hypothesis_core
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool
from xdist.scheduler import LoadScopeScheduling

from entrepairs.embedded.postgres import EmbeddedPostgres, Role
from entrepairs.kernel.clock import FixedClock
from tests.throwaway import TEMPLATE, OwnValkey, Run, cluster_in

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

RUN = pytest.StashKey[Run]()
FULL = os.environ.get("ENTREPAIRS_PROOF") == "full"
TOGETHER = ("tests/journeys/", "tests/billing/test_forbidden_sql.py")
"""What starts a whole stack, or fills a database, once for several tests."""

hypothesis_settings.register_profile("test", max_examples=60, deadline=None)
hypothesis_settings.register_profile("prove", max_examples=2000, deadline=None)


# --- the run -----------------------------------------------------------------------------------------------


class TogetherOrAlone(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist is not typed
    """Tests of one folder of `TOGETHER` go to one process, which pays their services once; others go alone.

    xdist's own groups write a name into the test's identity, which this pytest no longer reads: they do nothing.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((start for start in TOGETHER if nodeid.startswith(start)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> TogetherOrAlone:
    """How the tests are dealt out; the largest groups first."""
    return TogetherOrAlone(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for real workers comes first, then what is long: others fill the waits, and nothing long ends alone."""
    items.sort(key=lambda item: (not item.get_closest_marker("worker"), not item.get_closest_marker("long")))


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector need not look at it again before each test's rubbish."""
    gc.freeze()
    gc.enable()


def pytest_configure(config: pytest.Config) -> None:
    """Draw the run's seed; with xdist, start the services before the workers."""
    gc.disable()  # until the tests are loaded
    hypothesis_settings.load_profile("prove" if FULL else "test")
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    seed = (
        worker["seed"] if worker else int(os.environ.get("ENTREPAIRS_SEED") or random.SystemRandom().randrange(10**6))
    )
    config.stash[SEED] = seed
    hypothesis_core.global_force_seed = seed  # type: ignore[assignment]
    if worker is None:
        signal.signal(signal.SIGTERM, _end_as_interrupted)
        if getattr(config.option, "tx", None) and not config.option.collectonly:
            config.stash[RUN] = Run()


SEED = pytest.StashKey[int]()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker where the services are."""
    node.workerinput["seed"] = node.config.stash[SEED]
    node.workerinput["services"] = str(node.config.stash[RUN].folder)


def pytest_report_header(config: pytest.Config) -> str:
    """How to see the same run again."""
    size = "full" if FULL else "reduced"
    return f"proofs: {size} size, ENTREPAIRS_SEED={config.stash[SEED]} repeats this run"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the services, also after Ctrl-C."""
    run = config.stash.get(RUN, None)
    if run is not None:
        del config.stash[RUN]
        run.stop()


def _end_as_interrupted(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@dataclass(frozen=True)
class Proof:
    """How hard a proof tries: reduced in `make test`, full in `make prove`; the seed is printed at the head."""

    full: bool
    seed: int

    def size(self, reduced: int, full: int) -> int:
        """The number of rounds, peers, kills… for this run."""
        return full if self.full else reduced

    def random(self, *salt: object) -> random.Random:
        """A generator that gives the same draws for the same seed and salt."""
        return random.Random(f"{self.seed}:{salt}")


@pytest.fixture(scope="session")
def proof(request: pytest.FixtureRequest) -> Proof:
    """Size and seed of the run's proofs."""
    return Proof(FULL, request.config.stash[SEED])


# --- services ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def services_folder(request: pytest.FixtureRequest) -> Path:
    """The run's folder; without xdist the services start when first asked for."""
    worker: dict[str, Any] | None = getattr(request.config, "workerinput", None)
    if worker is not None:
        return Path(worker["services"])
    if RUN not in request.config.stash:
        request.config.stash[RUN] = Run()
    return request.config.stash[RUN].folder


@pytest.fixture(scope="session")
def cluster(services_folder: Path) -> EmbeddedPostgres:
    """The run's PostgreSQL, to make databases and addresses; never stopped by a test."""
    return cluster_in(services_folder)


@pytest.fixture(scope="session")
def worker_name(request: pytest.FixtureRequest) -> str:
    """`gw0`, `gw1`…; `main` without xdist."""
    worker: dict[str, Any] = getattr(request.config, "workerinput", {})
    return str(worker.get("workerid", "main"))


@pytest.fixture(scope="session")
def database_url(cluster: EmbeddedPostgres, worker_name: str) -> str:
    """This process's clone of the template, as the application role."""
    name = f"test_{worker_name}"
    cluster.clone_database(TEMPLATE, name)
    return cluster.url(name, Role.APP)


@dataclass
class FreshDatabase:
    """A database of one test's own, where commits are real."""

    name: str
    url: str
    """As the application role."""

    owner_url: str
    engine: Engine
    """Without a pool: one real connection per use."""

    def session(self) -> Session:
        """A session that really commits; close it."""
        return Session(self.engine)


_numbers = itertools.count(1)


@pytest.fixture
def fresh_database(cluster: EmbeddedPostgres, worker_name: str) -> Iterator[FreshDatabase]:
    """A clone that really commits, for races, workers and kills; dropped at the end."""
    name = f"fresh_{worker_name}_{next(_numbers)}"
    cluster.clone_database(TEMPLATE, name)
    engine = create_engine(cluster.url(name, Role.APP), poolclass=NullPool)
    try:
        yield FreshDatabase(name, cluster.url(name, Role.APP), cluster.url(name, Role.OWNER), engine)
    finally:
        engine.dispose()
        cluster.drop_database(name)


@pytest.fixture(scope="session")
def _valkey_server(services_folder: Path) -> Iterator[OwnValkey]:
    own = OwnValkey(services_folder)
    yield own
    own.stop()


@pytest.fixture
def valkey(_valkey_server: OwnValkey) -> str:
    """The address of an emptied Valkey, in redis-py's form (`entrepairs.redis_urls` gives the others)."""
    import redis

    with redis.Redis.from_url(_valkey_server.server.url) as client:
        client.flushall()
    return _valkey_server.server.url


@dataclass
class SmtpReceiver:
    """A mail server on loopback that keeps what it receives."""

    host: str
    port: int
    messages: list[EmailMessage] = field(default_factory=list)
    before_accepting: Callable[[EmailMessage], str | None] | None = None
    """May return an SMTP answer such as `"451 try later"` to refuse the message."""

    @property
    def url(self) -> str:
        """For SMTP_URL."""
        return f"smtp://{self.host}:{self.port}"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """aiosmtpd's hook."""
        parsed = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        refusal = self.before_accepting(parsed) if self.before_accepting else None
        if refusal:
            return refusal
        self.messages.append(parsed)
        return "250 OK"


@pytest.fixture
def smtp_receiver() -> Iterator[SmtpReceiver]:
    """A mail server for one test."""
    from aiosmtpd.controller import Controller

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        receiver = SmtpReceiver("127.0.0.1", probe.getsockname()[1])
    controller = Controller(receiver, hostname=receiver.host, port=receiver.port)
    controller.start()
    yield receiver
    controller.stop()


# --- the application ---------------------------------------------------------------------------------------


@pytest.fixture
def clock() -> FixedClock:
    """Business time: Monday 11 January 2027, 9 h in Paris; `clock.advance(timedelta(days=1))` moves it."""
    return FixedClock()


@pytest.fixture(scope="session")
def app(database_url: str) -> Iterator["Flask"]:
    """The application on this process's database, made once."""
    from entrepairs.app import create_app
    from entrepairs.extensions import db, limiter

    application = create_app(
        {
            "ENV": "test",
            "DATABASE_URL": database_url,
            "REDIS_URL": "unix:///nowhere/valkey.sock",  # nothing is sent unless a test gives the real one
            "SMTP_URL": "smtp://127.0.0.1:9",
            "RATELIMIT_STORAGE_URI": "memory://",
            "RATELIMIT_ENABLED": True,
        }
    )
    limiter.enabled = False  # a test that wants to be counted says so
    db.session.session_factory.configure(join_transaction_mode="create_savepoint")
    yield application
    with application.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[Engine]:
    """The engine behind `session`, as the application role."""
    made = create_engine(database_url, poolclass=NullPool)
    yield made
    made.dispose()


@pytest.fixture(scope="session")
def _warm(database_url: str) -> Iterator[Callable[[], Connection]]:
    """This process's one connection: a server process that knows the tables answers many times faster than a new one."""
    held: list[Connection] = []
    made = create_engine(database_url, poolclass=NullPool, query_cache_size=10_000)

    @event.listens_for(made, "connect")  # as the engine does: it speaks for the whole run, every room's questions
    def remember_more(connection: psycopg.Connection, _: object) -> None:
        connection.prepared_max = 2_000

    def connection() -> Connection:
        if not held or held[0].closed or held[0].invalidated:
            held[:] = [made.connect()]
        return held[0]

    yield connection
    for one in held:
        one.close()
    made.dispose()


@pytest.fixture
def session(_warm: Callable[[], Connection]) -> Iterator[Session]:
    """A session whose work disappears at the end: a commit ends a savepoint only.

    Deferred constraints are checked at the end, as a real commit would.
    """
    connection = _warm()
    outer = connection.begin()
    own = Session(connection, join_transaction_mode="create_savepoint")
    try:
        yield own
        if own.is_active:
            own.commit()
        else:
            own.rollback()
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    finally:
        own.close()
        outer.rollback()


@pytest.fixture
def app_on_session(app: "Flask", session: Session) -> Iterator["Flask"]:
    """The application on the connection of `session`: views and test see each other, nothing stays.

    After a request, `session.expire_all()` reads what it changed.
    """
    from entrepairs.extensions import db

    engines: dict[str | None, Any] = db._app_engines[app]
    own_engine = engines[None]
    engines[None] = session.get_bind()
    try:
        yield app
    finally:
        engines[None] = own_engine


@pytest.fixture
def client(app_on_session: "Flask") -> "FlaskClient":
    """A browser without JavaScript, on the data of `session`."""
    return app_on_session.test_client()


@pytest.fixture(scope="session")
def python() -> str:
    """The interpreter to start child processes with."""
    return sys.executable


@pytest.fixture(scope="session")
def chromium() -> str | None:
    """The machine's Chromium for Playwright's `executable_path`; None: its own download is used.

    A command may be there that only says how to install the browser, so it is tried.
    """
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        path = shutil.which(name)
        if path and subprocess.run([path, "--version"], check=False, capture_output=True).returncode == 0:
            return path
    return None
