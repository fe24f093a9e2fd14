"""Putting a `Sentence` into the reader's words: money, dates and instants written as on a page."""

from flask import Flask

from entrepairs.kernel.i18n import Sentence
from entrepairs.web.errors import readable, translated


def words(sentence: Sentence | str) -> str:
    """The sentence in the reader's language; text is left alone."""
    if isinstance(sentence, str):
        return sentence
    return translated(sentence)


def shown(value: object) -> object:
    """A value of any kind as a page writes it: a sentence, money, a date; text is left alone."""
    return readable(value)


def init_words(app: Flask) -> None:
    """Give `words` and `shown` to the templates, as filters."""
    app.jinja_env.filters["words"] = words
    app.jinja_env.filters["shown"] = shown
