"""What matching says, put into words and bars for a page: no rank, no total, no reason beyond the record's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypedDict

from entrepairs.kernel.i18n import N_, Sentence
from entrepairs.matching.explaining import Answer, Explanation
from entrepairs.matching.pairs import Pair
from entrepairs.matching.relaxing import Relaxation
from entrepairs.matching.scoring import PART_LABELS, Part, PartKind, Weights
from entrepairs.web.demand_words import _, ngettext
from entrepairs.web.words import words

MEANINGS: Final[dict[PartKind, str]] = {
    PartKind.FAIRNESS: N_("who has the fewest of the hours they wished for that month"),
    PartKind.CONTINUITY: N_("who knows the place, and for two people, who has worked with whom"),
    PartKind.TRAVEL: N_("who lives near"),
    PartKind.WISHES: N_("who accepts to speak of the themes asked for, or likes coming with somebody"),
    PartKind.LEARNING: N_("who is learning beside a qualified colleague, or helps a colleague learn"),
}


class BarPart(TypedDict):
    """A part for `components/bars.html`."""

    kind: str
    label: str
    points: int
    sentence: str


@dataclass(frozen=True, slots=True)
class MatchRow:
    """A person, or two, who can come: names, words, bar, distance. `refs` are those to propose."""

    names: str
    refs: tuple[str, ...]
    parts: list[BarPart]
    note: str
    detail: str
    km: str
    label: str
    remarks: tuple[str, ...] = ()
    """What to know before proposing: a learner, an express agreement."""


def person_row(record: Explanation) -> MatchRow:
    """The row of one person."""
    km = _("remote") if record.km is None else _("%(km)s km", km=record.km)
    return _row(_whole(record.name), (record.peer_ref,), record.parts, km, notes=record.notes)


def pair_row(pair: Pair) -> MatchRow:
    """The row of two people."""
    names = _("%(first)s and %(last)s", first=_whole(pair.one.name), last=_whole(pair.other.name))
    km = _("remote") if pair.one.km is None else _("%(one)s and %(other)s km", one=pair.one.km, other=pair.other.km)
    together = ngettext("One mission held together", "%(num)s missions held together", pair.groups)
    notes = (*pair.one.notes, *(note for note in pair.other.notes if note not in pair.one.notes))
    return _row(names, pair.refs, pair.parts, km, detail=together if pair.groups else "", notes=notes)


def _whole(name: str) -> str:
    """« Samira A. » on one line."""
    return name.replace(" ", "\N{NO-BREAK SPACE}")


def _row(
    names: str, refs: tuple[str, ...], parts: Sequence[Part], km: str, *, detail: str = "", notes: Sequence[Sentence]
) -> MatchRow:
    note = note_of(parts)
    return MatchRow(
        names=names,
        refs=refs,
        parts=[bar_part(part) for part in parts],
        note=note,
        detail=detail,
        km=km,
        label=f"{names}\N{NO-BREAK SPACE}: {note}",
        remarks=tuple(words(each) for each in notes),
    )


def bar_part(part: Part) -> BarPart:
    """One part of the bar with its words."""
    sentence = words(part.sentence) if part.sentence else ""
    return {"kind": part.kind.value, "label": _(PART_LABELS[part.kind]), "points": part.points, "sentence": sentence}


def note_of(parts: Sequence[Part]) -> str:
    """The words under a bar: what speaks most for them, the journey apart since it has its column."""
    said = [part for part in parts if part.sentence is not None and part.kind is not PartKind.TRAVEL]
    strong = [part for part in said if part.points] or said[:1]
    return "\N{NARROW NO-BREAK SPACE}; ".join(words(part.sentence) for part in strong if part.sentence is not None)


@dataclass(frozen=True, slots=True)
class Absent:
    """Somebody for whom it is not possible this time, with every reason told."""

    name: str
    reasons: str


def absent_people(answer: Answer) -> list[Absent]:
    """Person by person."""
    return [
        Absent(record.name, ", ".join(words(reason.sentence) for reason in record.reasons))
        for record in answer.not_possible
    ]


def count_chips(answer: Answer) -> list[str]:
    """« 9 sans la qualification demandée »: how many by reason."""
    return [f"{count} {words(reason.sentence if count == 1 else reason.crowd)}" for reason, count in answer.counts]


def criteria_line() -> str:
    """« équité des heures · continuité · trajet · souhaits »."""
    return " · ".join(_(PART_LABELS[kind]).lower() for kind in PartKind)


def weight_lines(weights: Weights) -> list[tuple[str, int, str]]:
    """Label, weight and meaning of each part, for « comment ? »."""
    return [(_(PART_LABELS[kind]), weights.of(kind), _(MEANINGS[kind])) for kind in PartKind]


def lead_count(answer: Answer) -> str:
    """« 7 personnes peuvent venir. »"""
    count = len(answer.possible)
    return (
        ngettext("One person can come.", "%(num)s people can come.", count) if count else _("Nobody can come as it is.")
    )


def gain_words(found: Relaxation) -> str:
    """« 3 personnes de plus, avant leurs choix », or one fewer needed."""
    if found.fewer:
        return ngettext("one person fewer to find", "%(num)s people fewer to find", found.fewer)
    return ngettext(
        "one more person, if their choices allow it", "%(num)s more people, if their choices allow it", found.gain
    )
