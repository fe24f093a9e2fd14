"""Alembic's environment: the metadata of the app, the connection of the current Flask application."""

from alembic import context
from flask import current_app


def run_offline() -> None:
    """Write the SQL without a database."""
    url = current_app.config["SQLALCHEMY_DATABASE_URI"]
    context.configure(url=url, target_metadata=_metadata(), literal_binds=True, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Run on the app's engine, as the owner of the tables; two migrators wait for each other."""
    with _engine().connect() as connection:
        context.configure(connection=connection, target_metadata=_metadata(), compare_type=True)
        with context.begin_transaction():
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(778204)")
            context.run_migrations()


def _metadata():
    return current_app.extensions["migrate"].db.metadata


def _engine():
    return current_app.extensions["migrate"].db.engine


if context.is_offline_mode():
    run_offline()
else:
    run_online()
