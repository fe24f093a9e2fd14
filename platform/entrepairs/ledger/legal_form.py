"""From association to cooperative: the same legal person and books, another chart from a day on (loi 47-1775, art. 28 bis).

What the association had gathered goes to an account that only ever grows: neither shared nor turned into capital.
"""

from datetime import date, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.ledger import chart
from entrepairs.ledger.balances import balance
from entrepairs.ledger.chart import JournalCode
from entrepairs.ledger.models import BooksForm, Entry, FormChange, LedgerAccount
from entrepairs.ledger.posting import Posting, post
from entrepairs.ledger.years import first_open_day

COOPERATIVES: Final = (BooksForm.SCIC, BooksForm.SCOP)


def form_on(session: Session, day: date) -> BooksForm:
    """The form the books are kept for on a day: an association until said otherwise."""
    last = select(FormChange.form).where(FormChange.since <= day).order_by(FormChange.since.desc()).limit(1)
    return session.scalar(last) or BooksForm.ASSOCIATION


def changes(session: Session) -> list[FormChange]:
    """Every change, the first one first."""
    return list(session.scalars(select(FormChange).order_by(FormChange.since)))


def become(session: Session, form: BooksForm, since: date, *, actor: Actor, clock: Clock) -> FormChange:
    """The association becomes a cooperative on a day: its chart opens, its own accounts close, its funds are frozen.

    Raises InvalidInput("form_same", "form_backwards", "form_day"), Conflict("form_later").
    """
    current = form_on(session, since)
    if form is current:
        raise InvalidInput("form_same", N_("The accounts are kept for this form already."), field="form")
    if form not in COOPERATIVES:
        raise InvalidInput("form_backwards", N_("A cooperative does not become an association again."), field="form")
    if since > clock.today() or first_open_day(session, since) != since:
        raise InvalidInput(
            "form_day", N_("Choose a day that has come and is not closed in the accounts."), field="since"
        )
    if session.scalar(select(FormChange.since).where(FormChange.since >= since)) is not None:
        raise Conflict("form_later", N_("A change of form starts on that day or later already."))
    entry = _freeze_funds(session, since, clock) if current is BooksForm.ASSOCIATION else None
    change = FormChange(
        since=since, form=form, entry_id=entry.id if entry else None, decided_by=actor.label, created_at=clock.now()
    )
    session.add(change)
    record(session, "ledger.become", "books_form", form.value, actor=actor, clock=clock, since=since.isoformat())
    session.flush()
    return change


def _freeze_funds(session: Session, since: date, clock: Clock) -> Entry | None:
    session.execute(
        insert(LedgerAccount)
        .values(
            [
                {"code": a.code, "label": a.label, "auxiliary": a.auxiliary, "frozen": a.frozen, "since": since}
                for a in chart.COOPERATIVE
            ]
        )
        .on_conflict_do_nothing()
    )
    entry = _transfer(session, since, clock)
    session.execute(
        update(LedgerAccount)
        .where(LedgerAccount.code.in_(chart.ASSOCIATION_ONLY))
        .values(until=since)
        .execution_options(synchronize_session="fetch")
    )
    return entry


def _transfer(session: Session, since: date, clock: Clock) -> Entry | None:
    eve = since - timedelta(days=1)
    held = {code: -balance(session, code, until=eve, exact=True) for code in chart.ASSOCIATION_FUNDS}
    total = Money.sum(held.values())
    if total.cents <= 0:  # losses ate the funds: nothing to freeze
        return None
    zero = Money(0)
    lines = [
        Posting(code, debit=max(amount, zero), credit=max(-amount, zero)) for code, amount in held.items() if amount
    ]
    return post(
        session,
        JournalCode.MISCELLANEOUS,
        since,
        f"FORME-{since:%Y%m%d}",
        "Fonds de l'association, impartageables (loi 47-1775, art. 28 bis)",
        [*lines, Posting(chart.FROZEN_FUNDS, credit=total)],
        dedup=f"form:{since.isoformat()}",
        clock=clock,
    )
