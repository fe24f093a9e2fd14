"""What the network's tests share."""

import pytest

from entrepairs.audit.actors import Actor
from entrepairs.identity.sessions import open_session


@pytest.fixture
def office() -> Actor:
    return Actor("CPT-TEST-TEST", "Claire, coordination")


@pytest.fixture
def browse(client, session, app, clock):
    """Logs an account in, and gives the browser."""
    app.config["CLOCK"] = clock

    def sign_in(account):
        secret = open_session(session, account, user_agent="tests")
        session.commit()
        with client.session_transaction() as cookie:
            cookie.clear()
            cookie.update({"_user_id": secret, "_fresh": True})
        return client

    yield sign_in
    del app.config["CLOCK"]
