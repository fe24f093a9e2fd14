"""The life of an agreement, and what demands draw on it."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.moving import move
from entrepairs.contracting import agreements, engagements
from entrepairs.contracting.agreed import agreed_price
from entrepairs.contracting.considering import consider_demand, release_demand
from entrepairs.contracting.models import Agreement, AgreementDraw
from entrepairs.contracting.queries import (
    current_agreement,
    drawn_on,
    find_agreement,
    list_agreements,
    room_of,
)
from entrepairs.contracting.states import AgreementState
from entrepairs.demands.cancelling import cancel
from entrepairs.demands.models import Demand
from entrepairs.demands.states import SESSION_TRANSITIONS, DemandState, SessionEvent
from entrepairs.documents.storing import read_file
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.money import Money
from entrepairs.kernel.transitions import TransitionRefused
from entrepairs.messages.models import Message
from entrepairs.network.models import Partner, PayerKind
from entrepairs.outbox.models import OutboxItem
from tests.conftest import FreshDatabase
from tests.contracting.conftest import House, a_house, ask
from tests.factories.billing import OFFICE
from tests.factories.contracting import SIGNER, an_active_agreement, prices_of, terms
from tests.factories.network import a_partner

GROUP = Money.of(2400)
"""What a WRAP group takes at 300 € a session."""


def test_an_agreement_is_drafted_edited_sent_then_signed(session: Session, clinic: House, clock: FixedClock) -> None:
    draft = agreements.draft_agreement(session, clinic.partner.ref, terms(clinic.group), actor=OFFICE, clock=clock)
    agreements.edit_agreement(
        session, draft.ref, terms(clinic.group, prices={clinic.group.code: Money.of(310)}), actor=OFFICE, clock=clock
    )
    assert (draft.number, prices_of(draft), draft.payment_days) == (None, {clinic.group.code: 31000}, 30)

    agreements.send_agreement(session, draft.ref, actor=OFFICE, clock=clock)
    assert (draft.state, draft.number) == (AgreementState.SENT, "CV2027-00001")
    assert draft.file is not None
    assert read_file(session, draft.file.id).startswith(b"%PDF-")
    letters = session.scalars(select(Message).where(Message.kind == "contracting.agreement")).all()
    assert [letter.to_ref for letter in letters] == [clinic.director.ref]
    with pytest.raises(Conflict):
        agreements.edit_agreement(session, draft.ref, terms(clinic.group), actor=OFFICE, clock=clock)

    signed = agreements.sign_agreement(
        session,
        draft.ref,
        signed_on=date(2027, 1, 8),
        signatory="Hélène Faure",
        signatory_function="Directrice",
        signed_file=b"%PDF-1.7 signed by hand",
        actor=OFFICE,
        clock=clock,
    )
    assert (signed.state, signed.signed_on) == (AgreementState.ACTIVE, date(2027, 1, 8))
    assert signed.signed_file is not None
    assert read_file(session, signed.signed_file.id) == b"%PDF-1.7 signed by hand"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"last_day": date(2026, 12, 31)}, "last_day"),
        ({"prices": {}}, "prices"),
        ({"ceiling": Money(0)}, "ceiling"),
        ({"ceiling": Money.of(30_000_000)}, "ceiling"),
        ({"title": " "}, "title"),
        ({"signatory": ""}, "signatory"),
        ({"tacit_days": 0}, "tacit_days"),
    ],
)
def test_terms_that_make_no_sense_name_their_field(
    session: Session, clinic: House, clock: FixedClock, given: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        agreements.draft_agreement(session, clinic.partner.ref, terms(clinic.group, **given), actor=OFFICE, clock=clock)
    assert refusal.value.field == field


def test_a_public_buyer_without_ceiling_says_on_what_procedure_it_orders(
    session: Session, hospital: House, clock: FixedClock
) -> None:
    with pytest.raises(InvalidInput):
        agreements.draft_agreement(
            session, hospital.partner.ref, terms(hospital.group, ceiling=None), actor=OFFICE, clock=clock
        )
    given = terms(hospital.group, ceiling=None, procurement_basis="Procédure adaptée n° 2026-118")
    draft = agreements.draft_agreement(session, hospital.partner.ref, given, actor=OFFICE, clock=clock)
    assert draft.payment_days == 50


def test_a_structure_that_only_refers_has_nothing_to_contract(
    session: Session, clinic: House, clock: FixedClock
) -> None:
    gem = a_partner(session, payer_kind=PayerKind.NONE)
    with pytest.raises(Conflict):
        agreements.draft_agreement(session, gem.ref, terms(clinic.group), actor=OFFICE, clock=clock)


def test_a_signature_is_dated_named_and_a_pdf(session: Session, clinic: House, clock: FixedClock) -> None:
    draft = agreements.draft_agreement(session, clinic.partner.ref, terms(clinic.group), actor=OFFICE, clock=clock)
    sound = {"signed_on": clock.today(), "signatory": "Hélène Faure", "signatory_function": "Directrice"}
    for wrong in (
        {"signed_on": date(2027, 1, 12)},
        {"signatory": " "},
        {"signatory": "²"},
        {"signatory_function": "..."},
        {"signed_file": b"MZ"},
    ):
        with pytest.raises(InvalidInput):
            agreements.sign_agreement(session, draft.ref, **(sound | wrong), actor=OFFICE, clock=clock)  # type: ignore[arg-type]


def test_an_agreement_follows_the_calendar(session: Session, clinic: House, clock: FixedClock) -> None:
    agreement = an_active_agreement(session, clinic.partner, clinic.group, clock=clock)
    for at, state in (
        (datetime(2027, 11, 1, 12, tzinfo=UTC), AgreementState.ACTIVE),
        (datetime(2027, 11, 2, 12, tzinfo=UTC), AgreementState.EXPIRING),
        (datetime(2027, 12, 31, 12, tzinfo=UTC), AgreementState.EXPIRING),
        (datetime(2028, 1, 1, 12, tzinfo=UTC), AgreementState.EXPIRED),
    ):
        for _ in range(2):  # the job may run twice in a day
            agreements.follow_calendar(session, clock=FixedClock(at))
        assert agreement.state is state
    with pytest.raises(TransitionRefused):
        agreements.terminate_agreement(session, agreement.ref, actor=OFFICE, clock=clock)


def test_a_demand_under_the_ceiling_is_firm_without_a_quote(session: Session, clinic: House, clock: FixedClock) -> None:
    agreement = an_active_agreement(session, clinic.partner, clinic.group, clock=clock)
    demand = ask(session, clinic)
    for _ in range(2):  # an effect may come twice
        consider_demand(session, demand.ref, {}, clock=clock)

    assert demand.state is DemandState.CONFIRMED
    assert len(demand.seats) == 2
    assert drawn_on(session, agreement.id) == GROUP
    room = room_of(session, agreement)
    assert (room.left, room.percent) == (Money.of(9600), 20)
    assert agreed_price(session, demand) == Money.of(300)
    assert current_agreement(session, clinic.partner.id, clock.today()) is agreement


@pytest.mark.parametrize(
    "given",
    [
        {"ceiling": Money.of(2399)},
        {"last_day": date(2027, 3, 10)},
        {"first_day": date(2027, 1, 22)},
    ],
)
def test_without_room_or_outside_the_dates_the_office_quotes(
    session: Session, clinic: House, clock: FixedClock, given: dict[str, object]
) -> None:
    agreement = an_active_agreement(session, clinic.partner, clinic.group, clock=clock, **given)
    demand = ask(session, clinic)
    consider_demand(session, demand.ref, {}, clock=clock)
    assert demand.state is DemandState.SUBMITTED
    assert drawn_on(session, agreement.id) == Money(0)


def test_when_one_agreement_is_full_the_next_one_serves(session: Session, clinic: House, clock: FixedClock) -> None:
    full = an_active_agreement(session, clinic.partner, clinic.group, clock=clock, ceiling=Money.of(100))
    other = an_active_agreement(session, clinic.partner, clinic.group, clock=clock)
    demand = ask(session, clinic)
    consider_demand(session, demand.ref, {}, clock=clock)
    assert (drawn_on(session, full.id), drawn_on(session, other.id)) == (Money(0), GROUP)


@pytest.mark.parametrize("ended", [False, True])
def test_an_agreement_that_is_not_alive_serves_nobody(
    session: Session, clinic: House, clock: FixedClock, ended: bool
) -> None:
    if ended:
        ref = an_active_agreement(session, clinic.partner, clinic.group, clock=clock).ref
        agreements.terminate_agreement(session, ref, actor=OFFICE, clock=clock)
    else:
        agreements.draft_agreement(session, clinic.partner.ref, terms(clinic.group), actor=OFFICE, clock=clock)
    demand = ask(session, clinic)
    consider_demand(session, demand.ref, {}, clock=clock)
    assert demand.state is DemandState.SUBMITTED


def test_a_public_buyer_covered_is_asked_for_its_number_then_firm(
    session: Session, hospital: House, clock: FixedClock
) -> None:
    agreement = an_active_agreement(session, hospital.partner, hospital.group, clock=clock)
    demand = ask(session, hospital)
    consider_demand(session, demand.ref, {}, clock=clock)
    assert demand.state is DemandState.AWAITING_ENGAGEMENT
    assert drawn_on(session, agreement.id) == GROUP  # the room is kept while the number is looked for

    engagements.record_engagement(session, demand.ref, "EJ-1", scope=hospital.scope, actor=SIGNER, clock=clock)
    assert demand.state is DemandState.CONFIRMED


def test_a_signature_makes_us_look_again_at_what_waited(session: Session, clinic: House, clock: FixedClock) -> None:
    demand = ask(session, clinic)
    consider_demand(session, demand.ref, {}, clock=clock)
    assert demand.state is DemandState.SUBMITTED

    agreement = an_active_agreement(session, clinic.partner, clinic.group, clock=clock)
    key = f"contracting.reconsider:{demand.ref}:{agreement.ref}"
    item = session.scalars(select(OutboxItem).where(OutboxItem.dedup_key == key)).one()
    assert item.kind == "contracting.consider_demand"
    consider_demand(session, item.subject_ref, item.payload, clock=clock)
    assert demand.state is DemandState.CONFIRMED


def test_a_cancelled_demand_gives_its_room_back(session: Session, clinic: House, clock: FixedClock) -> None:
    agreement = an_active_agreement(session, clinic.partner, clinic.group, clock=clock)
    demand = ask(session, clinic)
    consider_demand(session, demand.ref, {}, clock=clock)
    cancel(session, demand.ref, actor=OFFICE, clock=clock)
    for _ in range(2):
        release_demand(session, demand.ref, {}, clock=clock)
    assert drawn_on(session, agreement.id) == Money(0)


def test_sessions_held_before_the_end_stay_drawn_since_they_are_billed(
    session: Session, clinic: House, clock: FixedClock
) -> None:
    agreement = an_active_agreement(session, clinic.partner, clinic.group, clock=clock)
    demand = ask(session, clinic)
    consider_demand(session, demand.ref, {}, clock=clock)
    for row in demand.sessions[:3]:
        move(session, row, SESSION_TRANSITIONS, SessionEvent.DO, actor=OFFICE, clock=clock)
    session.flush()
    later = FixedClock(clock.now() + timedelta(days=31))
    cancel(session, demand.ref, actor=OFFICE, clock=later)
    for _ in range(2):
        release_demand(session, demand.ref, {}, clock=later)
    assert drawn_on(session, agreement.id) == Money.of(900)


def test_a_foreign_agreement_is_an_absent_one_and_a_draft_is_the_office_s(
    session: Session, clinic: House, hospital: House, clock: FixedClock
) -> None:
    agreement = an_active_agreement(session, clinic.partner, clinic.group, clock=clock)
    draft = agreements.draft_agreement(session, clinic.partner.ref, terms(clinic.group), actor=OFFICE, clock=clock)
    assert list_agreements(session, hospital.scope) == []
    assert list_agreements(session, clinic.scope) == [agreement]
    for ref, scope in ((agreement.ref, hospital.scope), (draft.ref, clinic.scope)):
        with pytest.raises(NotFound):
            find_agreement(session, ref, scope)
    assert find_agreement(session, draft.ref) is draft


def test_two_demands_for_the_last_room_one_draws_and_the_other_waits_for_a_quote(
    fresh_database: FreshDatabase, clock: FixedClock
) -> None:
    with fresh_database.session() as session:
        house = a_house(session, a_partner(session))
        agreement = an_active_agreement(session, house.partner, house.group, clock=clock, ceiling=Money.of(2500))
        refs = [ask(session, house).ref for _ in range(2)]
        agreement_id, partner_id = agreement.id, house.partner.id
        session.commit()
    at_once = threading.Barrier(2)
    failures: list[BaseException] = []

    def consider(ref: str) -> None:
        with fresh_database.session() as own:
            try:
                at_once.wait(timeout=20)
                consider_demand(own, ref, {}, clock=clock)
                own.commit()
            except BaseException as error:  # noqa: BLE001 - a thread's failure must reach the test
                failures.append(error)

    threads = [threading.Thread(target=consider, args=(ref,)) for ref in refs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert failures == []
    with fresh_database.session() as session:
        states = session.scalars(select(Demand.state).where(Demand.partner_id == partner_id)).all()
        assert sorted(states) == [DemandState.CONFIRMED, DemandState.SUBMITTED]
        assert drawn_on(session, agreement_id) == GROUP
        assert len(session.scalars(select(AgreementDraw)).all()) == 1
        assert session.get_one(Agreement, agreement_id).partner_id == session.scalars(select(Partner.id)).one()
