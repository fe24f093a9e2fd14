"""What recurs: the beat's few ticks, and the jobs that a tick runs when their slot is due (business time)."""

import importlib
from datetime import timedelta
from typing import Final, Protocol, cast

from sqlalchemy.orm import Session

from entrepairs.kernel.clock import Clock


class Job(Protocol):
    """A recurring use case. It runs in the transaction that took its slot, with a clock standing at the slot."""

    def __call__(self, session: Session, *, clock: Clock) -> object: ...


BEAT: Final = {
    "outbox.sweep": {"task": "outbox.drain", "schedule": 5.0, "options": {"expires": 5.0}},
    "runs.sweep": {"task": "runs.work", "schedule": 5.0, "options": {"expires": 5.0}},
    "slots.tick": {"task": "slots.tick", "schedule": 15.0, "options": {"expires": 15.0}},
    "heartbeat": {"task": "heartbeat", "schedule": 5.0, "options": {"expires": 5.0}},
}

JOBS: Final[dict[str, tuple[timedelta, str]]] = {
    # name: (period, "module:function"); one line each, in alphabetical order
    "contracting.follow_calendar": (timedelta(days=1), "entrepairs.contracting.agreements:follow_calendar"),
    "cooperative.follow_grants": (timedelta(days=1), "entrepairs.cooperative.grants:follow_grants"),
    "cooperative.take_missing_contributions": (
        timedelta(days=1),
        "entrepairs.cooperative.contribution:take_missing_contributions",
    ),
    "audit.seal": (timedelta(hours=1), "entrepairs.audit.sealing:seal_new_entries"),
    "demands.advance": (timedelta(hours=1), "entrepairs.demands.advancing:advance_demands"),
    "dispatch.withdraw_idle": (timedelta(minutes=15), "entrepairs.dispatch.ending:withdraw_idle_offers"),
    "fairness.ask_study": (timedelta(days=1), "entrepairs.fairness.studies:ask_study_when_old"),
    "billing.check_payments": (timedelta(hours=1), "entrepairs.billing.stripe_events:queue_payment_checks"),
    "billing.send_friendly_words": (timedelta(days=1), "entrepairs.billing.dunning.sending:send_friendly_words"),
    "billing.close_demands": (timedelta(days=1), "entrepairs.billing.closing:close_settled_demands"),
    "billing.follow_sendings": (
        timedelta(minutes=5),
        "entrepairs.billing.transmission.following:follow_sendings",
    ),
    "billing.reconcile_stripe": (timedelta(days=1), "entrepairs.billing.online.reconciling:queue_reconciliation"),
    "matching.forget_changes": (timedelta(days=1), "entrepairs.matching.index.changes:forget_changes"),
    "outbox.forget_done": (timedelta(days=1), "entrepairs.outbox.forgetting:forget_done"),
    "messages.forget_addresses": (timedelta(days=1), "entrepairs.messages.forgetting:forget_addresses"),
    "identity.forget_links": (timedelta(days=1), "entrepairs.identity.forgetting:forget_links"),
    "identity.forget_sent_forms": (timedelta(days=1), "entrepairs.identity.sent_forms:forget_sent_forms"),
    "missions.forget_on_site": (timedelta(days=1), "entrepairs.missions.on_site:forget_on_site"),
    "missions.tell_unconfirmed": (timedelta(days=1), "entrepairs.missions.colleagues:tell_unconfirmed"),
    "missions.confirm_tacitly": (timedelta(days=1), "entrepairs.missions.services_done:confirm_tacitly"),
}


def job(name: str) -> Job:
    """The function of a job."""
    module, _, function = JOBS[name][1].partition(":")
    return cast(Job, getattr(importlib.import_module(module), function))
