"""A random history, from the quote to the last cent: which gesture comes next, on what."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

from tests.billing.histories import agreeing, crediting, discounting, invoicing, keeping, online, paying
from tests.billing.histories.checks import ensure_sound
from tests.billing.histories.memory import Job, Sheet
from tests.billing.histories.story import Story

FEWEST, MOST = 8, 20
"""Gestures after the work is done and billed; each may try several things, refused ones among them."""
Gesture = Callable[[Story], None]


def tell(story: Story) -> None:
    """One history; raises Astray where the platform and the oracles part."""
    _begin(story)
    for _ in range(story.draw.randint(FEWEST, MOST)):
        story.pass_time(story.draw.choice([0, 0, 0, 0.3, 1, 3, 12, 40]))
        _something(story)
    ensure_sound(story)


def _something(story: Story) -> None:
    """One gesture for which there is matter."""
    before = len(story.told)
    while len(story.told) == before:
        story.draw.choices([act for _, act in GESTURES], [weight for weight, _ in GESTURES])[0](story)


def _begin(story: Story) -> None:
    """One or two demands, mostly of one structure, agreed, partly done, billed."""
    client = story.draw.choice(list(story.world.partners))
    chosen = story.draw.sample([one for one in story.world.asked if one.client == client], story.draw.choice([1, 1, 2]))
    if story.draw.random() < 0.1:
        chosen.append(story.draw.choice([one for one in story.world.asked if one.client != client]))
    story.jobs = [Job(one) for one in chosen]
    for job in story.jobs:
        _make_firm(story, job)
    for job in story.jobs:
        for _ in range(story.draw.choice([1, 1, 2, job.count])):
            if len(job.served) < job.count:
                agreeing.serve(story, job, for_real=story.draw.random() < 0.2)
    story.pass_time(1)
    for job in story.jobs:
        _maybe(story, 0.2, lambda job=job: agreeing.cancel(story, job))  # type: ignore[misc]
    if story.draw.random() < 0.85:
        if invoicing.to_bill(story, client):
            invoicing.draft(story, client, until=None)
        for sheet in story.owed(issued=False):
            _discounted_or_not(story, sheet)
            invoicing.issue(story, sheet)


def _make_firm(story: Story, job: Job) -> None:
    while job.stage != "firm":
        agreeing.agree(story, job)
    _maybe(story, 0.45, lambda: agreeing.hold(story, job))
    if story.draw.random() < 0.25:
        invoicing.deposit(story, job)
        _maybe(story, 0.9, lambda: job.deposits and invoicing.issue(story, job.deposits[-1]))


def _maybe(story: Story, chance: float, act: Callable[[], object]) -> None:
    if story.draw.random() < chance:
        act()


def _on_issued(act: Callable[[Story, Sheet], None]) -> Gesture:
    """On an issued document, rather a recent one; nothing when there is none."""

    def gesture(story: Story) -> None:
        sheet = story.pick(story.owed())
        if sheet is not None:
            act(story, sheet)

    return gesture


def _on_any(act: Callable[[Story, Sheet], None]) -> Gesture:
    def gesture(story: Story) -> None:
        sheet = story.pick(story.sheets)
        if sheet is not None:
            act(story, sheet)

    return gesture


def _more_work(story: Story) -> None:
    job = story.pick([one for one in story.jobs if one.stage == "firm" and len(one.served) < one.count])
    if job is not None:
        agreeing.serve(story, job, for_real=story.draw.random() < 0.2)


def _deposit(story: Story) -> None:
    job = story.pick([one for one in story.jobs if one.stage == "firm"])
    if job is not None:
        invoicing.deposit(story, job)


def _cancel(story: Story) -> None:
    job = story.pick([one for one in story.jobs if one.stage == "firm"])
    if job is not None:
        agreeing.cancel(story, job)


def _waive(story: Story) -> None:
    job = story.pick([one for one in story.jobs if one.late_state])
    if job is not None:
        agreeing.give_up(story, job)


def _draft(story: Story) -> None:
    client, earlier = story.draw.choice(story.jobs).asked.client, story.today - timedelta(days=10)
    invoicing.draft(story, client, until=story.draw.choice([None, earlier]))


def _issue(story: Story) -> None:
    drafts = story.owed(issued=False)
    sheet = story.pick(drafts or story.sheets)
    if sheet is not None:
        invoicing.issue(story, sheet)


def _discounted_or_not(story: Story, sheet: Sheet) -> None:
    for _ in range(story.draw.choice([0, 0, 1, 2])):
        discounting.discount(story, sheet)


def _discount(story: Story) -> None:
    """Rarely on what takes none; two at times: one replaces the other, or comes on top of it."""
    sheet = story.pick(story.sheets if story.draw.random() < 0.1 else story.owed(issued=False))
    if sheet is not None:
        for _ in range(story.draw.choice([1, 1, 2])):
            discounting.discount(story, sheet)


def _credit_away(story: Story, sheet: Sheet) -> None:
    """In parts, one after another, to the last: no cent may be left."""
    for _ in range(story.draw.randint(2, 4)):
        crediting.credit(story, sheet)
        _maybe(story, 0.6, lambda: _decide_credit(story))
    _maybe(story, 0.5, lambda: any(line.left > 0 for line in sheet.lines) and crediting.credit(story, sheet, rest=True))


def _decide_credit(story: Story) -> None:
    notes = [note for sheet in story.sheets for note in sheet.notes]
    note = story.pick([one for one in notes if not one.issued] or notes[:1])
    if note is not None:
        crediting.decide_credit(story, note)


def _reverse(story: Story, sheet: Sheet) -> None:
    stand = story.pick([one for one in sheet.stands if one.ref])
    if stand is not None:
        paying.reverse(story, sheet, stand)


def _move(story: Story, sheet: Sheet) -> None:
    rich = story.pick([one for one in story.owed() if one.surplus > 0]) or sheet
    paying.move(story, rich, sheet)


def _pay_page(story: Story) -> None:
    found = story.pick([(sheet, one) for sheet in story.sheets for one in sheet.paid if one.state == "open"])
    if found is not None:
        online.pay_page(story, *found)


def _pay_online(story: Story) -> None:
    sheet = story.pick([one for one in story.owed() if one.balance > 0 and not story.is_public(one)])
    if sheet is not None:
        online.open_page(story, sheet)
        _maybe(story, 0.8, lambda: _pay_page(story))


def _give_back(story: Story, sheet: Sheet) -> None:
    rich = story.pick([one for one in story.owed() if one.surplus > 0]) or sheet
    by_card = bool(rich.refundable()) and story.draw.random() < 0.7
    (online.ask_back if by_card or story.draw.random() < 0.2 else paying.give_back)(story, rich)


def _decide_back(story: Story) -> None:
    found = story.pick(
        [(sheet, one) for sheet in story.sheets for one in sheet.given if one.state in {"waiting", "asked", "done"}]
    )
    if found is not None:
        online.decide_back(story, *found)


def _dispute(story: Story) -> None:
    found = story.pick([(sheet, one) for sheet in story.sheets for one in sheet.paid if one.state == "paid"])
    if found is not None:
        online.dispute(story, *found)


def _payout(story: Story) -> None:
    ref = story.pick(list(story.payouts))
    if ref is None or story.draw.random() < 0.4:
        online.payout(story)
    else:
        online.follow_payout(story, ref)


GESTURES: list[tuple[int, Gesture]] = [
    (5, _more_work),
    (2, _deposit),
    (2, _cancel),
    (1, _waive),
    (5, _draft),
    (4, _discount),
    (6, _issue),
    (2, invoicing.close_month),
    (1, _on_any(invoicing.throw_away)),
    (12, _on_any(paying.transfer)),
    (4, _on_issued(paying.statement)),
    (4, _on_issued(_reverse)),
    (8, _on_issued(_give_back)),
    (4, _on_issued(_move)),
    (9, _pay_online),
    (4, _pay_page),
    (8, _decide_back),
    (5, _dispute),
    (5, _payout),
    (7, _on_any(crediting.credit)),
    (6, _on_issued(_credit_away)),
    (4, _decide_credit),
    (6, _on_issued(invoicing.charge_lateness)),
    (1, _on_issued(invoicing.contest)),
    (2, keeping.letters),
    (1, keeping.by_hand),
    (2, keeping.close_books),
]


def story_draw(seed: int, number: int) -> Random:
    """What decides history `number` of a run."""
    return Random(f"{seed}:history:{number}")
