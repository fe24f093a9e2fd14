"""The pages of matching and of an offer: the office, the peer, the mail link. French, without JavaScript."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from entrepairs.demands.models import Demand
from entrepairs.dispatch.models import Offer, OfferState
from entrepairs.identity.models import Account, OfficeRoleKind, TokenPurpose
from entrepairs.identity.sessions import open_session
from entrepairs.identity.tokens import mint
from entrepairs.kernel.clock import FixedClock
from entrepairs.network.models import Peer
from entrepairs.network.rhythm import declare_absence, take_pause
from entrepairs.network.wishes import exclude_place
from tests.factories.catalogue import an_offering
from tests.factories.demands import a_confirmed_demand
from tests.factories.dispatch import a_certified_peer, a_firm_wrap_group, an_offer, offers_to
from tests.factories.identity import an_office_account
from tests.factories.network import a_member, a_site

Enter = Callable[[Account], FlaskClient]


@pytest.fixture(autouse=True)
def _standing_clock(app: object, clock: FixedClock) -> object:
    """The pages read the test's clock."""
    config = app.config  # type: ignore[attr-defined]
    before = config.get("CLOCK")
    config["CLOCK"] = clock
    yield
    config["CLOCK"] = before


@pytest.fixture
def enter(client: FlaskClient, session: Session) -> Enter:
    """The browser, logged in as somebody."""

    def logged_in(account: Account) -> FlaskClient:
        secret = open_session(session, account, user_agent="test")
        session.commit()
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = secret, True
        return client

    return logged_in


@pytest.fixture
def office(session: Session, enter: Enter) -> FlaskClient:
    """The coordination's browser."""
    return enter(an_office_account(session))


