"""Gestures on documents: deposits, drafts, the month's run, issuing, credit notes by one person or two, interest."""

from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import select

from entrepairs.billing.deposits import draft_deposit
from entrepairs.billing.drafting import delete_draft, draft_invoices
from entrepairs.billing.dunning.claiming import claim_interest, waive_interest
from entrepairs.billing.dunning.pausing import close_pause, open_dispute
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.models import Invoice, InvoiceKind, InvoiceState
from entrepairs.billing.month.asking import ask_month
from entrepairs.billing.month.months import Month
from entrepairs.billing.month.running import bill_month
from entrepairs.demands.states import DemandState
from entrepairs.kernel.dates import add_months, month_start
from entrepairs.kernel.money import Money
from entrepairs.outbox.runs import LEASE, claim_run, end_run
from entrepairs.outbox.turns import Turn
from tests.billing.histories.agreeing import demand_of
from tests.billing.histories.memory import Job, Line, Sheet
from tests.billing.histories.oracle import whole_price
from tests.billing.histories.story import DAY, OFFICE, Story

REAL = datetime(2026, 1, 5, 8, tzinfo=UTC)
OPEN = {DemandState.CONFIRMED, DemandState.STAFFED, DemandState.RUNNING}


# --- deposits --------------------------------------------------------------------------------------------------


def spare(story: Story, job: Job) -> int:
    """What is left to bill of a demand, less what its deposits, drafts too, will take off; below zero, they ask too much."""
    kind = job.asked.kind
    price = whole_price(kind.unit.value, job.price, job.count, kind.minutes)
    asked = sum(one.lines[0].left for one in job.deposits)
    deducted = sum(line.net for sheet in story.sheets for line in sheet.lines if line.job is job and line.deducts) * -1
    given_back = sum(
        -net
        for sheet in story.sheets
        for note in sheet.notes
        if note.issued
        for line, net in note.parts
        if line.job is job and line.deducts
    )
    billed = sum(
        line.net for sheet in story.sheets for line in sheet.lines if line.job is job and line.number and line.held
    )
    return price - billed - (asked - (deducted - given_back))


def deposit(story: Story, job: Job) -> None:
    """Part of what is left to bill of a demand, asked and issued; too much is refused."""
    kind, left = job.asked.kind, max(spare(story, job), 0)
    waiting = any(not note.issued for one in job.deposits for note in one.notes)
    firm = demand_of(story, job).state in OPEN
    too_much = story.draw.random() < 0.15
    amount = left + 1 if too_much else story.draw.randint(1, max(left, 1))
    refusal: tuple[str, ...] = ()
    if not firm:
        refusal = ("no_deposit",)
    elif waiting:
        return
    elif too_much or not left:
        refusal = ("deposit_amount",)
    made = story.attempt(
        f"deposit of {amount} on {job.asked.ref}, {left} left",
        lambda: draft_deposit(story.session, job.asked.ref, Money(amount), clock=story.clock, actor=OFFICE),
        *refusal,
    )
    if made is None:
        return
    line = Line(1, amount, Decimal(1), amount, kind.regime, kind.rate, job)
    job.deposits.append(story.read(made, job.asked.client, [line]))


# --- drafts ----------------------------------------------------------------------------------------------------


def to_bill(story: Story, client: str, until: date | None = None) -> dict[tuple[str, int], int]:
    """What waits to be billed of a structure: net by demand and number of session, 0 for a late cancellation."""
    found = {}
    for job in story.jobs:
        if job.asked.client != client:
            continue
        for number in job.served - job.billed:
            if until is None or job.day(number) <= until:
                found[job.asked.ref, number] = job.net(number)
        if job.late_state == "open" and (until is None or job.late_day <= until):
            found[job.asked.ref, 0] = job.late
    return found


def draft(story: Story, client: str, *, until: date | None = None) -> None:
    """Everything that waits of a structure, or up to a day."""
    waiting = to_bill(story, client, until)
    done = story.attempt(
        f"draft for {client} up to {until}",
        lambda: draft_invoices(
            story.session, story.world.partners[client], until=until, clock=story.clock, actor=OFFICE
        ),
        *(() if waiting else ("nothing_to_bill",)),
    )
    if done is None:
        return
    found: dict[tuple[str, int], int] = {}
    for row in done:
        for line in learn(story, row, client).lines:
            if line.deducts is None and line.job is not None:
                found[line.job.asked.ref, line.number] = line.net
    story.expect("what was drafted", found, waiting)


