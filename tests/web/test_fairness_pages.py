"""« Heures et équité » at the office, « Mes heures » for a peer, as a browser without JavaScript sees them."""

import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.fairness.models import CoverageStudy
from entrepairs.fairness.studies import EFFECT, study_coverage
from entrepairs.identity.models import OfficeRoleKind
from entrepairs.kernel.clock import FixedClock
from entrepairs.network.rhythm import declare_absence, take_pause
from entrepairs.network.wishes import exclude_place
from entrepairs.outbox.models import OutboxItem
from tests.factories.catalogue import an_offering
from tests.factories.demands import a_confirmed_demand
from tests.factories.missions import a_held_demand, a_report, holders
from tests.factories.network import a_peer, a_site
from tests.web.office_browser import LogIn, enter, logged_in, standing_clock, text_of

__all__ = ["logged_in", "standing_clock"]

LONG_SINCE = date(2026, 1, 1)


def test_everybody_of_the_association_reads_and_only_the_coordination_asks(
    client: FlaskClient, session: Session, logged_in: LogIn
) -> None:
    logged_in(OfficeRoleKind.AUDITOR)
    for path in ("/a/equite", "/a/equite/personnes"):
        assert client.get(path).status_code == 200
    assert "Faire l'étude" not in text_of(client.get("/a/equite"))
    assert client.post("/a/equite/etude").status_code == 403
    assert session.scalars(select(CoverageStudy)).all() == []


def test_an_empty_association_is_told_what_will_come(client: FlaskClient, logged_in: LogIn) -> None:
    logged_in()
    page = text_of(client.get("/a/equite"))
    for words in ("Pas encore de point", "Aucune demande sur ces mois", "Pas encore étudié", "Faire l'étude"):
        assert words in page
    assert "Accueillez la première personne" in text_of(client.get("/a/equite/personnes"))


def test_the_dots_have_no_name_and_a_sentence_says_them(
    client: FlaskClient, session: Session, logged_in: LogIn
) -> None:
    names = [a_peer(session, joined_on=LONG_SINCE).first_name for _ in range(3)]
    logged_in()
    answer = client.get("/a/equite")
    page = text_of(answer)
    assert "3 personnes sur 3 font moins de la moitié des heures qu'elles souhaitent." in page
    assert "de 0 à 25 % des heures souhaitées" in page, "the table twin"
    assert not any(name in answer.text for name in names)
    assert len(re.findall(r"M[\d.]+,[\d.]+h0", answer.text)) == 6, "three dots in each of the two drawings"


def test_a_study_is_asked_followed_and_read(client: FlaskClient, session: Session, logged_in: LogIn) -> None:
    site = a_site(session)
    a_confirmed_demand(session, site.partner, site, an_offering(session, qualifications=("trainer",)))
    a_peer(session)
    logged_in(OfficeRoleKind.COORDINATOR)
    assert client.post("/a/equite/etude").status_code == 303
    study = session.scalars(select(CoverageStudy)).one()
    ref = study.ref
    page = client.get("/a/equite")
    assert f'data-progress-url="/a/equite/etude/{ref}"' in page.text
    assert "Refaire" not in text_of(page), "one at a time"
    assert client.get(f"/a/equite/etude/{ref}").json == {
        "done": 0,
        "total": 1,
        "text": "0 demandes étudiées sur 1",
        "finished": False,
        "reload": False,
    }
    assert session.scalars(select(OutboxItem.subject_ref).where(OutboxItem.kind == EFFECT)).all() == [ref]
    study_coverage(session, ref, {}, clock=FixedClock())
    session.commit()
    assert client.get(f"/a/equite/etude/{ref}").json["reload"] is True
    said = text_of(client.get("/a/equite"))
    assert "1 : pas assez de personnes avec la qualification demandée" in said
    assert "Une personne de plus dans les Bouches-du-Rhône avec « Formation d'adultes »" in said
    assert "aurait rendu possible une demande" in said
    assert "Une personne de l'équipe y habite et pourrait se former." in said
    assert client.get("/a/equite/etude/ETU-2222-2222").status_code == 404


