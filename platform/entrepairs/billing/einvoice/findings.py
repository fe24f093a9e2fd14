"""What a check finds: one shape for the schema, the norm, the French rules and our own."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from entrepairs.billing.einvoice.rule_sets import Layer
from entrepairs.billing.einvoice.terms import Reading, name_of, place_of
from entrepairs.kernel.i18n import Sentence
from entrepairs.kernel.identifiers import HOLLOW

ERROR: Final = "error"
WARNING: Final = "warning"
CREDIT_NOTES: Final = frozenset({"261", "381", "396", "502", "503"})
"""BT-3, UNTDID 1001."""
EMPTY_WORDS: Final = HOLLOW | {
    "?",
    "à compléter",
    "a completer",
    "todo",
    "tbd",
    "xxx",
    "sans objet",
    "vide",
    "test",
    "aucune",
}
"""What people leave where something should be said."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that does not hold: an error, or a warning that stops nothing.

    `term` is the BT or BG to mend (empty when the whole document is meant), `place` where it stands, `official` the
    rule's own words when it is not ours.
    """

    rule: str
    layer: Layer
    severity: str
    term: str
    place: str
    sentence: Sentence
    official: str = ""

    @property
    def blocks(self) -> bool:
        """Whether the document fails by it."""
        return self.severity == ERROR


Found = Iterator[Finding]
Rule = Callable[[Reading, str], Found]
"""One of our rules: a reading and its profile in, findings out."""


def ours(rule: str, term: str, node: etree._Element | None, sentence: Sentence, *, severity: str = ERROR) -> Finding:
    """A finding of this house; the sentence is given the French name of the field and its number."""
    named = Sentence(sentence.msgid, {"what": f"{name_of(term)} ({term})" if term else "?", **sentence.params})
    return Finding(rule, Layer.OURS, severity, term, place_of(node) if node is not None else "", named)


def is_empty(text: str) -> bool:
    """Whether a mention says nothing: blank, a dot, « N/A », « à compléter »…"""
    said = text.strip().strip(" .").lower()
    return said in EMPTY_WORDS or not re.search(r"\w", said)
