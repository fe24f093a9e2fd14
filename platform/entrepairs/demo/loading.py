"""Telling the story from its first day to the present of the demo: Monday 11 January 2027, 9 h."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from random import Random

from sqlalchemy import text
from sqlalchemy.orm import Session

from entrepairs.billing.einvoice.checker import Checker
from entrepairs.demo.accounts import open_doors
from entrepairs.demo.contracts import plan_agreements
from entrepairs.demo.filing import plan_mission
from entrepairs.demo.foundation import lay_foundation
from entrepairs.demo.missions import read_missions
from entrepairs.demo.money import plan_money
from entrepairs.demo.people import gather_team
from entrepairs.demo.story import Story
from entrepairs.demo.structures import open_structures
from entrepairs.kernel.references import drawn_from
from entrepairs.settings import demo_clock

Teller = Callable[[date], None]


def tell_story(session: Session, *, seed: int = 42, tell: Teller = lambda day: None) -> Story:
    """Live the whole story in an empty database, committing each week; the demo's clock then stands at its start.

    The same seed gives the same references, dates and amounts.
    """
    session.execute(text("SET statement_timeout = 0"))
    with drawn_from(Random(f"references:{seed}")), Checker() as checker:
        story = Story(session, checker, Random(f"story:{seed}"), tell=tell)
        lay_foundation(story)
        gather_team(story)
        open_structures(story)
        plan_agreements(story)
        for mission in read_missions():
            plan_mission(story, mission)
        plan_money(story)
        story.live()
        open_doors(story)
        demo_clock.start(session, real_now=datetime.now(UTC))
        session.commit()
    return story
