"""A browser without JavaScript, logged in as somebody of the association, on Monday 11 January 2027."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from entrepairs.identity import sessions
from entrepairs.identity.models import Account, OfficeRoleKind
from entrepairs.kernel.clock import FixedClock
from tests.factories.identity import an_office_account

TODAY = date(2027, 1, 11)
LogIn = Callable[..., Account]


@pytest.fixture(autouse=True)
def standing_clock(app: Flask) -> Iterator[None]:
    before = dict(app.config)
    app.config["CLOCK"] = FixedClock()
    app.config["WTF_CSRF_ENABLED"] = False
    yield
    app.config.clear()
    app.config.update(before)


def enter(client: FlaskClient, session: Session, account: Account) -> str:
    secret = sessions.open_session(session, account, user_agent="Mozilla/5.0 (X11; Linux) Firefox/140.0")
    session.commit()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return secret


@pytest.fixture
def logged_in(client: FlaskClient, session: Session) -> Callable[[OfficeRoleKind], Account]:
    """A browser of the association's, in a role."""

    def log_in(role: OfficeRoleKind = OfficeRoleKind.ADMIN) -> Account:
        account = an_office_account(session, role, name="Claire Essai")
        enter(client, session, account)
        return account

    return log_in


def text_of(response: Any) -> str:
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.get_data(as_text=True)))
    return words.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")
