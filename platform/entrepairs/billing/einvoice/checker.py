"""The official rules (XSD, EN 16931, then BR-FR) run on an invoice, by a child process kept alive.

Compiling the rules takes about half a second, checking about sixty milliseconds: one child serves a whole batch.
factur-x's own `xml_check_schematron` is not used: without its HTTP server it says that everything is right.
"""

import atexit
import base64
import contextlib
import json
import os
import selectors
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from entrepairs.billing.einvoice.rule_sets import DEFAULT_PROFILE, RuleSet, rule_sets_for
from entrepairs.billing.einvoice.terms import CII
from entrepairs.kernel.errors import Unavailable
from entrepairs.kernel.i18n import N_

_CHILD: Final = Path(__file__).with_name("checker_process.py")
_READ_SIZE: Final = 65536
START_TIMEOUT: Final = 60.0
"""Compiling the rules takes a second, more on a busy machine."""
OUR_RULES: Final = rule_sets_for(CII, DEFAULT_PROFILE)
"""What our own Factur-X are held to."""
RECYCLE_AFTER: Final = 200
"""Checks after which the child is replaced: its memory is not ours to trust for a night."""


@dataclass(frozen=True, slots=True)
class RuleFailure:
    """An assertion that the invoice fails: `rule` as `BR-E-10` or `BR-FR-05_BT-22_PMT`, the rule's own message.

    `place` is the rule's own XPath (XPath 2.0 for a schematron); `layer` one of `rule_sets.Layer`.
    """

    rule: str
    flag: str
    message: str
    place: str = ""
    layer: str = ""

    @property
    def blocks(self) -> bool:
        """False for a warning or an information."""
        return self.flag not in ("warning", "information", "info")


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What the rules said. `passed` when nothing blocks; warnings may remain in `failures`."""

    failures: tuple[RuleFailure, ...]

    @property
    def passed(self) -> bool:
        """Whether the invoice may be issued."""
        return not any(one.blocks for one in self.failures)

    @property
    def rules(self) -> frozenset[str]:
        """Identifiers of the failed rules that block."""
        return frozenset(one.rule for one in self.failures if one.blocks)


class UnreadableInvoice(ValueError):
    """The document is not XML that the rules can read: a fault of whoever made it, not of the checker."""


class RulesBroken(Unavailable):
    """A set of official rules could not be loaded or run: nothing may be said of any document."""


class _Died(Exception):
    """The child ended or went silent."""


class _Child:
    """One running process and its pipes. Ready to serve once constructed; raises _Died when it can't be."""

    def __init__(self, timeout: float, rules: Path | None) -> None:
        self.owner = os.getpid()
        self.served = 0
        self._compiled: set[str] = set()
        self._timeout = timeout
        self._pending = b""
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the child
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(_CHILD), *([str(rules)] if rules else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise _Died("no pipes")
        self._questions, self._answers = self._process.stdin, self._process.stdout
        try:
            self._read(START_TIMEOUT)
        except _Died:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, xml: bytes, sets: Sequence[RuleSet]) -> dict[str, Any]:
        """Send one document and wait for its answer."""
        self.served += 1
        wanted = [[one.layer.value, one.file] for one in sets]
        request = {"id": self.served, "xml": base64.b64encode(xml).decode("ascii"), "sets": wanted}
        try:
            self._questions.write(json.dumps(request).encode() + b"\n")
            self._questions.flush()
        except OSError as problem:
            raise _Died(str(problem)) from problem
        files = {one.file for one in sets}
        reply = self._read(self._timeout if files <= self._compiled else max(self._timeout, START_TIMEOUT))
        self._compiled |= files
        if reply.get("id") != self.served:
            raise _Died("an answer to another question")
        return reply

    def stop(self) -> None:
        """Close its input, which ends it; kill it when it lingers."""
        for pipe in (self._questions, self._answers):
            with contextlib.suppress(OSError):  # the reader is gone; what was buffered goes with it
                pipe.close()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()

    def _read(self, timeout: float) -> dict[str, Any]:
        end = time.monotonic() + timeout
        with selectors.DefaultSelector() as ready:
            ready.register(self._answers, selectors.EVENT_READ)
            while b"\n" not in self._pending:
                if not ready.select(max(0.0, end - time.monotonic())):
                    self._process.kill()
                    raise _Died(f"silent for {timeout} s")
                read = os.read(self._answers.fileno(), _READ_SIZE)
                if not read:
                    raise _Died(self._last_words())
                self._pending += read
        line, _, self._pending = self._pending.partition(b"\n")
        reply: dict[str, Any] = json.loads(line)
        return reply

    def _last_words(self) -> str:
        self._errors.seek(0)
        return self._errors.read()[-500:].decode("utf-8", "replace").strip() or "ended without a word"


class Checker:
    """A child that checks invoices, one at a time. Safe between threads; starts on first use, restarts when dead.

    Use it as a context manager, or call `close`. After a fork the other process's child is left alone.
    """

    def __init__(self, *, timeout: float = 20.0, rules: Path | None = None) -> None:
        """`timeout` is for one document, once its rules are compiled; `rules` another folder of official files."""
        self._timeout = timeout
        self._rules = rules
        self._lock = threading.Lock()
        self._child: _Child | None = None

    def check(self, xml: bytes, sets: Sequence[RuleSet] = OUR_RULES) -> CheckReport:
        """Run the rules on `xml`, by default those of our own Factur-X. A child that dies is replaced and asked once more.

        Silence for `timeout` seconds counts as death. Raises Unavailable("einvoice_checker") when it dies twice,
        RulesBroken when a set of rules can't be loaded or run, UnreadableInvoice when `xml` is not XML.
        """
        with self._lock:
            try:
                reply = self._running().ask(xml, sets)
            except _Died:
                self._stop()
                reply = self._ask_again(xml, sets)
        if "broken" in reply:
            raise RulesBroken(
                "einvoice_rules",
                N_("The official rules could not be run (%(detail)s): nothing can be said of this invoice."),
                detail=reply["broken"],
            )
        if "error" in reply:
            raise UnreadableInvoice(reply["error"])
        return CheckReport(tuple(RuleFailure(**one) for one in reply["failed"]))

    def close(self) -> None:
        """End the child, by closing its input. May be called twice; a later `check` starts a new one."""
        with self._lock:
            self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The child's process id, when it runs."""
        return self._child.pid if self._child else None

    def _ask_again(self, xml: bytes, sets: Sequence[RuleSet]) -> dict[str, Any]:
        try:
            return self._running().ask(xml, sets)
        except _Died as death:
            self._stop()
            raise _unavailable(str(death)) from death

    def _running(self) -> _Child:
        if self._child and (self._child.owner != os.getpid() or self._child.served >= RECYCLE_AFTER):
            self._stop()
        if self._child is None:
            self._child = _Child(self._timeout, self._rules)
        return self._child

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child and child.owner == os.getpid():
            child.stop()


def _unavailable(detail: str) -> Unavailable:
    return Unavailable(
        "einvoice_checker",
        N_("The check of electronic invoices does not answer. Nothing was issued; please try again in a moment."),
        detail=detail,
    )


_shared = Checker()


def shared_checker() -> Checker:
    """The checker of this process, started on first use and closed at exit."""
    return _shared


atexit.register(_shared.close)
