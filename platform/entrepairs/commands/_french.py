"""Sentences in French by the compiled catalogue alone: for commands that load no application and no database."""

import gettext
from functools import lru_cache

from entrepairs.kernel.i18n import Sentence
from entrepairs.paths import PACKAGE


@lru_cache(maxsize=1)
def _catalogue() -> gettext.NullTranslations:
    return gettext.translation("messages", PACKAGE / "translations", ["fr"], fallback=True)


def said(sentence: Sentence) -> str:
    """The sentence and those among its parameters."""
    shown = {name: said(value) if isinstance(value, Sentence) else value for name, value in sentence.params.items()}
    text = _catalogue().gettext(sentence.msgid)
    return text % shown if shown else text
