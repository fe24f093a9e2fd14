"""`/a/comptes`: the balance of each account, and the entries behind it."""

from datetime import date

from flask import render_template, request

from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.money import Money
from entrepairs.ledger import balances
from entrepairs.ledger.chart import JOURNALS, JournalCode
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock
from entrepairs.web.office import bp


@bp.get("/comptes")
@requires(Permission.OFFICE_VIEW)
def accounts() -> str:
    """The year's balance, and the latest entries of a journal."""
    today = business_clock().today()
    year = request.args.get("annee", today.year, type=int)
    year = year if 2000 <= year <= today.year else today.year
    journal = request.args.get("journal", "")
    rows = balances.trial_balance(db.session(), since=date(year, 1, 1), until=date(year, 12, 31))
    return render_template(
        "office/accounts.html",
        rows=rows,
        debit=Money.sum(row.debit for row in rows),
        credit=Money.sum(row.credit for row in rows),
        year=year,
        this_year=today.year,
        entries=balances.entries(db.session(), journal=journal if journal in set(JournalCode) else None, limit=60),
        journal=journal if journal in set(JournalCode) else "",
        journals=JOURNALS,
    )
