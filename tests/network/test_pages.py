"""The network's pages: who may open them, what they change, and what they never show."""

import io
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from entrepairs.identity.models import OfficeRoleKind
from entrepairs.identity.sessions import open_session
from entrepairs.kernel.references import new_reference
from entrepairs.network.models import MemberRole, Partner, PartnerMember, Pause, Peer, Qualification
from entrepairs.network.rhythm import week_of
from entrepairs.network.rules import weekly_minutes
from entrepairs.network.wishes import choose_themes, exclude_place
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


@pytest.fixture
def browse(client, session, app, clock):
    """Logs an account in, and gives the browser."""
    app.config["CLOCK"] = clock

    def sign_in(account):
        secret = open_session(session, account, user_agent="tests")
        session.commit()
        with client.session_transaction() as cookie:
            cookie.clear()
            cookie.update({"_user_id": secret, "_fresh": True})
        return client

    yield sign_in
    del app.config["CLOCK"]


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


# --- the peer's own ------------------------------------------------------------------------------------------


def test_a_peer_sets_their_week_by_ticks_and_hours_of_their_own(session, browse):
    peer = a_peer(session, week=False)
    own = {
        "own-0-days": ["0", "2"],
        "own-0-starts": "09:30",
        "own-0-ends": "12:00",
        "own-1-starts": "",
        "own-1-ends": "",
    }
    answer = browse(peer.account).post("/p/disponibilites", data={"parts": ["1_am", "1_pm"], **own})
    assert answer.status_code == 303
    session.expire_all()
    assert [(slot.weekday, slot.starts.hour, slot.ends.hour) for slot in week_of(peer)] == [
        (0, 9, 12),
        (1, 8, 18),
        (2, 9, 12),
    ]
    page = text_of(browse(peer.account).get("/p/disponibilites"))
    assert 'value="1_pm" checked' in page
    assert 'value="09:30"' in page


def test_saving_the_week_as_it_is_shown_changes_no_minute(session, browse):
    from entrepairs.web.peers.forms.moi import ticks_of

    peer = a_peer(session)
    before = weekly_minutes(week_of(peer))
    ticked, rest = ticks_of(week_of(peer))
    data = {"parts": ticked}
    for number, (starts, ends, days) in enumerate(rest):
        data |= {
            f"own-{number}-starts": f"{starts:%H:%M}",
            f"own-{number}-ends": f"{ends:%H:%M}",
            f"own-{number}-days": days,
        }
    assert browse(peer.account).post("/p/disponibilites", data=data).status_code == 303
    session.expire_all()
    assert weekly_minutes(week_of(peer)) == before == 55 * 60


def test_a_week_that_goes_backwards_is_said_and_nothing_is_lost(session, browse):
    peer = a_peer(session)
    data = {"own-0-days": ["0"], "own-0-starts": "15:00", "own-0-ends": "12:00"}
    answer = browse(peer.account).post("/p/disponibilites", data=data)
    assert answer.status_code == 422
    assert 'value="15:00"' in text_of(answer)
    session.expire_all()
    assert len(week_of(peer)) == 5


def test_a_pause_is_taken_and_ended_in_one_tap_each(session, browse):
    peer = a_peer(session)
    browser = browse(peer.account)
    assert browser.post("/p/pause", data={}).status_code == 303
    assert session.scalar(select(func.count()).select_from(Pause)) == 1
    assert browser.post("/p/pause/fin").status_code == 303
    assert session.scalar(select(func.count()).select_from(Pause)) == 0


def test_days_away_of_another_cannot_be_given_back(session, browse):
    mine, other = a_peer(session), a_peer(session)
    assert browse(mine.account).post("/p/absences", data={"first": "2027-02-01"}).status_code == 303
    session.expire_all()
    number = mine.absences[0].id
    assert browse(other.account).post(f"/p/absences/{number}/retirer").status_code == 404
    assert browse(mine.account).post(f"/p/absences/{number}/retirer").status_code == 303


def test_terms_out_of_the_law_come_back_with_what_was_typed(session, browse):
    peer = a_peer(session)
    data = {
        "wording": "pair-aidante",
        "commune": "04100 Manosque",
        "radius_km": "50",
        "wished_hours": "20",
        "weekly_max_hours": "60",
        "asks_missions": "yes",
        "languages": ["fr", "lsf"],
    }
    a_commune(session, "04112")
    answer = browse(peer.account).post("/p/profil", data=data)
    assert answer.status_code == 422
    assert "04100 Manosque" in text_of(answer)
    assert browse(peer.account).post("/p/profil", data=data | {"weekly_max_hours": "30"}).status_code == 303
    session.expire_all()
    assert (peer.commune_insee, peer.weekly_max_hours) == ("04112", 30)


def test_a_peer_joins_and_downloads_their_own_paper_only(session, browse):
    peer, other = a_peer(session), a_peer(session)
    number = a_qualification(session, peer).id
    path = f"/p/competences/{number}/justificatif"
    given = {"file": (io.BytesIO(PDF), "certificat.pdf")}
    assert browse(peer.account).post(path, data=given).status_code == 303
    answer = browse(peer.account).get(path)
    assert (answer.data, answer.mimetype) == (PDF, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert browse(other.account).get(path).status_code == 404
    assert browse(other.account).post(path, data={"file": (io.BytesIO(PDF), "x.pdf")}).status_code == 404


def test_a_program_given_as_evidence_is_refused_with_a_sentence(session, browse):
    peer = a_peer(session)
    number = a_qualification(session, peer).id
    given = {"file": (io.BytesIO(b"MZ program"), "certificat.pdf")}
    browse(peer.account).post(f"/p/competences/{number}/justificatif", data=given)
    session.expire_all()
    assert session.get(Qualification, number).file is None


# --- what is never shown --------------------------------------------------------------------------------------


def test_the_office_sees_nothing_of_a_pause_an_absence_or_a_place_not_wished(session, browse, clock):
    peer, site = a_peer(session, first_name="Samira"), a_site(session, name="Service Secret")
    office = an_office_account(session)
    clean = {path: text_of(browse(office).get(path)) for path in (f"/a/equipe/{peer.ref}", "/a/equipe")}
    browser = browse(peer.account)
    browser.post("/p/pause", data={"back_on": "2027-03-01"})
    browser.post("/p/absences", data={"first": "2027-02-01"})
    exclude_place(session, peer.ref, site_ref=site.ref)
    session.commit()
    for path, before in clean.items():
        assert _body(text_of(browse(office).get(path))) == _body(before)


def test_themes_are_for_the_coordination_not_for_who_only_audits(session, browse):
    peer = a_peer(session)
    choose_themes(session, peer.ref, ["street"])
    session.commit()
    path = f"/a/equipe/{peer.ref}"
    assert "La rue" in text_of(browse(an_office_account(session)).get(path))
    assert "La rue" not in text_of(browse(an_office_account(session, OfficeRoleKind.AUDITOR)).get(path))


def _body(page):
    """The page without what changes at each request (the policy's nonce, the token of forms)."""
    return [line for line in page.splitlines() if "csrf" not in line and "nonce" not in line]


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
