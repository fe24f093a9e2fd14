"""A peer's day, the report, the structure's word from the mail and behind the login, the office's view."""

import re
from datetime import date, time

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.demands.models import Demand
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.states import SessionState
from entrepairs.identity import sessions
from entrepairs.identity.models import Account, ActionToken, TokenPurpose
from entrepairs.identity.tokens import mint
from entrepairs.kernel.clock import FixedClock
from entrepairs.messages.models import Message
from entrepairs.missions.models import OnSite, Report, ReportState, ServiceAnswer, ServiceDone
from entrepairs.missions.orders import issue_order
from entrepairs.network.models import MemberRole, Peer
from tests.factories.dispatch import a_certified_peer, a_firm_wrap_group, an_offer
from tests.factories.identity import an_office_account
from tests.factories.missions import a_held_demand, a_report, a_reported_session, after, holders
from tests.factories.network import a_member, a_partner, a_peer, a_referent


@pytest.fixture(autouse=True)
def clock(app) -> FixedClock:
    standing = FixedClock()
    app.config["CLOCK"] = standing
    yield standing
    app.config["CLOCK"] = None


def enter(client: FlaskClient, session: Session, account: Account) -> None:
    secret = sessions.open_session(session, account, user_agent="test")
    session.commit()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True


def text_of(page: str) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", " ", re.sub(r"<[^>]+>", " ", page)).replace("’", "'")


def rows_of(session: Session, model: type) -> int:
    session.expire_all()
    return len(session.scalars(select(model)).all())


def peer_and(session: Session) -> tuple[Demand, Peer]:
    demand = a_held_demand(session)
    assert demand.site is not None
    a_referent(session, demand.site, phone="+33490000011")
    session.expire(demand.site, ["referents"])
    return demand, holders(session, demand)[0].peer


# --- the peer ----------------------------------------------------------------------------------------------


def test_the_peers_home_shows_the_next_mission_the_proposal_and_the_month(client, session, clock):
    demand, samira = peer_and(session)
    another = a_firm_wrap_group(session, first_day=date(2027, 1, 28), start=time(9))
    an_offer(session, another, samira, deadline=period_of(demand.sessions[0]).end)
    clock.at = period_of(demand.sessions[0]).start.replace(hour=7)
    enter(client, session, samira.account)
    page = text_of(client.get("/p/").text)
    assert "Une mission aujourd'hui. Une proposition vous attend." in page
    assert "14 h – 16 h" in page
    assert "Nora Accueil vous accueille." in page
    assert "4 h prévues en janvier. Vous souhaitez 35 h." in page


def test_being_on_site_is_one_tap_told_to_the_office_and_never_to_the_ward(client, session, clock):
    demand, samira = peer_and(session)
    row = demand.sessions[0]
    member, office = a_member(session, demand.partner), an_office_account(session)
    clock.at = period_of(row).start
    enter(client, session, samira.account)
    page = client.get("/p/")
    [address] = re.findall(r'action="([^"]+/sur-place)"', page.text)
    assert "jamais le service" in text_of(page.text)
    for _ in range(2):
        assert client.post(address).status_code == 303
    assert "vous êtes sur place" in text_of(client.get("/p/").text)
    enter(client, session, office)
    assert "sur place, dit à 14 h" in text_of(client.get(f"/a/missions/{row.ref}").text)
    enter(client, session, member)
    ward = client.get(f"/s/demandes/{demand.ref}")
    assert ward.status_code == 200
    assert "sur place" not in text_of(ward.text)
    enter(client, session, samira.account)
    client.post(f"{address}/annuler")
    assert rows_of(session, OnSite) == 0


def test_an_empty_home_says_that_all_is_well(client, session):
    enter(client, session, a_peer(session).account)
    assert "Rien de prévu. Tout va bien." in text_of(client.get("/p/").text)


