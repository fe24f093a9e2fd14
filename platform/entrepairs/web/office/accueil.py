"""`/a/`: four numbers, then what does not follow its course."""

from flask import render_template

from entrepairs.identity.permissions import Permission
from entrepairs.web.access import requires
from entrepairs.web.context import business_clock, viewer
from entrepairs.web.office import bp, exceptions, exceptions_argent, exceptions_debuts, exceptions_demandes, numbers
from entrepairs.web.todo import panels_for, what_waits

ROOMS = (exceptions, exceptions_argent, exceptions_debuts, exceptions_demandes)
"""Imported so that they register what waits."""


@bp.get("/")
@requires(Permission.OFFICE_VIEW)
def home() -> str:
    """The home of the association."""
    person, today = viewer(), business_clock().today()
    return render_template(
        "office/home.html",
        first_name=person.account.name.split()[0],
        tiles=numbers.tiles(numbers.HOME, today),
        waiting=what_waits("office", person),
        panels=panels_for("office", person),
        today=today,
        may_coordinate=Permission.COORDINATE in person.permissions,
    )
