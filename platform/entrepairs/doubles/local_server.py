"""A threaded web server on loopback, and waiting for the signal that stops it."""

import ipaddress
import os
import signal
import socket
import sys
import threading
from types import TracebackType
from typing import Final, Self

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server


class CannotListen(Exception):
    """The address is not a loopback one, or another program holds the port; str() is a clear sentence."""


class _QuietHandler(WSGIRequestHandler):
    """No line per request: the console of the demo belongs to the platform."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def ensure_loopback(host: str) -> str:
    """The host as a loopback IP address; raises CannotListen for anything another machine could reach."""
    address = "127.0.0.1" if host == "localhost" else host
    try:
        if ipaddress.ip_address(address).is_loopback:
            return address
    except ValueError:
        pass
    raise CannotListen(f"A stand-in speaks on loopback only (127.0.0.1), not on {host!r}.")


def bind(host: str, port: int) -> socket.socket:
    """A listening loopback socket (port 0 takes a free one); raises CannotListen.

    Who started us may have taken the port already, so that nobody else does meanwhile: `ENTREPAIRS_SOCKETS` then names
    the open socket we inherit (`8025:5,1025:6`, the port and its number).
    """
    address = ensure_loopback(host)
    handed = dict(pair.split(":") for pair in os.environ.get("ENTREPAIRS_SOCKETS", "").split(",") if pair)
    if str(port) in handed:
        return socket.socket(fileno=int(handed[str(port)]))
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise CannotListen(f"Cannot listen on {address}, port {port}: {error.strerror}.") from error
    return listener


def address_of(listener: socket.socket) -> str:
    """The web address of a bound socket, without a final slash."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class LocalServer:
    """Serves one Flask application on an already bound socket, in a thread, between `with` and its end."""

    def __init__(self, app: Flask, listener: socket.socket) -> None:
        host, port = listener.getsockname()[:2]
        self.address = address_of(listener)
        self._listener = listener
        self._server = make_server(host, port, app, threaded=True, request_handler=_QuietHandler, fd=listener.fileno())
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name=f"web:{port}", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._listener.close()


def say(sentence: str) -> None:
    """One line on the console, at once even when it is a pipe."""
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


class StopSignal:
    """Catches SIGTERM and SIGINT from its making on: made before any thread, which inherits what is held back.

    No handler in Python: one that sets an event waits for ever when the signal comes while the event is being waited for.
    A signal held back is kept until it is asked for, also the SIGINT that a program in the background inherits ignored.
    """

    _NUMBERS: Final = frozenset({signal.SIGTERM, signal.SIGINT})

    def __init__(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, self._NUMBERS)

    def wait(self) -> None:
        """Return once one of the two signals has come."""
        signal.sigwait(self._NUMBERS)
