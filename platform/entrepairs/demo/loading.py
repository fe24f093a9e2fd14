"""Telling the story from its first day to the present of the demo: Monday 11 January 2027, 9 h."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from entrepairs.billing.einvoice.checker import Checker
from entrepairs.billing.models import Invoice
from entrepairs.db import Base
from entrepairs.demands.models import DemandSession
from entrepairs.demo.accounts import open_doors
from entrepairs.demo.contracts import plan_agreements
from entrepairs.demo.crowd import CROWDS, add_crowd
from entrepairs.demo.filing import plan_mission
from entrepairs.demo.foundation import lay_foundation
from entrepairs.demo.missions import read_missions
from entrepairs.demo.money import plan_money
from entrepairs.demo.people import gather_team
from entrepairs.demo.present import leave_two_letters_in_trouble
from entrepairs.demo.printing import Printer
from entrepairs.demo.story import Story
from entrepairs.demo.structures import open_structures
from entrepairs.kernel.references import drawn_from
from entrepairs.network.models import Partner, Peer
from entrepairs.settings import demo_clock

Teller = Callable[[str, int, int], None]
"""Told what is being done, how much is, out of how much."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a load has left in the database."""

    peers: int
    partners: int
    sessions: int
    invoices: int


def silent(what: str, done: int, total: int) -> None:
    """Say nothing."""


def tell_story(session: Session, *, size: str = "S", seed: int = 42, tell: Teller = silent) -> Counts:
    """Live the whole story in an empty database, committing each week; the demo's clock then stands at its start.

    `size` M and L add a crowd around it. The same seed and size give the same references, dates and amounts.
    """
    session.execute(text("SET statement_timeout = 0"))
    with (
        _without_collector(),
        drawn_from(Random(f"references:{seed}")),
        Checker() as checker,
        Printer(session, seed) as printer,
    ):
        story = Story(session, checker, Random(f"story:{seed}"), tell=tell)
        begin(story)
        story.live()
        printer.finish()
        story.close_mails()
        leave_two_letters_in_trouble(story)
        open_doors(story)
        if size in CROWDS:
            add_crowd(session, CROWDS[size], seed=seed, tell=tell)
        demo_clock.start(session, real_now=datetime.now(UTC))
        session.commit()
    return _count(session)


def begin(story: Story) -> None:
    """Lay the foundation and put on the agenda all that people will do; nothing is lived yet."""
    lay_foundation(story)
    gather_team(story)
    open_structures(story)
    plan_agreements(story)
    for mission in read_missions():
        plan_mission(story, mission)
    plan_money(story)


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
