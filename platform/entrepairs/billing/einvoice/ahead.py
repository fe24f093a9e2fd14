"""The official rules on several documents at once: a checker per core answers while the next document is being made."""

import atexit
import queue
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from types import TracebackType
from typing import Self

from entrepairs.billing.einvoice.checker import OUR_RULES, Checker, CheckReport, UnreadableInvoice, shared_checker
from entrepairs.billing.einvoice.rule_sets import RuleSet
from entrepairs.kernel.machine import cores


class Ahead(Checker):
    """Says yes at once to each document, and asks. Nothing may be kept before `all_hold` has said so too.

    For a batch that is undone and taken up again one by one when a rule fails, which is rare. Use it as a context
    manager. Threads only wait for the checkers, which are processes.
    """

    def __init__(self, checkers: Sequence[Checker]) -> None:
        super().__init__()
        self._free: queue.SimpleQueue[Checker] = queue.SimpleQueue()
        for one in checkers:
            self._free.put(one)
        self._pool = ThreadPoolExecutor(max_workers=len(checkers))
        self._asked: list[Future[CheckReport]] = []

    def check(self, xml: bytes, sets: Sequence[RuleSet] = OUR_RULES) -> CheckReport:
        """Ask, without waiting for the answer."""
        self._asked.append(self._pool.submit(self._ask, xml, sets))
        return CheckReport(())

    def all_hold(self) -> bool:
        """Whether every document asked since the last time passes. Raises what a checker raises when it is silent."""
        asked, self._asked = self._asked, []
        try:
            return all(one.result().passed for one in asked)
        except UnreadableInvoice:
            return False

    def close(self) -> None:
        """Forget what was asked; the checkers live on."""
        self._pool.shutdown(cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, xml: bytes, sets: Sequence[RuleSet]) -> CheckReport:
        one = self._free.get()
        try:
            return one.check(xml, sets)
        finally:
            self._free.put(one)


@lru_cache(maxsize=1)
def shared_checkers() -> tuple[Checker, ...]:
    """A checker for each core of this machine, the process's own first; each starts on its first use."""
    others = tuple(Checker() for _ in range(cores() - 1))
    for one in others:
        atexit.register(one.close)
    return (shared_checker(), *others)
