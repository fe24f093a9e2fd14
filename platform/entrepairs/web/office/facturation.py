"""`/a/facturation`: what is to be billed, the drafts, what was issued, what is late; one invoice and its issue."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from entrepairs.billing import queries
from entrepairs.billing.corrections import open_invoices_beside, reversible
from entrepairs.billing.delivery import note_chorus_deposit
from entrepairs.billing.drafting import delete_draft, draft_invoices
from entrepairs.billing.drafts.discounts import takes_discount
from entrepairs.billing.dunning.standing import standings
from entrepairs.billing.einvoice.facturx import build_ubl
from entrepairs.billing.einvoice.produce import NotIssuable
from entrepairs.billing.einvoices import einvoice_of
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.models import Invoice, InvoiceKind, InvoiceState
from entrepairs.billing.online import queries as online
from entrepairs.billing.online.refunds import refundable
from entrepairs.billing.parties import public_routing
from entrepairs.billing.queries import OPEN_SHOWN
from entrepairs.billing.states import ShownState
from entrepairs.documents.storing import XML
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import DomainError
from entrepairs.kernel.i18n import Sentence, say, say_many
from entrepairs.ledger.balances import entries
from entrepairs.web.access import requires
from entrepairs.web.context import Viewer, business_clock, current_actor, viewer
from entrepairs.web.dunning_words import age_bars
from entrepairs.web.errors import sentence
from entrepairs.web.invoice_words import (
    ATTACHMENTS,
    SETTLEMENTS,
    attached,
    invoice_chip,
    invoice_download,
    invoice_status,
    invoice_title,
)
from entrepairs.web.office import bp
from entrepairs.web.office.forms.facturation import DepositForm
from entrepairs.web.office.invoice_mending import Problem, mending_of
from entrepairs.web.office.stripe import DISPUTES, REFUNDS
from entrepairs.web.todo import TodoItem, waiting
from entrepairs.web.transmission_words import sent_of
from entrepairs.web.words import words

VIEWS = {
    "brouillons": frozenset({ShownState.DRAFT}),
    "a-payer": OPEN_SHOWN,
    "retard": frozenset({ShownState.LATE}),
    "soldees": frozenset({ShownState.PAID, ShownState.CREDITED}),
}
"""Filters by the word in the address; without one, what is to be billed."""
AGED = frozenset({"", "a-payer", "retard"})
"""Views under which the bars of what is owed by age stand."""


@bp.get("/facturation")
@requires(Permission.OFFICE_VIEW)
def billing() -> str:
    """Four numbers, then what waits, exceptions first."""
    today, wanted = business_clock().today(), request.args.get("vue", "")
    totals = queries.totals(db.session(), today)
    return render_template(
        "office/billing.html",
        totals=totals,
        wanted=wanted if wanted in VIEWS else "",
        chips=_chips(wanted),
        to_bill=queries.to_bill(db.session()) if wanted not in VIEWS else [],
        cancellations=queries.cancellations_to_bill(db.session()) if wanted not in VIEWS else [],
        invoices=queries.invoices(db.session(), today, shown=VIEWS[wanted]) if wanted in VIEWS else [],
        ages=age_bars(standings(db.session(), today)) if totals.due.cents and wanted in AGED else [],
        chip_of=invoice_chip,
        title_of=invoice_title,
        status_of=invoice_status,
        may_bill=Permission.BILL in viewer().permissions,
    )


def _chips(wanted: str) -> list[dict[str, object]]:
    labels = {
        "": _("To bill"),
        "brouillons": _("Drafts"),
        "a-payer": _("To be paid"),
        "retard": _("Late"),
        "soldees": _("Settled"),
    }
    return [
        {
            "label": label,
            "url": url_for(".billing", vue=name or None),
            "active": name == (wanted if wanted in VIEWS else ""),
        }
        for name, label in labels.items()
    ]


@bp.post("/facturation/structures/<ref:ref>")
@requires(Permission.BILL)
def draft_bill(ref: str) -> Response:
    """Draft what is to be billed of a structure, or of the demands ticked."""
    demands = request.form.getlist("demand") or None
    made = draft_invoices(db.session(), ref, demand_refs=demands, clock=business_clock(), actor=current_actor())
    db.session.commit()
    if len(made) == 1:
        return redirect(url_for(".bill", ref=made[0].ref), code=303)
    flash(
        _("%(n)s drafts are ready: each stands alone by its month, its place, its commitment or its VAT.", n=len(made)),
        "success",
    )
    return redirect(url_for(".billing", vue="brouillons"), code=303)


@bp.get("/facturation/<ref:ref>")
@requires(Permission.OFFICE_VIEW)
def bill(ref: str) -> str:
    """One invoice, draft or issued."""
    return _page(queries.invoice_of(db.session(), ref), [])


def _page(row: Invoice, problems: list[Problem]) -> str:
    view = queries.view_of(db.session(), row, business_clock().today())
    return render_template(
        "office/bill.html",
        invoice=row,
        view=view,
        chip=invoice_chip(view),
        title=invoice_title(row),
        status=invoice_status(view),
        public=public_routing(row.buyer) is not None,
        problems=problems,
        settlements=SETTLEMENTS,
        reversible=reversible(db.session(), row),
        beside=open_invoices_beside(db.session(), row) if view.balance.cents < 0 else [],
        sent=sent_of(db.session(), view, business_clock()),
        **_online(row),
        credit_notes=queries.credit_notes_of(db.session(), row),
        entries=entries(db.session(), piece_ref=row.number) if row.number else [],
        deposit_form=DepositForm(),
        may_bill=Permission.BILL in viewer().permissions,
        attachment_words=ATTACHMENTS,
        **_dressing(row),
        may_approve=row.prepared_by not in {None, current_actor().ref},
    )


def _dressing(row: Invoice) -> dict[str, bool]:
    """What may still be added to a draft."""
    writes = row.state is InvoiceState.DRAFT and Permission.BILL in viewer().permissions
    return {
        "discounts": writes and takes_discount(row),
        "attaches": writes and row.kind is not InvoiceKind.CREDIT_NOTE,
    }


def _online(row: Invoice) -> dict[str, object]:
    """What was paid, given back or contested through Stripe."""
    refunds, dispute = online.online_history(db.session(), row)
    return {
        "paid_online": online.paid_online(db.session(), row),
        "online_refunds": refunds,
        "dispute": dispute,
        "gives_back_online": bool(refundable(db.session(), row)),
        "refund_words": REFUNDS,
        "dispute_words": DISPUTES,
    }


@bp.post("/facturation/<ref:ref>/emettre")
@requires(Permission.BILL)
def issue_bill(ref: str) -> Response | tuple[str, int]:
    """Issue a draft; what stands in the way is said on its page and nothing is numbered."""
    try:
        row = issue_invoice(db.session(), ref, clock=business_clock(), actor=current_actor())
        db.session.commit()
    except NotIssuable as refused:
        db.session.rollback()
        row = queries.invoice_of(db.session(), ref)
        found = [
            Problem(words(Sentence(one.message, one.params)), mending_of(row, one.field)) for one in refused.refusals
        ]
        return _page(row, found), refused.status
    except DomainError as refused:
        db.session.rollback()
        row = queries.invoice_of(db.session(), ref)
        return _page(row, [Problem(sentence(refused), mending_of(row, refused.field))]), refused.status
    flash(_("%(title)s is issued. It leaves as soon as its PDF is drawn.", title=invoice_title(row)), "success")
    return redirect(url_for(".bill", ref=ref), code=303)


@bp.post("/facturation/<ref:ref>/supprimer")
@requires(Permission.BILL)
def delete_bill(ref: str) -> Response:
    """Throw a draft away; its sessions are to be billed again."""
    corrected = queries.invoice_of(db.session(), ref).corrected
    delete_draft(db.session(), ref, clock=business_clock(), actor=current_actor())
    db.session.commit()
    if corrected is not None:
        flash(_("The draft of credit note is deleted: nothing is taken back."), "success")
        return redirect(url_for(".bill", ref=corrected.ref), code=303)
    flash(_("The draft is deleted. Its sessions are to be billed again."), "success")
    return redirect(url_for(".billing"), code=303)


@bp.post("/facturation/<ref:ref>/chorus")
@requires(Permission.BILL)
def deposit_bill(ref: str) -> Response:
    """Note that the Factur-X was deposited on Chorus Pro."""
    note = DepositForm().note.data or ""
    note_chorus_deposit(db.session(), ref, note=note, clock=business_clock(), actor=current_actor())
    db.session.commit()
    flash(_("The deposit is noted."), "success")
    return redirect(url_for(".bill", ref=ref), code=303)


@bp.get("/facturation/<ref:ref>/pdf")
@requires(Permission.OFFICE_VIEW)
def bill_pdf(ref: str) -> Response:
    """The Factur-X."""
    return invoice_download(db.session(), queries.invoice_of(db.session(), ref), "pdf")


@bp.get("/facturation/<ref:ref>/xml")
@requires(Permission.OFFICE_VIEW)
def bill_xml(ref: str) -> Response:
    """The XML alone."""
    return invoice_download(db.session(), queries.invoice_of(db.session(), ref), "xml")


@bp.get("/facturation/<ref:ref>/ubl")
@requires(Permission.OFFICE_VIEW)
def bill_ubl(ref: str) -> Response:
    """The same invoice in UBL, for the platforms that want it: made from what was frozen at issue."""
    row = queries.invoice_of(db.session(), ref)
    return attached(build_ubl(einvoice_of(row)), XML, f"{row.number}-ubl.xml")


@waiting("office")
def billing_to_do(viewer: Viewer) -> list[TodoItem]:
    """Sessions and late cancellations to bill, drafts to issue, invoices late, for those who bill."""
    if Permission.BILL not in viewer.permissions:
        return []
    totals = queries.totals(db.session(), business_clock().today())
    found = []
    if totals.to_bill:
        found.append(
            _todo(
                say("to bill"),
                say_many(
                    "One session is ready to be billed", "%(num)s sessions are ready to be billed", totals.to_bill
                ),
                "",
            )
        )
    if cancelled := len(queries.cancellations_to_bill(db.session())):
        found.append(
            _todo(
                say("cancelled too late"),
                say_many(
                    "One late cancellation to bill or to give up",
                    "%(num)s late cancellations to bill or to give up",
                    cancelled,
                ),
                "",
            )
        )
    if totals.drafts:
        found.append(
            _todo(
                say("draft"),
                say_many("One draft of invoice to issue", "%(num)s drafts of invoices to issue", totals.drafts),
                "brouillons",
            )
        )
    if totals.late:
        found.append(_todo(say("late"), say("%(amount)s are late", amount=totals.late), "retard", tone="no"))
    return found


def _todo(chip: Sentence, title: Sentence, view: str, *, tone: str = "todo") -> TodoItem:
    return TodoItem(
        chip=chip,
        tone=tone,
        title=title,
        url=url_for("office.billing", vue=view or None),
        action=say("See"),
        rank=40,
    )
