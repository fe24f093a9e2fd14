"""The page of the month end: what is in the way leads to where it is mended; launched, it says how far it is."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.models import Invoice, InvoiceState
from entrepairs.billing.month.running import bill_month
from entrepairs.identity.models import OfficeRoleKind
from entrepairs.outbox.models import Run
from entrepairs.outbox.runs import LEASE, claim_run, end_run
from entrepairs.outbox.states import RunState
from entrepairs.outbox.turns import Turn
from tests.billing.test_correction_pages import enter, text_of
from tests.factories.billing import EXEMPT, a_client, a_demand_done, later, the_association
from tests.factories.catalogue import a_wrap_group
from tests.factories.identity import an_office_account

PAGE = "/a/facturation/mois?mois=2027-03"


@pytest.fixture(autouse=True)
def _standing_clock(app):
    app.config["CLOCK"] = later()
    yield
    app.config["CLOCK"] = None


@pytest.fixture
def office(client: FlaskClient, session: Session) -> FlaskClient:
    the_association(session)
    offering = a_wrap_group(session, vat_regime=EXEMPT)
    a_demand_done(session, a_client(session, name="Clinique A"), offering)
    a_demand_done(session, a_client(session, name="Clinique B", siret=None), offering)
    return enter(client, session, an_office_account(session, OfficeRoleKind.BILLING, name="Fatou Essai"))


def the_run(session: Session) -> Run:
    return session.scalars(select(Run)).one()


def test_the_page_says_what_is_in_the_way_with_its_link_then_the_sums(office, session) -> None:
    answer = office.get(PAGE)
    said = text_of(answer)
    assert "À régler d'abord" in said
    assert "Il manque le SIRET de la structure." in said
    assert "/modifier" in answer.text
    assert "Émettre une facture" in said
    assert "2 560,00 €" in said
    assert session.scalars(select(Invoice)).all() == [], "reading writes nothing"


def test_launched_followed_stopped_and_taken_up(office, session) -> None:
    assert office.post("/a/facturation/mois", data={"mois": "2027-03"}).status_code == 303
    run = the_run(session)
    assert "Cela commence dans un instant" in text_of(office.get(PAGE)) or "Arrêter" in text_of(office.get(PAGE))
    news = office.get(f"/a/facturation/mois/{run.ref}/avancement").json
    assert (news["finished"], news["reload"]) == (False, False)
    assert office.post("/a/facturation/mois", data={"mois": "2027-03"}).status_code == 409
    assert office.post(f"/a/facturation/mois/{run.ref}/arreter").status_code == 303
    session.refresh(run)
    assert run.state is RunState.STOPPED
    assert "Reprendre" in text_of(office.get(PAGE))
    assert office.get(f"/a/facturation/mois/{run.ref}/avancement").json["reload"] is True


def test_a_month_done_says_what_left_and_what_was_left_aside(office, session) -> None:
    office.post("/a/facturation/mois", data={"mois": "2027-03"})
    now = the_run(session).created_at
    run = claim_run(session, real_now=now)
    assert bill_month(Turn.of(session, run, lease=LEASE), clock=later())
    end_run(run, real_now=now)
    session.commit()
    said = text_of(office.get(PAGE))
    assert "Une facture a été émise, pour 2 560,00 €." in said
    assert "Un PDF est encore en cours de dessin." in said
    assert "Rien n'est prêt à partir pour ce mois." in said
    assert session.scalars(select(Invoice.state)).all() == [InvoiceState.ISSUED]


def test_who_may_not_bill_reads_and_launches_nothing(client, session) -> None:
    the_association(session)
    reader = enter(client, session, an_office_account(session, OfficeRoleKind.AUDITOR))
    assert reader.get(PAGE).status_code == 200
    assert reader.post("/a/facturation/mois", data={"mois": "2027-03"}).status_code == 403
    assert session.scalars(select(Run)).all() == []


def test_an_odd_month_is_the_last_one_that_is_over(office) -> None:
    assert "mars 2027" in text_of(office.get("/a/facturation/mois?mois=n-importe"))
