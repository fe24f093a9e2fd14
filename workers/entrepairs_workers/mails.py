"""The one table from a mail's kind to the function that writes it."""

import importlib
from typing import Final

from entrepairs.messages.content import BuilderFunction

BUILDERS: Final[dict[str, str]] = {
    # kind: "module:function"; one line each, in alphabetical order
    "contracting.agreement": "entrepairs.contracting.mails:agreement",
    "contracting.engagement_wanted": "entrepairs.contracting.mails:engagement_wanted",
    "contracting.quote": "entrepairs.contracting.mails:quote",
    "billing.debit_failed": "entrepairs.billing.online.mails:debit_failed",
    "billing.dispute_opened": "entrepairs.billing.online.mails:dispute_opened",
    "billing.dunning_letter": "entrepairs.billing.dunning.mails:dunning_letter",
    "billing.invoice": "entrepairs.billing.mails:invoice_sent",
    "billing.month_billed": "entrepairs.billing.month.mails:month_billed",
    "demands.approval_asked": "entrepairs.demands.mails:approval_asked",
    "demands.approved": "entrepairs.demands.mails:approved",
    "demands.cancelled": "entrepairs.demands.mails:cancelled",
    "demands.mission_cancelled": "entrepairs.demands.mails:mission_cancelled",
    "demands.refused": "entrepairs.demands.mails:refused",
    "demands.sent_back": "entrepairs.demands.mails:sent_back",
    "dispatch.handover_asked": "entrepairs.dispatch.handover_mails:handover_asked",
    "dispatch.handover_done": "entrepairs.dispatch.handover_mails:handover_done",
    "dispatch.handover_lapsed": "entrepairs.dispatch.handover_mails:handover_lapsed",
    "dispatch.need_today": "entrepairs.dispatch.mails:need_today",
    "dispatch.offer": "entrepairs.dispatch.mails:offer_proposed",
    "dispatch.offer_closed": "entrepairs.dispatch.mails:offer_closed",
    "dispatch.offer_moved": "entrepairs.dispatch.time_mails:offer_moved",
    "dispatch.other_time_agreed": "entrepairs.dispatch.time_mails:other_time_agreed",
    "dispatch.other_time_asked": "entrepairs.dispatch.time_mails:other_time_asked",
    "dispatch.other_time_kept": "entrepairs.dispatch.time_mails:other_time_kept",
    "dispatch.other_time_suggested": "entrepairs.dispatch.time_mails:other_time_suggested",
    "dispatch.plan_offers": "entrepairs.dispatch.plan_letters:several_proposed",
    "dispatch.relay_needed": "entrepairs.dispatch.mails:relay_needed",
    "dispatch.still_looking": "entrepairs.dispatch.mails:still_looking",
    "identity.invitation": "entrepairs.identity.mails:invitation",
    "identity.login_link": "entrepairs.identity.mails:login_link",
    "missions.call_back": "entrepairs.missions.mails:call_back",
    "missions.colleague_missing": "entrepairs.missions.colleague_mails:missing",
    "missions.colleague_unsure": "entrepairs.missions.colleague_mails:unsure",
    "missions.colleague_wanted": "entrepairs.missions.colleague_mails:wanted",
    "missions.confirm_service": "entrepairs.missions.mails:confirm_service",
    "missions.disputed": "entrepairs.missions.mails:disputed",
    "missions.order": "entrepairs.missions.mails:order",
    "missions.report_reminder": "entrepairs.missions.mails:report_reminder",
    "network.member_added": "entrepairs.network.mails:member_added",
}


def builder(kind: str) -> BuilderFunction:
    """The builder of a kind. Raises KeyError for an unknown one."""
    module, _, function = BUILDERS[kind].partition(":")
    found: BuilderFunction = getattr(importlib.import_module(module), function)
    return found
