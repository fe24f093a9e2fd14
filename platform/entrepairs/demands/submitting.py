"""Sending a demand: alone, or with the agreement of a signatory, who answers from the mail or from the platform."""

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.moving import move
from entrepairs.audit.recording import record
from entrepairs.demands import authority, mails, rules
from entrepairs.demands.drafting import PeopleAnswer, ensure_people, lock_draft
from entrepairs.demands.models import Demand
from entrepairs.demands.scheduling import plan_sessions, wished_plan
from entrepairs.demands.scopes import OFFICE, Scope, lock_demand
from entrepairs.demands.states import DEMAND_TRANSITIONS, DemandEvent, DemandState
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotAllowed
from entrepairs.kernel.i18n import N_
from entrepairs.outbox.adding import add


def ensure_complete(session: Session, demand: Demand, *, clock: Clock) -> None:
    """Raise InvalidInput naming the first answer that misses, or dates gone by while the draft slept."""
    rules.ensure_place(
        demand.place_kind,
        has_site=demand.site_id is not None,
        has_commune=demand.commune_insee is not None,
        detail=demand.place_detail,
    )
    answer = PeopleAnswer(
        participants=demand.participants,
        audience=demand.audience,
        context=demand.context,
        person_wish=demand.person_wish,
        colleague_function=demand.colleague_function,
    )
    ensure_people(demand.offering, answer, names_checked=True)
    periods = wished_plan(session, demand).periods
    if periods and periods[0].start < clock.now():
        raise InvalidInput("first_day_past", N_("Choose a day to come."), field="first_day")


def submit_demand(
    session: Session, ref: str, scope: Scope, *, account_id: int | None, actor: Actor, clock: Clock
) -> Demand:
    """Send a draft. `account_id` None: the office sends.

    Raises NotFound, Conflict("not_a_draft"), InvalidInput, NotAllowed("approval_needed") when the member does not
    sign for the partner: `ask_approval` is their way.
    """
    demand = lock_draft(session, ref, scope)
    ensure_complete(session, demand, clock=clock)
    if account_id is not None and not authority.may_commit(session, demand.partner_id, account_id):
        raise NotAllowed("approval_needed", N_("This demand needs the agreement of somebody who signs for you."))
    return send(session, demand, actor=actor, clock=clock)


def send(session: Session, demand: Demand, *, actor: Actor, clock: Clock) -> Demand:
    """The demand leaves: its sessions are dated, contracting will look whether an agreement covers it.

    The demand is locked and complete.
    """
    move(session, demand, DEMAND_TRANSITIONS, DemandEvent.SUBMIT, actor=actor, clock=clock)
    demand.submitted_at = clock.now()
    demand.step = "review"
    plan_sessions(session, demand)
    add(
        session,
        "contracting.consider_demand",
        subject_kind="demand",
        subject_ref=demand.ref,
        due_at=clock.now(),
        dedup=f"contracting.consider:{demand.ref}",
    )
    return demand


def ask_approval(session: Session, ref: str, scope: Scope, *, signatory_ref: str, actor: Actor, clock: Clock) -> Demand:
    """Send a draft « pour accord » to a named signatory, by mail. Raises NotFound, Conflict, InvalidInput."""
    demand = lock_draft(session, ref, scope)
    ensure_complete(session, demand, clock=clock)
    member = authority.signatory_named(session, demand.partner_id, signatory_ref)
    demand.signatory_id = member.account_id
    move(session, demand, DEMAND_TRANSITIONS, DemandEvent.ASK_APPROVAL, actor=actor, clock=clock)
    session.flush()
    mails.tell(session, demand, "demands.approval_asked", member.account, clock=clock)
    return demand


def approve(
    session: Session, ref: str, *, account_id: int, scope: Scope = OFFICE, actor: Actor, clock: Clock
) -> Demand:
    """The signatory agrees and the demand leaves. Raises NotFound, Conflict, NotAllowed, InvalidInput (dates gone by)."""
    demand = _lock_asked(session, ref, scope, account_id)
    ensure_complete(session, demand, clock=clock)
    demand.approved_at = clock.now()
    demand.signatory_id = account_id
    record(session, "demand.approve", "demand", demand.ref, actor=actor, clock=clock)
    send(session, demand, actor=actor, clock=clock)
    if demand.requester is not None and demand.requester_id != account_id:
        mails.tell(session, demand, "demands.approved", demand.requester, clock=clock)
    return demand


def send_back(
    session: Session,
    ref: str,
    *,
    account_id: int,
    note: str,
    scope: Scope = OFFICE,
    names_checked: bool = False,
    actor: Actor,
    clock: Clock,
) -> Demand:
    """The signatory would like something changed: the draft goes back to who wrote it, with a word if they wish.

    Raises NotFound, Conflict, NotAllowed, InvalidInput (identity in the note).
    """
    demand = _lock_asked(session, ref, scope, account_id)
    rules.ensure_texts({"note": note}, names_checked=names_checked)
    demand.note = note.strip()
    move(session, demand, DEMAND_TRANSITIONS, DemandEvent.SEND_BACK, actor=actor, clock=clock)
    session.flush()
    if demand.requester is not None:
        mails.tell(session, demand, "demands.sent_back", demand.requester, clock=clock)
    return demand


def _lock_asked(session: Session, ref: str, scope: Scope, account_id: int) -> Demand:
    demand = lock_demand(session, ref, scope)
    if demand.state is not DemandState.AWAITING_APPROVAL:
        raise Conflict("not_awaiting", N_("This demand no longer waits for an agreement: somebody has answered."))
    signing = {member.account_id for member in authority.signatories(session, demand.partner_id)}
    if account_id not in signing:
        raise NotAllowed("not_signatory", N_("Only somebody who signs for your structure can answer."))
    return demand
