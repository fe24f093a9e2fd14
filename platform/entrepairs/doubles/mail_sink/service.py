"""The whole sink, started and stopped: for the command and for tests."""

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from entrepairs.doubles.local_server import LocalServer, bind
from entrepairs.doubles.mail_sink.app import create_app
from entrepairs.doubles.mail_sink.faults import Faults
from entrepairs.doubles.mail_sink.mailbox import Mailbox
from entrepairs.doubles.mail_sink.receiver import Receiver


class MailSink:
    """`with MailSink(data=folder) as sink:` then send to `sink.smtp_url`, read at `sink.address`.

    Ports 0 take free ones. Raises CannotListen.
    """

    def __init__(self, *, data: Path, host: str = "127.0.0.1", smtp_port: int = 0, port: int = 0) -> None:
        self.mailbox, self.faults = Mailbox(data), Faults()
        with ExitStack() as undo:
            smtp = undo.enter_context(bind(host, smtp_port))
            web = undo.enter_context(bind(host, port))
            self._receiver = Receiver(smtp, self.mailbox, self.faults)
            self._web = LocalServer(create_app(self.mailbox, self.faults), web)
            undo.pop_all()
        self.address = self._web.address
        self.smtp_port = self._receiver.port
        self.smtp_url = f"smtp://{self._receiver.host}:{self._receiver.port}"

    def __enter__(self) -> Self:
        self._receiver.__enter__()
        self._web.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._web.__exit__(kind, error, trace)
        self._receiver.__exit__(kind, error, trace)