def test_a_report_is_sent_from_its_page_and_opening_it_writes_nothing(client, session, clock):
    demand, samira = peer_and(session)
    row, hold = demand.sessions[0], holders(session, demand)[0]
    clock.at = after(row).at
    enter(client, session, samira.account)
    address = f"/p/missions/{hold.ref}/compte-rendu/{row.ref}"
    assert address in client.get("/p/").text
    page = client.get(address)
    assert page.status_code == 200
    assert 'selected value="120"' in page.text
    assert rows_of(session, Report) == 0
    answer = client.post(address, data={"minutes_group": "120", "headcount": "9", "handover": "to_referent"})
    assert answer.status_code == 303
    (report,) = session.scalars(select(Report)).all()
    assert (report.state, report.headcount, report.minutes) == (ReportState.SUBMITTED, 9, 120)
    assert "a été envoyé" in text_of(client.get(address).text)


def test_a_name_in_the_note_comes_back_with_everything_typed(client, session, clock):
    demand, samira = peer_and(session)
    row, hold = demand.sessions[0], holders(session, demand)[0]
    clock.at = after(row).at
    enter(client, session, samira.account)
    address = f"/p/missions/{hold.ref}/compte-rendu/{row.ref}"
    typed = {
        "minutes_group": "90",
        "minutes_travel": "35",
        "headcount": "7",
        "note": "Vu Mme Dupont",
        "handover": "nothing",
    }
    answer = client.post(address, data=typed)
    assert answer.status_code == 422
    assert "Vu Mme Dupont" in answer.text
    assert 'value="7"' in answer.text
    assert 'selected value="35"' in answer.text
    assert rows_of(session, Report) == 0


def test_a_doubt_can_be_passed(client, session, clock):
    demand, samira = peer_and(session)
    row, hold = demand.sessions[0], holders(session, demand)[0]
    clock.at = after(row).at
    enter(client, session, samira.account)
    address = f"/p/missions/{hold.ref}/compte-rendu/{row.ref}"
    typed = {"minutes_group": "120", "note": "Vu le Dr Martin.", "handover": "nothing"}
    assert 'name="names_checked"' in client.post(address, data=typed).text
    assert client.post(address, data=typed | {"names_checked": "1"}).status_code == 303


def test_a_report_kept_for_later_waits_on_the_home_page(client, session, clock):
    demand, samira = peer_and(session)
    row, hold = demand.sessions[0], holders(session, demand)[0]
    clock.at = after(row).at
    enter(client, session, samira.account)
    address = f"/p/missions/{hold.ref}/compte-rendu/{row.ref}"
    assert client.post(address, data={"minutes_group": "45", "keep": "1"}).status_code == 303
    assert session.scalars(select(Report)).one().state is ReportState.DRAFT
    assert client.get(f"/p/missions/{hold.ref}/compte-rendu").headers["Location"] == address
    assert 'selected value="45"' in client.get(address).text


def test_i_was_not_there_is_one_post_without_a_reason(client, session, clock):
    demand, samira = peer_and(session)
    row, hold = demand.sessions[0], holders(session, demand)[0]
    clock.at = after(row).at
    enter(client, session, samira.account)
    address = f"/p/missions/{hold.ref}/compte-rendu/{row.ref}"
    assert client.post(f"{address}/absence").status_code == 303
    assert client.get(address).status_code == 404


def test_the_mission_page_gives_the_order_and_whom_to_call(client, session):
    demand, samira = peer_and(session)
    hold = holders(session, demand)[0]
    issue_order(session, hold.ref, {}, clock=FixedClock())
    enter(client, session, samira.account)
    page = text_of(client.get(f"/p/missions/{hold.ref}").text)
    assert "Ordre de mission (PDF)" in page
    assert "Si quelqu'un est en danger" in page
    paper = client.get(f"/p/missions/{hold.ref}/ordre")
    assert paper.mimetype == "application/pdf"
    assert paper.data.startswith(b"%PDF-")


def test_another_peers_mission_looks_absent(client, session, clock):
    demand, _samira = peer_and(session)
    hold, row = holders(session, demand)[0], demand.sessions[0]
    clock.at = after(row).at
    enter(client, session, a_peer(session).account)
    for path in ("", "/ordre", "/compte-rendu", f"/compte-rendu/{row.ref}"):
        assert client.get(f"/p/missions/{hold.ref}{path}").status_code == 404
    assert (
        client.post(f"/p/missions/{hold.ref}/compte-rendu/{row.ref}", data={"minutes_group": "60"}).status_code == 404
    )


