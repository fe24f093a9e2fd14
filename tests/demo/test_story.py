"""The story of the demo: true in its books and its diaries, complete in its states, the same each time it is told."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from entrepairs.audit.actors import Actor
from entrepairs.audit.models import Transition
from entrepairs.billing.dunning.standing import standings
from entrepairs.billing.einvoice.checker import Checker
from entrepairs.billing.models import (
    OWED,
    Invoice,
    InvoiceFile,
    InvoiceKind,
    InvoiceState,
    LateCancellation,
    Settlement,
    SettlementKind,
)
from entrepairs.billing.online.models import DisputeState, RefundState, StripeRefund
from entrepairs.billing.online.queries import overview
from entrepairs.billing.payments import balance_of
from entrepairs.billing.queries import cancellations_to_bill
from entrepairs.billing.spreading import PEER_AXIS
from entrepairs.contracting.models import Agreement, QuoteVersion
from entrepairs.contracting.queries import drawn_on, room_of
from entrepairs.contracting.rules import percent_drawn
from entrepairs.contracting.states import AgreementState, QuoteState
from entrepairs.cooperative.by_peer import brought_by_peer
from entrepairs.cooperative.matters import MATTERS
from entrepairs.cooperative.models import ContributionShare, Grant, GrantState
from entrepairs.cooperative.queries import standing_on
from entrepairs.cooperative.selffinancing import Window
from entrepairs.demands.models import Assignment, Booking, Demand, DemandSession, Seat
from entrepairs.demands.states import AssignmentState, DemandState, SeatState, SessionState
from entrepairs.demo.doors import DOORS
from entrepairs.demo.loading import begin
from entrepairs.demo.story import Story
from entrepairs.dispatch.models import Offer, OfferState
from entrepairs.documents.storing import read_file
from entrepairs.embedded.postgres import EmbeddedPostgres, Role
from entrepairs.fairness.hours import AlertKind
from entrepairs.fairness.shares import all_shares, count_alerts, thresholds_on
from entrepairs.fairness.spread import spread
from entrepairs.identity.models import Account
from entrepairs.kernel.dates import at_paris, paris
from entrepairs.kernel.money import Money
from entrepairs.kernel.references import drawn_from
from entrepairs.ledger.balances import balance
from entrepairs.ledger.fec.writing import export_fec
from entrepairs.ledger.models import AccountingYear, Entry, EntryLine, EntryState
from entrepairs.ledger.reports import axis_rows
from entrepairs.messages.models import Message, MessageState
from entrepairs.missions.models import MissionOrder, Report, ReportState, ServiceAnswer, ServiceDone
from entrepairs.network.models import Employment, Partner, Pause, PayerKind, Peer
from entrepairs.outbox.models import ItemState, OutboxItem
from entrepairs.settings.decisions import decision_or
from entrepairs.settings.demo_clock import START, read
from entrepairs.settings.models import Association, Decision
from tests.throwaway import TEMPLATE

TODAY = date(2027, 1, 11)
FIRST_DAYS = at_paris(date(2025, 10, 8), time(9))
FIRST_OF_ALL = at_paris(date(2025, 8, 20), time(9))
"""A first invoice has been issued by then."""


def states(story: Session, column: object) -> Counter[object]:
    return Counter(story.scalars(select(column)).all())


def test_twenty_four_people_and_fourteen_structures_are_there(story: Session) -> None:
    assert story.scalar(select(func.count(Peer.id))) == 24
    own = story.get_one(Association, 1).siret
    assert story.scalar(select(func.count(Partner.id)).where(Partner.siret != own)) == 14
    assert {peer.employment for peer in story.scalars(select(Peer)).unique()} == set(Employment)
    assert story.scalars(select(Pause).where(Pause.until.is_(None))).all()
    assert {partner.payer_kind for partner in story.scalars(select(Partner))} == set(PayerKind)


NOT_TOLD_ONLINE = {SettlementKind.STRIPE_REFUND_FAILED, SettlementKind.DISPUTE_WON}
"""Whoever visits the demo makes them on the local Stripe's page: nothing of them is told."""


