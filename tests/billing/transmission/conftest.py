"""Both stand-ins, and the acts as a worker runs them, against the real clients."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.delivery import produce_einvoice
from entrepairs.billing.models import Invoice
from entrepairs.billing.transmission import chorus_pro
from entrepairs.billing.transmission.sending import send_invoice
from entrepairs.doubles.approved_platform.service import APPROVED_PLATFORM
from entrepairs.doubles.chorus_pro.service import CHORUS_PRO
from entrepairs.doubles.stand import Stand
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import DomainError
from entrepairs.outbox.models import ItemState, OutboxItem
from entrepairs_workers.effects import ACTS, Act, handler
from tests.factories.billing import an_issued_invoice, later, the_paper_due

OURS = ("billing.transmit", "billing.look_at_sending", "billing.complete_sending", "billing.tell_platform")


@pytest.fixture
def chorus(tmp_path: Any) -> Iterator[Stand]:
    chorus_pro._TOKENS.clear()
    with Stand(CHORUS_PRO, data=tmp_path / "chorus.sqlite") as stand:
        yield stand


@pytest.fixture
def platform(tmp_path: Any) -> Iterator[Stand]:
    with Stand(APPROVED_PLATFORM, data=tmp_path / "platform.sqlite") as stand:
        yield stand


def settings_of(chorus: Stand | None = None, platform: Stand | None = None) -> dict[str, Any]:
    """Configuration as `entrepairs up` gives it."""
    found: dict[str, Any] = {
        "CHORUS_TOKEN_URL": f"{chorus.address}/api/oauth/token" if chorus else "",
        "CHORUS_API_BASE": chorus.address if chorus else "",
        "CHORUS_SYNTAX": chorus_pro.FACTURX,
        "PLATFORM_URL": platform.address if platform else "",
        "PLATFORM_TOKEN": "demo-token" if platform else "",
    }
    names = ("CHORUS_PISTE_ID", "CHORUS_PISTE_SECRET", "CHORUS_LOGIN", "CHORUS_PASSWORD")
    return found | dict.fromkeys(names, "demo-entrepairs" if chorus else "")


class Desk:
    """The worker's part, by hand: due acts one after the other, at a clock that a test moves."""

    def __init__(self, session: Session, config: Mapping[str, Any]) -> None:
        self.session, self.config, self.clock = session, config, later()
        self.errors: list[str] = []

    def work(self) -> int:
        """Do each waiting act once; a failed one stays, its error noted. Returns how many went well."""
        rows = self.session.scalars(
            select(OutboxItem)
            .where(OutboxItem.kind.in_(OURS), OutboxItem.state == ItemState.PENDING)
            .order_by(OutboxItem.id)
        ).all()
        well = 0
        for row in rows:
            try:
                handler(ACTS, row.kind)(Act(self.session, row.subject_ref, row.payload, self.clock, self.config))
            except DomainError as error:
                self.errors.append(error.code)
                continue
            row.state = ItemState.DONE
            self.session.flush()
            well += 1
        return well

    def wait(self, **delay: float) -> None:
        self.clock.advance(timedelta(**delay))


@pytest.fixture
def desk(session: Session) -> Callable[..., Desk]:
    return lambda *, chorus=None, platform=None, **more: Desk(session, settings_of(chorus, platform) | more)


@pytest.fixture
def a_sent_invoice(session: Session) -> Callable[..., Invoice]:
    """An issued invoice, drawn, its channel chosen. Drawing is real: the stand-in reads the file."""

    def make(partner: Any = None, *, clock: FixedClock | None = None, **given: Any) -> Invoice:
        invoice = an_issued_invoice(session, partner, **given)
        produce_einvoice(session, invoice.ref, the_paper_due(session, invoice), clock=clock or later())
        session.expire(invoice, ["file"])
        send_invoice(session, invoice.ref, {}, clock=clock or later())
        return invoice

    return make
