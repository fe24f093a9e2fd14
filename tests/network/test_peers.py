"""Peers, their terms, their rhythm, their wishes and their papers."""

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select

from entrepairs.audit.models import AuditEntry
from entrepairs.documents.storing import read_file
from entrepairs.identity.accounts import find_account
from entrepairs.kernel.clock import PARIS
from entrepairs.kernel.dates import Period, at_paris
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.messages.models import Message
from entrepairs.network.evidence import LARGEST, Evidence
from entrepairs.network.models import ClearanceKind, Employment, Exclusion
from entrepairs.network.peers import PeerSheet, PeerTerms, edit_terms, register_peer, terms_of
from entrepairs.network.qualifications import held_by, record_clearance, record_qualification, remove_qualification
from entrepairs.network.rhythm import (
    current_pause,
    declare_absence,
    end_pause,
    remove_absence,
    set_weekly_availability,
    take_pause,
    week_of,
)
from entrepairs.network.rules import WeeklySlot, away
from entrepairs.network.wishes import choose_themes, exclude_place, lift_exclusion
from tests.factories.identity import an_account
from tests.factories.network import a_commune, a_peer, a_site

PDF = b"%PDF-1.7 essai"
PNG = b"\x89PNG\r\n\x1a\n essai"


@pytest.fixture
def by(clock, office):
    return {"clock": clock, "actor": office}


def a_sheet(**terms):
    return PeerSheet(
        email="samira@example.org",
        first_name="Samira",
        last_name="Amrani",
        employment=Employment.EMPLOYEE,
        joined_on=date(2027, 1, 4),
        terms=PeerTerms(**{"commune_insee": "04112", **terms}),
    )


def test_registering_a_peer_opens_an_account_and_sends_the_invitation(session, by):
    a_commune(session, "04112")
    peer = register_peer(session, a_sheet(languages=frozenset({"fr", "ar"})), **by)
    assert peer.account.name == "Samira Amrani"
    assert {row.language for row in peer.languages} == {"fr", "ar"}
    assert session.scalars(select(Message.kind).where(Message.to_ref == peer.account.ref)).all() == [
        "identity.invitation"
    ]
    with pytest.raises(Conflict) as refusal:
        register_peer(session, a_sheet(), **by)
    assert refusal.value.code == "peer_known"


def test_somebody_with_an_account_becomes_a_peer_on_it(session, by):
    a_commune(session, "04112")
    account = an_account(session, email="SAMIRA@example.org")
    assert register_peer(session, a_sheet(), **by).account_id == account.id
    assert find_account(session, "samira@example.org") is account


def test_terms_are_changed_freely_within_the_law(session, by):
    peer = a_peer(session)
    terms = PeerTerms(commune_insee="13055", wished_hours=0, weekly_max_hours=48, languages=frozenset({"lsf"}))
    assert terms_of(edit_terms(session, peer.ref, terms, **by)) == terms
    for wrong, field in (({"weekly_max_hours": 49}, "weekly_max_hours"), ({"radius_km": -1}, "radius_km")):
        with pytest.raises(InvalidInput) as refusal:
            edit_terms(session, peer.ref, PeerTerms(commune_insee="13055", **wrong), **by)
        assert refusal.value.field == field


def test_the_usual_week_is_replaced_whole_and_its_slots_joined(session):
    peer = a_peer(session)
    morning, noon = WeeklySlot(0, time(9), time(12)), WeeklySlot(0, time(12), time(14))
    assert set_weekly_availability(session, peer.ref, [noon, morning]) == (WeeklySlot(0, time(9), time(14)),)
    assert week_of(peer) == (WeeklySlot(0, time(9), time(14)),)
    assert set_weekly_availability(session, peer.ref, []) == ()


def test_days_away_are_whole_days_in_paris_and_join_those_they_touch(session, clock):
    peer = a_peer(session)
    declare_absence(session, peer.ref, date(2027, 3, 26), date(2027, 3, 28), clock=clock)
    absence = declare_absence(session, peer.ref, date(2027, 3, 29), date(2027, 3, 30), clock=clock)
    assert len(peer.absences) == 1
    assert absence.during.lower == datetime(2027, 3, 26, tzinfo=PARIS)
    assert absence.during.upper == datetime(2027, 3, 31, tzinfo=PARIS)
    last_evening = Period(at_paris(date(2027, 3, 30), time(22)), at_paris(date(2027, 3, 30), time(23)))
    assert away([Period(absence.during.lower, absence.during.upper)], last_evening)
    remove_absence(session, peer.ref, absence.id)
    assert peer.absences == []


