"""« À traiter », the first mornings: what an association does before anything else can follow its course.

A line disappears once the first of its kind exists; an association at work never sees them.
"""

from collections.abc import Iterable
from typing import Any, Final

from flask import url_for
from sqlalchemy import Select, select

from entrepairs.catalogue.models import Offering, Price
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.i18n import Sentence, say
from entrepairs.network.models import Partner, Peer
from entrepairs.settings.models import Association
from entrepairs.web.context import Viewer
from entrepairs.web.office.exceptions import concerns, item
from entrepairs.web.todo import TodoItem, waiting

FIRST: Final = say("to begin")


@waiting("office")
def who_we_are(person: Viewer) -> Iterable[TodoItem]:
    """Without a name, a number and a telephone, nothing can be invoiced and nobody knows whom to call."""
    if Permission.GOVERN not in person.permissions or _any(select(Association.id)):
        return []
    title = say("Say who the association is")
    detail = say("Its telephone is on the public page, its name and SIRET on the quotes and invoices.")
    return [item(FIRST, title, url_for("office.association"), detail, rank=1, action=say("Fill in"))]


@waiting("office")
def first_prices(person: Viewer) -> Iterable[TodoItem]:
    """The palette is there, and nothing of it has a price."""
    if not concerns(person, Permission.GOVERN) or not _any(select(Offering.id)) or _any(select(Price.id)):
        return []
    title = say("Set the first prices")
    detail = say("The palette is there: what has a price can be quoted and invoiced.")
    return [item(FIRST, title, url_for("office.prices"), detail, rank=6, action=say("Set the prices"))]


@waiting("office")
def first_structure(person: Viewer) -> Iterable[TodoItem]:
    """Nobody can ask for anything yet."""
    return _first_row(person, select(Partner.id), say("Register the first structure"), "office.partners", 7)


@waiting("office")
def first_peer(person: Viewer) -> Iterable[TodoItem]:
    """Nobody can come yet."""
    return _first_row(person, select(Peer.id), say("Welcome the first peer worker"), "office.peers", 8)


def _first_row(person: Viewer, rows: Select[Any], title: Sentence, listed: str, rank: int) -> list[TodoItem]:
    """The page of the list has both ways in: one by hand, or a file."""
    if not concerns(person, Permission.COORDINATE) or _any(rows):
        return []
    detail = say("By hand, or all at once from a file of your spreadsheet.")
    return [item(FIRST, title, url_for(listed), detail, rank=rank, action=say("Begin"))]


def _any(rows: Select[Any]) -> bool:
    return db.session.scalars(rows.limit(1)).first() is not None
