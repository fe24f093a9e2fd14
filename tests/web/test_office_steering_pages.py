"""The office's home, steering, grants, decisions, identity, accounts and tasks, as a browser without JavaScript sees them."""

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from entrepairs.billing import queries as billing
from entrepairs.cooperative.models import Grant, GrantState
from entrepairs.identity.models import OfficeRoleKind
from entrepairs.network.models import MemberRole
from entrepairs.settings.decisions import decision
from tests.factories.billing import the_association
from tests.factories.cooperative import a_cost_entry, a_grant, a_notified_grant, a_sale_entry
from tests.factories.demands import a_submitted_demand
from tests.factories.network import a_member, a_partner, a_peer, a_qualification, a_site
from tests.web.office_browser import TODAY, LogIn, enter, logged_in, standing_clock, text_of

__all__ = ["logged_in", "standing_clock"]

READ = ["/a/", "/a/pilotage", "/a/subventions", "/a/decisions", "/a/decisions/matching-weights", "/a/taches"]
GOVERN = ["/a/association", "/a/utilisateurs"]


@pytest.mark.parametrize("path", READ)
def test_everybody_of_the_association_reads_and_nobody_else(
    path: str, client: FlaskClient, session: Session, logged_in: LogIn
) -> None:
    assert client.get(path).status_code == 303
    logged_in(OfficeRoleKind.AUDITOR)
    page = client.get(path)
    assert page.status_code == 200
    assert page.get_data(as_text=True).count("<h1") == 1
    enter(client, session, a_member(session, a_partner(session), MemberRole.ADMIN))
    assert client.get(path).status_code == 404
    enter(client, session, a_peer(session).account)
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", GOVERN)
def test_identity_and_accounts_are_for_who_governs(
    path: str, client: FlaskClient, session: Session, logged_in: LogIn
) -> None:
    assert client.get(path).status_code == 303
    logged_in(OfficeRoleKind.COORDINATOR)
    assert client.get(path).status_code == 403
    logged_in(OfficeRoleKind.ADMIN)
    assert client.get(path).status_code == 200
    enter(client, session, a_peer(session).account)
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("path", "data", "role"),
    [
        ("/a/subventions", {"funder": "ARS"}, OfficeRoleKind.COORDINATOR),
        ("/a/decisions/matching-weights", {"fairness": "100"}, OfficeRoleKind.BILLING),
        ("/a/association", {"name": "X"}, OfficeRoleKind.BILLING),
        ("/a/utilisateurs", {"name": "X"}, OfficeRoleKind.COORDINATOR),
        ("/a/taches/1/relancer", {}, OfficeRoleKind.AUDITOR),
    ],
)
def test_acting_without_the_right_is_refused(
    path: str, data: dict[str, str], role: OfficeRoleKind, client: FlaskClient, logged_in: LogIn
) -> None:
    logged_in(role)
    assert client.post(path, data=data).status_code == 403


# --- home and steering -------------------------------------------------------------------------------------


def test_the_home_says_four_numbers_and_what_waits_with_its_way_out(
    client: FlaskClient, session: Session, logged_in: LogIn
) -> None:
    a_sale_entry(session, 57_000, date(2026, 6, 1))
    a_sale_entry(session, 42_000, date(2025, 6, 1))
    a_notified_grant(session, euros=43_000, on=date(2026, 1, 20), first=date(2026, 2, 1), last=date(2026, 12, 31))
    a_notified_grant(session, euros=58_000, on=date(2025, 1, 20), first=date(2025, 2, 1), last=date(2025, 12, 31))
    a_notified_grant(session, report_due_on=date(2027, 1, 31))
    demand = a_submitted_demand(session, a_partner(session), a_site(session))
    a_qualification(session, a_peer(session), last_day=date(2027, 2, 1))
    logged_in(OfficeRoleKind.COORDINATOR)
    page = client.get("/a/")
    words = text_of(page)
    for said in ("recettes propres, 12 mois", "subventions", "à encaisser", "part de nos propres recettes", "+ 36 %"):
        assert said in words
    for said in ("à traiter", "bilan à rendre", "Qualifications à renouveler dans les trois mois : 1"):
        assert said in words
    assert f"/a/demandes/{demand.ref}" in page.get_data(as_text=True)


