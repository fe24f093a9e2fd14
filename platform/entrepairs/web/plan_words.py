"""What a plan says, in words: how far the search is, how good it is, why nobody was found, hours before and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from entrepairs.demands.models import Assignment, Demand
from entrepairs.demands.queries import dates_sentence, title_of
from entrepairs.dispatch.models import Handover, HandoverState
from entrepairs.kernel.i18n import N_, Sentence, say
from entrepairs.matching.explaining import SHARED_REASON
from entrepairs.matching.hard_rules import ORDINARY
from entrepairs.network.models import Peer
from entrepairs.outbox.models import Run
from entrepairs.outbox.states import RunState
from entrepairs.planning.eligibility import ALONE, SAID_NO, TAKEN_IN_PLAN
from entrepairs.planning.models import Plan, PlanDemand, PlanHours, PlanProposal
from entrepairs.planning.queries import HoursCounts, PlanCounts
from entrepairs.planning.searching import CHECKING, READING
from entrepairs.planning.states import ProposalState
from entrepairs.planning.telling import told_parts
from entrepairs.web.demand_words import Chip, _, ngettext
from entrepairs.web.filters import duration, number
from entrepairs.web.matching_words import BarPart, bar_part, note_of
from entrepairs.web.words import words

CROWDS: Final[Mapping[str, Sentence]] = {
    **{rule.code: rule.crowd for rule in ORDINARY},
    SHARED_REASON.code: SHARED_REASON.crowd,
    SAID_NO: say("who answered that they can't"),
    ALONE: say("who could come alone, where two are needed"),
    TAKEN_IN_PLAN: say("kept for another demand of this plan"),
}
"""What is said of several people, after their number, by the code of a reason."""
HALF_HOUR: Final = 30
RUN_CHIPS: Final = {
    RunState.QUEUED: ("todo", N_("waiting to start")),
    RunState.RUNNING: ("prop", N_("at work")),
    RunState.DONE: ("ok", N_("ready")),
    RunState.STOPPED: ("ok", N_("stopped, ready")),
    RunState.FAILED: ("no", N_("failed")),
}
TIMES: Final = {
    10: N_("10 seconds"),
    30: N_("30 seconds"),
    60: N_("1 minute"),
    180: N_("3 minutes"),
    600: N_("10 minutes"),
}
"""Time one may give to the search, in seconds."""


def progress_text(run: Run, demands: int) -> str:
    """How far a search is, on one line."""
    told = run.progress
    if run.state is RunState.QUEUED or not told:
        return _("It begins in a moment.")
    if told["phase"] == READING:
        return _("Reading the demands, the team and its diaries.")
    if told["phase"] == CHECKING:
        return _("Looking at every proposal again with the rules.")
    served = ngettext(
        "Best so far: one demand served of %(of)s",
        "Best so far: %(num)s demands served of %(of)s",
        told["served"],
        of=demands,
    )
    time = _("%(done)s s of %(total)s", done=told["done"], total=told["total"])
    return " · ".join((served, gap_words(told["gap"]), time))


def gap_words(gap: float | None) -> str:
    """How far the plan is from what none can go beyond."""
    if gap is None:
        return _("no limit proven yet")
    if gap <= 0:
        return _("no plan can do better")
    return _("at most %(gap)s %% from what no plan can go beyond", gap=number(gap))


def lead_of(counts: PlanCounts, gap: float | None, *, held: bool = False) -> str:
    """« 212 demandes sur 240 trouvent quelqu'un ; à 0,8 % au plus de ce qu'aucun plan ne peut dépasser. »"""
    if held and not counts.to_serve:
        return moves_words(counts)
    if counts.served == counts.to_serve == 1:
        return _("%(found)s; %(gap)s.", found=_("The demand finds everybody it needs"), gap=gap_words(gap))
    found = ngettext(
        "One demand of %(of)s finds everybody it needs",
        "%(num)s demands of %(of)s find everybody they need",
        counts.served,
        of=counts.to_serve,
    )
    return _("%(found)s; %(gap)s.", found=found, gap=gap_words(gap))


def moves_words(counts: PlanCounts) -> str:
    """How many missions accepted could change hands."""
    if not counts.moves:
        return _("Nothing would be gained by a change: everybody keeps what they accepted.")
    return ngettext(
        "One mission accepted could change hands, if both people agree.",
        "%(num)s missions accepted could change hands, if both people agree each time.",
        counts.moves,
    )


def plan_chip(plan: Plan) -> Chip:
    """Where a plan stands."""
    if plan.run is None:
        return Chip("todo", _("waiting to start"))
    if plan.concluded_at is None and plan.run.state is RunState.STOPPED:
        return Chip("done", _("stopped"))
    tone, label = RUN_CHIPS[plan.run.state]
    return Chip(tone, _(label))


def failure_words(run: Run) -> str:
    """Why a search came to nothing."""
    if run.failure is None:
        return _("The search was stopped before it began.")
    return words(Sentence(run.failure["msgid"], run.failure["params"]))


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """Somebody proposed for a demand."""

    name: str
    km: str
    parts: list[BarPart]
    note: str
    chip: Chip | None
    after: str = ""
    """What has to happen first."""


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A demand with who is proposed; `choosable` while nobody has asked that they leave."""

    ref: str
    title: str
    dates: str
    missing: str
    people: list[ProposalRow]
    choosable: bool


