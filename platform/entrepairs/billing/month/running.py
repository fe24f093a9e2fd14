"""The run `billing.bill_month`: drafts of the month made structure by structure, then issued by twenties. Resumable.

What is done is read from the invoices themselves, so that a worker killed anywhere is replaced by one that reads afresh:
a service drafted is no longer to be billed, a draft issued is no longer a draft. Some drafts are issued in one
transaction, which holds the run's row and moves its counters too: a worker thought dead issues nothing more, and the
counters never say more or less than the invoices. A refused draft is undone alone (savepoint), its number with it. The
official rules are asked by a checker per core while the next draft is prepared, and waited for before the commit.
Lock order: run, structure or invoices, series, journal.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.billing.drafting import draft_invoices
from entrepairs.billing.einvoice.ahead import Ahead, shared_checkers
from entrepairs.billing.einvoice.checker import Checker
from entrepairs.billing.issuing import issue_invoices
from entrepairs.billing.models import Invoice
from entrepairs.billing.month.months import Month
from entrepairs.billing.month.obstacles import drafts_of
from entrepairs.billing.month.reading import waiting_up_to
from entrepairs.billing.month.telling import tell_who_asked
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import DomainError, Unavailable
from entrepairs.kernel.i18n import N_
from entrepairs.outbox.models import Run
from entrepairs.outbox.runs import own_run
from entrepairs.outbox.turns import Pulse, Turn
from entrepairs.settings.models import Association

log = logging.getLogger(__name__)
LONGEST_TURN: Final = 2400.0
"""Seconds after which another turn goes on, well below what a worker allows one."""
TOGETHER: Final = 20
"""Drafts issued in one transaction: under a second, so that a stop is honoured soon and nobody waits long for a number."""
READING: Final = "reading"
DRAFTING: Final = "drafting"
ISSUING: Final = "issuing"
MOST_TOLD: Final = 500
"""Refusals kept by the run: more than a page shows."""
MOVED: Final = frozenset({"nothing_to_bill", "invoice_issued"})
"""Somebody else was quicker, by hand: nothing is wrong."""
UNFORESEEN: Final = N_("Something unexpected stopped this one. Call whoever looks after the platform.")


@dataclass
class _Counters:
    """What the run has done in all its turns."""

    drafted: int = 0
    issued: int = 0
    cents: int = 0
    refused: int = 0
    seconds: float = 0.0
    """Of issuing, to tell the rate."""
    told: list[dict[str, Any]] = field(default_factory=list)
    """Refusals: `draft` (a reference) or `structure`, `msgid`, `params`, `field`."""

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> "_Counters":
        """Those of the turns before; refusals are told afresh."""
        known = {name: kept[name] for name in ("drafted", "issued", "cents", "seconds") if name in kept} if kept else {}
        return cls(**known)

    def kept(self) -> dict[str, Any]:
        return {
            "drafted": self.drafted,
            "issued": self.issued,
            "cents": self.cents,
            "refused": self.refused,
            "seconds": round(self.seconds, 2),
            "told": self.told,
        }


@dataclass
class _Batch:
    """Drafts taken together in one transaction."""

    seller: Association | None
    """Held, so that it is read once."""
    issued: list[Invoice] = field(default_factory=list)
    refused: list[tuple[str, str, Mapping[str, object], str | None]] = field(default_factory=list)
    """Reference, message, its parameters, the field to mend."""


class _Over(Exception):
    """No more is to be done in this turn: stopped, or left to another."""

    def __init__(self, *, concluded: bool) -> None:
        super().__init__()
        self.concluded = concluded


def bill_month(turn: Turn, *, clock: Clock) -> bool:
    """Draft and issue a month; True when it is over or was stopped, False when another worker goes on.

    A draft that is refused is left aside and told; the others leave. Raises Unavailable when the checker of electronic
    invoices is silent: the run is then tried again. Raises RunLost.
    """
    run = turn.session.get_one(Run, turn.run_id)
    work = _Work(turn, Month.parse(turn.subject_ref), Actor(run.asked_by, run.asked_label), clock)
    try:
        work.do()
    except _Over as over:
        turn.session.rollback()
        if not over.concluded:
            return False
    tell_who_asked(turn.session, turn.session.get_one(Run, turn.run_id), clock=clock)
    return True


@dataclass
class _Work:
    turn: Turn
    month: Month
    actor: Actor
    clock: Clock
    counters: _Counters = field(init=False)
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.counters = _Counters.of(self.turn.kept)

    @property
    def session(self) -> Session:
        return self.turn.session

    def do(self) -> None:
        self._tell(READING, 0, 0)
        todo = self._todo()
        self.session.commit()
        for done, (partner_ref, demand_refs) in enumerate(todo.items(), start=1):
            self._step(lambda: self._draft(partner_ref, demand_refs), {"structure": partner_ref})  # noqa: B023 - called here
            self._tell(DRAFTING, done, len(todo))
        refs = [draft.ref for draft in self.session.scalars(drafts_of(self.month))]
        self.session.commit()
        self._tell(ISSUING, 0, len(refs))
        with Ahead(shared_checkers()) as ahead:
            for first in range(0, len(refs), TOGETHER):
                self._issue(refs[first : first + TOGETHER], ahead)
                self._tell(ISSUING, min(first + TOGETHER, len(refs)), len(refs))

    def _todo(self) -> dict[str, list[str]]:
        """The demands to draft by structure: references, since each commit would expire again all that is still held."""
        waiting = waiting_up_to(self.session, self.month, today=self.clock.today())
        return {ref: [demand.ref for demand in demands] for ref, demands in waiting.ready.items()}

    def _draft(self, partner_ref: str, demand_refs: list[str]) -> None:
        made = draft_invoices(
            self.session,
            partner_ref,
            demand_refs=demand_refs,
            until=self.month.last,
            clock=self.clock,
            actor=self.actor,
        )
        self.counters.drafted += len(made)

    def _issue(self, refs: Sequence[str], ahead: Ahead) -> None:
        """Issue some drafts while holding the run; the next `_tell` commits them together with their counters."""
        began = time.monotonic()
        batch = self._attempt(refs, ahead)
        if not ahead.all_hold():  # a rule refuses one: number them afresh, each judged before the next
            self.session.rollback()
            batch = self._attempt(refs, None)
        self.counters.issued += len(batch.issued)
        self.counters.cents += sum(invoice.gross for invoice in batch.issued)
        for ref, message, params, wrong in batch.refused:
            self._refused(message, params, wrong, {"draft": ref})
        self.counters.seconds += time.monotonic() - began

    def _attempt(self, refs: Sequence[str], checker: Checker | None) -> "_Batch":
        run = own_run(self.session, self.turn.run_id, self.turn.number)
        run.attempts = 1  # it went forward: however often it is killed, what it does each time is kept
        # All of them before the first number is taken: whoever issues one by hand locks in that order too.
        self.session.execute(select(Invoice.id).where(Invoice.ref.in_(refs)).order_by(Invoice.id).with_for_update())
        batch = _Batch(self.session.get(Association, 1))
        if checker is not None:
            self._try(refs, checker, batch)
        else:
            for ref in refs:
                self._try([ref], None, batch)
        return batch

    def _try(self, refs: Sequence[str], checker: Checker | None, batch: "_Batch") -> None:
        """Issue these together; where one is refused, each half by itself, down to the one, which is left aside."""
        try:
            with self.session.begin_nested():
                batch.issued += issue_invoices(self.session, refs, clock=self.clock, actor=self.actor, checker=checker)
        except (Unavailable, SQLAlchemyError):
            raise
        except Exception as refused:
            if len(refs) > 1:
                middle = len(refs) // 2
                self._try(refs[:middle], checker, batch)
                self._try(refs[middle:], checker, batch)
            elif not isinstance(refused, DomainError):
                log.exception("month %s: %s", self.month, refs[0])
                batch.refused.append((refs[0], UNFORESEEN, {}, None))
            elif refused.code not in MOVED:
                batch.refused.append((refs[0], refused.message, refused.params, refused.field))

    def _step(self, act: Callable[[], None], about: Mapping[str, str]) -> None:
        """Do one thing while holding the run; the next `_tell` commits it with its counters."""
        run = own_run(self.session, self.turn.run_id, self.turn.number)
        try:
            act()
            run.attempts = 1  # it went forward: however often it is killed, what it does each time is kept
        except (Unavailable, SQLAlchemyError):
            raise
        except DomainError as refused:
            self.session.rollback()
            if refused.code not in MOVED:
                self._refused(refused.message, refused.params, refused.field, about)
        except Exception:
            log.exception("month %s: %s", self.month, dict(about))
            self.session.rollback()
            self._refused(UNFORESEEN, {}, None, about)

    def _refused(self, message: str, params: Mapping[str, object], wrong: str | None, about: Mapping[str, str]) -> None:
        self.counters.refused += 1
        if len(self.counters.told) < MOST_TOLD:
            said = {name: str(value) for name, value in params.items()}
            self.counters.told.append({**about, "msgid": message, "params": said, "field": wrong})

    def _tell(self, phase: str, done: int, total: int) -> None:
        """Commit what was just done with how far it is. Raises _Over, RunLost."""
        progress = {"phase": phase, "done": done, "total": total, **self._rate(phase, total - done)}
        counted = {name: value for name, value in self.counters.kept().items() if name != "told"}
        match self.turn.pulse({**counted, **progress}, self.counters.kept()):
            case Pulse.STOP:
                raise _Over(concluded=True)
            case Pulse.LEAVE:
                raise _Over(concluded=False)
            case Pulse.GO_ON:
                if done < total and time.monotonic() - self.began > LONGEST_TURN:
                    raise _Over(concluded=False)

    def _rate(self, phase: str, left: int) -> dict[str, float]:
        """Invoices a minute and seconds left, once there is something to tell it by."""
        tried = self.counters.issued + self.counters.refused
        if phase != ISSUING or not tried or self.counters.seconds <= 0:
            return {}
        each = self.counters.seconds / tried
        return {"per_minute": round(60 / each, 1), "left": round(left * each)}
