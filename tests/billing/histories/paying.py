"""Gestures of money: transfers, the bank's statements, what is undone, given back, moved."""

from datetime import timedelta

from entrepairs.billing.corrections import move_surplus, reverse_settlement
from entrepairs.billing.payments import record_refund, record_transfer
from entrepairs.billing.statements.deciding import confirm_line, set_aside, take_back
from entrepairs.billing.statements.importing import import_file
from entrepairs.billing.statements.sharing import undo_line
from entrepairs.kernel.money import Money
from tests.billing.histories.memory import Sheet, Stand
from tests.billing.histories.story import OFFICE, Story
from tests.billing.statements.bank_files import a_bank_file
from tests.factories.billing import IBAN

# --- transfers -------------------------------------------------------------------------------------------------


def an_amount(story: Story, most: int) -> int:
    """All of it, or part."""
    return most if story.draw.random() < 0.5 or most < 2 else story.draw.randint(1, most - 1)


def transfer(story: Story, sheet: Sheet) -> None:
    """In part, whole, too much: too much is refused unless it is kept. Sent twice, it is one."""
    key = f"t{len(story.told)}"

    def act(cents: int, *, keep: bool = False, day: int = 0) -> Stand | None:
        when = story.today - timedelta(days=day)
        made = record_transfer(
            story.session,
            sheet.ref,
            Money(cents),
            when,
            keep_surplus=keep,
            dedup=f"{key}:{cents}:{day}",
            clock=story.clock,
            actor=OFFICE,
        )
        return Stand(made.ref, "transfer", made.cents, when)

    if sheet.issued_on is None:
        story.attempt("transfer on a draft", lambda: act(100), "not_payable")
        return
    chance, left = story.draw.random(), sheet.balance
    if chance < 0.05:
        story.attempt("transfer of nothing", lambda: act(0), "amount_not_positive")
    elif chance < 0.1:
        story.attempt("transfer of tomorrow", lambda: act(100, day=-1), "received_ahead")
    elif chance < 0.15:
        before = (story.today - sheet.issued_on).days + 1
        story.attempt("transfer from before the invoice", lambda: act(100, day=before), "received_before_issue")
    elif left <= 0 or chance < 0.3:
        most = max(left, 0) + story.draw.randint(1, 20000)
        story.attempt(f"{most} on {sheet.number}", lambda: act(most), "over_payment")
        _received(story, sheet, story.attempt(f"{most} kept", lambda: act(most, keep=True)))
    else:
        cents, ago = an_amount(story, left), story.draw.randint(0, min(3, (story.today - sheet.issued_on).days))
        _received(story, sheet, story.attempt(f"{cents} on {sheet.number}", lambda: act(cents, day=ago)))
        if story.draw.random() < 0.2:
            story.unchanged("the same transfer", lambda: act(cents, day=ago))


def _received(story: Story, sheet: Sheet, stand: Stand | None) -> None:
    assert stand is not None
    sheet.receive(stand.kind, stand.cents, stand.day, stand.ref, stand.bank_line)
    story.bank += stand.cents


def statement(story: Story, sheet: Sheet) -> None:
    """The bank tells of it: recorded by itself when sure, else confirmed by somebody; at times undone."""
    if sheet.issued_on is None or sheet.balance <= 0:
        return
    sure = story.draw.random() < 0.5 and sheet.balance == an_amount(story, sheet.balance)
    cents = sheet.balance if sure else an_amount(story, sheet.balance)
    buyer = story.invoice(sheet.ref).buyer["name"]
    label = f"{sheet.number}" if sure else f"VIREMENT {len(story.told)}"
    content = a_bank_file((cents, label), day=story.today.isoformat(), account=IBAN)
    content = content.replace(b"Clinique Beaulieu", buyer.encode() if sure else b"Inconnu")
    done = story.attempt(
        f"the bank tells of {cents} for {sheet.number if sure else 'somebody'}",
        lambda: import_file(story.session, content, clock=story.clock, actor=OFFICE),
    )
    assert done is not None
    story.expect("movements", (done.added, done.by_itself), (1, int(sure)))
    line = done.statements[0].lines[0].ref
    story.unchanged("the same file", lambda: import_file(story.session, content, clock=story.clock, actor=OFFICE))

    def confirm(amount: int) -> list[Stand]:
        made = confirm_line(story.session, line, {sheet.ref: Money(amount)}, clock=story.clock, actor=OFFICE)
        return [Stand(one.ref, "transfer", one.cents, one.received_on, bank_line=line) for one in made]

    if not sure and story.draw.random() < 0.2:
        _aside(story, line, confirm, cents)
    story.attempt("more than the line", lambda: confirm(cents + 1), "parts_differ" if not sure else "line_matched")
    (stand,) = story.attempt(f"{cents} on {sheet.number} by the bank", lambda: confirm(cents)) or []
    _received(story, sheet, stand)
    if story.draw.random() < 0.25:
        story.attempt(
            "undone from the line",
            lambda: undo_line(story.session, line, reason="Autre structure", clock=story.clock, actor=OFFICE),
        )
        _undone(story, sheet, sheet.stands[-1])


