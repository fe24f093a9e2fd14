"""The partner's path of a demand, and the office's, as a browser without JavaScript sees them."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from entrepairs.catalogue.models import OfferingKind
from entrepairs.demands.models import Demand
from entrepairs.demands.states import DemandState
from entrepairs.identity import sessions
from entrepairs.identity.models import Account, OfficeRoleKind, TokenPurpose
from entrepairs.identity.tokens import mint
from entrepairs.kernel.clock import FixedClock
from entrepairs.network.models import MemberRole, PartnerMember, Site
from tests.factories.catalogue import a_wrap_group, an_offering
from tests.factories.demands import a_confirmed_demand, a_draft, a_submitted_demand
from tests.factories.identity import an_account, an_office_account
from tests.factories.network import a_partner, a_site

MONDAY = FixedClock(datetime(2027, 1, 11, 9, tzinfo=ZoneInfo("Europe/Paris")))


@pytest.fixture(autouse=True)
def _standing_clock(app):
    app.config["CLOCK"] = MONDAY
    yield
    app.config["CLOCK"] = None


def enter(client: FlaskClient, session: Session, account: Account) -> None:
    secret = sessions.open_session(session, account, user_agent="test")
    session.commit()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True


def a_member(session: Session, site: Site, *roles: MemberRole, **given: object) -> Account:
    account = an_account(session, **given)
    for role in roles:
        session.add(
            PartnerMember(partner_id=site.partner_id, account_id=account.id, role=role, function="Cadre de santé")
        )
    session.flush()
    return account


@pytest.fixture
def site(session: Session) -> Site:
    return a_site(session, partner=a_partner(session), name="CMP Les Tamaris")


def say_of(page: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.decode()))


def test_a_wrap_group_is_asked_in_six_clicks(client, session, site):
    manager = a_member(session, site, MemberRole.REQUESTER)
    wrap = a_wrap_group(session)
    enter(client, session, manager)
    clicks = ["home → new demand"]
    assert wrap.code in client.get("/s/demandes/nouvelle").text
    answer = client.post("/s/demandes/nouvelle", data={"offering": wrap.code})
    clicks.append("the card")
    dates = {"first_day": "2027-01-21", "start_time": "14:00", "sessions_count": "8", "session_minutes": "120"}
    forms = {
        "lieu": {"kind": "site", "site": site.ref, "commune": "", "place_detail": ""},
        "dates": dates | {"skip_holidays": "y"},
        "public": {"participants": "10", "goals": ["partager"], "audience": "", "context": "", "language": ""},
        "verifier": {},
    }
    for step, typed in forms.items():
        assert answer.status_code == 303
        assert answer.location.endswith(step), answer.location
        shown = client.get(answer.location)
        assert shown.status_code == 200
        if step == "verifier":
            assert "2\u202f560,00\xa0€" in shown.text
        answer = client.post(answer.location, data=typed)
        clicks.append(step)
    assert answer.status_code == 303, answer.text
    assert len(clicks) == 6
    demand = session.scalars(select(Demand).where(Demand.partner_id == site.partner_id)).one()
    assert demand.state is DemandState.SUBMITTED
    page = client.get(answer.location)
    assert "8 séances le jeudi" in say_of(page.data)


def test_a_name_is_refused_with_the_way_forward_and_nothing_typed_is_lost(client, session, site):
    manager = a_member(session, site, MemberRole.REQUESTER)
    ref = a_draft(session, site.partner, site, account_id=manager.id).ref
    enter(client, session, manager)
    typed = {"audience": "Jeunes adultes", "context": "Mme Dupont a hâte", "language": ""}
    refused = client.post(f"/s/demandes/nouvelle/{ref}/public", data=typed)
    assert refused.status_code == 422
    assert "Mme Dupont a hâte" in refused.text
    assert "Jeunes adultes" in refused.text
    assert "de vive voix" in refused.text
    doubt = client.post(f"/s/demandes/nouvelle/{ref}/public", data=typed | {"context": "Avec le Dr Martin"})
    assert doubt.status_code == 422
    assert 'name="names_checked"' in doubt.text
    passed = client.post(
        f"/s/demandes/nouvelle/{ref}/public", data=typed | {"context": "Avec le Dr Martin", "names_checked": "1"}
    )
    assert passed.status_code == 303


def test_a_requester_asks_for_agreement_and_the_signatory_answers_from_the_mail(client, session, site):
    manager = a_member(session, site, MemberRole.REQUESTER)
    signatory = a_member(session, site, MemberRole.SIGNATORY, name="Hélène Faure")
    ref = a_draft(session, site.partner, site, account_id=manager.id).ref
    enter(client, session, manager)
    review = client.get(f"/s/demandes/nouvelle/{ref}/verifier")
    assert "Hélène Faure" in review.text
    assert client.post(f"/s/demandes/nouvelle/{ref}/verifier", data={"signatory": signatory.ref}).status_code == 303
    secret = mint(session, TokenPurpose.APPROVAL, ref, days=3, account_id=signatory.id)
    session.commit()
    demand = session.scalars(select(Demand).where(Demand.ref == ref)).one()
    for _ in range(2):
        assert client.get(f"/accord/{secret}").status_code == 200
    session.expire_all()
    assert demand.state is DemandState.AWAITING_APPROVAL
    assert client.post(f"/accord/{secret}/renvoyer", data={"note": "M. Durand dit non"}).status_code == 422
    assert client.post(f"/accord/{secret}/oui").status_code == 303
    session.expire_all()
    assert demand.state is DemandState.SUBMITTED
    assert client.post(f"/accord/{secret}/oui").status_code == 409


def test_a_need_of_today_takes_one_page(client, session, site):
    an_offering(session, kind=OfferingKind.EMERGENCY, session_minutes=180, position=-10)
    enter(client, session, a_member(session, site, MemberRole.REQUESTER))
    assert client.get("/s/besoin").status_code == 200
    sent = client.post("/s/besoin", data={"site": site.ref, "start": "15:00", "context": ""})
    assert sent.status_code == 303
    assert client.get(sent.location).status_code == 200
    assert client.post("/s/besoin", data={"site": site.ref, "start": "03:00", "context": ""}).status_code == 422


def test_another_structure_sees_the_same_page_as_for_a_demand_that_does_not_exist(client, session, site):
    ref = a_submitted_demand(session, site.partner, site).ref
    stranger = a_member(session, a_site(session, partner=a_partner(session), name="Ailleurs"), MemberRole.SIGNATORY)
    enter(client, session, stranger)
    for path in (f"/s/demandes/{ref}", f"/s/demandes/{ref}/annuler", f"/s/demandes/nouvelle/{ref}/lieu"):
        assert client.get(path).status_code == 404
    assert client.post(f"/s/demandes/{ref}/annuler").status_code == 404
    assert client.get("/s/demandes/DEM-2222-2222").status_code == 404


def test_the_home_says_first_what_waits(client, session, site):
    manager = a_member(session, site, MemberRole.REQUESTER, name="Nadège Bonnet")
    enter(client, session, manager)
    empty = client.get("/s/")
    assert "Bonjour Nadège" in empty.text
    a_draft(session, site.partner, site, account_id=manager.id)
    a_submitted_demand(session, site.partner, site, first_day=date(2027, 1, 14))
    session.commit()
    page = say_of(client.get("/s/").data)
    assert page.index("À faire par vous") < page.index("À terminer") < page.index("Cette semaine")
    listed = client.get("/s/demandes?etat=open&q=tamaris")
    assert "CMP Les Tamaris" in listed.text
    assert client.get("/s/demandes?q=zzz").status_code == 200


def test_cancelling_says_what_it_means_before(client, session, site):
    ref = a_confirmed_demand(session, site.partner, site).ref
    enter(client, session, a_member(session, site, MemberRole.REQUESTER))
    assert "sans frais" in client.get(f"/s/demandes/{ref}/annuler").text
    assert client.post(f"/s/demandes/{ref}/annuler", data={"note": ""}).status_code == 303
    assert client.get(f"/s/demandes/{ref}").status_code == 200


def test_a_word_too_long_is_said_at_its_field_and_kept(client, session, site):
    ref, waiting = a_confirmed_demand(session, site.partner, site).ref, a_submitted_demand(session, site.partner, site)
    long = "Le service déménage, " * 30
    enter(client, session, a_member(session, site, MemberRole.REQUESTER))
    refused = client.post(f"/s/demandes/{ref}/annuler", data={"note": long})
    assert refused.status_code == 422
    assert long.strip() in refused.text
    secret = mint(session, TokenPurpose.APPROVAL, waiting.ref, days=3, account_id=an_account(session).id)
    session.commit()
    assert client.post(f"/accord/{secret}/renvoyer", data={"note": long}).status_code == 422
    enter(client, session, an_office_account(session))
    refused = client.post(f"/a/demandes/{ref}/annuler", data={"note": long})
    assert refused.status_code == 422
    assert long.strip() in refused.text


def test_what_the_database_has_no_room_for_is_a_refusal_that_shows_it(app):
    long, told = "Le service déménage, " * 30, {"Sec-Fetch-Site": "same-origin"}
    with app.test_request_context("/s/besoin", method="POST", data={"context": long}, headers=told):
        refused = app.make_response(app.handle_user_exception(DataError("", {}, ValueError("too long"))))
    assert refused.status_code == 422
    assert long.strip() in refused.get_data(as_text=True)


def test_the_office_reads_qualifies_refuses_and_moves(client, session, site):
    first = a_submitted_demand(session, site.partner, site, a_wrap_group(session))
    second = a_submitted_demand(session, site.partner, site)
    enter(client, session, an_office_account(session))
    assert "CMP Les Tamaris" in client.get("/a/demandes?etat=submitted").text
    assert client.get(f"/a/demandes/{first.ref}").status_code == 200
    assert client.post(f"/a/demandes/{first.ref}/qualifier", data={"language": "ar"}).status_code == 303
    assert client.get(f"/a/demandes/{second.ref}/refuser").status_code == 200
    assert client.post(f"/a/demandes/{second.ref}/refuser", data={}).status_code == 422
    assert client.post(f"/a/demandes/{second.ref}/refuser", data={"reason": "nobody_free"}).status_code == 303
    moved = first.sessions[0].ref
    assert client.get(f"/a/seances/{moved}/deplacer").status_code == 200
    past = client.post(f"/a/seances/{moved}/deplacer", data={"day": "2026-01-20", "start": "10:00"})
    assert past.status_code == 422
    done = client.post(f"/a/seances/{moved}/deplacer", data={"day": "2027-01-22", "start": "10:00"})
    assert done.status_code == 303
    assert client.get(f"/a/demandes/{first.ref}/annuler").status_code == 200
    assert client.post(f"/a/demandes/{first.ref}/annuler", data={}).status_code == 303
    session.expire_all()
    assert (first.state, second.state) == (DemandState.CANCELLED, DemandState.REFUSED)


def test_somebody_who_calls_gets_a_code(client, session, site):
    offering = an_offering(session, kind=OfferingKind.ACCOMPANIMENT)
    enter(client, session, an_office_account(session))
    assert client.get("/a/demandes/appel").status_code == 200
    typed = {
        "offering": offering.code,
        "commune": site.commune.name,
        "place_kind": "in_town",
        "first_day": "2027-01-20",
        "start_time": "14:00",
        "sessions_count": "2",
        "partner": site.partner.ref,
        "financed_by": "Subvention",
    }
    opened = client.post("/a/demandes/appel", data=typed)
    assert opened.status_code == 303
    assert "COD-" in client.get(opened.location).text
    ref = opened.location.rsplit("/", 1)[-1]
    assert client.post(f"/a/demandes/{ref}/financer", data={"financed_by": "Subvention"}).status_code == 303


def test_a_voted_price_replaces_the_one_in_force(client, session):
    offering = an_offering(session, cents=20000)
    enter(client, session, an_office_account(session, OfficeRoleKind.ADMIN))
    for path in ("/a/catalogue", "/a/tarifs", f"/a/tarifs/{offering.code}"):
        assert client.get(path).status_code == 200
    assert (
        client.post(
            f"/a/tarifs/{offering.code}", data={"price": "zéro", "since": "2027-02-01", "source": "AG"}
        ).status_code
        == 422
    )
    voted = client.post(
        f"/a/tarifs/{offering.code}", data={"price": "1 234,50 €", "since": "2027-02-01", "source": "AG"}
    )
    assert voted.status_code == 303
    assert "1\u202f234,50" in client.get(f"/a/tarifs/{offering.code}").text
