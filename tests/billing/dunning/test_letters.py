"""The ladder lived: who would receive what, what leaves once, what stops it, what is decided on interest."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from entrepairs.billing.delivery import note_chorus_deposit
from entrepairs.billing.drafting import draft_invoices
from entrepairs.billing.dunning.claiming import claim_interest, waive_interest
from entrepairs.billing.dunning.interest import REFI
from entrepairs.billing.dunning.ladder import AUTOMATIC, Recovery, Step
from entrepairs.billing.dunning.mails import dunning_letter
from entrepairs.billing.dunning.models import DunningLetter, Reminder
from entrepairs.billing.dunning.papers import letter_pdf
from entrepairs.billing.dunning.pausing import close_pause, note_promise, open_dispute
from entrepairs.billing.dunning.sending import proposed_letters, send_friendly_words, send_letters, to_decide, turn_to
from entrepairs.billing.dunning.standing import paid_late, standing_of, standings
from entrepairs.billing.dunning.terms import RunsFrom
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.models import Invoice
from entrepairs.billing.payments import record_transfer
from entrepairs.billing.queries import view_of
from entrepairs.billing.states import ShownState
from entrepairs.contracting.considering import draw
from entrepairs.cooperative.contribution import RATE, take_contribution
from entrepairs.kernel import parameters
from entrepairs.kernel.clock import PARIS, FixedClock
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.kernel.money import Money
from entrepairs.kernel.parameters import Parameter, Parameters
from entrepairs.ledger import balances
from entrepairs.messages.models import Message
from entrepairs.missions.models import ServiceDone
from entrepairs.network.models import PayerKind
from entrepairs.paths import resource
from entrepairs.settings.decisions import vote
from tests.factories.billing import EXEMPT, OFFICE, a_client, a_demand_done, an_issued_invoice, later
from tests.factories.catalogue import a_wrap_group
from tests.factories.contracting import an_active_agreement
from tests.factories.demands import a_submitted_demand
from tests.factories.network import a_site

SHIPPED = resource("config") / "parameters"
ISSUED = later().today()
DUE = ISSUED + timedelta(days=30)
"""Of a private payer without an agreement."""


@pytest.fixture(autouse=True)
def rates(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rates of 2027 are known here: 2 %."""
    known = parameters.figures()
    others = [one for code in known.codes if code != REFI for one in known.history(code)]
    enlarged = Parameters([*others, Parameter(REFI, date(2020, 1, 1), None, 2, "percent", "test", "F")])
    monkeypatch.setattr("entrepairs.billing.dunning.standing.figures", lambda: enlarged)


def on(day: date) -> FixedClock:
    return FixedClock(datetime(day.year, day.month, day.day, 9, tzinfo=PARIS))


def after(days: int) -> FixedClock:
    return on(DUE + timedelta(days=days))


def keys(session: Session, clock: FixedClock) -> list[str]:
    return [one.key for one in proposed_letters(session, clock.today())]


def send_all(session: Session, clock: FixedClock) -> list[DunningLetter]:
    return send_letters(session, dict.fromkeys(keys(session, clock), ""), clock=clock, actor=OFFICE)


def test_a_letter_leaves_at_its_step_once_for_all_the_invoices_of_a_structure(session: Session):
    first = an_issued_invoice(session)
    second = an_issued_invoice(session, first.partner)
    assert keys(session, after(6)) == []
    assert keys(session, after(7)) == [f"{first.partner.ref}.friendly"]
    (letter,) = send_letters(
        session, {f"{first.partner.ref}.friendly": "Un mot de Nadia."}, clock=after(7), actor=OFFICE
    )
    assert [one.invoice for one in letter.reminders] == [first, second]
    assert send_letters(session, {f"{first.partner.ref}.friendly": ""}, clock=after(7), actor=OFFICE) == []
    mail = session.scalars(select(Message).where(Message.kind == "billing.dunning_letter")).one()
    assert (mail.address, mail.subject_ref) == ("compta@clinique.invalid", letter.ref)
    assert keys(session, after(8)) == []
    assert keys(session, after(15)) == [f"{first.partner.ref}.reminder"]


def test_what_was_told_is_never_rewritten_and_a_step_is_taken_once(session: Session):
    invoice = an_issued_invoice(session)
    (letter,) = send_all(session, after(7))
    for statement in ("UPDATE reminder SET balance = 1", "DELETE FROM dunning_letter"):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(statement))
    again = Reminder(
        invoice_id=invoice.id,
        step=Step.FRIENDLY,
        letter_id=letter.id,
        taken_on=DUE,
        due_on=DUE,
        balance=1,
        interest=0,
        indemnity=0,
        taken_by="x",
        created_at=later().now(),
    )
    with pytest.raises(DBAPIError, match="uq_reminder_invoice_step"), session.begin_nested():  # noqa: PT012
        session.add(again)
        session.flush()


