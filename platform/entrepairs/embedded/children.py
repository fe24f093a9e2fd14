"""One process under supervision: its own session, its log file, its way of being stopped."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from entrepairs.embedded.errors import EmbeddedError, explained


class Supervised(Protocol):
    """What the supervisor can start, watch and stop."""

    @property
    def name(self) -> str:
        """French name shown at the terminal."""

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""

    def start(self) -> None:
        """Start and return once it can serve. Raises EmbeddedError."""

    def running(self) -> bool:
        """Whether its process is alive."""

    def stop(self) -> None:
        """Stop it; nothing to do when it does not run."""


@dataclass
class Child:
    """A command started in a session of its own, so that the terminal's Ctrl-C reaches only the supervisor."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] | None = None
    folder: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 15.0
    """Seconds between the stop signal and SIGKILL."""

    options: Mapping[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        return self.process.pid if self.process is not None and self.running() else None

    def start(self) -> None:
        """Start the command, its output appended to the log."""
        try:
            with _private_log(self.log) as output:
                self.process = subprocess.Popen(
                    list(self.command),
                    env=None if self.environment is None else dict(self.environment),
                    cwd=self.folder or "/",
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    **self.options,
                )
        except OSError as error:
            if error.filename == str(self.command[0]):
                raise EmbeddedError(f"{self.name} ne démarre pas : {error.strerror}.") from error
            raise explained(error, self.log.parent) from error

    def running(self) -> bool:
        """Whether the process is alive."""
        return self.process is not None and self.process.poll() is None

    def exit_code(self) -> int | None:
        """How it ended; None while it runs or before it started."""
        return None if self.process is None else self.process.poll()

    def stop(self) -> None:
        """Ask it to stop, wait, then end what remains of its session's group."""
        if self.process is None:
            return
        if self.running():
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(self.patience)
            except subprocess.TimeoutExpired:
                self._end_group()
                self.process.wait()
        self._end_group()
        self.process = None

    def last_words(self, lines: int = 5) -> str:
        """The end of its log, for an error sentence."""
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.strip().splitlines()[-lines:])

    def _end_group(self) -> None:
        """Kill what its own children left behind; the group carries its pid, nobody else's."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return


def _private_log(path: Path) -> IO[bytes]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def process_mark(pid: int) -> str | None:
    """What tells a process from a later one with the same number; None when it is dead."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return _mark_by_ps(pid) if not Path("/proc/self/stat").exists() else None
    return None if fields[0] in "ZX" else f"{boot}:{fields[19]}"


def _mark_by_ps(pid: int) -> str | None:
    shown = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], check=False, capture_output=True, text=True, timeout=10
    )
    return shown.stdout.strip() or None


def end_leftover(pid: int, mark: str, *, stop_signal: signal.Signals, patience: float = 15.0) -> None:
    """Stop a process an earlier supervisor left behind, if it still is that very process."""
    if process_mark(pid) != mark:
        return
    os.kill(pid, stop_signal)
    deadline = time.monotonic() + patience
    while process_mark(pid) == mark:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            break
        time.sleep(0.05)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)  # what it left in its own session's group
