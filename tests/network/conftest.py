"""What the network's tests share."""

import pytest

from entrepairs.audit.actors import Actor


@pytest.fixture
def office() -> Actor:
    return Actor("CPT-TEST-TEST", "Claire, coordination")
