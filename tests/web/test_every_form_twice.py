"""Every form of every page, filled as a person would and sent twice: one thing is made, one answer is given.

Each page opens in every state of its object. Reduced, half of the forms are sent, drawn by the run's seed.

The pages are the application's own, so a new form is tried without anybody thinking of it; one that can't be sent with
what is below fails until `ANSWERS` says what to type, or `ELSEWHERE` where it is tried.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final, NamedTuple

import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from entrepairs.audit.actors import Actor
from entrepairs.kernel.clock import FixedClock
from entrepairs.network.learning import record_learning, record_training_days
from entrepairs.network.rhythm import declare_absence, take_pause
from entrepairs.network.wishes import exclude_place, refuse_colleague
from entrepairs.web.once import EXEMPT
from tests.billing.statements.bank_files import a_bank_file
from tests.conftest import Proof
from tests.throwaway import ROOT
from tests.web.forms_of_pages import PDF, PostedForm, forms_of
from tests.web.routes_and_objects import OBJECTS, Route, Target, World, all_routes, without_object

ROUTES = all_routes()
MOST: Final = 8
"""Forms of one route tried until one is taken."""

ANSWERS: Final[dict[str, str]] = {
    "amount": "120",
    **{f"lines-{line}-{what}": "" for line in range(12) for what in ("account", "axis")},
    "lines-0-account": "622",
    "lines-0-debit": "120",
    "lines-1-account": "512",
    "lines-1-credit": "120",
    "piece_ref": "HON-7",
    "label": "Honoraires",
    "checked_on": "2027-01-04",
    "comment": "Le groupe s'est arrêté au bout d'une heure.",
    "commune": "04100 Manosque",
    "financed_by": "Subvention ARS 2027",
    "first_name": "Camille",
    "function": "Cadre de santé",
    "funder": "ARS PACA",
    "last_name": "Essai",
    "late_rate": "",
    "name": "Camille Essai",
    "note": "Échéancier proposé.",
    "number": "EJ20270042",
    "payment_days": "",
    "percent": "",
    "price": "320",
    "purpose": "Groupes WRAP 2027",
    "reason": "Deux séances comptées en trop.",
    "received_on": "2027-01-04",
    "source": "Assemblée du 4 janvier 2027",
    "service_code": "SRV-1",
    "title": "Convention 2027",
    "until": "2027-01-29",
    "why": "Vérifié avec la structure.",
    "voted_on": "2027-01-04",
}
"""What to type where nothing stands, by the name of the field."""

FILES: Final = {
    "office.import_partners": (ROOT / "docs/guide/examples/structures.csv").read_bytes(),
    "office.import_statements": a_bank_file((100_00, "AUTRE VIREMENT")),
    "office.import_peers": (ROOT / "docs/guide/examples/pairs.csv").read_bytes(),
}

ELSEWHERE: Final = {
    **dict.fromkeys(
        ("office.add_piece", "office.ask_for_news", "office.mend_recipient", "office.send_bill_again"),
        "no invoice is stuck on its way: tests/web/test_transmission_pages.py",
    ),
    "office.count_demand": "both financed demands are counted: tests/cooperative/test_under_grant_pages.py",
    "office.change_exercise": "the last exercise holds entries: tests/ledger/test_exercises.py",
    "office.set_channel": "setting the same channel twice is one setting: tests/web/test_transmission_pages.py",
    "office.import_chosen_columns": "the answer to a file of unknown columns: tests/billing/statements/test_pages.py",
    "office.ask_online_refund": "no invoice is overpaid: tests/billing/test_online_pages.py",
    "office.ask_interest": "the shipped rates end before the story's day: tests/billing/dunning/test_pages.py",
    "office.approve_bill": "no credit note waits for a second person: tests/billing/test_credit_parts.py",
    "office.move_payment": "no invoice is overpaid: tests/billing/test_correction_pages.py",
    "office.record_money_back": "no invoice is overpaid: tests/web/test_billing_pages.py",
    "office.retry_task": "a task that failed: tests/web/test_accounts_and_tasks_pages.py; asking again is meant",
    "office.was_absent": "states stand guard: tests/web/test_mission_pages.py",
    "partners.confirm_services_of": "states stand guard: tests/web/test_mission_pages.py",
    "partners.forward_quote": "shown to who may not sign: tests/contracting/test_partner_pages.py",
    "peers.say_back_home": "on the day, from a home: tests/missions/test_on_site.py",
    "peers.say_on_site": "on the day of a mission: tests/web/test_mission_pages.py",
    "peers.take_back_on_site": "on the day of a mission: tests/missions/test_on_site.py",
    "public.agree_to_other_time": "its link serves once: tests/dispatch/test_other_time_pages.py",
    "public.close_my_session": "no row is added: tests/web/test_accounts_and_tasks_pages.py",
    "public.close_other_sessions": "no row is added: tests/web/test_accounts_and_tasks_pages.py",
    "public.confirm_all_services": "states stand guard, and its link serves once: tests/web/test_mission_pages.py",
}
"""Forms the story has no page for, and what holds them."""

MORE_PAGES: Final = {
    "peer": ("p", ("/p/lieux?q=EPSM", "/p/collegues?q=sam")),
    "admin": ("a", ("/a/facturation/mois?mois=2026-11",)),
}
"""Pages whose address says more, by audience, with its door."""


UNKNOWN: Final = frozenset(without_object(ROUTES))
"""What stands behind them is not said yet: tests/web/test_every_route.py asks for it."""


class Found(NamedTuple):
    """A form, the page it stands on and the browser that sees it."""

    page: str
    browser: FlaskClient
    form: PostedForm

    def send(self, content: bytes = PDF) -> TestResponse:
        """Post it, as from its page."""
        filename = "piece.pdf" if content is PDF else "fichier.csv"
        return self.browser.post(
            self.form.action, data=self.form.data(content, filename), headers={"Referer": self.page}
        )


@pytest.mark.long
def test_every_form_of_every_page_sent_twice_makes_one_thing(world: World, proof: Proof) -> None:
    _what_the_story_lacks(world)
    found = _forms(world)
    posted = {route.endpoint for route in ROUTES if route.method == "POST"}
    assert posted - found.keys() - EXEMPT.keys() - ELSEWHERE.keys() == set(), "no page shows these forms"
    names = sorted(found)
    sent = proof.random("forms").sample(names, proof.size(len(names) // 2, len(names)))
    wrong = {name: said for name in sent if (said := _sent_twice(world, name, found[name]))}
    assert not wrong, "\n".join(f"{name}: {said}" for name, said in wrong.items())


def _what_the_story_lacks(world: World) -> None:
    session, clock = world.session, FixedClock()
    ref = session.execute(text("SELECT ref FROM peer ORDER BY id LIMIT 1")).scalar_one()
    take_pause(session, ref, clock=clock)
    declare_absence(session, ref, clock.today(), clock.today(), clock=clock)
    exclude_place(session, ref, partner_ref=session.execute(text("SELECT ref FROM partner LIMIT 1")).scalar_one())
    other = session.execute(text("SELECT ref FROM peer ORDER BY id DESC LIMIT 1")).scalar_one()
    refuse_colleague(session, ref, other)
    today, last = clock.today(), clock.today() + timedelta(days=30)
    record_learning(session, ref, "mediation", today, last, clock=clock, actor=Actor.SYSTEM)
    record_training_days(session, ref, today, today, clock=clock, actor=Actor.SYSTEM)
    for change in (
        """UPDATE demand SET state = 'quoted' WHERE id IN (SELECT q.demand_id FROM quote q
        JOIN quote_version v ON v.quote_id = q.id WHERE v.state = 'sent')""",
        """UPDATE account SET disabled_at = now() WHERE id = (SELECT max(account_id) FROM office_role)""",
    ):
        session.execute(text(change))
    session.commit()


def _forms(world: World) -> Mapping[str, list[Found]]:
    """Every form a person sees, by the route it goes to."""
    found, routes = defaultdict(list), world.app.url_map.bind("localhost")
    for address, browser in _pages(world):
        answer = browser.get(address)
        assert answer.status_code in {200, 303, 404, 409}, f"{address}: {answer.status}"
        if answer.status_code == 200 and answer.mimetype == "text/html":
            for form in forms_of(answer.text, address, ANSWERS):
                endpoint, _values = routes.match(form.action.partition("?")[0], "POST")
                if endpoint not in EXEMPT.keys() | ELSEWHERE.keys():
                    found[endpoint].append(Found(address, browser, form))
        answer.close()
    return found


def _pages(world: World) -> Iterator[tuple[str, FlaskClient]]:
    for route in ROUTES:
        if route.method != "GET" or route.endpoint.startswith(("health", "public.styleguide")):
            continue
        if route.endpoint in UNKNOWN:
            continue
        if route.endpoint in OBJECTS:
            yield from world.in_every_state(route)
        else:
            yield world.target(route, Target.OWN), world.browser(_who(route), route)
    for address in _told_apart(world.session):
        yield address, world.browser("admin", next(each for each in ROUTES if each.door == "a"))
    for audience, (door, addresses) in MORE_PAGES.items():
        route = next(each for each in ROUTES if each.door == door)
        yield from ((address, world.browser(audience, route)) for address in addresses)


def _told_apart(session: Session) -> Iterator[str]:
    """Pages of the association that only some of their objects show whole."""
    for (ref,) in session.execute(
        text("SELECT ref FROM agreement WHERE yearly_engagement AND state = 'active' LIMIT 1")
    ):
        yield f"/a/conventions/{ref}"
    for account, third in session.execute(text("SELECT account_code, aux_code FROM lettering LIMIT 1")):
        yield f"/a/comptabilite/tiers/{account}/{third}?vue=lettre"
    for grant, demand in session.execute(
        text(
            """SELECT g.ref, d.ref FROM financed_demand f JOIN grant_funding g ON g.id = f.grant_id
            JOIN demand d ON d.id = f.demand_id WHERE g.state = 'running' LIMIT 1"""
        )
    ):
        yield f"/a/subventions/{grant}"
        yield f"/a/demandes/{demand}"


def _who(route: Route) -> str:
    if route.access == "token":
        return "anonymous"
    return {"s": "partner", "p": "peer", "a": "admin"}.get(route.door, "partner")


def _sent_twice(world: World, endpoint: str, forms: list[Found]) -> str:
    """What went wrong; empty when the first form that is taken makes one thing, sent twice."""
    refused = []
    for found in forms[:MOST]:
        with world.taken_back():
            content = FILES.get(endpoint, PDF)
            first = found.send(content)
            if endpoint in FILES and first.status_code == 200:  # the file is looked at first, then confirmed
                confirmed = next(form for form in forms_of(first.text, found.page, ANSWERS) if "packed" in form.fields)
                found = found._replace(form=confirmed)  # noqa: PLW2901 - the same person, one page further
                first = found.send()
            if first.status_code != 303:
                refused.append(f"{first.status_code} from {found.page}: {_said(first)}")
                continue
            return _the_second(world, found, first, content)
    return f"never taken: {refused}"


def _said(answer: TestResponse) -> list[str]:
    """What the page says is wrong."""
    page = html.fromstring(answer.text if answer.text.strip() else "<p></p>")
    marked = [*page.find_class("field-error"), *page.find_class("notice")[-1:]]  # the last: before it, what went well
    return [" ".join(each.text_content().split()) for each in marked]


def _the_second(world: World, found: Found, first: TestResponse, content: bytes) -> str:
    before = world.rows_added()
    second = found.send(content)
    after = world.rows_added()
    more = {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)}
    if more:
        return f"sent twice from {found.page}, it adds {more}"
    if (second.status_code, second.location) != (first.status_code, first.location):
        return f"sent twice from {found.page}: {first.location}, then {second.status} {second.location}"
    return ""
