"""Bank statements as the office sees them, without JavaScript."""

import html
import re
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.models import Settlement
from entrepairs.billing.statements.models import StatementLine
from entrepairs.identity import sessions
from entrepairs.identity.models import OfficeRoleKind
from tests.billing.statements.bank_files import a_bank_file
from tests.factories.billing import IBAN, an_issued_invoice, later, the_association
from tests.factories.identity import an_office_account

PAGE = "/a/facturation/releves"


@pytest.fixture
def office(client: FlaskClient, session: Session, app):
    """An accountant, the association's account, and an invoice of 2 560 €."""
    the_association(session)
    an_issued_invoice(session)
    secret = sessions.open_session(session, an_office_account(session, OfficeRoleKind.ADMIN), user_agent="test")
    session.commit()
    app.config["CLOCK"] = later()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    yield client
    app.config["CLOCK"] = None


def text_of(answer) -> str:
    plain = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))))
    return plain.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


def imported(office: FlaskClient, content: bytes, **given: str):
    return office.post(PAGE, data={"file": (BytesIO(content), "releve.xml"), **given})


def a_transfer(label: str, cents: int = 256000) -> bytes:
    return a_bank_file((cents, label), (-1500, "FRAIS"), day=later().today().isoformat(), account=IBAN)


def test_a_transfer_finds_its_invoice_and_is_recorded_in_one_click(office: FlaskClient, session: Session):
    assert "Aucun relevé" in text_of(office.get(PAGE))
    made = imported(office, a_transfer("FACTURE FA2027-00001"))
    assert made.status_code == 303
    page = office.get(made.location)
    said = text_of(page)
    assert "FA2027-00001" in said
    assert "le montant est le bon" in said
    assert "Une sortie n'est pas montrée" in said
    assert "1 à regarder" in text_of(office.get(PAGE))
    line = session.scalars(select(StatementLine).where(StatementLine.cents > 0)).one()
    parts = re.findall(r'name="pays" value="([^"]+)"', page.get_data(as_text=True))
    done = office.post(f"{PAGE}/lignes/{line.ref}", data={"pays": parts[0]})
    assert done.location.endswith(f"#{line.ref}")
    assert session.scalars(select(Settlement)).one().cents == 256000
    assert "enregistré" in text_of(office.get(made.location))
    assert "tout est vu" in text_of(office.get(PAGE))


def test_another_invoice_is_named_and_a_wrong_number_is_said(office: FlaskClient, session: Session):
    made = imported(office, a_transfer("VIREMENT SANS REFERENCE", 100000))
    line = session.scalars(select(StatementLine).where(StatementLine.cents > 0)).one()
    wrong = office.post(f"{PAGE}/lignes/{line.ref}", data={"number": "FA1999-00001"})
    assert wrong.status_code == 422
    assert "Aucune facture ne porte le numéro FA1999-00001" in text_of(wrong)
    assert 'value="FA1999-00001"' in wrong.text, "what was typed stays"
    office.post(f"{PAGE}/lignes/{line.ref}", data={"number": " fa2027-00001 "})
    assert session.scalars(select(Settlement)).one().cents == 100000
    assert "enregistré" in text_of(office.get(made.location))


def test_money_that_is_no_invoice_is_put_aside_and_looked_at_again(office: FlaskClient, session: Session):
    made = imported(office, a_transfer("DON", 5000))
    line = session.scalars(select(StatementLine).where(StatementLine.cents > 0)).one()
    named = office.post(f"{PAGE}/lignes/{line.ref}", data={"aside": "1", "reason": "Don de M. Martin, 06 11 22 33 44"})
    assert named.status_code == 422
    assert 'value="Don de M. Martin, 06 11 22 33 44"' in named.text, "what was typed stays"
    office.post(f"{PAGE}/lignes/{line.ref}", data={"aside": "1", "reason": "Don d'un voisin"})
    assert "Don d'un voisin" in text_of(office.get(made.location))
    office.post(f"{PAGE}/lignes/{line.ref}", data={"back": "1"})
    assert "Don d'un voisin" not in text_of(office.get(made.location))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "fichier"),
        (b"\x00\x01\x02", "fichier"),
        (b"un;deux\n1;2\n", "Ce que contient chaque colonne"),
        (a_bank_file((100, "X"), account="FR7630006000011234567890189"), "autre compte"),
    ],
)
def test_what_cannot_be_imported_is_said_and_nothing_is_kept(
    office: FlaskClient, session: Session, content: bytes, said: str
):
    refused = imported(office, content)
    assert refused.status_code == 422
    assert said in text_of(refused)
    assert not session.scalars(select(StatementLine)).all()


