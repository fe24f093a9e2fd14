"""Where an open invoice stands on a day: its real term, what lateness costs so far, what was said, what comes next.

Read in a handful of queries whatever the number of invoices. Late only by the real term: a public payer whose printed
date has passed may still have a day or two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from entrepairs.billing.dunning import interest as late
from entrepairs.billing.dunning.interest import Interest
from entrepairs.billing.dunning.ladder import DAYS_KEYS, DEFAULT_DAYS, Due, Step, next_step
from entrepairs.billing.dunning.models import DunningPause, InterestDecision, PauseKind, Reminder
from entrepairs.billing.dunning.terms import RunsFrom, Term, real_term
from entrepairs.billing.models import (
    OWED,
    Invoice,
    InvoiceLine,
    InvoiceState,
    Settlement,
    SettlementKind,
)
from entrepairs.billing.online.contested import contested_invoices
from entrepairs.billing.postings import issued
from entrepairs.billing.queries import settled_by_invoice
from entrepairs.billing.transmission.channels import Channel
from entrepairs.billing.transmission.events import said_of
from entrepairs.billing.transmission.life import LifeState, Said, life_of, resumed_at
from entrepairs.billing.transmission.models import Transmission
from entrepairs.billing.transmission.sending import counting
from entrepairs.kernel.dates import paris_day
from entrepairs.kernel.money import Money
from entrepairs.kernel.parameters import figures
from entrepairs.missions.models import ServiceAnswer, ServiceDone
from entrepairs.network.models import PayerKind
from entrepairs.network.partners import PUBLIC_PAYERS
from entrepairs.settings.decisions import decisions_on

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Halt:
    """What the payer's platform stopped it for (codes 207, 208, 221), or ended it by (210, 213, 501): not to be asked for."""

    state: LifeState
    said: Said

    @property
    def since(self) -> date:
        """The day it was said."""
        return paris_day(self.said.at)


@dataclass(frozen=True)
class Standing:
    """An issued invoice on a day. `interest` and `indemnity` are what no decision has settled yet."""

    invoice: Invoice
    today: date
    balance: Money
    term: Term
    interest: Interest
    indemnity: Money
    session_disputed: bool
    pauses: tuple[DunningPause, ...]
    reminders: tuple[Reminder, ...]
    decisions: tuple[InterestDecision, ...]
    next: Due | None
    halt: Halt | None = None
    bank_disputed: bool = False
    """Paid online, and the payer's bank took it back until it decides."""

    @property
    def days_late(self) -> int:
        """While something is owed; 0 otherwise."""
        return self.term.days_late(self.today) if self.balance.cents > 0 else 0

    @property
    def cost(self) -> Money:
        """Interest and indemnity that nobody has asked for or given up."""
        return self.interest.amount + self.indemnity

    @property
    def pause(self) -> DunningPause | None:
        """What the ladder waits for today, a dispute before a promise."""
        held = [one for one in self.pauses if one.holds_on(self.today)]
        return min(held, key=lambda one: one.kind is not PauseKind.DISPUTE, default=None)

    @property
    def disputed(self) -> bool:
        """Contested: by the office's word, on the payer's platform (207), at its bank, or by a session being discussed."""
        told = self.pause is not None and self.pause.kind is PauseKind.DISPUTE
        return (
            self.session_disputed
            or self.bank_disputed
            or told
            or (self.halt is not None and self.halt.state is LifeState.DISPUTED)
        )

    @property
    def waits(self) -> bool:
        """Nothing is asked for now: contested, promised, or stopped by the payer's platform."""
        return self.disputed or self.pause is not None or self.halt is not None

    @property
    def broken_promise(self) -> DunningPause | None:
        """The last day told and passed, while something is owed."""
        passed = [one for one in self.pauses if one.closed_on is None and one.until and one.until < self.today]
        return max(passed, key=lambda one: one.until or date.min, default=None) if self.balance.cents > 0 else None

    @property
    def last(self) -> Reminder | None:
        """The last step taken."""
        return self.reminders[-1] if self.reminders else None

    @property
    def due_step(self) -> Step | None:
        """The step to take today; none while it waits, or is not late."""
        if self.next is None or self.next.on > self.today or not self.days_late:
            return None
        return None if self.waits else self.next.step


