"""`entrepairs plan`, as somebody types it."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.commands.plan import command
from entrepairs.dispatch.plans import search
from entrepairs.kernel.clock import FixedClock
from entrepairs.outbox.models import OutboxItem
from entrepairs.outbox.runs import LEASE, claim_run, end_run
from entrepairs.outbox.turns import Turn
from tests.factories.network import a_peer
from tests.planning.test_plans import workshop

PERIOD = ("--from", "2027-01-18", "--until", "2027-02-14")


@pytest.fixture
def typed(app_on_session: Flask, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch):
    """Type a command; gives its end."""
    monkeypatch.setattr("entrepairs.commands._application.create_app", lambda **_: app_on_session)
    monkeypatch.setitem(app_on_session.config, "CLOCK", clock)
    return lambda *words: CliRunner().invoke(command, list(words))


def test_a_plan_is_asked_shown_and_applied(typed, session, clock) -> None:
    talk, peer = workshop(session), a_peer(session)
    late = workshop(session)
    session.commit()
    refs = talk.ref, late.ref, peer.ref
    asked = typed("run", *PERIOD, "--seconds", "1", "--no-wait", "--json")
    assert asked.exit_code == 0, asked.output
    ref = json.loads(asked.output)["plan"]
    assert json.loads(typed("show", ref, "--json").output)["ready"] is False
    now = datetime.now(UTC)
    run = claim_run(session, real_now=now)
    assert search(Turn.of(session, run, lease=LEASE), clock=clock)
    end_run(run, real_now=now)
    session.commit()
    told = json.loads(typed("show", ref, "--json").output)
    assert told["ready"] is True
    served = {each["demand"]: [one["peer"] for one in each["proposed"]] for each in told["demands"]}
    assert sorted(served.values()) == [[], [refs[2]]]
    unserved = next(each for each in told["demands"] if not each["proposed"])
    assert unserved["reasons"] == [{"code": "taken_in_plan", "count": 1}]
    assert "Personne de libre" in unserved["why"]
    said = typed("show", ref).output
    assert "1 demande" in said or "Une demande" in said
    assert "Propositions en route pour 1 demande." in typed("apply", ref).output
    assert "Rien à envoyer." in typed("apply", ref).output
    assert len(session.scalars(select(OutboxItem).where(OutboxItem.kind == "dispatch.send_plan_line")).all()) == 1


def test_what_cannot_be_planned_is_said_in_a_sentence(typed) -> None:
    refused = typed("run", *PERIOD)
    assert refused.exit_code == 1
    assert "Il ne manque personne" in refused.output
    assert typed("show", "PLA-2222-2222").exit_code == 1
