"""The real product, started by the command a person types, and what a test may ask of it from outside."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg.rows import dict_row

from entrepairs.embedded.environment import remembered
from tests.throwaway import ROOT, short_folder

Found = TypeVar("Found")
READY = "Ctrl-C arrête tout"
STAND_INS = ("MAIL", "SMTP", "STRIPE", "CHORUS", "PLATFORM")
UNSET = ("DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL", "SMTP_URL", "XDG_RUNTIME_DIR")


@dataclass
class Mail:
    """A letter in the demo's mailbox."""

    id: str
    to: str
    subject: str
    message_id: str
    text: str
    links: list[str]
    attachments: list[dict[str, Any]]


@dataclass
class Stack:
    """`entrepairs up --demo` on its own folder and ports. `stop()` ends it and says what was left.

    `given` are variables of its environment, such as a database where the story is told already.
    """

    given: dict[str, str] = field(default_factory=dict)
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="ep-journey-", dir=short_folder())))
    said: str = ""
    process: subprocess.Popen[str] | None = None
    web: str = ""
    mailbox: str = ""
    stripe: str = ""

    @property
    def data(self) -> Path:
        """ENTREPAIRS_DATA_DIR."""
        return self.folder / "data"

    def start(self) -> None:
        """Start and wait until it says that it is ready."""
        self.folder.chmod(0o711)
        environment = {name: value for name, value in os.environ.items() if name not in UNSET}
        environment |= self.given
        environment |= {"ENTREPAIRS_DATA_DIR": str(self.data), "ENTREPAIRS_PORT": str(_free_port())}
        environment |= {f"ENTREPAIRS_{name}_PORT": str(_free_port()) for name in STAND_INS}
        self.process = subprocess.Popen(
            [str(ROOT / ".venv" / "bin" / "entrepairs"), "up", "--demo"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if READY in line:
                break
        else:
            raise AssertionError(f"it stopped before it was ready:\n{self.said}\n{self.logs()}")
        self.web = self._announced("Adresse")
        self.mailbox = self._announced("Courriers")
        self.stripe = remembered(self.data)["ENTREPAIRS_STRIPE_API_BASE"]

    def _announced(self, word: str) -> str:
        found = re.search(rf"{word}\s+(http\S+)", self.said)
        assert found, f"« {word} » is not announced:\n{self.said}"
        return found[1]

    def stop(self) -> None:
        """End it as `kill` does; it answers 0 and leaves nothing of its own behind."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        said, _ = self.process.communicate(timeout=120)
        code, self.process = self.process.returncode, None
        try:
            assert code == 0, f"it ended with {code}:\n{said}"
            left = self.processes()
            assert not left, f"still running: {left}"
        finally:
            for number in self.processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
            shutil.rmtree(self.folder, ignore_errors=True)

    def processes(self) -> dict[int, str]:
        """Every process of this stack: its folder is in its environment or its command."""
        found, mark = {}, str(self.data).encode()
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                command = (path / "cmdline").read_bytes()
                if mark in command or mark in (path / "environ").read_bytes():
                    found[int(path.name)] = command.replace(b"\0", b" ").decode(errors="replace")[:120]
        found.pop(os.getpid(), None)
        return found

    def logs(self) -> str:
        """The last words of the web and the worker."""
        pieces = [f"--- {path.name}\n{path.read_text()[-1500:]}" for path in sorted(self.data.glob("logs/w*.log"))]
        return "\n".join(pieces)

    # --- from outside ---------------------------------------------------------------------------------------

    def mails(self, to: str | None = None) -> list[Mail]:
        """What arrived, newest first."""
        with urllib.request.urlopen(f"{self.mailbox}/messages.json?limit=5000", timeout=10) as answer:
            rows = json.load(answer)["messages"]
        return [
            Mail(
                each["id"],
                each["recipients"][0],
                each["subject"],
                each["message_id"],
                each["text"],
                each["links"],
                each["attachments"],
            )
            for each in rows
            if to is None or to in each["recipients"]
        ]

    def mail(self, to: str, subject: str, *, about: str = "", after: int = 0, within: float = 30.0) -> Mail:
        """Wait for a letter whose subject holds `subject` and its text `about`; `after` is how many were there before.

        The story writes letters of its own: `about` tells a journey's from them.
        """

        def look() -> Mail | None:
            found = [each for each in self.mails(to) if subject in each.subject and about in each.text]
            return found[0] if len(found) > after else None

        return self.wait(look, f"a mail « {subject} » to {to}", within=within)

    def download(self, mail: Mail, number: int) -> bytes:
        """An attachment."""
        with urllib.request.urlopen(f"{self.mailbox}{mail.attachments[number]['url']}", timeout=10) as answer:
            return bytes(answer.read())

    def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        """Ask the database."""
        url = remembered(self.data)["MIGRATION_DATABASE_URL"].replace("+psycopg", "", 1)
        with psycopg.connect(url, row_factory=dict_row) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def one(self, query: str, **values: Any) -> Any:
        """The only value of the only row."""
        row = self.rows(query, **values)[0]
        return next(iter(row.values()))

    def wait(self, look: Callable[[], Found | None], what: str, *, within: float = 30.0) -> Found:
        """Ask until there is an answer."""
        end = time.monotonic() + within
        while True:
            found = look()
            if found:
                return found
            assert time.monotonic() < end, f"no {what} after {within:.0f} s\n{self.logs()}"
            time.sleep(0.2)

    def settled(self, *, within: float = 60.0) -> None:
        """Wait until every effect due by the demo's clock is done, and no job is behind."""

        def look() -> bool:
            return not self.rows(
                """SELECT 1 FROM outbox WHERE state IN ('pending', 'claimed')
                AND due_at <= (SELECT at FROM demo_clock) LIMIT 1"""
            )

        self.wait(look, "rest", within=within)

    def kill_worker(self) -> None:
        """SIGKILL to the whole process group of the worker, as a machine's oom killer would, only worse."""
        children = json.loads((self.data / "children.json").read_text())
        number = next(int(each["pid"]) for each in children if each["name"] == "Exécutant")
        os.killpg(number, signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
