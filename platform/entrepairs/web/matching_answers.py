"""What matching says, for a machine: the same records and the same words as the page. One shape for the command line,
the page's JSON and whatever else answers later, so that none can tell more than another.
"""

from collections.abc import Iterable
from typing import Any

from entrepairs.matching.explaining import Answer, Explanation
from entrepairs.matching.pairs import Pair
from entrepairs.matching.relaxing import Relaxation
from entrepairs.web.matching_words import bar_part, gain_words
from entrepairs.web.words import words


def explained(answer: Answer, pairs: Iterable[Pair] = ()) -> dict[str, Any]:
    """The records in words, and the pairs shown for two seats: no rank, no total, one reason for every choice."""
    return {
        "demand": answer.ask.ref,
        "pairs": [_pair(pair) for pair in pairs],
        "possible": [_possible(each.explanation) for each in answer.possible],
        "not_possible": [
            {
                "peer": record.peer_ref,
                "name": record.name,
                "reasons": [{"code": r.code, "words": words(r.sentence)} for r in record.reasons],
            }
            for record in answer.not_possible
        ],
        "counts": [{"code": reason.code, "count": count} for reason, count in answer.counts],
    }


def nobody_looked_for(demand_ref: str, why: str) -> dict[str, Any]:
    """The same shape when there is nothing to look for, and why."""
    return {"demand": demand_ref, "over": why, "pairs": [], "possible": [], "not_possible": [], "counts": []}


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "peers": list(pair.refs),
        "names": [pair.one.name, pair.other.name],
        "missions_together": pair.groups,
        "parts": [dict(bar_part(part)) for part in pair.parts],
    }


def _possible(record: Explanation) -> dict[str, Any]:
    return {
        "peer": record.peer_ref,
        "name": record.name,
        "km": record.km,
        "parts": [dict(bar_part(part)) for part in record.parts],
        "notes": [words(note) for note in record.notes],
    }


def widened(demand_ref: str, found: Iterable[Relaxation]) -> dict[str, Any]:
    """What the demand could bend, and what each change gains."""
    return {
        "demand": demand_ref,
        "changes": [
            {
                "code": one.code,
                "words": words(one.sentence),
                "people": one.gain,
                "fewer": one.fewer,
                "gain": gain_words(one),
            }
            for one in found
        ],
    }