def test_many_of_a_kind_are_one_line(client: FlaskClient, session: Session, logged_in: LogIn) -> None:
    partner, site = a_partner(session), a_site(session)
    for _ in range(4):
        a_submitted_demand(session, partner, site)
    logged_in(OfficeRoleKind.COORDINATOR)
    assert "4 demandes à traiter" in text_of(client.get("/a/"))


def test_a_number_that_fails_says_so_alone(
    client: FlaskClient, logged_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(billing, "receivables", broken)
    logged_in(OfficeRoleKind.COORDINATOR)
    words = text_of(client.get("/a/"))
    assert "Ce nombre n'a pas chargé." in words
    assert "recettes propres, 12 mois" in words


def test_a_room_that_fails_is_left_out_and_the_page_says_it(
    client: FlaskClient, logged_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from entrepairs.web.office import exceptions

    monkeypatch.setattr(exceptions, "counts_by_state", lambda _session: 1 / 0)
    logged_in(OfficeRoleKind.COORDINATOR)
    assert "Une partie de la page n'a pas chargé" in text_of(client.get("/a/"))


def test_the_steering_page_tells_the_share_what_moved_it_and_the_months(
    client: FlaskClient, session: Session, logged_in: LogIn
) -> None:
    a_sale_entry(session, 570, date(2026, 12, 1))
    a_sale_entry(session, 420, date(2025, 12, 1))
    a_cost_entry(session, 300, date(2026, 12, 1))
    a_notified_grant(session, euros=430, on=date(2026, 1, 20), first=date(2026, 2, 1), last=date(2026, 12, 31))
    a_notified_grant(session, euros=580, on=date(2025, 1, 20), first=date(2025, 2, 1), last=date(2025, 12, 31))
    logged_in(OfficeRoleKind.AUDITOR)
    page = client.get("/a/pilotage")
    words = text_of(page)
    wanted = "Sur douze mois, nos propres recettes font 57 % de nos ressources : 15 points de plus qu'il y a un an."
    assert wanted in words
    assert "Ce qui l'a fait monter, en points : Groupe WRAP (+ 15)." in words
    assert "décembre 2026" in words
    assert "Voir en tableau" in words
    assert "style=" not in page.get_data(as_text=True)


def test_an_empty_house_is_said_kindly(client: FlaskClient, logged_in: LogIn) -> None:
    logged_in(OfficeRoleKind.AUDITOR)
    assert "se dessinera dès la première facture" in text_of(client.get("/a/pilotage"))


# --- grants ------------------------------------------------------------------------------------------------


def test_a_grant_is_noted_notified_paid_reported_and_closed(
    client: FlaskClient, session: Session, logged_in: LogIn
) -> None:
    the_association(session)
    logged_in(OfficeRoleKind.BILLING)
    given = {
        "funder": "ARS",
        "purpose": "Deux postes",
        "amount": "45 000,00",
        "first": "2027-01-01",
        "last": "2027-12-31",
        "report_due_on": "2028-03-31",
    }
    made = client.post("/a/subventions", data=given)
    assert made.status_code == 303
    address = made.headers["Location"]
    for step, data in (
        ("notification", {"on": "2027-01-08", "amount": "40 000"}),
        ("versements", {"on": "2027-01-11", "amount": "40000"}),
        ("bilan", {}),
        ("cloture", {}),
    ):
        assert client.get(address).status_code == 200
        assert client.post(f"{address}/{step}", data=data).status_code == 303, step
    session.expire_all()
    grant = session.scalars(select(Grant)).one()
    assert (grant.state, grant.cents) == (GrantState.CLOSED, 4_000_000)
    assert "Subvention ARS" in text_of(client.get(address))


def test_a_refusal_comes_back_on_the_form_with_what_was_typed(
    client: FlaskClient, session: Session, logged_in: LogIn
) -> None:
    grant = a_notified_grant(session, euros=100)
    logged_in(OfficeRoleKind.BILLING)
    wrong = {"funder": "ARS", "purpose": "Un poste", "amount": "beaucoup", "first": "2027-02-01", "last": "2027-01-01"}
    refused = client.post("/a/subventions", data=wrong)
    assert refused.status_code == 422
    assert "beaucoup" in refused.get_data(as_text=True)
    too_much = client.post(f"/a/subventions/{grant.ref}/versements", data={"on": "2027-01-11", "amount": "101"})
    assert too_much.status_code == 422
    assert "Il ne reste que 100,00 € à recevoir" in text_of(too_much)
    client.post(f"/a/subventions/{grant.ref}/cloture")
    session.expire_all()
    assert grant.state is GrantState.RUNNING


def test_an_absent_grant_is_not_found(client: FlaskClient, logged_in: LogIn) -> None:
    logged_in(OfficeRoleKind.BILLING)
    assert client.get("/a/subventions/SUB-AAAA-AAAA").status_code == 404


def test_grants_are_filtered_and_the_filter_can_be_removed(
    client: FlaskClient, session: Session, logged_in: LogIn
) -> None:
    a_grant(session, funder="Fondation")
    logged_in(OfficeRoleKind.AUDITOR)
    assert "Fondation" in text_of(client.get("/a/subventions?etat=applied"))
    assert "Retirer les filtres" in text_of(client.get("/a/subventions?etat=closed"))


# --- decisions ---------------------------------------------------------------------------------------------


def test_what_must_be_decided_first_is_said_and_a_vote_is_recorded(
    client: FlaskClient, session: Session, logged_in: LogIn
) -> None:
    logged_in(OfficeRoleKind.ADMIN)
    assert "6 décisions à prendre avant l'ouverture" in text_of(client.get("/a/decisions"))
    assert "Décisions à prendre avant l'ouverture : 6" in text_of(client.get("/a/"))
    when = {"since": "2027-01-11", "voted_on": "2027-01-10", "source": "Assemblée générale"}
    rate = client.post("/a/decisions/cooperative-contribution-rate", data={"value": "10", **when})
    assert rate.status_code == 303
    regimes = {"value": ["exempt_261_7_1_b", "standard"], **when}
    assert client.post("/a/decisions/billing-vat-regimes", data=regimes).status_code == 303
    assert decision(session, "cooperative.contribution_rate", TODAY) == {"rate": "10", "basis": "turnover"}
    assert "5 décisions à prendre avant l'ouverture" in text_of(client.get("/a/decisions"))
    assert "10 %" in text_of(client.get("/a/decisions/cooperative-contribution-rate"))


def test_a_vote_that_can_not_be_read_comes_back(client: FlaskClient, logged_in: LogIn) -> None:
    logged_in(OfficeRoleKind.ADMIN)
    when = {"since": "2027-01-11", "voted_on": "2027-01-10", "source": "AG"}
    weights = {"fairness": "50", "continuity": "50", "travel": "50", "wishes": "0", "learning": "0", **when}
    refused = client.post("/a/decisions/matching-weights", data=weights)
    assert refused.status_code == 422
    assert "ici ils font 150" in text_of(refused)
    assert client.post("/a/decisions/governance-vat-liable", data=when).status_code == 422
    assert client.get("/a/decisions/nothing").status_code == 404


def test_half_days_and_texts_have_their_own_forms(client: FlaskClient, session: Session, logged_in: LogIn) -> None:
    logged_in(OfficeRoleKind.ADMIN)
    when = {"since": "2027-01-11", "voted_on": "2027-01-10", "source": "AG"}
    hours = {"am_start": "08:30", "am_end": "12:00", "pm_start": "13:00", "pm_end": "16:30", **when}
    assert client.post("/a/decisions/demands-half-days", data=hours).status_code == 303
    assert "8 h 30" in text_of(client.get("/a/decisions/demands-half-days"))
    text = {"value": "Sans frais sept jours avant.", **when}
    assert client.post("/a/decisions/contracting-cancellation-text", data=text).status_code == 303
