"""The application factory: settings, extensions, look, front doors."""

import importlib
import logging
from collections.abc import Mapping
from typing import Any, Final

from flask import Flask
from jinja2 import FileSystemBytecodeCache, StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from entrepairs import redis_urls
from entrepairs.config import configure
from entrepairs.extensions import babel, csrf, db, limiter, login_manager, migrate
from entrepairs.kernel.parameters import add_figures
from entrepairs.nudging import WORK, make_nudge
from entrepairs.outbox.adding import set_nudge
from entrepairs.outbox.runs import set_run_nudge
from entrepairs.paths import resource

ROOMS: Final = (
    "outbox",
    "audit",
    "messages",
    "documents",
    "settings",
    "identity",
    "ledger",
    "network",
    "catalogue",
    "demands",
    "planning",
    "supervision",
    "matching",
    "contracting",
    "dispatch",
    "missions",
    "fairness",
    "billing",
    "billing.statements",
    "billing.dunning",
    "billing.transmission",
    "billing.online",
    "billing.drafts",
    "cooperative",
)
"""Rooms with tables, lowest first."""


def load_models() -> None:
    """Import every table, so that the metadata is whole."""
    for room in ROOMS:
        importlib.import_module(f"entrepairs.{room}.models")


def create_app(overrides: Mapping[str, Any] | None = None, *, doors: bool = True) -> Flask:
    """The Flask application. `overrides` wins over files and variables (tests, workers).

    Without `doors` it answers no page: what workers, beat and commands need, loaded in half the time.
    """
    load_models()
    app = Flask("entrepairs", template_folder=str(resource("templates")), static_folder=None)
    configure(app, overrides)
    add_figures(*([resource("config") / "demo" / "parameters"] if app.config["DEMO"] else []))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)  # /readyz reads the revision at each call
    if app.config.get("PROXIES"):
        hops = int(app.config["PROXIES"])
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    _init_extensions(app)
    from entrepairs.web import init_look, init_web

    (init_web if doors else init_look)(app)
    set_nudge(None if app.testing else make_nudge(app.config["REDIS_URL"]))
    set_run_nudge(None if app.testing else make_nudge(app.config["REDIS_URL"], WORK))
    return app


def _compiled_templates() -> FileSystemBytecodeCache | None:
    """Each template is compiled once by machine, not by process: in a folder of ours alone under the temporary one."""
    try:
        return FileSystemBytecodeCache()
    except (OSError, RuntimeError):  # no such folder can be had: each process compiles its own
        return None


def _init_extensions(app: Flask) -> None:
    app.config.setdefault("RATELIMIT_STORAGE_URI", redis_urls.for_limiter(app.config["REDIS_URL"]))
    app.config.setdefault("RATELIMIT_SWALLOW_ERRORS", True)  # Valkey down: the page matters more than the count
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "fr")
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", "Europe/Paris")
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.bytecode_cache = _compiled_templates()
    db.init_app(app)
    migrate.init_app(app, db, directory=str(resource("migrations")))
    login_manager.init_app(app)
    csrf.init_app(app)
    babel.init_app(app)
    limiter.init_app(app)
