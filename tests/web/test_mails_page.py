"""The office's list of mails: each kind said in words, each trouble with what to do, never a code."""

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from entrepairs.kernel.clock import FixedClock
from entrepairs.messages.models import Message, MessageState
from entrepairs.web.office.courriers import KINDS
from entrepairs_workers.mails import BUILDERS
from tests.web.office_browser import LogIn, logged_in, standing_clock, text_of

__all__ = ["logged_in", "standing_clock"]


def a_mail(session: Session, ref: str, state: MessageState, error: str | None) -> None:
    session.add(
        Message(
            ref=ref,
            kind="demands.approval_asked",
            to_ref="CPT-2222-2222",
            address="quelquun@example.org",
            subject_kind="demand",
            subject_ref="DEM-2222-2222",
            params={},
            state=state,
            last_error=error,
            created_at=FixedClock().now(),
        )
    )


def test_every_mail_the_workers_write_has_its_words() -> None:
    assert set(KINDS) == set(BUILDERS)


def test_a_mail_in_trouble_says_why_and_what_to_do(client: FlaskClient, session: Session, logged_in: LogIn) -> None:
    a_mail(session, "MSG-2222-2223", MessageState.FAILED, "552 5.2.2 mailbox full")
    a_mail(session, "MSG-2222-2224", MessageState.IN_DOUBT, "the line was cut (ConnectionResetError)")
    a_mail(session, "MSG-2222-2225", MessageState.SENT, None)
    session.flush()
    logged_in()
    page = text_of(client.get("/a/courriers"))
    assert "Accord demandé" in page
    assert "refusé (552 5.2.2 mailbox full) : vérifiez l'adresse" in page
    assert "il est peut-être arrivé. Demandez avant de renvoyer." in page
    assert "ConnectionResetError" not in page
    assert "demands." not in page
