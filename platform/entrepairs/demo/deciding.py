"""The office reads a demand and says what comes next: a quote, a commitment number to wait for, a kind no, or who can come."""

from datetime import timedelta
from functools import partial
from typing import Final

from entrepairs.contracting.engagements import record_engagement
from entrepairs.contracting.quotes import accept_quote, prepare_quote, refuse_quote, send_quote
from entrepairs.contracting.signatures import Signature
from entrepairs.cooperative.financing import finance_demand, grants_for
from entrepairs.demands.confirming import confirm_financed
from entrepairs.demands.models import Demand
from entrepairs.demands.qualifying import qualify, refuse
from entrepairs.demands.scopes import OFFICE, find_demand
from entrepairs.demands.states import DemandState
from entrepairs.demo.missions import Life
from entrepairs.demo.staffing import plan_offers

BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
ADDRESS: Final = "192.0.2.17"
"""Of the range kept for documentation (RFC 5737)."""


def demand_of(life: Life) -> Demand:
    """The demand's row as it stands."""
    return find_demand(life.story.session, life.ref, OFFICE)


def plan_reading(life: Life, *, minutes: int | None = None) -> None:
    """The office opens the demand the next working day, or within minutes when somebody waits."""
    if life.mission.stays == "submitted":
        return
    if minutes is not None:
        life.story.at(life.story.clock.now() + timedelta(minutes=minutes), partial(_read, life))
    else:
        life.story.later(partial(_read, life), hours=18)


def _read(life: Life) -> None:
    story, mission, demand = life.story, life.mission, demand_of(life)
    if mission.refused:
        refuse(
            story.session,
            life.ref,
            reason=mission.refused,
            note=mission.note,
            names_checked=True,
            actor=story.coordination,
            clock=story.clock,
        )
    elif demand.state is DemandState.CONFIRMED:
        plan_offers(life)
    elif demand.state is DemandState.AWAITING_ENGAGEMENT:
        _await_engagement(life)
    elif demand.state is DemandState.SUBMITTED and mission.financed_by:
        confirm_financed(
            story.session, life.ref, financed_by=mission.financed_by, actor=story.coordination, clock=story.clock
        )
        _count_under_grant(life)
        plan_offers(life)
    elif demand.state is DemandState.SUBMITTED:
        _qualify(life)


def _count_under_grant(life: Life) -> None:
    story, demand = life.story, demand_of(life)
    for grant in grants_for(story.session, demand):
        if grant.funder == life.mission.grant:
            finance_demand(story.session, demand.ref, grant.ref, actor=story.bookkeeping, clock=story.clock)


def _qualify(life: Life) -> None:
    story = life.story
    qualify(story.session, life.ref, actor=story.coordination, clock=story.clock)
    if life.mission.stays != "qualified":
        story.later(partial(_quote, life), hours=3)


def _quote(life: Life) -> None:
    story, mission = life.story, life.mission
    version = prepare_quote(story.session, life.ref, actor=story.coordination, clock=story.clock)
    if mission.stays == "quote_draft":
        return
    quote_ref = version.quote.ref
    send_quote(story.session, quote_ref, actor=story.coordination, clock=story.clock)
    if mission.stays == "quoted" or mission.quote == "expired":
        return
    if mission.quote == "twice":
        story.later(partial(_quote_again, life, quote_ref), days=2)
    else:
        answer = _refuse if mission.quote == "refused" else _accept
        story.later(partial(answer, life, quote_ref, version.number), days=mission.quote_days)


def _quote_again(life: Life, quote_ref: str) -> None:
    story = life.story
    version = prepare_quote(story.session, life.ref, actor=story.coordination, clock=story.clock)
    send_quote(story.session, quote_ref, actor=story.coordination, clock=story.clock)
    story.later(partial(_accept, life, quote_ref, version.number), days=life.mission.quote_days)


def _accept(life: Life, quote_ref: str, version: int) -> None:
    story, signatory = life.story, life.signatory
    signature = Signature(signatory.name, signatory.function, ADDRESS, BROWSER, signatory.id)
    accept_quote(
        story.session,
        quote_ref,
        signature,
        version=version,
        scope=life.scope,
        engagement=life.mission.engagement or None,
        actor=signatory.actor,
        clock=story.clock,
    )
    if demand_of(life).state is DemandState.AWAITING_ENGAGEMENT:
        _await_engagement(life)
    else:
        plan_offers(life)


def _refuse(life: Life, quote_ref: str, version: int) -> None:
    refuse_quote(
        life.story.session,
        quote_ref,
        version=version,
        account_id=life.signatory.id,
        scope=life.scope,
        actor=life.signatory.actor,
        clock=life.story.clock,
    )


def _await_engagement(life: Life) -> None:
    if life.mission.engagement:
        life.story.later(partial(_engage, life), days=life.mission.engagement_days)


def _engage(life: Life) -> None:
    record_engagement(
        life.story.session,
        life.ref,
        life.mission.engagement,
        scope=life.scope,
        actor=life.signatory.actor,
        clock=life.story.clock,
    )
    plan_offers(life)
