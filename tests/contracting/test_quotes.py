"""The life of a quote, on the real database."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.contracting import engagements, mails, quotes
from entrepairs.contracting.agreed import agreed_price, agreed_regime
from entrepairs.contracting.considering import release_demand
from entrepairs.contracting.models import QuoteVersion
from entrepairs.contracting.pricing import proposed_lines
from entrepairs.contracting.queries import (
    find_quote,
    find_version,
    list_quotes,
    quotes_left_open,
    quotes_to_sign,
)
from entrepairs.contracting.states import QuoteState
from entrepairs.demands.cancelling import cancel
from entrepairs.demands.scopes import OFFICE as OFFICE_SCOPE
from entrepairs.demands.scopes import Scope
from entrepairs.demands.states import DemandState
from entrepairs.documents.storing import read_file
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from entrepairs.kernel.money import Money
from entrepairs.kernel.transitions import TransitionRefused
from entrepairs.messages.models import Message
from entrepairs.network.models import PartnerMember
from entrepairs.outbox.models import ItemState, OutboxItem
from tests.contracting.answering import accept
from tests.contracting.conftest import House, ask
from tests.factories.billing import OFFICE
from tests.factories.contracting import SIGNER, a_demand_to_quote, a_sent_quote, a_signatory, a_signature
from tests.factories.network import a_partner


def expiry_of(session: Session, version: QuoteVersion) -> OutboxItem:
    key = f"contracting.expire_quote:{version.quote.ref}:{version.number}"
    return session.scalars(select(OutboxItem).where(OutboxItem.dedup_key == key)).one()


def test_a_draft_proposes_the_voted_price_of_every_session(session: Session, clinic: House, clock: FixedClock) -> None:
    demand = ask(session, clinic)
    draft = quotes.prepare_quote(session, demand.ref, actor=OFFICE, clock=clock)

    assert draft.quote.number == "DV2027-00001"
    assert [(row.quantity, row.unit_cents, row.net) for row in draft.lines] == [(Decimal(8), 32000, 256000)]
    assert (draft.net, draft.vat, draft.gross) == (256000, 0, 256000)
    assert draft.valid_until == date(2027, 2, 10)
    assert demand.state is DemandState.SUBMITTED


def test_a_draft_written_over_keeps_its_number(session: Session, clinic: House, clock: FixedClock) -> None:
    demand = ask(session, clinic)
    first = quotes.prepare_quote(session, demand.ref, actor=OFFICE, clock=clock)
    lines = [
        replace(line, quantity=Decimal("7.5"), vat_regime="standard")
        for line in proposed_lines(session, demand, clock=clock)
    ]
    again = quotes.prepare_quote(session, demand.ref, lines=lines, actor=OFFICE, clock=clock)

    assert (again.id, again.number, again.quote.number) == (first.id, 1, "DV2027-00001")
    assert (again.net, again.vat, again.gross) == (240000, 48000, 288000)
    assert len(again.lines) == 1


def test_what_the_office_typed_is_checked_and_an_identity_refused(
    session: Session, clinic: House, clock: FixedClock
) -> None:
    demand = ask(session, clinic)
    line = proposed_lines(session, demand, clock=clock)[0]
    for wrong, code in (
        (replace(line, quantity=Decimal(0)), "line_quantity"),
        (replace(line, vat_regime="none"), "vat_regime"),
        (replace(line, label="Accompagnement de M. Durand"), "identity_in_text"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            quotes.prepare_quote(session, demand.ref, lines=[wrong], actor=OFFICE, clock=clock)
        assert refusal.value.code == code


def test_sending_keeps_the_pdf_and_writes_to_who_may_sign(session: Session, clinic: House, clock: FixedClock) -> None:
    demand = ask(session, clinic)
    version = a_sent_quote(session, demand, clock=clock)

    assert version.state is QuoteState.SENT
    assert demand.state is DemandState.QUOTED
    assert version.file is not None
    assert read_file(session, version.file.id).startswith(b"%PDF-")
    letters = session.scalars(select(Message).where(Message.kind == "contracting.quote")).all()
    assert [letter.to_ref for letter in letters] == [clinic.director.ref]
    assert expiry_of(session, version).due_at == datetime(2027, 2, 10, 23, tzinfo=UTC)


def test_a_draft_that_slept_leaves_with_the_day_it_leaves(session: Session, clinic: House, clock: FixedClock) -> None:
    draft = quotes.prepare_quote(session, ask(session, clinic).ref, actor=OFFICE, clock=clock)
    clock.advance(timedelta(days=9))
    sent = quotes.send_quote(session, draft.quote.ref, actor=OFFICE, clock=clock)
    assert (sent.issued_on, sent.valid_until) == (date(2027, 1, 20), date(2027, 2, 19))


def test_a_quote_nobody_can_receive_does_not_leave(session: Session, clock: FixedClock) -> None:
    demand = a_demand_to_quote(session, a_partner(session))
    draft = quotes.prepare_quote(session, demand.ref, actor=OFFICE, clock=clock)
    with pytest.raises(Conflict) as refusal:
        quotes.send_quote(session, draft.quote.ref, actor=OFFICE, clock=clock)
    assert refusal.value.code == "nobody_to_write_to"


def test_acceptance_keeps_who_when_from_where_and_the_hash_of_exactly_the_pdf_kept(
    session: Session, clinic: House, clock: FixedClock
) -> None:
    demand = ask(session, clinic)
    version = a_sent_quote(session, demand, clock=clock)
    before = datetime.now(UTC)
    accept(session, version, clinic, clock)
    session.flush()
    session.expire_all()

    kept = version.acceptance
    assert kept is not None
    assert version.file_id is not None
    assert kept.sha256 == hashlib.sha256(read_file(session, version.file_id)).hexdigest()
    assert (kept.name, kept.function, kept.ip, kept.user_agent, kept.account_id, kept.statement) == (
        "Hélène Faure",
        "Directrice",
        "192.0.2.7",
        "Firefox",
        clinic.director.id,
        "Bon pour accord",
    )
    assert before <= kept.at <= datetime.now(UTC)
    assert version.state is QuoteState.ACCEPTED
    assert demand.state is DemandState.CONFIRMED
    assert len(demand.seats) == 2
    assert expiry_of(session, version).state == ItemState.DONE
    assert (agreed_price(session, demand), agreed_regime(session, demand)) == (Money(32000), "exempt_261_7_1_b")


def test_a_new_version_supersedes_the_older_one_and_its_link_no_longer_signs(
    session: Session, clinic: House, clock: FixedClock
) -> None:
    demand = ask(session, clinic)
    first = a_sent_quote(session, demand, clock=clock)
    second = a_sent_quote(session, demand, clock=clock)

    assert (first.state, second.state, second.number) == (QuoteState.SUPERSEDED, QuoteState.SENT, 2)
    assert expiry_of(session, first).state == ItemState.DONE
    assert mails.token_subject(first) != mails.token_subject(second)
    with pytest.raises(Conflict) as refusal:
        accept(session, first, clinic, clock)
    assert refusal.value.code == "quote_replaced"
    accept(session, second, clinic, clock)


def test_a_signature_without_a_name_or_a_function_is_refused(
    session: Session, clinic: House, clock: FixedClock
) -> None:
    version = a_sent_quote(session, ask(session, clinic), clock=clock)
    for given in ({"name": " "}, {"function": ""}, {"name": "²"}, {"function": "-- 12"}):
        with pytest.raises(InvalidInput):
            quotes.accept_quote(
                session,
                version.quote.ref,
                a_signature(clinic.director, **given),
                version=1,
                actor=SIGNER,
                clock=clock,
            )


def test_only_who_signs_for_the_structure_accepts_or_refuses(
    session: Session, clinic: House, clock: FixedClock
) -> None:
    version = a_sent_quote(session, ask(session, clinic), clock=clock)
    with pytest.raises(NotAllowed):
        quotes.accept_quote(
            session, version.quote.ref, a_signature(clinic.manager), version=1, actor=SIGNER, clock=clock
        )
    with pytest.raises(NotAllowed):
        quotes.refuse_quote(
            session, version.quote.ref, version=1, account_id=clinic.manager.id, actor=SIGNER, clock=clock
        )


def test_a_delegation_withdrawn_since_the_mail_no_longer_signs(
    session: Session, clinic: House, clock: FixedClock
) -> None:
    version = a_sent_quote(session, ask(session, clinic), clock=clock)
    a_signatory(session, clinic.partner)
    session.delete(session.scalars(select(PartnerMember).where(PartnerMember.account_id == clinic.director.id)).one())
    session.flush()
    with pytest.raises(NotAllowed):
        accept(session, version, clinic, clock)


def test_a_refusal_leaves_the_demand_for_another_version(session: Session, clinic: House, clock: FixedClock) -> None:
    demand = ask(session, clinic)
    version = a_sent_quote(session, demand, clock=clock)
    quotes.refuse_quote(session, version.quote.ref, version=1, actor=SIGNER, clock=clock)

    assert version.state is QuoteState.REFUSED
    assert demand.state is DemandState.QUOTED
    assert quotes_left_open(session) == [version.quote]
    again = a_sent_quote(session, demand, clock=clock)
    accept(session, again, clinic, clock)
    assert demand.state is DemandState.CONFIRMED


def test_a_quote_expires_by_its_effect_the_day_after_its_last_day(
    session: Session, clinic: House, clock: FixedClock
) -> None:
    version = a_sent_quote(session, ask(session, clinic), clock=clock)
    clock = FixedClock(datetime(2027, 2, 10, 22, 59, tzinfo=UTC))
    assert list(quotes_to_sign(session, clinic.scope, clock.today())) == [version]
    clock = FixedClock(datetime(2027, 2, 10, 23, tzinfo=UTC))
    with pytest.raises(Conflict) as refusal:
        accept(session, version, clinic, clock)
    assert refusal.value.code == "quote_expired"

    for _ in range(2):  # an effect may come twice
        quotes.expire_quote(session, version.quote.ref, {"version": 1}, clock=clock)
    assert version.state is QuoteState.EXPIRED
    assert quotes_to_sign(session, clinic.scope, clock.today()) == []


def test_the_expiry_of_an_older_version_leaves_the_newer_one_alone(
    session: Session, clinic: House, clock: FixedClock
) -> None:
    demand = ask(session, clinic)
    a_sent_quote(session, demand, clock=clock)
    second = a_sent_quote(session, demand, clock=clock)
    quotes.expire_quote(session, second.quote.ref, {"version": 1}, clock=clock)
    assert second.state is QuoteState.SENT


def test_an_ended_demand_closes_its_open_quote(session: Session, clinic: House, clock: FixedClock) -> None:
    demand = ask(session, clinic)
    version = a_sent_quote(session, demand, clock=clock)
    cancel(session, demand.ref, actor=OFFICE, clock=clock)
    release_demand(session, demand.ref, {}, clock=clock)
    assert version.state is QuoteState.EXPIRED
    with pytest.raises(Conflict):
        accept(session, version, clinic, clock)


def test_no_quote_is_numbered_for_a_demand_that_is_firm_or_over(
    session: Session, clinic: House, clock: FixedClock
) -> None:
    demand = ask(session, clinic)
    accept(session, a_sent_quote(session, demand, clock=clock), clinic, clock)
    with pytest.raises(TransitionRefused):
        quotes.prepare_quote(session, demand.ref, actor=OFFICE, clock=clock)


def test_forwarding_writes_again_to_a_named_signatory_once_a_day(
    session: Session, clinic: House, clock: FixedClock
) -> None:
    version = a_sent_quote(session, ask(session, clinic), clock=clock)

    def letters() -> int:
        return len(session.scalars(select(Message).where(Message.kind == "contracting.quote")).all())

    for _ in range(2):
        quotes.forward_quote(session, version.quote.ref, clinic.director.ref, clinic.scope, actor=SIGNER, clock=clock)
    assert letters() == 2
    with pytest.raises(InvalidInput):
        quotes.forward_quote(session, version.quote.ref, clinic.manager.ref, clinic.scope, actor=SIGNER, clock=clock)


def test_a_foreign_quote_is_an_absent_one(session: Session, clinic: House, hospital: House, clock: FixedClock) -> None:
    version = a_sent_quote(session, ask(session, clinic), clock=clock)
    stranger = hospital.scope
    assert list_quotes(session, stranger) == []
    assert quotes_to_sign(session, stranger, clock.today()) == []
    for attempt in (
        lambda: find_quote(session, version.quote.ref, stranger),
        lambda: find_version(session, version.quote.ref, stranger),
        lambda: accept(session, version, hospital, clock),
        lambda: quotes.refuse_quote(session, version.quote.ref, version=1, scope=stranger, actor=SIGNER, clock=clock),
        lambda: quotes.forward_quote(
            session, version.quote.ref, hospital.director.ref, stranger, actor=SIGNER, clock=clock
        ),
        lambda: engagements.record_engagement(
            session, version.quote.demand.ref, "EJ-1", scope=stranger, actor=SIGNER, clock=clock
        ),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_a_partner_never_sees_a_draft(session: Session, clinic: House, clock: FixedClock) -> None:
    demand = ask(session, clinic)
    draft = quotes.prepare_quote(session, demand.ref, actor=OFFICE, clock=clock)
    assert list_quotes(session, clinic.scope) == []
    assert find_version(session, draft.quote.ref, OFFICE_SCOPE) is draft
    with pytest.raises(NotFound):
        find_version(session, draft.quote.ref, clinic.scope)

    quotes.send_quote(session, draft.quote.ref, actor=OFFICE, clock=clock)
    second = quotes.prepare_quote(session, demand.ref, actor=OFFICE, clock=clock)
    assert second.number == 2
    session.expire_all()
    assert find_version(session, draft.quote.ref, Scope(clinic.partner.id)).number == 1
