"""Writing the trail."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.models import AuditEntry
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.money import Money


def record(
    session: Session,
    action: str,
    subject_kind: str,
    subject_ref: str,
    *,
    actor: Actor,
    clock: Clock,
    **data: object,
) -> None:
    """Append one act (`quote.send`, `peer.edit_terms`…). `data`: references and values only, never free text."""
    session.add(
        AuditEntry(
            at=clock.now(),
            real_at=datetime.now(UTC),
            actor_ref=actor.ref,
            actor_label=actor.label,
            action=action,
            subject_kind=subject_kind,
            subject_ref=subject_ref,
            data={key: _plain(value) for key, value in data.items()},
        )
    )


def _plain(value: object) -> object:
    if isinstance(value, Money):
        return value.cents
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | int | bool):
        return value
    msg = f"the trail holds references and values, not {type(value).__name__}"
    raise TypeError(msg)
