"""`/webhooks/stripe`: verify the signature on the raw body, keep the event, answer; a worker does the rest."""

import logging

from flask import current_app, request
from werkzeug.wrappers import Response

from entrepairs.billing.stripe_events import store_event
from entrepairs.billing.stripe_gateway import ForgedEvent, StripeGateway
from entrepairs.extensions import csrf, db, limiter
from entrepairs.web.access import public
from entrepairs.web.context import business_clock
from entrepairs.web.public import bp

log = logging.getLogger(__name__)


@bp.post("/webhooks/stripe")
@public
def stripe_webhook() -> Response:
    """204 for an event kept (new or known), 400 for one that is not Stripe's or of the other mode."""
    gateway = StripeGateway.of(current_app.config)
    try:
        event = gateway.verify(request.get_data(), request.headers.get("Stripe-Signature"))
    except ForgedEvent as error:
        log.warning("a Stripe webhook was refused: %s", error)
        return Response(status=400)
    store_event(db.session(), event, clock=business_clock())
    db.session.commit()
    return Response(status=204)


csrf.exempt(stripe_webhook)  # its signature is its proof
limiter.exempt(stripe_webhook)
