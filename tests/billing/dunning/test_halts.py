"""What the payer's platform says of an invoice stops its reminders, and lets them go on."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from entrepairs.billing.dunning.claiming import claim_interest
from entrepairs.billing.dunning.ladder import Step
from entrepairs.billing.dunning.sending import proposed_letters
from entrepairs.billing.dunning.standing import Standing, standings
from entrepairs.billing.models import Invoice
from entrepairs.billing.transmission.channels import Channel
from entrepairs.billing.transmission.codes import LifeCode
from entrepairs.billing.transmission.events import say_event
from entrepairs.billing.transmission.life import LifeState, Said, resumed_at
from entrepairs.billing.transmission.models import EventSource, Transmission
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict
from entrepairs.kernel.references import new_reference
from tests.billing.dunning.test_letters import DUE, after
from tests.factories.billing import OFFICE, an_issued_invoice, later

NOW = later().now()


@pytest.fixture
def sending(session: Session) -> Transmission:
    return a_sending(session, an_issued_invoice(session))


def a_sending(session: Session, invoice: Invoice) -> Transmission:
    known = {"remote_ref": new_reference("DEP"), "created_at": NOW, "sent_at": NOW}
    sending = Transmission(ref=new_reference("TRM"), invoice=invoice, channel=Channel.PLATFORM, **known)
    session.add(sending)
    session.flush()
    return sending


def said(session: Session, sending: Transmission, code: LifeCode, clock: FixedClock, reason: str = "") -> None:
    key = f"{sending.ref}:{code}:{clock.now()}"
    source = EventSource.PLATFORM
    say_event(session, sending.invoice_id, sending, code, source=source, key=key, clock=clock, reason=reason)


def seen(session: Session, days: int) -> Standing:
    (one,) = standings(session, after(days).today())
    return one


@pytest.mark.parametrize(
    ("code", "reason", "state", "contested"),
    [
        (LifeCode.SUSPENDED, "JUSTIF_ABS", LifeState.SUSPENDED, False),
        (LifeCode.DISPUTED, "QTE_ERR", LifeState.DISPUTED, True),
        (LifeCode.ROUTING_ERROR, "", LifeState.TO_RECYCLE, False),
        (LifeCode.REJECTED, "REJ_COH", LifeState.REJECTED, False),
    ],
)
def test_nobody_is_asked_for_what_the_platform_stopped(
    session: Session, sending: Transmission, code: LifeCode, reason: str, state: LifeState, *, contested: bool
) -> None:
    assert [one.step for one in proposed_letters(session, after(7).today())] == [Step.FRIENDLY]
    said(session, sending, code, after(2), reason)
    one = seen(session, 40)
    assert one.halt is not None
    assert (one.halt.state, one.halt.since, one.waits, one.disputed) == (state, after(2).today(), True, contested)
    assert proposed_letters(session, after(40).today()) == []
    with pytest.raises(Conflict, match=r"halted|disputed"):
        claim_interest(session, sending.invoice.ref, clock=after(40), actor=OFFICE)


@pytest.mark.parametrize("lifting", [LifeCode.COMPLETED, LifeCode.APPROVED, LifeCode.PAYMENT_SENT])
def test_a_suspension_lifted_lets_the_ladder_go_on_from_that_day(
    session: Session, sending: Transmission, lifting: LifeCode
) -> None:
    said(session, sending, LifeCode.SUSPENDED, after(2), "JUSTIF_ABS")
    said(session, sending, lifting, after(20))
    one = seen(session, 20)
    assert (one.halt, one.waits, one.due_step) == (None, False, Step.FRIENDLY)
    assert one.next is not None
    assert one.next.on == DUE + timedelta(days=20)  # not the seventh day, which went by while it was stopped


def test_a_document_given_does_not_end_a_dispute(session: Session, sending: Transmission) -> None:
    said(session, sending, LifeCode.DISPUTED, after(2), "QTE_ERR")
    said(session, sending, LifeCode.COMPLETED, after(3))
    assert seen(session, 20).disputed
    said(session, sending, LifeCode.APPROVED, after(4))
    assert seen(session, 20).due_step is Step.FRIENDLY


def test_a_halt_of_a_former_sending_is_over_once_the_invoice_was_sent_again(
    session: Session, sending: Transmission
) -> None:
    said(session, sending, LifeCode.ROUTING_ERROR, after(2))
    sending.closed_at = after(3).now()
    session.flush()
    a_sending(session, sending.invoice)
    assert seen(session, 20).due_step is Step.FRIENDLY


def test_the_last_lift_is_the_one_that_counts() -> None:
    def event(code: LifeCode, days: int) -> Said:
        return Said(code, NOW + timedelta(days=days))

    halts = [event(LifeCode.SUSPENDED, 1), event(LifeCode.COMPLETED, 3), event(LifeCode.SUSPENDED, 5)]
    assert resumed_at([event(LifeCode.DEPOSITED, 0)]) is None
    assert resumed_at(halts) == NOW + timedelta(days=3)
    assert resumed_at([*halts, event(LifeCode.APPROVED, 8)]) == NOW + timedelta(days=8)
