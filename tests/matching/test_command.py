"""`entrepairs match explain`, as somebody types it."""

import json
from datetime import time

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from entrepairs.commands.match import command
from entrepairs.kernel.clock import FixedClock
from entrepairs.network.models import Availability
from entrepairs.network.rhythm import take_pause
from tests.factories.dispatch import a_certified_peer, a_firm_wrap_group


def test_the_command_explains_in_words_and_for_a_machine(
    app_on_session: Flask, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrepairs.commands._application.create_app", lambda **_: app_on_session)
    monkeypatch.setitem(app_on_session.config, "CLOCK", clock)
    demand = a_firm_wrap_group(session)
    fits, paused = a_certified_peer(session), a_certified_peer(session)
    take_pause(session, paused.ref, clock=clock)
    session.commit()
    demand_ref, fits_ref, paused_ref = demand.ref, fits.ref, paused.ref
    runner = CliRunner()
    said = runner.invoke(command, ["explain", demand_ref])
    assert said.exit_code == 0, said.output
    assert "ce n'est pas possible cette fois, selon ses choix ou son rythme" in said.output
    told = json.loads(runner.invoke(command, ["explain", demand_ref, "--json"]).output)
    assert [each["peer"] for each in told["possible"]] == [fits_ref]
    assert told["not_possible"][0]["reasons"] == [{"code": "choices", "words": "selon ses choix ou son rythme"}]
    assert "total" not in json.dumps(told)
    one = json.loads(runner.invoke(command, ["explain", demand_ref, "--peer", paused_ref, "--json"]).output)
    assert (one["possible"], len(one["not_possible"])) == ([], 1)
    assert runner.invoke(command, ["explain", "DEM-AAAA-AAAA"]).exit_code == 1


def test_the_command_tells_the_pairs_of_the_page(
    app_on_session: Flask, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrepairs.commands._application.create_app", lambda **_: app_on_session)
    monkeypatch.setitem(app_on_session.config, "CLOCK", clock)
    demand = a_firm_wrap_group(session)
    refs = {a_certified_peer(session).ref for _ in range(2)}
    session.commit()
    ref = demand.ref
    told = json.loads(CliRunner().invoke(command, ["explain", ref, "--json"]).output)
    (pair,) = told["pairs"]
    assert (set(pair["peers"]), pair["missions_together"]) == (refs, 0)
    assert [part["kind"] for part in pair["parts"]] == ["fairness", "continuity", "travel", "wishes", "learning"]
    assert "ensemble : " in CliRunner().invoke(command, ["explain", ref]).output


def test_the_command_says_what_the_demand_could_bend(
    app_on_session: Flask, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrepairs.commands._application.create_app", lambda **_: app_on_session)
    monkeypatch.setitem(app_on_session.config, "CLOCK", clock)
    demand = a_firm_wrap_group(session)
    for _ in range(2):
        peer = a_certified_peer(session, week=False)
        session.add(Availability(peer=peer, weekday=1, starts=time(9), ends=time(18)))
    session.commit()
    ref = demand.ref
    runner = CliRunner()
    said = runner.invoke(command, ["widen", ref])
    assert said.exit_code == 0, said.output
    assert "mardi : 2 personnes de plus, si leurs choix le permettent" in said.output
    told = json.loads(runner.invoke(command, ["widen", ref, "--json"]).output)
    assert [(each["code"], each["people"], each["fewer"]) for each in told["changes"]] == [("weekday_1", 2, 0)]
