"""The association's real job, lived in a browser on the real product: from a ward's wish to the money in the books."""

import re
from datetime import date

import pytest

from entrepairs.settings.demo_clock import START
from tests.journeys import acts
from tests.journeys.acts import Seat
from tests.journeys.person import PHONE
from tests.journeys.stack import Stack

pytestmark = pytest.mark.journey

WEEKS = 8
TOTAL = 256_000
"""Cents of eight sessions at the catalogue's price."""
NADEGE = "nadege.brun@epsm-durance.test"


def test_a_private_clinic_from_its_wish_to_the_paid_invoice(stack: Stack, somebody: Seat) -> None:
    office, billing = somebody().enter("Claire Lenoir"), somebody().enter("Fatou Sarr")
    manager = somebody().enter("Nadège Brun")

    ref = acts.file_a_wrap_group(manager, "Unité Les Pins", date(2027, 1, 21))
    acts.send_the_quote(office, ref)
    acts.sign_from_the_mail(stack, somebody(), "olivier.castel@clinique-restanques.test", "directeur")
    assert acts.state_of(stack, ref) == "confirmed"

    acts.propose_to_two(office, ref)
    emails = acts.accept_from_the_mail(stack, somebody, ref)
    assert acts.state_of(stack, ref) == "staffed"
    planned = (
        "SELECT count(*) FROM booking b JOIN assignment a ON a.id = b.assignment_id JOIN demand d ON d.id = a.demand_id"
    )
    assert stack.one(f"{planned} WHERE d.ref = %(ref)s AND b.active", ref=ref) == 2 * WEEKS

    office.visit("/a/")
    acts.move_a_week(office)
    acts.move_a_week(office)
    peers = {email: acts.sign_in_by_link(stack, somebody(size=PHONE), email) for email in emails}
    first = stack.rows(acts.SESSIONS, ref=ref)[0]["ref"]
    for peer in peers.values():
        acts.report_on_the_phone(peer)
    acts.confirm_from_the_mail(stack, somebody(), NADEGE, "Unité Les Pins")
    for _ in range(WEEKS - 1):
        acts.move_a_week(office)
    acts.report_all(stack, peers, ref, but={first})
    stack.kill_worker()  # fourteen reports have just been sent: their mails are on the way
    acts.confirm_all(stack, manager, ref, but={first})

    income, share = acts.own_income(office), acts.own_share(office)
    invoice = acts.issue_the_invoice(stack, billing, ref)
    xml = acts.factur_x_of_the_mail(stack, "comptabilite@clinique-restanques.test", invoice)
    assert "urn:cen.eu:en16931:2017" in xml
    acts.pay_by_card(stack, somebody().enter("Mai Nguyen"), invoice)
    acts.books_balance(stack, billing, invoice)
    assert acts.own_income(office) - income == TOTAL
    assert acts.own_share(office) > share
    stack.settled(within=90)
    nothing_was_lost_nor_done_twice(stack, ref)


def nothing_was_lost_nor_done_twice(stack: Stack, ref: str) -> None:
    """Each mail has one identity, each session one word and one line, each payment one settlement, each effect its end."""
    sent = stack.rows("SELECT message_id FROM message WHERE state = 'sent' AND created_at > %(start)s", start=START)
    seen = [mail.message_id for mail in stack.mails()]  # letters go on leaving: read between the two
    handed = stack.rows("SELECT message_id FROM message WHERE state IN ('sent', 'in_doubt')")
    assert len(seen) == len(set(seen))
    assert {row["message_id"] for row in sent} <= set(seen), "what is told as sent arrived"
    assert set(seen) <= {row["message_id"] for row in handed}, "nothing arrived that the office can't see"
    stuck = "SELECT kind, subject_ref FROM message WHERE created_at > %(start)s AND state IN ('queued', 'sending', 'failed')"
    assert not stack.rows(stuck, start=START)
    services = f"SELECT x.ref FROM ({acts.SESSIONS}) x"
    words = (
        f"SELECT count(*) FROM service_done s JOIN demand_session d ON d.id = s.session_id WHERE d.ref IN ({services})"
    )
    assert stack.one(words, ref=ref) == WEEKS
    asked = stack.rows(
        f"SELECT subject_ref, to_ref, count(*) FROM message WHERE kind = 'missions.confirm_service' "
        f"AND subject_ref IN ({services}) GROUP BY 1, 2 HAVING count(*) > 1",
        ref=ref,
    )
    assert not asked
    lines = stack.rows("SELECT service_id FROM billed_service WHERE released_at IS NULL GROUP BY 1 HAVING count(*) > 1")
    assert not lines
    assert not stack.rows(
        "SELECT kind, last_error FROM outbox WHERE state = 'dead' AND created_at > %(start)s", start=START
    )
    paid = stack.rows(
        """SELECT i.number, i.gross, sum(s.cents) AS paid FROM invoice i JOIN settlement s ON s.invoice_id = i.id
        WHERE i.kind = 'invoice' GROUP BY i.id HAVING sum(s.cents) > i.gross"""
    )
    assert not paid


def test_a_public_hospital_with_its_engagement_number(stack: Stack, somebody: Seat) -> None:
    office, billing = somebody().enter("Claire Lenoir"), somebody().enter("Fatou Sarr")
    manager = somebody().enter("Nadège Brun")
    manager.visit("/compte").press("Agir pour celle-ci").sees("EPSM de la Durance")

    ref = acts.file_a_wrap_group(manager, "Unité Les Oliviers", acts.a_thursday(stack))
    acts.agree_from_the_mail(stack, somebody(), "philippe.delmas@epsm-durance.test")
    stack.wait(lambda: acts.state_of(stack, ref) == "awaiting_engagement", "the agreement with room")
    assert not stack.rows("SELECT 1 FROM quote q JOIN demand d ON d.id = q.demand_id WHERE d.ref = %(ref)s", ref=ref)
    manager.visit(f"/s/demandes/{ref}/engagement")
    manager.page.get_by_label("Numéro d’engagement").fill("2027-EJ-0042")
    manager.press("Donner le numéro")
    assert acts.state_of(stack, ref) == "confirmed"

    acts.propose_to_two(office, ref)
    emails = acts.accept_from_the_mail(stack, somebody, ref)
    office.visit("/a/")
    for _ in range(WEEKS + 3):
        acts.move_a_week(office)
    peers = {email: acts.sign_in_by_link(stack, somebody(size=PHONE), email) for email in emails}
    acts.report_all(stack, peers, ref, but=set())
    acts.confirm_all(stack, manager, ref, but=set())

    invoice = acts.issue_the_invoice(stack, billing, ref)
    xml = acts.factur_x_of_the_mail(stack, "finances@epsm-durance.test", invoice)
    order = re.search(r"<ram:BuyerOrderReferencedDocument>\s*<ram:IssuerAssignedID>([^<]+)", xml)
    assert order, xml
    assert order[1] == "2027-EJ-0042"
    acts.record_the_transfer(billing, invoice, "VIR EPSM 0042")
    billing.sees("Payée")
    acts.books_balance(stack, billing, invoice)
