"""A Valkey of our own, the broker and the counters' store: append-only file, Unix socket, no TCP port."""

import signal
import socket
import time
from pathlib import Path
from typing import Final

from entrepairs.embedded.binaries import valkey_program
from entrepairs.embedded.children import Child
from entrepairs.embedded.errors import EmbeddedError, explained
from entrepairs.embedded.folders import ensure_short_enough

READY_WITHIN: Final = 20.0


class EmbeddedValkey:
    """One server with its data in `folder`, listening on `sockets/valkey.sock` (mode 0700)."""

    name = "Valkey"

    def __init__(self, folder: Path, sockets: Path, *, log: Path) -> None:
        self.folder = folder
        self.socket = sockets / "valkey.sock"
        self._child = Child(self.name, [], log=log, stop_signal=signal.SIGTERM)

    @property
    def url(self) -> str:
        """The address in redis-py's form; `entrepairs.redis_urls` derives the others."""
        return f"unix://{self.socket}"

    @property
    def pid(self) -> int | None:
        """The server's process, while it runs."""
        return self._child.pid

    def running(self) -> bool:
        """Whether the server's process is alive."""
        return self._child.running()

    def start(self) -> None:
        """Start and wait for the first PONG. Raises EmbeddedError."""
        ensure_short_enough(self.socket.parent)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.socket.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        except OSError as error:
            raise explained(error, self.folder) from error
        if self._answers():
            raise EmbeddedError(f"Un autre Valkey écoute déjà sur {self.socket}.")
        self.socket.unlink(missing_ok=True)
        self._child.command = self._command()
        self._child.start()
        deadline = time.monotonic() + READY_WITHIN
        while not self._answers():
            if time.monotonic() > deadline or not self._child.running():
                words = self._child.last_words()
                self._child.stop()
                raise EmbeddedError(f"Valkey n'a pas démarré ; fin de son journal ({self._child.log}) :\n{words}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop after the last write; the data stay."""
        self._child.stop()

    def _command(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "appendonly": "yes",
            "save": "",
            "daemonize": "no",
            "maxmemory-policy": "noeviction",  # a broker that evicts loses messages
        }
        pairs = [part for key, value in settings.items() for part in (f"--{key}", value)]
        return [str(valkey_program()), *pairs]

    def _answers(self) -> bool:
        """A real PING: a socket file alone proves nothing."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1.0)
                connection.connect(str(self.socket))
                connection.sendall(b"*1\r\n$4\r\nPING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False
