"""Random histories from the quote to the refund, on the real use cases and the real database, beside pure oracles.

After each: every entry balances, each structure owes what the oracle says, lettered lines settle, numbers are continuous,
and the ledger equals its replay from the documents and the money alone. Illegal gestures are refused and change nothing.
`ENTREPAIRS_SEED=n ENTREPAIRS_HISTORY=m` tells history m of seed n again, and it only.
"""

import os
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from entrepairs.billing.einvoice.checker import shared_checker
from entrepairs.config import psycopg_url
from entrepairs.kernel.references import drawn_from
from tests.billing.histories.story import Astray, Story
from tests.billing.histories.telling import story_draw, tell
from tests.billing.histories.world import World, make_world
from tests.conftest import FULL, FreshDatabase, Proof
from tests.factories.nodding import Nodding

REDUCED, WHOLE, PARTS = 6, 10_000, 4 if FULL else 1
JUDGED = 100
"""One history in so many is held to the official rules; the others to our own refusals only."""
ONLY = os.environ.get("ENTREPAIRS_HISTORY")


@pytest.fixture
def engine(fresh_database: FreshDatabase) -> Iterator[Engine]:
    """One connection that knows the tables, and every statement compiled once: half the cost of a history."""
    made = create_engine(psycopg_url(fresh_database.url), pool_size=1, query_cache_size=20_000)
    yield made
    made.dispose()


@pytest.fixture
def world(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> World:
    for module in ("quotes", "agreements"):  # drawn elsewhere: here a page of nothing
        monkeypatch.setattr(f"entrepairs.contracting.{module}.render_pdf", lambda *_, **__: b"%PDF-1.7")
    with Session(engine) as session:
        made = make_world(session)
        session.commit()
    return made


@pytest.fixture
def sweep(fresh_database: FreshDatabase) -> Iterator[Callable[[], object]]:
    """Takes away what rolled back histories left."""
    owner = create_engine(psycopg_url(fresh_database.owner_url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        yield lambda: connection.execute(text("VACUUM"))
    owner.dispose()


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_every_history_ends_as_the_oracles_say(
    part: int,
    engine: Engine,
    world: World,
    sweep: Callable[[], object],
    proof: Proof,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = refused = 0
    numbers = [int(ONLY)] if ONLY else range(part, proof.size(REDUCED, WHOLE), PARTS)
    for number in numbers:
        story = one_history(engine, world, proof.seed, number, monkeypatch)
        told, refused = told + len(story.told), refused + story.refused
        if number % 400 > 396:
            sweep()
    with capsys.disabled():
        print(  # noqa: T201 - the closing line of the proof
            f"\n{len(numbers)} histories of seed {proof.seed}: {told} gestures, {refused} refused, 0 cent astray"
        )


def one_history(engine: Engine, world: World, seed: int, number: int, monkeypatch: pytest.MonkeyPatch) -> Story:
    """Tell one in a transaction that is rolled back; a failure says its number, and all that was done."""
    checker = shared_checker() if number % JUDGED == JUDGED - 1 else Nodding()
    monkeypatch.setattr("entrepairs.billing.month.running.shared_checkers", lambda: (checker,))
    draw = story_draw(seed, number)
    with engine.connect() as connection, drawn_from(draw):
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            story = Story(session, world, draw, checker)
            try:
                tell(story)
            except Exception as error:
                lines = "\n".join(story.told)
                raise Astray(f"history {number} of seed {seed}:\n{lines}\n{error}") from error
        outer.rollback()
    return story
