"""The printer: draws the invoices of the past while the story goes on, in a process of its own.

A Factur-X takes longer to draw than all that led to it. The printer does the very effects a worker would, each at its
own hour and with references of its own drawing, so that the story is the same whichever is ahead.
"""

import multiprocessing
import sys
from multiprocessing.synchronize import Event
from random import Random
from types import TracebackType
from typing import Final, Self

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from entrepairs.app import load_models
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.references import drawn_from
from entrepairs.outbox.models import ItemState, OutboxItem
from entrepairs_workers.effects import USE_CASES, handler

PRINTED: Final = ("billing.produce_einvoice", "billing.send_invoice")
"""The effects it does, and the story leaves to it."""
PAUSE: Final = 0.3
"""Seconds between two looks while nothing waits."""
PATIENCE: Final = 300.0


class PrinterFailedError(RuntimeError):
    """The printer ended before its work: what it said is on the standard error."""


class Printer:
    """The process, as the story sees it: started beside, told when nothing more will come, waited for."""

    def __init__(self, session: Session, seed: int) -> None:
        url = session.get_bind().engine.url.render_as_string(hide_password=False)
        # Forked before the story connects: all is loaded already. Elsewhere than on Linux a fork is not to be trusted.
        get = multiprocessing.get_context
        context = get("fork") if sys.platform == "linux" else get("spawn")
        self._last = context.Event()
        self._process = context.Process(target=print_invoices, args=(url, seed, self._last), daemon=True)
        self._process.start()

    def ensure_at_work(self) -> None:
        """Raise PrinterFailedError when it has ended: a story whose invoices nobody draws need not be told on."""
        if not self._process.is_alive():
            raise PrinterFailedError(f"exit code {self._process.exitcode}")

    def finish(self) -> None:
        """Nothing more will come: wait until all is drawn. Raises PrinterFailedError."""
        self._last.set()
        self._process.join(PATIENCE)
        if self._process.exitcode != 0:
            raise PrinterFailedError(f"exit code {self._process.exitcode}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.is_alive():
            self._process.kill()
        self._process.join()


def print_invoices(url: str, seed: int, last: Event) -> None:
    """The process's work: draw what is committed, until nothing is left and nothing more will come."""
    load_models()
    engine = create_engine(url, poolclass=NullPool, connect_args={"options": "-c synchronous_commit=off"})
    with engine.connect() as connection, Session(connection) as session:
        more, parent = True, multiprocessing.parent_process()
        while more and (parent is None or parent.is_alive()):  # a killed story leaves no printer behind
            more = not last.wait(PAUSE)  # looked at before the table, so that what came before it is seen
            while _print_one(session, seed):
                pass


def _print_one(session: Session, seed: int) -> bool:
    item = session.scalars(
        select(OutboxItem)
        .where(OutboxItem.state == ItemState.PENDING, OutboxItem.kind.in_(PRINTED))
        .order_by(OutboxItem.due_at, OutboxItem.id)
        .limit(1)
    ).one_or_none()
    if item is None:
        session.rollback()
        return False
    with drawn_from(Random(f"{seed}:{item.kind}:{item.subject_ref}")):
        handler(USE_CASES, item.kind)(session, item.subject_ref, item.payload, clock=FixedClock(item.due_at))
    item.state, item.attempts, item.done_at = ItemState.DONE, 1, item.due_at
    session.commit()
    return True
