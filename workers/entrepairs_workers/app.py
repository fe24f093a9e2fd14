"""The Celery application: `celery -A entrepairs_workers.app worker` and `… beat`.

Redis is a transport: what must happen is a row in PostgreSQL, and the sweep finds it again. Tasks take no
arguments; recovery after a kill is the sweep's, by the row's lease, not the broker's.
"""

import os
from typing import Any, Final

from celery import Celery
from celery.signals import beat_init, worker_process_init
from flask import Flask

from entrepairs import redis_urls
from entrepairs.quiet_loading import loaded
from entrepairs_workers.schedule import BEAT


def _application() -> Flask:
    from entrepairs.app import create_app

    return create_app(doors=False)


flask_app = loaded(_application)
_REDIS: Final = flask_app.config["REDIS_URL"]
_VISIBILITY: Final = 120  # longer than any task (30 s): a redelivery is harmless, only useless

app = Celery(
    "entrepairs",
    broker=redis_urls.for_celery_broker(_REDIS),
    include=["entrepairs_workers.tasks", "entrepairs_workers.running"],
)
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_soft_shutdown_timeout=10,
    worker_enable_soft_shutdown_on_idle=True,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": _VISIBILITY,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
    },
    visibility_timeout=_VISIBILITY,
    task_time_limit=30,
    task_soft_time_limit=25,
    task_serializer="json",
    accept_content=["json"],
    timezone="UTC",
    beat_schedule=BEAT,
    beat_schedule_filename=os.environ.get("ENTREPAIRS_BEAT_FILE", "/tmp/entrepairs-beat"),  # noqa: S108
    # A long work takes one process: another is always left for mails and papers.
    worker_concurrency=max(2, int(os.environ.get("ENTREPAIRS_WORKER_PROCESSES", "2"))),
)


@worker_process_init.connect
def _forget_parent_connections(**_: Any) -> None:
    """A connection opened before the fork would be shared with the parent and answer to both."""
    from entrepairs.extensions import db

    with flask_app.app_context():
        db.engine.dispose(close=False)


@beat_init.connect
def _beat_at_once(**_: Any) -> None:
    """Beat waits a whole period before its first tick; a start is told ready by the heartbeat."""
    app.send_task("heartbeat")
