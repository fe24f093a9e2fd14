"""`/a/facturation/stripe`: Stripe and our accounts, what waits for somebody; giving money back online."""

import secrets
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from entrepairs.billing import queries as invoices
from entrepairs.billing.models import Invoice
from entrepairs.billing.online import payouts, queries
from entrepairs.billing.online.differences import DifferenceKind, explain_difference
from entrepairs.billing.online.models import TO_ANSWER, DisputeState, PayoutState, RefundState
from entrepairs.billing.online.reading import mark_read
from entrepairs.billing.online.reconciling import queue_reconciliation
from entrepairs.billing.online.refunds import approve_refund, ask_refund, needs_second_person, refundable, refuse_refund
from entrepairs.billing.payments import surplus_of
from entrepairs.billing.stripe_events import dismiss_event
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.dates import paris_day
from entrepairs.kernel.errors import DomainError, InvalidInput
from entrepairs.kernel.i18n import N_, say
from entrepairs.kernel.money import Money
from entrepairs.web import filters
from entrepairs.web.access import requires
from entrepairs.web.context import Viewer, business_clock, current_actor, viewer
from entrepairs.web.errors import sentence
from entrepairs.web.forms import attach
from entrepairs.web.invoice_words import invoice_title
from entrepairs.web.office import bp
from entrepairs.web.office.exceptions import concerns, item
from entrepairs.web.office.forms.facturation import OnlineRefundForm, euros
from entrepairs.web.todo import TodoItem, waiting
from entrepairs.web.unsent import FORM_KEY

DIFFERENCES: Final = {
    DifferenceKind.NOT_OURS: (
        N_("Stripe moved this money; none of our payments explains it."),
        N_(
            "Open it on Stripe's pages. If it pays no invoice (a gift, say), write it by hand in the accounts "
            "(account 5122), then say here what it is."
        ),
    ),
    DifferenceKind.NOT_AT_STRIPE: (
        N_("Our accounts hold this movement; Stripe does not list it."),
        N_("Check that the key of Stripe is the association's own. If it is, cancel the entry, then say so here."),
    ),
    DifferenceKind.AMOUNTS: (
        N_("Stripe and our accounts do not say the same amount."),
        N_("Write the difference by hand in the accounts (account 5122), then say so here."),
    ),
    DifferenceKind.FEES: (
        N_("Stripe and our accounts do not say the same fee."),
        N_("Write the difference by hand in the accounts (627 and 5122), then say so here."),
    ),
}
"""What differs, and what to do of it."""
REFUNDS: Final = {
    RefundState.WAITING: ("todo", N_("to approve")),
    RefundState.REFUSED: ("done", N_("not given back")),
    RefundState.ASKED: ("prop", N_("is leaving")),
    RefundState.PENDING: ("prop", N_("on its way")),
    RefundState.DONE: ("ok", N_("given back")),
    RefundState.FAILED: ("no", N_("did not arrive")),
}
DISPUTES: Final = {
    DisputeState.WARNED: ("todo", N_("a question of the bank")),
    DisputeState.OPENED: ("todo", N_("to answer")),
    DisputeState.ANSWERED: ("prop", N_("the bank is deciding")),
    DisputeState.CLOSED: ("done", N_("closed")),
    DisputeState.LOST: ("no", N_("decided for the payer")),
    DisputeState.WON: ("ok", N_("decided for us")),
}
PAYOUTS: Final = {
    PayoutState.ON_ITS_WAY: ("prop", N_("on its way")),
    PayoutState.PAID: ("todo", N_("to find at the bank")),
    PayoutState.FAILED: ("no", N_("sent back by the bank")),
}


@bp.get("/facturation/stripe")
@requires(Permission.OFFICE_VIEW)
def stripe() -> str:
    """What waits first, then what is on its way."""
    return _page()


def _page(at: str = "", problem: str = "") -> str:
    """The page; when a decision on `at` was refused, why."""
    return render_template(
        "office/stripe.html",
        found=queries.overview(db.session()),
        differences=DIFFERENCES,
        refunds=REFUNDS,
        disputes=DISPUTES,
        payouts=PAYOUTS,
        refund_states=RefundState,
        payout_states=PayoutState,
        to_answer=TO_ANSWER,
        contested=queries.is_contested,
        at=at,
        problem=problem,
        actor=current_actor().ref,
        may_bill=Permission.BILL in viewer().permissions,
    )


@bp.post("/facturation/stripe")
@requires(Permission.BILL)
def mend_stripe() -> Response | tuple[str, int]:
    """`compare`, or a decision on one thing: `approve`, `refuse`, `read`, `received`, `undo`, `explain`, `event`."""
    said = next((name for name in DEEDS if name in request.form), "compare")
    subject = request.form.get(said, "")
    try:
        DEEDS[said](subject, {"clock": business_clock(), "actor": current_actor()})
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        return _page(subject, sentence(error)), 422
    if said == "compare":
        flash(_("The comparison is on its way: reload the page in a moment."), "success")
    return redirect(url_for(".stripe"), code=303)


