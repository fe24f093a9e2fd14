"""The association's identity, its accounts, its tasks, and anybody's own account."""

from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.cooperative.association import FIELDS
from entrepairs.identity import sessions
from entrepairs.identity.models import Account, OfficeRoleKind, WebSession
from entrepairs.kernel.clock import FixedClock
from entrepairs.messages.models import Message
from entrepairs.network.models import MemberRole
from entrepairs.outbox.models import ItemState, OutboxItem
from entrepairs.settings.models import Association
from tests.factories.billing import the_association
from tests.factories.identity import an_account
from tests.factories.network import a_member, a_partner
from tests.web.office_browser import LogIn, enter, logged_in, standing_clock, text_of

__all__ = ["logged_in", "standing_clock"]


# --- identity, accounts, tasks -----------------------------------------------------------------------------


def test_the_identity_is_changed_and_a_wrong_siret_comes_back(
    client: FlaskClient, session: Session, logged_in: LogIn
) -> None:
    known = the_association(session)
    given = {name: getattr(known, name) or "" for name in FIELDS}
    logged_in(OfficeRoleKind.ADMIN)
    given["email"] = "bonjour@example.org"
    assert client.post("/a/association", data=given | {"town": "Aubagne"}).status_code == 303
    session.expire_all()
    assert session.get_one(Association, 1).town == "Aubagne"
    refused = client.post("/a/association", data=given | {"siret": "123"})
    assert refused.status_code == 422
    assert 'value="123"' in refused.get_data(as_text=True)


def test_a_colleague_is_invited_changed_and_closed(client: FlaskClient, session: Session, logged_in: LogIn) -> None:
    me = logged_in(OfficeRoleKind.ADMIN)
    given = {"name": "Nadia Essai", "email": "nadia@example.org", "roles": ["billing"]}
    assert client.post("/a/utilisateurs", data=given).status_code == 303
    invited = session.scalars(select(Account).where(Account.email == "nadia@example.org")).one()
    assert session.scalars(select(Message.kind).where(Message.to_ref == invited.ref)).one() == "identity.invitation"
    assert client.post(f"/a/utilisateurs/{invited.ref}", data={"roles": ["coordinator"]}).status_code == 303
    session.expire_all()
    assert [row.role for row in invited.office_roles] == [OfficeRoleKind.COORDINATOR]
    assert client.post(f"/a/utilisateurs/{invited.ref}", data={}).status_code == 422
    assert client.post(f"/a/utilisateurs/{invited.ref}/fermer").status_code == 303
    session.expire_all()
    assert invited.disabled_at is not None
    assert client.post(f"/a/utilisateurs/{invited.ref}/rouvrir").status_code == 303
    session.expire_all()
    assert invited.disabled_at is None
    assert client.post(f"/a/utilisateurs/{me.ref}/fermer", follow_redirects=True).status_code == 200
    session.expire_all()
    assert me.disabled_at is None
    last = client.post(f"/a/utilisateurs/{me.ref}", data={"roles": ["auditor"]})
    assert "seule à la gouvernance" in text_of(last)


def test_a_person_of_a_structure_is_no_colleague(client: FlaskClient, session: Session, logged_in: LogIn) -> None:
    foreign = a_member(session, a_partner(session))
    logged_in(OfficeRoleKind.ADMIN)
    for method, path in (("get", ""), ("post", ""), ("post", "/fermer"), ("post", "/rouvrir")):
        data = {"roles": ["admin"]} if method == "post" else None
        answer = getattr(client, method)(f"/a/utilisateurs/{foreign.ref}{path}", data=data)
        assert answer.status_code == 404, path


def an_effect(session: Session, **given: Any) -> OutboxItem:
    values = {
        "kind": "billing.produce_einvoice",
        "subject_kind": "invoice",
        "subject_ref": "FAC-TEST-TEST",
        "payload": {},
        "due_at": FixedClock().now() - timedelta(hours=1),
        "state": ItemState.FAILED,
        "attempts": 6,
        "dedup_key": "t:1",
        "last_error": "no answer",
        "created_at": FixedClock().now(),
    }
    item = OutboxItem(**(values | given))
    session.add(item)
    session.flush()
    return item


