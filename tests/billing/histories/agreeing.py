"""Gestures before any invoice: the quote, the agreement, the seat held, the sessions done, the cancellation."""

from datetime import timedelta

from sqlalchemy import select

from entrepairs.billing.cancellations import cancel_demand, waive
from entrepairs.billing.models import LateCancellation
from entrepairs.contracting import quotes
from entrepairs.contracting.considering import draw, release_demand
from entrepairs.contracting.models import Agreement
from entrepairs.demands.diary import hold_seat
from entrepairs.demands.models import Demand, DemandSession
from entrepairs.demands.scopes import OFFICE as BY_OFFICE
from entrepairs.demands.scopes import Scope
from entrepairs.demands.states import DemandState, SessionState
from entrepairs.kernel.references import new_reference
from entrepairs.missions.models import ServiceAnswer, ServiceDone
from entrepairs.missions.reports import submit_report
from entrepairs.missions.services_done import Answerer, confirm_service
from entrepairs.network.models import Peer
from tests.billing.histories.memory import Job
from tests.billing.histories.story import OFFICE, Story
from tests.factories.contracting import SIGNER, a_signature
from tests.factories.missions import PEER_ACTOR, an_answer


def demand_of(story: Story, job: Job) -> Demand:
    return story.session.scalars(select(Demand).where(Demand.ref == job.asked.ref)).one()


def agree(story: Story, job: Job) -> None:
    """By the agreement where there is one and the draw says so, else by a quote."""
    agreement = story.world.agreements.get(job.asked.client)
    if job.stage == "asked" and agreement is not None and story.draw.random() < 0.5:
        done = story.attempt(
            f"{job.asked.ref} under the agreement",
            lambda: draw(
                story.session,
                demand_of(story, job),
                story.session.get_one(Agreement, agreement),
                actor=OFFICE,
                clock=story.clock,
            ),
        )
        story.expect("room in the agreement", done, True)
        job.stage, job.drawn, job.price = "firm", True, job.asked.kind.agreed
    elif job.stage == "asked":
        quote(story, job)
    else:
        answer(story, job)


def quote(story: Story, job: Job) -> None:
    """Prepared and sent; its price is the agreement's, or the one voted."""

    def act() -> tuple[str, int]:
        made = quotes.prepare_quote(story.session, job.asked.ref, actor=OFFICE, clock=story.clock)
        sent = quotes.send_quote(story.session, made.quote.ref, actor=OFFICE, clock=story.clock)
        return sent.quote.ref, sent.number

    job.quote, job.version = story.attempt(f"quote for {job.asked.ref}", act) or ("", 0)
    by_agreement = job.asked.client in story.world.agreements
    job.price = job.asked.kind.agreed if by_agreement else job.asked.kind.cents
    job.stage = "quoted"


def answer(story: Story, job: Job) -> None:
    """Accepted; at times a version nobody read first, or a refusal and another version."""

    def accept(version: int) -> object:
        return quotes.accept_quote(
            story.session, job.quote, a_signature(), version=version, actor=SIGNER, clock=story.clock
        )

    chance = story.draw.random()
    if chance < 0.1:
        story.attempt("accept a version that is not the last", lambda: accept(job.version + 1), "quote_replaced")
    elif chance < 0.15:
        story.attempt(
            "refuse the quote",
            lambda: quotes.refuse_quote(story.session, job.quote, version=job.version, actor=SIGNER, clock=story.clock),
        )
        quote(story, job)
    story.attempt(f"accept the quote of {job.asked.ref}", lambda: accept(job.version))
    story.attempt("accept it again", lambda: accept(job.version), "quote_not_open")
    job.stage = "firm"


def hold(story: Story, job: Job) -> None:
    """Somebody comes."""
    peer = story.world.peers[f"{job.asked.client}:{job.asked.kind.code}"]
    story.attempt(
        f"seat of {job.asked.ref}",
        lambda: hold_seat(story.session, job.asked.ref, peer, actor=OFFICE, clock=story.clock),
    )
    job.held = True


def serve(story: Story, job: Job, *, for_real: bool) -> None:
    """The next session is held and confirmed; by the report and the structure's word when somebody was to come."""
    number = len(job.served) + 1
    story.be_at_least(job.day(number))
    row = next(one for one in demand_of(story, job).sessions if one.number == number)
    if row.state is not SessionState.PLANNED:
        return
    if job.held and for_real:
        _by_report(story, job, row)
    else:
        _by_word(story, job, row)
    job.served.add(number)


def _by_report(story: Story, job: Job, row: DemandSession) -> None:
    peer = story.session.get_one(Peer, story.world.peers[f"{job.asked.client}:{job.asked.kind.code}"])
    activity = {"hours": {"group": job.asked.kind.minutes}}
    answerer = Answerer(SIGNER, "La cadre de santé")

    def confirm() -> object:
        return confirm_service(story.session, row.ref, BY_OFFICE, answerer, clock=story.clock)

    story.attempt("confirm before any report", confirm, "not_reported")
    story.attempt(
        f"report of session {row.number}",
        lambda: submit_report(story.session, peer, row.ref, an_answer(**activity), actor=PEER_ACTOR, clock=story.clock),
    )
    story.attempt(f"session {row.number} of {job.asked.ref} confirmed", confirm)
    story.attempt("confirm it again", confirm, "already_answered")


def _by_word(story: Story, job: Job, row: DemandSession) -> None:
    def act() -> None:
        row.state = SessionState.DONE
        story.session.add(
            ServiceDone(
                ref=new_reference("SF"),
                session=row,
                answer=ServiceAnswer.CONFIRMED,
                minutes=job.asked.kind.minutes,
                headcount=9,
                by_label="La cadre de santé",
                at=story.clock.now(),
            )
        )
        story.session.flush()

    story.attempt(f"session {row.number} of {job.asked.ref} done", act)


def cancel(story: Story, job: Job) -> None:
    """By the structure; what it costs is said by the oracle first."""
    demand = demand_of(story, job)
    if demand.state in {DemandState.COMPLETED, DemandState.CLOSED}:
        refusal: tuple[str, ...] = ("transition_refused",)
    else:
        refusal = ()
    coming = [
        number for number in range(1, job.count + 1) if number not in job.served and job.start(number) > story.clock.at
    ]
    late = bool(coming) and story.clock.at > job.start(coming[0]) - timedelta(days=7)
    cost = job.cost_of_cancelling(len(coming), late=late)
    scope = Scope(demand.partner_id)
    story.attempt(
        f"{job.asked.ref} cancelled, {cost} due",
        lambda: cancel_demand(story.session, job.asked.ref, scope, actor=SIGNER, clock=story.clock),
        *refusal,
    )
    if refusal:
        return
    release_demand(story.session, job.asked.ref, {}, clock=story.clock)
    story.session.flush()
    row = story.session.scalars(select(LateCancellation).where(LateCancellation.demand_id == demand.id)).one_or_none()
    story.expect(f"late cancellation of {job.asked.ref}", row.cents if row else 0, cost)
    job.stage = "ended"
    if row is not None:
        job.late, job.late_ref, job.late_day, job.late_state = cost, row.ref, story.today, "open"


def give_up(story: Story, job: Job) -> None:
    """Nothing is asked for a late cancellation; not once it is billed, nor twice."""
    refusal = () if job.late_state == "open" else ("cancellation_billed",)
    story.attempt(
        f"waive {job.late_ref}",
        lambda: waive(story.session, job.late_ref, reason="Le service a fermé", clock=story.clock, actor=OFFICE),
        *refusal,
    )
    if not refusal:
        job.late_state = "waived"
