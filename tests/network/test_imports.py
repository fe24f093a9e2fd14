"""Files of structures and of peers: our columns, the official ones, and files as they come in real life."""

import csv
import io
from datetime import date, time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import say
from entrepairs.messages.models import Message
from entrepairs.network.importing.partner_landing import import_partners
from entrepairs.network.importing.peer_landing import import_peers
from entrepairs.network.importing.problems import Problem, errors_csv
from entrepairs.network.models import Partner, PartnerKind, PayerKind, Peer, Site
from entrepairs.network.rhythm import week_of
from entrepairs.network.rules import WeeklySlot

EXAMPLES = Path(__file__).parents[2] / "docs" / "guide" / "examples"
STRUCTURES = (EXAMPLES / "structures.csv").read_bytes()
FINESS = (EXAMPLES / "finess-extrait.csv").read_bytes()
PEERS = (EXAMPLES / "pairs.csv").read_bytes()


@pytest.fixture
def by(clock, office):
    return {"clock": clock, "actor": office}


def partners(session):
    return {partner.name: partner for partner in session.scalars(select(Partner))}


def test_the_example_of_structures_lands_in_an_empty_database(session, by):
    outcome = import_partners(session, STRUCTURES, **by)
    assert outcome.problems == []
    assert outcome.created == {"partners": 6, "sites": 6}
    found = partners(session)
    epsm = found["EPSM de la Durance (exemple)"]
    assert (epsm.kind, epsm.payer_kind, epsm.requires_engagement) == (
        PartnerKind.PUBLIC_HOSPITAL,
        PayerKind.PUBLIC_HOSPITAL,
        True,
    )
    sites = {site.name: site for site in epsm.sites}
    assert sites["CMP Les Tamaris"].commune.name == "Manosque"
    assert [person.name for person in sites["CMP Les Tamaris"].referents] == ["Hélène Fabre", "Karim Belaïd"]
    assert sites["Urgences psychiatriques"].emergency
    assert found["GEM La Parenthèse (exemple)"].refers_only


def test_a_second_import_of_the_same_file_changes_nothing(session, by):
    import_partners(session, STRUCTURES, **by)
    again = import_partners(session, STRUCTURES, **by)
    assert (again.problems, again.created, again.updated) == ([], {}, {})
    assert again.unchanged == {"partners": 6, "sites": 6}


def test_a_dry_run_says_everything_and_writes_nothing(session, by):
    outcome = import_partners(session, STRUCTURES, dry_run=True, **by)
    assert outcome.created == {"partners": 6, "sites": 6}
    assert not outcome.written
    assert partners(session) == {}


def test_one_wrong_cell_stops_the_whole_file_and_says_where(session, by):
    wrong = STRUCTURES.replace(b"90000002700012", b"90000002700013").replace(b"83000;Toulon", b"8300;Toulon")
    outcome = import_partners(session, wrong, **by)
    assert partners(session) == {}
    assert [(problem.line, problem.column, problem.value) for problem in outcome.problems] == [
        (5, "siret", "90000002700013")
    ]


def test_all_the_mistakes_are_told_at_once(session, by):
    text = "nom;type;siret;service;service_commune\nA;clinique;123;;\nB;vaisseau;;;\nC;GEM;;Accueil;Paris\n"
    outcome = import_partners(session, text.encode(), **by)
    assert [(problem.line, problem.column) for problem in outcome.problems] == [
        (3, "type"),
        (2, "siret"),
        (4, "service_commune"),
    ]


def test_an_unknown_column_is_a_problem_since_what_it_holds_would_be_lost(session, by):
    outcome = import_partners(session, b"nom;type;cde_service\nA;clinique;X\n", **by)
    assert [(problem.line, problem.column) for problem in outcome.problems] == [(1, "cde_service")]


def test_a_spreadsheet_in_the_old_encoding_with_commas_and_capitals_is_read(session, by):
    text = 'NOM,Type,"Code Postal",Ville\n"Clinique de l’Étoile, Sud",Clinique privée,13009,MARSEILLE\n'
    outcome = import_partners(session, text.encode("cp1252"), **by)
    assert outcome.problems == []
    assert "Clinique de l’Étoile, Sud" in partners(session)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04\x00\x00"])
def test_what_is_no_csv_is_said_to_be_none(session, by, content):
    with pytest.raises(InvalidInput):
        import_partners(session, content, **by)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"nom;type\n", "There is nothing under this header. Add a line for each."),
        (b"nom;type\n;\n  ; \n", "There is nothing under this header. Add a line for each."),
        (b"nom;type\n" + b"x" * 200_000 + b";clinique\n", "This text is too long."),
    ],
    ids=["header", "blank lines", "endless cell"],
)
def test_a_file_with_nothing_to_read_says_so(session, by, content, told):
    outcome = import_partners(session, content, **by)
    assert [problem.sentence.msgid for problem in outcome.problems] == [told]


def test_two_lines_of_one_structure_that_disagree_are_told(session, by):
    text = "nom;type;siret;ville\nA;clinique;90000001900019;Toulon\nB;clinique;90000001900019;Toulon\n"
    outcome = import_partners(session, text.encode(), **by)
    assert [(problem.line, problem.column, problem.value) for problem in outcome.problems] == [(3, "nom", "B")]


