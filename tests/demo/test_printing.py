"""The printer of the past invoices, when it is killed."""

import multiprocessing
import os
import signal

import pytest

from entrepairs.demo.loading import storytelling, tell_story
from entrepairs.demo.printing import PrinterFailedError
from tests.conftest import FreshDatabase


def test_a_story_whose_printer_is_killed_stops_within_a_week_instead_of_waiting_for_it(
    fresh_database: FreshDatabase,
) -> None:
    weeks: list[int] = []

    def kill_printer(what: str, done: int, total: int) -> None:
        weeks.append(done)
        for child in multiprocessing.active_children():
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)
            child.join()

    with storytelling(fresh_database.engine.url) as session, pytest.raises(PrinterFailedError, match="-9"):
        tell_story(session, tell=kill_printer)
    assert len(weeks) == 1
