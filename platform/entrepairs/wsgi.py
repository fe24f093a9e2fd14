"""The WSGI entry: `gunicorn -c config/gunicorn.conf.py entrepairs.wsgi:app`."""

from entrepairs.app import create_app

app = create_app()