def test_the_same_file_again_adds_nothing(office: FlaskClient, session: Session):
    for _ in range(2):
        imported(office, a_transfer("FACTURE FA2027-00001"))
    assert len(session.scalars(select(StatementLine)).all()) == 2


UNNAMED = """Banque des Essais
Quand;Pourquoi;Moins;Plus
{day};VIR X;;300,00
{day};ABONNEMENT;12,50;
"""


def test_unknown_columns_are_guessed_chosen_beside_the_first_rows_and_remembered(office: FlaskClient, session: Session):
    content = UNNAMED.format(day=later().today().strftime("%d/%m/%Y")).encode()
    asked = imported(office, content)
    assert asked.status_code == 422
    page = asked.get_data(as_text=True)
    assert "VIR X" in text_of(asked)
    chosen = dict(re.findall(r'<select[^>]*name="(\w+)".*?<option selected value="(-?\d+)"', page, re.DOTALL))
    assert chosen == {"first": "2", "date": "0", "label": "1", "amount": "-1", "debit": "2", "credit": "3"}
    carried = re.search(r'name="content" value="([^"]+)"', page)[1]
    send = {**chosen, "content": carried}
    twice = office.post(f"{PAGE}/colonnes", data={**send, "credit": "2"})
    assert twice.status_code == 422
    assert "choisie deux fois" in text_of(twice)
    both = office.post(f"{PAGE}/colonnes", data={**send, "amount": "3"})
    assert "soit le montant, soit le débit et le crédit" in text_of(both)
    assert office.post(f"{PAGE}/colonnes", data=send).status_code == 303
    lines = session.scalars(select(StatementLine).order_by(StatementLine.id)).all()
    assert [(line.cents, line.label) for line in lines] == [(30000, "VIR X"), (-1250, "")]
    again = imported(office, content + content.splitlines()[2].replace(b"X", b"Y") + b"\n")
    assert again.status_code == 303, "the next file of this bank is read without asking"
    assert session.scalars(select(StatementLine.label).order_by(StatementLine.id.desc())).first() == "VIR Y"
    assert office.post(f"{PAGE}/colonnes", data={"content": "%%%"}).status_code == 422


def test_a_transfer_is_shared_by_hand_and_all_of_it_undone(office: FlaskClient, session: Session):
    second = an_issued_invoice(session)
    session.commit()
    page = imported(office, a_transfer("GROUPE", 300_000)).location
    line = session.scalars(select(StatementLine).where(StatementLine.cents > 0)).one()
    at = f"{PAGE}/lignes/{line.ref}"
    short = office.post(at, data={"share": "1", "part": ["FA2027-00001"], "amount": ["2 000,00"]})
    assert short.status_code == 422
    assert "Il reste 1 000,00 € de ce virement" in text_of(short)
    assert 'value="2 000,00"' in short.get_data(as_text=True), "what was typed stays"
    unnamed = office.post(at, data={"share": "1", "part": ["FA2027-00001", ""], "amount": ["2 000,00", "500"]})
    assert (unnamed.status_code, "à côté de chaque part" in text_of(unnamed)) == (422, True)
    parts = {"share": "1", "part": ["FA2027-00001", second.number, ""], "amount": ["2 000,00", "", ""]}
    assert office.post(at, data=parts).status_code == 303
    assert "Annuler tout le partage" in text_of(office.get(page))
    assert office.post(at, data={"undo": "1", "reason": "Virement mal réparti"}).status_code == 303
    assert "Annuler tout le partage" not in text_of(office.get(page))