def page_of(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.text[:2000]
    text: str = answer.text.replace("\u00a0", " ").replace("\u202f", " ")
    return text


def without_token(html: str) -> str:
    """A page without what changes at each request, nor the name of who is looked at."""
    html = re.sub(r'name="(csrf_token|form_key)" value="[^"]*"|nonce="[^"]*"|data-csrf="[^"]*"', "", html)
    return re.sub(r"Sam\d+ E\.|PAI-[A-Z0-9]{4}-[A-Z0-9]{4}", "X", html)


def matching_path(demand: Demand) -> str:
    return f"/a/demandes/{demand.ref}/appariement"


def test_the_office_sees_pairs_words_and_distances_without_rank_or_total(session: Session, office: FlaskClient) -> None:
    demand = a_firm_wrap_group(session)
    for _ in range(3):
        a_certified_peer(session)
    a_certified_peer(session, qualifications=())
    session.commit()
    page = page_of(office, matching_path(demand))
    assert "3 personnes peuvent venir." in page
    assert "Qui peut venir ensemble ?" in page
    assert "Une personne pour qui ce n’est pas possible cette fois" in page
    assert "1 sans « Facilitateur" in page or "1 sans «" in page
    assert page.count("<h1") == 1
    assert 'style="' not in page
    assert not re.search(r"rang|total|score|n° ?1", re.sub(r'class="[^"]*"', "", page), re.IGNORECASE)


def bend(session: Session, cause: str, demand: Demand, peer: Peer, clock: FixedClock) -> None:
    assert demand.site is not None
    match cause:
        case "site":
            exclude_place(session, peer.ref, site_ref=demand.site.ref)
        case "partner":
            exclude_place(session, peer.ref, partner_ref=demand.partner.ref)
        case "absence":
            declare_absence(session, peer.ref, demand.first_day, demand.first_day, clock=clock)  # type: ignore[arg-type]
        case "pause":
            take_pause(session, peer.ref, clock=clock)
        case "radius":
            peer.radius_km, peer.commune_insee = 5, "13001"
        case "maximum":
            peer.weekly_max_hours = 1
        case "papers":
            for paper in list(peer.clearances)[:1]:
                session.delete(paper)
    session.commit()


CAUSES = ("site", "partner", "absence", "pause", "radius", "maximum", "papers")


def test_the_page_and_the_command_tell_nothing_of_which_choice_it_is(
    session: Session, office: FlaskClient, clock: FixedClock
) -> None:
    from flask_babel import force_locale

    from entrepairs.matching.looking import look
    from entrepairs.web.matching_answers import explained
    from tests.factories.network import the_communes

    the_communes(session)
    pages, told = set(), set()
    demand = a_firm_wrap_group(session)
    for cause in CAUSES:
        peer = a_certified_peer(session)
        bend(session, cause, demand, peer, clock)
        html = page_of(office, matching_path(demand))
        assert "1 selon ses choix ou son rythme" in html
        pages.add(without_token(html))
        with office.application.test_request_context(), force_locale("fr"):
            answer = look(session, demand.ref, clock=clock).answer
            told.add(without_token(str(explained(answer))))
        peer.left_on = clock.today()  # one person at a time
        session.commit()
    assert len(pages) == 1
    assert len(told) == 1


def test_the_office_proposes_a_pair_in_one_click_and_the_list_says_so(session: Session, office: FlaskClient) -> None:
    demand = a_firm_wrap_group(session)
    one, two = a_certified_peer(session), a_certified_peer(session)
    session.commit()
    answer = office.post(f"/a/demandes/{demand.ref}/propositions", data={"peers": [one.ref, two.ref]})
    assert (answer.status_code, answer.location) == (303, matching_path(demand))
    page = page_of(office, matching_path(demand))
    assert "Propositions envoyées" in page
    assert page.count("Reprendre") == 2
    session.expire_all()
    assert {offer.deadline.isoformat() for offer in session.query(Offer)} == {"2027-01-14T19:00:00+00:00"}


def test_three_people_are_asked_in_one_click(session: Session, office: FlaskClient) -> None:
    site = a_site(session)
    demand = a_confirmed_demand(session, site.partner, site, an_offering(session))
    for _ in range(4):
        a_certified_peer(session)
    session.commit()
    value = re.findall(r'value="(PAI-[^"]*)">Proposer à 3', page_of(office, matching_path(demand)))
    answer = office.post(f"/a/demandes/{demand.ref}/propositions", data={"peers": value})
    assert answer.status_code == 303
    assert session.query(Offer).count() == 3


def test_a_list_that_has_changed_is_shown_again_and_nothing_leaves(
    session: Session, office: FlaskClient, clock: FixedClock
) -> None:
    demand, peer = a_firm_wrap_group(session), a_certified_peer(session)
    take_pause(session, peer.ref, clock=clock)
    session.commit()
    answer = office.post(f"/a/demandes/{demand.ref}/propositions", data={"peers": [peer.ref]})
    assert answer.status_code == 409
    assert "Rien n’a été envoyé" in answer.text
    assert session.query(Offer).all() == []
    assert office.post(f"/a/demandes/{demand.ref}/propositions", data={}).status_code == 422


def test_a_proposal_is_taken_back(session: Session, office: FlaskClient) -> None:
    demand = a_firm_wrap_group(session)
    offer = an_offer(session, demand, a_certified_peer(session))
    other = a_firm_wrap_group(session)
    session.commit()
    assert office.post(f"/a/demandes/{other.ref}/propositions/{offer.ref}/retirer").status_code == 404
    assert office.post(f"/a/demandes/{demand.ref}/propositions/{offer.ref}/retirer").status_code == 303
    session.expire_all()
    assert offer.state is OfferState.WITHDRAWN


def test_only_the_coordination_looks(session: Session, enter: Enter) -> None:
    demand = a_firm_wrap_group(session)
    session.commit()
    billing = enter(an_office_account(session, OfficeRoleKind.BILLING))
    assert billing.get(matching_path(demand)).status_code == 403
    partner = enter(a_member(session, demand.partner))
    assert partner.get(matching_path(demand)).status_code == 404


def test_the_mail_page_shows_six_lines_and_two_equal_answers(session: Session, client: FlaskClient) -> None:
    offer = an_offer(session, a_firm_wrap_group(session), a_certified_peer(session))
    secret = mint(session, TokenPurpose.OFFER, offer.ref, days=3)
    session.commit()
    page = page_of(client, f"/o/{secret}")
    for words in (
        "Groupe WRAP, 8 jeudis",
        "Du 21 janvier au 11 mars 2027",
        "le jeudi, 14 h – 16 h",
        "dans votre commune",
        "Avec une autre personne de l’équipe",
        "16 h payées",
        "vous passeriez de 0 h à 4 h",
        "avant le jeudi 14 janvier, 9 h",
        "J’accepte",
        "Je ne peux pas",
        "Aucune raison à donner",
    ):
        assert words in page
    assert page.count('class="btn btn-equal btn-wide"') == 2
    session.expire_all()
    assert (offer.state, offer.seen_at) == (OfferState.SENT, None)


def test_opening_says_nothing_and_the_opened_page_says_seen(
    session: Session, client: FlaskClient, clock: FixedClock
) -> None:
    offer = an_offer(session, a_firm_wrap_group(session), a_certified_peer(session))
    secret = mint(session, TokenPurpose.OFFER, offer.ref, days=3)
    session.commit()
    for _ in range(5):
        page_of(client, f"/o/{secret}")
    session.expire_all()
    assert offer.seen_at is None
    assert client.post(f"/o/{secret}/vue").status_code == 204
    session.expire_all()
    assert offer.seen_at == clock.now()


def test_yes_from_the_mail_without_login_and_twice(session: Session, client: FlaskClient) -> None:
    offer = an_offer(session, a_firm_wrap_group(session), a_certified_peer(session))
    secret = mint(session, TokenPurpose.OFFER, offer.ref, days=3)
    session.commit()
    for _ in range(2):
        answer = client.post(f"/o/{secret}/oui")
        assert (answer.status_code, answer.location) == (303, f"/o/{secret}")
    assert "C’est noté" in page_of(client, f"/o/{secret}")
    session.expire_all()
    assert offer.state is OfferState.ACCEPTED


def test_no_from_the_mail(session: Session, client: FlaskClient) -> None:
    offer = an_offer(session, a_firm_wrap_group(session), a_certified_peer(session))
    secret = mint(session, TokenPurpose.OFFER, offer.ref, days=3)
    session.commit()
    assert client.post(f"/o/{secret}/non").status_code == 303
    assert "Cela ne change rien pour la suite" in page_of(client, f"/o/{secret}")
    session.expire_all()
    assert offer.state is OfferState.DECLINED


def test_who_comes_too_late_reads_a_kind_page(session: Session, client: FlaskClient) -> None:
    demand = a_firm_wrap_group(session)
    offers = offers_to(session, demand, [a_certified_peer(session) for _ in range(3)])
    secrets = [mint(session, TokenPurpose.OFFER, offer.ref, days=3) for offer in offers]
    session.commit()
    answers = [client.post(f"/o/{secret}/oui") for secret in secrets]
    assert [answer.status_code for answer in answers] == [303, 303, 409]
    assert "Déjà prise par un·e collègue. Merci." in answers[2].text
    assert "Déjà prise par un·e collègue. Merci." in page_of(client, f"/o/{secrets[2]}")


def test_an_unknown_link_is_a_kind_404(client: FlaskClient) -> None:
    assert client.get("/o/nothing").status_code == 404
    assert client.post("/o/nothing/oui").status_code == 404


def test_a_peer_answers_from_their_own_page(session: Session, enter: Enter) -> None:
    demand, peer = a_firm_wrap_group(session), a_certified_peer(session)
    offer = an_offer(session, demand, peer)
    mine = enter(peer.account)
    assert "Une proposition attend votre réponse." in page_of(mine, "/p/propositions")
    page = page_of(mine, f"/p/propositions/{offer.ref}")
    assert "Vous souhaitiez 35 h de plus ce mois-là." in page
    assert mine.post(f"/p/propositions/{offer.ref}/vue").status_code == 204
    assert mine.post(f"/p/propositions/{offer.ref}/oui").status_code == 303
    assert "Je ne peux finalement pas" in page_of(mine, f"/p/propositions/{offer.ref}")
    assert mine.post(f"/p/propositions/{offer.ref}/non").status_code == 409
    assert mine.post(f"/p/propositions/{offer.ref}/relais").status_code == 303
    assert "Je ne peux finalement pas" not in page_of(mine, f"/p/propositions/{offer.ref}")


def test_a_list_without_anything_says_what_will_come(session: Session, enter: Enter) -> None:
    mine = enter(a_certified_peer(session).account)
    assert "Rien de proposé pour le moment" in page_of(mine, "/p/propositions")


def test_the_offer_of_somebody_else_does_not_exist(session: Session, enter: Enter) -> None:
    offer = an_offer(session, a_firm_wrap_group(session), a_certified_peer(session))
    other = enter(a_certified_peer(session).account)
    assert other.get(f"/p/propositions/{offer.ref}").status_code == 404
    for act in ("oui", "non", "vue", "relais"):
        assert other.post(f"/p/propositions/{offer.ref}/{act}").status_code == 404
    session.expire_all()
    assert offer.state is OfferState.SENT