def standings(session: Session, today: date, *, partner_id: int | None = None) -> list[Standing]:
    """Every invoice on which something is owed, the one due longest ago first."""
    settled = settled_by_invoice()
    wanted = (
        select(Invoice)
        .options(selectinload(Invoice.partner))
        .outerjoin(settled, settled.c.invoice_id == Invoice.id)
        .where(Invoice.state == InvoiceState.ISSUED, Invoice.kind.in_(OWED))
        .where(Invoice.gross > func.coalesce(settled.c.cents, 0))
    )
    if partner_id is not None:
        wanted = wanted.where(Invoice.partner_id == partner_id)
    found = read_standings(session, session.scalars(wanted.order_by(Invoice.due_date, Invoice.id)).all(), today)
    return sorted(found, key=lambda one: (one.term.due_on, one.invoice.id))


def paid_late(session: Session, today: date, partner_id: int) -> list[Standing]:
    """Invoices of a structure that were paid, late, and whose interest nobody has decided on; the newest first."""
    settled = settled_by_invoice()
    rows = session.scalars(
        select(Invoice)
        .join(settled, settled.c.invoice_id == Invoice.id)
        .where(Invoice.state == InvoiceState.ISSUED, Invoice.kind.in_(OWED), Invoice.partner_id == partner_id)
        .where(Invoice.gross <= settled.c.cents)
        .order_by(Invoice.issue_date.desc(), Invoice.id.desc())
    ).all()
    return [one for one in read_standings(session, rows, today) if one.cost]


def standing_of(session: Session, invoice: Invoice, today: date) -> Standing:
    """One issued invoice, paid or not."""
    return read_standings(session, [invoice], today)[0]


def ladder_days(session: Session, today: date) -> dict[Step, int]:
    """How many days after the term each step comes, as voted."""
    voted = decisions_on(session, tuple(DAYS_KEYS.values()), today)
    return {step: int(voted.get(key, DEFAULT_DAYS[step])) for step, key in DAYS_KEYS.items()}


def read_standings(session: Session, invoices: Sequence[Invoice], today: date) -> list[Standing]:
    """The standings of issued invoices, in the order given."""
    ids, days = [one.id for one in invoices], ladder_days(session, today)
    facts = _Facts(session, ids)
    return [facts.standing(invoice, today, days) for invoice in invoices]


