"""The run `billing.bill_month`: drafts of the month made structure by structure, then issued one by one. Resumable.

What is done is read from the invoices themselves, so that a worker killed anywhere is replaced by one that reads afresh:
a service drafted is no longer to be billed, a draft issued is no longer a draft. Each draft is issued in its own
transaction, which holds the run's row and moves its counters too: a worker thought dead issues nothing more, and the
counters never say more or less than the invoices. Lock order: run, structure or invoice, series, journal.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.billing.drafting import draft_invoices
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.month.months import Month
from entrepairs.billing.month.obstacles import drafts_of
from entrepairs.billing.month.reading import waiting_up_to
from entrepairs.identity.models import Account
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import DomainError, Unavailable
from entrepairs.kernel.i18n import N_
from entrepairs.messages.queueing import queue_mail
from entrepairs.outbox.models import Run
from entrepairs.outbox.runs import own_run
from entrepairs.outbox.turns import Pulse, Turn

log = logging.getLogger(__name__)
LONGEST_TURN: Final = 2400.0
"""Seconds after which another turn goes on, well below what a worker allows one."""
READING: Final = "reading"
DRAFTING: Final = "drafting"
ISSUING: Final = "issuing"
BILLED: Final = "billing.month_billed"
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
    work = _Work(turn, Month.parse(turn.subject_ref), Actor(run.asked_by, run.asked_label), clock, run.ref)
    try:
        work.do()
    except _Over as over:
        turn.session.rollback()
        if not over.concluded:
            return False
    work.tell_who_asked()
    return True


@dataclass
class _Work:
    turn: Turn
    month: Month
    actor: Actor
    clock: Clock
    run_ref: str
    counters: _Counters = field(init=False)
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.counters = _Counters.of(self.turn.kept)

    @property
    def session(self) -> Session:
        return self.turn.session

    def do(self) -> None:
        self._tell(READING, 0, 0)
        waiting = waiting_up_to(self.session, self.month, today=self.clock.today())
        todo = {ref: [demand.ref for demand in demands] for ref, demands in waiting.ready.items()}
        self.session.commit()
        for done, (partner_ref, demand_refs) in enumerate(todo.items(), start=1):
            self._step(lambda: self._draft(partner_ref, demand_refs), {"structure": partner_ref})  # noqa: B023 - called here
            self._tell(DRAFTING, done, len(todo))
        refs = [draft.ref for draft in self.session.scalars(drafts_of(self.month))]
        self.session.commit()
        self._tell(ISSUING, 0, len(refs))
        for done, ref in enumerate(refs, start=1):
            self._issue(ref, done, len(refs))

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

    def _issue(self, ref: str, done: int, total: int) -> None:
        began = time.monotonic()

        def issue() -> None:
            invoice = issue_invoice(self.session, ref, clock=self.clock, actor=self.actor)
            self.counters.issued += 1
            self.counters.cents += invoice.gross

        self._step(issue, {"draft": ref})
        self.counters.seconds += time.monotonic() - began
        self._tell(ISSUING, done, total)

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

    def tell_who_asked(self) -> None:
        """Queue the mail of the end, in the transaction that ends the run; a command has nobody to write to."""
        to = self.session.scalars(
            select(Account).where(Account.ref == self.actor.ref, Account.disabled_at.is_(None))
        ).one_or_none()
        if to is not None:
            queue_mail(
                self.session,
                BILLED,
                to_ref=to.ref,
                address=to.email,
                subject_kind="run",
                subject_ref=self.run_ref,
                clock=self.clock,
                dedup=f"{BILLED}:{self.run_ref}",
            )
