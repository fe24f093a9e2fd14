"""Credit notes in part, and by two people above the threshold that was voted: the database holds it too."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.billing.credit_notes import CREDIT_APPROVAL, Part, approve_credit, credit_invoice, credit_left
from entrepairs.billing.drafting import delete_draft
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.models import Invoice, InvoiceState
from entrepairs.billing.payments import balance_of
from entrepairs.billing.queries import to_bill
from entrepairs.identity.models import OfficeRoleKind
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.kernel.money import Money
from entrepairs.ledger import balances
from entrepairs.settings.decisions import vote
from tests.factories.billing import OFFICE, an_issued_invoice, later

SECOND = Actor("CPT-PRES-IDEN", "Le président")


def voted(session: Session, cents: int, *, since: date = date(2027, 1, 1)) -> None:
    vote(session, CREDIT_APPROVAL, cents, since=since, voted_on=since, source="CA", clock=FixedClock())


def credit(session: Session, invoice: Invoice, *parts: Part, **given: object) -> Invoice:
    return credit_invoice(
        session, invoice.ref, reason="Séance écourtée", parts=parts, clock=later(), actor=OFFICE, **given
    )


def test_a_quantity_an_amount_then_what_is_left_make_the_whole_line(session: Session) -> None:
    invoice = an_issued_invoice(session)
    first = credit(session, invoice, Part(1, quantity=Decimal("0.25")), Part(2, net=Money.of("19.99")))
    assert [line.net for line in first.lines] == [80_00, 19_99]
    left = credit_left(session, invoice)
    assert [left[line.id].cents for line in invoice.lines[:3]] == [240_00, 300_01, 320_00]
    rest = credit(session, invoice)
    assert first.gross + rest.gross == invoice.gross
    assert balance_of(session, invoice) == Money(0)
    assert balances.balance(session, "7061") == Money(0)


def test_a_line_taken_back_in_part_is_not_billed_again_and_one_taken_whole_is(session: Session) -> None:
    invoice = an_issued_invoice(session)
    credit(session, invoice, Part(1, net=Money.of(10)), Part(2))
    (waiting,) = to_bill(session)
    assert (waiting.count, waiting.net) == (1, Money.of(320))


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (Part(1, net=Money.of("320.01")), "part_too_large"),
        (Part(1, net=Money(0)), "part_too_large"),
        (Part(1, quantity=Decimal("1.01")), "part_too_large"),
        (Part(1, quantity=Decimal(0)), "part_unsound"),
        (Part(1, quantity=Decimal("0.001")), "part_unsound"),
        (Part(1, quantity=Decimal("NaN")), "part_unsound"),
        (Part(99), "no_lines_chosen"),
    ],
)
def test_no_more_than_what_is_left_can_be_taken_back(session: Session, part: Part, code: str) -> None:
    with pytest.raises(InvalidInput, match=code):
        credit(session, an_issued_invoice(session), part)


def test_above_the_threshold_somebody_else_issues_it(session: Session) -> None:
    invoice = an_issued_invoice(session)
    voted(session, 1000_00)
    note = credit(session, invoice)
    assert (note.state, note.number, balance_of(session, invoice)) == (InvoiceState.DRAFT, None, Money.of(2560))
    with pytest.raises(Conflict, match="credited_already"):
        credit(session, invoice)  # what waits counts
    with pytest.raises(Conflict, match="same_person"):
        approve_credit(session, note.ref, clock=later(), actor=OFFICE)
    with pytest.raises(Conflict, match="credit_waits"):
        issue_invoice(session, note.ref, clock=later(), actor=SECOND)
    approve_credit(session, note.ref, clock=later(), actor=SECOND)
    assert (note.number, note.approved_by) == ("AV2027-00001", SECOND.ref)
    assert balance_of(session, invoice) == Money(0)
    assert to_bill(session)
    with pytest.raises(Conflict, match="not_waiting"):
        approve_credit(session, note.ref, clock=later(), actor=SECOND)


def test_the_threshold_is_dated_and_itself_is_not_above_it(session: Session) -> None:
    invoice = an_issued_invoice(session)
    voted(session, 320_00)
    voted(session, 100_00, since=later().today() + timedelta(days=1))
    assert credit(session, invoice, Part(1)).state is InvoiceState.ISSUED
    assert credit(session, invoice, Part(2), Part(3)).state is InvoiceState.DRAFT


def test_one_that_waits_can_be_thrown_away(session: Session) -> None:
    invoice = an_issued_invoice(session)
    voted(session, 1000_00)
    note = credit(session, invoice)
    delete_draft(session, note.ref, clock=later(), actor=OFFICE)
    assert credit_left(session, invoice)[invoice.lines[0].id] == Money.of(320)


@pytest.mark.parametrize("who", ["NULL", "'CPT-COMP-TABL'"])
def test_the_database_wants_two_people_too(session: Session, who: str) -> None:
    invoice = an_issued_invoice(session)
    voted(session, 1000_00)
    note = credit(session, invoice)
    forged = f"""UPDATE invoice SET state = 'issued', number = 'AV2027-00001', issue_date = '2027-04-02',
        due_date = '2027-04-02', approved_by = {who} WHERE id = {note.id}"""
    with pytest.raises(DBAPIError, match=r"second person|two_people"), session.begin_nested():
        session.execute(text(forged))


def test_parts_of_one_invoice_count_together_and_what_two_people_saw_no_longer_does(session: Session) -> None:
    invoice = an_issued_invoice(session)
    voted(session, 300_00)
    assert credit(session, invoice, Part(1, net=Money.of(200))).state is InvoiceState.ISSUED
    waiting = credit(session, invoice, Part(2, net=Money.of(150)))
    assert waiting.state is InvoiceState.DRAFT
    forged = f"""UPDATE invoice SET state = 'issued', number = 'AV2027-00002', issue_date = '2027-04-02',
        due_date = '2027-04-02' WHERE id = {waiting.id}"""
    with pytest.raises(DBAPIError, match="second person"), session.begin_nested():
        session.execute(text(forged))
    approve_credit(session, waiting.ref, clock=later(), actor=SECOND)
    assert credit(session, invoice, Part(3, net=Money.of(100))).state is InvoiceState.ISSUED
    assert credit(session, invoice, Part(3, net=Money.of("0.01"))).state is InvoiceState.DRAFT


def test_on_the_page_one_prepares_and_another_approves(client, app, session: Session) -> None:
    from tests.billing.test_correction_pages import enter, text_of
    from tests.factories.identity import an_office_account

    app.config["CLOCK"] = later()
    invoice = an_issued_invoice(session)
    voted(session, 100_00)
    office = enter(client, session, an_office_account(session, OfficeRoleKind.BILLING, name="Fatou Essai"))
    page = f"/a/facturation/{invoice.ref}/avoir"
    assert "une deuxième personne l'émet" in text_of(office.get(page))
    sent = {"reason": "Séance écourtée", "positions": "1"}
    both = office.post(page, data=sent | {"quantity-1": "1", "amount-1": "5"})
    assert (both.status_code, "pas les deux" in text_of(both)) == (422, True)
    forgotten = {"reason": "Séance écourtée"}  # a part typed beside a line that was not ticked: not the whole invoice
    told = "« Groupe WRAP, séance 2/8, 28 janvier 2027 » : Écrivez"  # the line refused is named, beside it too
    for typed in ({"quantity-2": "abc"}, {"quantity-2": "0"}, {"amount-2": "abc"}):
        unread = office.post(page, data=forgotten | typed)
        assert (unread.status_code, told in text_of(unread)) == (422, True)
        assert 'id="line-2-error"' in unread.text
        assert 'id="line-1-error"' not in unread.text
    answer = office.post(page, data=forgotten | {"amount-1": "150,50"})
    assert "150,50 €" in text_of(office.get(answer.location))
    shown = text_of(office.get(answer.location))
    assert "quelqu'un d'autre de l'association l'approuve" in shown
    assert "Approuver et émettre" not in shown
    other = enter(client, session, an_office_account(session, OfficeRoleKind.BILLING, name="Anne Essai"))
    assert "Approuver et émettre" in text_of(other.get(answer.location))
    other.post(f"{answer.location}/approuver")
    assert "Avoir AV2027-00001" in text_of(other.get(answer.location))
    app.config["CLOCK"] = None
