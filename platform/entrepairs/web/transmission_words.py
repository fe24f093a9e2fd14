"""How an invoice left, told on a page: its channel, where it stands, what to do next."""

from dataclasses import dataclass
from typing import Final

from flask import current_app, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from entrepairs.billing.models import Invoice, SettlementKind
from entrepairs.billing.queries import InvoiceView
from entrepairs.billing.states import ShownState
from entrepairs.billing.transmission import queries
from entrepairs.billing.transmission.channels import FOLLOWED, Channel, Route
from entrepairs.billing.transmission.codes import LABELS, REASON_LABELS, code_of
from entrepairs.billing.transmission.life import FINAL, LifeState, Said
from entrepairs.billing.transmission.models import EventSource, InvoiceEvent, Transmission
from entrepairs.billing.transmission.queries import Standing, Stuck
from entrepairs.billing.transmission.routes import accounts_of, route_of
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.i18n import N_
from entrepairs.web import filters
from entrepairs.web.invoice_timeline import Paid, Timeline, steps_of, timeline
from entrepairs.web.words import words

CHANNELS: Final = {
    Channel.EMAIL: N_("By e-mail"),
    Channel.CHORUS_PRO: N_("By Chorus Pro"),
    Channel.PLATFORM: N_("By the approved platform"),
    Channel.CHORUS_DEPOSIT: N_("Deposited on Chorus Pro by hand"),
}
SOURCES: Final = {
    EventSource.HOUSE: N_("ourselves"),
    EventSource.OFFICE: N_("the association"),
    EventSource.MAIL: N_("the mail server"),
    EventSource.CHORUS_PRO: N_("Chorus Pro"),
    EventSource.PLATFORM: N_("the platform"),
}
STUCK: Final = {
    Stuck.REFUSED: (N_("refused"), N_("Make a credit note, then bill the services again: the number stays.")),
    Stuck.REJECTED: (N_("rejected"), N_("Make a credit note, then bill the services again: the number stays.")),
    Stuck.TO_RECYCLE: (N_("to recycle"), N_("Mend the recipient: the same invoice is sent again, same number.")),
    Stuck.SUSPENDED: (N_("suspended"), N_("Give the document that the payer waits for.")),
    Stuck.DISPUTED: (N_("disputed"), N_("Call the payer: it goes on once they approve it, or with a credit note.")),
    Stuck.INADMISSIBLE: (N_("unreadable"), N_("The file was not admitted: send it again.")),
    Stuck.TURNED_DOWN: (N_("not taken"), N_("Read what was answered, mend it, and send it again.")),
    Stuck.INCOMPLETE: (N_("something is missing"), N_("Give what is missing: it leaves at once.")),
    Stuck.NO_CHANNEL: (N_("no channel"), N_("Deposit it by hand and note it, or have the account set up.")),
    Stuck.NOT_SENT: (N_("has not left"), N_("Send it again; if it stays, look at the automatic tasks.")),
    Stuck.SILENT: (N_("no news"), N_("Ask for news; after a week, call the payer.")),
}
"""Chip, and what to do."""
TONES: Final = {Stuck.REFUSED: "no", Stuck.REJECTED: "no", Stuck.INADMISSIBLE: "no"}
MENDABLE: Final = frozenset({Stuck.TO_RECYCLE, Stuck.INCOMPLETE, Stuck.TURNED_DOWN})
SENDABLE: Final = frozenset({Stuck.INADMISSIBLE, Stuck.TURNED_DOWN, Stuck.NOT_SENT})


@dataclass(frozen=True, slots=True)
class Sent:
    """What the card of an invoice shows."""

    standing: Standing
    route: Route
    channel: str
    sentence: str
    picture: Timeline
    rows: list[list[str]]
    """The text twin: when, what, who said it, why."""
    number: str
    advice: str
    chip: tuple[str, str] | None
    stand_in: str
    may_ask: bool
    by_hand: bool


def sent_of(session: Session, view: InvoiceView, clock: Clock) -> Sent | None:
    """How an invoice left; None for a draft."""
    invoice = view.invoice
    if invoice.issue_date is None:
        return None
    accounts = accounts_of(current_app.config)
    standing = queries.standing_of(session, invoice, accounts, clock)
    route = route_of(session, invoice.partner, accounts, clock)
    sending = standing.sending
    channel = sending.channel if sending is not None else route.channel
    steps = steps_of(
        invoice.issue_date, channel, sending.sent_at if sending else None, standing.life, _paid(view, invoice)
    )
    open_still = sending is not None and sending.closed_at is None and channel in FOLLOWED
    return Sent(
        standing=standing,
        route=route,
        channel=_(CHANNELS[channel]),
        sentence=sentence_of(standing, channel),
        picture=timeline(steps),
        rows=[_row(event) for event in queries.events_of(session, invoice)],
        number=(sending.document_ref or sending.remote_ref or "") if sending and channel in FOLLOWED else "",
        advice=advice_of(standing),
        chip=chip_of(standing),
        stand_in=stand_in_of(channel),
        may_ask=open_still and standing.life is not None and standing.life.state not in FINAL,
        by_hand=channel is Channel.CHORUS_PRO and (sending is None or _may_go_by_hand(sending)),
    )


