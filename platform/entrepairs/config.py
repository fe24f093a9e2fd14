"""Settings: `config/default.toml`, then `config/<environment>.toml`, then variables; production refuses to start half set."""

import json
import os
import tomllib
from collections.abc import Mapping
from typing import Any, Final

from flask import Flask

from entrepairs.paths import resource

PLAIN_NAMES: Final = ("DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL", "SMTP_URL")
"""Read without prefix too, as hosts give them."""
NEEDED: Final = ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "SMTP_URL")
NEEDED_IN_PRODUCTION: Final = ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET")


class ConfigurationError(RuntimeError):
    """Settings are missing or contradictory; the message lists them all."""


def load_settings(environment: str, variables: Mapping[str, str]) -> dict[str, Any]:
    """The settings of an environment, the later winning: default, environment file, variables."""
    values: dict[str, Any] = {"ENV": environment}
    for name in ("default", environment):
        path = resource("config") / f"{name}.toml"
        if path.is_file():
            values |= tomllib.loads(path.read_text(encoding="utf-8"))
    for name in PLAIN_NAMES:
        if variables.get(name):
            values[name] = variables[name]
    for name, text in variables.items():
        if name.startswith("ENTREPAIRS_") and text:
            values[name.removeprefix("ENTREPAIRS_")] = _parsed(text, values.get(name.removeprefix("ENTREPAIRS_")))
    return values


def configure(app: Flask, overrides: Mapping[str, Any] | None = None) -> None:
    """Put the settings on the app and derive what the extensions read. Raises ConfigurationError, listing all."""
    environment = (overrides or {}).get("ENV") or os.environ.get("ENTREPAIRS_ENV", "production")
    values = load_settings(environment, os.environ) | dict(overrides or {})
    missing = [name for name in NEEDED if not values.get(name)]
    if environment == "production":
        missing += [name for name in NEEDED_IN_PRODUCTION if not values.get(name)]
        if values["DEMO"]:
            msg = "DEMO is set in production: fictitious accounts would open every door"
            raise ConfigurationError(msg)
    if missing:
        msg = "missing settings: " + ", ".join(sorted(missing))
        raise ConfigurationError(msg)
    app.config.update(values)
    app.config["SQLALCHEMY_DATABASE_URI"] = psycopg_url(values["DATABASE_URL"])
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "pool_pre_ping": True,
        "connect_args": {"options": f"-c statement_timeout={values['DATABASE_STATEMENT_TIMEOUT_MS']} -c timezone=UTC"},
    } | dict(values.get("SQLALCHEMY_ENGINE_OPTIONS", {}))


def psycopg_url(url: str) -> str:
    """The address in SQLAlchemy's spelling, for psycopg 3."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def _parsed(text: str, example: object) -> object:
    """Variables are text; numbers and truth values follow the type of the default."""
    if isinstance(example, bool):
        return text.strip().lower() in {"1", "true", "yes", "oui", "on"}
    if isinstance(example, int):
        return int(text)
    if isinstance(example, list | dict):
        return json.loads(text)
    return text
