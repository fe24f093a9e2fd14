"""The acts of the main job, each done as the person does it: in a browser, from a mail, on a phone."""

import re
from collections.abc import Callable
from datetime import date, timedelta

from playwright.sync_api import expect

from tests.journeys.person import PHONE, Person
from tests.journeys.stack import Stack

Seat = Callable[..., Person]

SEATS = """SELECT a.ref, p.first_name, c.email FROM assignment a JOIN peer p ON p.id = a.peer_id
    JOIN account c ON c.id = p.account_id JOIN demand d ON d.id = a.demand_id
    WHERE d.ref = %(ref)s AND a.state = 'confirmed' ORDER BY a.id"""
SESSIONS = """SELECT s.ref, s.number, s.state, upper(s.during) AS ends FROM demand_session s
    JOIN demand d ON d.id = s.demand_id WHERE d.ref = %(ref)s ORDER BY s.number"""


def a_thursday(stack: Stack) -> date:
    """The first one at least ten days from the demo's today."""
    soon = stack.one("SELECT at FROM demo_clock").date() + timedelta(days=10)
    return date.fromordinal(soon.toordinal() + (3 - soon.weekday()) % 7)


def state_of(stack: Stack, ref: str) -> str:
    """The demand's."""
    return str(stack.one("SELECT state FROM demand WHERE ref = %(ref)s", ref=ref))


# --- asking ---------------------------------------------------------------------------------------------------


def file_a_wrap_group(manager: Person, service: str, first_day: date) -> str:
    """A ward manager asks for a WRAP group in six clicks; the demand's reference."""
    manager.count_from_here().press("Nouvelle demande").press("Groupe WRAP")
    manager.page.get_by_label("Service", exact=True).select_option(label=service)
    manager.press("Continuer")
    manager.page.get_by_label("À partir du").fill(first_day.isoformat())
    manager.page.get_by_label("Heure de début").fill("14:00")
    manager.press("Continuer").press("Continuer").sees("8 séances le jeudi, 14 h – 16 h")
    manager.press(re.compile("^(Envoyer|Transmettre pour accord)$"))
    assert manager.clicks <= 6, manager.clicks
    return manager.page.url.rsplit("/", 1)[-1]


def send_the_quote(office: Person, ref: str) -> None:
    """Three clicks from the demand."""
    office.visit(f"/a/demandes/{ref}").count_from_here().press("Devis", exact=True).press("Envoyer le devis")
    assert office.clicks <= 3
    office.sees("Le devis est parti")


def sign_from_the_mail(stack: Stack, signatory: Person, email: str, function: str) -> None:
    """Read it from the mail, say who signs, sign: one click."""
    link = stack.mail(email, "à signer").links[0]
    signatory.visit(link).count_from_here()
    signatory.page.get_by_label("Votre fonction").fill(function)
    signatory.page.get_by_label("Je suis habilité").check()
    signatory.press("Bon pour accord").sees("C’est noté")
    assert signatory.clicks == 1
    signatory.visit(link).sees("C’est noté")


def agree_from_the_mail(stack: Stack, signatory: Person, email: str) -> None:
    """« Pour accord »: the signatory says yes from the mail."""
    signatory.visit(stack.mail(email, "attend votre accord").links[0]).count_from_here().press("Je suis d’accord")
    assert signatory.clicks == 1


def sign_in_by_link(stack: Stack, person: Person, email: str) -> Person:
    """Without a password: a link by mail, whose page has a button."""
    before = sum("connexion" in each.subject for each in stack.mails(email))
    person.visit("/connexion/lien")
    person.page.get_by_label("Adresse de courriel").fill(email)
    person.press("M’envoyer le lien")
    person.visit(stack.mail(email, "connexion", after=before).links[0]).press("Se connecter")
    return person


# --- who comes -----------------------------------------------------------------------------------------------


def propose_to_two(office: Person, ref: str) -> None:
    """The first pair of the ranking, by one click."""
    office.visit(f"/a/demandes/{ref}").press("Voir qui peut venir").sees("Qui peut venir ensemble")
    office.press("Proposer", exact=True).sees("Les propositions partent")


def accept_from_the_mail(stack: Stack, somebody: Seat, ref: str) -> list[str]:
    """Both say yes on their phone, in two taps, without login; reading the page five times changes nothing."""
    asked = stack.rows(
        """SELECT o.ref, c.email FROM offer o JOIN demand d ON d.id = o.demand_id JOIN peer p ON p.id = o.peer_id
        JOIN account c ON c.id = p.account_id WHERE d.ref = %(ref)s AND o.state = 'sent' ORDER BY o.id""",
        ref=ref,
    )
    assert len(asked) == 2
    for each in asked:
        link = stack.mail(each["email"], "Une mission vous est proposée").links[0]
        phone = somebody(size=PHONE)
        for _ in range(5):
            assert phone.context.request.get(link).ok
        offer = stack.rows("SELECT state, seen_at FROM offer WHERE ref = %(ref)s", ref=each["ref"])[0]
        assert (offer["state"], offer["seen_at"]) == ("sent", None), "a mail scanner opened the link: nothing happened"
        phone.visit(link).count_from_here().press("J’accepte").sees("C’est noté")
        assert phone.clicks + 1 <= 2, "the tap on the link, and one more"
    return [each["email"] for each in asked]


# --- weeks go by ---------------------------------------------------------------------------------------------


def move_a_week(office: Person) -> None:
    """« avancer d'une semaine », on the demo's banner."""
    office.page.get_by_role("button", name="avancer d’une semaine").click()
    office.look()


