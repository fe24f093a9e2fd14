"""« Je propose un autre horaire » on the pages: the peer, the mail links, the office, the structure. French, no script."""

import re
from collections.abc import Callable
from datetime import time

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.demands.models import Demand
from entrepairs.demands.scheduling import period_of
from entrepairs.dispatch import other_times
from entrepairs.dispatch.answering import accept_offer
from entrepairs.dispatch.models import Offer, OfferState, OtherTime, OtherTimeState
from entrepairs.dispatch.slots import Slot
from entrepairs.identity.models import Account, TokenPurpose
from entrepairs.identity.sessions import open_session
from entrepairs.identity.tokens import mint
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.dates import paris
from entrepairs.network.models import Availability
from tests.factories.dispatch import OFFICE_ACTOR, a_certified_peer, a_firm_wrap_group, an_offer, offers_to
from tests.factories.identity import an_office_account
from tests.factories.missions import PEER_ACTOR
from tests.factories.network import a_member, a_partner

Enter = Callable[[Account], FlaskClient]


@pytest.fixture(autouse=True)
def _standing_clock(app: object, clock: FixedClock) -> object:
    config = app.config  # type: ignore[attr-defined]
    before = config.get("CLOCK")
    config["CLOCK"] = clock
    yield
    config["CLOCK"] = before


@pytest.fixture
def enter(client: FlaskClient, session: Session) -> Enter:
    def logged_in(account: Account) -> FlaskClient:
        secret = open_session(session, account, user_agent="test")
        session.commit()
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = secret, True
        return client

    return logged_in


@pytest.fixture
def group(session: Session) -> Demand:
    partner = a_partner(session)
    demand = a_firm_wrap_group(session, partner=partner)
    demand.requester_id = a_member(session, partner).id
    session.flush()
    session.refresh(demand)
    return demand


def text_of(answer: object) -> str:
    plain = re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", plain).replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


def suggested(session: Session, offer: Offer, clock: FixedClock, *, asked: bool = False) -> OtherTime:
    slot = Slot(time(10), weekday=1)
    row = other_times.suggest_time(session, offer.ref, slot, actor=PEER_ACTOR, clock=clock)
    if asked:
        other_times.ask_structure(session, row.ref, actor=OFFICE_ACTOR, clock=clock)
    session.commit()
    return row


def weekdays(session: Session, demand: Demand) -> set[int]:
    session.expire_all()
    return {paris(period_of(row).start).weekday() for row in demand.sessions}


def times(session: Session) -> list[OtherTime]:
    session.expire_all()
    return list(session.scalars(select(OtherTime)))


def test_a_peer_suggests_another_time_in_two_taps_from_the_offer(session, group, enter):
    peer = a_certified_peer(session)
    offer = an_offer(session, group, peer)
    client = enter(peer.account)
    assert f"/p/propositions/{offer.ref}/horaire" in client.get(f"/p/propositions/{offer.ref}").text
    page = client.get(f"/p/propositions/{offer.ref}/horaire")
    assert page.text.count("<h1") == 1
    told = text_of(page)
    for line in ("Le lundi, 14 h – 16 h", "Le mardi, 14 h – 16 h", "Un autre jour, une autre heure"):
        assert line in told
    assert times(session) == [], "opening the page suggests nothing"
    data = {"weekday": "1", "starts": "14:00"}
    assert client.post(f"/p/propositions/{offer.ref}/horaire", data=data).status_code == 303
    (row,) = times(session)
    assert (row.weekday, row.starts, row.state, row.offer.state) == (
        1,
        time(14),
        OtherTimeState.SUGGESTED,
        OfferState.SENT,
    )
    back = text_of(client.get(f"/p/propositions/{offer.ref}"))
    assert "Le mardi, 14 h – 16 h. Nous voyons avec la structure" in back
    assert "J'accepte" in back


