"""The association's job on real input: an empty database, the commands, two files, then a demand up to its invoice.

What docs/guide/imports.md tells, in its order. Nothing of the demo nor of the tests' own data is used.
"""

import os
import subprocess
import sys
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.billing.drafting import draft_invoices
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.models import Invoice
from entrepairs.catalogue.prices import vote_price
from entrepairs.contracting.quotes import accept_quote, prepare_quote, send_quote
from entrepairs.contracting.signatures import Signature
from entrepairs.cooperative.association import set_identity
from entrepairs.demands import drafting
from entrepairs.demands.models import Demand, PlaceKind
from entrepairs.demands.qualifying import qualify
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.scopes import Scope
from entrepairs.demands.states import DemandState
from entrepairs.demands.submitting import submit_demand
from entrepairs.dispatch.answering import accept_offer
from entrepairs.dispatch.sending import send_offers
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.money import Money
from entrepairs.ledger.balances import balance
from entrepairs.ledger.chart import CLIENTS
from entrepairs.matching.looking import look
from entrepairs.missions.models import Handover
from entrepairs.missions.reports import ReportAnswer, submit_report
from entrepairs.missions.services_done import Answerer, confirm_service
from entrepairs.network.members import Rights, invite_member
from entrepairs.network.models import MemberRole, Partner, Peer
from entrepairs.settings.decisions import vote
from tests.conftest import FreshDatabase

EXAMPLES = Path(__file__).parents[2] / "docs" / "guide" / "examples"
OFFICE = Actor("office", "L'association")
IDENTITY = {
    "name": "Pairs du Sud",
    "legal_form": "Association loi 1901",
    "siret": "90000010000017",
    "address": "3 rue de l'Espoir",
    "postcode": "13001",
    "town": "Marseille",
    "email": "bonjour@pairs.example",
    "phone": "04 91 00 00 00",
    "opening_hours": "du lundi au vendredi, 9 h – 17 h",
    "iban": "FR76 3000 6000 0112 3456 7890 189",
    "signatory_name": "Dominique Essai",
    "signatory_function": "Présidence",
}


def entrepairs(database: FreshDatabase, *arguments: object) -> str:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
    settings = {
        "ENTREPAIRS_ENV": "test",
        "DATABASE_URL": database.url,
        "MIGRATION_DATABASE_URL": database.owner_url,
        "REDIS_URL": "redis://127.0.0.1:9/0",
        "SMTP_URL": "smtp://127.0.0.1:9",
    }
    done = subprocess.run(
        [sys.executable, "-m", "entrepairs.cli", *map(str, arguments)],
        env={**kept, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def session(fresh_database: FreshDatabase, clock: FixedClock) -> Session:
    """An association that has just been set up, with what its files hold."""
    entrepairs(fresh_database, "migrate")
    entrepairs(fresh_database, "import", "partners", EXAMPLES / "structures.csv")
    entrepairs(fresh_database, "import", "peers", EXAMPLES / "pairs.csv")
    with fresh_database.session() as own:
        set_identity(own, IDENTITY, actor=OFFICE, clock=clock)
        decided = {"since": date(2027, 1, 1), "voted_on": date(2027, 1, 4), "source": "Conseil du 4 janvier 2027"}
        for key, value in (("billing.vat_regimes", ["exempt_261_7_1_b"]), ("billing.vat_on_debits", False)):
            vote(own, key, value, clock=clock, **decided)
        vote_price(
            own,
            "workshop_self_esteem",
            Money.of(240),
            since=date(2027, 1, 4),
            source="Conseil du 4 janvier 2027",
            actor=OFFICE,
            clock=clock,
        )
        own.commit()
        yield own


def a_workshop_asked(session: Session, clock: FixedClock) -> Demand:
    """A member of the clinic asks for a workshop on a Thursday afternoon."""
    clinic = session.scalars(select(Partner).where(Partner.name.like("Clinique des Calanques%"))).one()
    rights = Rights(roles=frozenset({MemberRole.REQUESTER, MemberRole.SIGNATORY}), function="Directrice")
    member = invite_member(
        session, clinic.ref, email="d@calanques.example", name="Anne Roux", rights=rights, clock=clock, actor=OFFICE
    )
    scope, actor = Scope(clinic.id), Actor(member.ref, member.name)
    ref = drafting.start_draft(
        session, clinic.id, "workshop_self_esteem", account_id=member.id, actor=actor, clock=clock
    ).ref
    drafting.save_place(session, ref, drafting.PlaceAnswer(PlaceKind.SITE, clinic.sites[0].ref), scope)
    drafting.save_dates(session, ref, drafting.DatesAnswer(date(2027, 1, 28), time(14)), scope, clock=clock)
    people = drafting.PeopleAnswer(participants=8, goals=("reprendre confiance",), colleague_function="infirmière")
    drafting.save_people(session, ref, people, scope)
    return submit_demand(session, ref, scope, account_id=member.id, actor=actor, clock=clock)


def a_quote_signed(session: Session, demand: Demand, clock: FixedClock) -> None:
    qualify(session, demand.ref, actor=OFFICE, clock=clock)
    quote = prepare_quote(session, demand.ref, actor=OFFICE, clock=clock).quote
    version = send_quote(session, quote.ref, actor=OFFICE, clock=clock)
    signature = Signature("Anne Roux", "Directrice", "192.0.2.1", "essai", account_id=demand.requester_id)
    accept_quote(session, quote.ref, signature, version=version.number, actor=OFFICE, clock=clock)


def a_session_lived(session: Session, demand: Demand, clock: FixedClock) -> None:
    """Proposed to who can come, accepted, held, reported, and confirmed by the clinic."""
    possible = look(session, demand.ref, clock=clock).answer.possible
    by_name = {each.candidate.first_name: each.candidate.ref for each in possible}
    assert set(by_name) == {"Paul", "Malik"}, "the others live too far, or are not free"
    deadline = clock.now() + timedelta(days=3)
    (offer,) = send_offers(session, demand.ref, [by_name["Paul"]], deadline=deadline, actor=OFFICE, clock=clock)
    paul = session.scalars(select(Peer).where(Peer.first_name == "Paul")).one()
    accept_offer(session, offer.ref, peer_id=paul.id, actor=Actor("paul", "Paul"), clock=clock)
    (held,) = demand.sessions
    over = FixedClock(period_of(held).end + timedelta(hours=1))
    answer = ReportAnswer(hours={"workshop": 120}, headcount=8, handover=Handover.NOTHING)
    submit_report(session, paul, held.ref, answer, actor=Actor("paul", "Paul"), clock=over)
    answerer = Answerer(Actor("clinic", "Anne Roux"), "Anne Roux", demand.requester_id)
    confirm_service(session, held.ref, Scope(demand.partner_id), answerer, clock=over)


def test_two_files_and_what_the_association_sets_lead_to_an_invoice_in_the_books(
    session: Session, clock: FixedClock
) -> None:
    demand = a_workshop_asked(session, clock)
    a_quote_signed(session, demand, clock)
    assert demand.state is DemandState.CONFIRMED
    a_session_lived(session, demand, clock)
    later = FixedClock(period_of(demand.sessions[0]).end + timedelta(days=4))
    (draft,) = draft_invoices(session, demand.partner.ref, clock=later, actor=OFFICE)
    issued = issue_invoice(session, draft.ref, clock=later, actor=OFFICE)
    session.commit()
    assert (issued.number, Money(issued.gross)) == ("FA2027-00001", Money.of(240))
    assert balance(session, CLIENTS) == Money.of(240)
    assert session.scalars(select(Invoice)).one().buyer["siret"] == "90000001900019"
