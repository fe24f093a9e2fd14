"""How a quote and an agreement are told on a page, to every door: chip, sentence, lines, files."""

import io
from datetime import date, timedelta
from typing import Final

from flask import send_file
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from entrepairs.catalogue.models import PriceUnit
from entrepairs.catalogue.prices import UNIT_WORDS
from entrepairs.contracting.models import (
    Agreement,
    AgreementDraw,
    InvoiceGrouping,
    QuoteLine,
    QuoteVersion,
    RecordAccess,
)
from entrepairs.contracting.queries import Room
from entrepairs.contracting.states import AgreementState, QuoteState
from entrepairs.documents.models import StoredFile
from entrepairs.documents.storing import PDF, read_file
from entrepairs.kernel.errors import NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money
from entrepairs.kernel.vat_regimes import rate_of, regimes
from entrepairs.network.models import PayerKind
from entrepairs.web import filters
from entrepairs.web.demand_words import Chip, _
from entrepairs.web.words import words

_Q, _A = QuoteState, AgreementState
QUOTE_CHIPS: Final = {
    _Q.DRAFT: ("todo", N_("Draft")),
    _Q.SENT: ("todo", N_("To sign")),
    _Q.ACCEPTED: ("ok", N_("Accepted")),
    _Q.REFUSED: ("no", N_("Refused")),
    _Q.EXPIRED: ("done", N_("No longer valid")),
    _Q.SUPERSEDED: ("done", N_("Replaced")),
}
AGREEMENT_CHIPS: Final = {
    _A.DRAFT: ("todo", N_("Draft")),
    _A.SENT: ("todo", N_("To sign")),
    _A.ACTIVE: ("ok", N_("In force")),
    _A.EXPIRING: ("todo", N_("Ends soon")),
    _A.EXPIRED: ("done", N_("Over")),
    _A.TERMINATED: ("done", N_("Ended early")),
}
ACCESS: Final = {
    RecordAccess.NONE: N_("No access to the record; what matters is said by word of mouth"),
    RecordAccess.OWN_TAB: N_("A tab of their own in the record"),
    RecordAccess.FULL: N_("The record, as members of the team"),
}
"""What peers may read and write of the care record."""
GROUPINGS: Final = {
    InvoiceGrouping.MONTH: N_("Everything done in a month"),
    InvoiceGrouping.MISSION: N_("One mission"),
    InvoiceGrouping.SITE: N_("What was done in a month in one place"),
    InvoiceGrouping.ENGAGEMENT: N_("Everything under one commitment number"),
}
"""What goes on one invoice, by the agreement."""
PAYERS: Final = {
    PayerKind.PUBLIC_HOSPITAL: N_("Public hospital"),
    PayerKind.PUBLIC_LOCAL: N_("Local public body"),
    PayerKind.PUBLIC_STATE: N_("The State"),
    PayerKind.PRIVATE: N_("Private body"),
    PayerKind.NONE: N_("Refers people, is not invoiced"),
}


def cancellation_terms(agreement: Agreement) -> str:
    """What a late cancellation costs by the agreement, in one sentence."""
    days, percent = agreement.cancel_notice_days, agreement.cancel_percent
    if days is None or percent is None:
        return _("the rule voted for everybody")
    if not percent:
        return _("always free")
    return _(
        "free until %(days)s days before, then %(percent)s of the price", days=days, percent=filters.percent(percent)
    )


def quote_chip(state: QuoteState) -> Chip:
    """The chip of a version."""
    tone, label = QUOTE_CHIPS[state]
    return Chip(tone, _(label))


def agreement_chip(state: AgreementState) -> Chip:
    """The chip of an agreement."""
    tone, label = AGREEMENT_CHIPS[state]
    return Chip(tone, _(label))


def quote_sentence(version: QuoteVersion, today: date) -> str:
    """Where a version stands, in one sentence."""
    state, until = version.state, filters.plain_date(version.valid_until)
    if state is _Q.ACCEPTED and version.acceptance is not None:
        done = version.acceptance
        if done.signed_on is not None:
            day = filters.plain_date(done.signed_on)
            return _(
                "Signed on paper on %(day)s by %(name)s, %(function)s.", day=day, name=done.name, function=done.function
            )
        return _("Agreed by %(name)s, %(function)s.", name=done.name, function=done.function)
    if state is _Q.SENT and version.valid_until < today:
        return _("It was valid until %(day)s. We can prepare another.", day=until)
    plain = {
        _Q.DRAFT: _("It has not left yet."),
        _Q.SENT: _("It waits for an answer until %(day)s.", day=until),
        _Q.ACCEPTED: _("It is agreed."),
        _Q.REFUSED: _("The structure answered no to this version."),
        _Q.EXPIRED: _("It was valid until %(day)s. We can prepare another.", day=until),
        _Q.SUPERSEDED: _("A newer version takes its place."),
    }
    return plain[state]


