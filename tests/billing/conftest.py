"""Stripe's stand-in, and our side of it."""

from collections.abc import Iterator
from typing import Any

import pytest

from entrepairs.billing.stripe_gateway import StripeGateway
from entrepairs.doubles.stripe_api.service import StripeApi
from tests.factories.stripe import SECRET


@pytest.fixture
def stand(tmp_path: Any) -> Iterator[StripeApi]:
    with StripeApi(data=tmp_path / "stripe.sqlite", webhook_url=None, webhook_secret=SECRET) as stand:
        yield stand


@pytest.fixture
def gateway(stand: StripeApi) -> StripeGateway:
    return StripeGateway("sk_test_platform", SECRET, "http://127.0.0.1:8000", stand.address)
