"""The database itself refuses to change what was sent or signed: SQL as the application's role, and as the owner."""

import re

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from entrepairs.contracting import agreements, quotes
from entrepairs.contracting.states import AGREEMENT_TRANSITIONS, QUOTE_TRANSITIONS, AgreementState, QuoteState
from entrepairs.kernel.clock import FixedClock
from tests.contracting.conftest import House, ask
from tests.factories.billing import OFFICE
from tests.factories.contracting import a_sent_quote, a_signature, an_active_agreement, terms

NEW_TERMS = [
    "title = 'autre'",
    "valid = daterange('2027-02-01', '2028-01-01')",
    "ceiling = ceiling + 1",
    "ceiling = NULL",
    "project = 'PTSM-AUTRE'",
    "record_access = 'full'",
    "payment_days = 60",
    "end_of_month = true",
    "late_rate = 9",
    "tacit_days = 3",
    "procurement_basis = 'autre'",
    "number = 'CV2027-99999'",
    "file_id = NULL",
    "partner_id = partner_id + 1",
    "created_at = created_at - interval '1 day'",
]
NEW_SIGNATURE = [
    "partner_signatory = 'Quelqu''un d''autre'",
    "partner_signatory_function = 'autre'",
    "signed_on = signed_on - 1",
    "signed_file_id = file_id",
]


def refused(session: Session, statement: str) -> None:
    session.flush()
    with pytest.raises(DBAPIError) as refusal, session.begin_nested():
        session.execute(text(statement))
    assert re.search(r"frozen|written once|permission denied for table acceptance", str(refusal.value))


def taken(session: Session, statement: str) -> None:
    session.flush()
    session.execute(text(statement))


@pytest.mark.parametrize("change", [*NEW_TERMS, *NEW_SIGNATURE])
def test_nothing_of_a_signed_agreement_changes(session: Session, clinic: House, clock: FixedClock, change: str) -> None:
    an_active_agreement(session, clinic.partner, clinic.group, clock=clock)
    refused(session, f"UPDATE agreement SET {change}")


@pytest.mark.parametrize("change", NEW_TERMS)
def test_the_terms_of_a_sent_agreement_do_not_change_under_the_signatory(
    session: Session, clinic: House, clock: FixedClock, change: str
) -> None:
    draft = agreements.draft_agreement(session, clinic.partner.ref, terms(clinic.group), actor=OFFICE, clock=clock)
    taken(session, "UPDATE agreement SET title = 'Convention 2027, service par service'")
    session.expire_all()
    agreements.send_agreement(session, draft.ref, actor=OFFICE, clock=clock)
    refused(session, f"UPDATE agreement SET {change}")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE agreement_price SET cents = 1",
        "DELETE FROM agreement_price",
        "INSERT INTO agreement_price (agreement_id, offering_id, cents) SELECT agreement_id, -1, 1 FROM agreement_price",
        "DELETE FROM agreement",
    ],
)
def test_the_prices_of_a_signed_agreement_are_those_signed(
    session: Session, clinic: House, clock: FixedClock, statement: str
) -> None:
    an_active_agreement(session, clinic.partner, clinic.group, clock=clock)
    refused(session, statement)


def test_a_draft_is_written_over_and_may_go(session: Session, clinic: House, clock: FixedClock) -> None:
    agreements.draft_agreement(session, clinic.partner.ref, terms(clinic.group), actor=OFFICE, clock=clock)
    taken(session, "UPDATE agreement_price SET cents = 1")
    taken(session, "DELETE FROM agreement_price")
    taken(session, "DELETE FROM agreement")


def test_an_agreement_moves_as_the_code_moves_it_and_no_other_way(
    session: Session, clinic: House, clock: FixedClock
) -> None:
    an_active_agreement(session, clinic.partner, clinic.group, clock=clock)
    allowed = {after for (before, _), after in AGREEMENT_TRANSITIONS.items() if before is AgreementState.ACTIVE}
    for state in set(AgreementState) - allowed - {AgreementState.ACTIVE}:
        refused(session, f"UPDATE agreement SET state = '{state.value}'")
    taken(session, "UPDATE agreement SET state = 'expiring'")
    taken(session, "UPDATE agreement SET state = 'expired'")
    refused(session, "UPDATE agreement SET state = 'active'")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE quote_version SET gross = gross - 1",
        "UPDATE quote_version SET valid_until = valid_until + 1",
        "UPDATE quote_version SET issued_on = issued_on - 1",
        "UPDATE quote_version SET file_id = NULL",
        "UPDATE quote_version SET sent_at = NULL",
        "DELETE FROM quote_version",
        "UPDATE quote_line SET unit_cents = 1",
        "UPDATE quote_line SET label = 'autre'",
        "DELETE FROM quote_line",
        "UPDATE quote SET number = 'DE2027-99999'",
    ],
)
@pytest.mark.parametrize("accepted", [False, True])
def test_nothing_of_a_sent_quote_changes(
    session: Session, clinic: House, clock: FixedClock, statement: str, accepted: bool
) -> None:
    version = a_sent_quote(session, ask(session, clinic), clock=clock)
    if accepted:
        accept(session, version, clinic, clock)
    refused(session, statement)


def accept(session: Session, version: object, house: House, clock: FixedClock) -> None:
    quotes.accept_quote(
        session,
        version.quote.ref,  # type: ignore[attr-defined]
        a_signature(house.director),
        version=version.number,  # type: ignore[attr-defined]
        actor=OFFICE,
        clock=clock,
    )


def test_an_answer_given_to_a_quote_is_given(session: Session, clinic: House, clock: FixedClock) -> None:
    accept(session, a_sent_quote(session, ask(session, clinic), clock=clock), clinic, clock)
    assert not [before for before, _ in QUOTE_TRANSITIONS if before is QuoteState.ACCEPTED]
    for state in set(QuoteState) - {QuoteState.ACCEPTED}:
        refused(session, f"UPDATE quote_version SET state = '{state.value}'")
    for change in ("name = 'Quelqu''un d''autre'", "at = at - interval '1 day'", "sha256 = ''", "version_id = 1"):
        refused(session, f"UPDATE acceptance SET {change}")
    refused(session, "DELETE FROM acceptance")


def test_a_line_can_not_be_slipped_into_a_sent_version(session: Session, clinic: House, clock: FixedClock) -> None:
    demand = ask(session, clinic)
    sent = a_sent_quote(session, demand, clock=clock)
    draft = quotes.prepare_quote(session, demand.ref, actor=OFFICE, clock=clock)
    refused(session, f"UPDATE quote_line SET version_id = {sent.id}, position = 2 WHERE version_id = {draft.id}")
    refused(
        session,
        f"INSERT INTO quote_line (version_id, position, label, quantity, unit, unit_cents, net, vat_regime) "
        f"SELECT {sent.id}, 9, label, quantity, unit, unit_cents, net, vat_regime FROM quote_line WHERE version_id = {draft.id}",
    )


@pytest.mark.parametrize(
    "table", ["agreement", "agreement_price", "quote", "quote_version", "quote_line", "acceptance"]
)
def test_the_owner_can_not_empty_what_was_signed(fresh_database, table: str) -> None:
    engine = create_engine(fresh_database.owner_url, poolclass=NullPool)
    with engine.connect() as owner, pytest.raises(DBAPIError, match=r"frozen|written once"):
        owner.execute(text(f"TRUNCATE {table} CASCADE"))
    engine.dispose()
