"""Letters of the ladder: what would leave today, and sending what the office kept. Lock order: invoices by id.

One letter a structure and step, whatever the number of its invoices. Everything is read again under the locks: what was
paid, contested or told meanwhile is left out, and a step is taken once an invoice (`uq_reminder_invoice_step` behind).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.billing import parties
from entrepairs.billing.dunning.ladder import AUTOMATIC, LETTERS, ROUTES, Recovery, Step
from entrepairs.billing.dunning.models import DunningLetter, Reminder
from entrepairs.billing.dunning.pausing import told
from entrepairs.billing.dunning.standing import Standing, payer_of, standing_of, standings
from entrepairs.billing.models import Invoice
from entrepairs.billing.payments import payable_for_update
from entrepairs.billing.transmission.routes import billing_address
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.kernel.holidays_fr import holiday_name
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.kernel.references import new_reference
from entrepairs.kernel.text_checks import ensure_no_identity
from entrepairs.messages.queueing import queue_mail
from entrepairs.network.models import Partner
from entrepairs.settings.decisions import decision_or

LONGEST_WORDS = 600
MAIL = "billing.dunning_letter"


@dataclass(frozen=True)
class Proposed:
    """A letter that would leave today. `address` is None when nobody of the structure reads its mail."""

    partner: Partner
    step: Step
    standings: tuple[Standing, ...]
    address: str | None

    @property
    def key(self) -> str:
        """What a form names it by."""
        return f"{self.partner.ref}.{self.step.value}"

    @property
    def balance(self) -> Money:
        """What is owed on its invoices."""
        return Money.sum(one.balance for one in self.standings)


def proposed_letters(session: Session, today: date) -> list[Proposed]:
    """Every letter to send today, the furthest step first, then by structure."""
    return letters_among(standings(session, today))


def to_decide(session: Session, today: date) -> list[Standing]:
    """Invoices beyond the last letter: the office chooses where to turn."""
    return [one for one in standings(session, today) if one.due_step is Step.RECOVERY]


def send_letters(
    session: Session, chosen: Mapping[str, str], *, clock: Clock, actor: Actor, by_itself: bool = False
) -> list[DunningLetter]:
    """Send the letters of those keys, each with the office's own sentence (empty: the usual one).

    What is no longer to be sent is left out: the caller compares the counts. Raises InvalidInput("words_long",
    "identity_in_text"), whose `field` is the key.
    """
    for key, words in chosen.items():
        if len(words) > LONGEST_WORDS:
            raise InvalidInput("words_long", N_("Six hundred signs at most."), field=key)
        ensure_no_identity(words, field=key)
    today = clock.today()
    seen = [one for one in proposed_letters(session, today) if one.key in chosen]
    _lock(session, [standing.invoice.id for one in seen for standing in one.standings])
    ready = [one for one in proposed_letters(session, today) if one.key in chosen and one.address]
    return [_send(session, one, chosen[one.key], clock, actor, by_itself=by_itself) for one in ready]


def send_friendly_words(session: Session, *, clock: Clock) -> int:
    """Recurring job: the first step leaves without a click, on a working day, when the association voted it. How many."""
    today = clock.today()
    if not decision_or(session, AUTOMATIC, today, default=False) or not _works(today):
        return 0
    chosen = {one.key: "" for one in proposed_letters(session, today) if one.step is Step.FRIENDLY}
    return len(send_letters(session, chosen, clock=clock, actor=Actor.SYSTEM, by_itself=True))


def turn_to(session: Session, ref: str, route: Recovery, *, note: str, clock: Clock, actor: Actor) -> Reminder:
    """Note where the office turned after the formal notice, once.

    Raises NotFound, Conflict("not_payable", "not_there_yet", "route_taken"), InvalidInput("route", "reason_missing",
    "reason_long", "identity_in_text").
    """
    said = told(note, field="note")
    invoice = payable_for_update(session, ref)
    standing = standing_of(session, invoice, clock.today())
    if route not in ROUTES[payer_of(invoice)]:
        raise InvalidInput("route", N_("This is not open against such a payer."), field="route")
    if standing.last is not None and standing.last.step is Step.RECOVERY:
        raise Conflict("route_taken", N_("This is noted already."))
    if standing.last is None or standing.last.step is not Step.FORMAL or not standing.days_late:
        raise Conflict("not_there_yet", N_("A formal notice comes first, and something must still be owed."))
    reminder = _reminder(standing, Step.RECOVERY, clock, actor)
    reminder.route, reminder.note = route, said
    session.add(reminder)
    session.flush()
    record(session, "dunning.turn", "invoice", ref, actor=actor, clock=clock, route=route)
    return reminder


def letters_among(found: Iterable[Standing]) -> list[Proposed]:
    """Those of standings already read."""
    due = [one for one in found if one.due_step in LETTERS]
    order = {step: place for place, step in enumerate(reversed(Step))}

    def at(one: Standing) -> tuple[int, str, int]:
        return order[one.due_step or Step.FRIENDLY], one.invoice.partner.name, one.invoice.partner_id

    letters = []
    for (_place, _name, _id), members in groupby(sorted(due, key=at), key=at):
        kept = tuple(members)
        partner, step = kept[0].invoice.partner, kept[0].due_step
        if step is not None:
            letters.append(Proposed(partner, step, kept, billing_address(partner)))
    return letters


def _lock(session: Session, ids: Sequence[int]) -> None:
    session.execute(select(Invoice.id).where(Invoice.id.in_(ids)).order_by(Invoice.id).with_for_update())
    session.expire_all()  # what was read before the locks may be old


def _send(session: Session, one: Proposed, words: str, clock: Clock, actor: Actor, *, by_itself: bool) -> DunningLetter:
    letter = DunningLetter(
        ref=new_reference("REL"),
        partner=one.partner,
        step=one.step,
        sent_on=clock.today(),
        sent_at=clock.now(),
        sent_by=actor.label,
        by_itself=by_itself,
        address=one.address,
        words=words.strip(),
        seller=parties.seller_snapshot(session, clock),
        buyer=parties.buyer_snapshot(one.partner, None),
    )
    letter.reminders = [_reminder(standing, one.step, clock, actor) for standing in one.standings]
    session.add(letter)
    session.flush()
    queue_mail(
        session,
        MAIL,
        to_ref=one.partner.ref,
        address=letter.address,
        subject_kind="dunning_letter",
        subject_ref=letter.ref,
        clock=clock,
        dedup=f"{MAIL}:{letter.ref}",
    )
    record(
        session,
        "dunning.send",
        "dunning_letter",
        letter.ref,
        actor=actor,
        clock=clock,
        step=one.step,
        invoices=[standing.invoice.number for standing in one.standings],
    )
    return letter


def _reminder(standing: Standing, step: Step, clock: Clock, actor: Actor) -> Reminder:
    return Reminder(
        invoice=standing.invoice,
        step=step,
        taken_on=clock.today(),
        due_on=standing.term.due_on,
        balance=standing.balance.cents,
        interest=standing.interest.amount.cents,
        indemnity=standing.indemnity.cents,
        taken_by=actor.label,
        created_at=clock.now(),
    )


def _works(day: date) -> bool:
    return day.weekday() < 5 and holiday_name(day) is None
