"""The folder of received mails: one `.eml` each, and what one can read from it."""

import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from functools import cached_property
from pathlib import Path

MAIL_ID = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}")
LINK = re.compile(r"https?://[^\s<>\"')\]]+[^\s<>\"')\].,;:!?]")
HREF = re.compile(r"""href\s*=\s*["'](https?://[^"']+)["']""", re.IGNORECASE)


@dataclass(frozen=True)
class Attachment:
    """A file inside a mail; `number` names it in addresses, `content_id` in the html."""

    number: int
    filename: str
    content_type: str
    content: bytes
    content_id: str | None


@dataclass(frozen=True)
class Mail:
    """A mail as received: envelope, time of receipt (aware UTC) and bytes."""

    id: str
    sender: str
    recipients: tuple[str, ...]
    raw: bytes = field(repr=False)

    @property
    def received_at(self) -> datetime:
        """When the body was received, by real time."""
        return datetime.strptime(self.id.split("-")[0], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)

    @cached_property
    def message(self) -> EmailMessage:
        """The parsed message."""
        return BytesParser(policy=policy.default).parsebytes(self.raw)

    @property
    def dated(self) -> datetime:
        """The `Date` it bears (in the demo, business time), else when it was received."""
        try:
            written = parsedate_to_datetime(str(self.message["Date"]))
        except ValueError:
            return self.received_at
        return written if written.tzinfo is not None else written.replace(tzinfo=UTC)

    def header(self, name: str) -> str:
        """A header decoded, empty when absent; a long one begins on a line of its own, hence the strip."""
        return str(self.message.get(name, "")).strip()

    @property
    def subject(self) -> str:
        """Its subject, decoded."""
        return self.header("Subject")

    @cached_property
    def text(self) -> str:
        """The plain text part, empty when there is none."""
        return self._body("plain")

    @cached_property
    def html(self) -> str:
        """The html part, empty when there is none."""
        return self._body("html")

    def _body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return "" if part is None else str(part.get_content())

    @cached_property
    def links(self) -> list[str]:
        """Web addresses in the text, then in the html, each once, in order."""
        found = [*LINK.findall(self.text), *(each.replace("&amp;", "&") for each in HREF.findall(self.html))]
        return list(dict.fromkeys(found))

    @property
    def files(self) -> list[Attachment]:
        """The attachments a reader looks for: not the images shown inside the html."""
        return [each for each in self.attachments if each.content_id is None]

    @cached_property
    def attachments(self) -> list[Attachment]:
        """Attached files and images inside the html."""
        shown = {id(self.message.get_body((kind,))) for kind in ("plain", "html")}
        parts = [
            part
            for part in self.message.walk()
            if not part.is_multipart() and id(part) not in shown and (part.get_filename() or part["Content-ID"])
        ]
        return [
            Attachment(
                number,
                part.get_filename() or f"piece-{number}",
                part.get_content_type(),
                part.get_payload(decode=True) or b"",  # type: ignore[arg-type]
                str(part["Content-ID"]).strip("<> ") if part["Content-ID"] else None,
            )
            for number, part in enumerate(parts, start=1)
        ]


class Mailbox:
    """The folder; mails survive a restart because nothing else holds them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._known: dict[str, Mail] = {}

    def keep(self, sender: str, recipients: Sequence[str], raw: bytes, at: datetime) -> Mail:
        """Write a mail received at `at` (aware), whole or not at all."""
        identity = f"{at.astimezone(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
        envelope = [f"X-Sink-From: {sender}", *(f"X-Sink-To: {each}" for each in recipients)]
        whole = "".join(f"{line}\r\n" for line in envelope).encode() + raw
        part = self._folder / f"{identity}.part"
        part.write_bytes(whole)
        part.rename(self._folder / f"{identity}.eml")
        return Mail(identity, sender, tuple(recipients), raw)

    def newest(self, recipient: str | None = None) -> Iterator[Mail]:
        """All mails, the newest first; only those to an address when given."""
        for path in sorted(self._folder.glob("*.eml"), reverse=True):
            mail = self.find(path.stem)
            if mail is not None and (recipient is None or recipient.lower() in map(str.lower, mail.recipients)):
                yield mail

    def find(self, identity: str) -> Mail | None:
        """The mail of that id."""
        if not MAIL_ID.fullmatch(identity):
            return None
        if identity not in self._known:
            try:
                whole = (self._folder / f"{identity}.eml").read_bytes()
            except FileNotFoundError:
                return None
            self._known[identity] = _opened(identity, whole)
        return self._known[identity]

    def recipients(self) -> list[str]:
        """Every address that received something, in alphabetical order."""
        return sorted({each.lower() for mail in self.newest() for each in mail.recipients})

    def clear(self) -> int:
        """Throw all mails away; how many there were."""
        paths = list(self._folder.glob("*.eml"))
        for path in paths:
            path.unlink(missing_ok=True)
        self._known.clear()
        return len(paths)


def _opened(identity: str, whole: bytes) -> Mail:
    """Take our envelope lines off again."""
    sender, recipients, rest = "", [], whole
    while rest.startswith(b"X-Sink-"):
        line, _, rest = rest.partition(b"\r\n")
        name, _, value = line.decode(errors="replace").partition(": ")
        if name == "X-Sink-From":
            sender = value
        else:
            recipients.append(value)
    return Mail(identity, sender, tuple(recipients), rest)
