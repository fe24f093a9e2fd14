"""The WSGI entry: `gunicorn -c config/gunicorn.conf.py entrepairs.wsgi:app`."""

from flask import Flask

from entrepairs.quiet_loading import loaded


def _application() -> Flask:
    from entrepairs.app import create_app
    from entrepairs.matching.index import holding

    made = create_app()
    holding.allow(made.config["MATCHING_INDEX"])  # web processes only: what ends soon has no use for a team in memory
    return made


app = loaded(_application)
