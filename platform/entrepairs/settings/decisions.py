"""Reading and recording what the association votes."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import event, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session, SessionTransaction, object_session

from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.settings.models import Association, Decision

_ABSENT = object()
_KNOWN = "entrepairs.settings.decisions"
"""In a session's notes: every decision read in this transaction, by key."""


def decision(session: Session, key: str, on: date) -> Any:
    """The value in force on a day. Raises NotFound("decision") when the association has not decided."""
    value = decision_or(session, key, on, _ABSENT)
    if value is _ABSENT:
        raise NotFound("decision", N_("The association has not decided « %(key)s » yet."), key=key)
    return value


def decision_or(session: Session, key: str, on: date, default: Any) -> Any:
    """The value in force on a day, or `default`."""
    return decisions_on(session, (key,), on).get(key, default)


def decisions_on(session: Session, keys: Collection[str], on: date) -> dict[str, Any]:
    """The values in force on a day among several keys, in one query; a key never decided is left out.

    What was read holds until the end of the transaction: one act is judged by one set of decisions.
    """
    known: dict[str, list[tuple[Range[date], Any]]] = session.info.setdefault(_KNOWN, {})
    if unknown := [key for key in keys if key not in known]:
        known.update((key, []) for key in unknown)
        for row in session.execute(
            select(Decision.key, Decision.valid, Decision.value).where(Decision.key.in_(unknown))
        ):
            known[row.key].append((row.valid, row.value))
    return {key: value for key in keys for valid, value in known[key] if valid.contains(on)}


def vote(
    session: Session,
    key: str,
    value: Any,
    *,
    since: date,
    voted_on: date,
    source: str,
    clock: Clock,
    fictional: bool = False,
) -> Decision:
    """Record a decision from `since` on; the one in force until then ends the day before.

    Raises Conflict("decision_in_past") when a later decision exists already.
    """
    if isinstance(value, float):
        msg = "give decimals as text"
        raise TypeError(msg)
    later = session.scalar(select(Decision.id).where(Decision.key == key, Decision.valid.op(">>")(Range(None, since))))
    if later is not None:
        raise Conflict("decision_in_past", N_("A decision on this point already starts on that day or later."))
    session.execute(
        update(Decision)
        .where(Decision.key == key, Decision.valid.contains(since))
        .values(valid=_closed_at(session, key, since))
        .execution_options(synchronize_session=False)
    )
    row = Decision(
        key=key,
        value=value,
        valid=Range(since, None),
        voted_on=voted_on,
        source=source,
        fictional=fictional,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    session.info.pop(_KNOWN, None)
    return row


def _closed_at(session: Session, key: str, since: date) -> Range[date] | None:
    current = session.scalars(select(Decision).where(Decision.key == key, Decision.valid.contains(since))).one_or_none()
    return None if current is None else Range(current.valid.lower, since)


def association(session: Session) -> Association:
    """The operator. Raises NotFound("association") on a platform that is not set up yet."""
    row = session.get(Association, 1)
    if row is None:
        raise NotFound("association", N_("The association's identity is not set up yet."))
    return row


@event.listens_for(Session, "after_transaction_end")
def _forget_at_end(session: Session, transaction: SessionTransaction) -> None:
    """Committed, rolled back or closed."""
    if transaction.parent is None:
        session.info.pop(_KNOWN, None)


@event.listens_for(Session, "after_soft_rollback")
def _forget_at_savepoint(session: Session, _transaction: SessionTransaction) -> None:
    """A vote may have gone with it."""
    session.info.pop(_KNOWN, None)


@event.listens_for(Decision, "after_insert")
@event.listens_for(Decision, "after_update")
def _forget_for(_mapper: object, _connection: object, row: Decision) -> None:
    if (session := object_session(row)) is not None:
        session.info.pop(_KNOWN, None)
