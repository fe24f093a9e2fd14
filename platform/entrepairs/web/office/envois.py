"""`/a/facturation/transmissions`: what is stuck on its way; and what the office may do about one invoice."""

from collections.abc import Iterable
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from entrepairs.billing import queries as billing
from entrepairs.billing.models import Invoice
from entrepairs.billing.transmission import approved_platform, chorus_pro, mending, queries, routes
from entrepairs.billing.transmission.channels import Channel, Recipient
from entrepairs.billing.transmission.pieces import LARGEST
from entrepairs.billing.transmission.sending import latest_sending
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import DomainError
from entrepairs.kernel.i18n import say
from entrepairs.network.finding import find_partner
from entrepairs.network.models import Partner
from entrepairs.web.access import requires
from entrepairs.web.context import Viewer, business_clock, current_actor, viewer
from entrepairs.web.errors import sentence
from entrepairs.web.forms import attach
from entrepairs.web.invoice_words import invoice_title
from entrepairs.web.office import bp
from entrepairs.web.office.exceptions import concerns, few_or_all, item
from entrepairs.web.office.forms.envois import ChannelForm, PieceForm, RecipientForm
from entrepairs.web.todo import TodoItem, waiting
from entrepairs.web.transmission_words import (
    CHANNELS,
    action_of,
    advice_of,
    chip_of,
    sentence_of,
    stand_in_of,
)


@bp.get("/facturation/transmissions")
@requires(Permission.OFFICE_VIEW)
def transmissions() -> str:
    """What is stuck, the most urgent first, each with what to do; and which accounts are set up."""
    accounts = routes.accounts_of(current_app.config)
    stuck = queries.stuck_invoices(db.session(), accounts, business_clock())
    return render_template(
        "office/transmissions.html",
        lines=[_line(one) for one in stuck],
        accounts=accounts,
        lacking={
            "chorus": chorus_pro.missing_settings(current_app.config),
            "platform": approved_platform.missing_settings(current_app.config),
        },
        stand_ins=[(CHANNELS[one], stand_in_of(one)) for one in (Channel.CHORUS_PRO, Channel.PLATFORM)],
        may_bill=Permission.BILL in viewer().permissions,
    )


def _line(one: queries.StuckInvoice) -> dict[str, Any]:
    sending = one.standing.sending
    url, action = action_of(one.invoice, one.standing)
    return {
        "invoice": one.invoice,
        "title": invoice_title(one.invoice),
        "chip": chip_of(one.standing),
        "sentence": sentence_of(one.standing, sending.channel if sending else Channel.CHORUS_PRO),
        "advice": advice_of(one.standing),
        "since": one.standing.since,
        "url": url,
        "action": action,
    }


@bp.post("/facturation/<ref:ref>/renvoyer")
@requires(Permission.BILL)
def send_bill_again(ref: str) -> Response:
    """Send again what has not left, or was never admitted."""
    mending.send_again(db.session(), ref, clock=business_clock(), actor=current_actor())
    db.session.commit()
    flash(_("It leaves again in a moment."), "success")
    return redirect(url_for(".bill", ref=ref), code=303)


@bp.post("/facturation/<ref:ref>/nouvelles")
@requires(Permission.BILL)
def ask_for_news(ref: str) -> Response:
    """Ask the other end at once."""
    asked = mending.look_now(db.session(), ref, clock=business_clock())
    db.session.commit()
    if asked:
        flash(_("We are asking: reload the page in a moment."), "success")
    else:
        flash(_("Nothing more is expected of this invoice."), "success")
    return redirect(url_for(".bill", ref=ref), code=303)


# --- the recipient ----------------------------------------------------------------------------------------------


@bp.get("/facturation/<ref:ref>/destinataire")
@requires(Permission.BILL)
def recipient_form(ref: str) -> str:
    """The routing data of the next sending; the invoice itself never changes."""
    row, form = billing.invoice_of(db.session(), ref), RecipientForm()
    form.fill(routes.recipient_of(row, latest_sending(db.session(), row.id)))
    return _recipient_page(row, form)


def _recipient_page(row: Invoice, form: RecipientForm, problem: str = "") -> str:
    sending = latest_sending(db.session(), row.id)
    return render_template(
        "office/bill_recipient.html",
        invoice=row,
        title=invoice_title(row),
        form=form,
        problem=problem,
        mendable=mending.mendable(db.session(), row),
        by_platform=sending is not None and sending.channel is Channel.PLATFORM,
    )