def test_a_payment_a_dispute_and_a_promise_stop_the_ladder(session: Session):
    paid, contested, promised = (an_issued_invoice(session) for _ in range(3))
    record_transfer(session, paid.ref, Money(paid.gross), DUE, clock=after(1), actor=OFFICE)
    dispute = open_dispute(session, contested.ref, reason="Une séance comptée deux fois", clock=after(2), actor=OFFICE)
    note_promise(session, promised.ref, until=DUE + timedelta(days=20), clock=after(3), actor=OFFICE)
    assert keys(session, after(20)) == []
    assert view_of(session, contested, DUE).shown is ShownState.DISPUTED
    assert keys(session, after(21)) == [f"{promised.partner.ref}.friendly"]
    assert standing_of(session, promised, after(21).today()).broken_promise is not None
    close_pause(session, contested.ref, dispute.ref, why="Vérifié ensemble", clock=after(22), actor=OFFICE)
    assert f"{contested.partner.ref}.friendly" in keys(session, after(22))
    with pytest.raises(Conflict, match="closed_already"):
        close_pause(session, contested.ref, dispute.ref, why="Encore", clock=after(22), actor=OFFICE)
    with pytest.raises(Conflict, match="nothing_owed"):
        open_dispute(session, paid.ref, reason="Trop tard", clock=after(22), actor=OFFICE)
    with pytest.raises(InvalidInput, match="promise_past"):
        note_promise(session, promised.ref, until=DUE, clock=after(22), actor=OFFICE)


def test_after_the_formal_notice_the_office_chooses_where_to_turn(session: Session):
    invoice = an_issued_invoice(session)
    for days in (7, 15):
        send_all(session, after(days))
    with pytest.raises(Conflict, match="not_there_yet"):
        turn_to(session, invoice.ref, Recovery.JUDGE, note="Trop tôt", clock=after(20), actor=OFFICE)
    (notice,) = send_all(session, after(30))
    letter = dunning_letter(session, Message(subject_ref=notice.ref), NoLinks(), clock=after(31))
    assert letter is not None
    assert [one.filename for one in letter.attachments] == [f"mise-en-demeure-de-payer-{notice.ref}.pdf"]
    assert len(letter.paragraphs) == 3
    invoice.partner.name = "Un autre nom, depuis"
    assert letter_pdf(notice) == letter.attachments[0].content
    assert [one.invoice for one in to_decide(session, after(60).today())] == [invoice]
    with pytest.raises(InvalidInput, match="route"):
        turn_to(session, invoice.ref, Recovery.ORDERED_PAYMENT, note="x", clock=after(60), actor=OFFICE)
    turn_to(session, invoice.ref, Recovery.AMICABLE, note="Échéancier proposé", clock=after(60), actor=OFFICE)
    assert (keys(session, after(90)), to_decide(session, after(90).today())) == ([], [])


class NoLinks:
    """Addresses of a mail that nobody reads."""

    def action(self, purpose: str, subject_ref: str, path: str, **_kw: object) -> str:
        return path

    def page(self, path: str) -> str:
        return path


def test_only_the_first_step_leaves_by_itself_when_voted_and_on_a_working_day(session: Session):
    an_issued_invoice(session)
    monday = after(8)  # 10 May 2027
    assert send_friendly_words(session, clock=monday) == 0
    vote(session, AUTOMATIC, True, since=ISSUED, voted_on=ISSUED, source="AG", clock=later())
    assert send_friendly_words(session, clock=after(7)) == 0  # a Sunday
    assert [send_friendly_words(session, clock=monday) for _ in range(2)] == [1, 0]
    assert send_friendly_words(session, clock=after(30)) == 0
    assert session.scalars(select(DunningLetter)).one().by_itself


def test_a_public_term_runs_from_the_deposit_and_its_printed_date_stays(session: Session):
    hospital = a_client(session, payer_kind=PayerKind.PUBLIC_HOSPITAL)
    invoice = an_issued_invoice(session, hospital)
    today = ISSUED + timedelta(days=55)
    presumed = standing_of(session, invoice, today).term
    assert (presumed.runs_from, presumed.due_on) == (RunsFrom.PRESUMED, ISSUED + timedelta(days=52))
    note_chorus_deposit(session, invoice.ref, note="1", clock=on(ISSUED + timedelta(days=9)), actor=OFFICE)
    session.expire_all()
    term = standing_of(session, invoice, today).term
    assert (term.due_on, term.printed) == (ISSUED + timedelta(days=59), ISSUED + timedelta(days=50))
    assert standing_of(session, invoice, today).days_late == 0


