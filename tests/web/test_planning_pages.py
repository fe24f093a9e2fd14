"""Planning a period, as a browser without JavaScript sees it."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.demands.diary import hold_seat
from entrepairs.dispatch.models import Handover, HandoverState, Offer
from entrepairs.dispatch.plans import search, send_plan_line
from entrepairs.identity.models import OfficeRoleKind, TokenPurpose
from entrepairs.identity.tokens import mint
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Unavailable
from entrepairs.kernel.i18n import N_
from entrepairs.outbox.models import OutboxItem, Run
from entrepairs.outbox.runs import LEASE, claim_run, end_run, fail_for
from entrepairs.outbox.turns import Turn
from entrepairs.planning.models import Plan
from tests.factories.dispatch import OFFICE_ACTOR, an_offer
from tests.factories.network import a_peer
from tests.planning.test_plans import workshop
from tests.web.office_browser import LogIn, logged_in, standing_clock, text_of

__all__ = ["logged_in", "standing_clock"]
PERIOD = {"du": "2027-01-18", "au": "2027-02-14"}


def ask(client: FlaskClient, **given) -> str:  # type: ignore[no-untyped-def]
    """Ask for a plan; gives its address."""
    answer = client.post("/a/planification", data={**PERIOD, "seconds": "1", **given})
    assert answer.status_code == 303, text_of(answer)
    return answer.location


def worked(session: Session, clock: FixedClock) -> None:
    """What the worker does."""
    session.expire_all()
    now = datetime.now(UTC)
    run = claim_run(session, real_now=now)
    assert search(Turn.of(session, run, lease=LEASE), clock=clock)
    end_run(run, real_now=now)
    session.commit()


def sent(session: Session, clock: FixedClock) -> None:
    """The lines asked, done."""
    for item in session.scalars(select(OutboxItem).where(OutboxItem.kind == "dispatch.send_plan_line")):
        send_plan_line(session, item.subject_ref, item.payload, clock=clock)
    session.commit()


@pytest.fixture
def coordinator(logged_in: LogIn) -> None:
    """Somebody who coordinates."""
    logged_in(OfficeRoleKind.COORDINATOR)


def test_only_who_coordinates_plans(client: FlaskClient, logged_in: LogIn) -> None:
    assert client.get("/a/planification").status_code == 303
    logged_in(OfficeRoleKind.BILLING)
    assert client.get("/a/planification").status_code == 403
    assert client.post("/a/planification", data=PERIOD).status_code == 403


@pytest.mark.usefixtures("coordinator")
def test_a_plan_is_asked_followed_read_and_sent(client: FlaskClient, session: Session, clock: FixedClock) -> None:
    talk, late, peer = workshop(session), workshop(session), a_peer(session)
    session.commit()
    names = talk.ref, late.ref, peer.short_name
    form = client.get("/a/planification", query_string=PERIOD)
    assert "2 demandes où il manque quelqu'un" in text_of(form)
    address = ask(client, demands=[names[0], names[1]])
    search_page = client.get(address)
    assert "Cela commence dans un instant." in text_of(search_page)
    assert b'http-equiv="refresh"' in search_page.data
    news = client.get(f"{address}/avancement").get_json()
    assert (news["finished"], news["total"]) == (False, 1)
    worked(session, clock)
    assert client.get(f"{address}/avancement").get_json()["finished"] is True
    plan_page = text_of(client.get(address))
    assert "Une demande sur 2 trouve toutes les personnes nécessaires" in plan_page
    assert names[2] in plan_page
    missing = text_of(client.get(address, query_string={"vue": "manques"}))
    assert "Personne de libre : déjà retenue sur une autre demande de ce plan." in missing
    hours = text_of(client.get(address, query_string={"vue": "heures"}))
    assert "Une personne gagne 2 h." in hours
    assert "Personne n'en perd" in hours
    for _ in range(2):
        assert client.post(f"{address}/appliquer", data={"all": "1"}).status_code == 303
    leaving = client.get(f"{address}/avancement").get_json()
    assert (leaving["done"], leaving["total"], leaving["finished"]) == (0, 1, False)
    sent(session, clock)
    assert "proposée" in text_of(client.get(address))
    assert session.scalar(select(func.count()).select_from(Offer)) == 1
    assert "une proposition envoyée" in text_of(client.get("/a/planification"))


@pytest.mark.usefixtures("coordinator")
def test_only_the_demands_chosen_are_planned(client: FlaskClient, session: Session) -> None:
    chosen, left = workshop(session), workshop(session)
    session.commit()
    refs = chosen.ref, left.ref
    ask(client, demands=[refs[0]], shown=[refs[0], refs[1]], rest="1")
    session.expire_all()
    plan = session.scalars(select(Plan)).one()
    assert [line.demand.ref for line in plan.demands] == [refs[0]]


@pytest.mark.usefixtures("coordinator")
def test_a_demand_whose_answers_are_awaited_is_not_chosen_by_itself(client: FlaskClient, session: Session) -> None:
    talk = workshop(session)
    an_offer(session, talk, a_peer(session))
    session.commit()
    page = client.get("/a/planification", query_string=PERIOD)
    assert "une réponse attendue" in text_of(page)
    assert b"checked" not in page.data.split(b'name="demands"')[1].split(b">")[0]


@pytest.mark.usefixtures("coordinator")
def test_what_cannot_be_planned_is_said_on_the_form(client: FlaskClient, session: Session) -> None:
    session.commit()
    refused = client.post("/a/planification", data={**PERIOD, "demands": []})
    assert refused.status_code == 422
    assert "Il ne manque personne" in text_of(refused)
    long = client.post("/a/planification", data={"du": "2027-01-18", "au": "2028-01-18"})
    assert "six mois au plus" in text_of(long)


@pytest.mark.usefixtures("coordinator")
def test_a_search_is_stopped_once_or_twice(client: FlaskClient, session: Session) -> None:
    talk = workshop(session)
    session.commit()
    address = ask(client, demands=[talk.ref])
    for _ in range(2):
        assert client.post(f"{address}/arreter").status_code == 303
    assert "arrêtée avant d'avoir commencé" in text_of(client.get(address))
    assert client.get(f"{address}/avancement").get_json()["finished"] is True


@pytest.mark.usefixtures("coordinator")
def test_a_search_that_failed_says_why_and_how_to_choose_again(client: FlaskClient, session: Session) -> None:
    talk = workshop(session)
    session.commit()
    address = ask(client, demands=[talk.ref])
    session.expire_all()
    run = session.scalars(select(Run)).one()
    error = Unavailable("priorities_invalid", N_("This plan is not ready yet."))
    fail_for(run, error, real_now=datetime.now(UTC))
    session.commit()
    page = text_of(client.get(address))
    assert "Ce plan n'est pas encore prêt." in page
    assert "Choisir de nouveau" in page
    assert client.post(f"{address}/appliquer", data={"all": "1"}).status_code == 303


@pytest.mark.usefixtures("coordinator")
def test_a_proposal_no_longer_possible_is_shown_as_left(
    client: FlaskClient, session: Session, clock: FixedClock
) -> None:
    talk, _peer = workshop(session), a_peer(session)
    session.commit()
    address = ask(client, demands=[talk.ref])
    worked(session, clock)
    an_offer(session, talk, a_peer(session))
    session.commit()
    client.post(f"{address}/appliquer", data={"demands": talk.ref})
    sent(session, clock)
    page = text_of(client.get(address))
    assert "n'est plus possible : laissé en l'état" in page
    assert "les personnes n'en savent rien" in page or "la personne n'en sait rien" in page


@pytest.mark.usefixtures("coordinator")
def test_no_plan_is_a_stranger(client: FlaskClient, session: Session) -> None:
    session.commit()
    for path in ("", "/avancement"):
        assert client.get(f"/a/planification/PLA-2222-2222{path}").status_code == 404


@pytest.mark.usefixtures("coordinator")
def test_what_is_accepted_is_looked_at_again_only_when_asked(client, session, clock) -> None:  # type: ignore[no-untyped-def]
    talk, busy = workshop(session), a_peer(session, wished_hours=0)
    idle = a_peer(session, first_name="Samira", wished_hours=35)
    hold = hold_seat(session, talk, busy.id, actor=OFFICE_ACTOR, clock=clock)
    session.commit()
    form = text_of(client.get("/a/planification", query_string=PERIOD))
    assert "Une mission acceptée dans cette période : peut-on la revoir ?" in form
    answer = client.post("/a/planification", data={**PERIOD, "seconds": "1"})
    assert answer.status_code == 422, "nothing is missing, and nothing accepted moves"
    address = ask(client, movable=hold.ref)
    worked(session, clock)
    page = text_of(client.get(address))
    assert "aujourd'hui" in page.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    assert idle.short_name in page
    assert "plus près de ce que chacun·e souhaite" in page
    client.post(f"{address}/appliquer", data={"demands": talk.ref, "vue": "relais"})
    sent(session, clock)
    assert "question posée, pas encore de réponse" in text_of(client.get(address))
    row = session.scalars(select(Handover)).one()
    secret = mint(session, TokenPurpose.HANDOVER, row.ref, days=3, account_id=busy.account_id)
    session.commit()
    for _ in range(2):
        asked = text_of(client.get(f"/r/{secret}"))
        assert "Je peux laisser la place" in asked
        assert "Samira" not in asked, "who would come is not told"
    assert row.state is HandoverState.ASKED, "opening changes nothing"
    assert client.post(f"/r/{secret}/oui").status_code == 303
    assert "Finalement, je garde" in text_of(client.get(f"/r/{secret}"))
    for _ in range(2):
        assert client.post(f"/r/{secret}/non").status_code == 303
    assert "Vous gardez votre mission" in text_of(client.get(f"/r/{secret}"))
    assert client.post(f"/r/{secret}/oui").status_code == 303, "the answer given stands"
    session.refresh(row)
    assert row.state is HandoverState.KEPT
    assert "garde sa mission" in text_of(client.get(address))