def test_what_does_not_fit_comes_back_with_a_sentence_and_what_was_chosen(session, group, enter):
    peer = a_certified_peer(session)
    offer = an_offer(session, group, peer)
    session.query(Availability).filter_by(peer_id=peer.id, weekday=0).delete()
    client = enter(peer.account)
    address = f"/p/propositions/{offer.ref}/horaire"
    assert "Le lundi" not in text_of(client.get(address)).split("Un autre jour")[0]
    for data, told in (
        ({"weekday": "0", "starts": "09:30"}, "cet horaire ne va pas non plus"),
        ({"weekday": "3", "starts": "14:00"}, "C'est déjà l'horaire proposé"),
        ({"weekday": "9", "starts": "14:00"}, "Choisissez un autre jour ou une autre heure"),
    ):
        answer = client.post(address, data=data)
        assert answer.status_code == 422
        assert told in text_of(answer)
    assert times(session) == []


def test_the_mail_link_suggests_too_and_stays_good_for_a_yes(session, group, client, clock):
    offer = an_offer(session, group, a_certified_peer(session))
    secret = mint(session, TokenPurpose.OFFER, offer.ref, days=3, account_id=offer.peer.account_id)
    session.commit()
    assert f"/o/{secret}/horaire" in client.get(f"/o/{secret}").text
    assert "Le mardi, 14 h – 16 h" in text_of(client.get(f"/o/{secret}/horaire"))
    data = {"weekday": "1", "starts": "10:00"}
    assert client.post(f"/o/{secret}/horaire", data=data).location == f"/o/{secret}"
    assert [row.state for row in times(session)] == [OtherTimeState.SUGGESTED]
    read = re.search(r'name="read" value="(\w+)"', client.get(f"/o/{secret}").text)
    assert read is not None
    assert client.post(f"/o/{secret}/oui", data={"read": read[1]}).status_code == 303
    session.expire_all()
    assert offer.state is OfferState.ACCEPTED


def test_a_yes_to_times_that_have_moved_since_the_page_was_opened_is_not_taken(session, group, enter, clock):
    peer = a_certified_peer(session)
    other, offer = offers_to(session, group, [a_certified_peer(session), peer])
    client = enter(peer.account)
    page = client.get(f"/p/propositions/{offer.ref}").text
    read = re.search(r'name="read" value="(\w+)"', page)
    assert read is not None
    row = suggested(session, other, clock, asked=True)
    other_times.agree_to_time(session, row.ref, actor=OFFICE_ACTOR, clock=clock)
    session.commit()
    answer = client.post(f"/p/propositions/{offer.ref}/oui", data={"read": read[1]})
    assert answer.status_code == 409
    assert "a changé depuis que vous l'avez ouverte" in text_of(answer)
    session.expire_all()
    assert offer.state is OfferState.SENT
    fresh = re.search(r'name="read" value="(\w+)"', answer.text)
    assert fresh is not None
    assert fresh[1] != read[1]
    assert client.post(f"/p/propositions/{offer.ref}/oui", data={"read": fresh[1]}).status_code == 303


def test_the_office_reads_who_suggests_what_and_asks_or_thanks(session, group, enter, clock):
    peer = a_certified_peer(session, first_name="Samira")
    row = suggested(session, an_offer(session, group, peer), clock)
    office = enter(an_office_account(session))
    home = text_of(office.get("/a/"))
    assert "Samira propose un autre horaire" in home
    page = text_of(office.get(f"/a/demandes/{group.ref}"))
    assert "Samira propose un autre horaire" in page
    assert "Demandé le jeudi, 14 h – 16 h" in page
    assert "Autre horaire le mardi, 10 h – 12 h" in page
    assert office.post(f"/a/horaires/{row.ref}/demander").location == f"/a/demandes/{group.ref}"
    assert times(session)[0].state is OtherTimeState.ASKED
    assert "La structure a été interrogée" in text_of(office.get(f"/a/demandes/{group.ref}"))
    assert office.post(f"/a/horaires/{row.ref}/remercier").status_code == 303
    assert times(session)[0].state is OtherTimeState.ASKED, "once asked, the structure answers"
    assert office.post(f"/a/horaires/{row.ref}/convenu").status_code == 303
    assert weekdays(session, group) == {1}


