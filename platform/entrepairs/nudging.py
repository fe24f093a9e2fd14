"""Telling the workers that effects wait. A lost nudge loses nothing: the sweep comes every few seconds."""

import logging
from collections.abc import Callable
from typing import Final

from celery import Celery

from entrepairs import redis_urls

DRAIN: Final = "outbox.drain"
WORK: Final = "runs.work"
log = logging.getLogger(__name__)


def make_nudge(redis_url: str, task: str = DRAIN) -> Callable[[], None]:
    """A function that sends one `task` and never raises."""
    producer = Celery("entrepairs-producer", broker=redis_urls.for_celery_broker(redis_url), set_as_current=False)
    producer.conf.update(
        task_ignore_result=True,
        broker_connection_retry=False,
        broker_transport_options={"socket_connect_timeout": 1, "socket_timeout": 2, "max_retries": 0},
        task_publish_retry=False,
    )

    def nudge() -> None:
        try:
            producer.send_task(task, ignore_result=True)
        except Exception as error:  # noqa: BLE001 - whatever the transport raises, the commit has succeeded
            log.warning("nudge not sent, the sweep will take over: %s", error)

    return nudge
