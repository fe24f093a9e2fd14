"""Sealing the trail: each seal is the HMAC of everything written since the last one, chained to it.

One job seals, so writers never wait for each other. The key lives outside the database: whoever alters a row can't
forge the seal that covers it.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.models import AuditEntry, AuditSeal
from entrepairs.kernel.clock import Clock

_FIRST: Final = b"\0" * 32
_BATCH: Final = 5000
_SETTLED: Final = timedelta(minutes=2)


def seal_new_entries(session: Session, *, clock: Clock) -> int:
    """Seal what was written since the last seal; how many rows."""
    last = session.scalars(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1)).one_or_none()
    entries = session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.id > (last.upto_id if last else 0),
            # ids are drawn before the commit: leave the last minutes to transactions still open
            AuditEntry.real_at < datetime.now(UTC) - _SETTLED,
        )
        .order_by(AuditEntry.id)
        .limit(_BATCH)
    ).all()
    if not entries:
        return 0
    previous = last.seal if last else _FIRST
    session.add(
        AuditSeal(upto_id=entries[-1].id, previous=previous, seal=_seal(previous, iter(entries)), at=clock.now())
    )
    return len(entries)


def verify(session: Session) -> list[int]:
    """The ids of the seals that no longer match what they cover; empty when the trail is whole."""
    broken, previous, after = [], _FIRST, 0
    for link in session.scalars(select(AuditSeal).order_by(AuditSeal.id)):
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.id > after, AuditEntry.id <= link.upto_id).order_by(AuditEntry.id)
        )
        if link.previous != previous or not hmac.compare_digest(link.seal, _seal(previous, iter(entries))):
            broken.append(link.id)
        previous, after = link.seal, link.upto_id
    return broken


def _seal(previous: bytes, entries: Iterator[AuditEntry]) -> bytes:
    mac = hmac.new(_key(), previous, hashlib.sha256)
    for entry in entries:
        row = [
            entry.id,
            entry.at.isoformat(),
            entry.real_at.isoformat(),
            entry.actor_ref,
            entry.actor_label,
            entry.action,
            entry.subject_kind,
            entry.subject_ref,
            entry.data,
        ]
        mac.update(json.dumps(row, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode())
    return mac.digest()


def _key() -> bytes:
    """The sealing key: ENTREPAIRS_AUDIT_KEY, else derived from the secret key of the installation."""
    given = os.environ.get("ENTREPAIRS_AUDIT_KEY") or os.environ.get("ENTREPAIRS_SECRET_KEY", "")
    return hashlib.sha256(b"entrepairs audit\0" + given.encode()).digest()