def test_the_office_thanks_kindly(session, group, enter, clock):
    row = suggested(session, an_offer(session, group, a_certified_peer(session)), clock)
    office = enter(an_office_account(session))
    office.post(f"/a/horaires/{row.ref}/remercier")
    assert times(session)[0].state is OtherTimeState.THANKED
    assert "propose un autre horaire" not in text_of(office.get(f"/a/demandes/{group.ref}"))


@pytest.mark.parametrize("yes", [True, False])
def test_the_structure_answers_from_its_mail_without_a_name_and_once(session, group, client, clock, yes):
    peer = a_certified_peer(session, first_name="Samira")
    row = suggested(session, an_offer(session, group, peer), clock, asked=True)
    secret = mint(session, TokenPurpose.OTHER_TIME, row.ref, days=3, account_id=group.requester_id)
    session.commit()
    page = text_of(client.get(f"/h/{secret}"))
    assert "Samira" not in page
    assert "Vous avez demandé le jeudi, 14 h – 16 h" in page
    assert "Autre horaire le mardi, 10 h – 12 h" in page
    assert weekdays(session, group) == {3}, "opening the page moves nothing"
    answer = client.post(f"/h/{secret}/{'oui' if yes else 'non'}", follow_redirects=True)
    assert "C'est noté" in text_of(answer)
    assert weekdays(session, group) == ({1} if yes else {3})
    assert client.get(f"/h/{secret}").status_code == 409
    assert client.post(f"/h/{secret}/oui").status_code == 409


def test_the_structure_answers_behind_its_login_from_home(session, group, enter, clock):
    row = suggested(session, an_offer(session, group, a_certified_peer(session)), clock, asked=True)
    client = enter(group.requester)
    assert f"/s/demandes/{group.ref}" in client.get("/s/").text
    assert "Autre horaire" in text_of(client.get("/s/"))
    assert "Ce créneau nous convient" in text_of(client.get(f"/s/demandes/{group.ref}"))
    assert client.post(f"/s/horaires/{row.ref}/oui").location == f"/s/demandes/{group.ref}"
    assert weekdays(session, group) == {1}


def test_another_structure_finds_nothing(session, group, enter, clock):
    row = suggested(session, an_offer(session, group, a_certified_peer(session)), clock, asked=True)
    client = enter(a_member(session, a_partner(session)))
    for answer in ("oui", "non"):
        assert client.post(f"/s/horaires/{row.ref}/{answer}").status_code == 404
    assert times(session)[0].state is OtherTimeState.ASKED


def test_once_the_seats_are_taken_the_structure_reads_that_nothing_changes(session, group, client, clock):
    one, two, late = (a_certified_peer(session) for _ in range(3))
    first, second, offer = offers_to(session, group, [one, two, late])
    row = suggested(session, offer, clock, asked=True)
    for each in (first, second):
        accept_offer(session, each.ref, actor=PEER_ACTOR, clock=clock)
    secret = mint(session, TokenPurpose.OTHER_TIME, row.ref, days=3, account_id=group.requester_id)
    session.commit()
    assert "Il n'y a plus rien à décider" in text_of(client.get(f"/h/{secret}"))
    assert client.post(f"/h/{secret}/oui").status_code == 409
    assert weekdays(session, group) == {3}


def test_an_offer_that_is_over_leads_back_to_its_page(session, group, enter, clock):
    peer = a_certified_peer(session)
    offer = an_offer(session, group, peer)
    accept_offer(session, offer.ref, actor=PEER_ACTOR, clock=clock)
    client = enter(peer.account)
    for answer in (
        client.get(f"/p/propositions/{offer.ref}/horaire"),
        client.post(f"/p/propositions/{offer.ref}/horaire"),
    ):
        assert (answer.status_code, answer.location) == (303, f"/p/propositions/{offer.ref}")
