"""PDF/A-3a by Typst: a template, data as JSON, the legal date. The same input gives the same bytes.

Text can't become markup (it travels as JSON in one input), a template reads nothing outside its folder, system fonts
are ignored, and a warning (an unknown font, a dubious construct) is an error.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from entrepairs.paths import resource

if TYPE_CHECKING:
    from typst import Fonts

STANDARD: Final = "a-3a"
"""PDF/A-3 with tags: archivable, readable aloud, and able to carry the XML of an e-invoice."""

REPLACEMENT: Final = "\ufffd"
MANY: Final = 100
"""Different characters without a glyph after which the text is not French and the paper is not made."""
_WITHOUT_GLYPH: Final = re.compile(r'the text `"(.+?)"` could not be displayed')
_ESCAPE: Final = re.compile(r"\\u\{([0-9a-f]+)\}")


class RenderingError(RuntimeError):
    """A paper could not be made: unknown template, data missing, character without a glyph. A fault of ours."""


def render_pdf(template: str, data: Mapping[str, object], *, on: date, title: str, xml: bytes | None = None) -> bytes:
    """The paper `templates/documents/<template>.typ` filled with `data` (shapes in `papers`), as PDF/A-3a bytes.

    `on` is the legal date written into the file; `title` names the document for readers and screen readers; `xml`
    (UTF-8) is what a template attaches as it is. A
    character that no font has (an emoji typed in a label) is printed as �. Raises RenderingError. About 50 ms.
    """
    source = _template(template)
    hidden: dict[int, str] = {}
    given = {"on": on.isoformat(), "title": title, **({} if xml is None else {"xml": xml.decode()})}
    while True:
        try:
            return _compile(source, {**given, "data": json.dumps(_shown(data, hidden), ensure_ascii=False)}, on)
        except RenderingError as error:
            missing = {ord(one) for one in _characters_without_glyph(str(error))} - hidden.keys()
            if not missing or len(hidden) > MANY:
                raise
            hidden |= dict.fromkeys(missing, REPLACEMENT)


def _compile(source: Path, given: dict[str, str], on: date) -> bytes:
    import typst

    try:
        content, warnings = typst.compile_with_warnings(
            source,
            root=source.parent,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs=given,
            pdf_standards=STANDARD,
            timestamp=datetime(on.year, on.month, on.day, tzinfo=UTC),
        )
    except typst.TypstError as error:
        msg = f"{source.stem}: {error.message}"
        raise RenderingError(msg) from error
    if warnings:
        msg = f"{source.stem}: {'; '.join(warning.message for warning in warnings)}"
        raise RenderingError(msg)
    return content


def _characters_without_glyph(message: str) -> set[str]:
    """What Typst's message says can't be displayed, with its escapes (`\\u{7}`) read."""
    found = _WITHOUT_GLYPH.search(message)
    if found is None:
        return set()
    return set(_ESCAPE.sub(lambda code: chr(int(code[1], 16)), found[1]))


def _shown(value: object, hidden: Mapping[int, str]) -> object:
    """The data with the hidden characters replaced, at any depth."""
    if not hidden:
        return value
    if isinstance(value, str):
        return value.translate(hidden)
    if isinstance(value, Mapping):
        return {key: _shown(one, hidden) for key, one in value.items()}
    if isinstance(value, Sequence):
        return [_shown(one, hidden) for one in value]
    return value


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
