"""How a grant is spoken of: its chip, its sentence."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from entrepairs.cooperative.models import Grant, GrantState
from entrepairs.kernel.i18n import N_
from entrepairs.web.demand_words import Chip, _
from entrepairs.web.filters import eve, plain_date

CHIPS: Final[dict[GrantState, tuple[str, str]]] = {
    GrantState.APPLIED: ("prop", N_("grant asked for")),
    GrantState.NOTIFIED: ("ok", N_("notified")),
    GrantState.RUNNING: ("ok", N_("running")),
    GrantState.REPORTED: ("todo", N_("report sent")),
    GrantState.CLOSED: ("done", N_("closed")),
}


def grant_choices(grants: Iterable[Grant]) -> list[tuple[str, str]]:
    """For a list to choose from: reference, funder and what for."""
    return [(grant.ref, f"{grant.funder}, {grant.purpose}") for grant in grants]


def grant_chip(state: GrantState) -> Chip:
    """The chip of a state."""
    tone, label = CHIPS[state]
    return Chip(tone, _(label))


def grant_status(grant: Grant, today: date) -> str:
    """Where a grant stands, in one sentence."""
    last = plain_date(eve(grant.span.end))
    if grant.state is GrantState.APPLIED:
        return _("Asked for. It counts as income once the funder has notified it.")
    if grant.state is GrantState.NOTIFIED:
        return _("Notified; it begins on %(day)s.", day=plain_date(grant.span.first))
    if grant.state is GrantState.RUNNING:
        over = grant.span.end <= today
        return _("Its period is over: the report remains.") if over else _("It runs until %(day)s.", day=last)
    if grant.state is GrantState.REPORTED:
        return _("The report has left. The grant is closed once all its money has come.")
    return _("Closed: nothing is owed on either side.")
