"""How a late invoice is told: its chip, where its term comes from, what was said and decided."""

from collections.abc import Iterable, Sequence
from typing import Final

from flask_babel import gettext as _
from flask_babel import ngettext

from entrepairs.billing.dunning.ladder import WORDS, Step
from entrepairs.billing.dunning.models import DunningPause, Outcome, PauseKind
from entrepairs.billing.dunning.standing import Halt, Standing
from entrepairs.billing.dunning.terms import BANDS, RunsFrom, Term, band
from entrepairs.billing.transmission.codes import REASON_LABELS
from entrepairs.billing.transmission.life import LifeState
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.web import filters
from entrepairs.web.pictures import AgeingBar, ageing_bars

TONES: Final = {Step.FRIENDLY: "todo", Step.REMINDER: "todo", Step.FORMAL: "no", Step.RECOVERY: "no"}

ORIGINS: Final = {
    RunsFrom.INVOICE: N_("from the invoice of %(day)s"),
    RunsFrom.RECEIVED: N_("from its receipt on %(day)s"),
    RunsFrom.SERVICE: N_("from the end of the service, %(day)s"),
    RunsFrom.PRESUMED: N_("no receipt known: from %(day)s, two days after the invoice"),
}
OUTCOMES: Final = {Outcome.CLAIMED: N_("asked for"), Outcome.WAIVED: N_("given up")}
PAUSES: Final = {PauseKind.DISPUTE: N_("invoice contested"), PauseKind.PROMISE: N_("payment told")}

HALTED: Final = {
    LifeState.SUSPENDED: N_("suspended by the payer"),
    LifeState.DISPUTED: N_("invoice contested"),
    LifeState.TO_RECYCLE: N_("not received"),
    LifeState.REFUSED: N_("refused by the payer"),
    LifeState.REJECTED: N_("rejected"),
    LifeState.INADMISSIBLE: N_("not received"),
    LifeState.CANCELLED: N_("cancelled there"),
}
HALTED_ON: Final = {
    LifeState.SUSPENDED: N_("suspended by the payer on %(day)s: it waits for a document"),
    LifeState.DISPUTED: N_("contested by the payer on %(day)s"),
    LifeState.TO_RECYCLE: N_("not received: its recipient was not found on %(day)s"),
    LifeState.REFUSED: N_("refused by the payer on %(day)s: a credit note corrects it"),
    LifeState.REJECTED: N_("rejected on %(day)s: a credit note corrects it"),
    LifeState.INADMISSIBLE: N_("not received: its file could not be read on %(day)s"),
    LifeState.CANCELLED: N_("cancelled there on %(day)s"),
}
"""What the payer's platform said, which nobody is reminded of a payment under."""


def step_chip(step: Step) -> tuple[str, str]:
    """Tone and translated word."""
    return TONES[step], _(WORDS[step])


def standing_chip(one: Standing) -> tuple[str, str]:
    """What matters first: contested, promised, then the last step taken, then how late."""
    if one.disputed:
        return "prop", _("invoice contested")
    if one.halt is not None:
        return "prop", _(HALTED[one.halt.state])
    if one.pause is not None:
        return "prop", _("payment told")
    if not one.days_late:
        return "done", _("in time")
    if one.last is not None:
        return step_chip(one.last.step)
    return "todo", _("late")


def term_text(term: Term) -> str:
    """« 50 jours à compter de sa réception le 3 mars »: what the real end counts from."""
    return str(_(ORIGINS[term.runs_from], day=filters.plain_date(term.start)))


def standing_text(one: Standing) -> str:
    """One sentence: how late, what waits, what comes next."""
    parts = [late_text(one)]
    if one.halt is not None:
        parts.append(halt_text(one.halt))
    if (pause := one.pause) is not None:
        parts.append(pause_text(pause))
    elif one.bank_disputed:
        parts.append(_("paid online, then contested at the payer's bank"))
    elif one.session_disputed:
        parts.append(_("one of its sessions is being discussed"))
    elif (broken := one.broken_promise) is not None and broken.until is not None:
        parts.append(_("payment told for %(day)s, not come", day=filters.plain_date(broken.until)))
    if one.last is not None:
        parts.append(_("%(step)s on %(day)s", step=_(WORDS[one.last.step]), day=filters.plain_date(one.last.taken_on)))
    if one.next is not None and one.days_late and not one.waits and one.due_step is None:
        parts.append(_("next: %(step)s on %(day)s", step=_(WORDS[one.next.step]), day=filters.plain_date(one.next.on)))
    return " · ".join(parts)


def halt_text(halt: Halt) -> str:
    """« suspendue par le payeur le 3 mars : il manque une pièce »."""
    label = REASON_LABELS.get(halt.said.reason or "")
    told = _(HALTED_ON[halt.state], day=filters.plain_date(halt.since))
    return f"{told} ({_(label)})" if label else str(told)


def late_text(one: Standing) -> str:
    """« 12 jours de retard », or the day it is due."""
    if one.days_late:
        return str(ngettext("one day late", "%(num)s days late", one.days_late))
    return str(_("to be paid by %(day)s", day=filters.plain_date(one.term.due_on)))


def pause_text(pause: DunningPause) -> str:
    """« contestée : une séance comptée deux fois », « règlement annoncé pour le 12 mars »."""
    if pause.kind is PauseKind.PROMISE and pause.until is not None:
        told = _("payment told for %(day)s", day=filters.plain_date(pause.until))
        return f"{told} ({pause.reason})" if pause.reason else str(told)
    return str(_("contested since %(day)s: %(why)s", day=filters.plain_date(pause.opened_on), why=pause.reason))


def age_bars(standings: Iterable[Standing]) -> list[AgeingBar]:
    """What is owed: in time, then 0 to 30 days late, 31 to 60, 61 to 90, beyond."""
    sums = [Money(0)] * (len(BANDS) + 2)
    for one in standings:
        place = band(one.days_late) + 1 if one.days_late else 0
        sums[place] += one.balance
    labels = [
        _("In time"),
        _("Up to 30 days late"),
        _("31 to 60 days"),
        _("61 to 90 days"),
        _("More than 90 days"),
    ]
    return ageing_bars(list(zip(labels, sums, strict=True)))


def late_sum(standings: Sequence[Standing]) -> Money:
    """What is past its real term."""
    return Money.sum(one.balance for one in standings if one.days_late)
