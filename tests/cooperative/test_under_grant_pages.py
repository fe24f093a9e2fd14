"""Which grant pays for a demand, said on either page; what was done is told at once, and once only."""

from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.cooperative.grants import report_grant
from entrepairs.cooperative.models import FinancedDemand
from entrepairs.demands.models import DemandSession
from entrepairs.demands.states import DemandState
from entrepairs.identity.models import OfficeRoleKind
from tests.cooperative.test_under_grants import free
from tests.factories.billing import later
from tests.factories.cooperative import OFFICE, a_notified_grant
from tests.factories.identity import an_office_account
from tests.web.test_billing_pages import _standing_clock, enter, text_of  # noqa: F401 - its clock is ours


def tied(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(FinancedDemand)) or 0


def test_the_treasurer_counts_a_demand_reads_what_was_done_and_takes_it_off(
    client: FlaskClient, session: Session
) -> None:
    grant, demand = a_notified_grant(session), free(session)
    enter(client, session, an_office_account(session, OfficeRoleKind.BILLING))
    page = f"/a/subventions/{grant.ref}"
    assert "Aucune demande n'est encore comptée" in text_of(client.get(page))
    assert client.post(f"{page}/demandes", data={}).status_code == 303
    for _twice in range(2):
        assert client.post(f"{page}/demandes", data={"demand": demand.ref}).status_code == 303
    assert tied(session) == 1
    shown = text_of(client.get(page))
    assert "2 560,00 €" in shown
    assert "80 participations" in shown
    assert "Ce qui a été fait avec chaque subvention" in text_of(client.get("/a/comptabilite/analytique?axe=grant"))
    assert b"Groupe WRAP" in client.get(f"{page}/fait").get_data()
    assert client.post(f"{page}/demandes/{demand.ref}/retirer").status_code == 303
    assert client.post(f"{page}/demandes/{demand.ref}/retirer").status_code == 404
    assert tied(session) == 0


def test_the_coordination_says_it_on_the_demand_until_the_report_has_left(
    client: FlaskClient, session: Session
) -> None:
    grant, demand = a_notified_grant(session), free(session)
    enter(client, session, an_office_account(session, OfficeRoleKind.COORDINATOR))
    page = f"/a/demandes/{demand.ref}"
    assert "comptent pour le bilan" in text_of(client.get(page))
    for _twice in range(2):
        assert client.post(f"{page}/subvention", data={"grant": grant.ref}).status_code == 303
    assert tied(session) == 1
    assert client.post(f"{page}/subvention", data={"grant": ""}).status_code == 303
    assert tied(session) == 0
    client.post(f"{page}/subvention", data={"grant": grant.ref})
    report_grant(session, grant.ref, actor=OFFICE, clock=later())
    session.commit()
    assert "comptent pour le bilan" not in text_of(client.get(page))
    refused = client.post(f"{page}/subvention", data={"grant": ""}, follow_redirects=True)
    assert "ne change plus" in text_of(refused)
    assert tied(session) == 1


def test_a_demand_confirmed_under_a_grant_needs_no_other_words(client: FlaskClient, session: Session) -> None:
    grant, demand = a_notified_grant(session), free(session, held=False)
    demand.state = DemandState.SUBMITTED
    session.flush()
    enter(client, session, an_office_account(session, OfficeRoleKind.COORDINATOR))
    page = f"/a/demandes/{demand.ref}"
    assert "Laissez vide si c'est une subvention" in text_of(client.get(page))
    nothing = client.post(f"{page}/financer", data={"grant": "", "financed_by": ""}, follow_redirects=True)
    assert "Qui finance ?" in text_of(nothing)
    client.post(f"{page}/financer", data={"grant": grant.ref, "financed_by": ""})
    session.refresh(demand)
    assert (demand.state, demand.financed_by, tied(session)) == (DemandState.CONFIRMED, "Agence régionale", 1)
    assert session.scalar(select(func.count()).select_from(DemandSession)) == 8
