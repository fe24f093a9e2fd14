"""`entrepairs billing close`, as somebody types it."""

import json

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.billing.models import Invoice
from entrepairs.billing.month.running import bill_month
from entrepairs.catalogue.models import Offering
from entrepairs.commands.billing import command
from entrepairs.outbox.models import Run
from entrepairs.outbox.runs import LEASE, claim_run, end_run
from entrepairs.outbox.turns import Turn
from tests.factories.billing import EXEMPT, a_client, a_demand_done, later, the_association
from tests.factories.catalogue import a_wrap_group


@pytest.fixture
def typed(app_on_session: Flask, session: Session, monkeypatch: pytest.MonkeyPatch):
    """Type a command in April 2027; gives its end."""
    monkeypatch.setattr("entrepairs.commands._application.create_app", lambda **_: app_on_session)
    monkeypatch.setitem(app_on_session.config, "CLOCK", later())
    the_association(session)
    a_demand_done(session, a_client(session, name="Clinique A"), a_wrap_group(session, vat_regime=EXEMPT))
    session.commit()
    return lambda *words: CliRunner().invoke(command, ["close", *words])


def test_a_month_is_rehearsed_launched_and_told(typed, session) -> None:
    seen = typed("2027-03", "--dry-run", "--json")
    assert seen.exit_code == 0, seen.output
    told = json.loads(seen.output)
    assert (told["state"], told["to_draft"]["invoices"], told["to_draft"]["gross_cents"]) == ("dry-run", 1, 256000)
    assert session.scalar(select(func.count(Invoice.id))) == 0
    assert json.loads(typed("2027-03", "--no-wait", "--json").output)["state"] == "queued"
    again = typed("2027-03")
    assert again.exit_code == 1
    assert "déjà en train de partir" in again.output.replace("\u00a0", " ")
    run = claim_run(session, real_now=session.scalars(select(Run)).one().created_at)
    assert bill_month(Turn.of(session, run, lease=LEASE), clock=later())
    end_run(run, real_now=run.created_at)
    session.commit()
    assert json.loads(typed("2027-03", "--dry-run", "--json").output)["issued_already"]["invoices"] == 1


def test_nothing_to_resume_a_month_to_come_and_an_odd_month_are_said(typed) -> None:
    for words, said in (
        (("2027-03", "--resume"), "rien à reprendre"),
        (("2027-04",), "pas fini"),
        (("mars",), "par exemple 2026-10"),
    ):
        end = typed(*words)
        assert end.exit_code == 1
        assert said in end.output.replace("\u00a0", " ")


def test_a_rehearsal_holds_what_is_not_drafted_to_every_rule(typed, session) -> None:
    a_demand_done(
        session,
        a_client(session, name="Clinique B", siret="12345678900011"),
        session.scalars(select(Offering)).first(),
    )
    session.commit()
    seen = typed("2027-03", "--dry-run", "--json")
    assert seen.exit_code == 1
    assert [one["who"] for one in json.loads(seen.output)["obstacles"]] == ["Clinique B"]
    assert session.scalar(select(func.count(Invoice.id))) == 0
