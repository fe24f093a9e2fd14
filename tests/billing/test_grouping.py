"""What stands together on an invoice: what the agreement groups, what the buyer wants apart, what VAT keeps apart."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from entrepairs.billing import rules
from entrepairs.billing.drafting import draft_invoices
from entrepairs.billing.einvoice import mentions
from entrepairs.billing.einvoice.mentions import Category
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.models import Invoice
from entrepairs.contracting.considering import draw
from entrepairs.contracting.engagements import record_yearly_engagement
from entrepairs.contracting.models import InvoiceGrouping
from entrepairs.demands.models import Demand
from entrepairs.demands.states import SessionState
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.references import new_reference
from entrepairs.missions.models import ServiceAnswer, ServiceDone
from entrepairs.network.models import Partner
from tests.factories.billing import EXEMPT, OFFICE, a_client, a_demand_done, a_siret, later, the_association
from tests.factories.catalogue import a_wrap_group, an_offering
from tests.factories.contracting import an_active_agreement
from tests.factories.demands import a_submitted_demand
from tests.factories.network import a_public_hospital, a_site

TREATMENTS = [mentions.treatment(code, standard_rate=Decimal(20)) for code in mentions.CODES]


def a_vat_number() -> str:
    """Of the association of the tests: its key follows from its SIREN."""
    siren = a_siret(9_999_999)[:9]
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def done(session: Session, demand: Demand) -> Demand:
    for planned in demand.sessions:
        planned.state = SessionState.DONE
        session.add(
            ServiceDone(
                ref=new_reference("SF"),
                session=planned,
                answer=ServiceAnswer.CONFIRMED,
                minutes=120,
                headcount=10,
                by_label="Nadège",
                at=later().now(),
            )
        )
    session.flush()
    return demand


def two_groups_in_two_places(session: Session, partner: Partner, **terms: object) -> None:
    """Two WRAP groups, eight Thursdays from 21 January 2027, each in its place, under one agreement."""
    the_association(session)
    group = a_wrap_group(session, vat_regime=EXEMPT)
    agreement = an_active_agreement(session, partner, group, **terms)
    if agreement.yearly_engagement:
        record_yearly_engagement(session, agreement.ref, 2027, "EJ27", actor=OFFICE, clock=FixedClock())
    for _ in range(2):
        demand = a_submitted_demand(session, partner, a_site(session, partner), group)
        assert draw(session, demand, agreement, actor=OFFICE, clock=FixedClock())
        done(session, demand)


def drafted(session: Session, partner: Partner) -> list[Invoice]:
    return draft_invoices(session, partner.ref, clock=later(), actor=OFFICE)


@pytest.mark.parametrize(
    ("grouping", "lines"),
    [
        (InvoiceGrouping.ENGAGEMENT, [16]),
        (InvoiceGrouping.MISSION, [8, 8]),
        (InvoiceGrouping.MONTH, [4, 4, 8]),  # two Thursdays in January, four in February, two in March, twice
        (InvoiceGrouping.SITE, [2, 2, 2, 2, 4, 4]),
    ],
)
def test_the_agreement_says_what_goes_together(session: Session, grouping: InvoiceGrouping, lines: list[int]) -> None:
    partner = a_client(session)
    two_groups_in_two_places(session, partner, grouping=grouping)
    made = drafted(session, partner)
    assert sorted(len(one.lines) for one in made) == lines
    assert sum(one.net for one in made) == 16 * 30000
    if grouping in {InvoiceGrouping.MONTH, InvoiceGrouping.SITE}:
        assert all(one.period_start.month == one.period_end.month for one in made)


def test_the_commitment_of_the_year_is_on_the_invoice_of_a_public_buyer(session: Session) -> None:
    hospital = a_public_hospital(session, siret=a_siret())
    two_groups_in_two_places(session, hospital, yearly_engagement=True, grouping=InvoiceGrouping.ENGAGEMENT)
    (draft,) = drafted(session, hospital)
    issued = issue_invoice(session, draft.ref, clock=later(), actor=OFFICE)
    assert (issued.engagement, issued.gross) == ("EJ27", 16 * 30000)


def test_what_is_taxed_may_stand_with_one_exemption_and_each_line_keeps_its_regime(session: Session) -> None:
    the_association(session, vat_number=a_vat_number())
    partner = a_client(session)
    a_demand_done(session, partner)
    a_demand_done(session, partner, an_offering(session, vat_regime="standard"))
    (draft,) = drafted(session, partner)
    issued = issue_invoice(session, draft.ref, clock=later(), actor=OFFICE)
    assert {(row.category, row.base > 0, row.vat > 0) for row in issued.vat_lines} == {
        ("E", True, False),
        ("S", True, True),
    }
    assert all(line.vat_rate == (20 if line.vat_category == "S" else 0) for line in issued.lines)


def test_what_is_outside_the_scope_never_stands_with_anything(session: Session) -> None:
    the_association(session)
    partner = a_client(session)
    for regime in (EXEMPT, "out_of_scope", "standard"):
        a_demand_done(session, partner, an_offering(session, vat_regime=regime))
    made = drafted(session, partner)
    assert sorted(sorted({line.vat_regime for line in one.lines}) for one in made) == [
        [EXEMPT, "standard"],
        ["out_of_scope"],
    ]


@given(st.lists(st.sampled_from(TREATMENTS), max_size=12))
def test_no_bundle_of_vat_regimes_breaks_a_rule_and_none_is_lost(treatments: list[mentions.Treatment]) -> None:
    bundles = rules.vat_bundles(treatments)
    by_code = {one.code: one for one in treatments}
    assert sorted(code for bundle in bundles for code in bundle) == sorted(by_code)
    for bundle in bundles:
        categories = [by_code[code].category for code in bundle]
        assert categories.count(Category.EXEMPT) <= 1
        assert Category.OUT_OF_SCOPE not in categories or len(categories) == 1


def test_a_mission_over_new_year_is_billed_by_year_when_the_commitment_is_yearly(session: Session) -> None:
    hospital = a_public_hospital(session, siret=a_siret())
    the_association(session)
    group = a_wrap_group(session, vat_regime=EXEMPT)
    agreement = an_active_agreement(
        session,
        hospital,
        group,
        last_day=date(2028, 12, 31),
        yearly_engagement=True,
        grouping=InvoiceGrouping.ENGAGEMENT,
    )
    for year in (2027, 2028):
        record_yearly_engagement(session, agreement.ref, year, f"EJ{year}", actor=OFFICE, clock=FixedClock())
    site = a_site(session, hospital)
    demand = a_submitted_demand(session, hospital, site, group, first_day=date(2027, 12, 2))
    assert draw(session, demand, agreement, actor=OFFICE, clock=FixedClock())
    done(session, demand)
    assert {one.engagement for one in drafted(session, hospital)} == {"EJ2027", "EJ2028"}