def _received(ref: str, by: dict[str, Any]) -> None:
    try:
        day = date.fromisoformat(request.form.get("received_on", ""))
    except ValueError as error:
        raise InvalidInput("day", N_("Enter the day."), field="received_on") from error
    payouts.receive_payout(db.session(), ref, day, **by)


def _explain(txn_id: str, by: dict[str, Any]) -> None:
    explain_difference(db.session(), txn_id, reason=request.form.get("reason", ""), **by)


def _compare(_subject: str, by: dict[str, Any]) -> None:
    queue_reconciliation(db.session(), clock=by["clock"])


DEEDS: Final[dict[str, Callable[[str, dict[str, Any]], object]]] = {
    "approve": lambda ref, by: approve_refund(db.session(), ref, **by),
    "refuse": lambda ref, by: refuse_refund(db.session(), ref, **by),
    "read": lambda ref, by: mark_read(db.session(), ref, **by),
    "received": _received,
    "undo": lambda ref, by: payouts.undo_receipt(db.session(), ref, **by),
    "explain": _explain,
    "event": lambda event_id, by: dismiss_event(db.session(), event_id, **by),
    "compare": _compare,
}


@bp.get("/facturation/<ref:ref>/rendre-en-ligne")
@requires(Permission.BILL)
def online_refund_form(ref: str) -> str:
    """What can go back, to the card or the account that paid."""
    row = invoices.invoice_of(db.session(), ref)
    return _refund_page(row, OnlineRefundForm(amount=str(_most(row).euros).replace(".", ",")))


def _most(row: Invoice) -> Money:
    """What was paid too much, as far as it can go back by this way."""
    ways = [most for _payment, most in refundable(db.session(), row)]
    return max(Money(0), min(surplus_of(db.session(), row), max(ways, default=Money(0))))


def _refund_page(row: Invoice, form: OnlineRefundForm, problem: str = "") -> str:
    most = _most(row)
    return render_template(
        "office/bill_online_refund.html",
        invoice=row,
        form=form,
        most=most,
        two_people=needs_second_person(db.session(), row, most, business_clock().today()),
        title=invoice_title(row),
        problem=problem,
    )


@bp.post("/facturation/<ref:ref>/rendre-en-ligne")
@requires(Permission.BILL)
def ask_online_refund(ref: str) -> Response | tuple[str, int]:
    """Ask for it; it leaves by itself, or waits for a second person."""
    row, form = invoices.invoice_of(db.session(), ref), OnlineRefundForm()
    if not form.validate_on_submit():
        return _refund_page(row, form), 422
    try:
        asked = ask_refund(
            db.session(),
            ref,
            euros(form.amount.data),
            reason=form.reason.data,
            dedup=request.form.get(FORM_KEY) or secrets.token_hex(8),
            clock=business_clock(),
            actor=current_actor(),
        )
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        told = "" if attach(form, error) else sentence(error)
        return _refund_page(invoices.invoice_of(db.session(), ref), form, told), error.status
    waits = asked.state is RefundState.WAITING
    flash(
        _("It waits for a second person, who approves it on the page of Stripe.")
        if waits
        else _(
            "%(amount)s are leaving. The bank of the payer takes five to ten days.", amount=filters.money(asked.cents)
        ),
        "success",
    )
    return redirect(url_for(".bill", ref=ref), code=303)


@waiting("office")
def stripe_to_do(person: Viewer) -> list[TodoItem]:
    """Disputes by their last day, money to approve, what came back, what differs."""
    if not concerns(person, Permission.BILL):
        return []
    found, url, todo = queries.overview(db.session()), url_for("office.stripe"), []
    for dispute in found.disputes:
        if dispute.state in TO_ANSWER and dispute.answer_by is not None:
            day, amount = paris_day(dispute.answer_by), Money(dispute.cents)
            title = say("%(amount)s contested at the payer's bank", amount=amount)
            detail = say("Answer before %(day)s.", day=day)
            todo.append(item(say("contested"), title, url, detail, tone="no", rank=12))
    waits = sum(one.state is RefundState.WAITING for one in found.refunds)
    if waits:
        todo.append(
            item(say("to approve"), say("Money to give back, by a second person: %(n)s", n=waits), url, rank=30)
        )
    ended = len([one for one in found.disputes if one.state not in TO_ANSWER])
    failed = sum(one.state is RefundState.FAILED for one in found.refunds) + sum(
        one.state is PayoutState.FAILED and one.seen_at is None for one in found.payouts
    )
    differing = len(found.differences) + len(found.events)
    if ended + failed + differing:
        title = say("Stripe and our accounts: %(n)s things to look at", n=ended + failed + differing)
        todo.append(item(say("Stripe"), title, url, tone="no" if failed else "todo", rank=38))
    return todo
