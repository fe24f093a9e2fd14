"""Agreements and quotes for tests, made by the use cases themselves."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.catalogue.models import Offering
from entrepairs.contracting import agreements, quotes
from entrepairs.contracting.agreements import Terms
from entrepairs.contracting.models import Agreement, QuoteVersion, RecordAccess
from entrepairs.contracting.signatures import Signature
from entrepairs.demands.models import Demand
from entrepairs.identity.models import Account
from entrepairs.kernel.clock import Clock, FixedClock
from entrepairs.kernel.money import Money
from entrepairs.network.models import MemberRole, Partner
from tests.factories.billing import EXEMPT, OFFICE, the_association
from tests.factories.catalogue import a_wrap_group
from tests.factories.demands import a_submitted_demand
from tests.factories.identity import an_account
from tests.factories.network import a_member, a_partner, a_site

SIGNER = Actor("CPT-DIRE-CTRI", "Hélène Faure")


def terms(offering: Offering, **given: Any) -> Terms:
    """Twelve months, 12 000 €, one offering at 300 €."""
    values: dict[str, Any] = {
        "title": "Convention 2027",
        "first_day": date(2027, 1, 1),
        "last_day": date(2027, 12, 31),
        "ceiling": Money.of(12_000),
        "prices": {offering.code: Money.of(300)},
        "record_access": RecordAccess.OWN_TAB,
        "signatory": "Hélène Faure",
        "signatory_function": "Directrice",
    }
    return Terms(**(values | given))


def an_active_agreement(
    session: Session, partner: Partner, offering: Offering, *, clock: Clock | None = None, **given: Any
) -> Agreement:
    """Drafted, sent and signed."""
    clock = clock or FixedClock()
    the_association(session)
    draft = agreements.draft_agreement(session, partner.ref, terms(offering, **given), actor=OFFICE, clock=clock)
    agreements.send_agreement(session, draft.ref, actor=OFFICE, clock=clock)
    return agreements.sign_agreement(
        session,
        draft.ref,
        signed_on=clock.today(),
        signatory="Hélène Faure",
        signatory_function="Directrice",
        actor=OFFICE,
        clock=clock,
    )


def a_signatory(session: Session, partner: Partner, **given: Any) -> Account:
    """Somebody with a named delegation of signature."""
    values = {"function": "Directrice", "delegation": "DEL-2026-12", "delegation_since": date(2026, 9, 1)}
    account = an_account(session, name="Hélène Faure")
    return a_member(session, partner, MemberRole.SIGNATORY, account=account, **(values | given))


def a_demand_to_quote(
    session: Session, partner: Partner | None = None, offering: Offering | None = None, **kw: Any
) -> Demand:
    """A WRAP group asked by a clinic whose signatory is known."""
    the_association(session)
    if partner is None:
        partner = a_partner(session)
        a_signatory(session, partner)
    offering = offering or a_wrap_group(session, vat_regime=EXEMPT)
    return a_submitted_demand(session, partner, a_site(session, partner), offering, **kw)


def a_sent_quote(
    session: Session, demand: Demand | None = None, *, clock: Clock | None = None, lines: Any = None
) -> QuoteVersion:
    """Version sent, its PDF kept."""
    clock = clock or FixedClock()
    demand = demand or a_demand_to_quote(session)
    draft = quotes.prepare_quote(session, demand.ref, lines=lines, actor=OFFICE, clock=clock)
    return quotes.send_quote(session, draft.quote.ref, actor=OFFICE, clock=clock)


def a_signature(account: Account | None = None, **given: Any) -> Signature:
    """The director's."""
    values: dict[str, Any] = {
        "name": "Hélène Faure",
        "function": "Directrice",
        "ip": "192.0.2.7",
        "user_agent": "Firefox",
        "account_id": account.id if account else None,
    }
    return Signature(**(values | given))


def prices_of(agreement: Agreement) -> Mapping[str, int]:
    """Cents by offering code."""
    return {row.offering.code: row.cents for row in agreement.prices}
