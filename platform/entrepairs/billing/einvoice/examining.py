"""The check of any files, one or thousands: each opened, held to its rules by a checker kept alive, one answer by file.

A checker serves one thread at a time, so there are as many threads as checkers; saxonche runs in the checkers' processes.
"""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from entrepairs.billing.einvoice.checker import Checker
from entrepairs.billing.einvoice.findings import Finding
from entrepairs.billing.einvoice.inspecting import Verdict, inspect, unverified
from entrepairs.billing.einvoice.opening import Unreadable, open_file
from entrepairs.kernel.errors import Unavailable
from entrepairs.kernel.i18n import N_, Sentence
from entrepairs.kernel.machine import cores

MANY: Final = 8
"""Files from which every core has a checker: compiling the rules costs a second each."""
PATIENCE: Final = 300.0
"""Seconds for one document: an invoice of ten thousand lines is slow, not dead."""
_OWN_FAULT: Final = N_("The check itself failed on this file (%(why)s): nothing can be said of it.")

HOLDS, FAILS, UNREADABLE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Examination:
    """What became of one file: a verdict, or why it could not be read."""

    path: Path
    verdict: Verdict | None = None
    code: str = ""
    problem: Sentence | None = None

    @property
    def exit(self) -> int:
        """0 all holds, 1 a rule fails, 2 unreadable."""
        if self.verdict is None:
            return UNREADABLE
        return HOLDS if self.verdict.holds else FAILS

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Errors and warnings; none for an unreadable file."""
        return self.verdict.findings if self.verdict else ()


def examine(path: Path, checker: Checker) -> Examination:
    """One file. Never raises: a fault of ours is told as such, and the file does not hold."""
    try:
        opened = open_file(path)
        try:
            return Examination(path, inspect(opened, checker))
        except Unavailable as problem:
            return Examination(path, unverified(opened, problem))
    except Unreadable as refusal:
        return Examination(path, None, refusal.code, Sentence(refusal.message, refusal.params))
    except Exception as fault:  # noqa: BLE001 - one crooked file must not hide the others; it is exit 2, not a yes
        why = f"{type(fault).__name__}: {fault}"
        return Examination(path, None, "fault", Sentence(_OWN_FAULT, {"why": why[:200]}))


def jobs_for(count: int) -> int:
    """Checkers for so many files: one, or one by core this process may use."""
    return 1 if count < MANY else min(count, cores())


def examine_all(paths: Sequence[Path], *, jobs: int, rules: Path | None = None) -> Iterator[Examination]:
    """Every file, in the order given, as each is ready. `rules` is another folder of official files."""
    with ExitStack() as closing:
        own = threading.local()

        def one(path: Path) -> Examination:
            if not hasattr(own, "checker"):
                own.checker = closing.enter_context(Checker(timeout=PATIENCE, rules=rules))
            return examine(path, own.checker)

        with ThreadPoolExecutor(jobs) as pool:
            yield from pool.map(one, paths)


def as_json(one: Examination, said: Any) -> dict[str, Any]:
    """The stable form of one file's answer; `said` turns a sentence into French."""
    verdict = one.verdict
    told: dict[str, Any] = {"file": str(one.path), "exit": one.exit}
    if verdict is None:
        return {**told, "error": {"code": one.code, "sentence": said(one.problem)}}
    reading, envelope = verdict.opened.reading, verdict.opened.envelope
    document = {
        "syntax": reading.syntax,
        "profile": verdict.opened.profile,
        "specification": reading.value("BT-24").strip(),
        "attachment": envelope.name if envelope else None,
        "number": reading.value("BT-1").strip(),
        "type": reading.value("BT-3").strip(),
    }
    rules = [{"layer": row.layer.value, "file": row.file} for row in verdict.sets]
    failures = [
        {
            "id": row.rule,
            "layer": row.layer.value,
            "severity": row.severity,
            "term": row.term or None,
            "place": row.place or None,
            "sentence": said(row.sentence),
            "official": row.official or None,
        }
        for row in verdict.findings
    ]
    return {**told, "document": document, "rule_sets": rules, "failures": failures}
