"""PDF/A-3a by Typst: a template, data as JSON, the legal date. The same input gives the same bytes.

Text can't become markup (it travels as JSON in one input), a template reads nothing outside its folder, system fonts
are ignored, and a warning (an unknown font, a dubious construct) is an error.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from entrepairs.paths import resource

if TYPE_CHECKING:
    from typst import Fonts

STANDARD: Final = "a-3a"
"""PDF/A-3 with tags: archivable, readable aloud, and able to carry the XML of an e-invoice."""


class RenderingError(RuntimeError):
    """A paper could not be made: unknown template, data missing, character without a glyph. A fault of ours."""


def render_pdf(template: str, data: Mapping[str, object], *, on: date, title: str) -> bytes:
    """The paper `templates/documents/<template>.typ` filled with `data` (shapes in `papers`), as PDF/A-3a bytes.

    `on` is the legal date written into the file; `title` names the document for readers and screen readers.
    Raises RenderingError. About 10 to 40 ms a page.
    """
    import typst

    source = _template(template)
    try:
        content, warnings = typst.compile_with_warnings(
            source,
            root=source.parent,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"data": json.dumps(data, ensure_ascii=False), "on": on.isoformat(), "title": title},
            pdf_standards=STANDARD,
            timestamp=datetime(on.year, on.month, on.day, tzinfo=UTC),
        )
    except typst.TypstError as error:
        msg = f"{template}: {error.message}"
        raise RenderingError(msg) from error
    if warnings:
        msg = f"{template}: {'; '.join(warning.message for warning in warnings)}"
        raise RenderingError(msg)
    if not isinstance(content, bytes):
        msg = f"{template}: no PDF came out"
        raise RenderingError(msg)
    return content


def _template(name: str) -> Path:
    path: Path = resource("templates") / "documents" / f"{name}.typ"
    if not name.isidentifier() or not path.is_file():
        msg = f"no template named {name!r}"
        raise RenderingError(msg)
    return path


@lru_cache(maxsize=1)
def _fonts() -> "Fonts":
    """The fonts of a paper: Inter from its package, and Typst's own. Read once by process."""
    import fontpkg_inter
    import typst

    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=[fontpkg_inter.ROOT / "files"]
    )