def test_the_diary_shows_the_week_and_what_comes_later(client, session):
    _demand, samira = peer_and(session)
    enter(client, session, samira.account)
    page = text_of(client.get("/p/agenda?semaine=2027-01-21").text)
    assert "Groupe WRAP" in page
    assert "jeudi 21 janvier" in page
    assert client.get("/p/agenda?semaine=nothing").status_code == 200


def test_a_worry_names_the_association_before_the_3114_and_asks_for_a_call(client, session):
    demand, samira = peer_and(session)
    enter(client, session, samira.account)
    page = client.get(f"/p/souci?mission={holders(session, demand)[0].ref}").text
    assert page.index("tel:+33491000000") < page.index("tel:3114")
    for _ in range(2):
        assert client.post("/p/souci/rappel").status_code == 303
    (letter,) = session.scalars(select(Message).where(Message.kind == "missions.call_back")).all()
    assert letter.to_ref == "association"


# --- the structure -----------------------------------------------------------------------------------------


def the_link(session: Session, ref: str, account: Account) -> str:
    secret = mint(session, TokenPurpose.SERVICE, ref, days=30, account_id=account.id)
    session.commit()
    return f"/c/{secret}"


def asked(session: Session, clock: FixedClock, **given: int) -> tuple[object, str]:
    row = a_reported_session(session, **given)
    clock.at = after(row, hours=2).at
    requester = row.demand.requester
    assert requester is not None
    return row, the_link(session, row.ref, requester)


def test_a_service_is_confirmed_in_two_clicks_from_the_mail(client, session, clock):
    row, link = asked(session, clock)
    assert "Est-ce bien ce qui s'est passé ?" in text_of(client.get(link).text)
    assert client.get(link).status_code == 200
    assert rows_of(session, ServiceDone) == 0
    assert session.scalars(select(ActionToken.used_at)).all() == [None]
    answer = client.post(f"{link}/valider", follow_redirects=True)
    assert "Une séance confirmée. Merci." in text_of(answer.text)
    session.expire_all()
    done = session.scalars(select(ServiceDone)).one()
    assert (done.answer, done.minutes, row.state) == (ServiceAnswer.CONFIRMED, 120, SessionState.DONE)
    assert done.account_id is not None


def test_the_link_works_once(client, session, clock):
    _row, link = asked(session, clock)
    client.post(f"{link}/valider")
    assert client.get(link).status_code == 409
    assert client.post(f"{link}/corriger", data={"minutes": "60"}).status_code == 409
    assert rows_of(session, ServiceDone) == 1


def test_a_correction_from_the_mail(client, session, clock):
    _row, link = asked(session, clock)
    answer = client.post(f"{link}/corriger", data={"minutes": "90", "headcount": "7"})
    assert answer.status_code == 303
    done = session.scalars(select(ServiceDone)).one()
    assert (done.answer, done.minutes, done.headcount) == (ServiceAnswer.CORRECTED, 90, 7)


def test_figures_that_cannot_be_keep_the_link_and_what_was_typed(client, session, clock):
    _row, link = asked(session, clock)
    answer = client.post(f"{link}/corriger", data={"minutes": "90", "headcount": "70000"})
    assert answer.status_code == 422
    assert "70000" in answer.text
    assert client.get(link).status_code == 200


def test_a_dispute_with_a_name_keeps_the_link_and_the_words(client, session, clock):
    _row, link = asked(session, clock)
    answer = client.post(f"{link}/autre", data={"comment": "M. Durand a tout arrêté"})
    assert answer.status_code == 422
    assert "M. Durand a tout arrêté" in answer.text
    answer = client.post(
        f"{link}/autre", data={"comment": "Le groupe s'est arrêté au bout d'une heure."}, follow_redirects=True
    )
    assert "Rien n'est facturé" in text_of(answer.text)
    assert session.scalars(select(ServiceDone)).one().answer is ServiceAnswer.DISPUTED


def test_everything_of_the_demand_is_confirmed_from_one_mail(client, session, clock):
    demand = a_held_demand(session)
    a_reported_session(session, demand, number=1)
    row = a_reported_session(session, demand, number=2)
    clock.at = after(row).at
    link = the_link(session, row.ref, demand.requester)
    assert "Valider celle-ci et l'autre qui attend" in text_of(client.get(link).text)
    client.post(f"{link}/tout")
    assert rows_of(session, ServiceDone) == 2


