"""The network's pages: who may open them, what they change, and what they never show."""

import io
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from entrepairs.identity.models import OfficeRoleKind
from entrepairs.kernel.references import new_reference
from entrepairs.network.models import MemberRole, Partner, PartnerMember, Peer
from tests.factories.identity import an_office_account
from tests.factories.network import (
    a_commune,
    a_member,
    a_partner,
    a_peer,
    a_public_hospital,
    a_qualification,
    a_referent,
    a_site,
)

EXAMPLES = Path(__file__).parents[2] / "docs" / "guide" / "examples"
PDF = b"%PDF-1.7 essai"


def text_of(answer):
    return answer.get_data(as_text=True)


# --- who may ------------------------------------------------------------------------------------------------

PEER_PAGES = ("moi", "profil", "disponibilites", "absences", "pause", "lieux", "competences", "themes")


@pytest.mark.parametrize("page", PEER_PAGES)
def test_a_peer_s_page_is_theirs_and_unknown_to_others(session, browse, client, page):
    assert client.get(f"/p/{page}").status_code == 303
    assert browse(a_peer(session).account).get(f"/p/{page}").status_code == 200
    assert browse(an_office_account(session)).get(f"/p/{page}").status_code == 404


@pytest.mark.parametrize(
    "page",
    ["structures", "structures/nouvelle", "structures/import", "equipe", "equipe/nouvelle-personne", "equipe/import"],
)
def test_an_office_page_is_the_office_s(session, browse, client, page):
    assert client.get(f"/a/{page}").status_code == 303
    assert browse(an_office_account(session)).get(f"/a/{page}").status_code == 200
    assert browse(a_peer(session).account).get(f"/a/{page}").status_code == 404


def test_who_only_reads_for_the_association_changes_nothing(session, browse):
    auditor = browse(an_office_account(session, OfficeRoleKind.AUDITOR))
    assert auditor.get("/a/structures").status_code == 200
    assert auditor.get("/a/structures/nouvelle").status_code == 403
    peer = a_peer(session)
    assert auditor.get(f"/a/equipe/{peer.ref}").status_code == 200


@pytest.mark.parametrize(
    "path", ["/s/lieux/{}", "/s/lieux/{}/modifier", "/s/lieux/{}/accueil", "/s/lieux/{}/interlocuteur"]
)
def test_the_service_of_another_structure_is_as_good_as_absent(session, browse, path):
    partner = a_partner(session)
    admin = browse(a_member(session, partner, MemberRole.ADMIN))
    assert admin.get(path.format(a_site(session, partner).ref)).status_code == 200
    assert admin.get(path.format(a_site(session).ref)).status_code == 404
    assert admin.get(path.format(new_reference("LIEU"))).status_code == 404


def test_a_member_of_another_structure_is_as_good_as_absent(session, browse):
    partner, other = a_partner(session), a_partner(session)
    stranger = a_member(session, other)
    admin = browse(a_member(session, partner, MemberRole.ADMIN))
    assert admin.get(f"/s/equipe/{stranger.ref}").status_code == 404
    assert admin.post(f"/s/equipe/{stranger.ref}/retirer").status_code == 404


def test_absent_structures_and_people_are_not_found(session, browse):
    office = browse(an_office_account(session))
    for path in ("structures", "equipe", "lieux"):
        assert office.get(f"/a/{path}/{new_reference('STR')}").status_code == 404


# --- structures ----------------------------------------------------------------------------------------------


def test_the_office_registers_a_structure_and_reads_its_page(session, browse):
    office = browse(an_office_account(session))
    data = {"name": "EPSM Neuf", "kind": "public_hospital", "payer_kind": "public_hospital", "siret": "26130999100014"}
    answer = office.post("/a/structures/nouvelle", data=data)
    assert answer.status_code == 303
    partner = session.scalars(select(Partner).where(Partner.name == "EPSM Neuf")).one()
    assert partner.ref in answer.location
    assert "EPSM Neuf" in text_of(office.get(answer.location))
    again = office.post("/a/structures/nouvelle", data=data | {"name": "Double"})
    assert again.status_code == 422
    assert "EPSM Neuf a déjà ce numéro SIRET" in text_of(again)


