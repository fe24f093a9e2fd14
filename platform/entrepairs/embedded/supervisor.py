"""Keeps the children running until asked to stop, then stops them in the reverse order of their start.

Only what it started itself is ever signalled. A supervisor killed outright leaves its children recorded by
number and start time; the next one on the same folder ends those first.
"""

import fcntl
import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Final, Self

from entrepairs.embedded.children import Child, Supervised, end_leftover, process_mark
from entrepairs.embedded.errors import EmbeddedError, explained

STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOK_EVERY: Final = 0.5
LONGEST_PAUSE: Final = 30.0
"""Seconds before the next restart of a child that keeps falling."""

STEADY_AFTER: Final = 60.0
"""Seconds after which a restarted child is trusted again."""


class StopAsked(Exception):
    """Raised inside a start when Ctrl-C or TERM came meanwhile."""


class Supervisor:
    """Starts services in order, watches them, stops them in reverse; used as a context manager.

    What all others stand on (PostgreSQL, Valkey) is started as a *base*, whenever it is: bases are stopped last. So the
    stop order is beat, worker, web, doubles, Valkey, PostgreSQL.
    """

    def __init__(
        self,
        folder: Path,
        say: Callable[[str], None] = print,
        *,
        signals: Sequence[signal.Signals] = STOP_SIGNALS,
    ) -> None:
        self._folder = folder
        self._say = say
        self._signals = signals
        self._services: list[Supervised] = []
        self._bases = 0
        self._falls: dict[str, tuple[int, float]] = {}
        self._asked = False
        self._lock: IO[str] | None = None
        self._wake_read = self._wake_write = -1
        self._former: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        """Take the folder for ourselves, end what a killed supervisor left, listen to signals."""
        self._lock = self._take_folder()
        self._wake_read, self._wake_write = os.pipe()
        # Explicit handlers: a job started in the background inherits an ignored SIGINT.
        for number in self._signals:
            self._former[number] = signal.signal(number, self._on_signal)
        self._end_leftovers()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Stop everything; a stop that was asked for is not an error."""
        self.stop()
        for number, former in self._former.items():
            signal.signal(number, former)  # type: ignore[arg-type]
        os.close(self._wake_read)
        os.close(self._wake_write)
        if self._lock is not None:
            self._lock.close()
        return kind is not None and issubclass(kind, StopAsked)

    def start(self, service: Supervised, *, base: bool = False) -> None:
        """Start one more service. Raises EmbeddedError, StopAsked."""
        self._raise_if_asked()
        self._services.insert(self._bases if base else len(self._services), service)
        self._bases += base
        service.start()
        self._record()
        self._raise_if_asked()

    def run(self, step: Child) -> None:
        """Run a step to its end. Raises EmbeddedError with the end of its log when it fails, StopAsked."""
        self.start(step)
        self.finish(step)

    def finish(self, step: Child) -> None:
        """Wait for the end of a step that was started. Raises as `run` does."""
        try:
            while step.running():
                self._pause(0.05)
                self._raise_if_asked()
            if step.exit_code() != 0:
                words = step.last_words(15)
                words = words if "Traceback" in words else step.last_words(1)  # a sentence, or where it went wrong
                raise EmbeddedError(f"{step.name} : échec. {words}\nJournal : {step.log}")
        finally:
            self.give_up(step)

    def give_up(self, step: Child | None) -> None:
        """Stop a step that is not needed, or what is left of one."""
        if step in self._services:
            step.stop()
            self._services.remove(step)
            self._record()

    def wait_until(self, ready: Callable[[], bool], within: float, otherwise: str) -> None:
        """Wait until `ready()`; EmbeddedError(otherwise) after `within` seconds or when a child dies."""
        deadline = time.monotonic() + within
        while not ready():
            self._raise_if_asked()
            fallen = next((s for s in self._services if not s.running()), None)
            if fallen is not None:
                words = fallen.last_words(15) if isinstance(fallen, Child) else ""
                raise EmbeddedError(f"{fallen.name} s'est arrêté pendant le démarrage.\n{words}".strip())
            if time.monotonic() > deadline:
                raise EmbeddedError(otherwise)
            self._pause(0.1)

    def watch(self) -> None:
        """Return when asked to stop; meanwhile restart what falls, with a sentence."""
        while not self._asked:
            for service in self._services:
                if not service.running() and not self._asked:
                    self._restart(service)
            self._pause(LOOK_EVERY)

    def stop(self) -> None:
        """Stop every service, the last started first; one that resists does not keep the others up."""
        self._bases = 0
        while self._services:
            service = self._services.pop()
            try:
                service.stop()
            except OSError as error:
                self._say(f"{service.name} : arrêt difficile ({error.strerror}).")
        if self._lock is not None:
            self._record()

    def _restart(self, service: Supervised) -> None:
        count, last = self._falls.get(service.name, (0, 0.0))
        count = 0 if time.monotonic() - last > STEADY_AFTER else count
        pause = 0.0 if count == 0 else min(2.0**count, LONGEST_PAUSE)
        if time.monotonic() - last < pause:
            return
        self._falls[service.name] = (count + 1, time.monotonic())
        self._say(f"{service.name} s'est arrêté : nous le relançons.")
        try:
            service.stop()
            service.start()
            self._record()
        except EmbeddedError as error:
            self._say(str(error))

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._asked = True
        os.write(self._wake_write, b"!")

    def _pause(self, seconds: float) -> None:
        """Sleep, but wake at once on a signal."""
        if select.select([self._wake_read], [], [], seconds)[0]:
            os.read(self._wake_read, 64)

    def _raise_if_asked(self) -> None:
        if self._asked:
            raise StopAsked

    def _take_folder(self) -> IO[str]:
        try:
            lock = (self._folder / "supervisor.lock").open("a+")
        except OSError as error:
            raise explained(error, self._folder) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise EmbeddedError(
                f"Entrepairs tourne déjà sur {self._folder} : arrêtez-le d'abord, ou donnez un autre dossier "
                "par ENTREPAIRS_DATA_DIR."
            ) from error
        return lock  # not inherited: Python's files are closed in children

    def _record(self) -> None:
        """Write down who runs, for the next supervisor should this one be killed."""
        children = [
            {"name": service.name, "pid": service.pid, "mark": process_mark(service.pid)}
            for service in self._services
            if service.pid is not None
        ]
        path = self._folder / "children.json"
        draft = path.with_suffix(".new")
        try:
            draft.write_text(json.dumps(children))
            draft.replace(path)
        except OSError as error:  # a full disk must not bring the house down
            print(f"children.json : {error.strerror}", file=sys.stderr)  # noqa: T201

    def _end_leftovers(self) -> None:
        try:
            children = json.loads((self._folder / "children.json").read_text())
        except (OSError, ValueError):
            return
        for child in reversed(children):
            if child["mark"] and process_mark(child["pid"]) == child["mark"]:
                self._say(f"{child['name']} tournait encore d'une fois précédente : nous l'arrêtons d'abord.")
                fast = signal.SIGINT if child["name"] == "PostgreSQL" else signal.SIGTERM
                end_leftover(child["pid"], child["mark"], stop_signal=fast)
