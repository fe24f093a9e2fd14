"""The SMTP server, in an event loop of its own thread."""

import asyncio
import socket
import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from entrepairs.doubles.mail_sink.faults import Faults
from entrepairs.doubles.mail_sink.mailbox import Mailbox

LARGEST_MAIL = 32 * 1024 * 1024
REFUSALS = {
    "refuse_temporarily": "451 4.3.0 Try again later (as asked of this stand-in)",
    "refuse_for_good": "550 5.1.1 No such mailbox (as asked of this stand-in)",
}
CUTS = ("cut_after_storing", "cut_before_storing")


class _Handler:
    """What is done with each recipient and each body; names are aiosmtpd's."""

    def __init__(self, mailbox: Mailbox, faults: Faults) -> None:
        self._mailbox, self._faults = mailbox, faults

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self._faults.now.stage == "recipient":
            struck = self._faults.strike(tuple(REFUSALS), [address])
            if struck is not None:
                return REFUSALS[struck]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self._faults.now.delay_seconds)
        kinds = (*REFUSALS, *CUTS) if self._faults.now.stage == "data" else CUTS
        struck = self._faults.strike(kinds, envelope.rcpt_tos)
        if struck in REFUSALS:
            return REFUSALS[struck]
        if struck != "cut_before_storing":
            raw = envelope.content if isinstance(envelope.content, bytes) else b""
            self._mailbox.keep(envelope.mail_from or "", envelope.rcpt_tos, raw, datetime.now(UTC))
        if struck is not None:
            if server.transport is not None:
                server.transport.close()
            # Ends the conversation of this client: nothing more may be written to it.
            raise asyncio.CancelledError
        return "250 2.0.0 OK"


class Receiver:
    """Receives mail on an already bound socket between `with` and its end."""

    def __init__(self, listener: socket.socket, mailbox: Mailbox, faults: Faults) -> None:
        self.host, self.port = listener.getsockname()[:2]
        self._listener = listener
        self._handler = _Handler(mailbox, faults)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=f"smtp:{self.port}", daemon=True)

    def __enter__(self) -> Self:
        self._server = self._loop.run_until_complete(self._loop.create_server(self._protocol, sock=self._listener))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _protocol(self) -> SMTP:
        return SMTP(
            self._handler,
            data_size_limit=LARGEST_MAIL,
            enable_SMTPUTF8=True,
            hostname="localhost",
            ident="Entrepairs mail sink",
            loop=self._loop,
        )

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._server.close()
        conversations = asyncio.all_tasks(self._loop)
        for each in conversations:
            each.cancel()
        self._loop.run_until_complete(asyncio.gather(*conversations, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()
