"""An invoice of a public hospital through Chorus Pro's stand-in, by the real client: the whole way, and what goes wrong."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.billing.models import Invoice
from entrepairs.billing.transmission import mending
from entrepairs.billing.transmission.channels import Channel, Recipient
from entrepairs.billing.transmission.chorus_pro import UBL, ChorusPro
from entrepairs.billing.transmission.following import follow_sendings, interval
from entrepairs.billing.transmission.life import LifeState
from entrepairs.billing.transmission.models import InvoiceEvent, Transmission
from entrepairs.billing.transmission.queries import Standing, Stuck, events_of, standing_of, stuck_invoices
from entrepairs.billing.transmission.routes import accounts_of
from entrepairs.billing.transmission.sending import latest_sending
from entrepairs.doubles.stand import Stand
from entrepairs.kernel.errors import Conflict, InvalidInput
from tests.factories.billing import OFFICE, a_siret
from tests.factories.network import a_public_hospital

TWICE = """INSERT INTO transmission (ref, invoice_id, channel, copy, created_at, looks, note)
    SELECT 'TRM-2222-2222', invoice_id, 'chorus_pro', false, created_at, 0, '' FROM transmission LIMIT 1"""
WITHOUT_REASON = """INSERT INTO invoice_event
    (ref, invoice_id, code, at, recorded_at, source, reason_text, payload, dedup_key)
    SELECT 'EVT-2222-2222', invoice_id, 210, at, at, 'platform', '', '{}', 'x' FROM invoice_event LIMIT 1"""


@pytest.fixture
def invoice(session: Session, a_sent_invoice) -> Invoice:
    """Issued to a public hospital that asks for nothing more than its SIRET; the deposit is planned."""
    return a_sent_invoice(
        a_public_hospital(session, siret=a_siret(), requires_engagement=False, billing_email="a@b.test")
    )


def stands(session: Session, invoice: Invoice, desk) -> Standing:
    session.expire_all()
    return standing_of(session, invoice, accounts_of(desk.config), desk.clock)


def flows(chorus: Stand) -> int:
    with chorus.store.transaction():
        return len(chorus.store.all("flow"))


def decide(chorus: Stand, number: str | None, status: str, comment: str = "") -> None:
    from entrepairs.doubles.chorus_pro.service import _decide

    with chorus.store.transaction():
        _decide(chorus.store, str(number), status, {"comment": comment})


def look(session: Session, desk, invoice: Invoice) -> None:
    """Time passes, somebody asks."""
    desk.wait(minutes=20)
    assert mending.look_now(session, invoice.ref, clock=desk.clock)
    assert desk.work() == 1, desk.errors


def test_it_is_deposited_once_followed_and_comes_back_paid(session: Session, chorus: Stand, desk, invoice: Invoice):
    at = desk(chorus=chorus)
    assert at.work() == 1
    standing = stands(session, invoice, at)
    assert standing.sending is not None
    assert (standing.sending.channel, standing.life.state) == (Channel.CHORUS_PRO, LifeState.DEPOSITED)
    assert standing.sending.remote_ref.startswith("CPP")
    at.wait(minutes=11)
    assert follow_sendings(session, clock=at.clock) >= 1
    assert follow_sendings(session, clock=at.clock) == 0  # not asked twice for one slot
    for status in ("EN_COURS_ACHEMINEMENT", "MISE_A_DISPOSITION", "SERVICE_FAIT", "MANDATEE", "MISE_EN_PAIEMENT"):
        assert at.work() == 1, at.errors
        decide(chorus, invoice.number, status)
        at.wait(minutes=5)
        assert mending.look_now(session, invoice.ref, clock=at.clock)
    assert at.work() == 1
    standing = stands(session, invoice, at)
    assert (standing.life.state, standing.stuck) == (LifeState.PAYMENT_SENT, None)
    assert standing.sending.closed_at is not None
    assert standing.sending.received_at is not None
    codes = [event.code for event in events_of(session, invoice)]
    assert sorted(codes) == [200, 200, 202, 203, 204, 205, 211]  # ours, and theirs
    assert all(event.at >= standing.sending.sent_at - timedelta(days=1) for event in events_of(session, invoice))
    assert not mending.look_now(session, invoice.ref, clock=at.clock)
    assert flows(chorus) == 1


def test_a_lost_answer_never_deposits_twice(session: Session, chorus: Stand, desk, invoice: Invoice):
    at = desk(chorus=chorus)
    chorus.turn(lose_answers=1, calls_to="/cpro/factures/v1/deposer", integrates_after_seconds=3600)
    assert at.work() == 0
    assert at.errors == ["carrier_in_doubt"]
    at.wait(minutes=2)
    assert at.work() == 0  # not found: it may still be in treatment
    assert flows(chorus) == 1
    chorus.turn(integrates_after_seconds=0)
    at.wait(minutes=2)
    assert at.work() == 1
    assert flows(chorus) == 1
    standing = stands(session, invoice, at)
    assert standing.sending.document_ref
    assert standing.life.state is LifeState.DEPOSITED


def test_a_deposit_that_never_arrived_is_made_again_once_it_can_be_told(
    session: Session, chorus: Stand, desk, invoice: Invoice
):
    at = desk(chorus=chorus)
    chorus.turn(fail_requests=1, calls_to="/cpro/factures/v1/deposer")
    assert at.work() == 0
    assert at.errors == ["carrier_in_doubt"]
    at.wait(minutes=16)
    chorus.turn(lose_answers=1, integrates_after_seconds=3600)
    assert at.work() == 0  # made again, and its answer lost in turn
    at.wait(minutes=2)
    assert at.work() == 0  # the second attempt has its own time to settle
    assert flows(chorus) == 1
    chorus.turn(integrates_after_seconds=0)
    assert at.work() == 1
    assert flows(chorus) == 1


def test_what_surely_did_nothing_is_tried_again_within_the_call(
    session: Session, chorus: Stand, desk, invoice: Invoice
):
    at = desk(chorus=chorus)
    chorus.turn(throttle=2, expire_tokens=1, calls_to="/cpro/")
    assert at.work() == 1, at.errors
    assert flows(chorus) == 1


def test_to_recycle_keeps_the_number_and_is_sent_again_to_a_mended_recipient(
    session: Session, chorus: Stand, desk, invoice: Invoice
):
    at = desk(chorus=chorus)
    at.work()
    decide(chorus, invoice.number, "A_RECYCLER", "Code service inconnu")
    look(session, at, invoice)
    standing = stands(session, invoice, at)
    assert standing.stuck is Stuck.TO_RECYCLE
    assert standing.life.why.text == "Code service inconnu"
    with pytest.raises(InvalidInput, match="recipient_incomplete"):
        mending.mend_recipient(session, invoice.ref, Recipient(), clock=at.clock, actor=OFFICE)
    mended = Recipient(siret=invoice.buyer["siret"], service_code="PSY-02", engagement="EJ-9")
    frozen = (invoice.number, invoice.service_code, invoice.engagement)
    mending.mend_recipient(session, invoice.ref, mended, clock=at.clock, actor=OFFICE)
    chorus.turn(lose_answers=1, calls_to="/cpro/factures/v1/recycler")
    at.wait(minutes=1)
    assert at.work() == 0  # the answer was lost
    at.wait(minutes=1)
    assert at.work() == 1, at.errors  # asked first: it was recycled
    with chorus.store.transaction():
        (there,) = chorus.store.all("invoice")
    assert (there["service"], there["engagement"]) == ("PSY-02", "EJ-9")
    assert [step["status"] for step in there["steps"]].count("DEPOSEE") == 2
    assert flows(chorus) == 1
    standing = stands(session, invoice, at)
    assert (standing.stuck, standing.life.state) == (None, LifeState.DEPOSITED)
    assert (invoice.number, invoice.service_code, invoice.engagement) == frozen
    decide(chorus, invoice.number, "MISE_EN_PAIEMENT")
    look(session, at, invoice)
    assert stands(session, invoice, at).life.state is LifeState.PAYMENT_SENT
    with pytest.raises(Conflict, match="nothing_to_mend"):
        mending.mend_recipient(session, invoice.ref, mended, clock=at.clock, actor=OFFICE)


def test_a_suspended_invoice_waits_for_a_document_and_goes_on(session: Session, chorus: Stand, desk, invoice: Invoice):
    at = desk(chorus=chorus)
    at.work()
    with pytest.raises(Conflict, match="not_suspended"):
        mending.add_piece(session, invoice.ref, "liste.pdf", b"%PDF-1.7", clock=at.clock, actor=OFFICE)
    decide(chorus, invoice.number, "SUSPENDUE", "Joindre l'émargement")
    look(session, at, invoice)
    standing = stands(session, invoice, at)
    assert (standing.stuck, standing.life.why.reason) == (Stuck.SUSPENDED, "JUSTIF_ABS")
    mending.add_piece(session, invoice.ref, "liste.pdf", b"%PDF-1.7", clock=at.clock, actor=OFFICE)
    chorus.turn(lose_answers=1, calls_to="/cpro/factures/v1/completer")
    assert at.work() == 0
    assert at.work() == 1, at.errors  # asked first: completed already
    with chorus.store.transaction():
        assert chorus.store.all("invoice")[0]["pieces"] == ["liste.pdf"]
    assert stands(session, invoice, at).stuck is None


def test_a_refusal_asks_for_a_credit_note_and_nothing_is_sent_again(
    session: Session, chorus: Stand, desk, invoice: Invoice
):
    at = desk(chorus=chorus)
    at.work()
    decide(chorus, invoice.number, "REJETEE", "Service non fait")
    look(session, at, invoice)
    standing = stands(session, invoice, at)
    assert standing.stuck is Stuck.REFUSED
    assert standing.sending.closed_at is not None
    (stuck,) = stuck_invoices(session, accounts_of(at.config), at.clock)
    assert stuck.invoice is invoice
    with pytest.raises(Conflict, match="sent_already"):
        mending.send_again(session, invoice.ref, clock=at.clock, actor=OFFICE)


def test_an_answer_too_slow_to_wait_for_is_a_doubt_and_no_second_deposit(
    session: Session, chorus: Stand, desk, invoice: Invoice, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("entrepairs.billing.transmission.calling.TIMEOUT", (1.0, 0.3))
    chorus.turn(slow_answers=1, slow_seconds=0.8, calls_to="/cpro/factures/v1/deposer")
    at = desk(chorus=chorus)
    assert at.work() == 0
    assert at.errors == ["carrier_in_doubt"]
    standing = stands(session, invoice, at)
    assert (standing.sending.sent_at, standing.stuck) == (None, None)
    assert standing.sending.attempted_at is not None
    at.wait(minutes=2)
    assert at.work() == 1
    assert flows(chorus) == 1


def there_already(chorus: Stand, number: str | None) -> None:
    """Somebody deposited it by hand."""
    from entrepairs.doubles.chorus_pro.service import _step

    with chorus.store.transaction():
        known = {"id": 8_300_001, "flow": "CPPHAND", "number": number, "at": chorus.store.clock()}
        _step(chorus.store, {**known, "steps": [], "pieces": []}, "MISE_A_DISPOSITION", "")


def test_an_invoice_that_was_there_already_is_followed_where_it_is(
    session: Session, chorus: Stand, desk, invoice: Invoice
):
    there_already(chorus, invoice.number)
    at = desk(chorus=chorus)
    assert at.work() == 1
    look(session, at, invoice)
    standing = stands(session, invoice, at)
    assert (standing.sending.document_ref, standing.stuck) == ("8300001", None)
    assert standing.life.state is LifeState.AVAILABLE


def test_a_duplicate_that_cannot_be_found_is_told_as_one(
    session: Session, chorus: Stand, desk, invoice: Invoice, monkeypatch: pytest.MonkeyPatch
):
    there_already(chorus, invoice.number)
    monkeypatch.setattr(ChorusPro, "_search", lambda *_: [])
    at = desk(chorus=chorus)
    assert at.work() == 1
    look(session, at, invoice)
    standing = stands(session, invoice, at)
    assert (standing.stuck, standing.life.why.reason) == (Stuck.REJECTED, "DOUBLON")
    assert "déjà été déposée" in standing.life.why.text


def test_ubl_is_read_as_well_and_an_unreadable_flow_may_be_sent_again(
    session: Session, chorus: Stand, desk, invoice: Invoice
):
    wrong = desk(chorus=chorus, CHORUS_SYNTAX="IN_DP_E1_CII_16B")  # a PDF given as an XML
    wrong.work()
    look(session, wrong, invoice)
    standing = stands(session, invoice, wrong)
    assert standing.stuck is Stuck.INADMISSIBLE
    assert standing.life.why.reason == "IRR_SYNTAX"
    at = desk(chorus=chorus, CHORUS_SYNTAX=UBL)
    at.wait(hours=1)
    mending.send_again(session, invoice.ref, clock=at.clock, actor=OFFICE)
    assert at.work() == 1, at.errors
    look(session, at, invoice)
    with chorus.store.transaction():
        (there,) = chorus.store.all("invoice")
    assert (there["number"], there["siret"], there["cents"]) == (invoice.number, invoice.buyer["siret"], invoice.gross)
    assert stands(session, invoice, at).stuck is None


def test_without_an_account_nothing_leaves_and_the_list_says_so(session: Session, desk, invoice: Invoice):
    at = desk()
    assert at.work() == 1
    assert latest_sending(session, invoice.id) is None
    (stuck,) = stuck_invoices(session, accounts_of(at.config), at.clock)
    assert stuck.standing.stuck is Stuck.NO_CHANNEL
    copies = select(func.count()).select_from(Transmission).where(Transmission.copy)
    assert session.scalar(copies) == 1  # for information, by mail


def test_what_is_missing_keeps_it_here_until_it_is_mended(session: Session, chorus: Stand, desk, invoice: Invoice):
    invoice.partner.requires_engagement = True
    at = desk(chorus=chorus)
    assert at.work() == 1
    (stuck,) = stuck_invoices(session, accounts_of(at.config), at.clock)
    assert stuck.standing.stuck is Stuck.INCOMPLETE
    assert [one.field for one in stuck.standing.missing] == ["engagement"]
    assert flows(chorus) == 0
    mended = Recipient(siret=invoice.buyer["siret"], engagement="EJ-12")
    mending.mend_recipient(session, invoice.ref, mended, clock=at.clock, actor=OFFICE)
    assert at.work() == 1, at.errors
    assert flows(chorus) == 1
    assert stuck_invoices(session, accounts_of(at.config), at.clock) == []


def test_a_silent_deposit_is_told_after_three_days_and_asked_less_and_less(
    session: Session, chorus: Stand, desk, invoice: Invoice
):
    at = desk(chorus=chorus)
    at.work()
    at.wait(days=3, minutes=1)
    (stuck,) = stuck_invoices(session, accounts_of(at.config), at.clock)
    assert stuck.standing.stuck is Stuck.SILENT
    decide(chorus, invoice.number, "MISE_A_DISPOSITION")
    look(session, at, invoice)
    at.wait(days=20)
    assert stuck_invoices(session, accounts_of(at.config), at.clock) == []
    waits = [interval(looks) for looks in range(9)]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(days=1)


def test_the_database_keeps_what_was_said(session: Session, chorus: Stand, desk, invoice: Invoice):
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    desk(chorus=chorus).work()
    assert session.scalar(select(func.count()).select_from(InvoiceEvent)) == 1
    for statement in (
        "UPDATE invoice_event SET code = 203",
        "DELETE FROM invoice_event",
        "TRUNCATE invoice_event",
        "DELETE FROM transmission",
        "UPDATE transmission SET remote_ref = 'autre' WHERE channel = 'chorus_pro'",
        "UPDATE transmission SET channel = 'platform'",
        TWICE,
        WITHOUT_REASON,
    ):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(statement))