def test_interest_is_asked_by_an_invoice_of_its_own_outside_vat_and_turnover(session: Session):
    vote(
        session, RATE, {"rate": "10.0", "basis": "turnover"}, since=ISSUED, voted_on=ISSUED, source="AG", clock=later()
    )
    invoice = an_issued_invoice(session)
    record_transfer(session, invoice.ref, Money(invoice.gross), after(20).today(), clock=after(20), actor=OFFICE)
    (found,) = paid_late(session, after(40).today(), invoice.partner_id)
    expected = Money(round(256000 * 12 * 20 / 36500))
    assert (found.interest.amount, found.indemnity, found.days_late) == (expected, Money(4000), 0)
    claim = claim_interest(session, invoice.ref, clock=after(40), actor=OFFICE)
    assert (claim.gross, claim.vat, claim.number, claim.interest_of) == (
        expected.cents + 4000,
        0,
        "FA2027-00002",
        invoice,
    )
    assert {one.category for one in claim.vat_lines} == {"O"}
    assert balances.balance(session, "763") == -expected
    assert balances.balance(session, "758") == Money(-4000)
    share = take_contribution(session, claim.ref, {}, clock=after(40))
    assert share is not None
    assert (share.base, share.cents) == (0, 0)
    with pytest.raises(Conflict, match="no_interest"):
        claim_interest(session, invoice.ref, clock=after(40), actor=OFFICE)
    late_claim = standing_of(session, claim, after(200).today())
    assert (late_claim.days_late > 0, late_claim.cost) == (True, Money(0))


def test_interest_given_up_says_why_and_what_runs_later_is_another_matter(session: Session):
    invoice = an_issued_invoice(session)
    with pytest.raises(Conflict, match="no_interest"):
        waive_interest(session, invoice.ref, reason="Rien n’est dû", clock=after(0), actor=OFFICE)
    with pytest.raises(InvalidInput, match="reason_missing"):
        waive_interest(session, invoice.ref, reason=" ", clock=after(10), actor=OFFICE)
    waive_interest(session, invoice.ref, reason="Petite structure, bonne entente", clock=after(10), actor=OFFICE)
    assert not standing_of(session, invoice, after(10).today()).cost
    (again,) = standings(session, after(20).today())
    assert (again.indemnity, again.interest.stretches[0].days) == (Money(0), 10)


def test_what_was_agreed_on_payment_is_printed_and_reckoned(session: Session):
    client = a_client(session)
    group = a_wrap_group(session, vat_regime=EXEMPT)
    agreed = {"payment_days": 45, "end_of_month": True, "late_rate": Decimal("8.5")}
    agreement = an_active_agreement(session, client, group, **agreed)
    demand = a_submitted_demand(session, client, a_site(session, client), group)
    assert draw(session, demand, agreement, actor=OFFICE, clock=FixedClock())
    done = a_demand_done(session, client, group, done=1)  # its service moves under the agreement
    service = session.scalars(select(ServiceDone).where(ServiceDone.session_id == done.sessions[0].id)).one()
    service.session = demand.sessions[0]
    session.flush()
    (draft,) = draft_invoices(session, client.ref, demand_refs=[demand.ref], clock=later(), actor=OFFICE)
    invoice = issue_invoice(session, draft.ref, clock=later(), actor=OFFICE)
    assert (invoice.due_date, invoice.late_rate) == (date(2027, 5, 31), Decimal("8.50"))
    assert "taux convenu de 8,5" in invoice.notes["PMD"]
    found = standing_of(session, invoice, date(2027, 7, 31))
    assert [(one.percent, one.days) for one in found.interest.stretches] == [(Decimal("8.50"), 61)]


def test_nothing_is_asked_while_contested_nor_at_a_rate_nobody_knows(session: Session, monkeypatch: pytest.MonkeyPatch):
    invoice = an_issued_invoice(session)
    open_dispute(session, invoice.ref, reason="Quantité discutée", clock=after(3), actor=OFFICE)
    with pytest.raises(Conflict, match="disputed"):
        claim_interest(session, invoice.ref, clock=after(10), actor=OFFICE)
    monkeypatch.setattr("entrepairs.billing.dunning.standing.figures", lambda: Parameters.load(SHIPPED))
    other = an_issued_invoice(session)
    with pytest.raises(Conflict, match="rate_unknown"):
        claim_interest(session, other.ref, clock=after(10), actor=OFFICE)
    assert session.query(Invoice).filter(Invoice.interest_of_id.is_not(None)).count() == 0
