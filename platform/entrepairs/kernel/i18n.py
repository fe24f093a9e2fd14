"""Marking of user sentences. Rooms mark an English msgid; the web edge translates it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


def N_(msgid: str) -> str:
    """Mark `msgid` for extraction and return it unchanged (gettext's usual no-op marker)."""
    return msgid


@dataclass(frozen=True, slots=True)
class Sentence:
    """An untranslated sentence with its parameters.

    Parameters may be text, numbers, `Money`, `date`, aware `datetime` or `Period`: the edge writes them in the
    reader's language.
    """

    msgid: str
    params: Mapping[str, object] = field(default_factory=dict)
    plural: str | None = None
    """The msgid for several, chosen by the parameter `num`."""


def say(msgid: str, **params: object) -> Sentence:
    """Mark `msgid` for extraction and bind its parameters."""
    return Sentence(msgid, params)


def say_many(one: str, several: str, num: int, **params: object) -> Sentence:
    """Mark a sentence with its plural, chosen by `num` in the reader's language; `%(num)s` may be written in it."""
    return Sentence(one, {**params, "num": num}, several)
