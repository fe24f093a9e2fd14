"""The headers every answer carries, the nonce of the content policy, and the character no text may hold.

No inline script without the nonce, no inline style at all, no frame, no foreign host but Stripe's checkout, where a
payment form is redirected (browsers enforce `form-action` on the redirect after a POST).
"""

import secrets
from typing import Final

from flask import Flask, Response, current_app, g, request, session
from werkzeug.exceptions import BadRequest

HSTS_SECONDS: Final = 365 * 24 * 3600
# Flask-Login's key: reading it asks the database nothing.
SIGNED_IN: Final = "_user_id"
FORM_TYPES: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


def init_security(app: Flask) -> None:
    """Set the policy on every answer. Config `STRIPE_CHECKOUT_ORIGIN` (one or several origins) opens form-action."""
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.before_request(refuse_null_characters)
    app.after_request(set_headers)


def refuse_null_characters() -> None:
    """No keyboard types U+0000 and PostgreSQL holds none: an address or a form with one is answered 400."""
    given = [request.path, *(text for pair in request.args.items(multi=True) for text in pair)]
    if request.mimetype in FORM_TYPES:
        given += [text for pair in request.form.items(multi=True) for text in pair]
    if any("\0" in text for text in given):
        raise BadRequest


def csp_nonce() -> str:
    """The nonce of this request, drawn at its first use."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(18)
    nonce: str = g.csp_nonce
    return nonce


def content_policy(nonce: str, checkout_origin: str = "") -> str:
    """The Content-Security-Policy line."""
    form_action = " ".join(("'self'", *checkout_origin.split()))
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            f"form-action {form_action}",
            "base-uri 'none'",
            "object-src 'none'",
            "frame-ancestors 'none'",
        )
    )


def set_headers(response: Response) -> Response:
    """Add what is missing; a view that set its own Cache-Control or policy keeps it."""
    headers = response.headers
    policy = content_policy(csp_nonce(), current_app.config.get("STRIPE_CHECKOUT_ORIGIN") or "")
    headers.setdefault("Content-Security-Policy", policy)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", f"max-age={HSTS_SECONDS}; includeSubDomains")
    response.vary.add("Cookie")
    if "Cache-Control" not in headers:
        # A page of a signed-in person leaves no copy on a shared computer; the others are asked again.
        headers["Cache-Control"] = "no-store" if session.get(SIGNED_IN) else "no-cache, private"
    return response
