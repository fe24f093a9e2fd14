"""Services done, invoices and payments for tests; identifiers are invented and have right keys."""

import itertools
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum import luhn

from entrepairs.audit.actors import Actor
from entrepairs.billing.drafting import draft_invoices
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.models import Invoice
from entrepairs.billing.vat import DECISION
from entrepairs.catalogue.models import Offering
from entrepairs.demands.models import Demand
from entrepairs.demands.states import SessionState
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.references import new_reference
from entrepairs.ledger.chart import ensure_chart
from entrepairs.missions.models import ServiceAnswer, ServiceDone
from entrepairs.network.models import Partner
from entrepairs.outbox.models import OutboxItem
from entrepairs.settings.decisions import vote
from entrepairs.settings.models import Association, Decision
from tests.factories.catalogue import a_wrap_group
from tests.factories.demands import a_confirmed_demand
from tests.factories.network import a_partner, a_site
from tests.factories.nodding import Nodding

OFFICE = Actor("CPT-COMP-TABL", "La comptable")
EXEMPT = "exempt_261_7_1_b"
REGIMES = [EXEMPT, "exempt_261_4_4_a", "standard"]
IBAN = "FR1420041010050500013M02606"
_numbers = itertools.count(1)


def a_siret(number: int | None = None) -> str:
    """An invented SIRET whose SIREN and SIRET keys are right."""
    body = f"9{number or next(_numbers):07d}"
    siren = body + luhn.calc_check_digit(body)
    return siren + "0001" + luhn.calc_check_digit(siren + "0001")


def the_association(session: Session, **given: Any) -> Association:
    """The seller, its chart of accounts, and the VAT regimes it decided to use."""
    known = session.get(Association, 1)
    if known is None:
        values: dict[str, Any] = {
            "id": 1,
            "name": "Pairs en Provence",
            "legal_form": "Association loi 1901",
            "siret": a_siret(9_999_999),
            "rna": "W131009876",
            "vat_number": None,
            "address": "3 rue de l'Espoir",
            "postcode": "13001",
            "town": "Marseille",
            "email": "bonjour@pairs.invalid",
            "phone": "+33491000000",
            "opening_hours": "du lundi au vendredi, 9 h – 17 h",
            "iban": IBAN,
            "signatory_name": "Dominique Essai",
            "signatory_function": "Présidence",
            "fictional": True,
        }
        known = Association(**(values | given))
        session.add(known)
    ensure_chart(session)
    if session.query(Decision).filter_by(key=DECISION).count() == 0:
        vote(
            session,
            DECISION,
            REGIMES,
            since=date(2025, 1, 1),
            voted_on=date(2025, 1, 1),
            source="AG",
            clock=FixedClock(),
            fictional=True,
        )
    session.flush()
    return known


def a_client(session: Session, **given: Any) -> Partner:
    """A private clinic that can be billed."""
    values = {"siret": a_siret(), "billing_email": "compta@clinique.invalid"}
    return a_partner(session, **(values | given))


def a_demand_done(
    session: Session,
    partner: Partner,
    offering: Offering | None = None,
    *,
    done: int | None = None,
    clock: FixedClock | None = None,
    **kw: Any,
) -> Demand:
    """A confirmed demand whose first `done` sessions (all by default) were done and confirmed."""
    clock = clock or FixedClock()
    offering = offering or a_wrap_group(session, vat_regime=EXEMPT)
    demand = a_confirmed_demand(session, partner, a_site(session, partner), offering, clock=clock, **kw)
    for planned in demand.sessions[:done]:
        planned.state = SessionState.DONE
        session.add(
            ServiceDone(
                ref=new_reference("SF"),
                session=planned,
                answer=ServiceAnswer.CONFIRMED,
                minutes=120,
                headcount=10,
                by_label="Nadège, cadre de santé",
                at=clock.now(),
            )
        )
    session.flush()
    return demand


def a_draft_invoice(session: Session, partner: Partner | None = None, **kw: Any) -> Invoice:
    """A draft of a whole WRAP group, 8 × 320 € without VAT; the clock stands after the last session."""
    the_association(session)
    partner = partner or a_client(session)
    demand = a_demand_done(session, partner, **kw)
    return draft_invoices(session, partner.ref, demand_refs=[demand.ref], clock=later(), actor=OFFICE)[0]


def an_issued_invoice(session: Session, partner: Partner | None = None, **kw: Any) -> Invoice:
    """The same, issued; the official rules, which others prove, are not asked."""
    draft = a_draft_invoice(session, partner, **kw)
    return issue_invoice(session, draft.ref, clock=later(), actor=OFFICE, checker=Nodding())


def later() -> FixedClock:
    """Friday 2 April 2027, after the eight sessions of the default demand."""
    from datetime import datetime

    from entrepairs.kernel.clock import PARIS

    return FixedClock(datetime(2027, 4, 2, 10, tzinfo=PARIS))


def the_paper_due(session: Session, invoice: Invoice) -> dict[str, Any]:
    """What the effect that draws the invoice's Factur-X is given."""
    wanted = select(OutboxItem.payload).where(
        OutboxItem.kind == "billing.produce_einvoice", OutboxItem.subject_ref == invoice.ref
    )
    return dict(session.scalars(wanted).one())
