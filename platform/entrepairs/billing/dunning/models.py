"""Tables of dunning. What was told to a structure and what was decided on interest are written once."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from entrepairs.billing.dunning.ladder import Recovery, Step
from entrepairs.billing.models import Invoice
from entrepairs.db import Base, Cents, Json, Key, Ref, fk, state_column
from entrepairs.network.models import Partner


class DunningLetter(Base):
    """One letter to one structure, at one step, for one invoice or several. `words` is the sentence of the office."""

    __tablename__ = "dunning_letter"
    __table_args__ = (
        CheckConstraint("step <> 'recovery'", name="a_letter"),
        Index("ix_dunning_letter_partner_id", "partner_id", "sent_on"),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    partner_id: Mapped[int] = fk("partner.id", index=False)
    step: Mapped[Step] = state_column(Step)
    sent_on: Mapped[date]
    sent_at: Mapped[datetime]
    sent_by: Mapped[str] = mapped_column(String(160))
    by_itself: Mapped[bool] = mapped_column(default=False)
    address: Mapped[str] = mapped_column(String(254))
    words: Mapped[str] = mapped_column(String(600))
    seller: Mapped[Json]
    buyer: Mapped[Json]
    """Both sides as they were that day: its paper never changes."""

    partner: Mapped[Partner] = relationship()
    reminders: Mapped[list["Reminder"]] = relationship(back_populates="letter", order_by="Reminder.id")


class Reminder(Base):
    """A step taken on an invoice, once, with what was owed then. `recovery` has no letter but where the office turned."""

    __tablename__ = "reminder"
    __table_args__ = (
        Index("uq_reminder_invoice_step", "invoice_id", "step", unique=True),
        CheckConstraint("(step = 'recovery') = (letter_id IS NULL)", name="letter_told"),
        CheckConstraint("(step = 'recovery') = (route IS NOT NULL)", name="route_told"),
        CheckConstraint("balance > 0 AND interest >= 0 AND indemnity >= 0", name="something_owed"),
    )

    id: Mapped[Key]
    invoice_id: Mapped[int] = fk("invoice.id", index=False)
    step: Mapped[Step] = state_column(Step)
    letter_id: Mapped[int | None] = fk("dunning_letter.id", nullable=True)
    taken_on: Mapped[date]
    due_on: Mapped[date]
    """The real end of the term, as known that day."""
    balance: Mapped[Cents]
    interest: Mapped[Cents]
    indemnity: Mapped[Cents]
    route: Mapped[Recovery | None] = state_column(Recovery, nullable=True)
    note: Mapped[str] = mapped_column(String(200), default="")
    taken_by: Mapped[str] = mapped_column(String(160))
    created_at: Mapped[datetime]

    letter: Mapped[DunningLetter | None] = relationship(back_populates="reminders")
    invoice: Mapped[Invoice] = relationship()


class PauseKind(StrEnum):
    """Why the ladder waits."""

    DISPUTE = "dispute"
    """The structure contests the invoice: until the office says it is settled."""
    PROMISE = "promise"
    """It told a day of payment: until that day."""


class DunningPause(Base):
    """What stops the ladder of an invoice; one of a kind at a time. Closed once, never rewritten."""

    __tablename__ = "dunning_pause"
    __table_args__ = (
        Index("uq_dunning_pause_open", "invoice_id", "kind", unique=True, postgresql_where=text("closed_on IS NULL")),
        CheckConstraint("(kind = 'promise') = (until IS NOT NULL)", name="promise_dated"),
        CheckConstraint("until IS NULL OR until >= opened_on", name="promise_ahead"),
        CheckConstraint("(closed_on IS NULL) = (closed_by IS NULL)", name="closing_whole"),
        CheckConstraint("kind = 'promise' OR reason <> ''", name="dispute_told"),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    invoice_id: Mapped[int] = fk("invoice.id")
    kind: Mapped[PauseKind] = state_column(PauseKind)
    reason: Mapped[str] = mapped_column(String(200), default="")
    """Nothing about a person."""
    until: Mapped[date | None]
    opened_on: Mapped[date]
    opened_by: Mapped[str] = mapped_column(String(160))
    closed_on: Mapped[date | None]
    closed_by: Mapped[str | None] = mapped_column(String(160))
    closed_why: Mapped[str] = mapped_column(String(200), default="")

    invoice: Mapped[Invoice] = relationship()

    def holds_on(self, day: date) -> bool:
        """Whether the ladder waits for it on that day; the promised day itself is still waited for."""
        return self.closed_on is None and (self.until is None or day <= self.until)

    @property
    def ends_on(self) -> date | None:
        """The first day after it, when known."""
        if self.closed_on is not None:
            return self.closed_on
        return self.until


class Outcome(StrEnum):
    """What the office decided on the interest of an invoice."""

    CLAIMED = "claimed"
    WAIVED = "waived"


class InterestDecision(Base):
    """Interest of some days, and the 40 €, asked for by an invoice of their own or given up with a reason. Written once."""

    __tablename__ = "interest_decision"
    __table_args__ = (
        ExcludeConstraint(("invoice_id", "="), ("days", "&&"), using="gist", name="ex_interest_decision_days"),
        Index("uq_interest_decision_indemnity", "invoice_id", unique=True, postgresql_where=text("indemnity > 0")),
        CheckConstraint("(outcome = 'claimed') = (claim_id IS NOT NULL)", name="claim_told"),
        CheckConstraint("outcome = 'claimed' OR reason <> ''", name="waiver_told"),
        CheckConstraint("interest >= 0 AND indemnity >= 0 AND interest + indemnity > 0", name="something_decided"),
    )

    id: Mapped[Key]
    ref: Mapped[Ref]
    invoice_id: Mapped[int] = fk("invoice.id")
    outcome: Mapped[Outcome] = state_column(Outcome)
    days: Mapped[Range[date]] = mapped_column(DATERANGE)
    """`[first, day after the last)`."""
    interest: Mapped[Cents]
    indemnity: Mapped[Cents]
    claim_id: Mapped[int | None] = fk("invoice.id", nullable=True, unique=True)
    """The invoice that asks for it."""
    reason: Mapped[str] = mapped_column(String(200), default="")
    decided_on: Mapped[date]
    decided_by: Mapped[str] = mapped_column(String(160))
    created_at: Mapped[datetime]

    invoice: Mapped[Invoice] = relationship(foreign_keys=[invoice_id])
    claim: Mapped[Invoice | None] = relationship(foreign_keys=[claim_id])
