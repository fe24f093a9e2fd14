"""Icons: only the symbol a page uses is written into it, taken from Bootstrap-Flask's sprite.

The sprite (1.1 MB) is never sent. An icon always stands beside a word, so it is hidden from assistive
technology unless `label` gives it a name of its own.
"""

import re
from functools import cache
from importlib.resources import files
from typing import Final

from flask import Flask
from markupsafe import Markup, escape

SPRITE: Final = ("static", "bootstrap5", "icons", "bootstrap-icons.svg")
NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def icon(name: str, label: str | None = None) -> Markup:
    """The SVG of the Bootstrap icon `name`, sized by the text around. Raises LookupError on an unknown name."""
    view_box, paths = symbol(name)
    head = Markup('<svg class="icon" viewBox="{}" width="1em" height="1em" fill="currentColor" focusable="false" ')
    if label is None:
        return head.format(view_box) + Markup('aria-hidden="true">{}</svg>').format(paths)
    return head.format(view_box) + Markup('role="img"><title>{}</title>{}</svg>').format(escape(label), paths)


@cache
def symbol(name: str) -> tuple[str, Markup]:
    """The view box and the inner paths of one symbol."""
    if NAME.fullmatch(name) is None:
        raise LookupError(name)
    found = re.search(rf'<symbol [^>]*viewBox="([^"]+)" id="{name}">(.*?)</symbol>', _sprite(), re.DOTALL)
    if found is None:
        raise LookupError(name)
    # The markup is the package's own file, not something a user wrote.
    return found[1], Markup(found[2])  # noqa: S704


def init_icons(app: Flask) -> None:
    """Give `icon` to every template, macros included."""
    app.jinja_env.globals["icon"] = icon


@cache
def _sprite() -> str:
    return files("flask_bootstrap").joinpath(*SPRITE).read_text(encoding="utf-8")
