"""A quote that comes back signed on paper: the scan, the day and who signed are kept, frozen like a signature online."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from entrepairs.contracting import agreements, quotes
from entrepairs.contracting.models import Acceptance, Agreement, AgreementPrice, QuoteVersion
from entrepairs.contracting.signatures import PaperSignature
from entrepairs.contracting.states import QuoteState
from entrepairs.demands.states import DemandState
from entrepairs.documents.storing import read_file
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import DomainError
from entrepairs.outbox.models import ItemState, OutboxItem
from tests.contracting.conftest import Enter, House, ask
from tests.contracting.reading import page_of
from tests.factories.billing import OFFICE
from tests.factories.contracting import a_sent_quote, a_signature, an_active_agreement, terms

pytestmark = pytest.mark.usefixtures("standing_clock")
SCAN = b"%PDF-1.7 signed by hand"


def a_paper(clock: FixedClock, **given: Any) -> PaperSignature:
    values = {"name": " Hélène  Faure ", "function": "Directrice", "signed_on": clock.today(), "scan": SCAN}
    return PaperSignature(**(values | given))


def recorded(session: Session, version: QuoteVersion, paper: PaperSignature, clock: FixedClock) -> QuoteVersion:
    return quotes.accept_on_paper(session, version.quote.ref, paper, version=version.number, actor=OFFICE, clock=clock)


def refused(work: Any) -> str:
    with pytest.raises(DomainError) as refusal:
        work()
    return refusal.value.code


def test_a_paper_makes_the_demand_firm_and_keeps_who_when_and_the_scan(
    session: Session, clinic: House, clock: FixedClock
) -> None:
    demand = ask(session, clinic)
    version = a_sent_quote(session, demand, clock=clock)
    clock.advance(timedelta(days=5))
    recorded(session, version, a_paper(clock, signed_on=date(2027, 1, 13)), clock)
    assert (version.state, demand.state) == (QuoteState.ACCEPTED, DemandState.CONFIRMED)
    kept = session.scalars(select(Acceptance)).one()
    assert (kept.name, kept.signed_on, kept.recorded_by, kept.ip) == (
        "Hélène Faure",
        date(2027, 1, 13),
        OFFICE.label,
        "",
    )
    assert version.file is not None
    assert kept.sha256 == version.file.sha256, "the fingerprint of the paper that was sent"
    assert kept.paper is not None
    assert read_file(session, kept.paper.id) == SCAN
    assert kept.paper.kept_until == date(2037, 1, 13)
    expiry = session.scalars(select(OutboxItem).where(OutboxItem.kind == "contracting.expire_quote")).one()
    assert expiry.state is ItemState.DONE


def test_a_public_buyer_is_still_asked_for_its_number(session: Session, hospital: House, clock: FixedClock) -> None:
    demand = ask(session, hospital)
    recorded(session, a_sent_quote(session, demand, clock=clock), a_paper(clock), clock)
    assert demand.state is DemandState.AWAITING_ENGAGEMENT


def test_a_paper_signed_in_time_counts_when_it_comes_late(session: Session, clinic: House, clock: FixedClock) -> None:
    demand = ask(session, clinic)
    version = a_sent_quote(session, demand, clock=clock)
    signed = clock.today() + timedelta(days=2)
    late = FixedClock(clock.now() + timedelta(days=40))
    quotes.expire_quote(session, version.quote.ref, {"version": version.number}, clock=late)
    assert version.state is QuoteState.EXPIRED
    recorded(session, version, a_paper(late, signed_on=signed), late)
    assert (version.state, demand.state) == (QuoteState.ACCEPTED, DemandState.CONFIRMED)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"signed_on": date(2027, 1, 12)}, "signed_in_future"),
        ({"signed_on": date(2027, 1, 10)}, "signed_before_sent"),
        ({"name": " "}, "signature_incomplete"),
        ({"function": ""}, "signature_incomplete"),
        ({"name": "²"}, "name_unread"),
        ({"function": "…"}, "function_unread"),
        ({"scan": b""}, "file_empty"),
        ({"scan": b"GIF89a"}, "file_kind"),
    ],
)
def test_what_can_not_be_is_refused_and_nothing_is_kept(
    session: Session, clinic: House, clock: FixedClock, given: dict[str, Any], code: str
) -> None:
    version = a_sent_quote(session, ask(session, clinic), clock=clock)
    assert refused(lambda: recorded(session, version, a_paper(clock, **given), clock)) == code
    assert version.state is QuoteState.SENT
    assert session.scalars(select(Acceptance)).all() == []


def test_a_paper_signed_after_the_last_day_needs_another_version(
    session: Session, clinic: House, clock: FixedClock
) -> None:
    version = a_sent_quote(session, ask(session, clinic), clock=clock)
    late = FixedClock(clock.now() + timedelta(days=40))
    paper = a_paper(late, signed_on=version.valid_until + timedelta(days=1))
    assert refused(lambda: recorded(session, version, paper, late)) == "signed_too_late"


def test_only_the_latest_version_and_only_without_an_answer(session: Session, clinic: House, clock: FixedClock) -> None:
    demand = ask(session, clinic)
    first = a_sent_quote(session, demand, clock=clock)
    second = a_sent_quote(session, demand, clock=clock)
    assert refused(lambda: recorded(session, first, a_paper(clock), clock)) == "quote_replaced"
    quotes.accept_quote(
        session, second.quote.ref, a_signature(clinic.director), version=second.number, actor=OFFICE, clock=clock
    )
    assert refused(lambda: recorded(session, second, a_paper(clock), clock)) == "quote_not_open"


@pytest.mark.parametrize(
    "change", ["name = 'Autre'", "signed_on = signed_on - 1", "paper_file_id = NULL", "recorded_by = ''"]
)
def test_the_record_of_a_paper_is_frozen(session: Session, clinic: House, clock: FixedClock, change: str) -> None:
    recorded(session, a_sent_quote(session, ask(session, clinic), clock=clock), a_paper(clock), clock)
    session.flush()
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text(f"UPDATE acceptance SET {change}"))


# --- pages -------------------------------------------------------------------------------------------------


def post(office: FlaskClient, ref: str, version: int = 1, **given: Any) -> Any:
    data = {
        "version": str(version),
        "name": "Hélène Faure",
        "function": "Directrice",
        "signed_on": "2027-01-11",
        "file": (BytesIO(SCAN), "Devis signé.pdf"),
    }
    return office.post(f"/a/demandes/{ref}/devis/papier", data=data | given)


def test_the_office_records_a_paper_from_the_quotes_page_and_both_sides_find_the_scan(
    session: Session, clinic: House, office: FlaskClient, enter: Enter, clock: FixedClock
) -> None:
    demand = ask(session, clinic)
    version = a_sent_quote(session, demand, clock=clock)
    session.commit()
    assert "Il est revenu signé sur papier" in page_of(office, f"/a/demandes/{demand.ref}/devis")
    assert post(office, demand.ref).location == f"/a/demandes/{demand.ref}"
    html = page_of(office, f"/a/demandes/{demand.ref}/devis")
    assert "Signé sur papier le 11 janvier 2027 par Hélène Faure, Directrice." in html
    assert "Il est revenu signé sur papier" not in html
    scan = f"/devis/{version.quote.ref}/v1/signe"
    answer = office.get(f"/a{scan}")
    assert (answer.data, answer.headers["Content-Disposition"][:10]) == (SCAN, "attachment")
    partner = enter(clinic.manager)
    assert f"/s{scan}" in page_of(partner, f"/s/devis/{version.quote.ref}")
    assert partner.get(f"/s{scan}").data == SCAN


def test_what_is_missing_comes_back_on_the_form_with_the_lines(
    session: Session, clinic: House, office: FlaskClient, clock: FixedClock
) -> None:
    demand = ask(session, clinic)
    a_sent_quote(session, demand, clock=clock)
    session.commit()
    for given, said in (
        ({"file": (BytesIO(b""), "")}, "Joignez le scan"),
        ({"file": (BytesIO(b"GIF89a"), "photo.gif")}, "ni un PDF ni une image"),
        ({"signed_on": "2027-02-01"}, "après aujourd"),
        ({"function": ""}, "Donnez sa fonction"),
    ):
        answer = post(office, demand.ref, **given)
        assert answer.status_code == 422, said
        assert said in answer.text.replace("\u00a0", " ")
        assert 'name="lines-0-price"' in answer.text
    session.expire_all()
    assert session.scalars(select(QuoteVersion)).one().state is QuoteState.SENT


def test_another_structure_does_not_find_the_scan(
    session: Session, clinic: House, hospital: House, enter: Enter, clock: FixedClock
) -> None:
    version = a_sent_quote(session, ask(session, clinic), clock=clock)
    recorded(session, version, a_paper(clock), clock)
    session.commit()
    assert enter(hospital.manager).get(f"/s/devis/{version.quote.ref}/v1/signe").status_code == 404


# --- a draft of agreement thrown away ----------------------------------------------------------------------


def test_a_draft_is_thrown_away_with_its_prices_and_a_line_stays_in_the_trail(
    session: Session, clinic: House, office: FlaskClient, clock: FixedClock
) -> None:
    draft = agreements.draft_agreement(session, clinic.partner.ref, terms(clinic.group), actor=OFFICE, clock=clock)
    ref = draft.ref
    session.commit()
    assert "Abandonner le brouillon" in page_of(office, f"/a/conventions/{ref}")
    assert office.post(f"/a/conventions/{ref}/abandonner").location == "/a/conventions"
    session.expire_all()
    assert session.scalars(select(Agreement)).all() == []
    assert session.scalars(select(AgreementPrice)).all() == []
    trace = text("SELECT count(*) FROM audit_entry WHERE action = 'agreement.discard' AND subject_ref = :ref")
    assert session.execute(trace, {"ref": ref}).scalar_one() == 1
    assert office.get(f"/a/conventions/{ref}").status_code == 404


def test_what_was_sent_is_never_thrown_away(
    session: Session, clinic: House, office: FlaskClient, clock: FixedClock
) -> None:
    active = an_active_agreement(session, clinic.partner, clinic.group, clock=clock)
    session.commit()
    assert "Abandonner le brouillon" not in page_of(office, f"/a/conventions/{active.ref}")
    assert office.post(f"/a/conventions/{active.ref}/abandonner").status_code == 409
    session.expire_all()
    assert session.scalars(select(Agreement)).one().ref == active.ref
