"""Structures, their services, their welcomers and their members."""

from datetime import date

import pytest
from sqlalchemy import select

from entrepairs.audit.models import AuditEntry
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.messages.models import Message
from entrepairs.network.members import Rights, change_member, invite_member, remove_member
from entrepairs.network.models import MemberRole, PartnerKind, PartnerMember, PayerKind
from entrepairs.network.partners import PartnerSheet, edit_partner, register_partner, sheet_of, usual_payer
from entrepairs.network.sites import (
    SiteSheet,
    WelcomePage,
    Welcomer,
    add_site,
    edit_site,
    end_referent,
    name_referent,
    site_sheet_of,
    write_site_card,
)
from tests.factories.network import a_commune, a_member, a_partner, a_public_hospital, a_site

SHEET = PartnerSheet(name="Clinique du Port", kind=PartnerKind.PRIVATE_CLINIC, payer_kind=PayerKind.PRIVATE)


@pytest.fixture
def by(clock, office):
    return {"clock": clock, "actor": office}


def test_a_structure_is_registered_with_its_numbers_read_as_people_type_them(session, by):
    sheet = PartnerSheet(
        name="  EPSM   de la Durance ",
        kind=PartnerKind.PUBLIC_HOSPITAL,
        payer_kind=PayerKind.PUBLIC_HOSPITAL,
        siret="261 309 991 00014",
        finess="13 099 9901",
        phone="04 42 00 00 01",
    )
    partner = register_partner(session, sheet, **by)
    assert (partner.name, partner.siret, partner.finess) == ("EPSM de la Durance", "26130999100014", "130999901")
    assert partner.phone == "+33442000001"
    assert partner.ref.startswith("STR-")


def test_the_same_siret_twice_is_refused_with_the_name_of_who_has_it(session, by):
    known = register_partner(session, PartnerSheet(**{**_fields(SHEET), "siret": "90000001900019"}), **by)
    with pytest.raises(Conflict) as refusal:
        register_partner(session, PartnerSheet(**{**_fields(SHEET), "siret": "900 000 019 00019"}), **by)
    assert (refusal.value.code, refusal.value.field) == ("siret_known", "siret")
    assert refusal.value.params == {"name": known.name}


def test_a_structure_may_keep_its_own_siret_when_edited_and_only_changes_are_written_down(session, by):
    partner = register_partner(session, PartnerSheet(**{**_fields(SHEET), "siret": "90000001900019"}), **by)
    edit_partner(session, partner.ref, sheet_of(partner), **by)
    edit_partner(session, partner.ref, PartnerSheet(**{**_fields(sheet_of(partner)), "town": "Toulon"}), **by)
    edits = session.scalars(select(AuditEntry).where(AuditEntry.action == "partner.edit")).all()
    assert [entry.data for entry in edits] == [{"fields": ["town"]}]


def test_a_service_code_asked_for_must_be_given(session, by):
    with pytest.raises(InvalidInput) as refusal:
        register_partner(session, PartnerSheet(**{**_fields(SHEET), "requires_service_code": True}), **by)
    assert refusal.value.field == "service_code"


def test_who_pays_nothing_only_refers(session, by):
    sheet = PartnerSheet(name="GEM L'Essai", kind=PartnerKind.GEM, payer_kind=usual_payer(PartnerKind.GEM))
    assert register_partner(session, sheet, **by).refers_only


def test_a_service_has_a_name_of_its_own_in_its_structure(session, by):
    partner, commune = a_partner(session), a_commune(session)
    site = add_site(session, partner.ref, SiteSheet(name="CMP Nord", commune_insee=commune.insee), **by)
    with pytest.raises(Conflict) as refusal:
        add_site(session, partner.ref, SiteSheet(name="CMP Nord", commune_insee=commune.insee), **by)
    assert refusal.value.code == "site_name_known"
    edited = edit_site(session, site.ref, SiteSheet(**{**_fields(site_sheet_of(site)), "emergency": True}), **by)
    assert edited.emergency


def test_a_commune_outside_the_region_is_refused_kindly(session, by):
    with pytest.raises(InvalidInput) as refusal:
        add_site(session, a_partner(session).ref, SiteSheet(name="CMP", commune_insee="75056"), **by)
    assert refusal.value.field == "commune"


def test_a_new_welcomer_takes_over_and_the_deputy_stands_in_when_they_leave(session, by, clock):
    site = a_site(session)
    name_referent(session, site.ref, Welcomer(name="Nora", function="Cadre"), since=date(2026, 9, 1), **by)
    name_referent(session, site.ref, Welcomer(name="Karim", function="Infirmier", deputy=True), **by)
    ayoub = name_referent(session, site.ref, Welcomer(name="Ayoub", function="Cadre"), **by)
    nora = next(person for person in site.referents if person.name == "Nora")
    assert nora.until == clock.today()
    in_charge = end_referent(session, site.ref, ayoub.id, **by)
    assert in_charge is not None
    assert in_charge.name == "Karim"
    assert end_referent(session, site.ref, in_charge.id, **by) is None