def test_the_list_goes_by_name_and_by_filter(client: FlaskClient, session: Session, logged_in: LogIn) -> None:
    a_peer(session, first_name="Zohra", joined_on=LONG_SINCE)
    a_peer(session, first_name="Ahmed", joined_on=LONG_SINCE, commune="06088")
    a_peer(session, first_name="Karim", joined_on=date(2027, 1, 4))
    logged_in()
    page = text_of(client.get("/a/equite/personnes"))
    assert page.index("Ahmed") < page.index("Karim") < page.index("Zohra")
    assert page.count("moins de la moitié des heures souhaitées depuis 12 mois") == 2
    watched = text_of(client.get("/a/equite/personnes?alerte=under&departement=06"))
    assert "Ahmed" in watched
    assert "Zohra" not in watched
    assert "Rien ne correspond" in text_of(client.get("/a/equite/personnes?departement=04"))
    assert client.get("/a/equite/personnes?alerte=x&departement=99&page=-3").status_code == 200


def test_the_office_and_the_person_read_the_same_figures(
    client: FlaskClient, session: Session, logged_in: LogIn
) -> None:
    demand = a_held_demand(session)
    peer = holders(session, demand)[0].peer
    a_report(session, peer, demand.sessions[0], hours={"group": 120, "preparation": 45})
    ref = peer.ref
    logged_in()
    office = client.get(f"/a/equite/personnes/{ref}")
    enter(client, session, peer.account)
    own = client.get("/p/mes-heures")
    assert own.status_code == 200
    for page in (office, own):
        assert re.search(r"janvier 2027 2 h 45 2 h 35 h", text_of(page)), "the table twin: done, promised, wished"
    assert client.get("/a/equite").status_code == 404


def masked(page: str) -> str:
    """The page without what changes from one request to the next."""
    return re.sub(r'(csrf_token|form_key|nonce)[^>]*value="[^"]*"|nonce="[^"]*"|value="[\w.-]{20,}"', "", page)


CHOICES = {
    "pause": lambda session, peer: take_pause(session, peer.ref, clock=FixedClock()),
    "absence": lambda session, peer: declare_absence(
        session, peer.ref, date(2027, 1, 11), date(2027, 3, 1), clock=FixedClock()
    ),
    "exclusion": lambda session, peer: exclude_place(session, peer.ref, site_ref=a_site(session).ref),
    "radius": lambda session, peer: setattr(peer, "radius_km", 1),
    "monthly maximum": lambda session, peer: setattr(peer, "monthly_max_hours", 1),
    "holidays": lambda session, peer: setattr(peer, "rests_on_holidays", not peer.rests_on_holidays),
    "supervision first": lambda session, peer: setattr(peer, "waits_for_supervision", True),
}


@pytest.mark.parametrize("choice", CHOICES)
def test_a_choice_changes_no_word_of_the_office_pages(
    choice: str, client: FlaskClient, session: Session, logged_in: LogIn
) -> None:
    peer = holders(session, a_held_demand(session))[0].peer
    peer.first_name, ref = "Samira", peer.ref
    logged_in()
    paths = ("/a/equite", "/a/equite/personnes", f"/a/equite/personnes/{ref}")
    before = [masked(client.get(path).text) for path in paths]
    CHOICES[choice](session, peer)
    session.commit()
    assert [masked(client.get(path).text) for path in paths] == before


def test_a_person_on_pause_is_expected_nothing_of(client: FlaskClient, session: Session) -> None:
    peer = a_peer(session, joined_on=LONG_SINCE)
    enter(client, session, peer.account)
    assert "l'association le voit" in text_of(client.get("/p/mes-heures"))
    take_pause(session, peer.ref, back_on=FixedClock().today() + timedelta(days=10), clock=FixedClock())
    session.commit()
    page = text_of(client.get("/p/mes-heures"))
    assert "rien n'est attendu de vous" in page
    assert "l'association le voit" not in page
