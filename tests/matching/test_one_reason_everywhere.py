"""For each personal cause alone, the page, the command line and the JSON answer are the same, byte for byte."""

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.commands.match import command
from entrepairs.demands.diary import hold_seat
from entrepairs.demands.models import Demand, PlaceKind
from entrepairs.identity.sessions import open_session
from entrepairs.kernel.clock import FixedClock
from entrepairs.matching.looking import HOME_VISITS
from entrepairs.matching.personal_rules import PERSONAL_RULES
from entrepairs.network.models import Clearance, Exclusion, HomeWish, PairWish, Peer, RefusedColleague
from entrepairs.network.rhythm import declare_absence, take_pause
from entrepairs.network.wishes import exclude_place
from entrepairs.settings.decisions import vote
from tests.factories.catalogue import an_offering
from tests.factories.demands import a_confirmed_demand
from tests.factories.dispatch import a_certified_peer, a_firm_wrap_group
from tests.factories.identity import an_office_account
from tests.factories.network import the_communes

ASCENSION = date(2027, 5, 6)
ACTOR = Actor.SYSTEM
Bend = Callable[[Session, Demand, Peer, Peer, FixedClock], Any]


def _terms(**terms: Any) -> Bend:
    def bend(_session: Session, _demand: Demand, peer: Peer, _colleague: Peer, _clock: FixedClock) -> None:
        for name, value in terms.items():
            setattr(peer, name, value)

    return bend


def _paper(last_day: date | None) -> Bend:
    def bend(session: Session, _demand: Demand, peer: Peer, _colleague: Peer, _clock: FixedClock) -> None:
        paper: Clearance = peer.clearances[0]
        if last_day is None:
            session.delete(paper)
        else:
            paper.valid_until = last_day

    return bend


def _owed(session: Session, demand: Demand, peer: Peer, colleague: Peer, clock: FixedClock) -> None:
    """Worked in October, and the association has held nothing since."""
    earlier = FixedClock(clock.now() - timedelta(days=100))
    past = a_firm_wrap_group(session, first_day=date(2026, 10, 8), clock=earlier, sessions_count=2)
    hold_seat(session, past, peer.id, actor=ACTOR, clock=earlier)
    peer.waits_for_supervision = True


CAUSES: dict[str, tuple[str, Bend]] = {
    "a service": ("excluded", lambda s, d, p, c, k: exclude_place(s, p.ref, site_ref=d.site.ref)),  # type: ignore[union-attr]
    "a structure": ("excluded", lambda s, d, p, c, k: exclude_place(s, p.ref, partner_ref=d.partner.ref)),
    "a pause today": (
        "paused",
        lambda s, d, p, c, k: take_pause(s, p.ref, back_on=k.today() + timedelta(days=1), clock=k),
    ),
    "days away": ("away", lambda s, d, p, c, k: declare_absence(s, p.ref, ASCENSION, ASCENSION, clock=k)),
    "distance": ("radius", _terms(commune_insee="06088", radius_km=30)),
    "hours a week": ("own_maximum", _terms(weekly_max_hours=1)),
    "hours a month": ("own_monthly_maximum", _terms(monthly_max_hours=1)),
    "holidays": ("holidays", _terms(rests_on_holidays=True)),
    "supervision first": ("waits_for_supervision", _owed),
    "not with another peer": ("pair_wish", _terms(pair_wish=PairWish.REFUSED)),
    "a colleague": (
        "refused_colleague",
        lambda s, d, p, c, k: s.add(RefusedColleague(peer_id=p.id, other_id=c.id)),
    ),
    "refused by a colleague": (
        "refused_colleague",
        lambda s, d, p, c, k: s.add(RefusedColleague(peer_id=c.id, other_id=p.id)),
    ),
    "a paper missing": ("papers", _paper(None)),
    "a paper that ends": ("papers", _paper(ASCENSION - timedelta(days=1))),
    "no mission": ("no_missions", _terms(asks_missions=False)),
}


def test_every_personal_rule_is_among_the_causes() -> None:
    at_home = {"home_alone"}  # has a demand of its own, below
    assert {code for code, _bend in CAUSES.values()} == {rule.code for rule in PERSONAL_RULES} - at_home


SOMEBODY = {"first_name": "Samira", "last_name": "Essai", "rests_on_holidays": False}


def the_demand(session: Session, clock: FixedClock) -> tuple[Demand, Peer]:
    """Thursdays around Ascension: one of two seats is held by a colleague."""
    the_communes(session)
    demand = a_firm_wrap_group(session, first_day=date(2027, 4, 15), skip_holidays=False, clock=clock)
    colleague = a_certified_peer(session, first_name="Alban", last_name="Bel")
    hold_seat(session, demand, colleague.id, actor=ACTOR, clock=clock)
    return demand, colleague


def plain(told: str) -> bytes:
    """Without what changes at each request, nor the reference of who is looked at."""
    told = re.sub(r'name="(csrf_token|form_key)" value="[^"]*"|nonce="[^"]*"|data-csrf="[^"]*"', "", told)
    return re.sub(r"PAI-[A-Z0-9]{4}-[A-Z0-9]{4}", "X", told).encode()


