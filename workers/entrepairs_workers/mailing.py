"""Sending one mail: mint its rights, write it, hand it over, note how it ended.

The one effect that can't be made idempotent is a mail whose line is cut between the server's 250 and our mark: such a
mail becomes « in doubt », is shown to the office, and never leaves again by itself.
"""

import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import formataddr, make_msgid
from typing import Final
from urllib.parse import unquote, urlsplit

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.db import locked
from entrepairs.identity import tokens
from entrepairs.identity.models import TokenPurpose
from entrepairs.kernel.errors import Unavailable
from entrepairs.kernel.i18n import N_
from entrepairs.messages.content import MailContent
from entrepairs.messages.models import Message, MessageState
from entrepairs.web.words import words
from entrepairs_workers.effects import Act
from entrepairs_workers.mails import builder

NETWORK_TIMEOUT: Final = 10.0
_REFUSED_FOR_GOOD: Final = 500


class CutAtHandOverError(Exception):
    """The line was cut after the letter left and before the server's answer: it may have been taken."""


class MintedLinks:
    """Addresses for one mail: rights minted now, for this copy only."""

    def __init__(self, session: Session, message: Message, base: str) -> None:
        self._session, self._message, self._base = session, message, base.rstrip("/")

    def action(self, purpose: str, subject_ref: str, path: str, *, account_id: int | None = None, days: int = 3) -> str:
        """See `messages.content.Links`."""
        secret = tokens.mint(
            self._session,
            TokenPurpose(purpose),
            subject_ref,
            days=days,
            account_id=account_id,
            message_ref=self._message.ref,
        )
        return self._base + path.replace("{token}", secret)

    def page(self, path: str) -> str:
        """See `messages.content.Links`."""
        return self._base + path


def send_mail(act: Act) -> None:
    """Act of `messages.send_mail`. Raises Unavailable when the server can't be reached or asks to wait."""
    session = act.session
    message = locked(session, select(Message).where(Message.ref == act.subject_ref))
    if message is None or message.state in (MessageState.SENT, MessageState.WITHDRAWN, MessageState.FAILED):
        return
    if message.state == MessageState.SENDING:  # an earlier worker died while handing over
        message.state, message.last_error = MessageState.IN_DOUBT, "the worker stopped while handing over"
        return
    letter = _written(act, message)
    if letter is None:
        message.state = MessageState.WITHDRAWN
        return
    message.state, message.attempts, message.message_id = (
        MessageState.SENDING,
        message.attempts + 1,
        str(letter["Message-ID"]),
    )
    act.commit()
    _note(message, *_hand_over(letter, act.config["SMTP_URL"]))
    if message.state == MessageState.QUEUED:
        act.commit()
        raise Unavailable("smtp", N_("The mail server does not answer: %(error)s"), error=message.last_error)


def _written(act: Act, message: Message) -> EmailMessage | None:
    tokens.revoke_tokens_of(act.session, message.ref)
    links = MintedLinks(act.session, message, act.config["BASE_URL"])
    content = builder(message.kind)(act.session, message, links, clock=act.clock)
    if content is None:
        return None
    with force_locale("fr"):
        return _letter(content, message, act)


def _letter(content: MailContent, message: Message, act: Act) -> EmailMessage:
    sender = act.config["MAIL_FROM"]
    letter = EmailMessage()
    letter["From"] = formataddr((act.config["MAIL_FROM_NAME"], sender))
    letter["To"] = message.address
    letter["Subject"] = words(content.subject)
    letter["Message-ID"] = make_msgid(domain=sender.partition("@")[2])
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(_rendered("emails/letter.txt", content, act))
    letter.add_alternative(_rendered("emails/letter.html", content, act), subtype="html")
    for piece in content.attachments:
        main, _, sub = piece.media.partition("/")
        letter.add_attachment(piece.content, maintype=main, subtype=sub, filename=piece.filename)
    return letter


def _rendered(template: str, content: MailContent, act: Act) -> str:
    # Straight from the environment: the pages' context (who looks, which menu) does not exist here.
    return current_app.jinja_env.get_template(template).render(content=content, sender=act.config["MAIL_FROM_NAME"])


def _hand_over(letter: EmailMessage, url: str) -> tuple[MessageState, str | None]:
    """Give the letter to the server; the state it ends in, and why. QUEUED: try again."""
    try:
        with _connected(url) as server:
            _deliver(server, letter)
    except CutAtHandOverError as error:
        return MessageState.IN_DOUBT, str(error)
    except smtplib.SMTPResponseException as error:
        why = f"{error.smtp_code} {_text(error.smtp_error)}"
        return (MessageState.FAILED if error.smtp_code >= _REFUSED_FOR_GOOD else MessageState.QUEUED), why
    except (OSError, smtplib.SMTPException) as error:
        return MessageState.QUEUED, f"{type(error).__name__}: {error}"
    return MessageState.SENT, None


def _text(answer: bytes | str) -> str:
    """What a server said, on one line."""
    said = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return " ".join(said.split())


def _note(message: Message, state: MessageState, why: str | None) -> None:
    message.state, message.last_error = state, why
    if state == MessageState.SENT:
        message.sent_at = datetime.now(UTC)


def _connected(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    host, port = parts.hostname or "localhost", parts.port or (465 if parts.scheme == "smtps" else 25)
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port, timeout=NETWORK_TIMEOUT, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, port, timeout=NETWORK_TIMEOUT)
        server.ehlo()
        if parts.scheme == "smtp+starttls" or (parts.username and server.has_extn("starttls")):
            server.starttls(context=ssl.create_default_context())
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server


def _deliver(server: smtplib.SMTP, letter: EmailMessage) -> None:
    """The SMTP dialogue by hand: `smtplib.sendmail` can't tell a cut before the letter from a cut after it."""
    server.ehlo_or_helo_if_needed()
    _expect(server.mail(letter["From"].addresses[0].addr_spec), 250)
    _expect(server.rcpt(letter["To"].addresses[0].addr_spec), 250, 251)
    _expect(server.docmd("DATA"), 354)
    body = letter.as_bytes(policy=letter.policy.clone(linesep="\r\n"))
    quoted = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in body.split(b"\r\n"))
    try:
        server.send(quoted.removesuffix(b"\r\n") + b"\r\n.\r\n")
        answer = server.getreply()
    except (OSError, smtplib.SMTPServerDisconnected) as error:
        msg = f"the line was cut before the server's answer ({type(error).__name__})"
        raise CutAtHandOverError(msg) from error
    _expect(answer, 250)


def _expect(answer: tuple[int, bytes], *codes: int) -> None:
    if answer[0] not in codes:
        raise smtplib.SMTPResponseException(*answer)
