"""Telling the story from its first day to the present of the demo: Monday 11 January 2027, 9 h."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

from sqlalchemy import URL, create_engine, event, func, select
from sqlalchemy.orm import Session

from entrepairs.billing.models import Invoice
from entrepairs.db import Base
from entrepairs.demands.models import DemandSession
from entrepairs.demo.accounts import open_doors
from entrepairs.demo.checking import PatientChecker
from entrepairs.demo.contracts import plan_agreements
from entrepairs.demo.crowd import CROWDS, add_crowd
from entrepairs.demo.filing import plan_mission
from entrepairs.demo.foundation import FOUNDED, lay_foundation
from entrepairs.demo.mending import plan_mending
from entrepairs.demo.missions import read_missions
from entrepairs.demo.money import plan_money
from entrepairs.demo.people import gather_team
from entrepairs.demo.present import leave_two_letters_in_trouble
from entrepairs.demo.printing import Printer
from entrepairs.demo.story import BEGINNING, Story
from entrepairs.demo.structures import open_structures
from entrepairs.demo.transmitting import leave_deposits
from entrepairs.kernel.references import drawn_from
from entrepairs.network.models import Partner, Peer
from entrepairs.settings import demo_clock
from entrepairs.settings.decisions import vote

Teller = Callable[[str, int, int], None]
"""Told what is being done, how much is, out of how much."""

TOLD: Final = "demo.told"
"""The decision written last, in the last commit: a story without it was cut half-way (`entrepairs up` begins it anew)."""
OPTIONS: Final = "-c statement_timeout=0 -c synchronous_commit=off -c plan_cache_mode=force_generic_plan -c jit=off"
"""A story lost in a power cut is told again; its thirty thousand small statements are always the same few hundred."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a load has left in the database."""

    peers: int
    partners: int
    sessions: int
    invoices: int


def silent(what: str, done: int, total: int) -> None:
    """Say nothing."""


@contextmanager
def storytelling(url: URL) -> Iterator[Session]:
    """The session a story is told in: alone on its database, its rows kept from one week to the next."""
    engine = create_engine(url, pool_size=1, connect_args={"options": OPTIONS, "prepare_threshold": 0})
    event.listen(engine, "connect", _keep_every_statement)
    try:
        with Session(engine, expire_on_commit=False) as session:
            yield session
    finally:
        engine.dispose()


def _keep_every_statement(connection: Any, _record: object) -> None:
    """psycopg forgets the hundredth prepared statement; the story has more, and comes back to them."""
    connection.prepared_max = None


def tell_story(
    session: Session, *, size: str = "S", seed: int = 42, tell: Teller = silent, stripe_address: str = ""
) -> Counts:
    """Live the whole story in an empty database, committing each week; the demo's clock then stands at its start.

    `size` M and L add a crowd around it. The same seed and size give the same references, dates and amounts.
    `stripe_address`: of the stand-in, which is taught what was paid online. Raises StandInSilentError.
    """
    with (
        _without_collector(),
        drawn_from(Random(f"references:{seed}")),
        Printer(session, seed) as printer,
        PatientChecker(session) as checker,
    ):

        def tell_week(what: str, done: int, total: int) -> None:
            printer.ensure_at_work()
            tell(what, done, total)

        story = Story(session, checker, Random(f"story:{seed}"), tell=tell_week)
        begin(story)
        story.live()
        printer.finish()
        story.close_mails()
        leave_deposits(story)
        leave_two_letters_in_trouble(story)
        open_doors(story)
        if size in CROWDS:
            add_crowd(session, CROWDS[size], seed=seed, tell=tell)
        story.stripe.hand_over(session, stripe_address, since=BEGINNING, clock=story.clock)
        demo_clock.start(session, real_now=datetime.now(UTC))
        _mark_told(story, size, seed)
        session.commit()
    return _count(session)


def _mark_told(story: Story, size: str, seed: int) -> None:
    vote(
        story.session,
        TOLD,
        {"size": size, "seed": seed},
        since=FOUNDED,
        voted_on=FOUNDED,
        source="Récit de démonstration",
        clock=story.clock,
        fictional=True,
    )


def begin(story: Story) -> None:
    """Lay the foundation and put on the agenda all that people will do; nothing is lived yet."""
    lay_foundation(story)
    gather_team(story)
    open_structures(story)
    plan_agreements(story)
    for mission in read_missions():
        plan_mission(story, mission)
    plan_money(story)
    plan_mending(story)


def _count(session: Session) -> Counts:
    def rows(table: type[Base]) -> int:
        return session.scalar(select(func.count()).select_from(table)) or 0

    return Counts(rows(Peer), rows(Partner), rows(DemandSession), rows(Invoice))


@contextmanager
def _without_collector() -> Iterator[None]:
    """Rows come and go by the thousand: looking for cycles at each generation costs a tenth of the telling."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
