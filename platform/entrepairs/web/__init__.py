"""The pages: three front doors (partners, peers, office), the public ones, and the look they share.

Views parse, authorise, call a use case, answer. The look is `shell` (what every page is given), `filters`, `icons`,
`forms`, `pictures`, `static_files`; the safety net is `security`, `errors` and `once` (a form sent twice counts once).
"""

import importlib

from flask import Flask

FRONT_DOORS = ("public", "partners", "peers", "office", "demo", "health")


def init_look(app: Flask) -> None:
    """Bind how things are written, and the business clock: what a letter or a command needs, without any page."""
    from entrepairs.web import context, filters, words

    filters.init_filters(app)
    words.init_words(app)
    context.init_context(app)


def init_web(app: Flask) -> None:
    """Bind the look, the sessions and every front door. Blueprints are made here so that one import order rules."""
    from entrepairs.web import access, context, once, shell, words

    app.url_map.converters["ref"] = access.ReferenceConverter
    shell.init_shell(app)
    words.init_words(app)
    context.init_context(app)
    access.init_access(app)
    once.init_once(app)
    for door in FRONT_DOORS:
        module = importlib.import_module(f"entrepairs.web.{door}")
        for page in getattr(module, "PAGES", ()):
            importlib.import_module(f"entrepairs.web.{door}.{page}")
        if door == "demo" and not app.config["DEMO"]:
            continue
        app.register_blueprint(module.bp)
