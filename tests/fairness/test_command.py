"""`entrepairs fairness show`, as somebody types it."""

import json

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from entrepairs.commands.fairness import command
from entrepairs.fairness.studies import ask_study, study_coverage
from entrepairs.kernel.clock import FixedClock
from tests.factories.catalogue import an_offering
from tests.factories.demands import a_confirmed_demand
from tests.factories.network import a_peer, a_site


@pytest.fixture(autouse=True)
def _here(app_on_session: Flask, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrepairs.commands._application.create_app", lambda **_: app_on_session)
    monkeypatch.setitem(app_on_session.config, "CLOCK", clock)


def test_the_command_says_what_the_page_says(session: Session, clock: FixedClock) -> None:
    peer, site = a_peer(session, first_name="Samira"), a_site(session)
    a_confirmed_demand(session, site.partner, site, an_offering(session, qualifications=("trainer",)))
    study = ask_study(session, clock=clock)
    study_coverage(session, study.ref, {}, clock=clock)
    session.commit()
    ref = peer.ref
    told = json.loads(CliRunner().invoke(command, ["show", "--json"]).output)
    assert [(one["peer"], one["alerts"][0]["word"]) for one in told["people"]] == [(ref, "heures à trouver")]
    marseille = next(place for place in told["departements"] if place["departement"] == "13")
    assert (marseille["demands"], marseille["outcomes"]) == (1, {"looking": 1})
    assert "qualification" in marseille["whys"][0]
    assert [line["demands"] for line in told["helps"]] == [1]
    assert not {"rank", "total", "index"} & set(json.dumps(told).replace('"', " ").split())
    said = CliRunner().invoke(command, ["show", "--months", "3"]).output
    assert "Une personne sur 1" in said
    assert "Bouches-du-Rhône" in said
    assert "Une personne de plus dans les Bouches-du-Rhône" in said


def test_an_empty_association_is_told_in_sentences() -> None:
    said = CliRunner().invoke(command, ["show"])
    assert said.exit_code == 0
    assert "Personne à regarder pour l" in said.output
    assert "Pas encore d'étude." in said.output