@pytest.mark.parametrize(
    ("column", "wanted"),
    [
        (Demand.state, set(DemandState)),
        (DemandSession.state, set(SessionState)),
        (Seat.state, set(SeatState) - {SeatState.HELD}),
        (Assignment.state, set(AssignmentState) - {AssignmentState.REPLACED}),
        (Offer.state, set(OfferState)),
        (Report.state, {ReportState.SUBMITTED, ReportState.CONFIRMED, ReportState.DISPUTED}),
        (ServiceDone.answer, set(ServiceAnswer)),
        (Agreement.state, set(AgreementState)),
        (QuoteVersion.state, set(QuoteState)),
        (Invoice.state, set(InvoiceState)),
        (Invoice.kind, set(InvoiceKind)),
        (Settlement.kind, set(SettlementKind) - NOT_TOLD_ONLINE),
        (Grant.state, set(GrantState)),
    ],
    ids=lambda value: str(value) if not isinstance(value, set) else "states",
)
def test_every_state_is_present(story: Session, column: object, wanted: set[object]) -> None:
    assert wanted - set(states(story, column)) == set()


def test_nothing_of_the_past_is_left_to_do_and_no_letter_will_leave_by_itself(story: Session) -> None:
    late = select(OutboxItem).where(OutboxItem.state != ItemState.DONE, OutboxItem.due_at <= START)
    assert story.scalars(late).all() == []
    assert story.scalars(select(OutboxItem).where(OutboxItem.state == ItemState.FAILED)).all() == []
    waiting = select(OutboxItem).where(OutboxItem.kind == "messages.send_mail", OutboxItem.state != ItemState.DONE)
    assert story.scalars(waiting).all() == []
    told = states(story, Message.state)
    assert set(told) == {MessageState.SENT, MessageState.FAILED, MessageState.IN_DOUBT}
    assert told[MessageState.FAILED] == told[MessageState.IN_DOUBT] == 1
    assert story.scalars(select(Message).where(Message.sent_at > START)).all() == []
    assert story.scalars(select(OutboxItem).where(OutboxItem.due_at > START)).all(), "what is to come is planned"


def test_the_clock_stands_on_monday_11_january_2027_at_9(story: Session) -> None:
    # Read as the clock was set: the demo adds the real minutes lived since.
    at = read(story, real_now=datetime(2020, 1, 1, tzinfo=UTC)).now()
    assert paris(at) == datetime(2027, 1, 11, 9, tzinfo=ZoneInfo("Europe/Paris"))


def test_the_books_balance_entry_by_entry_and_as_a_whole(story: Session) -> None:
    assert states(story, Entry.state)[EntryState.DRAFT] == 1
    wrong = (
        select(EntryLine.entry_id)
        .group_by(EntryLine.entry_id)
        .having(func.sum(EntryLine.debit) != func.sum(EntryLine.credit))
    )
    assert story.scalars(wrong).all() == []
    owed = sum((balance_of(story, one) for one in _issued(story)), Money(0))
    assert balance(story, "411") == owed


def test_its_tax_files_hold_and_what_is_paid_is_lettered(story: Session, tmp_path: Path) -> None:
    for year in (2025, 2026):
        done = export_fec(story, year, tmp_path)
        assert (done.report.faults, done.drafts, done.opening_missing) == ([], 0, False)
    assert [found.rule for found in export_fec(story, 2027, tmp_path).report.remarks] == ["number-start"]
    paid = [one.number for one in _issued(story) if balance_of(story, one).cents == 0 and one.gross]
    open_still = select(EntryLine.match_ref).where(EntryLine.match_ref.in_(paid), EntryLine.lettering_id.is_(None))
    assert story.scalars(open_still).all() == []
    closed = {year.year: year.closed_through for year in story.scalars(select(AccountingYear))}
    assert closed == {2025: date(2025, 12, 31), 2026: date(2026, 11, 30), 2027: None}


