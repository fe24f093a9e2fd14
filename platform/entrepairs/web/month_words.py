"""What the month end says, in words, and the page where each thing in its way is mended; for the page and the command."""

from collections.abc import Mapping
from typing import Any, Final

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.billing.models import Invoice, InvoiceState
from entrepairs.billing.month.obstacles import Kind, Obstacle
from entrepairs.billing.month.running import DRAFTING, ISSUING
from entrepairs.kernel.i18n import N_, Sentence
from entrepairs.kernel.money import Money
from entrepairs.network.models import Partner
from entrepairs.outbox.models import Run
from entrepairs.outbox.states import RunState
from entrepairs.web.demand_words import Chip, _, ngettext
from entrepairs.web.filters import money, number
from entrepairs.web.office.invoice_mending import Mending, mending_of
from entrepairs.web.words import words

CHIPS: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.REPORT: ("todo", N_("report missing")),
    Kind.WORD: ("todo", N_("not confirmed")),
    Kind.DISPUTED: ("no", N_("under discussion")),
    Kind.STRUCTURE: ("no", N_("structure")),
    Kind.ENGAGEMENT: ("no", N_("commitment")),
    Kind.YEARLY: ("no", N_("commitment")),
    Kind.PRICE: ("no", N_("price")),
    Kind.REGIME: ("no", N_("VAT")),
    Kind.CEILING: ("no", N_("ceiling passed")),
    Kind.DRAFT: ("no", N_("draft refused")),
}


_SESSION: Final = ("office.mission_session", ("ref",), N_("See the session"))
_AGREEMENT: Final = ("office.agreement", ("ref",), N_("See the agreement"))
_PAGES: Final[Mapping[Kind, tuple[str, tuple[str, ...], str]]] = {
    Kind.REPORT: _SESSION,
    Kind.WORD: _SESSION,
    Kind.DISPUTED: _SESSION,
    Kind.STRUCTURE: ("office.edit_sheet", ("ref",), N_("Mend it on the page of the structure")),
    Kind.ENGAGEMENT: ("office.engagement", ("ref",), N_("Write the commitment number")),
    Kind.YEARLY: _AGREEMENT,
    Kind.CEILING: _AGREEMENT,
    Kind.PRICE: ("office.price", ("code",), N_("Vote a price")),
    Kind.REGIME: ("office.decisions", (), N_("See our decisions")),
}
"""The page, the name of what its address holds, the words of its link."""


def obstacle_chip(kind: Kind) -> Chip:
    """Its tone and word."""
    tone, word = CHIPS[kind]
    return Chip(tone, _(word))


def way_out(session: Session, one: Obstacle) -> Mending:
    """Where an obstacle is mended."""
    if one.kind is Kind.DRAFT:
        return _of_draft(session, one.ref, one.field)
    endpoint, names, label = _PAGES[one.kind]
    address = url_for(endpoint, **dict.fromkeys(names, one.ref))  # type: ignore[arg-type]
    return Mending(address, _(label))


def _of_draft(session: Session, ref: str, field: str | None) -> Mending:
    row = session.scalars(select(Invoice).where(Invoice.ref == ref)).one_or_none()
    found = mending_of(row, field) if row is not None else None
    return found or Mending(url_for("office.bill", ref=ref), _("See the draft"))


def left_aside(session: Session, run: Run) -> list[Obstacle]:
    """What the run refused and that is still to be mended: a draft issued or thrown away since is not told."""
    told: list[dict[str, Any]] = (run.kept or {}).get("told", [])
    found = []
    for one in told:
        said = Sentence(one["msgid"], one["params"])
        if "structure" in one:
            partner = session.scalars(select(Partner).where(Partner.ref == one["structure"])).one_or_none()
            if partner is not None:
                found.append(Obstacle(Kind.STRUCTURE, partner.ref, partner.name, said))
            continue
        draft = session.scalars(
            select(Invoice).where(Invoice.ref == one["draft"], Invoice.state == InvoiceState.DRAFT)
        ).one_or_none()
        if draft is not None:
            found.append(Obstacle(Kind.DRAFT, draft.ref, draft.partner.name, said, one["field"]))
    return found


def progress_text(run: Run) -> str:
    """« 120 factures émises sur 300 · 240 par minute · encore 45 s »."""
    told = run.progress
    if run.state is RunState.QUEUED or not told:
        return _("It begins in a moment.")
    if told["phase"] == DRAFTING:
        return _("Drafts: structure %(done)s of %(total)s", done=told["done"], total=told["total"])
    if told["phase"] != ISSUING:
        return _("Reading what is to be billed.")
    parts = [
        ngettext(
            "One invoice issued, %(done)s of %(total)s drafts seen",
            "%(num)s invoices issued, %(done)s of %(total)s drafts seen",
            told["issued"],
            done=told["done"],
            total=told["total"],
        )
    ]
    if told.get("refused"):
        parts.append(ngettext("one left aside", "%(num)s left aside", told["refused"]))
    if "per_minute" in told and told["done"] < told["total"]:
        parts.append(_("%(rate)s a minute", rate=number(round(told["per_minute"]))))
        parts.append(_time_left(int(told["left"])))
    return " · ".join(parts)


def _time_left(seconds: int) -> str:
    if seconds < 90:
        return ngettext("one second left", "%(num)s seconds left", max(1, seconds))
    return ngettext("one minute left", "%(num)s minutes left", round(seconds / 60))


def end_text(run: Run) -> str:
    """How a run ended, in a sentence."""
    kept = run.kept or {}
    issued, cents = int(kept.get("issued", 0)), int(kept.get("cents", 0))
    done = ngettext(
        "One invoice was issued, for %(sum)s.",
        "%(num)s invoices were issued, for %(sum)s.",
        issued,
        sum=money(Money(cents)),
    )
    if not issued:
        done = _("No invoice was issued.")
    if run.state is RunState.STOPPED:
        return _("%(done)s The work was stopped: it can be taken up.", done=done)
    if run.state is RunState.FAILED and run.failure is not None:
        return f"{done} {words(Sentence(run.failure['msgid'], run.failure['params']))}"
    return done
