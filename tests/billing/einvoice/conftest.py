"""One checker for the whole folder: compiling the official rules takes a second."""

from collections.abc import Iterator

import pytest

from entrepairs.billing.einvoice.checker import Checker


@pytest.fixture(scope="session")
def checker() -> Iterator[Checker]:
    with Checker() as one:
        yield one