def test_the_two_empty_texts_of_a_list_are_not_the_same(session, browse):
    office = browse(an_office_account(session))
    assert "Aucune structure pour le moment" in text_of(office.get("/a/structures"))
    assert "Aucune structure pour le moment" not in text_of(office.get("/a/structures?q=zzz"))
    assert "Personne dans l’équipe pour le moment" in text_of(office.get("/a/equipe"))


def test_a_ward_names_who_welcomes_and_writes_its_page(session, browse):
    partner = a_partner(session)
    site = a_site(session, partner)
    ward = browse(a_member(session, partner, MemberRole.REQUESTER))
    named = ward.post(f"/s/lieux/{site.ref}/interlocuteur", data={"name": "Nora Accueil", "function": "Cadre"})
    assert named.status_code == 303
    assert ward.post(f"/s/lieux/{site.ref}/accueil", data={"meal": "Au self, à 12 h"}).status_code == 303
    page = text_of(ward.get(f"/s/lieux/{site.ref}"))
    assert "Nora Accueil" in page
    assert "Au self" in page
    assert ward.get(f"/s/lieux/{site.ref}/modifier").status_code == 403
    refused = ward.post(f"/s/lieux/{site.ref}/accueil", data={"peer_does": "Voir 1 85 05 13 055 123 42"})
    assert refused.status_code == 422
    assert "1 85 05 13 055 123 42" in text_of(refused)


def test_who_manages_the_team_invites_changes_and_takes_out(session, browse):
    hospital = a_public_hospital(session)
    me = a_member(session, hospital, MemberRole.ADMIN)
    admin = browse(me)
    invitation = {"email": "neuf@hopital.example", "name": "Nouvelle", "roles": ["signatory"]}
    refused = admin.post("/s/equipe/inviter", data=invitation)
    assert refused.status_code == 422
    assert "délégation" in text_of(refused)
    assert admin.post("/s/equipe/inviter", data=invitation | {"delegation": "DEC-1"}).status_code == 303
    colleague = session.scalars(select(PartnerMember).where(PartnerMember.account_id != me.id)).unique().one().account
    path = f"/s/equipe/{colleague.ref}"
    assert admin.post(path, data={"roles": ["requester", "admin"]}).status_code == 303
    assert admin.post(f"{path}/retirer").status_code == 303
    assert admin.post(f"/s/equipe/{me.ref}/retirer", follow_redirects=True).status_code == 200
    assert session.scalar(select(func.count()).select_from(PartnerMember)) == 1


def test_a_right_taken_away_is_gone_at_the_next_page(session, browse):
    partner = a_partner(session)
    colleague = a_member(session, partner, MemberRole.REQUESTER)
    a_member(session, partner, MemberRole.ADMIN)
    browser = browse(colleague)
    assert browser.get("/s/equipe").status_code == 200
    session.query(PartnerMember).filter_by(account_id=colleague.id).delete()
    session.commit()
    assert browser.get("/s/equipe").status_code == 404


def test_only_who_manages_the_team_may_invite(session, browse):
    partner = a_partner(session)
    assert browse(a_member(session, partner, MemberRole.ACCOUNTANT)).get("/s/equipe/inviter").status_code == 403


# --- people, for the office ------------------------------------------------------------------------------------


