"""The accounting pages as the office sees them, without JavaScript."""

import csv
import html
import io
import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.identity import sessions
from entrepairs.identity.models import OfficeRoleKind
from entrepairs.kernel.clock import FixedClock
from entrepairs.ledger.chart import ensure_chart
from entrepairs.ledger.fec.checking import check_file
from entrepairs.ledger.models import AccountingYear, Entry, EntryState
from entrepairs.web.office import ledger_closing
from tests.factories.billing import the_association
from tests.factories.identity import an_office_account
from tests.factories.ledger import a_sale_entry, a_transfer_entry


@pytest.fixture(autouse=True)
def _standing_clock(app):
    app.config["CLOCK"] = FixedClock()
    yield
    app.config["CLOCK"] = None


def enter(client: FlaskClient, session: Session, role: OfficeRoleKind) -> FlaskClient:
    secret = sessions.open_session(session, an_office_account(session, role), user_agent="test")
    session.commit()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return client


@pytest.fixture
def admin(client: FlaskClient, session: Session) -> FlaskClient:
    """The books have a year behind them and an invoice that waits."""
    the_association(session)
    ensure_chart(session)
    a_sale_entry(session, 30000, number="FA2026-00001", day=date(2026, 12, 3), due_on=date(2026, 12, 20))
    a_transfer_entry(session, 12000, dedup="part")
    return enter(client, session, OfficeRoleKind.ADMIN)


def text_of(answer) -> str:
    plain = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))))
    return plain.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


def typed(**given: str) -> dict[str, str]:
    said = {"day": "2027-01-11", "journal": "OD", "piece_ref": "HON-7", "label": "Honoraires"}
    lines = {"lines-0-account": "622", "lines-0-debit": "480,00", "lines-1-account": "512", "lines-1-credit": "480"}
    return said | lines | given


def test_each_page_says_where_the_money_is(admin: FlaskClient):
    balance = text_of(admin.get("/a/comptabilite"))
    assert "Du 1er janvier 2027 au 31 décembre 2027 : 120,00 € de chaque côté." in balance
    assert "411 Structures clientes 300,00 € 120,00 € 180,00 €" in balance
    assert "120 Excédent de l'exercice − 300,00 € − 300,00 €" in balance
    assert "7061" in text_of(admin.get("/a/comptabilite?annee=2026&classe=7"))
    assert "Aucun" not in text_of(admin.get("/a/comptabilite?annee=2026&du=2026-12-01&au=2026-12-31"))
    account = text_of(admin.get("/a/comptabilite/compte/411"))
    assert "Avant 300,00 €" in account
    assert "180,00 € à la fin" in account
    entries = text_of(admin.get("/a/comptabilite/journal?annee=2026&journal=VE&q=FA2026"))
    assert "Facture FA2026-00001" in entries
    parties = text_of(admin.get("/a/comptabilite/tiers"))
    assert "Clinique − 120,00 € 300,00 € 180,00 €" in parties  # paid today, due 22 days ago
    assert "300,00 €" in text_of(admin.get("/a/comptabilite/analytique?axe=territory&annee=2026"))


def test_an_entry_is_written_changed_validated_and_reversed(admin: FlaskClient, session: Session):
    assert admin.post("/a/comptabilite/ecriture", data=typed(**{"lines-1-credit": "479"})).status_code == 422
    uneven = admin.post("/a/comptabilite/ecriture", data=typed(**{"lines-1-credit": "478"}))
    assert "ici 480,00 € au débit, 478,00 € au crédit" in text_of(uneven)
    made = admin.post("/a/comptabilite/ecriture", data=typed())
    assert made.status_code == 303
    page = admin.get(made.location)
    ref = re.search(r'name="entry" value="(ECR-[^"]+)"', page.get_data(as_text=True))[1]
    assert "Aucune ligne" in text_of(admin.get("/a/comptabilite/compte/622"))
    form = admin.get(f"/a/comptabilite/brouillard/{ref}")
    assert 'value="480,00"' in form.get_data(as_text=True)
    named = admin.post("/a/comptabilite/ecriture", data=typed(**{"lines-0-axis": "peer", "lines-0-axis_code": "Sam"}))
    assert (named.status_code, "pas un nom" in text_of(named)) == (422, True)
    changed = typed(label="Honoraires du trimestre", **{"lines-0-axis": "territory", "lines-0-axis_code": "13"})
    assert admin.post(f"/a/comptabilite/brouillard/{ref}", data=changed).status_code == 303
    assert "au brouillard" in text_of(admin.get("/a/comptabilite"))
    assert admin.post("/a/comptabilite/brouillard/valider", data={"entry": ref}).status_code == 303
    session.expire_all()
    entry = session.scalars(select(Entry).where(Entry.label == "Honoraires du trimestre")).one()
    assert (entry.state, entry.number) == (EntryState.VALIDATED, 3)
    address = f"/a/comptabilite/ecritures/2027/{entry.number}"
    assert "Honoraires du trimestre" in text_of(admin.get(address))
    assert admin.post(f"{address}/extourner", data={"reason": ""}).status_code == 422
    opposite = admin.post(f"{address}/extourner", data={"reason": "Saisie deux fois"})
    assert "Extourne OD 3 : Saisie deux fois" in text_of(admin.get(opposite.location))