@dataclass(frozen=True, slots=True)
class MissedRow:
    """A demand for which not everybody was found, with the reason that weighs most and the others."""

    ref: str
    title: str
    dates: str
    reason: str
    others: list[str]


def found_row(line: PlanDemand, waits: Mapping[int, Demand] | None = None) -> FoundRow:
    """The row of a demand served. `waits`: who would first be asked to hand another mission over."""
    return FoundRow(
        ref=line.demand.ref,
        title=title_of(line.demand),
        dates=dates_of(line.demand),
        missing=_short_of(line),
        people=[_person(one, waits or {}, asked=line.apply_asked_at is not None) for one in line.proposals],
        choosable=line.apply_asked_at is None and any(one.state is ProposalState.PROPOSED for one in line.proposals),
    )


def dates_of(demand: Demand) -> str:
    """When a demand is."""
    return words(dates_sentence(demand))


def _short_of(line: PlanDemand) -> str:
    left = line.missing - line.found
    return ngettext("one person is still missing", "%(num)s people are still missing", left) if left else ""


def _person(one: PlanProposal, waits: Mapping[int, Demand], *, asked: bool) -> ProposalRow:
    parts = told_parts(one.parts)
    return ProposalRow(
        name=_name(one.peer),
        km=_("remote") if one.km is None else _("%(km)s km", km=one.km),
        parts=[bar_part(part) for part in parts],
        note=note_of(parts),
        chip=_chip(one.state, asked=asked),
        after=_("only if they agree to hand over: %(what)s", what=title_of(waits[one.peer_id]))
        if one.peer_id in waits and one.state is ProposalState.PROPOSED
        else "",
    )


@dataclass(frozen=True, slots=True)
class AcceptedRow:
    """A mission accepted that may be looked at again."""

    ref: str
    title: str
    dates: str
    who: str


def accepted_row(one: Assignment) -> AcceptedRow:
    """The row of a mission accepted."""
    return AcceptedRow(one.ref, title_of(one.demand), dates_of(one.demand), _name(one.peer))