def last_day(agreement: Agreement) -> date:
    """The last day of an agreement, included."""
    after = agreement.valid.upper
    if after is None:
        msg = "an agreement has a last day"
        raise ValueError(msg)
    return after - timedelta(days=1)


def agreement_sentence(agreement: Agreement) -> str:
    """Where an agreement stands, in one sentence."""
    until = filters.plain_date(last_day(agreement))
    signed = filters.plain_date(agreement.signed_on) if agreement.signed_on else ""
    plain = {
        _A.DRAFT: _("It has not left yet."),
        _A.SENT: _("It waits for the signature of %(who)s.", who=agreement.partner_signatory),
        _A.ACTIVE: _("Signed on %(signed)s, it runs until %(day)s.", signed=signed, day=until),
        _A.EXPIRING: _("It ends on %(day)s: time to speak of the next one.", day=until),
        _A.EXPIRED: _("It ended on %(day)s.", day=until),
        _A.TERMINATED: _("It was ended early. What was confirmed is carried out."),
    }
    return plain[agreement.state]


def room_sentence(room: Room) -> str:
    """« 4 560,00 € engagés sur 12 000,00 €, hors taxes. »"""
    if room.ceiling is None:
        return _("%(drawn)s committed, without VAT. No ceiling.", drawn=filters.money(room.drawn))
    return _(
        "%(drawn)s committed out of %(ceiling)s, without VAT.",
        drawn=filters.money(room.drawn),
        ceiling=filters.money(room.ceiling),
    )


def draw_phrase(draw: AgreementDraw) -> str:
    """« 6 janv., 2 400,00 € · remise ou avoir : 240,00 € de moins »."""
    told = [_("%(day)s, %(amount)s", day=filters.short_day(draw.drawn_at), amount=filters.money(Money(draw.cents)))]
    if draw.late_cents:
        told.append(_("cancelled too late: %(amount)s are owed", amount=filters.money(Money(draw.late_cents))))
    if draw.forgone:
        told.append(_("discount or credit note: %(amount)s less", amount=filters.money(Money(draw.forgone))))
    return " · ".join(told)


def draw_chip(draw: AgreementDraw) -> tuple[str, str]:
    """Tone and word of what a demand takes of an agreement."""
    if draw.late_cents:
        return "todo", _("cancelled too late")
    return ("done", _("given back")) if draw.released_at else ("ok", _("committed"))


def quantity_phrase(line: QuoteLine) -> str:
    """« 8 × 320,00 € par séance »."""
    unit = words(UNIT_WORDS[PriceUnit(line.unit)]) if line.unit in set(PriceUnit) else line.unit
    return f"{filters.number(line.quantity.normalize())} × {filters.money(Money(line.unit_cents))} {unit}"


def vat_phrase(regime: str, on: date) -> str:
    """« TVA 20 % », « exonéré de TVA », « hors champ de la TVA »."""
    rate = rate_of(regime, on)
    if rate:
        return _("VAT %(rate)s", rate=filters.percent(rate))
    return _("outside the scope of VAT") if regimes()[regime].category == "O" else _("exempt from VAT")


def pdf_answer(content: bytes, filename: str, *, inline: bool = False, media: str = PDF) -> Response:
    """A paper, as a download unless it is a preview; no cache keeps it."""
    answer = send_file(
        io.BytesIO(content),
        mimetype=media,
        as_attachment=not inline,
        download_name=filename,
        max_age=0,
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def file_download(session: Session, stored: StoredFile | None) -> Response:
    """A kept paper as a download. The view has checked who asks. Raises NotFound when there is none."""
    if stored is None:
        raise NotFound("file", N_("This document does not exist, or is not yours to read."))
    return pdf_answer(read_file(session, stored.id), stored.filename, media=stored.media)