def test_a_draft_is_thrown_away(admin: FlaskClient, session: Session):
    admin.post("/a/comptabilite/ecriture", data=typed())
    ref = session.scalars(select(Entry.dedup_key).where(Entry.state == EntryState.DRAFT)).one().removeprefix("hand:")
    assert admin.post(f"/a/comptabilite/brouillard/{ref}/retirer").status_code == 303
    assert "Rien au brouillard" in text_of(admin.get("/a/comptabilite/brouillard"))
    assert "Cochez" in text_of(admin.post("/a/comptabilite/brouillard/valider", follow_redirects=True))


def test_lines_are_lettered_and_the_lettering_undone(admin: FlaskClient, session: Session):
    a_sale_entry(session, 12000, number="FA2027-00009")
    session.commit()
    address = "/a/comptabilite/tiers/411/STR-TEST-TEST"
    page = admin.get(address).get_data(as_text=True)
    lines = re.findall(r'name="line" value="(\d+)"', page)
    assert len(lines) == 3
    assert "il manque 180,00 €" in text_of(admin.post(address, data={"line": lines[:2]}, follow_redirects=True))
    assert "sont lettrées" in text_of(admin.post(address, data={"line": lines[1:]}, follow_redirects=True))
    done = admin.get(f"{address}?vue=lettre").get_data(as_text=True)
    undo = re.search(r'action="(/a/comptabilite/lettrages/\d+/defaire)"', done)[1]
    assert "AA" in done
    assert "défait" in text_of(admin.post(undo, follow_redirects=True))


def test_a_month_then_a_year_are_closed_and_their_files_are_handed_over(admin: FlaskClient, session: Session, tmp_path):
    page = text_of(admin.get("/a/comptabilite/cloture"))
    assert "Aucun mois n'est encore clos" in page
    late = admin.post("/a/comptabilite/cloture", data={"through": "2027-01-31"}, follow_redirects=True)
    assert "cette période n'est pas finie" in text_of(late).lower()
    assert admin.post("/a/comptabilite/cloture", data={"through": ""}).status_code == 422
    assert "jusqu'au 30 novembre 2026" in text_of(
        admin.post("/a/comptabilite/cloture", data={"through": "2026-11-30"}, follow_redirects=True)
    )
    assert "2026 est clôturé" in text_of(admin.post("/a/comptabilite/cloture/2026", follow_redirects=True))
    session.expire_all()
    assert session.get(AccountingYear, 2026).closed_at is not None
    answer = admin.get("/a/comptabilite/fec/2027")
    path = tmp_path / re.search(r'filename="([^"]+)"', answer.headers["Content-Disposition"])[1]
    path.write_bytes(answer.data)
    answer.close()
    assert check_file(path).faults == []


def test_the_accountant_gets_every_line(admin: FlaskClient):
    with admin.get("/a/comptabilite/csv/2026") as answer:
        rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert [row["Compte"] for row in rows] == ["411", "7061"]


def test_the_association_becomes_a_cooperative(admin: FlaskClient):
    answer = admin.post("/a/comptabilite/forme", data={"form": "scic", "since": "2027-01-04"}, follow_redirects=True)
    assert "Depuis le 4 janvier 2027 : société coopérative d'intérêt collectif (SCIC)" in text_of(answer)
    assert admin.post("/a/comptabilite/forme", data={"form": "scic", "since": ""}).status_code == 422


def test_who_may_only_read_writes_nothing(client: FlaskClient, session: Session):
    the_association(session)
    a_sale_entry(session, day=date(2027, 1, 4))
    enter(client, session, OfficeRoleKind.AUDITOR)
    for page in (
        "",
        "/journal",
        "/tiers",
        "/analytique",
        "/brouillard",
        "/cloture",
        "/compte/411",
        "/ecritures/2027/1",
    ):
        answer = client.get(f"/a/comptabilite{page}")
        assert answer.status_code == 200, page
        assert "Écrire une écriture" not in text_of(answer)
    assert client.post("/a/comptabilite/cloture", data={"through": "2027-01-04"}).status_code in {403, 404}
    assert client.get("/a/comptabilite/fec/2027").status_code in {403, 404}


@pytest.mark.parametrize(
    "page",
    [
        "?annee=9999&page=99999999999999999999",
        "?du=2026-13-40&au=hier",
        "/compte/411?page=0&tiers=%00x",
        "/journal?q=%25%5C&journal=XX",
        "/tiers?compte=411&page=7",
        "/tiers/411/inconnu",
        "/analytique?axe=nul",
    ],
)
def test_odd_addresses_are_answered(admin: FlaskClient, page: str):
    assert admin.get(f"/a/comptabilite{page}").status_code in {200, 400}


@pytest.mark.parametrize("page", ["/compte/999", "/tiers?compte=999", "/ecritures/2027/999", "/brouillard/ECR-7K3M-9QX2",
                                  "/csv/1999", "/fec/1999"])  # fmt: skip
def test_what_does_not_exist_is_not_found(admin: FlaskClient, page: str):
    assert admin.get(f"/a/comptabilite{page}").status_code == 404


def test_a_large_tax_file_leaves_as_it_is_read(admin: FlaskClient, monkeypatch):
    monkeypatch.setattr(ledger_closing, "IN_MEMORY", 0)
    with admin.get("/a/comptabilite/fec/2026") as answer:
        assert answer.data.startswith(b"JournalCode\t")
    assert answer.headers["Cache-Control"] == "no-store"
