"""One real stack and one real browser for every journey."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.person import DESKTOP, Person
from tests.journeys.stack import Stack

QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """`entrepairs up --demo`, stopped as a person would, with nothing left."""
    made = Stack()
    try:
        made.start()
        yield made
    finally:
        made.stop()


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
