"""Writing what is said of an invoice: once each, whoever says it again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from entrepairs.billing.transmission.codes import LifeCode, ensure_reason, kept_reason
from entrepairs.billing.transmission.life import Life, Said, life_of
from entrepairs.billing.transmission.models import EventSource, InvoiceEvent, Transmission
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.references import new_reference


def say_event(
    session: Session,
    invoice_id: int,
    sending: Transmission | None,
    code: int,
    *,
    source: EventSource,
    key: str,
    clock: Clock,
    at: datetime | None = None,
    reason: str | None = None,
    text: str = "",
    amounts: Sequence[Mapping[str, str | int]] | None = None,
    payload: Mapping[str, Any] | None = None,
) -> str | None:
    """Write an event; its reference, or None when it was known. `key` is unique for all events.

    Ours must carry the reason the norm asks for (InvalidInput); of others', one left out is marked so and kept.
    """
    if source in (EventSource.HOUSE, EventSource.OFFICE):
        ensure_reason(LifeCode(code), reason)
    session.flush()
    ref = new_reference("EVT")
    written = session.execute(
        insert(InvoiceEvent)
        .values(
            ref=ref,
            invoice_id=invoice_id,
            transmission_id=sending.id if sending else None,
            code=int(code),
            at=at or clock.now(),
            recorded_at=clock.now(),
            source=source,
            reason_code=kept_reason(code, reason),
            reason_text=text[:500],
            amounts=[dict(row) for row in amounts] if amounts is not None else None,
            payload=dict(payload or {}),
            dedup_key=key[:200],
        )
        .on_conflict_do_nothing(index_elements=["dedup_key"])
        .returning(InvoiceEvent.id)
    ).first()
    if written is None:
        return None
    if sending is not None:
        session.expire(sending, ["events"])
    return ref


def said_of(sending: Transmission) -> list[Said]:
    """The events of a sending as values."""
    return [Said(one.code, one.at, one.reason_code, one.reason_text) for one in sending.events]


def life_of_sending(sending: Transmission) -> Life:
    """Where a sending stands."""
    return life_of(said_of(sending))
