"""An invoice of a company through the approved platform's stand-in: once, followed, and paid with VAT."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.models import Invoice
from entrepairs.billing.payments import record_transfer
from entrepairs.billing.transmission import mending
from entrepairs.billing.transmission.channels import Channel, Recipient
from entrepairs.billing.transmission.codes import UNSAID
from entrepairs.billing.transmission.collecting import by_rate
from entrepairs.billing.transmission.life import LifeState
from entrepairs.billing.transmission.models import InvoiceEvent
from entrepairs.billing.transmission.queries import Stuck, events_of, standing_of
from entrepairs.billing.transmission.routes import accounts_of, set_channel
from entrepairs.doubles.approved_platform.service import _decide
from entrepairs.doubles.stand import Stand
from entrepairs.kernel.money import Money
from tests.billing.test_grouping import a_vat_number
from tests.factories.billing import OFFICE, a_client, later, the_association
from tests.factories.catalogue import a_wrap_group


@pytest.fixture
def invoice(session: Session, a_sent_invoice) -> Invoice:
    """Taxed at 20 %, to a company whose invoices go by the platform."""
    the_association(session, vat_number=a_vat_number())
    company = a_client(session)
    set_channel(session, company, Channel.PLATFORM, clock=later(), actor=OFFICE)
    return a_sent_invoice(company, offering=a_wrap_group(session, vat_regime="standard"))


def stands(session: Session, invoice: Invoice, desk):
    session.expire_all()
    return standing_of(session, invoice, accounts_of(desk.config), desk.clock)


def there(platform: Stand) -> list[dict]:
    with platform.store.transaction():
        return platform.store.all("invoice")


def decide(platform: Stand, invoice: Invoice, code: int, **given: str) -> None:
    with platform.store.transaction():
        _decide(platform.store, str(invoice.number), str(code), given)


def look(session: Session, desk, invoice: Invoice) -> None:
    desk.wait(minutes=20)
    assert mending.look_now(session, invoice.ref, clock=desk.clock)
    assert desk.work() == 1, desk.errors


def test_it_is_given_once_whatever_is_lost_and_its_payment_is_told_once(
    session: Session, platform: Stand, desk, invoice: Invoice
):
    at = desk(platform=platform)
    platform.turn(lose_answers=1, throttle=1, calls_to="/v1/invoices")
    assert at.work() == 0
    assert at.errors == ["carrier_in_doubt"]
    assert at.work() == 1  # asked first: it is there
    assert len(there(platform)) == 1
    for code in (202, 203, 205):
        decide(platform, invoice, code)
    look(session, at, invoice)
    look(session, at, invoice)
    assert stands(session, invoice, at).life.state is LifeState.APPROVED
    assert [event.code for event in events_of(session, invoice)].count(203) == 1
    at.wait(days=1)
    half = Money(invoice.gross // 2)
    record_transfer(session, invoice.ref, half, at.clock.today(), clock=at.clock, actor=OFFICE)
    platform.turn(lose_answers=1, calls_to="/v1/invoices")
    assert at.work() == 0
    assert at.work() == 1  # the same key: it is told once
    told = [step for step in there(platform)[0]["steps"] if step["code"] == 212]
    assert [step["amounts"] for step in told] == [[{"rate": "20", "cents": half.cents}]]
    assert stands(session, invoice, at).life.state is LifeState.COLLECTED


def test_a_routing_error_is_mended_and_a_refusal_without_reason_is_said_to_have_none(
    session: Session, platform: Stand, desk, invoice: Invoice
):
    at = desk(platform=platform)
    at.work()
    decide(platform, invoice, 221)
    look(session, at, invoice)
    assert stands(session, invoice, at).stuck is Stuck.TO_RECYCLE
    address = f"{invoice.buyer['siren']}_{invoice.buyer['siret']}"
    mended = Recipient(siret=invoice.buyer["siret"], electronic_address=address)
    mending.mend_recipient(session, invoice.ref, mended, clock=at.clock, actor=OFFICE)
    at.wait(minutes=1)
    assert at.work() == 1, at.errors
    assert there(platform)[0]["recipient"] == address
    decide(platform, invoice, 208)
    look(session, at, invoice)
    mending.add_piece(session, invoice.ref, "liste.csv", b"a;b", clock=at.clock, actor=OFFICE)
    at.wait(minutes=1)
    assert at.work() == 1, at.errors
    assert there(platform)[0]["pieces"] == ["liste.csv"]
    assert stands(session, invoice, at).stuck is None
    decide(platform, invoice, 777)
    decide(platform, invoice, 210, reason="")
    look(session, at, invoice)
    standing = stands(session, invoice, at)
    assert standing.stuck is Stuck.REFUSED
    assert standing.life.why.reason == UNSAID
    kept = session.scalars(select(InvoiceEvent).where(InvoiceEvent.code == 777)).one()
    assert kept.source == "platform"


@given(
    st.integers(-1_000_000, 1_000_000),
    st.lists(
        st.tuples(st.sampled_from(["S", "E"]), st.sampled_from(["20", "5.5", "0"]), st.integers(0, 500_000)),
        min_size=1,
        max_size=4,
    ),
)
def test_a_payment_is_shared_by_rate_without_losing_a_cent(cents, drawn):
    rows = [(category, Decimal(rate) if category == "S" else Decimal(0), gross) for category, rate, gross in drawn]
    shared = by_rate(cents, rows)
    assert all(row["rate"] != "0" for row in shared)
    total = sum(gross for _category, _rate, gross in rows)
    if all(rate for _category, rate, gross in rows if gross) and total:
        assert sum(int(row["cents"]) for row in shared) == cents
    if cents == total and total:
        wanted: dict[str, int] = {}
        for _category, rate, gross in rows:
            if rate and gross:
                wanted[f"{rate.normalize():f}"] = wanted.get(f"{rate.normalize():f}", 0) + gross
        assert {str(row["rate"]): row["cents"] for row in shared} == wanted
