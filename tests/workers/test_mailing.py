"""How a mail ends: sent, refused, put off, in doubt; one copy, one living link."""

import re
import socket
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.identity import mails
from entrepairs.identity.accounts import create_account, disable_account
from entrepairs.identity.models import Account, ActionToken, TokenPurpose
from entrepairs.identity.tokens import peek_token
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import NotFound, Unavailable
from entrepairs.messages.models import Message, MessageState
from entrepairs.messages.queueing import send_again
from entrepairs_workers.effects import Act
from entrepairs_workers.mailing import send_mail


@pytest.fixture
def account(session: Session, clock: FixedClock) -> Account:
    return create_account(session, email="claire@exemple.invalid", name="Claire", actor=Actor.SYSTEM, clock=clock)


@pytest.fixture
def message(session: Session, account: Account, clock: FixedClock) -> Message:
    mails.send_login_link(session, account, clock=clock, dedup="once")
    return session.scalars(select(Message)).one()


@pytest.fixture
def send(app_on_session, session: Session, clock: FixedClock):
    def sending(message: Message, smtp_url: str) -> None:
        config = {**app_on_session.config, "SMTP_URL": smtp_url}
        with app_on_session.test_request_context("/"):
            send_mail(Act(session, message.ref, {}, clock, config))

    return sending


def secret_in(letter) -> str:
    return re.search(r"/connexion/lien/([\w-]+)", letter.get_body(("plain",)).get_content())[1]


def test_a_mail_leaves_once_with_a_working_link_in_french(send, session, message, smtp_receiver) -> None:
    send(message, smtp_receiver.url)
    send(message, smtp_receiver.url)
    (letter,) = smtp_receiver.messages
    assert message.state is MessageState.SENT
    assert letter["Subject"] == "Votre lien de connexion"
    assert "Bonjour Claire" in letter.get_body(("html",)).get_content()
    assert peek_token(session, TokenPurpose.LOGIN, secret_in(letter)).account_id is not None


def test_the_secret_is_kept_nowhere(send, session, message, smtp_receiver) -> None:
    send(message, smtp_receiver.url)
    secret = secret_in(smtp_receiver.messages[0])
    rows = [str(vars(row)) for table in (Message, ActionToken) for row in session.scalars(select(table))]
    assert not any(secret in row for row in rows)


def test_a_refusal_for_good_is_shown_and_not_tried_again(send, message, smtp_receiver) -> None:
    smtp_receiver.before_accepting = lambda _: "550 unknown here"
    send(message, smtp_receiver.url)
    assert message.state is MessageState.FAILED
    assert "550" in message.last_error


@pytest.mark.parametrize("answer", ["451 later please", "421 going down"])
def test_a_server_that_asks_to_wait_is_asked_again_later(send, message, smtp_receiver, answer) -> None:
    smtp_receiver.before_accepting = lambda _: answer
    with pytest.raises(Unavailable):
        send(message, smtp_receiver.url)
    assert message.state is MessageState.QUEUED


def test_a_server_that_is_away_is_asked_again_later(send, message) -> None:
    with pytest.raises(Unavailable):
        send(message, "smtp://127.0.0.1:9")
    assert message.state is MessageState.QUEUED


def test_a_retry_mints_anew_and_revokes_the_earlier_link(send, session, message, smtp_receiver, clock) -> None:
    refused = []
    smtp_receiver.before_accepting = lambda letter: refused.append(letter) or "550 no"
    send(message, smtp_receiver.url)
    smtp_receiver.before_accepting = None
    send_again(session, message.ref, clock=clock)
    send(message, smtp_receiver.url)
    assert message.state is MessageState.SENT
    peek_token(session, TokenPurpose.LOGIN, secret_in(smtp_receiver.messages[0]))
    with pytest.raises(NotFound):
        peek_token(session, TokenPurpose.LOGIN, secret_in(refused[0]))


def test_a_mail_that_lost_its_object_is_withdrawn(send, session, account, message, smtp_receiver, clock) -> None:
    disable_account(session, account.ref, actor=Actor.SYSTEM, clock=clock)
    send(message, smtp_receiver.url)
    assert message.state is MessageState.WITHDRAWN
    assert smtp_receiver.messages == []


class CuttingServer:
    """Speaks SMTP up to the end of the letter, then hangs up without the last answer."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.letters = 0
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.socket.getsockname()[1]}"

    def _serve(self) -> None:
        connection, _ = self.socket.accept()
        with connection, connection.makefile("rwb") as stream:
            stream.write(b"220 here\r\n")
            stream.flush()
            for line in stream:
                if line.upper().startswith(b"DATA"):
                    stream.write(b"354 go\r\n")
                    stream.flush()
                    while stream.readline() != b".\r\n":
                        pass
                    self.letters += 1
                    return
                stream.write(b"250 ok\r\n")
                stream.flush()

    def close(self) -> None:
        self.socket.close()
        self.thread.join(timeout=5)


@pytest.fixture
def cutting_server() -> Iterator[CuttingServer]:
    server = CuttingServer()
    yield server
    server.close()


def test_a_line_cut_at_the_hand_over_is_in_doubt_and_never_sent_again(send, message, cutting_server, smtp_receiver):
    send(message, cutting_server.url)
    assert cutting_server.letters == 1
    assert message.state is MessageState.IN_DOUBT
    message.state = MessageState.SENDING  # what a killed worker leaves
    send(message, smtp_receiver.url)
    assert message.state is MessageState.IN_DOUBT
    assert smtp_receiver.messages == []
