"""`/a/facturation/prevision`: when the money will come, by week then by month, at each payer's pace."""

from datetime import date, timedelta

from flask import render_template
from flask_babel import gettext as _
from flask_babel import ngettext

from entrepairs.billing.dunning.forecast import Basis, Delays, Expected, Forecast, Source, Span, forecast
from entrepairs.billing.dunning.forecasting import outlook
from entrepairs.cooperative.grants import grants_to_come
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.kernel.parameters import figures
from entrepairs.web import filters
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock
from entrepairs.web.forecast_picture import CLASSES, forecast_shapes
from entrepairs.web.office import bp

NAMES = {
    Source.INVOICES: N_("open invoices"),
    Source.DONE: N_("services to invoice"),
    Source.PLANNED: N_("planned services"),
    Source.GRANTS: N_("grants"),
}
SOON = timedelta(days=30)


@bp.get("/facturation/prevision", endpoint="forecast")
@requires(Permission.OFFICE_VIEW)
def show_forecast() -> str:
    """The picture, its table, and what each payer usually takes."""
    clock = business_clock()
    seen = outlook(db.session(), clock=clock)
    found = forecast((*seen.expected, *_grants(clock.today())), clock.today())
    return render_template(
        "office/forecast.html",
        found=found,
        shapes=forecast_shapes(found),
        keys=[(CLASSES[source], _(name)) for source, name in NAMES.items() if _any(found, source)],
        rows=[_row(one) for one in found.spans],
        names=[_(name) for name in NAMES.values()],
        payers=[(partner, owed, _delays(delays), _basis(delays)) for partner, owed, delays in seen.payers],
        contested=seen.contested,
        unpriced=seen.unpriced,
        soon=Money.sum(one.total for one in found.spans[:4]),
    )


def _grants(today: date) -> list[Expected]:
    """A funder sets no date: the house's delay after the notification, a month from now when it has passed."""
    wait = timedelta(days=figures().whole("cash_forecast.grant_days", today))
    found = []
    for grant, left in grants_to_come(db.session()):
        day = max((grant.notified_on or today) + wait, today + SOON)
        found.append(Expected(Source.GRANTS, left, day, day + SOON))
    return found


def _any(found: Forecast, source: Source) -> bool:
    return any(amount.cents for one in found.spans for each, amount in one.sums if each is source)


def _row(one: Span) -> list[str]:
    when = (
        _("week of %(day)s", day=filters.plain_date(one.first))
        if one.weekly
        else _("from %(first)s to %(last)s", first=filters.plain_date(one.first), last=filters.plain_date(one.last))
    )
    amounts = [*(amount for _source, amount in one.sums), one.total, one.prudent]
    return [str(when), *(filters.money(amount) if amount.cents else "" for amount in amounts)]


def _delays(delays: Delays) -> str:
    if delays.basis is Basis.TERM or delays.fast == delays.slow:
        return str(ngettext("one day", "%(num)s days", delays.usual))
    return str(
        _(
            "%(usual)s days, half of the time from %(fast)s to %(slow)s",
            usual=delays.usual,
            fast=delays.fast,
            slow=delays.slow,
        )
    )


def _basis(delays: Delays) -> str:
    if delays.basis is Basis.PAYER:
        return str(ngettext("its last payment", "its %(num)s last payments", delays.count))
    if delays.basis is Basis.KIND:
        return str(_("what payers of its kind take: it has paid too seldom"))
    return str(_("its legal term: nothing was paid yet"))