def test_a_link_to_a_disabled_account_is_dead(client, session, clock):
    row, link = asked(session, clock)
    row.demand.requester.disabled_at = clock.now()
    session.commit()
    assert client.post(f"{link}/valider").status_code == 404


def test_behind_the_login_it_is_two_clicks_from_the_home_page(client, session, clock):
    row, _link = asked(session, clock)
    enter(client, session, row.demand.requester)
    address = f"/s/services/{row.ref}"
    assert address in client.get("/s/").text
    assert client.get(address).status_code == 200
    assert client.post(f"{address}/valider").status_code == 303
    assert "Confirmée" in text_of(client.get("/s/services").text)


def test_the_list_confirms_all_of_a_demand(client, session, clock):
    demand = a_held_demand(session)
    for number in (1, 2):
        a_reported_session(session, demand, number=number)
    clock.at = after(demand.sessions[1]).at
    enter(client, session, demand.requester)
    assert "Tout valider" in text_of(client.get("/s/services").text)
    client.post(f"/s/services/demande/{demand.ref}/valider")
    assert rows_of(session, ServiceDone) == 2


def test_another_structure_sees_and_confirms_nothing(client, session, clock):
    row, _link = asked(session, clock)
    enter(client, session, a_member(session, a_partner(session)))
    assert client.get(f"/s/services/{row.ref}").status_code == 404
    for answer in ("valider", "corriger", "autre"):
        assert client.post(f"/s/services/{row.ref}/{answer}").status_code == 404
    assert client.post(f"/s/services/demande/{row.demand.ref}/valider").status_code == 404
    assert rows_of(session, ServiceDone) == 0


def test_an_accountant_reads_and_does_not_confirm(client, session, clock):
    row, _link = asked(session, clock)
    enter(client, session, a_member(session, row.demand.partner, MemberRole.ACCOUNTANT))
    assert client.get(f"/s/services/{row.ref}").status_code == 200
    assert client.post(f"/s/services/{row.ref}/valider").status_code == 403


# --- the office --------------------------------------------------------------------------------------------


def test_the_office_sees_what_is_awaited_and_settles_a_discussion(client, session, clock):
    row, link = asked(session, clock)
    client.post(f"{link}/autre", data={"comment": "Cela a duré une heure et demie."})
    enter(client, session, an_office_account(session))
    page = text_of(client.get("/a/missions").text)
    assert "En discussion" in page
    detail = text_of(client.get(f"/a/missions/{row.ref}").text)
    assert "Cela a duré une heure et demie." in detail
    answer = client.post(f"/a/missions/{row.ref}/accord", data={"minutes": "90", "headcount": "9"})
    assert answer.status_code == 303
    session.expire_all()
    assert session.scalars(select(ServiceDone)).one().minutes == 90


@pytest.mark.parametrize("view", ["attendus", "structures", "discussion", "corriges", "silence", "inconnue"])
def test_every_view_of_the_office_has_its_empty_text(client, session, view):
    enter(client, session, an_office_account(session))
    assert client.get(f"/a/missions?vue={view}").status_code == 200


def test_the_office_notes_an_absence_and_a_confirmation_by_telephone(client, session, clock):
    demand, samira = peer_and(session)
    row = demand.sessions[0]
    clock.at = after(row).at
    enter(client, session, an_office_account(session))
    assert samira.short_name in text_of(client.get("/a/missions").text)
    a_report(session, samira, row, at=clock)
    missing = next(one for one in row.bookings if one.peer_id != samira.id)
    assert client.post(f"/a/missions/{row.ref}/absence/{missing.id}").status_code == 303
    assert client.post(f"/a/missions/{row.ref}/telephone").status_code == 303
    done = session.scalars(select(ServiceDone)).one()
    assert done.by_label.startswith("Par téléphone")


def test_a_peer_and_a_structure_do_not_enter_the_office(client, session, clock):
    row, _link = asked(session, clock)
    enter(client, session, a_certified_peer(session).account)
    assert client.get("/a/missions").status_code == 404
    assert client.get(f"/a/missions/{row.ref}").status_code == 404
