"""Recording a vote on a matter, and where each matter stands on a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.cooperative.answers import in_words, read_answer
from entrepairs.cooperative.matters import MATTERS
from entrepairs.cooperative.shapes import Matter
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_, Sentence
from entrepairs.settings.decisions import vote
from entrepairs.settings.models import Decision


@dataclass(frozen=True, slots=True)
class Stand:
    """A matter with the decision in force and the one that comes next, if any."""

    matter: Matter
    decision: Decision | None
    coming: Decision | None = None

    @property
    def value(self) -> Any:
        """What holds: the vote, else the default."""
        return self.decision.value if self.decision is not None else self.matter.default

    @property
    def words(self) -> tuple[Sentence | str, ...]:
        """What holds, in words."""
        return in_words(self.matter, self.value)

    @property
    def to_take(self) -> bool:
        """« À prendre »: it blocks going live, and nobody has decided, or only in a fictitious story."""
        return self.matter.blocking and (self.decision is None or self.decision.fictional)


def record_vote(
    session: Session,
    matter: Matter,
    typed: Mapping[str, Any],
    *,
    since: date,
    voted_on: date,
    source: str,
    actor: Actor,
    clock: Clock,
) -> Decision:
    """Read what was typed and record it from `since` on; the decision in force until then ends the day before.

    Raises InvalidInput naming the field, Conflict("decision_in_past").
    """
    value = read_answer(matter, typed)
    if voted_on > clock.today():
        raise InvalidInput("voted_on_future", N_("A vote has a date that is past, or today's."), field="voted_on")
    if not source.strip():
        raise InvalidInput("source_missing", N_("Say where it was decided."), field="source")
    row = vote(session, matter.key, value, since=since, voted_on=voted_on, source=source.strip(), clock=clock)
    record(session, "decision.vote", "decision", matter.key, actor=actor, clock=clock, since=since)
    return row


def stands_on(session: Session, day: date) -> list[Stand]:
    """Every matter, in the page's order, with what holds on a day."""
    keys = [matter.key for matter in MATTERS]
    rows = session.scalars(
        select(Decision)
        .where(
            Decision.key.in_(keys), ~func.isempty(Decision.valid), ~Decision.valid.op("<<")(func.daterange(day, None))
        )
        .order_by(Decision.valid)
    ).all()
    return [_stand(matter, rows, day) for matter in MATTERS]


def stand_of(session: Session, matter: Matter, day: date) -> Stand:
    """One matter with what holds on a day."""
    return _stand(matter, votes_of(session, matter), day)


def votes_of(session: Session, matter: Matter) -> Sequence[Decision]:
    """Its decisions over time, the latest first."""
    return session.scalars(
        select(Decision)
        .where(Decision.key == matter.key, ~func.isempty(Decision.valid))
        .order_by(func.lower(Decision.valid).desc().nulls_last())
    ).all()


def to_take(session: Session, day: date, *, fictional_counts: bool = False) -> list[Matter]:
    """What must still be decided before going live; in the demo a fictitious decision counts."""
    return [
        stand.matter
        for stand in stands_on(session, day)
        if stand.to_take and not (fictional_counts and stand.decision is not None)
    ]


def _stand(matter: Matter, rows: Sequence[Decision], day: date) -> Stand:
    own = [row for row in rows if row.key == matter.key]
    held = next((row for row in own if day in row.valid), None)
    later = [row for row in own if row.valid.lower is not None and row.valid.lower > day]
    coming = min(later, key=lambda row: row.valid.lower or day, default=None)
    return Stand(matter, held, coming)