def report_on_the_phone(peer: Person) -> None:
    """The hours are filled in: a number, a tick, sent."""
    peer.visit("/p/").count_from_here().press("Raconter en deux minutes")
    peer.page.get_by_label("Combien de personnes").fill("9")
    peer.page.get_by_label("Rien à transmettre").check()
    peer.press(re.compile("^Envoyer$")).sees("C’est noté. Merci.")
    assert peer.clicks == 2


def confirm_from_the_mail(stack: Stack, partner: Person, email: str, place: str) -> None:
    """One click on the page the mail opens; the tap on the mail is the other."""
    link = stack.mail(email, "Une séance à confirmer", about=place).links[0]
    partner.visit(link).count_from_here().sees("Est-ce bien ce qui s’est passé")
    partner.press("Oui, c’est bien cela")
    assert partner.clicks + 1 <= 2


def report_all(stack: Stack, peers: dict[str, Person], ref: str, *, but: set[str]) -> None:
    """Every session that is over, by each who held a seat, sent as their browser would."""
    over = stack.rows(f"SELECT x.* FROM ({SESSIONS}) x WHERE ends < (SELECT at FROM demo_clock)", ref=ref)
    for seat in stack.rows(SEATS, ref=ref):
        for session in over:
            if session["ref"] not in but:
                address = f"/p/missions/{seat['ref']}/compte-rendu/{session['ref']}"
                peers[seat["email"]].submit(address, headcount="9", handover="nothing")


def confirm_all(stack: Stack, partner: Person, ref: str, *, but: set[str]) -> None:
    """Every session reported by all, from the structure's page."""
    for session in stack.rows(SESSIONS, ref=ref):
        if session["ref"] not in but:
            partner.submit(f"/s/services/{session['ref']}", action=f"/s/services/{session['ref']}/valider")


# --- money ---------------------------------------------------------------------------------------------------


def issue_the_invoice(stack: Stack, billing: Person, demand: str) -> str:
    """Drafted in one click, issued in another; its reference once its PDF is drawn."""
    billing.visit("/a/facturation").count_from_here()
    billing.press(re.compile("Préparer"), within=f"main li:has(input[value='{demand}'])")
    billing.press("Émettre")
    assert billing.clicks <= 2
    ref = billing.page.url.rsplit("/", 1)[-1]
    stack.wait(
        lambda: stack.rows(
            "SELECT 1 FROM invoice_file f JOIN invoice i ON i.id = f.invoice_id WHERE i.ref = %(ref)s", ref=ref
        ),
        "the Factur-X",
        within=60,
    )
    return ref


def factur_x_of_the_mail(stack: Stack, email: str, ref: str) -> str:
    """The XML inside the PDF attached to the mail that brought the invoice."""
    from facturx import get_facturx_xml_from_pdf

    number = stack.one("SELECT number FROM invoice WHERE ref = %(ref)s", ref=ref)
    letter = stack.mail(email, str(number), within=60)
    pdf = next(n for n, each in enumerate(letter.attachments) if each["content_type"] == "application/pdf")
    _name, xml = get_facturx_xml_from_pdf(stack.download(letter, pdf), check_xsd=True)
    return str(xml.decode())


def pay_by_card(stack: Stack, accountant: Person, ref: str) -> None:
    """To Stripe's page and back: « nous vérifions le paiement », then paid."""
    accountant.visit(f"/s/factures/{ref}").press("Payer en ligne")
    assert accountant.page.url.startswith(stack.stripe), accountant.page.url
    accountant.page.get_by_role("button", name="Payer par carte").click()
    accountant.look()
    heading = accountant.page.get_by_role("heading", level=1)
    expect(heading).to_contain_text(re.compile("Nous vérifions le paiement|Merci, le paiement est arrivé"))
    expect(heading).to_contain_text("Merci", timeout=40_000)
    accountant.look()


def books_balance(stack: Stack, billing: Person, ref: str) -> None:
    """Entries of the invoice and of its payment, each balanced; the whole too, on the page as in the database."""
    number = stack.one("SELECT number FROM invoice WHERE ref = %(ref)s", ref=ref)
    billing.visit(f"/a/facturation/{ref}").sees("Écritures")
    billing.visit("/a/comptes").sees("de chaque côté")
    entries = stack.rows(
        """SELECT e.id, sum(l.debit) AS debit, sum(l.credit) AS credit FROM entry e JOIN entry_line l ON l.entry_id = e.id
        GROUP BY e.id HAVING sum(l.debit) <> sum(l.credit)"""
    )
    assert not entries
    assert stack.one("SELECT count(*) FROM entry WHERE piece_ref = %(number)s", number=number) >= 1


def own_income(office: Person) -> int:
    """Own income over twelve months, in cents, as the association's board reads it."""
    office.visit("/a/pilotage")
    row = office.page.locator("tr.total", has_text="Ensemble")
    return cents_of(row.first.inner_text())


def own_share(office: Person) -> int:
    """« part de nos propres recettes » of the association's home, in percent."""
    office.visit("/a/")
    said = re.search(r"(\d+)\s%\s*part de nos propres recettes", office.page.locator("main").inner_text())
    assert said, office.page.locator("main").inner_text()
    return int(said[1])


def cents_of(text: str) -> int:
    """« 2 560,00 € » → 256000: the last amount of the text."""
    return int(re.sub(r"\D", "", re.findall(r"[\d\s]+,\d\d", text)[-1]))


def record_the_transfer(billing: Person, ref: str, reference: str) -> None:
    """What is left, received today."""
    billing.visit(f"/a/facturation/{ref}").press("Enregistrer un paiement")
    billing.page.get_by_label("Référence").fill(reference)
    billing.press("Enregistrer le paiement")