def test_nobody_takes_back_the_days_of_another(session, clock):
    mine, other = a_peer(session), a_peer(session)
    absence = declare_absence(session, mine.ref, clock.today(), clock.today(), clock=clock)
    with pytest.raises(NotFound):
        remove_absence(session, other.ref, absence.id)


def test_days_that_are_over_are_not_declared(session, clock):
    with pytest.raises(InvalidInput):
        declare_absence(session, a_peer(session).ref, date(2027, 1, 4), date(2027, 1, 5), clock=clock)


def test_a_pause_starts_and_ends_at_will(session, clock):
    peer = a_peer(session)
    take_pause(session, peer.ref, clock=clock)
    assert current_pause(peer, clock.today())
    take_pause(session, peer.ref, back_on=date(2027, 2, 1), clock=clock)
    assert len(peer.pauses) == 1
    clock.advance(timedelta(days=3))
    end_pause(session, peer.ref, clock=clock)
    assert current_pause(peer, clock.today()) is None
    end_pause(session, peer.ref, clock=clock)


def test_what_a_peer_keeps_to_themselves_leaves_no_line_in_the_trail(session, clock):
    peer, site = a_peer(session), a_site(session)
    before = session.scalar(select(func.count()).select_from(AuditEntry))
    take_pause(session, peer.ref, clock=clock)
    declare_absence(session, peer.ref, clock.today(), clock.today(), clock=clock)
    exclude_place(session, peer.ref, site_ref=site.ref)
    choose_themes(session, peer.ref, ["street"])
    session.flush()
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == before


def test_a_place_is_excluded_once_and_lifted_by_the_same_person_only(session):
    peer, other, site = a_peer(session), a_peer(session), a_site(session)
    exclusion = exclude_place(session, peer.ref, site_ref=site.ref)
    assert exclude_place(session, peer.ref, site_ref=site.ref) is exclusion
    exclude_place(session, peer.ref, partner_ref=site.partner.ref)
    with pytest.raises(NotFound):
        lift_exclusion(session, other.ref, exclusion.id)
    lift_exclusion(session, peer.ref, exclusion.id)
    assert [row.partner_id for row in peer.exclusions] == [site.partner_id]


def test_an_exclusion_has_no_room_for_a_reason():
    assert set(Exclusion.__table__.columns.keys()) == {"id", "peer_id", "site_id", "partner_id"}


def test_themes_are_opt_in_and_taken_back(session):
    peer = a_peer(session)
    choose_themes(session, peer.ref, ["street", "work"])
    choose_themes(session, peer.ref, ["work"])
    assert [row.theme for row in peer.themes] == ["work"]
    with pytest.raises(InvalidInput):
        choose_themes(session, peer.ref, ["schizophrenia"])


def test_a_qualification_keeps_its_evidence_named_after_what_it_is(session, by):
    peer = a_peer(session)
    row = record_qualification(
        session,
        peer.ref,
        "wrap_facilitator",
        since=date(2027, 1, 1),
        last_day=date(2027, 12, 31),
        evidence=Evidence("C:\\dossiers\\certificat <WRAP>.exe", PDF),
        **by,
    )
    assert (row.file.media, row.file.filename) == ("application/pdf", "certificat WRAP.pdf")
    assert read_file(session, row.file.id) == PDF
    (held,) = held_by(peer)
    assert held.on(date(2027, 12, 31))
    assert not held.on(date(2028, 1, 1))
    remove_qualification(session, peer.ref, row.id, **by)
    assert held_by(peer) == ()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"MZ\x90 a program named certificat.pdf", "file_kind"),
        (b"<svg onload=alert(1)>", "file_kind"),
        (PNG + b"0" * LARGEST, "file_too_large"),
    ],
)
def test_evidence_is_judged_by_its_content(content, code):
    with pytest.raises(InvalidInput) as refusal:
        Evidence("certificat.pdf", content).read()
    assert refusal.value.code == code


def test_a_checked_paper_says_by_whom_and_until_when(session, by):
    peer = a_peer(session, cleared=False)
    row = record_clearance(
        session,
        peer.ref,
        ClearanceKind.INCAPACITY_CHECK,
        checked_on=date(2027, 1, 5),
        valid_until=date(2028, 1, 4),
        **by,
    )
    assert row.checked_by == "Claire, coordination"
    with pytest.raises(InvalidInput):
        record_clearance(session, peer.ref, ClearanceKind.CONTRACT, checked_on=date(2027, 2, 1), **by)
