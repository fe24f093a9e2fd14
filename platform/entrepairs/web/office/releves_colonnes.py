"""The columns of a bank's CSV that says nothing, chosen on the page beside its first rows."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import render_template
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, SelectField

from entrepairs.billing.statements import csv_french
from entrepairs.billing.statements.csv_french import Columns
from entrepairs.billing.statements.layouts import guessed
from entrepairs.billing.statements.reading import MAX_FILE
from entrepairs.billing.statements.values import UnreadableStatement

Rows = Sequence[Sequence[str]]
CARRIED: Final = 300_000
"""Bytes of a file that travel in the page; a larger one is given again."""
SHOWN: Final = 8
NONE: Final = -1


class ColumnsForm(FlaskForm):  # type: ignore[misc]
    """Where the movements begin, and what each column holds."""

    first = SelectField(_l("The first movement"), coerce=int)
    date = SelectField(_l("The day"), coerce=int)
    label = SelectField(_l("What is said of it"), coerce=int)
    amount = SelectField(_l("The amount, with its sign"), coerce=int)
    debit = SelectField(_l("Or the debit"), coerce=int)
    credit = SelectField(_l("and the credit"), coerce=int)
    other_account = BooleanField(_l("It is another account of the association"))

    def columns(self) -> Columns:
        """What was chosen."""
        label, amount, debit, credit = (
            None if field.data == NONE else field.data for field in (self.label, self.amount, self.debit, self.credit)
        )
        return Columns(
            booked_on=self.date.data,
            label=label,
            amount=amount,
            debit=debit,
            credit=credit,
            header=self.first.data - 1,
        )


@dataclass(frozen=True)
class Asked:
    """A form, the rows it is about, and the file they come from."""

    form: ColumnsForm
    rows: Rows
    content: bytes


def ask_for(rows: Rows, content: bytes, *, other_account: bool) -> Asked:
    """The form with what the columns seem to hold."""
    form = ColumnsForm(formdata=None, other_account=other_account)
    offer(form, rows)
    seen = guessed(rows)
    if seen is not None:
        chosen: dict[str, Any] = {"first": seen.header + 1, "date": seen.booked_on}
        chosen |= {name: getattr(seen, name) for name in ("label", "amount", "debit", "credit")}
        for name, place in chosen.items():
            form[name].data = NONE if place is None else place
    return Asked(form, rows, content)


def offer(form: ColumnsForm, rows: Rows) -> None:
    """The columns and rows there are to choose from."""
    body = max(rows, key=lambda row: sum(map(bool, row)), default=())
    head = next((row for row in rows if sum(map(bool, row)) == sum(map(bool, body))), body)
    places = [(at, f"{letter(at)} · {cell[:40]}" if cell else letter(at)) for at, cell in enumerate(head)]
    form.date.choices = places
    for field in (form.label, form.amount, form.debit, form.credit):
        field.choices = [(NONE, "—"), *places]
    form.first.choices = [
        (at, f"{at + 1} · {' · '.join(filter(None, row))[:60]}") for at, row in enumerate(rows) if any(row)
    ]


def letter(at: int) -> str:
    """`A`, `B`… as a spreadsheet names its columns."""
    return chr(65 + at) if at < 26 else letter(at // 26 - 1) + letter(at % 26)


def columns_page(asked: Asked, problem: str = "") -> str:
    """The page."""
    carried = base64.b64encode(asked.content).decode() if len(asked.content) <= CARRIED else ""
    shown = [(at + 1, row) for at, row in enumerate(asked.rows) if any(row)][:SHOWN]
    width = max((len(row) for _at, row in shown), default=0)
    return render_template(
        "office/statement_columns.html",
        form=asked.form,
        shown=shown,
        letters=[letter(at) for at in range(width)],
        carried=carried,
        problem=problem,
    )


def content_of(carried: str, file: FileStorage | None) -> bytes:
    """The file, as the page carried it or given again. What is not one is empty, and refused as such."""
    if file is not None and file.filename:
        given: bytes = file.read(MAX_FILE + 1)
        return given
    try:
        return base64.b64decode(carried, validate=True)
    except (ValueError, binascii.Error):
        return b""


def first_rows(content: bytes) -> Rows:
    """The first rows of a CSV; none of what is not one."""
    try:
        return csv_french.first_rows(content)
    except UnreadableStatement:
        return ()