@dataclass(frozen=True, slots=True)
class MovePerson:
    """A seat that would change hands: who leaves, who would come, what it gains."""

    leaves: str
    comes: str
    km: str
    parts: list[BarPart]
    note: str
    gains: list[str]
    chip: Chip | None


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A demand held already, with the seats that would change hands."""

    ref: str
    title: str
    dates: str
    people: list[MovePerson]
    choosable: bool


def move_row(line: PlanDemand, asked: Mapping[int, Handover], served: Mapping[str, Demand]) -> MoveRow:
    """The row of a demand of which somebody would be asked to hand over."""
    return MoveRow(
        ref=line.demand.ref,
        title=title_of(line.demand),
        dates=dates_of(line.demand),
        people=[_mover(one, asked.get(one.id), served) for one in line.proposals],
        choosable=line.apply_asked_at is None and any(one.state is ProposalState.PROPOSED for one in line.proposals),
    )


def _mover(one: PlanProposal, asked: Handover | None, served: Mapping[str, Demand]) -> MovePerson:
    parts, gain = told_parts(one.parts), one.gain or {}
    gains = [
        _("%(name)s could then go to: %(what)s", name=_leaver(one), what=title_of(served[ref]))
        for ref in gain.get("serves", ())
        if ref in served
    ]
    if (minutes := gain.get("minutes", 0)) >= HALF_HOUR:
        gains.append(_("%(hours)s nearer to what both wish", hours=duration(minutes // HALF_HOUR * HALF_HOUR)))
    if (km := gain.get("km", 0)) > 0:
        gains.append(_("%(km)s km of road spared in all", km=km))
    if not gains:
        gains.append(_("nearer to what this person knows and prefers"))
    chip = _handover_chip(asked) if asked is not None else _chip(one.state, asked=one.line.apply_asked_at is not None)
    km_told = _("remote") if one.km is None else _("%(km)s km", km=one.km)
    return MovePerson(
        _leaver(one), _name(one.peer), km_told, [bar_part(part) for part in parts], note_of(parts), gains, chip
    )


def _leaver(one: PlanProposal) -> str:
    return "" if one.replaces is None else _name(one.replaces.peer)


def _name(peer: Peer) -> str:
    return peer.short_name.replace(" ", "\N{NO-BREAK SPACE}")


HANDOVER_CHIPS: Final[Mapping[HandoverState, tuple[str, str]]] = {
    HandoverState.ASKED: ("prop", N_("asked: no answer yet")),
    HandoverState.AGREED: ("prop", N_("agrees; the other person is asked")),
    HandoverState.KEPT: ("done", N_("keeps it")),
    HandoverState.DONE: ("ok", N_("has changed hands")),
    HandoverState.LAPSED: ("done", N_("the other person does not come: stays")),
}


def _handover_chip(row: Handover) -> Chip:
    tone, label = HANDOVER_CHIPS[row.state]
    return Chip(tone, _(label))


def _chip(state: ProposalState, *, asked: bool) -> Chip | None:
    if state is ProposalState.SENT:
        return Chip("ok", _("proposed"))
    if state is ProposalState.GONE:
        return Chip("done", _("no longer possible: left as it was"))
    return Chip("prop", _("leaving")) if asked else None


def missed_row(line: PlanDemand) -> MissedRow:
    """The row of a demand unserved."""
    told = list(line.reasons or [])
    return MissedRow(
        ref=line.demand.ref,
        title=title_of(line.demand),
        dates=dates_of(line.demand),
        reason=_first_reason(told, line),
        others=[_counted(code, count) for code, count in told],
    )


def _first_reason(told: Sequence[tuple[str, int]], line: PlanDemand) -> str:
    if not told:
        return _("Nobody in the team for these dates.")
    code = told[0][0]
    if code == TAKEN_IN_PLAN:
        first = _("Nobody is free: already kept for another demand of this plan.")
    elif code == ALONE:
        first = _("Only one person could come, and two are needed.")
    else:
        first = ngettext(
            "Mostly: one person %(reason)s.",
            "Mostly: %(num)s people %(reason)s.",
            told[0][1],
            reason=words(CROWDS[code]),
        )
    if not line.found:
        return first
    half = _("One person is found, one is missing.")
    return f"{first} {half}"


def _counted(code: str, count: int) -> str:
    return f"{count} {words(CROWDS[code])}"


@dataclass(frozen=True, slots=True)
class HoursRow:
    """Somebody's hours and journeys before and with the plan."""

    ref: str
    name: str
    before: str
    after: str
    wished: str
    km: str
    percent: int
    label: str


def hours_row(row: PlanHours) -> HoursRow:
    """The row of somebody who gains hours."""
    percent = 100 * row.minutes_after // row.wished_minutes if row.wished_minutes else 100
    name = row.peer.short_name.replace(" ", "\N{NO-BREAK SPACE}")
    wish = 30 * round(row.wished_minutes / 30)  # a share of the month, to the half-hour: nobody wishes 58 minutes
    before, after, wished = (duration(each) for each in (row.minutes_before, row.minutes_after, wish))
    return HoursRow(
        ref=row.peer.ref,
        name=name,
        before=before,
        after=after,
        wished=wished,
        km=_("%(before)s → %(after)s km", before=row.km_before, after=row.km_after),
        percent=min(100, percent),
        label=_("%(name)s: %(after)s of the %(wished)s wished", name=name, after=after, wished=wished),
    )


def hours_lead(counts: HoursCounts) -> str:
    """Who gains, who still has none."""
    if not counts.gaining:
        return _("Nobody gains hours.")
    gaining = ngettext(
        "One person gains %(hours)s.",
        "%(num)s people gain %(hours)s in all.",
        counts.gaining,
        hours=_("%(n)s h", n=number(counts.minutes // 60)),
    )
    without = ngettext(
        "One person who wishes hours still has none.",
        "%(num)s people who wish hours still have none.",
        counts.without,
    )
    return f"{gaining} {without}" if counts.without else gaining


def sending_text(counts: PlanCounts) -> str:
    """How many proposals have left."""
    return _("%(sent)s sent, %(asked)s on their way", sent=counts.sent, asked=counts.asked)
