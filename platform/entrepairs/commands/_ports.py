"""Where `entrepairs up` listens: each port is taken at once and its socket handed to who serves on it.

A port that is only looked at is free until somebody else takes it: two starts in the same second found the same ones.
"""

import errno
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from entrepairs.embedded.errors import EmbeddedError

BACKLOG: Final = 512
"""Connections that wait while a server starts or starts again."""
USUAL: Final = {"MAIL": 8025, "SMTP": 1025, "STRIPE": 8420, "CHORUS": 8430, "PLATFORM": 8440}
HANDED: Final = "ENTREPAIRS_SOCKETS"
"""What a stand-in reads: `8025:5,1025:6`, the port and the number of the open socket it inherits."""


@dataclass(frozen=True)
class Ports:
    """Where the web and the stand-ins listen, on loopback unless ENTREPAIRS_HOST says otherwise. 0: not needed.

    Held until the end of its `with`: a browser that comes early waits for the page instead of being refused.
    """

    host: str
    web: int
    mail: int
    smtp: int
    stripe: int
    chorus: int = 0
    platform: int = 0
    sockets: dict[int, socket.socket] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """The address to open in a browser."""
        shown = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104  (compared only)
        return os.environ.get("ENTREPAIRS_BASE_URL") or f"http://{shown}:{self.web}"

    def number(self, port: int) -> int:
        """The number of the open socket of a port, for the child that inherits it."""
        return self.sockets[port].fileno()

    def handed(self, ports: Sequence[int]) -> str:
        """The value of ENTREPAIRS_SOCKETS for a child that serves on these ports."""
        return ",".join(f"{port}:{self.number(port)}" for port in ports)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in self.sockets.values():
            one.close()


def chosen_ports() -> Ports:
    """The web's port as asked (EmbeddedError when taken); the stand-ins' as usual, or free ones. All are taken."""
    host = os.environ.get("ENTREPAIRS_HOST", "127.0.0.1")
    web = _number("ENTREPAIRS_PORT", 8000)
    taken = _take(host, web)
    if taken is None:
        raise EmbeddedError(
            f"Le port {web} est déjà pris : arrêtez ce qui l'occupe, ou choisissez-en un autre, "
            f"par exemple ENTREPAIRS_PORT={_free_after(host, web)}."
        )
    sockets = {web: taken}
    found = dict.fromkeys(USUAL, 0)
    for name in _stand_ins():
        own = _take("127.0.0.1", _number(f"ENTREPAIRS_{name}_PORT", USUAL[name])) or _take("127.0.0.1", 0)
        if own is None:
            raise EmbeddedError("Aucun port libre sur cette machine : arrêtez ce qui les occupe, puis recommencez.")
        found[name] = own.getsockname()[1]
        sockets[found[name]] = own
    return Ports(host, web, sockets=sockets, **{name.lower(): port for name, port in found.items()})


def _stand_ins() -> list[str]:
    """Those that will run: what is given from outside has none."""
    mail = [] if os.environ.get("SMTP_URL") else ["MAIL", "SMTP"]
    stripe = [] if os.environ.get("ENTREPAIRS_STRIPE_SECRET_KEY") else ["STRIPE"]
    chorus = [] if os.environ.get("ENTREPAIRS_CHORUS_PISTE_ID") else ["CHORUS"]
    return mail + stripe + chorus + ([] if os.environ.get("ENTREPAIRS_PLATFORM_TOKEN") else ["PLATFORM"])


def _take(host: str, port: int) -> socket.socket | None:
    """A listening socket; None when another program listens there. Raises EmbeddedError."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what a former start left in TIME_WAIT is no one
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)  # two that are only bound would both succeed
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            return None
        if error.errno == errno.EACCES:
            raise EmbeddedError(
                f"Pas le droit d'écouter sur le port {port} : prenez-en un au-dessus de 1023."
            ) from error
        raise EmbeddedError(f"Impossible d'écouter sur {host}, port {port} : {error.strerror or error}.") from error
    return listener


def _free_after(host: str, port: int) -> int:
    """The next port nobody listens on, for the sentence: the one after is often a stand-in of the same demo."""
    near: list[int] = [*range(port + 1, min(port + 100, 65536)), *range(8000, 8100)]
    for each in near:
        if (own := _take(host, each)) is not None:
            own.close()
            return each
    return 8000


def _number(name: str, usual: int) -> int:
    value = os.environ.get(name) or str(usual)
    if not (value.isascii() and value.isdigit()) or not 0 < int(value) < 65536:
        raise EmbeddedError(f"{name}={value} n'est pas un numéro de port.")
    return int(value)
