"""A month invoiced at once: what is in the way is said and left out, the rest leaves, once, and can be taken up."""

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.billing.drafting import draft_invoices
from entrepairs.billing.einvoice.checker import CheckReport, RuleFailure, shared_checker
from entrepairs.billing.models import Invoice, InvoiceState
from entrepairs.billing.month.asking import ask_month, last_run, stop_month
from entrepairs.billing.month.mails import month_billed
from entrepairs.billing.month.months import Month
from entrepairs.billing.month.obstacles import Kind
from entrepairs.billing.month.reading import outlook
from entrepairs.billing.month.running import bill_month
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.kernel.i18n import Sentence
from entrepairs.kernel.money import Money
from entrepairs.messages.models import Message
from entrepairs.missions.models import ServiceAnswer, ServiceDone
from entrepairs.outbox.models import Run
from entrepairs.outbox.runs import BROKEN, LEASE, RunLost, claim_run, end_run, fail_run, hand_over
from entrepairs.outbox.states import RunState
from entrepairs.outbox.turns import Turn
from entrepairs_workers.effects import tell_failed
from tests.factories.billing import EXEMPT, OFFICE, a_client, a_demand_done, later, the_association
from tests.factories.catalogue import a_wrap_group
from tests.factories.identity import an_office_account
from tests.factories.missions import PlainLinks

MARCH = Month(date(2027, 3, 1))
NOW = datetime(2027, 4, 2, 8, tzinfo=UTC)


@pytest.fixture
def clients(session: Session) -> list[Any]:
    """Two structures with a WRAP group done each: sessions from January to March."""
    the_association(session)
    offering = a_wrap_group(session, vat_regime=EXEMPT)
    found = [a_client(session, name=name) for name in ("Clinique A", "Clinique B")]
    for partner in found:
        a_demand_done(session, partner, offering)
    return found


def launched(session: Session, month: Month = MARCH, actor: Actor = OFFICE) -> Run:
    return ask_month(session, month, actor=actor, clock=later(), real_now=NOW)


def worked(session: Session, leaving: Callable[[], bool] = lambda: False) -> bool:
    run = claim_run(session, real_now=NOW)
    assert run is not None
    done = bill_month(Turn.of(session, run, lease=LEASE, leaving=leaving), clock=later())
    if done:
        end_run(run, real_now=NOW)
    session.commit()
    return done


def issued(session: Session) -> list[str]:
    return list(
        session.scalars(select(Invoice.number).where(Invoice.state == InvoiceState.ISSUED).order_by(Invoice.number))
    )


def test_a_month_is_typed_as_a_year_and_a_month() -> None:
    assert Month.parse("2026-10") == Month(date(2026, 10, 1))
    assert (str(MARCH), MARCH.last, str(MARCH.previous)) == ("2027-03", date(2027, 3, 31), "2027-02")
    for wrong in ("2026-13", "10-2026", "", "2026-1"):
        with pytest.raises(InvalidInput):
            Month.parse(wrong)


def test_what_is_said_before_is_what_leaves(session, clients) -> None:
    before = outlook(session, MARCH, clock=later())
    assert before.obstacles == ()
    assert before.leaving.invoices > 0
    run = launched(session)
    assert worked(session)
    after = outlook(session, MARCH, clock=later())
    assert (after.leaving.invoices, after.leaving.gross) == (0, Money(0))
    rows = session.execute(select(func.count(), func.sum(Invoice.gross)).where(Invoice.state == InvoiceState.ISSUED))
    count, gross = rows.one()
    assert (count, Money(int(gross))) == (before.leaving.invoices, before.leaving.gross)
    assert (run.kept["issued"], run.kept["cents"]) == (count, gross)
    assert issued(session) == [f"FA2027-{n:05d}" for n in range(1, count + 1)]


def test_only_what_was_done_up_to_the_last_day_leaves(session, clients) -> None:
    launched(session, Month(date(2027, 2, 1)))
    worked(session)
    assert session.scalar(select(func.max(Invoice.period_end))) <= date(2027, 2, 28)
    assert outlook(session, MARCH, clock=later()).new.invoices > 0


def test_what_lacks_something_is_said_with_its_page_and_left_out(session, clients) -> None:
    clients[0].siret = None
    clients[1].requires_engagement = True
    session.flush()
    third = a_client(session, name="Clinique C")
    a_demand_done(session, third, a_wrap_group(session, vat_regime="standard"))
    seen = outlook(session, MARCH, clock=later())
    assert {(one.kind, one.who) for one in seen.obstacles} == {
        (Kind.STRUCTURE, "Clinique A"),
        (Kind.ENGAGEMENT, "Clinique B"),
    }
    launched(session)
    worked(session)
    assert {one.partner.name for one in session.scalars(select(Invoice))} == {"Clinique C"}


def test_sessions_without_a_word_or_under_discussion_are_said(session, clients) -> None:
    done = session.scalars(select(ServiceDone).order_by(ServiceDone.id)).first()
    done.answer = ServiceAnswer.DISPUTED
    session.flush()
    kinds = {one.kind: one for one in outlook(session, MARCH, clock=later()).obstacles}
    assert kinds[Kind.DISPUTED].ref == done.session.ref