def _issued(story: Session) -> list[Invoice]:
    issued = select(Invoice).where(Invoice.state == InvoiceState.ISSUED, Invoice.kind.in_(OWED))
    return list(story.scalars(issued))


def test_numbers_have_no_gap_and_follow_the_dates(story: Session) -> None:
    for kinds in (OWED, (InvoiceKind.CREDIT_NOTE,)):  # deposits are numbered with invoices
        rows = story.execute(
            select(Invoice.number, Invoice.issue_date)
            .where(Invoice.kind.in_(kinds), Invoice.number.is_not(None))
            .order_by(Invoice.number)
        ).all()
        for year in {day.year for _, day in rows}:
            numbers = [int(number[-5:]) for number, day in rows if day.year == year]
            assert numbers == list(range(1, len(numbers) + 1))
        assert [day for _, day in rows] == sorted(day for _, day in rows)


def test_every_issued_paper_has_its_pdf_and_an_xml_that_passes_the_official_rules(story: Session) -> None:
    issued = story.scalar(select(func.count(Invoice.id)).where(Invoice.state == InvoiceState.ISSUED))
    files = story.scalars(select(InvoiceFile)).all()
    assert len(files) == issued
    with Checker() as checker:
        refused = {one.invoice_id for one in files if not checker.check(read_file(story, one.xml_id)).passed}
    assert refused == set()
    assert all(read_file(story, one.pdf_id).startswith(b"%PDF-") for one in files)


def test_some_are_late_some_part_paid_some_paid_online(story: Session) -> None:
    balances = {one: balance_of(story, one) for one in _issued(story)}
    late = [one for one, left in balances.items() if left.cents > 0 and one.due_date and one.due_date < TODAY]
    part = [one for one, left in balances.items() if 0 < left.cents < one.gross]
    assert late
    assert part
    assert [one for one, left in balances.items() if left.cents == 0 and one.gross]


def test_the_contribution_is_taken_on_every_invoice_at_the_rate_of_its_day(story: Session) -> None:
    shares = story.execute(select(Invoice.issue_date, ContributionShare.rate).join(ContributionShare.invoice)).all()
    assert len(shares) == story.scalar(select(func.count(Invoice.id)).where(Invoice.state == InvoiceState.ISSUED))
    assert {rate for day, rate in shares if day >= date(2026, 7, 1)} == {10}
    assert {rate for day, rate in shares if day < date(2026, 7, 1)} == {8, 10} - {10}


def test_nobody_is_in_two_places(story: Session) -> None:
    twice = text(
        "SELECT 1 FROM booking a JOIN booking b ON a.peer_id = b.peer_id AND a.id < b.id AND a.during && b.during"
        " WHERE a.active AND b.active"
    )
    assert story.execute(twice).all() == []


def test_a_group_keeps_its_hour_across_the_change_of_hour(story: Session) -> None:
    def wall(row: DemandSession) -> str:
        assert row.during.lower is not None
        return f"{paris(row.during.lower):%H:%M}"

    across = [
        demand
        for demand in story.scalars(select(Demand).where(Demand.state.in_((DemandState.COMPLETED, DemandState.CLOSED))))
        if len({row.during.lower.astimezone(ZoneInfo("Europe/Paris")).utcoffset() for row in demand.sessions}) == 2
        and demand.first_day is not None
        and demand.first_day > date(2026, 9, 1)
    ]
    assert across
    assert all(len({wall(row) for row in demand.sessions}) == 1 for demand in across)


def test_each_hold_of_the_past_has_its_order_with_its_paper(story: Session) -> None:
    assert story.scalars(select(MissionOrder).where(MissionOrder.file_id.is_(None))).all() == []
    lived = select(Assignment.id).join(Booking).where(Booking.active).distinct()
    ordered = select(MissionOrder.assignment_id)
    assert set(story.scalars(lived)) <= set(story.scalars(ordered))


