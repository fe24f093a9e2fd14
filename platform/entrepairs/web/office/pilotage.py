"""`/a/pilotage`: on the way to living from our own work. By offering and by grant, never by person."""

from datetime import date
from decimal import Decimal

from flask import render_template

from entrepairs.cooperative import queries
from entrepairs.cooperative.contribution import contributions_between, voted_rate
from entrepairs.cooperative.models import Grant
from entrepairs.cooperative.queries import OfferingLine
from entrepairs.cooperative.selffinancing import ENDS_SOON_MONTHS, Standing, Window, year_until
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.dates import add_months
from entrepairs.kernel.i18n import Sentence, say
from entrepairs.kernel.money import Money
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock
from entrepairs.web.demand_words import count_of
from entrepairs.web.filters import MINUS, NBSP, number
from entrepairs.web.grant_words import grant_chip
from entrepairs.web.office import bp, numbers
from entrepairs.web.pictures import MonthMoney, MonthsChart, months_chart


@bp.get("/pilotage")
@requires(Permission.OFFICE_VIEW)
def steering() -> str:
    """Gauge, 24 months, offerings, grants."""
    today = business_clock().today()
    here, window = numbers.standing(today), year_until(today)
    return render_template(
        "office/steering.html",
        lead=numbers.share_sentence(here),
        tiles=numbers.tiles(numbers.STEERING, today),
        standing=here,
        moved=_moved(here, window),
        chart=_chart(today),
        lines=_offering_rows(queries.offering_lines(db.session(), window)),
        without_offering=queries.own_without_offering(db.session(), window),
        own=here.now.own,
        window=window,
        grants=[_grant_row(grant, window, today) for grant in queries.grants_of(db.session(), window)],
        rate=_rate(today),
        contribution=contributions_between(db.session(), window.since, window.until),
        fresh=queries.last_entry_at(db.session()),
    )


def _moved(here: Standing, window: Window) -> Sentence | None:
    """« Ce qui l'a fait monter : groupes WRAP (+ 7 points), formations (+ 5 points). »"""
    names = {
        code: name
        for code, name, _amount in queries.own_by_offering(
            db.session(), Window(add_months(window.since, -12), window.until)
        )
    }
    parts = [f"{names.get(code, code)} ({_signed(points)})" for code, points in here.moved()]
    if not parts:
        return None
    causes = ", ".join(parts)
    if (here.gain or 0) > 0:
        return say("What made it rise, in points: %(causes)s.", causes=causes)
    return say("What made it fall, in points: %(causes)s.", causes=causes)


def _signed(points: int) -> str:
    return f"{'+' if points > 0 else MINUS}{NBSP}{abs(points)}"


def _chart(today: date) -> MonthsChart | None:
    lines = queries.picture(db.session(), today)
    if not any(line.own or line.grants or line.costs for line in lines):
        return None
    return months_chart([MonthMoney(line.month, line.own, line.grants, line.costs) for line in lines])


def _offering_rows(lines: list[OfferingLine]) -> list[dict[str, object]]:
    return [
        {
            "name": line.name,
            "volume": _volume(line),
            "income": line.income,
            "points": line.points,
        }
        for line in lines
    ]


def _volume(line: OfferingLine) -> str:
    if not line.done:
        return "—"
    return count_of(line.kind, line.done) if line.kind is not None else number(line.done)


def _grant_row(grant: Grant, window: Window, today: date) -> dict[str, object]:
    span = grant.span
    return {
        "grant": grant,
        "span": span,
        "chip": grant_chip(grant.state),
        "counted": span.earned(window.since, window.until),
        "left": Money(grant.cents) - span.earned_before(window.until),
        "ends_soon": today < span.end <= add_months(today, ENDS_SOON_MONTHS),
    }


def _rate(today: date) -> str:
    """The voted rate, « 10 », or nothing."""
    rate = voted_rate(db.session(), today)
    if rate is None:
        return ""
    return number(rate.percent.normalize() if rate.percent else Decimal(0))