def test_a_draft_refused_is_told_and_holds_nothing_back(session, clients) -> None:
    draft = draft_invoices(session, clients[0].ref, until=MARCH.last, clock=later(), actor=OFFICE)[0]
    clients[0].siret = "12345678900011"  # its key is wrong: the official rules let it pass, we do not
    session.flush()
    assert (Kind.DRAFT, draft.ref) in {
        (one.kind, one.ref) for one in outlook(session, MARCH, clock=later(), checker=shared_checker()).obstacles
    }
    assert draft.state is InvoiceState.DRAFT
    assert draft.number is None
    run = launched(session)
    worked(session)
    assert next(one["draft"] for one in run.kept["told"]) == draft.ref
    assert run.kept["refused"] >= 1
    numbers = issued(session)
    assert numbers == [f"FA2027-{n:05d}" for n in range(1, len(numbers) + 1)], "a refusal leaves no gap"
    assert numbers


def test_a_worker_that_ends_leaves_the_rest_to_another(session, clients, monkeypatch) -> None:
    monkeypatch.setattr("entrepairs.billing.month.running.TOGETHER", 1)
    run = launched(session)
    pulses = itertools.count(1)
    assert not worked(session, leaving=lambda: next(pulses) == 2), "the first structure is drafted"
    assert (run.kept["drafted"] > 0, run.kept["issued"]) == (True, 0)
    hand_over(run, real_now=NOW)
    pulses = itertools.count(1)
    assert not worked(session, leaving=lambda: next(pulses) == 4), "the second too, and one invoice is issued"
    assert (run.kept["issued"], len(issued(session))) == (1, 1)
    hand_over(run, real_now=NOW)
    assert worked(session)
    assert (run.kept["issued"], run.kept["drafted"]) == (len(issued(session)),) * 2
    assert outlook(session, MARCH, clock=later()).leaving.invoices == 0


def test_a_rule_that_refuses_one_of_a_batch_costs_the_others_nothing(session, clients, monkeypatch) -> None:
    class Against:
        """Fails whatever is for the first structure."""

        def check(self, xml: bytes, sets: object = ()) -> CheckReport:
            wrong = clients[0].name.encode() in xml
            return CheckReport((RuleFailure("BR-E-10", "fatal", "[BR-E-10] missing"),) if wrong else ())

    monkeypatch.setattr("entrepairs.billing.month.running.shared_checkers", lambda: (Against(), Against()))
    monkeypatch.setattr("entrepairs.billing.issuing.shared_checker", Against)
    run = launched(session)
    assert worked(session)
    left = session.scalars(select(Invoice).where(Invoice.state == InvoiceState.DRAFT)).all()
    assert {one.partner.name for one in left} == {"Clinique A"}
    assert all(one.number is None for one in left)
    assert {one["draft"] for one in run.kept["told"]} == {one.ref for one in left}
    numbers = issued(session)
    assert numbers == [f"FA2027-{n:05d}" for n in range(1, run.kept["issued"] + 1)]
    assert numbers


def test_an_owner_replaced_issues_nothing_more(session, clients) -> None:
    launched(session)
    run = claim_run(session, real_now=NOW)
    session.commit()
    turn = Turn.of(session, run, lease=LEASE)
    run.turn += 1
    session.commit()
    with pytest.raises(RunLost):
        bill_month(turn, clock=later())
    session.rollback()
    assert issued(session) == []


def test_stopped_then_taken_up(session, clients) -> None:
    run = launched(session)
    claimed = claim_run(session, real_now=NOW)
    turn = Turn.of(session, claimed, lease=LEASE)
    stop_month(session, run.ref, actor=OFFICE, clock=later(), real_now=NOW)
    session.commit()
    assert bill_month(turn, clock=later())
    end_run(run, real_now=NOW)
    session.commit()
    assert run.state is RunState.STOPPED
    assert issued(session) == []
    again = launched(session)
    assert again.ref != run.ref
    worked(session)
    assert last_run(session, MARCH).state is RunState.DONE
    assert issued(session)


def test_one_launch_at_a_time_and_never_before_the_end_of_the_month(session, clients) -> None:
    with pytest.raises(Conflict) as refused:
        launched(session, Month(date(2027, 4, 1)))
    assert refused.value.code == "month_not_over"
    launched(session)
    with pytest.raises(Conflict) as refused:
        launched(session)
    assert refused.value.code == "month_under_way"


def test_who_launched_it_gets_one_mail(session, clients) -> None:
    account = an_office_account(session)
    launched(session, actor=Actor(account.ref, account.name))
    worked(session)
    mails = session.scalars(select(Message).where(Message.kind == "billing.month_billed")).all()
    assert [one.address for one in mails] == [account.email]


def test_who_launched_it_is_told_that_it_failed_or_was_stopped_before_it_began(session, clients) -> None:
    account = an_office_account(session)
    first = launched(session, actor=Actor(account.ref, account.name))
    stop_month(session, first.ref, actor=OFFICE, clock=later(), real_now=NOW)
    run = launched(session, actor=Actor(account.ref, account.name))
    fail_run(run, Sentence(BROKEN), "it broke", real_now=NOW)
    session.flush()
    for _ in range(2):
        tell_failed(session, run, clock=later())
    mails = session.scalars(select(Message).where(Message.kind == "billing.month_billed").order_by(Message.id)).all()
    assert [(one.address, one.subject_ref) for one in mails] == [(account.email, first.ref), (account.email, run.ref)]
    stopped, failed = (month_billed(session, one, PlainLinks(), clock=later()) for one in mails)
    assert (stopped.subject.msgid, failed.subject.msgid) == (
        "The invoices of the month: stopped",
        "The invoices of the month: the work did not come to its end",
    )
    assert BROKEN in [one.msgid for one in failed.paragraphs]
