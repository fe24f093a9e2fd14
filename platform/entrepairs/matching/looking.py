"""« Qui peut venir ? »: the answer for one demand, as things stand now."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import Period, paris_day
from entrepairs.kernel.parameters import figures
from entrepairs.matching.explaining import Answer, Explanation, consider
from entrepairs.matching.gathering import gather_ask, gather_pool
from entrepairs.matching.index import holding
from entrepairs.matching.pairs import Pair, kept_apart, pairs
from entrepairs.matching.relaxing import FARTHEST, Relaxation, relaxations
from entrepairs.matching.scoring import Weights
from entrepairs.matching.values import LOOK_AROUND, HomeVisits, Limits
from entrepairs.settings.decisions import decision_or, decisions_on
from entrepairs.supervision.due import BLOCKS


@dataclass(frozen=True, slots=True)
class Look:
    """Everybody with their record and, where two are missing, the pairs; with the weights that made the order."""

    answer: Answer
    pairs: tuple[Pair, ...]
    weights: Weights


def weights_on(session: Session, day: date) -> Weights:
    """The weights voted for that day (`matching.weights`), or the defaults."""
    return Weights.voted(decision_or(session, "matching.weights", day, None))


CALL_OUT_REST: Final = "peer_protection.call_out_rest_hours"
VOLUNTEER_WEEK: Final = "peer_protection.volunteer_week_hours"
VOLUNTEER_MONTH: Final = "peer_protection.volunteer_month_hours"
HOME_VISITS: Final = "peer_protection.home_visits"
"""Decisions that take the place of the house's dated figures, or defaults, of the same names."""


def limits_on(session: Session, day: date) -> Limits:
    """The legal figures in force that day, with what the association has voted for its own protections."""
    voted = decisions_on(session, (CALL_OUT_REST, VOLUNTEER_WEEK, VOLUNTEER_MONTH, HOME_VISITS, BLOCKS), day)
    return Limits.on(figures(), day).voted(
        call_out_rest_hours=voted.get(CALL_OUT_REST),
        volunteer_week_hours=voted.get(VOLUNTEER_WEEK),
        volunteer_month_hours=voted.get(VOLUNTEER_MONTH),
        home_visits=HomeVisits(voted[HOME_VISITS]) if HOME_VISITS in voted else None,
        supervision_blocks=voted.get(BLOCKS),
    )


def look(
    session: Session,
    demand_ref: str,
    *,
    clock: Clock,
    peer_refs: Sequence[str] | None = None,
    periods: tuple[Period, ...] | None = None,
    unpaired: Collection[str] = (),
    without: int | None = None,
) -> Look:
    """Look at the whole team, or at a few references (each for themselves, to send or to accept). Changes nothing.

    The whole team is looked at in memory when this process holds it and the session has written nothing; a few
    references, always in the database.
    `periods`: what a draft wishes. `unpaired`: references that may come but make no pair. `without`: a holder's id,
    whose seat is looked at as if it were free.
    Raises NotFound("demand"), Conflict("nothing_to_come").
    """
    ask = gather_ask(session, demand_ref, clock=clock, periods=periods, without=without)
    weights = weights_on(session, ask.today)
    limits = limits_on(session, paris_day(ask.span.start))
    answer = holding.answer(session, ask, limits, weights) if peer_refs is None else None
    if answer is None:
        answer = consider(ask, gather_pool(session, ask, peer_refs), limits, weights)
    if peer_refs is None:
        answer = kept_apart(answer)
    made = pairs(ask, answer.possible, weights, leave_out=unpaired) if ask.free_seats > 1 else ()
    return Look(answer, made, weights)


def widen(session: Session, demand_ref: str, *, clock: Clock) -> tuple[Relaxation, ...]:
    """What the demand could bend to find more people, the nearest to what was asked first. Changes nothing.

    Raises NotFound("demand"), Conflict("nothing_to_come").
    """
    ask = gather_ask(session, demand_ref, clock=clock)
    limits = limits_on(session, paris_day(ask.span.start))
    found = holding.relaxations(session, ask, limits, missing=ask.free_seats)
    if found is None:
        pool = gather_pool(session, ask, around=LOOK_AROUND + FARTHEST)
        found = relaxations(ask, pool, limits, missing=ask.free_seats)
    return found


def only(answer: Answer, peer_ref: str) -> Answer:
    """The same answer narrowed to one peer: what a page of everybody tells of them, and nothing else."""
    return replace(
        answer,
        possible=tuple(each for each in answer.possible if each.candidate.ref == peer_ref),
        not_possible=tuple(record for record in answer.not_possible if record.peer_ref == peer_ref),
    )


def record_of(answer: Answer, peer_ref: str) -> Explanation | None:
    """The record of one peer, or None when nobody of that reference was looked at."""
    everybody = (*(each.explanation for each in answer.possible), *answer.not_possible)
    return next((record for record in everybody if record.peer_ref == peer_ref), None)