def test_only_the_last_days_leave_a_report_to_write(story: Session) -> None:
    lived = text(
        "SELECT x.ref FROM booking b JOIN demand_session x ON x.id = b.session_id LEFT JOIN report r"
        " ON r.session_id = x.id AND r.assignment_id = b.assignment_id"
        " WHERE b.active AND x.state = 'planned' AND upper(x.during) <= :now AND (r.id IS NULL OR r.state = 'draft')"
    )
    assert len(story.scalars(lived, {"now": START}).all()) == 1


def test_the_office_has_decided_all_that_comes_before_going_live_and_it_is_marked_fictional(story: Session) -> None:
    undecided = [
        matter.key for matter in MATTERS if matter.blocking and decision_or(story, matter.key, TODAY, None) is None
    ]
    assert undecided == []
    assert set(story.scalars(select(Decision.fictional))) == {True}
    assert story.get_one(Association, 1).fictional


def test_the_hospital_has_used_38_percent_of_its_agreement(story: Session) -> None:
    agreement = story.scalars(
        select(Agreement).join(Agreement.partner).where(Partner.name == "EPSM de la Durance")
    ).one()
    assert agreement.state is AgreementState.ACTIVE
    assert agreement.ceiling is not None
    assert percent_drawn(Money(agreement.ceiling), drawn_on(story, agreement.id)) == 38


def test_a_yearly_agreement_is_billed_by_the_month_and_late_cancellations_by_their_terms(story: Session) -> None:
    agreement = story.scalars(
        select(Agreement).join(Agreement.partner).where(Partner.name == "Clinique des Restanques")
    ).one()
    invoices = story.scalars(select(Invoice).where(Invoice.agreement_number == agreement.number)).all()
    months = {
        (line.session_date.year, line.session_date.month) for one in invoices for line in one.lines if line.session_date
    }
    assert len(invoices) == len(months) >= 3
    billed, waiting = story.scalars(select(LateCancellation).order_by(LateCancellation.cancelled_on)).all()
    assert (billed.agreement_id, billed.percent, billed.cents) == (agreement.id, 40, 86_00)
    assert [line.net for one in invoices for line in one.lines if line.cancellation_id == billed.id] == [86_00]
    assert [one.id for one in cancellations_to_bill(story)] == [waiting.id]
    room = room_of(story, agreement)
    living = [draw.cents for draw in agreement.draws if draw.released_at is None]
    assert (room.ceiling, room.drawn) == (Money.of(6000), Money(sum(living) + 86_00))


def test_money_paid_online_went_back_in_part_and_is_contested(story: Session) -> None:
    found = overview(story)
    assert [(one.state, one.reason) for one in found.disputes] == [(DisputeState.OPENED, "unrecognized")]
    (standing,) = (one for one in standings(story, TODAY) if one.bank_disputed)
    assert (standing.disputed, standing.session_disputed, standing.due_step) == (True, False, None)
    refund = story.scalars(select(StripeRefund)).one()
    assert (refund.state, 0 < refund.cents < refund.payment.cents) == (RefundState.DONE, True)
    # The refund was taken from the payments that followed; what the bank took back since still is to be.
    assert found.booked == Money(-found.disputes[0].cents - 20_00)


def test_the_work_of_each_peer_is_in_the_books_as_in_their_own_account(story: Session) -> None:
    year = Window(date(2026, 1, 1), date(2027, 1, 1))
    by_ledger = {row.code: row.income for row in axis_rows(story, PEER_AXIS, year.since, year.last)}
    by_documents = {ref: one.turnover for ref, one in brought_by_peer(story, year).items() if ref}
    assert {ref: amount for ref, amount in by_ledger.items() if ref} == by_documents
    assert len(by_documents) >= 10


def test_the_share_of_own_income_has_grown(story: Session) -> None:
    now = standing_on(story, TODAY)
    assert now.share is not None
    assert 30 <= now.share <= 55
    assert now.gain is not None
    assert now.gain > 0


