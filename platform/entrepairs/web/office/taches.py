"""`/a/taches`: what the platform does by itself: what failed, what is late, what is to come, the long works."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from entrepairs.audit.recording import record
from entrepairs.db import locked
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import Conflict, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.outbox import queries
from entrepairs.outbox.claiming import retry_failed
from entrepairs.outbox.models import ItemState, OutboxItem
from entrepairs.outbox.states import RunState
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor, viewer
from entrepairs.web.demand_words import _
from entrepairs.web.office import bp

KINDS = {
    "billing.check_payment": N_("Check an online payment"),
    "billing.close_demands": N_("Close the demands that are invoiced"),
    "billing.handle_stripe_event": N_("Read news from Stripe"),
    "billing.produce_einvoice": N_("Draw an invoice"),
    "billing.reconcile_stripe": N_("Compare with Stripe"),
    "billing.send_refund": N_("Give money back online"),
    "billing.send_invoice": N_("Send an invoice"),
    "contracting.consider_demand": N_("See whether an agreement covers a demand"),
    "contracting.expire_quote": N_("End a quote that is out of date"),
    "contracting.release_demand": N_("Let go what a demand had reserved"),
    "cooperative.take_contribution": N_("Take the cooperative contribution"),
    "dispatch.end_handover": N_("End a question about handing over"),
    "dispatch.go_on_with_plan": N_("Go on with a plan after an answer"),
    "dispatch.expire_offer": N_("End a proposal that is out of date"),
    "dispatch.send_plan_line": N_("Send the proposals of a plan"),
    "fairness.study_coverage": N_("Study where people are missing"),
    "dispatch.withdraw_offers": N_("Take back the proposals of a demand"),
    "messages.send_mail": N_("Send a mail"),
    "missions.issue_order": N_("Draw a mission order"),
    "missions.renew_order": N_("Draw a mission order again"),
    "missions.remind_report": N_("Remind of a report"),
    "missions.remind_service": N_("Remind of a service to confirm"),
    "missions.sessions_moved": N_("Tell that sessions moved"),
}
"""What an effect is, in words; an unknown one shows its code."""
RUN_KINDS = {"planning.plan": N_("Plan a period")}
"""What a long work is, in words."""
RUN_STATES = {
    RunState.QUEUED: ("todo", N_("waiting to start")),
    RunState.RUNNING: ("prop", N_("at work")),
    RunState.DONE: ("ok", N_("finished")),
    RunState.STOPPED: ("done", N_("stopped")),
    RunState.FAILED: ("no", N_("failed")),
}
VIEWS = ("echecs", "retard", "a-venir")


@bp.get("/taches")
@requires(Permission.OFFICE_VIEW)
def tasks() -> str:
    """What needs somebody first."""
    now, wanted = business_clock().now(), request.args.get("vue", "")
    counts = queries.effect_counts(db.session(), now)
    view = wanted if wanted in VIEWS else ("retard" if counts.late and not counts.failed else "echecs")
    return render_template(
        "office/tasks.html",
        counts=counts,
        view=view,
        chips=_chips(counts, view),
        items=_items(view),
        kinds=KINDS,
        runs=queries.latest_runs(db.session()),
        run_states=RUN_STATES,
        run_kinds=RUN_KINDS,
        beats=queries.heartbeats(db.session()),
        may_retry=Permission.COORDINATE in viewer().permissions,
    )


def _items(view: str) -> Sequence[OutboxItem]:
    now = business_clock().now()
    if view == "retard":
        return queries.late_effects(db.session(), now)
    return queries.coming_effects(db.session(), now) if view == "a-venir" else queries.failed_effects(db.session())


def _chips(counts: queries.EffectCounts, view: str) -> list[dict[str, object]]:
    labels = {
        "echecs": (_("Failed"), counts.failed),
        "retard": (_("Late"), counts.late),
        "a-venir": (_("To come"), counts.coming),
    }
    return [
        {"label": label, "count": count, "url": url_for(".tasks", vue=name), "active": name == view}
        for name, (label, count) in labels.items()
    ]


@bp.post("/taches/<int:number>/relancer")
@requires(Permission.COORDINATE)
def retry_task(number: int) -> Response:
    """Ask for another round of an effect that was given up."""
    item = locked(db.session(), select(OutboxItem).where(OutboxItem.id == number))
    if item is None:
        raise NotFound("task", N_("This task does not exist."))
    if item.state is not ItemState.FAILED:
        raise Conflict("task_not_failed", N_("This task is already under way again."))
    retry_failed(item)
    record(
        db.session(),
        "task.retry",
        item.subject_kind,
        item.subject_ref,
        actor=current_actor(),
        clock=business_clock(),
        kind=item.kind,
    )
    db.session.commit()
    flash(_("It will be tried again in a moment."), "success")
    return redirect(url_for(".tasks"), code=303)