def test_what_failed_is_shown_and_tried_again_once(client: FlaskClient, session: Session, logged_in: LogIn) -> None:
    failed = an_effect(session)
    an_effect(session, state=ItemState.PENDING, dedup_key="t:2", kind="messages.send_mail")
    logged_in(OfficeRoleKind.COORDINATOR)
    assert "Produire une facture" in text_of(client.get("/a/taches"))
    assert "Envoyer un courriel" in text_of(client.get("/a/taches?vue=retard"))
    assert "Tâches automatiques qui n'ont pas abouti : 1" in text_of(client.get("/a/"))
    assert client.post(f"/a/taches/{failed.id}/relancer").status_code == 303
    session.expire_all()
    assert (failed.state, failed.attempts) == (ItemState.PENDING, 0)
    assert client.post(f"/a/taches/{failed.id}/relancer").status_code == 409
    assert client.post("/a/taches/999999999/relancer").status_code == 404


# --- my account --------------------------------------------------------------------------------------------


def test_my_account_needs_a_login(client: FlaskClient) -> None:
    for method, path in (
        ("get", "/compte"),
        ("post", "/compte/mot-de-passe"),
        ("post", "/compte/structure"),
        ("post", "/compte/sessions/fermer"),
        ("post", "/compte/sessions/1/fermer"),
    ):
        assert getattr(client, method)(path).status_code == 303


def test_another_browser_of_mine_is_logged_out_never_somebody_elses(client: FlaskClient, session: Session) -> None:
    me, somebody = an_account(session), an_account(session)
    sessions.open_session(session, me, user_agent="Mozilla/5.0 (Windows NT 10.0) Chrome/140.0")
    sessions.open_session(session, somebody, user_agent="")
    other, foreign = session.scalars(select(WebSession).order_by(WebSession.id.desc()).limit(2)).all()[::-1]
    enter(client, session, me)
    words = text_of(client.get("/compte"))
    assert "Chrome, Windows" in words
    assert "Firefox, Linux" in words
    assert client.post(f"/compte/sessions/{foreign.id}/fermer").status_code == 404
    assert client.post(f"/compte/sessions/{other.id}/fermer").status_code == 303
    session.expire_all()
    assert (other.revoked_at is None, foreign.revoked_at is None) == (False, True)


def test_changing_ones_password_asks_for_the_present_one_and_keeps_this_browser(
    client: FlaskClient, session: Session
) -> None:
    me = an_account(session)
    sessions.open_session(session, me, user_agent="ailleurs")
    elsewhere = session.scalars(select(WebSession).where(WebSession.user_agent == "ailleurs")).one()
    enter(client, session, me)
    first = client.post("/compte/mot-de-passe", data={"password": "une phrase facile à retenir"})
    assert first.status_code == 303
    session.expire_all()
    assert elsewhere.revoked_at is not None
    assert client.get("/compte").status_code == 200
    wrong = client.post("/compte/mot-de-passe", data={"current": "autre", "password": "une nouvelle phrase longue"})
    assert wrong.status_code == 422
    short = client.post("/compte/mot-de-passe", data={"current": "une phrase facile à retenir", "password": "court"})
    assert short.status_code == 422
    right = {"current": "une phrase facile à retenir", "password": "une nouvelle phrase longue"}
    assert client.post("/compte/mot-de-passe", data=right).status_code == 303


def test_a_person_of_two_structures_chooses_and_never_a_foreign_one(client: FlaskClient, session: Session) -> None:
    mine, other, foreign = (a_partner(session, name=name) for name in ("AA Clinique", "BB Clinique", "CC Clinique"))
    me = a_member(session, mine, MemberRole.ADMIN)
    a_member(session, other, MemberRole.ADMIN, account=me)
    enter(client, session, me)
    assert "Agir pour celle-ci" in text_of(client.get("/compte"))
    assert client.post("/compte/structure", data={"partner": foreign.ref}).status_code == 404
    assert client.post("/compte/structure", data={"partner": other.ref}).status_code == 303
    assert "en ce moment BB Clinique" in text_of(client.get("/compte"))