def learn(story: Story, row: Invoice, client: str) -> Sheet:
    """A draft that was made: each line is a session done and not billed, or takes off what it should of a deposit."""
    lines = []
    billed: dict[str, int] = {}
    for one in row.lines:
        if one.deducts is not None:
            source = next(s for s in story.sheets if s.ref == one.deducts.invoice.ref)
            job = source.lines[0].job
            assert job is not None
            taken = min(source.deposit_left, billed[job.asked.ref])
            story.expect(f"deposit taken off {row.ref}", one.net, -taken)
            billed[job.asked.ref] -= taken
            source.deposit_left -= taken
            lines.append(
                Line(
                    one.position,
                    -taken,
                    Decimal(-1),
                    taken,
                    source.lines[0].regime,
                    source.lines[0].rate,
                    job,
                    0,
                    source,
                )
            )
            continue
        demand = one.service.session.demand if one.service else one.cancellation.demand  # type: ignore[union-attr]
        job = next(j for j in story.jobs if j.asked.ref == demand.ref)
        number = one.service.session.number if one.service else 0
        net = job.net(number) if number else job.late
        story.expect(f"net of session {number} of {demand.ref}", one.net, net)
        if number:
            story.expect("billed twice", number in job.billed, False)
            job.billed.add(number)
        else:
            story.expect("billed twice", job.late_state, "open")
            job.late_state = "billed"
        billed[job.asked.ref] = billed.get(job.asked.ref, 0) + net
        lines.append(
            Line(
                one.position, net, one.quantity, one.unit_cents, job.asked.kind.regime, job.asked.kind.rate, job, number
            )
        )
    for ref, rest in billed.items():
        owed = [d for j in story.jobs if j.asked.ref == ref for d in j.deposits if d.issued_on]
        story.expect(f"deposits of {ref} left beside {rest}", bool(rest and sum(d.deposit_left for d in owed)), False)
    return story.read(row, client, lines)


def issue(story: Story, sheet: Sheet) -> None:
    """Of a draft; what is issued never is again."""
    refusal = ("invoice_issued",) if sheet.issued_on is not None else ()
    if sheet.kind == "deposit" and not refusal:
        job = sheet.lines[0].job
        assert job is not None
        if any(not note.issued for one in job.deposits for note in one.notes):
            return
        still = demand_of(story, job).state in OPEN | {DemandState.STAFFING} and spare(story, job) >= 0
        refusal = () if still else ("deposit_too_late",)
    story.attempt(
        f"issue {sheet.ref}",
        lambda: issue_invoice(story.session, sheet.ref, clock=story.clock, actor=OFFICE, checker=story.checker),
        *refusal,
    )
    if not refusal:
        story.issued(sheet)


def throw_away(story: Story, sheet: Sheet) -> None:
    """A draft; what it billed is to be billed again."""
    refusal = ("invoice_issued",) if sheet.issued_on is not None else ()
    story.attempt(
        f"throw {sheet.ref} away",
        lambda: delete_draft(story.session, sheet.ref, clock=story.clock, actor=OFFICE),
        *refusal,
    )
    if refusal:
        return
    story.sheets.remove(sheet)
    for line in sheet.lines:
        let_go(line)
    for job in story.jobs:
        if sheet in job.deposits:
            job.deposits.remove(sheet)


def let_go(line: Line) -> None:
    if line.deducts is not None:
        line.deducts.deposit_left -= line.net
    elif line.job is not None and line.number:
        line.job.billed.discard(line.number)
    elif line.job is not None and line.job.late_state == "billed":
        line.job.late_state = "open"
    line.held = False


