"""The WSGI entry: `gunicorn -c config/gunicorn.conf.py entrepairs.wsgi:app`."""

from entrepairs.app import create_app
from entrepairs.matching.index import holding

app = create_app()
holding.allow(app.config["MATCHING_INDEX"])  # web processes only: what ends soon has no use for a team in memory
