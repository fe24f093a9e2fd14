"""What must take two taps, work without a mouse, and work without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys import acts
from tests.journeys.acts import Seat
from tests.journeys.person import PHONE
from tests.journeys.stack import Stack

pytestmark = pytest.mark.journey


def test_a_need_of_today_in_three_clicks(stack: Stack, somebody: Seat) -> None:
    manager = somebody().enter("Lucie Barbier").count_from_here()
    manager.press("Besoin aujourd’hui")
    manager.page.get_by_label("Service", exact=True).select_option(label="Service des urgences")
    manager.press(re.compile("^Envoyer"))
    assert manager.clicks <= 3
    ref = manager.page.url.rsplit("/", 1)[-1]
    assert stack.one("SELECT kind FROM demand WHERE ref = %(ref)s", ref=ref) == "emergency"


def test_saying_no_takes_two_taps_and_no_reason(stack: Stack, somebody: Seat) -> None:
    ref, link = an_offer(stack, somebody)
    phone = somebody(size=PHONE).visit(link).count_from_here()
    yes, no = (phone.page.get_by_role("button", name=name).bounding_box() for name in ("J’accepte", "Je ne peux pas"))
    assert yes
    assert no
    assert (yes["width"], yes["height"]) == (no["width"], no["height"]), "yes and no have the same weight"
    assert yes["height"] >= 44
    phone.press("Je ne peux pas")
    assert phone.clicks + 1 <= 2
    assert phone.page.locator("main textarea").count() == 0, "no reason is asked"
    assert stack.one("SELECT state FROM offer WHERE ref = %(ref)s", ref=ref) == "declined"


def test_a_pause_takes_two_taps(stack: Stack, somebody: Seat) -> None:
    peer = somebody(size=PHONE).enter("Karim Bensaïd").count_from_here()
    peer.press(re.compile("^Moi"), within="body").press("Je prends une pause")
    assert peer.clicks <= 2
    peer.sees("Vous prenez une pause")
    peer.press("Je reviens").sees("Je prends une pause")


def test_without_a_mouse_one_logs_in_and_begins_a_demand(somebody: Seat) -> None:
    keyboard = somebody().visit("/connexion")
    page = keyboard.page
    walk_to(page, "Adresse de courriel")
    page.keyboard.type("nadege.brun@epsm-durance.test")
    page.keyboard.press("Tab")
    page.keyboard.type("pairs-demo-2027")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")
    keyboard.look()
    walk_to(page, "Nouvelle demande")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Qu’est-ce qui vous aiderait")
    walk_to(page, "Groupe WRAP")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/lieu$"))
    keyboard.look()


def walk_to(page: object, words: str) -> None:
    """Press Tab until the focus is on the control of these words; it can be seen there."""
    from playwright.sync_api import Page

    assert isinstance(page, Page)
    for _ in range(80):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        told = focused.evaluate("e => (e.labels && e.labels[0] ? e.labels[0].innerText : e.innerText) || ''")
        if told.startswith(words):
            ring = focused.evaluate("e => getComputedStyle(e).outlineStyle + getComputedStyle(e).boxShadow")
            assert ring != "nonenone", f"the focus on « {words} » can't be seen"
            return
    pytest.fail(f"« {words} » can't be reached with Tab on {page.url}")


def test_without_javascript_a_demand_is_filed_and_an_offer_accepted(stack: Stack, somebody: Seat) -> None:
    _ref, link = an_offer(stack, somebody)
    plain = somebody(size=PHONE, scripts=False).visit(link)
    plain.press("J’accepte").sees("C’est noté")
    manager = somebody(scripts=False).enter("Nadège Brun")
    ref = acts.file_a_wrap_group(manager, "Unité Les Pins", acts.a_thursday(stack))
    assert acts.state_of(stack, ref) == "submitted"


def an_offer(stack: Stack, somebody: Seat) -> tuple[str, str]:
    """The office proposes what a hospital needs today; the offer's reference and the link of its mail."""
    manager = somebody().enter("Lucie Barbier").visit("/s/besoin")
    manager.page.get_by_label("Service", exact=True).select_option(label="Service des urgences")
    manager.press(re.compile("^Envoyer"))
    ref = manager.page.url.rsplit("/", 1)[-1]
    office = somebody().enter("Claire Lenoir").visit(f"/a/demandes/{ref}/appariement")
    office.page.get_by_label(re.compile("Choisir")).first.check()
    office.press("Proposer aux personnes choisies")
    offer = stack.rows(
        """SELECT o.ref, c.email FROM offer o JOIN demand d ON d.id = o.demand_id JOIN peer p ON p.id = o.peer_id
        JOIN account c ON c.id = p.account_id WHERE d.ref = %(ref)s ORDER BY o.id DESC""",
        ref=ref,
    )[0]
    link = stack.mail(offer["email"], "Une mission vous est proposée").links[0]
    return offer["ref"], link
