"""What each act leaves in writing and no act reads again: the trail, changes of state, letters. Written by the hundred.

A row by statement is an eighth of the telling. The changes of state of a demand are left where they are: they number its
letters.
"""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any, Final, cast

from sqlalchemy import Table, event, insert
from sqlalchemy.orm import Session

from entrepairs.audit.models import AuditEntry, Transition
from entrepairs.demands.models import Demand
from entrepairs.messages.models import Message

GATHERED: Final = (AuditEntry, Transition, Message)


class Trail:
    """The rows gathered since they were last written: at each commit, and when somebody is about to read them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._rows: dict[type[Any], list[dict[str, Any]]] = defaultdict(list)
        event.listen(session, "before_flush", self._gather)
        event.listen(session, "before_commit", lambda _session: self.write())

    def _gather(self, session: Session, _context: object, _instances: object) -> None:
        for row in session.new:
            if type(row) in GATHERED and not (isinstance(row, Transition) and row.subject_kind == Demand.__tablename__):
                session.expunge(row)
                self._rows[type(row)].append({name: value for name, value in vars(row).items() if name[0] != "_"})

    def write(self) -> None:
        """In the order of the acts."""
        self._session.flush()
        now = datetime.now(UTC)
        for entry in self._rows[AuditEntry]:
            entry["real_at"] = now  # sealed by this hour in the order of its number, which is drawn now
        for table in GATHERED:
            if rows := self._rows.pop(table, None):
                self._session.execute(insert(cast("Table", table.__table__)), rows)
