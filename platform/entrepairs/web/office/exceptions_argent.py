"""« À traiter », about money: credit notes that wait for a second person, transfers whose invoice is to be said."""

from collections.abc import Iterable

from flask import url_for
from sqlalchemy import select

from entrepairs.billing.models import Invoice, InvoiceKind, InvoiceState
from entrepairs.billing.statements.queries import statements
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.i18n import say, say_many
from entrepairs.web.context import Viewer
from entrepairs.web.office.exceptions import few_or_all, item
from entrepairs.web.todo import TodoItem, waiting


@waiting("office")
def credit_notes_to_approve(person: Viewer) -> Iterable[TodoItem]:
    """Credit notes somebody else prepared: this person may issue them."""
    if Permission.BILL not in person.permissions:
        return []
    rows = db.session.scalars(
        select(Invoice)
        .where(
            Invoice.state == InvoiceState.DRAFT,
            Invoice.kind == InvoiceKind.CREDIT_NOTE,
            Invoice.prepared_by.is_not(None),
            Invoice.prepared_by != person.account.ref,
        )
        .order_by(Invoice.id)
    ).all()
    return few_or_all(
        rows,
        lambda row: item(
            say("to approve"),
            say("A credit note for %(who)s", who=row.buyer["name"]),
            url_for("office.bill", ref=row.ref),
            say("It waits for a second person."),
            rank=39,
        ),
        lambda n: item(
            say("to approve"),
            say("%(n)s credit notes wait for a second person", n=n),
            url_for("office.billing", vue="brouillons"),
            rank=39,
        ),
    )


@waiting("office")
def transfers_to_look_at(person: Viewer) -> Iterable[TodoItem]:
    """Credits of the imported statements whose invoice is still to be said."""
    if Permission.BILL not in person.permissions:
        return []
    found = [one for one in statements(db.session()) if one.waiting]
    if not found:
        return []
    url = url_for("office.bank_statement", ref=found[0].statement.ref)
    if len(found) > 1:
        url = url_for("office.bank_statements")
    lines = sum(one.waiting for one in found)
    title = say_many("One transfer to match", "%(num)s transfers to match", lines)
    return [item(say("to match"), title, url, rank=41)]
