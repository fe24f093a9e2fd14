"""The office reads a demand: it can be done (qualify), or not (refuse, with a kind reason and a way on)."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.moving import move
from entrepairs.demands import mails, rules
from entrepairs.demands.ending import drop_what_is_planned
from entrepairs.demands.models import Demand
from entrepairs.demands.scopes import lock_demand
from entrepairs.demands.states import DEMAND_TRANSITIONS, DemandEvent
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_, Sentence, say

REFUSAL_REASONS: Final[dict[str, Sentence]] = {
    "nobody_free": say("Nobody of the team is free on these dates: other dates would let us come."),
    "not_our_work": say("What you describe is the work of another profession: we would rather not replace it."),
    "team_not_ready": say("We would like to prepare it with your team first: we call you to choose a moment."),
    "too_far": say("We don't reach your town yet: we can point you to a closer association."),
}
"""Kind reasons to start from; the office may add its own words."""


def qualify(
    session: Session,
    ref: str,
    *,
    language: str | None = None,
    themes: Sequence[str] = (),
    actor: Actor,
    clock: Clock,
) -> Demand:
    """The demand has been read and can be done; language and themes refine who is asked.

    Raises NotFound, TransitionRefused.
    """
    demand = lock_demand(session, ref)
    move(session, demand, DEMAND_TRANSITIONS, DemandEvent.QUALIFY, actor=actor, clock=clock)
    demand.language = language or demand.language
    demand.themes = list(themes) or demand.themes
    session.flush()
    return demand


def refuse(
    session: Session,
    ref: str,
    *,
    reason: str,
    note: str = "",
    names_checked: bool = False,
    actor: Actor,
    clock: Clock,
) -> Demand:
    """Say no, kindly: a reason of the list, and words of one's own; the requester is told by mail.

    Raises NotFound, InvalidInput("reason_unknown"), InvalidInput (identity), TransitionRefused.
    """
    demand = lock_demand(session, ref)
    if reason not in REFUSAL_REASONS:
        raise InvalidInput("reason_unknown", N_("Choose what we tell them."), field="reason")
    rules.ensure_texts({"note": note}, names_checked=names_checked)
    demand.note = note.strip()
    move(session, demand, DEMAND_TRANSITIONS, DemandEvent.REFUSE, actor=actor, clock=clock)
    drop_what_is_planned(session, demand, actor=actor, clock=clock)
    if demand.requester is not None:
        mails.tell(session, demand, "demands.refused", demand.requester, clock=clock, reason=reason)
    return demand
