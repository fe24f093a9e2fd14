"""XML that comes from outside (an invoice, a bank's file): nothing in it is trusted.

It is read once without building anything, so that a document type declaration (hence an entity, a bomb, an outside
file) or a well of elements ends it at once; then built by a parser that reaches neither files nor the network.
"""

from typing import NoReturn, TypeAlias
from xml.parsers import expat

from lxml import etree

Element: TypeAlias = etree._Element  # noqa: SLF001 - the library's only name for it


class DeclaredError(ValueError):
    """It declares a document type."""


class TooMuchError(ValueError):
    """It has more elements than allowed, or nested deeper."""


class BrokenError(ValueError):
    """It is no well-formed XML."""


def root_of(content: bytes, *, most_elements: int, deepest: int) -> Element:
    """The root, comments and processing instructions left out. Raises DeclaredError, TooMuchError, BrokenError."""
    try:
        _ensure_harmless(content, most_elements, deepest)
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
        )
        return etree.fromstring(content, parser)
    except (DeclaredError, TooMuchError):
        raise
    except (expat.ExpatError, etree.XMLSyntaxError, ValueError, LookupError) as problem:
        raise BrokenError(str(problem)) from problem


def _ensure_harmless(content: bytes, most_elements: int, deepest: int) -> None:
    depth = count = 0

    def declared(*_: object) -> NoReturn:
        raise DeclaredError

    def opened(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > deepest or count > most_elements:
            raise TooMuchError

    def closed(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = declared
    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    parser.Parse(content, True)
