"""One place where a refusal becomes a page: domain errors by kind, HTTP errors, and what nobody foresaw.

Error pages are rendered without context processors, hence without account, menu or database: they must work when
everything else does not. A client that prefers JSON receives `{"error": {"code", "message", "request_id"}}`.
"""

import logging
from datetime import date, datetime
from typing import Final

from flask import Flask, Response, current_app, jsonify, make_response, request
from flask_babel import gettext, ngettext
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException

from entrepairs.kernel.dates import Period, Rhythm
from entrepairs.kernel.errors import DomainError
from entrepairs.kernel.i18n import N_, Sentence
from entrepairs.kernel.money import Money
from entrepairs.web import filters, unsent
from entrepairs.web.request_ids import init_request_ids, request_id

log = logging.getLogger(__name__)

PAGES: Final = frozenset({400, 403, 404, 405, 409, 413, 422, 429, 500, 503})
OLD_LINKS: Final = frozenset({"link_unknown", "link_used", "link_expired"})
"""A mail's link that opens nothing any more: one logs in instead."""
UNFORESEEN: Final = N_("Something broke on our side. Try again in a few minutes.")
TOO_LONG: Final = N_("One of the answers is too long, or beyond what can be kept. Nothing has been saved.")
UNANSWERED: Final = N_("This request could not be answered.")
# When even the template can't be rendered (translations, disk): plain, self-contained, French.
LAST_RESORT: Final = (
    "<!doctype html><html lang=fr><meta charset=utf-8><title>Entrepairs</title>"
    "<h1>Un problème de notre côté</h1><p>Vous n’y êtes pour rien. Réessayez dans quelques minutes.</p>"
    "<p>Numéro à nous donner : {}</p></html>"
)


def init_errors(app: Flask) -> None:
    """Register the two handlers and the request identifier.

    What nobody foresaw reaches the second one as InternalServerError, after Flask has logged its trace; in debug and
    in tests Flask lets it through instead, unless `PROPAGATE_EXCEPTIONS` is False.
    """
    init_request_ids(app)
    app.register_error_handler(DomainError, answer_domain_error)
    app.register_error_handler(DataError, answer_data_error)
    app.register_error_handler(HTTPException, answer_http_error)


def sentence(error: DomainError) -> str:
    """The error's sentence in the reader's language, its money and dates written as on a page."""
    text: str = gettext(error.message, **{name: readable(value) for name, value in error.params.items()})
    return text


def answer_domain_error(error: DomainError) -> Response:
    """A refusal of a use case, by its kind."""
    return _answer(error.status, error.code, sentence(error))


def answer_data_error(error: DataError) -> Response:
    """A value the database has no room for, and that no form had measured: a refusal, and what was typed is shown."""
    log.warning("an answer does not fit (request %s): %s", request_id(), type(error.orig).__name__)
    return _answer(422, "too_long", gettext(TOO_LONG))


def answer_http_error(error: HTTPException) -> Response:
    """An HTTP refusal (absent page, method, size, CSRF, rate): its headers are kept."""
    status = error.code or 500
    if error.response is not None or status < 400:
        return make_response(error.get_response())
    response = _answer(status, f"http_{status}", None)
    for name, value in error.get_response().headers:
        if name not in {"Content-Type", "Content-Length"}:
            response.headers[name] = value
    return response


def _answer(status: int, code: str, message: str | None) -> Response:
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        text = message if message is not None else _title(status)
        body = jsonify(error={"code": code, "message": text, "request_id": request_id()})
        return make_response(body, status)
    return make_response(_page(status, code, message), status)


def _page(status: int, code: str, message: str | None) -> str:
    shown = status if status in PAGES else (400 if status < 500 else 500)
    try:
        template = current_app.jinja_env.get_template(f"errors/{shown}.html")
        waiting, before = unsent.of_request(), unsent.page_before()
        return template.render(
            status=status,
            message=message,
            request_id=request_id(),
            typed=waiting.words if waiting else [],
            before=before,
            old_link=code in OLD_LINKS,
        )
    except Exception:
        log.exception("the error page %s could not be rendered (request %s)", shown, request_id())
        return LAST_RESORT.format(request_id())


def _title(status: int) -> str:
    text: str = gettext(UNFORESEEN if status >= 500 else UNANSWERED)
    return text


def translated(value: Sentence) -> str:
    """A sentence in the reader's language, in its plural when it has one."""
    params = {name: readable(inner) for name, inner in value.params.items()}
    if value.plural is None:
        return str(gettext(value.msgid, **params))
    number = value.params["num"]
    return str(
        ngettext(value.msgid, value.plural, number, **{key: each for key, each in params.items() if key != "num"})
    )


def readable(value: object) -> object:
    """A parameter of a sentence as a page writes it: a nested sentence, money, dates, an instant, a date."""
    if isinstance(value, Sentence):
        return translated(value)
    if isinstance(value, Money):
        return filters.money(value)
    if isinstance(value, Period):
        return filters.when(value)
    if isinstance(value, Rhythm):
        return filters.rhythm(value)
    if isinstance(value, datetime):
        return filters.instant(value)
    return filters.long_date(value) if isinstance(value, date) else value