def answers(app: Flask, session: Session, demand: Demand, peer: Peer) -> tuple[bytes, ...]:
    """The page, what could change, the JSON, and the two forms of the command."""
    client = app.test_client()
    secret = open_session(
        session, an_office_account(session, name="Claire", email=f"{peer.id}@x.test"), user_agent="test"
    )
    session.commit()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    paths = ("appariement", "elargir", "appariement.json")
    told = [client.get(f"/a/demandes/{demand.ref}/{path}") for path in paths]
    assert [answer.status_code for answer in told] == [200, 200, 200]
    runner = CliRunner()
    typed = [
        runner.invoke(command, ["explain", demand.ref, "--peer", peer.ref]),
        runner.invoke(command, ["explain", demand.ref, "--peer", peer.ref, "--json"]),
        runner.invoke(command, ["widen", demand.ref, "--json"]),
    ]
    assert [each.exit_code for each in typed] == [0, 0, 0], [each.output for each in typed]
    return tuple(plain(each) for each in (*(one.text for one in told), *(one.output for one in typed)))


@pytest.fixture
def looked_at(
    app_on_session: Flask, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> dict[str, tuple[bytes, ...]]:
    """The answers for each cause alone, one person at a time."""
    monkeypatch.setattr("entrepairs.commands._application.create_app", lambda **_: app_on_session)
    monkeypatch.setitem(app_on_session.config, "CLOCK", clock)
    demand, colleague = the_demand(session, clock)
    found = {}
    for cause, (_code, bend) in CAUSES.items():
        peer = a_certified_peer(session, **SOMEBODY)
        bend(session, demand, peer, colleague, clock)
        session.commit()
        session.expire_all()
        found[cause] = answers(app_on_session, session, demand, peer)
        peer.left_on = clock.today()
        session.commit()
    return found


def test_whatever_the_choice_the_answer_is_the_same(looked_at: dict[str, tuple[bytes, ...]]) -> None:
    first = looked_at["a service"]
    assert "selon ses choix ou son rythme" in first[0].decode()
    assert {
        cause: [one == other for one, other in zip(told, first, strict=True)] for cause, told in looked_at.items()
    } == {cause: [True] * len(first) for cause in looked_at}
    reasons = [reason for record in json.loads(first[2])["not_possible"] for reason in record["reasons"]]
    assert reasons == [
        {"code": "already_comes", "words": "vient déjà"},
        {"code": "choices", "words": "selon ses choix ou son rythme"},
    ]


def test_somebody_who_only_comes_as_two_looks_like_any_other_choice(
    app_on_session: Flask, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrepairs.commands._application.create_app", lambda **_: app_on_session)
    monkeypatch.setitem(app_on_session.config, "CLOCK", clock)
    group, colleague = the_demand(session, clock)
    assert group.site is not None
    demand = a_confirmed_demand(session, group.partner, group.site, an_offering(session), clock=clock)
    colleague.left_on = clock.today()
    told = []
    for wish, excluded in ((PairWish.REQUIRED, False), (PairWish.EITHER, True)):
        peer = a_certified_peer(session, pair_wish=wish, **SOMEBODY)
        if excluded:
            session.add(Exclusion(peer_id=peer.id, site_id=group.site.id))
        session.commit()
        told.append(answers(app_on_session, session, demand, peer))
        peer.left_on = clock.today()
        session.commit()
    assert told[0] == told[1]


def test_somebody_who_never_goes_alone_to_a_home_looks_like_any_other_choice(
    app_on_session: Flask, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrepairs.commands._application.create_app", lambda **_: app_on_session)
    monkeypatch.setitem(app_on_session.config, "CLOCK", clock)
    vote(session, HOME_VISITS, "as_wished", since=clock.today(), voted_on=clock.today(), source="essai", clock=clock)
    group, colleague = the_demand(session, clock)
    assert group.site is not None
    demand = a_confirmed_demand(session, group.partner, group.site, an_offering(session), clock=clock)
    demand.place_kind, demand.site_id, demand.commune_insee = PlaceKind.HOME, None, group.site.commune_insee
    colleague.left_on = clock.today()
    told = []
    for wish, excluded in ((HomeWish.NEVER_ALONE, False), (HomeWish.ALONE_TOO, True)):
        peer = a_certified_peer(session, home_wish=wish, **SOMEBODY)
        if excluded:
            session.add(Exclusion(peer_id=peer.id, partner_id=group.partner.id))
        session.commit()
        told.append(answers(app_on_session, session, demand, peer))
        peer.left_on = clock.today()
        session.commit()
    assert "selon ses choix ou son rythme" in told[0][0].decode()
    assert told[0] == told[1]


def test_two_of_whom_one_refused_the_other_look_like_two_who_do_not_wish_the_place(
    app_on_session: Flask, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrepairs.commands._application.create_app", lambda **_: app_on_session)
    monkeypatch.setitem(app_on_session.config, "CLOCK", clock)
    demand = a_firm_wrap_group(session)
    assert demand.site is not None
    told = []
    for refuses in (True, False):
        two = [a_certified_peer(session, **SOMEBODY), a_certified_peer(session, first_name="Alban", last_name="Bel")]
        if refuses:
            session.add(RefusedColleague(peer_id=two[1].id, other_id=two[0].id))
        else:
            session.add_all(Exclusion(peer_id=peer.id, site_id=demand.site.id) for peer in two)
        session.commit()
        told.append(answers(app_on_session, session, demand, two[0]))
        for peer in two:
            peer.left_on = clock.today()
        session.commit()
    assert told[0] == told[1]
    assert "2 selon leurs choix ou leur rythme" in told[0][0].decode()
