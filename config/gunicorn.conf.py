"""The web server: `gunicorn -c config/gunicorn.conf.py entrepairs.wsgi:app`, in the demo and in production.

The application is loaded once and forked. A database connection opened before the fork would be shared by two
processes, which then read each other's answers: each worker forgets the parent's, without closing it.
"""

import os
from pathlib import Path

bind = f"{os.environ.get('ENTREPAIRS_HOST', '127.0.0.1')}:{os.environ.get('ENTREPAIRS_PORT', '8000')}"
workers = int(os.environ.get("ENTREPAIRS_WEB_PROCESSES", "2"))
threads = int(os.environ.get("ENTREPAIRS_WEB_THREADS", "4"))
worker_class = "gthread"
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  (a heartbeat file only)
preload_app = True
timeout = 60
graceful_timeout = 15
keepalive = 5
max_requests = 5000
max_requests_jitter = 500
accesslog = None  # the application logs its requests itself, without query strings
control_socket_disable = True


def post_fork(server, worker):
    """Forget the parent's connections without closing them."""
    from entrepairs.extensions import db

    with server.app.wsgi().app_context():
        for engine in db.engines.values():
            engine.dispose(close=False)