def advice_of(standing: Standing) -> str:
    """What to do; of a letter that found nobody, on the structure's sheet."""
    if standing.stuck is None:
        return ""
    if by_letter(standing) or any(one.field == "email" for one in standing.missing):
        return str(_("Mend the address on the structure's sheet, then send it again."))
    if standing.life is not None and standing.life.why is not None and standing.life.why.reason == "DOUBLON":
        return str(_("It was there before: look for its number on their page, and make no credit note for that."))
    return str(_(STUCK[standing.stuck][1]))


def by_letter(standing: Standing) -> bool:
    """Whether mail is what stopped."""
    return standing.sending is not None and standing.sending.channel is Channel.EMAIL


def _may_go_by_hand(sending: Transmission) -> bool:
    """It has not left, and no answer is awaited."""
    return sending.sent_at is None and (sending.attempted_at is None or sending.closed_at is not None)


def _paid(view: InvoiceView, invoice: Invoice) -> Paid:
    if view.is_credit_note:
        return Paid(credited=True, day=invoice.issue_date)
    credited = view.shown is ShownState.CREDITED
    last = max(
        (one.received_on for one in invoice.settlements if not credited or one.kind is SettlementKind.CREDIT_NOTE),
        default=None,
    )
    return Paid(
        whole=view.shown is ShownState.PAID,
        part=bool(invoice.settlements) and view.shown not in (ShownState.PAID, ShownState.CREDITED),
        credited=credited,
        day=last,
    )


def chip_of(standing: Standing) -> tuple[str, str] | None:
    """Tone and word of what is stuck."""
    if standing.stuck is None:
        return None
    return TONES.get(standing.stuck, "todo"), _(STUCK[standing.stuck][0])


def sentence_of(standing: Standing, channel: Channel) -> str:
    """One sentence on where it stands."""
    sending, life = standing.sending, standing.life
    if standing.missing:
        return " ".join(words(one.sentence) for one in standing.missing)
    if sending is None or sending.sent_at is None:
        return _not_gone(sending)
    if life is not None and life.why is not None:
        return why_of(life.why)
    day = filters.plain_date(sending.sent_at)
    if channel is Channel.EMAIL:
        return str(_("Mailed on %(day)s.", day=day))
    if life is None or life.state in (LifeState.WAITING, LifeState.DEPOSITED):
        return str(_("Deposited on %(day)s; no news yet.", day=day))
    return str(_("Deposited on %(day)s.", day=day))


def _not_gone(sending: Transmission | None) -> str:
    if sending is None:
        return str(_("It has not left yet."))
    if sending.note:
        return str(_("The deposit was answered no: %(said)s", said=sending.note))
    waits = sending.attempted_at is not None
    return str(_("It is being sent: we wait for an answer.") if waits else _("It is about to leave."))


def why_of(said: Said) -> str:
    """« Suspendue le 12 janvier : il manque une pièce. « Joindre la liste » »."""
    code = code_of(said.code)
    what = _(LABELS[code]) if code is not None else str(said.code)
    day = filters.plain_date(said.at)
    if said.reason:
        told = str(_("%(what)s, on %(day)s: %(why)s.", what=what, day=day, why=reason_of(said.reason)))
    else:
        told = str(_("%(what)s, on %(day)s.", what=what, day=day))
    return told + (f" « {said.text} »" if said.text else "")


def reason_of(code: str) -> str:
    """The reason in words; one that this version does not know is shown as it came."""
    return str(_(REASON_LABELS[code])) if code in REASON_LABELS else code


def _row(event: InvoiceEvent) -> list[str]:
    code = code_of(event.code)
    status = str(event.payload.get("status") or event.code)
    what = f"{event.code} · {_(LABELS[code])}" if code is not None else str(_("other news: %(code)s", code=status))
    why = [reason_of(event.reason_code)] if event.reason_code else []
    why += [f"« {event.reason_text} »"] if event.reason_text else []
    for row in event.amounts or []:
        why.append(str(_("%(amount)s at %(rate)s %%", amount=filters.money(int(row["cents"])), rate=row["rate"])))
    return [filters.instant(event.at), what, str(_(SOURCES[event.source])), " ".join(why)]


def stand_in_of(channel: Channel) -> str:
    """In the demo, the page of the stand-in where one decides what becomes of an invoice."""
    if not current_app.config["DEMO"]:
        return ""
    names = {Channel.CHORUS_PRO: "CHORUS_API_BASE", Channel.PLATFORM: "PLATFORM_URL"}
    address = str(current_app.config.get(names.get(channel, ""), "") or "")
    return address if address.startswith("http://127.0.0.1:") else ""


def action_of(invoice: Invoice, standing: Standing) -> tuple[str, str]:
    """The one link of a line of the list: where to mend it, and its words."""
    stuck = standing.stuck
    if stuck in queries.CORRECTED:
        return url_for("office.credit_form", ref=invoice.ref), str(_("Make the credit note"))
    if stuck is Stuck.SUSPENDED:
        return url_for("office.piece_form", ref=invoice.ref), str(_("Give a document"))
    if stuck in (Stuck.TO_RECYCLE, Stuck.INCOMPLETE) and not by_letter(standing):
        return url_for("office.recipient_form", ref=invoice.ref), str(_("Mend the recipient"))
    return url_for("office.bill", ref=invoice.ref), str(_("See"))