def test_the_welcome_page_takes_professionals_but_no_number_of_a_patient(session, by):
    site = a_site(session)
    page = WelcomePage(with_whom="Avec Mme Fabre, cadre, 04 42 00 00 01", danger_contact="Interne de garde : 15")
    assert write_site_card(session, site.ref, page, **by).danger_contact == "Interne de garde : 15"
    with pytest.raises(InvalidInput) as refusal:
        write_site_card(session, site.ref, WelcomePage(peer_does="Voir 1 85 05 13 055 123 42"), **by)
    assert refusal.value.field == "peer_does"


def test_an_invited_colleague_receives_a_link_and_has_the_rights(session, by):
    partner = a_partner(session)
    rights = Rights(roles=frozenset({MemberRole.REQUESTER, MemberRole.ADMIN}), function="Cadre de santé")
    account = invite_member(session, partner.ref, email="Nadege@Clinique.example", name="Nadège", rights=rights, **by)
    assert {row.role for row in partner.members} == rights.roles
    mails = session.scalars(select(Message).where(Message.to_ref == account.ref)).all()
    assert [mail.kind for mail in mails] == ["identity.invitation"]


def test_somebody_of_another_structure_keeps_one_account(session, by):
    partner, other = a_partner(session), a_partner(session)
    known = a_member(session, other)
    rights = Rights(roles=frozenset({MemberRole.ACCOUNTANT}))
    account = invite_member(session, partner.ref, email=known.email.upper(), name="", rights=rights, **by)
    assert account.id == known.id
    kinds = session.scalars(select(Message.kind).where(Message.to_ref == account.ref)).all()
    assert kinds == ["network.member_added"]
    with pytest.raises(Conflict) as refusal:
        invite_member(session, partner.ref, email=known.email, name="", rights=rights, **by)
    assert refusal.value.code == "member_known"


def test_who_signs_for_a_public_hospital_gives_the_reference_of_the_delegation(session, by):
    hospital = a_public_hospital(session)
    signs = frozenset({MemberRole.SIGNATORY})
    with pytest.raises(InvalidInput) as refusal:
        invite_member(session, hospital.ref, email="d@x.example", name="D", rights=Rights(roles=signs), **by)
    assert refusal.value.field == "delegation"
    rights = Rights(roles=signs, delegation="DEC-2026-14", delegation_since=date(2026, 9, 1))
    invite_member(session, hospital.ref, email="d@x.example", name="D", rights=rights, **by)
    assert hospital.members[0].delegation == "DEC-2026-14"


def test_the_last_one_who_manages_the_team_cannot_leave(session, by):
    partner = a_partner(session)
    admin = a_member(session, partner, MemberRole.ADMIN, MemberRole.REQUESTER)
    for attempt in (
        lambda: remove_member(session, partner.ref, admin.ref, **by),
        lambda: change_member(session, partner.ref, admin.ref, Rights(roles=frozenset({MemberRole.REQUESTER})), **by),
    ):
        with pytest.raises(Conflict) as refusal:
            attempt()
        assert refusal.value.code == "last_admin"
    a_member(session, partner, MemberRole.ADMIN)
    remove_member(session, partner.ref, admin.ref, **by)
    left = session.scalars(select(PartnerMember).where(PartnerMember.account_id == admin.id)).all()
    assert left == []


def test_a_member_of_elsewhere_is_as_good_as_absent(session, by):
    mine, other = a_partner(session), a_partner(session)
    stranger = a_member(session, other, MemberRole.ADMIN)
    with pytest.raises(NotFound):
        remove_member(session, mine.ref, stranger.ref, **by)


def test_changing_rights_keeps_what_is_kept_and_drops_the_rest(session, by):
    partner = a_partner(session)
    person = a_member(session, partner, MemberRole.REQUESTER, MemberRole.ACCOUNTANT)
    rights = Rights(roles=frozenset({MemberRole.ACCOUNTANT, MemberRole.SIGNATORY}), delegation="Statuts art. 12")
    change_member(session, partner.ref, person.ref, rights, **by)
    rows = {row.role: row for row in partner.members}
    assert set(rows) == rights.roles
    assert (rows[MemberRole.SIGNATORY].delegation, rows[MemberRole.ACCOUNTANT].delegation) == ("Statuts art. 12", None)


def _fields(sheet):
    return {name: getattr(sheet, name) for name in type(sheet).__dataclass_fields__}