def test_the_official_extract_gives_legal_entities_and_their_establishments(session, by):
    outcome = import_partners(session, FINESS, **by)
    assert outcome.problems == []
    assert outcome.created == {"partners": 3, "sites": 5}
    assert outcome.skipped == {"category": 1, "elsewhere": 1}
    found = partners(session)
    hospital = found["CENTRE HOSPITALIER SPÉCIALISÉ DU VERDON (EXEMPLE)"]
    assert (hospital.finess, hospital.kind) == ("130999910", PartnerKind.PUBLIC_HOSPITAL)
    assert {(site.finess, site.commune.name) for site in hospital.sites} == {
        ("130999911", "Marseille"),
        ("130999912", "Manosque"),
        ("130999913", "Marseille"),
    }
    assert hospital.address == "118 CHEMIN DE MIMET"
    assert found["CLINIQUE DES MIMOSAS (EXEMPLE)"].kind is PartnerKind.PRIVATE_CLINIC
    assert found["SAMSAH DU RHÔNE (EXEMPLE)"].siret is None
    assert {problem.column for problem in outcome.remarks} == {"rslongue", "siret"}


def test_the_official_extract_is_read_in_utf_8_too_and_a_second_time_changes_nothing(session, by):
    import_partners(session, FINESS, **by)
    again = import_partners(session, FINESS.decode("iso-8859-15").encode(), **by)
    assert again.problems == []
    assert again.unchanged == {"partners": 3, "sites": 5}


def test_a_truncated_official_extract_writes_nothing(session, by):
    outcome = import_partners(session, FINESS[: FINESS.index(b"CMP LES OLIVIERS") + 6], **by)
    assert [problem.line for problem in outcome.problems] == [3]
    assert partners(session) == {}


def test_the_example_of_peers_lands_with_week_qualifications_and_papers(session, by):
    outcome = import_peers(session, PEERS, **by)
    assert outcome.problems == []
    assert outcome.created == {"peers": 5}
    found = {peer.first_name: peer for peer in session.scalars(select(Peer)).unique()}
    paul = found["Paul"]
    assert WeeklySlot(3, time(9), time(18)) in week_of(paul)
    assert {(row.kind, row.valid.lower) for row in paul.qualifications} == {
        ("wrap_facilitator", date(2026, 2, 1)),
        ("etp_40h", date(2025, 11, 20)),
    }
    assert len(paul.clearances) == 3
    assert {row.language for row in found["Samira"].languages} == {"fr", "ar"}
    assert not found["Claire"].asks_missions
    assert session.scalar(select(func.count()).select_from(Message)) == 0


def test_invitations_leave_when_asked_for(session, by):
    import_peers(session, PEERS, invite=True, **by)
    assert session.scalar(select(func.count()).select_from(Message)) == 5


def test_a_second_import_leaves_what_the_person_has_changed(session, by):
    import_peers(session, PEERS, **by)
    paul = session.scalars(select(Peer).where(Peer.first_name == "Paul")).unique().one()
    paul.wished_hours = 10
    again = import_peers(
        session, PEERS.replace(b";06 00 00 00 02;", b";;").replace(b"02/03/2026;lun", b"03/03/2026;lun"), **by
    )
    assert again.problems == []
    assert (again.updated, again.unchanged) == ({"peers": 1}, {"peers": 4})
    assert (paul.wished_hours, paul.joined_on) == (10, date(2026, 3, 3))


def test_peers_are_written_all_or_none(session, by):
    wrong = PEERS.replace(b"83000;70", b"83000;loin").replace(b"malik.dia@", b"paul.rey@")
    outcome = import_peers(session, wrong, **by)
    assert [(problem.line, problem.column) for problem in outcome.problems] == [(5, "courriel")]
    assert session.scalars(select(Peer)).unique().all() == []
    outcome = import_peers(session, PEERS.replace(b"83000;70", b"83000;loin"), **by)
    assert [(problem.line, problem.column, problem.value) for problem in outcome.problems] == [(5, "rayon_km", "loin")]


def test_progress_is_told_line_by_line(session, by):
    told = []
    import_peers(session, PEERS, dry_run=True, progress=lambda done, total: told.append((done, total)), **by)
    assert told == [(n, 5) for n in range(1, 6)]


def test_the_file_of_errors_cannot_start_a_formula():
    sentence = say("Write « oui » or « non ».")
    problems = [Problem(3, "nom", value, sentence) for value in ("=HYPERLINK(1)", "+33", "-1", "@SUM", "\tx", "bon")]
    rows = list(csv.reader(io.StringIO(errors_csv(problems, lambda s: s.msgid).decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["line", "column", "what is written", "what to do"]
    assert [row[2] for row in rows[1:]] == ["'=HYPERLINK(1)", "'+33", "'-1", "'@SUM", "'\tx", "bon"]


def test_sites_of_a_structure_known_by_hand_are_completed_not_doubled(session, by):
    import_partners(session, STRUCTURES, **by)
    more = STRUCTURES.replace(
        b"CMP Les Tamaris;Manosque;3 rue des Tilleuls", b"CMP Les TAMARIS;Manosque;5 rue des Tilleuls"
    )
    outcome = import_partners(session, more, **by)
    assert outcome.updated == {"sites": 1}
    assert session.scalar(select(func.count()).select_from(Site)) == 6


def test_within_one_file_a_structure_answers_to_its_new_name_and_no_longer_to_the_former(session, by):
    head, numbered = "nom;type;siret;telephone\n", "CSAPA du Port;autre;732 829 320 00074;\n"
    import_partners(session, (head + numbered).encode(), **by)
    renamed = head + numbered.replace("CSAPA du Port", "CSAPA Vauban")
    outcome = import_partners(session, (renamed + "csapa vauban;autre;;0491000001\n").encode(), **by)
    assert (outcome.problems, outcome.updated, outcome.created) == ([], {"partners": 2}, {})
    outcome = import_partners(session, (head + "CSAPA du Port;autre;;0491000002\n").encode(), **by)
    assert outcome.created == {"partners": 1}
    assert {one.phone for one in partners(session).values()} == {"+33491000001", "+33491000002"}
