"""The application as the commands need it."""

from collections.abc import Mapping

from flask import Flask
from sqlalchemy.pool import NullPool

from entrepairs.app import create_app


def application_as_owner(variables: Mapping[str, str]) -> Flask:
    """The application connected as the owner of the tables, for the migrations.

    They may take their time (no statement timeout), keep no connection, and need neither Valkey nor mail.
    """
    overrides = {
        name: f"{scheme}://unused"
        for name, scheme in (("REDIS_URL", "redis"), ("SMTP_URL", "smtp"))
        if not variables.get(name)
    }
    owner = variables.get("MIGRATION_DATABASE_URL") or variables.get("DATABASE_URL")
    if owner:
        overrides["DATABASE_URL"] = owner
    return create_app(
        {**overrides, "DATABASE_STATEMENT_TIMEOUT_MS": 0, "SQLALCHEMY_ENGINE_OPTIONS": {"poolclass": NullPool}}
    )
