"""A need of today in words: one sentence, then what was done and when. No name before a yes."""

from dataclasses import dataclass

from flask_babel import ngettext

from entrepairs.demands.states import OFFERABLE, DemandState
from entrepairs.dispatch.following import ENDED, Following
from entrepairs.web.demand_words import _, status_sentence
from entrepairs.web.filters import clock_time


@dataclass(frozen=True, slots=True)
class NeedStep:
    """One point of the picture: `done`, `now` or `next`."""

    state: str
    label: str
    detail: str = ""


def need_sentence(found: Following) -> str:
    """Where it stands, honestly."""
    if found.over:
        return _ended(found)
    if found.coming and found.period is not None:
        names, hour = ", ".join(found.coming), clock_time(found.period.start)
        return _("%(names)s comes. Arrival around %(hour)s.", names=names, hour=hour)
    return _looking(found) if found.demand.state in OFFERABLE else _before(found)


def _before(found: Following) -> str:
    """Nobody may be asked yet."""
    if found.waits_for_association:
        return _("No agreement covers this need: the association calls you back first. Nobody has been asked yet.")
    if found.demand.state is DemandState.AWAITING_ENGAGEMENT:
        return _("Your engagement number is missing: nobody is asked before.")
    return _("Received. We look whether your agreement covers it: a few seconds.")


def _looking(found: Following) -> str:
    if not found.asked:
        return _("It is confirmed. The association looks for who is free; nobody has been asked yet.")
    if not found.waiting:
        return _("Nobody for now: those we asked can't come. We go on looking; call us to see together.")
    asked = ngettext("One person has been asked.", "%(num)s people have been asked.", found.waiting)
    return _("Nobody for now. %(asked)s", asked=asked)


def _ended(found: Following) -> str:
    if found.demand.state in ENDED - {DemandState.CLOSED}:
        return status_sentence(found.demand)
    if found.coming:
        return _("It is over. Thank you for your trust.")
    return _("The hour is over and we found nobody. We are sorry. Call us to see together.")


def need_steps(found: Following) -> list[NeedStep]:
    """Received, proposed, seen, accepted: the first that has not happened is going on."""
    received = found.demand.submitted_at
    told = [(_("Received"), clock_time(received) if received else "", True)]
    if found.waits_for_association:
        told.append((_("The association calls you back"), "", False))
    told += [
        (_("Proposed"), _asked(found), found.asked > 0),
        (_("Seen"), _seen(found), found.seen > 0 or bool(found.coming)),
        (_("Accepted"), _accepted(found), bool(found.coming)),
    ]
    steps, current = [], not found.over
    for label, detail, done in told:
        steps.append(NeedStep("done" if done else ("now" if current else "next"), label, detail))
        current = current and done
    return steps


def _asked(found: Following) -> str:
    if not found.asked or found.asked_at is None:
        return ""
    people = ngettext("to one person", "to %(num)s people", found.asked)
    return f"{people}, {clock_time(found.asked_at)}"


def _seen(found: Following) -> str:
    if not found.seen or found.seen_at is None:
        return ""
    people = ngettext("by one person", "by %(num)s people", found.seen)
    return f"{people}, {clock_time(found.seen_at)}"


def _accepted(found: Following) -> str:
    if not found.coming or found.period is None:
        return ""
    return _("%(names)s, around %(hour)s", names=", ".join(found.coming), hour=clock_time(found.period.start))
