"""The numbers at the top of the home and of the steering page. Each is read on its own: one that fails says so alone."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import flask_babel
from flask import g, url_for
from sqlalchemy.exc import SQLAlchemyError

from entrepairs.billing import queries as billing
from entrepairs.cooperative import queries
from entrepairs.cooperative.selffinancing import (
    ENDS_SOON_MONTHS,
    Standing,
    ending_soon,
    granted,
    months_of_cash,
    year_until,
)
from entrepairs.extensions import db
from entrepairs.kernel.dates import add_months, month_start
from entrepairs.ledger.balances import monthly
from entrepairs.web.demand_words import _, ngettext
from entrepairs.web.filters import MINUS, NBSP, money_short, number, percent

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tile:
    """One number: how it is written, its words, and its trend as (tone, words) when there is one."""

    value: str
    label: str
    trend: tuple[str, str] | None = None
    url: str | None = None


TileMaker = Callable[[date], Tile]


def tiles(makers: Sequence[TileMaker], today: date) -> list[Tile]:
    """Each number, or that it did not load."""
    return [_guarded(maker, today) for maker in makers]


def standing(today: date) -> Standing:
    """Where we stand, read once a request."""
    if "standing" not in g:
        g.standing = queries.standing_on(db.session(), today)
    found: Standing = g.standing
    return found


def share_sentence(here: Standing) -> str:
    """« Sur douze mois, nos propres recettes font 57 % de nos ressources : 15 points de plus qu'il y a un an. »"""
    if here.share is None:
        return _("The share of our own income will be drawn from the first invoice or the first grant.")
    known = _("Over twelve months, our own income makes %(share)s of our resources", share=percent(here.share))
    if here.gain is None:
        return f"{known}."
    if not here.gain:
        return _("%(known)s: as much as a year ago.", known=known)
    points = abs(here.gain)
    if here.gain > 0:
        more = ngettext("%(num)s point more than a year ago", "%(num)s points more than a year ago", points)
    else:
        more = ngettext("%(num)s point less than a year ago", "%(num)s points less than a year ago", points)
    return _("%(known)s: %(more)s.", known=known, more=more)


def own_income(today: date) -> Tile:
    """Own income over twelve months, and its growth."""
    here = standing(today)
    trend = None
    if here.own_growth is not None:
        trend = ("ok" if here.own_growth >= 0 else "todo", percent(here.own_growth, sign=True))
    return Tile(money_short(here.now.own), _("own income, 12 months"), trend, url_for("office.steering"))


def grants(today: date) -> Tile:
    """Grants over twelve months, and what ends soon."""
    window = year_until(today)
    ending = ending_soon(queries.counted_spans(db.session(), window), today)
    total, soon = standing(today).now.grants, granted(ending, window)
    label = _("grants, 12 months")
    if soon:
        label = _("grants, of which %(amount)s end within %(n)s months", amount=money_short(soon), n=ENDS_SOON_MONTHS)
    return Tile(money_short(total), label, None, url_for("office.grants"))


def to_receive(today: date) -> Tile:
    """What structures owe, and what is late."""
    owed = billing.receivables(db.session(), today)
    trend = ("no", _("%(amount)s late", amount=money_short(owed.late))) if owed.late else None
    return Tile(money_short(owed.due), _("to be paid to us"), trend, url_for("office.billing", vue="a-payer"))


def own_share(today: date) -> Tile:
    """The share of our own income, and the points won in a year."""
    here = standing(today)
    value = "—" if here.share is None else percent(here.share)
    return Tile(value, _("share of our own income"), _points(here.gain), url_for("office.steering"))


def at_the_bank(today: date) -> Tile:
    """Money at the bank, in months of spending when spending is written in the books."""
    money = queries.cash(db.session())
    this_month = month_start(today)
    since, until = add_months(this_month, -6), this_month
    costs = monthly(db.session(), queries.COSTS, since=since, until=until)
    months = months_of_cash(money, [-cost for month, cost in costs.items() if month < this_month])
    if months is None or months < 0:
        return Tile(money_short(money), _("at the bank"))
    written = _("%(n)s months", n=number(months))
    return Tile(written, _("of spending ahead: %(amount)s at the bank", amount=money_short(money)))


def _points(gain: int | None) -> tuple[str, str] | None:
    if gain is None:
        return None
    sign = f"+{NBSP}" if gain > 0 else f"{MINUS}{NBSP}" if gain < 0 else ""
    words = flask_babel.ngettext("%(sign)s%(num)s point", "%(sign)s%(num)s points", abs(gain), sign=sign)
    return ("ok" if gain >= 0 else "todo", str(words))


def _guarded(maker: TileMaker, today: date) -> Tile:
    try:
        with db.session.begin_nested():
            return maker(today)
    except SQLAlchemyError:
        log.exception("a number of the page did not load")
        return Tile("—", _("This number did not load."))


HOME = (own_income, grants, to_receive, own_share)
STEERING = (own_income, grants, to_receive, at_the_bank)
