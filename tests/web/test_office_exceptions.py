"""« À traiter »: each thing that does not follow its course, with the page that mends it."""

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from entrepairs.contracting.models import Agreement, RecordAccess
from entrepairs.contracting.states import AgreementState
from entrepairs.identity.models import OfficeRoleKind
from entrepairs.kernel.clock import PARIS, FixedClock
from entrepairs.kernel.references import new_reference
from entrepairs.messages.models import Message, MessageState
from entrepairs.network.models import Clearance, ClearanceKind
from tests.factories.catalogue import a_wrap_group
from tests.factories.contracting import a_sent_quote
from tests.factories.dispatch import a_certified_peer, a_firm_wrap_group, an_offer
from tests.factories.missions import a_reported_session
from tests.factories.network import a_partner, a_peer
from tests.web.office_browser import LogIn, logged_in, standing_clock, text_of

__all__ = ["logged_in", "standing_clock"]


def home(client: FlaskClient) -> str:
    page = client.get("/a/")
    words = text_of(page)
    assert page.status_code == 200
    assert "n'a pas chargé" not in words
    return words + page.get_data(as_text=True)


def at(app: Flask, day: datetime) -> None:
    app.config["CLOCK"] = FixedClock(day.replace(tzinfo=PARIS))


def test_nothing_to_treat_is_said_kindly(client: FlaskClient, session: Session, logged_in: LogIn) -> None:
    a_partner(session)
    a_peer(session)
    logged_in(OfficeRoleKind.COORDINATOR)
    assert "Rien à traiter. Tout suit son cours." in home(client)


def test_the_first_mornings_say_where_to_begin(client: FlaskClient, session: Session, logged_in: LogIn) -> None:
    a_wrap_group(session, cents=None)
    logged_in(OfficeRoleKind.ADMIN)
    page = home(client)
    for begun, address in (
        ("Dire qui est l'association", "/a/association"),
        ("Fixer les premiers prix", "/a/tarifs"),
        ("Enregistrer la première structure", "/a/structures"),
        ("Accueillir le premier pair-aidant", "/a/equipe"),
    ):
        assert begun in page
        assert f'href="{address}"' in page
    a_partner(session)
    a_peer(session)
    session.commit()
    page = home(client)
    assert "la première structure" not in page
    assert "Accueillir le premier" not in page


def test_a_quote_without_an_answer_is_told_five_days_before_its_end(
    app: Flask, client: FlaskClient, session: Session, logged_in: LogIn
) -> None:
    version = a_sent_quote(session)
    at(app, datetime.combine(version.valid_until - timedelta(days=6), datetime.min.time()))
    logged_in(OfficeRoleKind.COORDINATOR)
    assert "Pas encore de réponse" not in home(client)
    at(app, datetime.combine(version.valid_until - timedelta(days=3), datetime.min.time()))
    assert "Pas encore de réponse" in home(client)


def test_proposals_left_two_days_without_an_answer_are_told(
    app: Flask, client: FlaskClient, session: Session, logged_in: LogIn
) -> None:
    demand = a_firm_wrap_group(session)
    an_offer(session, demand, a_certified_peer(session))
    logged_in(OfficeRoleKind.COORDINATOR)
    assert "sans réponse" not in home(client)
    at(app, datetime(2027, 1, 13, 10))
    shown = home(client)
    assert "sans réponse" in shown
    assert f"/a/demandes/{demand.ref}/appariement" in shown


def test_a_structure_silent_for_a_week_is_told(
    app: Flask, client: FlaskClient, session: Session, logged_in: LogIn
) -> None:
    row = a_reported_session(session)
    assert row.during.upper is not None
    logged_in(OfficeRoleKind.COORDINATOR)
    for days, told in ((6, False), (8, True)):
        app.config["CLOCK"] = FixedClock(row.during.upper + timedelta(days=days))
        assert ("La structure n'a pas répondu depuis une semaine." in home(client)) is told


def test_an_agreement_near_its_end_opens_its_page(client: FlaskClient, session: Session, logged_in: LogIn) -> None:
    agreement = Agreement(
        ref=new_reference("CNV"),
        number="CV2026-00001",
        partner_id=a_partner(session, name="Clinique du Parc").id,
        title="Convention 2026",
        valid=Range(date(2026, 2, 1), date(2027, 2, 1)),
        record_access=RecordAccess.NONE,
        payment_days=30,
        state=AgreementState.EXPIRING,
        created_at=FixedClock().now(),
    )
    session.add(agreement)
    session.flush()
    logged_in(OfficeRoleKind.BILLING)
    shown = home(client)
    assert "Jusqu'au dimanche 31 janvier 2027." in shown
    assert f"/a/conventions/{agreement.ref}" in shown


def test_a_paper_that_ends_is_told_until_another_follows_it(
    client: FlaskClient, session: Session, logged_in: LogIn
) -> None:
    peer = a_peer(session, cleared=False, first_name="Samira", last_name="Aubert")

    def paper(until: date | None) -> None:
        kind = ClearanceKind.CONTRACT
        session.add(
            Clearance(peer_id=peer.id, kind=kind, checked_on=date(2026, 1, 1), valid_until=until, checked_by="Claire")
        )
        session.flush()

    paper(date(2027, 2, 1))
    logged_in(OfficeRoleKind.COORDINATOR)
    assert "Un papier finit bientôt." in home(client)
    paper(date(2028, 2, 1))
    session.commit()
    assert "Un papier finit bientôt." not in home(client)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (MessageState.FAILED, "Courriels qui ne sont pas partis : 1"),
        (MessageState.IN_DOUBT, "peut-être pas arrivés : 1"),
    ],
)
def test_mails_that_did_not_arrive_are_told(
    state: MessageState, told: str, client: FlaskClient, session: Session, logged_in: LogIn
) -> None:
    session.add(
        Message(
            ref=new_reference("MEL"),
            kind="billing.invoice",
            to_ref="STR-TEST-TEST",
            address="compta@example.org",
            subject_kind="invoice",
            subject_ref="FAC-TEST-TEST",
            params={},
            state=state,
            created_at=FixedClock().now(),
        )
    )
    session.flush()
    logged_in(OfficeRoleKind.AUDITOR)
    shown = home(client)
    assert told in shown
    assert f"etat={state.value}" in shown
