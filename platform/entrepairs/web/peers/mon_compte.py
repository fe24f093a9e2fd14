"""`/p/mon-compte`: what one's own missions brought and gave to the house, month by month; the accounts say the same."""

from flask import render_template

from entrepairs.cooperative.by_peer import account_of, brought
from entrepairs.cooperative.contribution import voted_rate
from entrepairs.cooperative.selffinancing import year_until
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock
from entrepairs.web.peers import bp
from entrepairs.web.peers.acting import acting_peer


@bp.get("/mon-compte")
@requires(Permission.PEER)
def my_account() -> str:
    """Twelve months that end today."""
    today = business_clock().today()
    window = year_until(today)
    months = account_of(db.session(), acting_peer().ref, window)
    return render_template(
        "peers/my_account.html",
        months=sorted(months.items(), reverse=True),
        total=brought(months.values()),
        window=window,
        rate=voted_rate(db.session(), today),
    )
