"""`/a/paiements`: what came in, and the online payments still being checked."""

from flask import render_template

from entrepairs.billing import queries
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.web.access import requires
from entrepairs.web.invoice_words import SETTLEMENTS
from entrepairs.web.office import bp


@bp.get("/paiements")
@requires(Permission.OFFICE_VIEW)
def payments() -> str:
    """Newest first."""
    return render_template(
        "office/payments.html",
        payments=queries.settlements(db.session()),
        checking=queries.stuck_payments(db.session()),
        kinds=SETTLEMENTS,
    )
