"""Several drafts issued at once: the same rows as one by one, all or none, in few statements."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from entrepairs.audit.models import AuditEntry, Transition
from entrepairs.billing.drafting import draft_invoices
from entrepairs.billing.issuing import issue_invoice, issue_invoices
from entrepairs.billing.models import Invoice, InvoiceState
from entrepairs.documents.models import NumberSeries, StoredFile
from entrepairs.documents.numbering import take_numbers
from entrepairs.kernel.errors import DomainError
from entrepairs.ledger.models import Entry, EntryState
from entrepairs.outbox.models import OutboxItem
from tests.factories.billing import EXEMPT, OFFICE, a_client, a_demand_done, later, the_association
from tests.factories.catalogue import an_offering


def some_drafts(session: Session, count: int) -> list[Invoice]:
    """One session each, of structures of their own."""
    the_association(session)
    offering = an_offering(session, vat_regime=EXEMPT)
    partners = [a_client(session) for _ in range(count)]
    for one in partners:
        a_demand_done(session, one, offering)
    return [draft_invoices(session, one.ref, clock=later(), actor=OFFICE)[0] for one in partners]


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """The statements sent meanwhile."""
    told: list[str] = []

    def tell(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        told.append(statement)

    engine = session.connection().engine
    event.listen(engine, "before_cursor_execute", tell)
    try:
        yield told
    finally:
        event.remove(engine, "before_cursor_execute", tell)


def test_each_has_its_number_in_the_order_given_its_entry_its_xml_and_its_effects(session: Session):
    drafts = some_drafts(session, 3)
    refs = [one.ref for one in reversed(drafts)]
    issued = issue_invoices(session, refs, clock=later(), actor=OFFICE)
    numbers = [f"FA2027-0000{n}" for n in (1, 2, 3)]
    assert [(one.ref, one.number, one.state) for one in issued] == [
        (ref, number, InvoiceState.ISSUED) for ref, number in zip(refs, numbers, strict=True)
    ]
    entries = session.scalars(select(Entry).where(Entry.journal_code == "VE").order_by(Entry.number)).all()
    assert [(one.piece_ref, one.number, one.state) for one in entries] == [
        (number, n, EntryState.VALIDATED) for n, number in enumerate(numbers, start=1)
    ]
    for invoice in issued:
        due = session.scalars(select(OutboxItem).where(OutboxItem.subject_ref == invoice.ref)).all()
        assert len(due) == 3
        (xml,) = (one.payload["xml"] for one in due if one.kind == "billing.produce_einvoice")
        file = session.scalars(select(StoredFile).where(StoredFile.ref == xml)).one()
        assert file.filename == f"{invoice.number}.xml"
        assert f"<ram:ID>{invoice.number}</ram:ID>".encode() in file.content
        assert invoice.buyer["name"].encode() in file.content
        for trail in (AuditEntry, Transition):
            told = session.scalars(select(trail).where(trail.subject_ref == invoice.ref)).all()
            assert "invoice.issue" in {getattr(one, "action", "invoice.issue") for one in told}


def test_what_one_is_refused_for_all_are_and_no_number_is_taken(session: Session):
    drafts = some_drafts(session, 2)
    drafts[1].partner.siret = None
    refs = [one.ref for one in drafts]
    with pytest.raises(DomainError, match="buyer_siret"), session.begin_nested():
        issue_invoices(session, refs, clock=later(), actor=OFFICE)
    assert session.scalars(select(NumberSeries)).all() == []
    assert [one.state for one in drafts] == [InvoiceState.DRAFT] * 2
    assert issue_invoice(session, refs[0], clock=later(), actor=OFFICE).number == "FA2027-00001"


def test_numbers_taken_together_are_each_borne_or_nothing_is_kept(session: Session):
    refs = [one.ref for one in some_drafts(session, 3)]
    issue_invoices(session, refs[:2], clock=later(), actor=OFFICE)
    session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    meanwhile = session.begin_nested()
    taken = take_numbers(session, "FA", 2027, 2)
    assert taken == ["FA2027-00003", "FA2027-00004"]
    last, today = update(Invoice).where(Invoice.ref == refs[2]), later().today()
    session.execute(last.values(number=taken[1], state="issued", issue_date=today, due_date=today))
    with pytest.raises(IntegrityError, match="is borne by an issued invoice"):
        session.execute(text("SET CONSTRAINTS trg_number_series_borne IMMEDIATE"))
    meanwhile.rollback()


def test_an_invoice_more_costs_a_handful_of_statements(session: Session):
    refs = [one.ref for one in some_drafts(session, 7)]
    session.commit()
    session.expire_all()
    with counted(session) as alone:
        issue_invoices(session, refs[:1], clock=later(), actor=OFFICE)
    with counted(session) as together:
        issue_invoices(session, refs[1:], clock=later(), actor=OFFICE)
    assert len(together) - len(alone) <= 6 * 4, "its number, and what is read of a structure"
