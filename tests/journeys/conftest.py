"""One real stack and one real browser for every journey."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from entrepairs.embedded.postgres import EmbeddedPostgres
from tests.conftest import Proof
from tests.demo_story import demo_environment, told_story, told_stripe
from tests.journeys.person import DESKTOP, Person
from tests.journeys.stack import Stack

QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest, proof: Proof) -> Iterator[Stack]:
    """`entrepairs up --demo`, stopped as a person would, with nothing left.

    On services all its own when the proofs are full; else its database is a clone of the story told once by run.
    """
    made = Stack() if proof.full else Stack(given=request.getfixturevalue("_story_of_its_own"))
    if not proof.full:  # what its Stripe was told then, too
        made.data.mkdir(mode=0o711)
        told = told_stripe(request.getfixturevalue("services_folder"))
        shutil.copy(told, made.data / "stripe.sqlite")
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="session")
def _story_of_its_own(cluster: EmbeddedPostgres, services_folder: Path) -> dict[str, str]:
    cluster.clone_database(told_story(cluster, services_folder), "journeys")
    told_with = demo_environment(cluster, "journeys")
    kept = {name: told_with[name] for name in ("DATABASE_URL", "MIGRATION_DATABASE_URL", "ENTREPAIRS_SECRET_KEY")}
    return {**kept, "ENTREPAIRS_WEB_PROCESSES": "1"}  # each learns its statements anew; threads still race


@pytest.fixture(scope="module")
def chrome(chromium: str | None) -> Iterator[Browser]:
    """The browser; closed with its module, since its event loop would keep other tests of the process from theirs."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def somebody(stack: Stack, chrome: Browser) -> Iterator[Callable[..., Person]]:
    """A person at a browser: `somebody()`, `somebody(size=PHONE)`, `somebody(scripts=False)`."""
    people: list[Person] = []

    def sit_down(size: dict[str, int] = DESKTOP, **given: Any) -> Person:
        people.append(Person(chrome, stack.web, dict(size), **given))
        return people[-1]

    yield sit_down
    for person in people:
        person.close()
