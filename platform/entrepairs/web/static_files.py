"""Serving of the static files: WhiteNoise under `/static/<digest>/`, for ever, since the address changes with them."""

import re
from pathlib import Path
from typing import Final
from wsgiref.headers import Headers

from flask import Flask, current_app
from whitenoise import WhiteNoise

from entrepairs.web.static_build import build, default_out

DIGEST: Final = re.compile(r"[0-9a-f]{16}")
EXTENSION: Final = "entrepairs.static"


def init_static(app: Flask) -> None:
    """Mount the files of the current digest, built now if absent, and those of earlier ones still on the disk.

    Config `STATIC_DIR` names the folder, else `static_build.default_out()`. Raises OSError when the files are absent
    and can't be written: `make env` builds them beforehand.
    """
    named = app.config.get("STATIC_DIR")
    current = build(Path(named) if named else default_out())
    server = WhiteNoise(
        app.wsgi_app,
        max_age=WhiteNoise.FOREVER,
        allow_all_origins=False,
        add_headers_function=_add_headers,
        immutable_file_test=lambda _path, _url: True,
    )
    for folder in sorted(current.parent.iterdir()):
        if folder.is_dir() and DIGEST.fullmatch(folder.name):
            server.add_files(str(folder), prefix=f"static/{folder.name}/")
    app.wsgi_app = server  # type: ignore[method-assign]
    app.extensions[EXTENSION] = current
    app.jinja_env.globals["static_url"] = static_url


def static_url(path: str) -> str:
    """The address of a static file (`css/entrepairs.css`). Raises LookupError when there is no such file."""
    folder: Path = current_app.extensions[EXTENSION]
    if not (folder / path).is_file():
        raise LookupError(path)
    return f"/static/{folder.name}/{path}"


def _add_headers(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