def _aside(story: Story, line: str, confirm: object, cents: int) -> None:
    assert callable(confirm)
    story.attempt("put aside", lambda: set_aside(story.session, line, reason="Un don", clock=story.clock, actor=OFFICE))
    story.attempt("confirm what is aside", lambda: confirm(cents), "line_aside")
    story.attempt("taken back", lambda: take_back(story.session, line, clock=story.clock, actor=OFFICE))


# --- undone, given back, moved ---------------------------------------------------------------------------------


def reverse(story: Story, sheet: Sheet, stand: Stand) -> None:
    """By the opposite, once; not what Stripe did, nor money that left since."""
    refusal: tuple[str, ...] = ()
    if stand.kind not in {"transfer", "refund"}:
        refusal = ("not_by_hand",)
    elif stand.undone:
        refusal = ("reversed_already",)
    elif sheet.money - stand.cents < 0 and sheet.gone_since(stand) > 0:
        refusal = ("money_gone_since",)
    story.attempt(
        f"undo {stand.kind} of {stand.cents} on {sheet.number}",
        lambda: reverse_settlement(
            story.session, sheet.ref, stand.ref, reason="Erreur de saisie", clock=story.clock, actor=OFFICE
        ),
        *refusal,
    )
    if not refusal:
        _undone(story, sheet, stand)


def _undone(story: Story, sheet: Sheet, stand: Stand) -> None:
    stand.undone = True
    sheet.receive("reversal", -stand.cents, story.today)
    story.bank -= stand.cents


def give_back(story: Story, sheet: Sheet) -> None:
    """By a transfer of ours; only what was paid too much."""
    surplus = sheet.surplus
    too_much = surplus <= 0 or story.draw.random() < 0.15
    cents = max(surplus, 0) + 1 if too_much else an_amount(story, surplus)
    made = story.attempt(
        f"give {cents} back on {sheet.number}",
        lambda: record_refund(
            story.session,
            sheet.ref,
            Money(cents),
            story.today,
            reference=f"r{len(story.told)}",
            clock=story.clock,
            actor=OFFICE,
        ),
        *(("refund_too_high",) if too_much else ()),
    )
    if made is not None:
        sheet.receive("refund", -cents, story.today, made.ref)
        story.bank -= cents


def move(story: Story, sheet: Sheet, to: Sheet) -> None:
    """A surplus, to another document of the same structure."""
    surplus, owed = sheet.surplus, to.balance
    refusal: tuple[str, ...] = ()
    cents = an_amount(story, max(1, min(surplus, owed)))
    if sheet is to or sheet.client != to.client:
        refusal = ("other_structure",)
    elif cents > surplus:
        refusal = ("surplus_too_small",)
    elif cents > owed:
        refusal = ("more_than_owed",)
    key = f"m{len(story.told)}"

    def act() -> tuple[str, str]:
        out, into = move_surplus(
            story.session,
            sheet.ref,
            to.ref,
            Money(cents),
            reason="Trop-perçu",
            dedup=key,
            clock=story.clock,
            actor=OFFICE,
        )
        return out.ref, into.ref

    refs = story.attempt(f"{cents} from {sheet.number} to {to.number}", act, *refusal)
    if refs is None:
        return
    sheet.receive("moved_out", -cents, story.today, refs[0])
    to.receive("moved_in", cents, story.today, refs[1])
    story.unchanged("the same move", act)
