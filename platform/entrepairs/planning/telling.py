"""Sentences and parts of a score as they are kept in a row, and given back."""

from collections.abc import Mapping, Sequence
from typing import Any

from entrepairs.kernel.i18n import Sentence
from entrepairs.matching.scoring import Part, PartKind


def kept_parts(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """The parts as JSON."""
    return [
        {"kind": part.kind.value, "points": part.points, "why": None if part.sentence is None else _kept(part.sentence)}
        for part in parts
    ]


def told_parts(rows: Sequence[Mapping[str, Any]]) -> tuple[Part, ...]:
    """The parts of a row."""
    return tuple(
        Part(PartKind(row["kind"]), int(row["points"]), None if row["why"] is None else _told(row["why"]))
        for row in rows
    )


def _kept(sentence: Sentence) -> dict[str, Any]:
    params = {
        name: {"sentence": _kept(value)} if isinstance(value, Sentence) else value
        for name, value in sentence.params.items()
    }
    return {"msgid": sentence.msgid, "params": params}


def _told(row: Mapping[str, Any]) -> Sentence:
    params = {
        name: _told(value["sentence"]) if isinstance(value, Mapping) else value for name, value in row["params"].items()
    }
    return Sentence(row["msgid"], params)