def close_month(story: Story) -> None:
    """The month's run, as a worker does it: what waits and what was drafted leaves, in one go."""
    month = Month(add_months(month_start(story.today), -1))
    story.told.append(f"{story.clock.at:%d/%m %H:%M} the month {month}")
    ask_month(story.session, month, actor=OFFICE, clock=story.clock, real_now=REAL)
    run = claim_run(story.session, real_now=REAL)
    assert run is not None
    known = {one.ref: one for one in story.owed(issued=False)}
    waiting = {}
    for client in story.world.partners:
        waiting |= to_bill(story, client, month.last)
    turn = Turn(story.session, run.id, run.turn, run.subject_ref, run.params, run.kept, LEASE, real_now=lambda: REAL)
    done = bill_month(turn, clock=story.clock)
    end_run(run, real_now=REAL)
    story.session.commit()
    story.expect("the run ended, nothing refused", (done, run.kept and run.kept["refused"]), (True, 0))
    refs = [one.ref for one in story.sheets]
    fresh = select(Invoice).where(Invoice.kind == InvoiceKind.INVOICE, Invoice.ref.not_in(refs)).order_by(Invoice.id)
    clients = {ref: key for key, ref in story.world.partners.items()}
    for row in story.session.scalars(fresh).all():
        sheet = learn(story, row, clients[row.partner.ref])
        for line in sheet.lines:
            if line.job is not None and line.deducts is None:
                waiting.pop((line.job.asked.ref, line.number), None)
        known[row.ref] = sheet
    story.expect("left out by the run", waiting, {})
    left = (
        select(Invoice.ref).where(Invoice.ref.in_(known), Invoice.state == InvoiceState.ISSUED).order_by(Invoice.number)
    )
    issued = story.session.scalars(left).all()
    story.expect("issued by the run", run.kept and run.kept["issued"], len(issued))
    for ref in issued:
        story.issued(known[ref])


# --- lateness --------------------------------------------------------------------------------------------------


def charge_lateness(story: Story, sheet: Sheet) -> None:
    """Interest and the 40 euros of a document paid late: asked for, or given up."""
    interest, indemnity, missing = story.lateness(sheet)
    asked = story.draw.random() < 0.75
    refusal: tuple[str, ...] = ()
    if not interest + indemnity:
        refusal = ("no_interest",)
    elif asked and sheet.contested:
        refusal = ("disputed",)
    elif asked and missing:
        refusal = ("rate_unknown",)
    if not asked:
        told = f"give up {interest} + {indemnity} of {sheet.number}"
        story.attempt(
            told,
            lambda: waive_interest(story.session, sheet.ref, reason="Geste", clock=story.clock, actor=OFFICE),
            *refusal,
        )
    else:
        claim = story.attempt(
            f"claim {interest} + {indemnity} of {sheet.number}",
            lambda: claim_interest(story.session, sheet.ref, clock=story.clock, actor=OFFICE, checker=story.checker),
            *refusal,
        )
        if claim is not None:
            _learn_claim(story, sheet, claim, (interest, indemnity))
    if not refusal:
        sheet.indemnified = sheet.indemnified or bool(indemnity)
        sheet.decided = max(story.today, sheet.decided or story.first_late(sheet)) + DAY


def _learn_claim(story: Story, sheet: Sheet, claim: Invoice, parts: tuple[int, int]) -> None:
    wanted = [cents for cents in parts if cents]
    story.expect(f"lines of the claim on {sheet.number}", [line.net for line in claim.lines], wanted)
    lines = [
        Line(place, cents, Decimal(1), cents, claim.lines[place - 1].vat_regime, Decimal(0))
        for place, cents in enumerate(wanted, start=1)
    ]
    made = story.read(claim, sheet.client, lines)
    made.kind = "claim"
    story.issued(made)


def contest(story: Story, sheet: Sheet) -> None:
    """The structure contests it, in words: nothing is claimed until it is settled."""
    refusal = () if sheet.balance > 0 else ("nothing_owed",)
    pause = story.attempt(
        f"{sheet.number} contested",
        lambda: open_dispute(story.session, sheet.ref, reason="Séance mal notée", clock=story.clock, actor=OFFICE),
        *refusal,
    )
    if pause is None:
        return
    ref = pause.ref
    if sum(story.lateness(sheet)[:2]):
        story.attempt(
            "claim on a contested one",
            lambda: claim_interest(story.session, sheet.ref, clock=story.clock, actor=OFFICE, checker=story.checker),
            "disputed",
        )
    story.attempt(
        "settled",
        lambda: close_pause(story.session, sheet.ref, ref, why="Expliqué", clock=story.clock, actor=OFFICE),
    )