def test_the_week_is_alive_for_the_three_people_one_starts_as(story: Session) -> None:
    paul = story.scalars(select(Peer).where(Peer.last_name == "Rinaldi")).unique().one()
    week = select(Booking).where(
        Booking.peer_id == paul.id, Booking.active, func.lower(Booking.during).between(START, START + timedelta(days=5))
    )
    assert story.scalars(week).all()
    asked = select(Offer).where(Offer.peer_id == paul.id, Offer.state == OfferState.SENT, Offer.deadline > START)
    assert story.scalars(asked).all()


def test_every_door_opens_on_an_account_that_exists(story: Session) -> None:
    emails = set(story.scalars(select(Account.email)))
    assert {door.email for door in DOORS} <= emails
    shown = decision_or(story, "demo.accounts", START.date(), [])
    assert [row["main"] for row in shown].count(True) == 3
    assert {row["door"] for row in shown} == {"s", "p", "a"}
    assert {row["ref"] for row in shown} <= set(story.scalars(select(Account.ref)))


def test_a_whole_story_says_so_last_of_all(story: Session) -> None:
    assert decision_or(story, "demo.told", START.date(), None) == {"size": "S", "seed": 42}


def test_people_act_at_human_hours(story: Session) -> None:
    """Jobs of the night aside, and calls when somebody is needed now."""
    acts = select(Transition).where(Transition.subject_kind.in_(("offer", "report", "quote_version", "invoice")))
    by_people = [row for row in story.scalars(acts) if row.actor_ref != Actor.SYSTEM.ref]
    hours = Counter(paris(row.at).hour for row in by_people)
    assert len(by_people) > 400
    assert {hour for hour in hours if not 7 <= hour < 23} == set(), hours


def test_the_region_looks_alive_a_few_have_fewer_hours_than_wished_and_somebody_more(story: Session) -> None:
    everybody = all_shares(story, TODAY)
    hours = spread([one.share for one in everybody], thresholds_on(TODAY).recent_months)
    assert hours.people >= 20
    assert 2 <= hours.below(50) <= 6
    assert hours.near >= 10
    assert 1 <= count_alerts(everybody)[AlertKind.OVER] <= 3


def test_no_address_of_the_story_could_be_somebodys(story: Session) -> None:
    addresses = {*story.scalars(select(Account.email)), *story.scalars(select(Message.address))}
    assert {address.rpartition(".")[2] for address in addresses if address} == {"test"}, "old mails forget theirs"
    sirets = [one for one in story.scalars(select(Partner.siret)) if one]
    assert all(siret.startswith("000") for siret in sirets)


@pytest.mark.long
def test_the_same_seed_tells_the_same_story_and_another_one_another(
    story: Session, cluster: EmbeddedPostgres, worker_name: str
) -> None:
    """Its first months told again, and once more by another seed."""
    told = _lived(story, FIRST_DAYS)
    assert {"demand", "demand_session", "offer", "report", "invoice"} <= {kind for kind, *_ in told}
    assert _told_again(cluster, f"seed_{worker_name}_42", 42, FIRST_DAYS) == told
    sooner = _lived(story, FIRST_OF_ALL)
    assert sooner
    assert _told_again(cluster, f"seed_{worker_name}_7", 7, FIRST_OF_ALL) != sooner


def _told_again(cluster: EmbeddedPostgres, name: str, seed: int, until: datetime) -> list[tuple[object, ...]]:
    cluster.clone_database(TEMPLATE, name)
    engine = create_engine(cluster.url(name, Role.APP), poolclass=NullPool)
    try:
        with drawn_from(Random(f"references:{seed}")), Checker() as checker, Session(engine) as session:
            told = Story(session, checker, Random(f"story:{seed}"))
            begin(told)
            told.live(until)
            return _lived(session, until)
    finally:
        engine.dispose()
        cluster.drop_database(name)


def _lived(session: Session, until: datetime) -> list[tuple[object, ...]]:
    """What changed its state until then: the references, when, and to what."""
    rows = select(Transition.subject_kind, Transition.subject_ref, Transition.at, Transition.to_state)
    return sorted(tuple(row) for row in session.execute(rows.where(Transition.at < until)))
