"""The one table from an outbox kind to the use case that does it.

Two shapes of handler:

- a *use case*, `function(session, subject_ref, payload, *, clock)`: runs in one transaction with the mark « done », so
  it happens exactly once;
- an *act*, for what leaves the house (mail, Stripe): `function(context: Act)`; it commits its own steps around the
  network call, may raise `Unavailable` to be tried again, and is idempotent by its own key.

A handler re-checks the state of its subject first: it may come late, or for something that has lost its object.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from entrepairs.kernel.clock import Clock
from entrepairs.outbox.models import Run
from entrepairs.outbox.states import RunState


@dataclass(frozen=True)
class Act:
    """What an act is given. `commit()` ends a step; no transaction is open while it talks to the network."""

    session: Session
    subject_ref: str
    payload: Mapping[str, Any]
    clock: Clock
    config: Mapping[str, Any]

    def commit(self) -> None:
        """End a step."""
        self.session.commit()


USE_CASES: Final[dict[str, str]] = {
    # kind: "module:function"; one line each, in alphabetical order
    "contracting.consider_demand": "entrepairs.contracting.considering:consider_demand",
    "contracting.expire_quote": "entrepairs.contracting.quotes:expire_quote",
    "contracting.release_demand": "entrepairs.contracting.considering:release_demand",
    "cooperative.take_contribution": "entrepairs.cooperative.contribution:take_contribution",
    "dispatch.end_handover": "entrepairs.dispatch.handovers:end_handover",
    "dispatch.expire_offer": "entrepairs.dispatch.ending:expire_offer",
    "dispatch.go_on_with_plan": "entrepairs.dispatch.plans:go_on_with_plan",
    "dispatch.tell_need": "entrepairs.dispatch.following:tell_need",
    "dispatch.tell_plan": "entrepairs.dispatch.plan_letters:tell_plan",
    "dispatch.send_plan_line": "entrepairs.dispatch.plans:send_plan_line",
    "fairness.study_coverage": "entrepairs.fairness.studies:study_coverage",
    "billing.close_demands": "entrepairs.billing.closing:close_demands_of",
    "billing.produce_einvoice": "entrepairs.billing.delivery:produce_einvoice",
    "billing.send_invoice": "entrepairs.billing.transmission.sending:send_invoice",
    "missions.issue_order": "entrepairs.missions.orders:issue_order",
    "missions.remind_report": "entrepairs.missions.reports:remind_report",
    "missions.remind_service": "entrepairs.missions.asking:remind_service",
    "missions.renew_order": "entrepairs.missions.orders:renew_order",
    "missions.sessions_moved": "entrepairs.missions.orders:renew_orders_of",
}

ACTS: Final[dict[str, str]] = {
    # kind: "module:function"; one line each, in alphabetical order
    "billing.check_payment": "entrepairs_workers.billing:check_payment",
    "billing.complete_sending": "entrepairs_workers.transmission:complete_sending",
    "billing.handle_stripe_event": "entrepairs_workers.billing:handle_stripe_event",
    "billing.look_at_sending": "entrepairs_workers.transmission:look_at_sending",
    "billing.tell_platform": "entrepairs_workers.transmission:tell_platform",
    "billing.transmit": "entrepairs_workers.transmission:transmit",
    "billing.reconcile_stripe": "entrepairs_workers.billing:reconcile_stripe",
    "billing.send_refund": "entrepairs_workers.billing:send_refund",
    "messages.send_mail": "entrepairs_workers.mailing:send_mail",
}


FAILED_RUNS: Final[dict[str, str]] = {
    # kind of run: "module:function(session, run, *, clock)"; who asked is told in the transaction that fails it
    "billing.bill_month": "entrepairs.billing.month.telling:tell_who_asked",
}


def tell_failed(session: Session, run: Run, *, clock: Clock) -> None:
    """Have who asked a run told that it failed; nothing for one that goes on, or of another kind."""
    if run.state is RunState.FAILED and run.kind in FAILED_RUNS:
        session.flush()
        handler(FAILED_RUNS, run.kind)(session, run, clock=clock)


def handler(table: Mapping[str, str], kind: str) -> Callable[..., object]:
    """The function of a kind. Raises KeyError for an unknown one."""
    module, _, function = table[kind].partition(":")
    found: Callable[..., object] = getattr(importlib.import_module(module), function)
    return found
