"""Signs of life for a supervisor or a proxy: `/healthz` (the process answers), `/readyz` (the whole can work)."""

from datetime import UTC, datetime, timedelta
from typing import Final

import redis
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from entrepairs import redis_urls
from entrepairs.extensions import csrf, db
from entrepairs.outbox.slots import age
from entrepairs.paths import resource
from entrepairs.web.access import public

bp = Blueprint("health", __name__)
csrf.exempt(bp)

OLDEST_BEAT: Final = timedelta(seconds=90)


@bp.get("/healthz")
@public
def healthz() -> Response:
    """The process answers; nothing else is asked."""
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@bp.get("/readyz")
@public
def readyz() -> tuple[Response, int]:
    """Database, migrations, Redis and beat, each by name; 503 when one is missing."""
    checks = {"database": _database(), "migrations": _migrations(), "redis": _redis(), "beat": _beat()}
    return jsonify(checks), 200 if all(checks.values()) else 503


def _database() -> bool:
    try:
        return bool(db.session.execute(text("SELECT 1")).scalar())
    except SQLAlchemyError:
        return False


def _migrations() -> bool:
    head = ScriptDirectory(str(resource("migrations"))).get_current_head()
    try:
        return MigrationContext.configure(db.session.connection()).get_current_revision() == head
    except SQLAlchemyError:
        return False


def _redis() -> bool:
    address = redis_urls.for_redis_py(current_app.config["REDIS_URL"])
    try:
        with redis.Redis.from_url(address, socket_connect_timeout=1, socket_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _beat() -> bool:
    try:
        since = age(db.session(), "beat", real_now=datetime.now(UTC))
    except SQLAlchemyError:
        return False
    return since is not None and since < OLDEST_BEAT