@bp.post("/facturation/<ref:ref>/destinataire")
@requires(Permission.BILL)
def mend_recipient(ref: str) -> Response | tuple[str, int]:
    """Send the same invoice, same number, to the mended recipient."""
    row, form = billing.invoice_of(db.session(), ref), RecipientForm()
    if not form.validate_on_submit():
        return _recipient_page(row, form), 422
    try:
        mended: Recipient = form.answer()
        mending.mend_recipient(db.session(), ref, mended, clock=business_clock(), actor=current_actor())
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        told = "" if attach(form, error) else sentence(error)
        return _recipient_page(billing.invoice_of(db.session(), ref), form, told), error.status
    flash(_("The recipient is mended: the same invoice leaves again in a moment."), "success")
    return redirect(url_for(".bill", ref=ref), code=303)


# --- a document -------------------------------------------------------------------------------------------------


@bp.get("/facturation/<ref:ref>/piece")
@requires(Permission.BILL)
def piece_form(ref: str) -> str:
    """Give the document that the payer waits for."""
    return _piece_page(billing.invoice_of(db.session(), ref), PieceForm())


def _piece_page(row: Invoice, form: PieceForm, problem: str = "") -> str:
    sending = latest_sending(db.session(), row.id)
    accounts = routes.accounts_of(current_app.config)
    standing = queries.standing_of(db.session(), row, accounts, business_clock())
    return render_template(
        "office/bill_piece.html",
        invoice=row,
        title=invoice_title(row),
        form=form,
        pieces=sending.pieces if sending else [],
        awaited=standing.stuck is queries.Stuck.SUSPENDED,
        said=sentence_of(standing, Channel.CHORUS_PRO),
        problem=problem,
    )


@bp.post("/facturation/<ref:ref>/piece")
@requires(Permission.BILL)
def add_piece(ref: str) -> Response | tuple[str, int]:
    """Keep it and send it."""
    row, form = billing.invoice_of(db.session(), ref), PieceForm()
    if not form.validate_on_submit():
        return _piece_page(row, form), 422
    given = form.file.data
    content = given.read(LARGEST + 1) if given else b""
    name = (given.filename or "").replace("\\", "/").rpartition("/")[2] if given else ""
    try:
        mending.add_piece(db.session(), ref, name, content, clock=business_clock(), actor=current_actor())
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        told = "" if attach(form, error) else sentence(error)
        return _piece_page(billing.invoice_of(db.session(), ref), form, told), error.status
    flash(_("The document leaves in a moment; the payer then goes on."), "success")
    return redirect(url_for(".bill", ref=ref), code=303)


# --- the channel of a structure ---------------------------------------------------------------------------------


@bp.get("/structures/<ref:ref>/envoi-des-factures")
@requires(Permission.OFFICE_VIEW)
def channel_form(ref: str) -> str:
    """How the invoices of a structure leave, and why."""
    found = find_partner(db.session(), ref)
    chosen = routes.chosen_channel(db.session(), found)
    return _channel_page(found, ChannelForm.of(chosen.channel if chosen else None))


def _channel_page(found: Partner, form: ChannelForm) -> str:
    accounts, clock = routes.accounts_of(current_app.config), business_clock()
    return render_template(
        "office/partner_channel.html",
        partner=found,
        form=form,
        route=routes.route_of(db.session(), found, accounts, clock),
        channels=CHANNELS,
        set_by=routes.chosen_channel(db.session(), found),
        may_bill=Permission.BILL in viewer().permissions,
    )


@bp.post("/structures/<ref:ref>/envoi-des-factures")
@requires(Permission.BILL)
def set_channel(ref: str) -> Response | tuple[str, int]:
    """Set it, or give the default back; the next invoices follow it."""
    found, form = find_partner(db.session(), ref), ChannelForm.of(None)
    wanted = request.form.get("channel", "")
    if not form.validate_on_submit():
        return _channel_page(found, form), 422
    channel = Channel(wanted) if wanted else None
    routes.set_channel(db.session(), found, channel, clock=business_clock(), actor=current_actor())
    db.session.commit()
    flash(_("It is noted: the next invoices of this structure leave so."), "success")
    return redirect(url_for(".channel_form", ref=ref), code=303)


@waiting("office")
def transmissions_stuck(person: Viewer) -> Iterable[TodoItem]:
    """Invoices stuck on their way."""
    if not concerns(person, Permission.BILL):
        return []
    accounts = routes.accounts_of(current_app.config)
    rows = queries.stuck_invoices(db.session(), accounts, business_clock())
    return few_or_all(
        rows,
        lambda row: item(
            say("invoice on its way"),
            f"{row.invoice.number} · {row.invoice.buyer['name']}",
            url_for("office.bill", ref=row.invoice.ref),
            sentence_of(row.standing, Channel.CHORUS_PRO),
            tone="no" if row.standing.stuck in queries.CORRECTED else "todo",
            rank=38,
        ),
        lambda n: item(
            say("invoice on its way"),
            say("%(n)s invoices are stuck on their way", n=n),
            url_for("office.transmissions"),
            rank=38,
        ),
    )
