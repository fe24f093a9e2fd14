"""`look` from memory and from the database: the same page."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.demands.diary import hold_seat
from entrepairs.kernel.clock import PARIS, FixedClock
from entrepairs.matching.explaining import Answer, consider
from entrepairs.matching.index import holding
from entrepairs.matching.index.holding import Holder
from entrepairs.matching.looking import Look, look, only, record_of, widen
from entrepairs.matching.previewing import preview
from entrepairs.matching.scoring import Weights
from entrepairs.matching.values import Ask, Candidate
from entrepairs.network.rhythm import take_pause
from tests.conftest import FreshDatabase
from tests.factories.dispatch import a_certified_peer, a_firm_wrap_group
from tests.factories.plans import workshop


@pytest.fixture
def session(fresh_database: FreshDatabase, clock: FixedClock) -> Iterator[Session]:
    """A session that really commits, in a process that may hold a team."""
    engine = create_engine(fresh_database.url)
    with Session(engine) as own:
        yield own
    engine.dispose()


def held(session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have this process hold the team; who is asked from now on is noted."""
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    holder = Holder(engine)
    asked: list[str] = []
    holder.build(clock.today())
    monkeypatch.setitem(holding._holders, engine, holder)
    monkeypatch.setattr(
        "entrepairs.matching.looking.gather_pool", lambda *_args, **_given: asked.append("database") or ()
    )
    holding.allow()
    return asked


def told(found: Look) -> tuple[object, ...]:
    """Everything a page shows of a look."""
    answer = found.answer
    return (
        [each.explanation for each in answer.possible],
        list(answer.not_possible),
        list(answer.counts),
        found.pairs,
        found.weights,
    )


def test_the_page_is_the_same_from_memory(session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    demand = a_firm_wrap_group(session)
    peers = [a_certified_peer(session) for _ in range(5)]
    away = a_certified_peer(session, qualifications=())
    take_pause(session, peers[4].ref, clock=clock)
    hold_seat(session, demand, peers[3].id, actor=Actor.SYSTEM, clock=clock)
    session.commit()
    ref, away_ref = demand.ref, away.ref
    wanted = look(session, ref, clock=clock)
    one = record_of(only(wanted.answer, away_ref), away_ref)
    session.commit()
    try:
        asked = held(session, clock, monkeypatch)
        found = look(session, ref, clock=clock)
        assert told(found) == told(wanted)
        assert record_of(only(found.answer, away_ref), away_ref) == one
        assert only(found.answer, away_ref).counts == only(wanted.answer, away_ref).counts
        assert asked == []
    finally:
        holding.allow(False)


def test_what_to_change_is_the_same_from_memory(
    session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    demand = a_firm_wrap_group(session)
    for peer in (a_certified_peer(session), a_certified_peer(session)):
        hold_seat(session, workshop(session), peer.id, actor=Actor.SYSTEM, clock=clock)
    session.commit()
    ref = demand.ref
    wanted = widen(session, ref, clock=clock)
    session.commit()
    try:
        asked = held(session, clock, monkeypatch)
        assert widen(session, ref, clock=clock) == wanted != ()
        assert asked == []
    finally:
        holding.allow(False)


def test_the_preview_of_weights_is_the_same_from_memory(
    session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    near, far = Weights(0, 0, 100, 0, 0), Weights(100, 0, 0, 0, 0)
    peers = [
        a_certified_peer(session, wished_hours=40 * n, commune=commune) for n, commune in enumerate(("13055", "13001"))
    ]
    for week in range(3):
        hold_seat(session, workshop(session, week=week), peers[week % 2].id, actor=Actor.SYSTEM, clock=clock)
    session.commit()
    later = FixedClock(datetime(2027, 2, 15, 9, tzinfo=PARIS))
    wanted = preview(session, near, far, clock=later)
    assert any(one.changes for one in wanted)
    session.commit()
    try:
        asked = held(session, later, monkeypatch)
        monkeypatch.setattr("entrepairs.matching.previewing.consider", _of_few(consider, asked))
        assert preview(session, near, far, clock=later) == wanted
        assert asked == []
    finally:
        holding.allow(False)


def _of_few(function: Callable[..., Answer], noted: list[str]) -> Callable[..., Answer]:
    """The rules, which note when they are asked about more than those who came."""

    def few(ask: Ask, pool: Sequence[Candidate], *given: object) -> Answer:
        if len(pool) > 1:
            noted.append("everybody")
        return function(ask, pool, *given)

    return few


def test_a_look_at_a_few_people_is_always_taken_in_the_database(
    session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    demand, peer = a_firm_wrap_group(session), a_certified_peer(session)
    session.commit()
    try:
        asked = held(session, clock, monkeypatch)
        look(session, demand.ref, clock=clock, peer_refs=[peer.ref])
        assert asked == ["database"]
    finally:
        holding.allow(False)


def test_what_is_written_in_a_transaction_is_looked_at_in_the_database(
    session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    demand, peer = a_firm_wrap_group(session), a_certified_peer(session)
    session.commit()
    try:
        asked = held(session, clock, monkeypatch)
        peer.radius_km = 1
        look(session, demand.ref, clock=clock)
        assert asked == ["database"]
    finally:
        holding.allow(False)
