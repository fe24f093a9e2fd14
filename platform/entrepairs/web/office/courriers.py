"""`/a/courriers`: every mail with how it ended, without its body or its link."""

from typing import Final

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from entrepairs.audit.recording import record
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.i18n import N_
from entrepairs.messages.models import Message, MessageState
from entrepairs.messages.queries import counts_by_state, list_messages
from entrepairs.messages.queueing import send_again
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor
from entrepairs.web.office import bp

STATES = {
    MessageState.QUEUED: ("todo", N_("waiting to leave")),
    MessageState.SENDING: ("todo", N_("being handed over")),
    MessageState.SENT: ("ok", N_("sent")),
    MessageState.IN_DOUBT: ("no", N_("in doubt")),
    MessageState.FAILED: ("no", N_("not sent")),
    MessageState.WITHDRAWN: ("done", N_("no longer needed")),
}
"""Tone and word of each state."""

KINDS = {
    "billing.debit_failed": N_("Direct debit that did not go through"),
    "billing.dispute_opened": N_("Online payment contested"),
    "billing.dunning_letter": N_("Reminder of an invoice"),
    "billing.invoice": N_("Invoice"),
    "billing.month_billed": N_("Invoices of a month issued"),
    "contracting.agreement": N_("Agreement"),
    "contracting.engagement_wanted": N_("Engagement number asked for"),
    "contracting.quote": N_("Quote"),
    "demands.approval_asked": N_("Demand to approve"),
    "demands.approved": N_("Agreement given"),
    "demands.cancelled": N_("Demand cancelled"),
    "demands.mission_cancelled": N_("Mission cancelled"),
    "demands.refused": N_("Answered: not possible this time"),
    "demands.sent_back": N_("Demand sent back"),
    "dispatch.handover_asked": N_("Question: hand a mission over?"),
    "dispatch.handover_done": N_("Mission handed over"),
    "dispatch.handover_lapsed": N_("Mission kept in the end"),
    "dispatch.need_today": N_("Need for today"),
    "dispatch.offer": N_("Proposal"),
    "dispatch.offer_closed": N_("Proposal closed"),
    "dispatch.offer_moved": N_("Proposal at another time"),
    "dispatch.other_time_agreed": N_("Time suggested: agreed"),
    "dispatch.other_time_asked": N_("Another time: question to the structure"),
    "dispatch.other_time_kept": N_("Time suggested: not this time"),
    "dispatch.other_time_suggested": N_("Another time is suggested"),
    "dispatch.plan_offers": N_("Proposals of a plan"),
    "dispatch.relay_needed": N_("A relay is to be found"),
    "dispatch.still_looking": N_("Somebody is still missing"),
    "identity.invitation": N_("Invitation"),
    "identity.login_link": N_("Login link"),
    "missions.call_back": N_("Call back asked"),
    "missions.colleague_missing": N_("Professional not confirmed: to the office"),
    "missions.colleague_unsure": N_("Professional not confirmed: to the peer"),
    "missions.colleague_wanted": N_("Professional to confirm"),
    "missions.confirm_service": N_("Service to confirm"),
    "missions.disputed": N_("Session under discussion"),
    "missions.order": N_("Mission order"),
    "missions.report_reminder": N_("Report reminder"),
    "network.member_added": N_("Joining a team"),
}
"""What each kind of mail is, in words: one line for each that the workers know how to write."""

LAST_PAGE: Final = 100_000
"""Larger than any list; an offset has its limits too."""

REASONS = {
    MessageState.IN_DOUBT: N_(
        "The line was cut as the letter was handed over: it may have arrived. Ask before sending again."
    ),
    MessageState.FAILED: N_("The other server refused it for good (%(error)s): check the address."),
    MessageState.QUEUED: N_("The mail server did not take it yet (%(error)s): it leaves again by itself."),
}
"""Why a mail is where it is, and what to do: said beside it when something went wrong."""


@bp.get("/courriers")
@requires(Permission.OFFICE_VIEW)
def mails() -> str:
    """The list, newest first, by state."""
    wanted = request.args.get("etat", "")
    state = MessageState(wanted) if wanted in set(MessageState) else None
    page = min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    messages, more = list_messages(db.session(), state=state, page=page)
    return render_template(
        "office/mails.html",
        messages=messages,
        more=more,
        page=page,
        state=state,
        counts=counts_by_state(db.session()),
        states=STATES,
        kinds=KINDS,
        reason_of=_reason_of,
    )


def _reason_of(message: Message) -> str:
    """What went wrong with a mail, in words; empty when nothing did."""
    if not message.last_error or message.state not in REASONS:
        return ""
    return str(_(REASONS[message.state], error=message.last_error))


@bp.post("/courriers/<ref:ref>/renvoyer")
@requires(Permission.COORDINATE)
def resend_mail(ref: str) -> Response:
    """Send a failed or doubtful mail again, by somebody's decision."""
    send_again(db.session(), ref, clock=business_clock())
    record(db.session(), "message.send_again", "message", ref, actor=current_actor(), clock=business_clock())
    db.session.commit()
    flash(_("The mail will leave again in a moment. The link of the earlier copy no longer works."), "success")
    return redirect(url_for(".mails"), code=303)
