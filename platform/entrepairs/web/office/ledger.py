"""`/a/comptabilite`: the balance, one account, the journals, the third parties by age, the axes. Nothing is written here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from entrepairs.billing.spreading import PEER_AXIS
from entrepairs.cooperative.grants import GRANT_AXIS
from entrepairs.cooperative.under_grants import done_by_grant
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.ledger import hand, reports, rules, years
from entrepairs.ledger.chart import CLIENTS, JOURNALS, JournalCode
from entrepairs.ledger.t_accounts import months_of, t_account
from entrepairs.network.queries import peer_names
from entrepairs.network.territory import fold
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, viewer
from entrepairs.web.office import bp
from entrepairs.web.pictures import ageing_bars
from entrepairs.web.t_pictures import t_picture

LAST_PAGE: Final = 100_000
CLASSES: Final = {
    "1": N_("Equity"),
    "4": N_("Third parties"),
    "5": N_("Money"),
    "6": N_("Charges"),
    "7": N_("Income"),
}
AXES: Final = {
    "offering": N_("By offering"),
    "territory": N_("By territory"),
    "peer": N_("By peer"),
    "grant": N_("By grant"),
}
BANDS: Final = (N_("not due"), N_("0 to 30 days"), N_("31 to 60 days"), N_("61 to 90 days"), N_("over 90 days"))


@dataclass(frozen=True)
class Span:
    """The days a page is about, both included, within one exercise."""

    exercise: rules.Exercise
    since: date
    until: date

    @property
    def year(self) -> int:
        """The name of the exercise."""
        return self.exercise.number

    @property
    def args(self) -> dict[str, str]:
        """For the links of the page."""
        whole = (self.since, self.until) == (self.exercise.first_day, self.exercise.last_day)
        days = {} if whole else {"du": self.since.isoformat(), "au": self.until.isoformat()}
        return {"annee": str(self.year), **days}


def asked_span() -> Span:
    """What the address asks for; the exercise of today when it asks for nothing one can read."""
    number = request.args.get("annee", 0, type=int)
    exercises = exercises_shown()
    found = next((one for one in exercises if one.number == number), None)
    if found is None:
        found = years.exercise_shown(db.session(), business_clock().today())
    since, until = _day("du", found, found.first_day), _day("au", found, found.last_day)
    if since > until:
        since, until = found.first_day, found.last_day
    return Span(found, since, until)


def _day(name: str, exercise: rules.Exercise, usual: date) -> date:
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return usual
    return day if exercise.holds(day) else usual


def asked_page() -> int:
    """The page of a list, from 1."""
    return min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)


def exercises_shown() -> list[rules.Exercise]:
    """The exercises, the one of today included, the latest first."""
    current = years.exercise_shown(db.session(), business_clock().today())
    known = {one.number: one for one in [current, *years.known_exercises(db.session())]}
    return [known[number] for number in sorted(known, reverse=True)]


def names_of(refs: Iterable[str]) -> dict[str, str]:
    """Who the codes of the axis of peers stand for; the books hold the codes alone."""
    wanted = set(refs)
    return peer_names(db.session(), wanted) if wanted else {}


def ledger_page(template: str, **values: Any) -> str:
    """A page of the accounts, which knows what its reader may do."""
    return render_template(f"office/{template}.html", held=viewer().permissions, **values)


@bp.get("/comptabilite")
@bp.get("/comptes", alias=True)
@requires(Permission.OFFICE_VIEW)
def accounts() -> str:
    """The balance of a period, the whole chart or one class."""
    span = asked_span()
    chosen = request.args.get("classe", "")
    chosen = chosen if chosen in CLASSES else ""
    rows = reports.balance_rows(db.session(), span.since, span.until, classes=chosen)
    return ledger_page(
        "ledger",
        rows=rows,
        opening=Money.sum(row.opening for row in rows),
        debit=Money.sum(row.debit for row in rows),
        credit=Money.sum(row.credit for row in rows),
        span=span,
        years=exercises_shown(),
        chosen=chosen,
        classes=CLASSES,
        waiting=len(hand.drafts(db.session())),
    )


@bp.get("/comptabilite/compte/<code>")
@requires(Permission.OFFICE_VIEW)
def account_lines(code: str) -> str:
    """One account: what it opened on, its lines with the balance after each, what it closes on."""
    account = reports.find_account(db.session(), code)
    span, page = asked_span(), asked_page()
    aux = request.args.get("tiers") or None
    found = reports.account_page(db.session(), code, span.since, span.until, aux_code=aux, page=page)
    return ledger_page(
        "ledger_account",
        chart_account=account,
        span=span,
        years=exercises_shown(),
        aux=aux,
        found=found,
        page=page,
        letters=rules.lettering_code,
        picture=t_picture(
            t_account(found.opening, months_of(db.session(), code, span.since, span.until, aux_code=aux))
        ),
    )


@bp.get("/comptabilite/journal")
@requires(Permission.OFFICE_VIEW)
def journal() -> str:
    """Validated entries, the latest first, by journal or by what they say."""
    span, page = asked_span(), asked_page()
    book, words = request.args.get("journal", ""), request.args.get("q", "").strip()[:80]
    book = book if book in set(JournalCode) else ""
    entries, more = reports.journal_page(db.session(), span.since, span.until, journal=book, words=words, page=page)
    return ledger_page(
        "ledger_journal",
        entries=entries,
        more=more,
        page=page,
        span=span,
        years=exercises_shown(),
        book=book,
        words=words,
        journals=JOURNALS,
    )


@bp.get("/comptabilite/tiers")
@requires(Permission.OFFICE_VIEW)
def third_parties() -> str | Response:
    """Who owes what, by age past due."""
    today, page = business_clock().today(), asked_page()
    if not reports.accounts_on(db.session(), today):  # no chart yet: nothing was ever written
        return redirect(url_for(".accounts"), code=303)
    account = reports.find_account(db.session(), request.args.get("compte", CLIENTS))
    rows, more = reports.aged_rows(db.session(), account.code, today, page=page)
    total = reports.aged_total(db.session(), account.code, today)
    labels = [_(label) for label in BANDS]
    return ledger_page(
        "ledger_third_parties",
        chart_account=account,
        auxiliaries=[each for each in reports.accounts_on(db.session(), today) if each.auxiliary],
        rows=rows,
        more=more,
        page=page,
        total=total,
        labels=labels,
        bars=ageing_bars(list(zip(labels, total.bands, strict=True))),
    )


@bp.get("/comptabilite/analytique")
@requires(Permission.OFFICE_VIEW)
def analytic() -> str:
    """Income and costs of a period along one axis."""
    span = asked_span()
    axis = request.args.get("axe", "offering")
    axis = axis if axis in AXES else "offering"
    rows = reports.axis_rows(db.session(), axis, span.since, span.until)
    names = names_of(row.code for row in rows) if axis == PEER_AXIS else {}
    if axis == PEER_AXIS:  # nobody is ranked: by name, and without what each would "bring"
        rows.sort(key=lambda row: (not row.code, fold(names.get(row.code, row.code))))
    return ledger_page(
        "ledger_axes",
        rows=rows,
        names=names,
        by_person=axis == PEER_AXIS,
        axis=axis,
        axes=AXES,
        span=span,
        years=exercises_shown(),
        income=Money.sum(row.income for row in rows),
        costs=Money.sum(row.costs for row in rows),
        under=done_by_grant(db.session(), span.since, span.until) if axis == GRANT_AXIS else [],
    )
