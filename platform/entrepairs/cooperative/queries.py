"""Reads of the way to self-financing: sums made by PostgreSQL, no row by row. For the office only; nothing by person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from entrepairs.billing.spreading import OFFERING_AXIS
from entrepairs.catalogue.models import Offering, OfferingKind
from entrepairs.cooperative.grants import COUNTED
from entrepairs.cooperative.models import Grant, GrantState
from entrepairs.cooperative.rules import GrantSpan
from entrepairs.cooperative.selffinancing import (
    Income,
    MonthLine,
    Standing,
    Window,
    granted,
    months_before,
    points_of,
    series,
    year_before,
    year_until,
)
from entrepairs.demands.models import Demand, DemandSession
from entrepairs.demands.states import SessionState
from entrepairs.kernel.dates import add_months, day_bounds
from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.ledger import chart
from entrepairs.ledger.balances import balance, monthly
from entrepairs.ledger.models import AxisValue, Entry, EntryLine, LineAxis

OTHER_INCOME: Final = ("75", "76", "77")
"""Gifts, dues, interest, exceptional income. Grants (74) are counted by day, from their own table."""
COSTS: Final = ("6",)


@dataclass(frozen=True, slots=True)
class OfferingLine:
    """One offering over the twelve months. `done` counts sessions held; `points` is its part of own income."""

    code: str
    name: str
    kind: OfferingKind | None
    done: int
    income: Money
    points: int


def standing_on(session: Session, today: date) -> Standing:
    """The twelve months ending today and those before."""
    now = year_until(today)
    return Standing(income_of(session, now), income_of(session, year_before(now)))


def income_of(session: Session, window: Window) -> Income:
    """Own income by the ledger, grants by day, other income."""
    by_offering = {code: amount for code, _, amount in own_by_offering(session, window)}
    return Income(
        own=_credited(session, chart.OWN_INCOME, window),
        grants=granted(counted_spans(session, window), window),
        other=_credited(session, OTHER_INCOME, window),
        by_offering=by_offering,
    )


def own_by_offering(session: Session, window: Window) -> list[tuple[str, str, Money]]:
    """Own income by offering: code, name, amount; the largest first."""
    amount = func.sum(EntryLine.credit - EntryLine.debit)
    rows = session.execute(
        select(AxisValue.code, AxisValue.label, amount)
        .join(LineAxis, LineAxis.axis_value_id == AxisValue.id)
        .join(EntryLine, EntryLine.id == LineAxis.line_id)
        .join(Entry, Entry.id == EntryLine.entry_id)
        .where(AxisValue.axis == OFFERING_AXIS, _under(chart.OWN_INCOME), *_inside(window))
        .group_by(AxisValue.code, AxisValue.label)
        .order_by(amount.desc(), AxisValue.label)
    )
    return [(code, label, Money(int(total))) for code, label, total in rows]


def offering_lines(session: Session, window: Window) -> list[OfferingLine]:
    """Each offering with the sessions held and the income, the largest income first."""
    own = _credited(session, chart.OWN_INCOME, window)
    held = _sessions_held(session, window)
    earned = {code: (name, amount) for code, name, amount in own_by_offering(session, window)}
    codes = [*earned, *sorted(code for code in held if code not in earned)]
    known = {row.code: row for row in session.scalars(select(Offering).where(Offering.code.in_(codes)))}
    lines = []
    for code in codes:
        name, amount = earned.get(code, (known[code].name if code in known else code, Money(0)))
        kind = known[code].kind if code in known else None
        lines.append(OfferingLine(code, name, kind, held.get(code, 0), amount, points_of(amount, own) or 0))
    return lines


def own_without_offering(session: Session, window: Window) -> Money:
    """Own income that no offering explains."""
    return _credited(session, chart.OWN_INCOME, window) - Money.sum(a for _, _, a in own_by_offering(session, window))


def picture(session: Session, today: date) -> list[MonthLine]:
    """The last 24 complete months."""
    months = months_before(today)
    window = Window(months[0], add_months(months[-1], 1))
    since, until = window.since, window.last
    costs = {month: -amount for month, amount in monthly(session, COSTS, since=since, until=until).items()}
    return series(
        months,
        monthly(session, chart.OWN_INCOME, since=since, until=until),
        monthly(session, OTHER_INCOME, since=since, until=until),
        costs,
        counted_spans(session, window),
    )


def cash(session: Session) -> Money:
    """Money at the bank and at Stripe, by the books (5122 stands under 512)."""
    return balance(session, chart.BANK)


def last_entry_at(session: Session) -> datetime | None:
    """When the books were last written: how fresh the numbers are."""
    return session.scalar(select(func.max(Entry.validated_at)))


def counted_spans(session: Session, window: Window) -> list[GrantSpan]:
    """Promised grants that touch a window."""
    return [grant.span for grant in session.scalars(_counted(window))]


def grants_of(session: Session, window: Window) -> Sequence[Grant]:
    """The same, whole, soonest end first."""
    return session.scalars(_counted(window).order_by(func.upper(Grant.period), Grant.id)).all()


def list_grants(session: Session, *, states: Sequence[GrantState] = ()) -> Sequence[Grant]:
    """Grants, the latest end first."""
    statement = select(Grant).order_by(func.upper(Grant.period).desc(), Grant.id.desc()).limit(200)
    return session.scalars(statement.where(Grant.state.in_(states)) if states else statement).all()


def grants_by_state(session: Session) -> dict[GrantState, int]:
    """How many grants stand in each state."""
    rows = session.execute(select(Grant.state, func.count()).group_by(Grant.state))
    return {row[0]: row[1] for row in rows}


def find_grant(session: Session, ref: str) -> Grant:
    """A grant. Raises NotFound."""
    grant = session.scalars(select(Grant).where(Grant.ref == ref)).one_or_none()
    if grant is None:
        raise NotFound("grant", N_("This grant does not exist."))
    return grant


def _counted(window: Window) -> Select[Grant]:
    touches = (func.lower(Grant.period) < window.until, func.upper(Grant.period) > window.since)
    return select(Grant).where(Grant.state.in_(COUNTED), *touches)


def _credited(session: Session, prefixes: Sequence[str], window: Window) -> Money:
    total = session.scalar(
        select(func.coalesce(func.sum(EntryLine.credit - EntryLine.debit), 0))
        .join(Entry)
        .where(_under(prefixes), *_inside(window))
    )
    return Money(int(total or 0))


def _under(prefixes: Sequence[str]) -> ColumnElement[bool]:
    return or_(*(EntryLine.account_code.startswith(prefix, autoescape=True) for prefix in prefixes))


def _inside(window: Window) -> tuple[ColumnElement[bool], ...]:
    return EntryLine.counted_on >= window.since, EntryLine.counted_on < window.until


def _sessions_held(session: Session, window: Window) -> dict[str, int]:
    start = func.lower(DemandSession.during)
    rows = session.execute(
        select(Offering.code, func.count())
        .join(Demand, Demand.offering_id == Offering.id)
        .join(DemandSession, DemandSession.demand_id == Demand.id)
        .where(
            DemandSession.state == SessionState.DONE,
            start >= day_bounds(window.since).start,
            start < day_bounds(window.until).start,
        )
        .group_by(Offering.code)
    )
    return {row[0]: row[1] for row in rows}
