"""A deposit on a demand: what it costs, what is asked already, how much now."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from entrepairs.billing import deposits
from entrepairs.demands.models import Demand
from entrepairs.demands.queries import title_of
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.errors import DomainError
from entrepairs.kernel.money import Money
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, current_actor
from entrepairs.web.errors import sentence
from entrepairs.web.forms import attach
from entrepairs.web.invoice_words import invoice_title
from entrepairs.web.office import bp
from entrepairs.web.office.demandes import found
from entrepairs.web.office.forms.contrats import typed_money
from entrepairs.web.office.forms.facturation import AmountForm, euros

THIRD = 3


@bp.get("/demandes/<ref:ref>/acompte")
@requires(Permission.BILL)
def deposit_form(ref: str) -> str:
    """A third of the price is proposed, as is usual."""
    row = found(ref)
    room = deposits.room_of(db.session(), row)
    return _page(row, AmountForm(amount=typed_money(Money(min(room.price.cents // THIRD, room.left.cents)))))


def _page(row: Demand, form: AmountForm, problem: str = "") -> str:
    return render_template(
        "office/bill_deposit.html",
        demand=row,
        title=title_of(row),
        room=deposits.room_of(db.session(), row),
        deposits=deposits.deposits_of(db.session(), row),
        possible=deposits.takes_deposit(row),
        title_of=invoice_title,
        form=form,
        problem=problem,
    )


@bp.post("/demandes/<ref:ref>/acompte")
@requires(Permission.BILL)
def draft_deposit(ref: str) -> Response | tuple[str, int]:
    """Prepare it; it is issued from its page, like any invoice."""
    row, form = found(ref), AmountForm()
    if not form.validate_on_submit():
        return _page(row, form), 422
    try:
        made = deposits.draft_deposit(
            db.session(), ref, euros(form.amount.data), clock=business_clock(), actor=current_actor()
        )
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        told = "" if attach(form, error) else sentence(error)
        return _page(found(ref), form, told), error.status
    return redirect(url_for(".bill", ref=made.ref), code=303)
