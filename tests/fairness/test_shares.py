"""Everybody's hours read from PostgreSQL: the same figures as on a peer's own pages, in as many queries for one as for many."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.demands.diary import hold_seat
from entrepairs.fairness.hours import MONTHS_BACK, AlertKind, Share
from entrepairs.fairness.shares import ShareFilter, all_shares, count_alerts, paged, share_of
from entrepairs.fairness.spread import spread
from entrepairs.kernel.clock import FixedClock
from entrepairs.missions.queries import month_hours
from entrepairs.network.models import Employment, Peer
from entrepairs.network.queries import PAGE_SIZE
from entrepairs.network.rhythm import declare_absence, take_pause
from entrepairs.network.wishes import exclude_place
from tests.factories.catalogue import an_offering
from tests.factories.demands import a_confirmed_demand
from tests.factories.missions import a_held_demand, a_report, after, holders
from tests.factories.network import a_peer, a_site
from tests.matching.test_looking import counted

LATER = date(2027, 3, 15)


def share(session: Session, peer: Peer, today: date) -> Share:
    return share_of(session, peer, today).share


def held_peer(session: Session) -> Peer:
    """Somebody who holds eight Thursdays from 21 January 2027, 14 h to 16 h, preparation included."""
    demand = a_held_demand(session)
    demand.offering.preparation_minutes = 30
    session.flush()
    return holders(session, demand)[0].peer


def test_hours_promised_become_hours_done_with_the_report(session: Session, clock: FixedClock) -> None:
    demand = a_held_demand(session)
    demand.offering.preparation_minutes = 30
    peer = holders(session, demand)[0].peer
    before = share(session, peer, clock.today())
    assert [month.promised for month in before.months[MONTHS_BACK:]] == [2 * 150, 4 * 150, 2 * 150]
    a_report(session, peer, demand.sessions[0], hours={"group": 120, "travel": 60})
    january = share(session, peer, clock.today()).months[MONTHS_BACK]
    assert (january.done, january.promised) == (180, 150)


def test_the_figures_are_those_of_the_peers_own_pages(session: Session) -> None:
    demand = a_held_demand(session)
    peer = holders(session, demand)[0].peer
    for row in demand.sessions[:3]:
        a_report(session, peer, row)
    for day in (date(2027, 1, 31), date(2027, 2, 28), LATER):
        own = month_hours(session, peer, day)
        month = share(session, peer, day).this_month
        assert (month.done, month.promised) == (own.done, own.planned)


def test_a_draft_of_a_report_is_not_told_yet(session: Session, clock: FixedClock) -> None:
    demand = a_held_demand(session)
    peer = holders(session, demand)[0].peer
    report = a_report(session, peer, demand.sessions[0])
    told = share(session, peer, clock.today()).this_month
    report.state = report.state.DRAFT
    session.flush()
    month = share(session, peer, clock.today()).this_month
    assert (told.done, month.done, month.promised) == (120, 0, told.promised + 120)


def test_weeks_to_come_are_those_of_the_diary(session: Session, clock: FixedClock) -> None:
    found = share(session, held_peer(session), clock.today())
    assert found.weeks[date(2027, 1, 18)] == 150
    assert date(2027, 1, 11) not in found.weeks
    assert len(found.weeks) == 7, "eight weeks ahead, the first of them empty"


def test_the_night_of_new_years_eve_belongs_to_the_year_it_starts_in(session: Session) -> None:
    site, peer = a_site(session), a_peer(session)
    eve = an_offering(session, session_minutes=240)
    clock = FixedClock()
    clock.advance(timedelta(days=-60))
    night = a_confirmed_demand(
        session,
        site.partner,
        site,
        eve,
        first_day=date(2026, 12, 31),
        start=clock.now().time().replace(22),
        clock=clock,
    )
    hold_seat(session, night, peer.id, actor=Actor.SYSTEM, clock=clock)
    found = share(session, peer, date(2027, 1, 11))
    assert found.months[MONTHS_BACK - 1].promised == 240
    assert found.this_month.total == 0


def test_everybody_is_listed_by_name_without_those_who_left_or_ask_nothing(session: Session, clock: FixedClock) -> None:
    zoe, emile, eric = (a_peer(session, first_name=name) for name in ("Zoé", "Émile", "Eric"))
    a_peer(session, left_on=date(2027, 1, 1))
    a_peer(session, employment=Employment.EMPLOYED_ELSEWHERE, asks_missions=False)
    listed = [one.share.ref for one in all_shares(session, clock.today())]
    assert listed == [emile.ref, eric.ref, zoe.ref]


def test_an_alert_tells_nothing_of_a_pause_an_absence_or_a_place(session: Session, clock: FixedClock) -> None:
    plain, pausing, away, avoiding = (a_peer(session, joined_on=date(2026, 1, 1)) for _ in range(4))
    take_pause(session, pausing.ref, clock=clock)
    declare_absence(session, away.ref, clock.today(), clock.today() + timedelta(days=40), clock=clock)
    exclude_place(session, avoiding.ref, site_ref=a_site(session).ref)
    found = {one.share.ref: one for one in all_shares(session, clock.today())}
    assert all(found[peer.ref].alerts == found[plain.ref].alerts for peer in (pausing, away, avoiding))
    assert found[plain.ref].has(AlertKind.UNDER)


def test_the_list_is_filtered_counted_and_paged(session: Session, clock: FixedClock) -> None:
    for _ in range(PAGE_SIZE + 2):
        a_peer(session, joined_on=date(2026, 1, 1))
    nice = a_peer(session, commune="06088", joined_on=date(2027, 1, 4))
    everybody = all_shares(session, clock.today())
    assert count_alerts(everybody) == {AlertKind.UNDER: PAGE_SIZE + 2, AlertKind.OVER: 0}
    assert [one.share.ref for one in paged(everybody, ShareFilter("06"), 1).rows] == [nice.ref]
    under = paged(everybody, ShareFilter(alert=AlertKind.UNDER), 2)
    assert (len(under.rows), under.total, under.previous, under.following) == (2, PAGE_SIZE + 2, 1, None)
    assert paged(everybody, ShareFilter("04"), 9).number == 1
    assert spread((one.share for one in everybody), 3).apart == 1, "came a week ago"


def test_the_queries_do_not_grow_with_the_team(session: Session, clock: FixedClock) -> None:
    held_peer(session)
    with counted(session) as few:
        all_shares(session, clock.today())
    for _ in range(12):
        held_peer(session)
    with counted(session) as many:
        all_shares(session, clock.today())
    assert len(few) == 5
    assert len(many) == 4, "what is decided is read once by transaction"


def test_a_monthly_maximum_is_read_for_the_person_alone(session: Session, clock: FixedClock) -> None:
    peer = held_peer(session)
    peer.monthly_max_hours = 1
    session.flush()
    own = share_of(session, peer, clock.today(), own=True)
    assert own.has(AlertKind.OVER)
    assert not share_of(session, peer, clock.today()).has(AlertKind.OVER)
    assert not any(one.has(AlertKind.OVER) for one in all_shares(session, clock.today()))


def test_a_session_not_held_counts_for_nothing(session: Session, clock: FixedClock) -> None:
    demand = a_held_demand(session)
    peer = holders(session, demand)[0].peer
    first = demand.sessions[0]
    promised = share(session, peer, clock.today()).this_month.promised
    first.state = first.state.MISSED
    session.flush()
    assert share(session, peer, after(first).today()).this_month.promised == promised - 120