class _Facts:
    """What is known of some invoices, by invoice."""

    def __init__(self, session: Session, ids: Sequence[int]) -> None:
        self._payments = _grouped(session, Settlement, ids)
        self._sent = _grouped(session, Transmission, ids, selectinload(Transmission.events))
        self._pauses = _grouped(session, DunningPause, ids)
        self._reminders = _grouped(session, Reminder, ids)
        self._decisions = _grouped(session, InterestDecision, ids)
        self._disputed = set(
            session.scalars(
                select(InvoiceLine.invoice_id)
                .join(ServiceDone, InvoiceLine.service_id == ServiceDone.id)
                .where(InvoiceLine.invoice_id.in_(ids), ServiceDone.answer == ServiceAnswer.DISPUTED)
            )
        )
        self._contested = contested_invoices(session, ids)

    def standing(self, invoice: Invoice, today: date, days: Mapping[Step, int]) -> Standing:
        payments = self._payments.get(invoice.id, [])
        pauses, reminders = self._pauses.get(invoice.id, []), self._reminders.get(invoice.id, [])
        decisions = self._decisions.get(invoice.id, [])
        term = self.term(invoice)
        interest, indemnity = _cost(invoice, term, payments, decisions, today)
        said = self._said(invoice)
        life, went_on = life_of(said), resumed_at(said)
        return Standing(
            invoice=invoice,
            today=today,
            balance=Money(invoice.gross - sum(one.cents for one in payments)),
            term=term,
            interest=interest,
            indemnity=indemnity,
            session_disputed=invoice.id in self._disputed,
            pauses=tuple(pauses),
            reminders=tuple(sorted(reminders, key=lambda one: list(Step).index(one.step))),
            decisions=tuple(decisions),
            next=next_step(
                days,
                term.due_on,
                {one.step: one.taken_on for one in reminders},
                _resumed(pauses, paris_day(went_on) if went_on else None),
            ),
            halt=Halt(life.state, life.why) if life.why is not None else None,
            bank_disputed=invoice.id in self._contested,
        )

    def term(self, invoice: Invoice) -> Term:
        """A deposit and an interest invoice wait for no service."""
        _number, issued_on = issued(invoice)
        printed = invoice.due_date or issued_on
        if invoice.interest_of_id is not None:
            return Term(RunsFrom.INVOICE, issued_on, printed, printed)
        payer = payer_of(invoice)
        return real_term(payer, issued_on, printed, invoice.period_end, self._received_on(invoice), figures())

    def _said(self, invoice: Invoice) -> list[Said]:
        """What the payer's platform said of the sending that counts."""
        sending = counting(self._sent.get(invoice.id, []))
        return said_of(sending) if sending is not None else []

    def _received_on(self, invoice: Invoice) -> date | None:
        """The day the payer had it: told by its platform, else the day of the deposit on Chorus Pro."""
        sent = self._sent.get(invoice.id, [])
        told = [one.received_at for one in sent if one.received_at is not None]
        by_hand = [one for one in sent if one.channel is Channel.CHORUS_DEPOSIT and one.received_at is None]
        told += [one.sent_at for one in by_hand if one.sent_at is not None]
        return paris_day(min(told)) if told else None


def payer_of(invoice: Invoice) -> PayerKind:
    """How the structure paid on the day of the invoice, frozen with it."""
    return PayerKind(invoice.buyer["payer_kind"])


def _cost(
    invoice: Invoice,
    term: Term,
    payments: Sequence[Settlement],
    decisions: Sequence[InterestDecision],
    today: date,
) -> tuple[Interest, Money]:
    """What no decision has settled yet. Interest bears no interest (C. civ. 1343-2), nor the 40 €."""
    began_on = term.due_on + DAY
    if invoice.interest_of_id is not None or began_on > today:
        return late.NOTHING, Money(0)
    credited = Money(sum(one.cents for one in payments if one.kind is SettlementKind.CREDIT_NOTE))
    money = [(one.received_on, Money(one.cents)) for one in payments if one.kind is not SettlementKind.CREDIT_NOTE]
    owed = late.owed_over_time(Money(invoice.gross), credited, money)
    decided = max((one.days.upper for one in decisions if one.days.upper is not None), default=began_on)
    public = payer_of(invoice) in PUBLIC_PAYERS
    cost = late.interest_on(
        owed, decided, today, began_on=began_on, public=public, figures=figures(), agreed=invoice.late_rate
    )
    was_late = [left for since, left in owed if since <= began_on][-1].cents > 0
    charged = was_late and not any(one.indemnity for one in decisions)
    return cost, late.indemnity(began_on, figures()) if charged else Money(0)


def _resumed(pauses: Sequence[DunningPause], went_on: date | None) -> date | None:
    """The first day the ladder may go on, after the pauses that ended and the day the platform let it go on."""
    ends = [went_on, *(one.closed_on or (one.until + DAY if one.until else None) for one in pauses)]
    return max((day for day in ends if day is not None), default=None)


def _grouped(session: Session, table: Any, ids: Sequence[int], *options: ORMOption) -> dict[int, list[Any]]:
    """Rows of a table that bears `invoice_id`, by invoice, oldest first."""
    found: dict[int, list[Any]] = {}
    for row in session.scalars(select(table).where(table.invoice_id.in_(ids)).order_by(table.id).options(*options)):
        found.setdefault(row.invoice_id, []).append(row)
    return found
