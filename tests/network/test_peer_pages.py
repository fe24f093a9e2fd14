"""A peer's own pages, and what they never let the association see."""

import io

from sqlalchemy import func, select

from entrepairs.identity.models import OfficeRoleKind
from entrepairs.network.models import Pause, Qualification
from entrepairs.network.rhythm import week_of
from entrepairs.network.rules import weekly_minutes
from entrepairs.network.wishes import choose_themes, exclude_place
from entrepairs.web.peers.forms.moi import ticks_of
from tests.factories.identity import an_office_account
from tests.factories.network import a_commune, a_peer, a_qualification, a_site

PDF = b"%PDF-1.7 essai"


def text_of(answer):
    return answer.get_data(as_text=True)


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