def test_the_office_welcomes_somebody_and_writes_qualification_and_check(session, browse):
    a_commune(session, "04112")
    office = browse(an_office_account(session))
    data = {
        "first_name": "Inès",
        "last_name": "Baro",
        "email": "ines@exemple.example",
        "employment": "employee",
        "commune": "Manosque",
        "joined_on": "2027-01-11",
    }
    assert office.post("/a/equipe/nouvelle-personne", data=data).status_code == 303
    peer = session.scalars(select(Peer)).unique().one()
    written = {"kind": "wrap_facilitator", "since": "2027-01-01", "file": (io.BytesIO(PDF), "wrap.pdf")}
    assert office.post(f"/a/equipe/{peer.ref}/qualifications", data=written).status_code == 303
    check = {"checked": "contract", "checked_on": "2027-01-11"}
    assert office.post(f"/a/equipe/{peer.ref}/verifications", data=check).status_code == 303
    late = office.post(f"/a/equipe/{peer.ref}/verifications", data=check | {"checked_on": "2027-02-11"})
    assert late.status_code == 422
    session.expire_all()
    number = peer.qualifications[0].id
    paper = office.get(f"/a/equipe/{peer.ref}/qualifications/{number}/justificatif")
    assert paper.data == PDF
    other = a_peer(session)
    session.commit()
    assert office.get(f"/a/equipe/{other.ref}/qualifications/{number}/justificatif").status_code == 404


def test_a_qualification_to_renew_is_said_at_the_head_of_the_list(session, browse):
    peer = a_peer(session, first_name="Anne")
    a_qualification(session, peer, last_day=date(2027, 2, 1))
    page = text_of(browse(an_office_account(session)).get("/a/equipe?a_renouveler=1"))
    assert "à renouveler dans les trois mois" in page
    assert "Anne" in page


# --- imports ---------------------------------------------------------------------------------------------------


def packed_in(page):
    return page.split('name="packed" value="')[1].split('"')[0]


def test_a_file_is_looked_at_then_imported(session, browse):
    office = browse(an_office_account(session))
    given = {"file": (io.BytesIO((EXAMPLES / "structures.csv").read_bytes()), "structures.csv")}
    look = office.post("/a/structures/import", data=given)
    assert look.status_code == 200
    assert "6 en plus" in text_of(look)
    assert session.scalar(select(func.count()).select_from(Partner)) == 0
    done = office.post("/a/structures/import", data={"packed": packed_in(text_of(look)), "confirm": "1"})
    assert done.status_code == 303
    assert session.scalar(select(func.count()).select_from(Partner)) == 6


def test_the_lines_to_mend_are_shown_and_downloaded(session, browse):
    office = browse(an_office_account(session))
    wrong = (EXAMPLES / "pairs.csv").read_bytes().replace("salariée".encode(), b"=cmd")
    look = office.post("/a/equipe/import", data={"file": (io.BytesIO(wrong), "pairs.csv")})
    assert look.status_code == 422
    assert "Une ligne est à revoir" in text_of(look)
    errors = office.post("/a/equipe/import", data={"packed": packed_in(text_of(look)), "errors": "1"})
    assert errors.headers["Content-Disposition"].startswith("attachment")
    assert "'=cmd" in errors.data.decode("utf-8-sig")
    assert session.scalar(select(func.count()).select_from(Peer)) == 0


@pytest.mark.parametrize("packed", ["not base64", "eJw=", ""])
def test_a_file_lost_between_the_two_pages_is_asked_for_again(session, browse, packed):
    office = browse(an_office_account(session))
    assert office.post("/a/structures/import", data={"packed": packed, "confirm": "1"}).status_code == 422


def test_a_referent_who_left_is_not_shown_as_welcoming(session, browse):
    partner = a_partner(session)
    site = a_site(session, partner)
    a_referent(session, site, name="Partie Hier", until=date(2027, 1, 11))
    page = text_of(browse(a_member(session, partner)).get(f"/s/lieux/{site.ref}"))
    assert "Partie Hier" not in page


def test_a_file_too_long_for_a_page_is_sent_to_the_command_line(session, browse):
    long = b"nom;type\n" + b"A;clinique\n" * 1002
    answer = browse(an_office_account(session)).post("/a/structures/import", data={"file": (io.BytesIO(long), "a.csv")})
    assert answer.status_code == 422
    assert "entrepairs import" in text_of(answer)
