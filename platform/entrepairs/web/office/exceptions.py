"""« À traiter »: what does not follow its course, each with the link that mends it. One function a subject.

Few of a kind are shown one by one, many in one line. Every function reads on its own: `web.todo` leaves out one that
fails and says that a part did not load. What is about demands stands in `exceptions_demandes`; money (to bill, late)
and people missing are told by their own pages.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Final, TypeVar

from flask import current_app, url_for
from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import joinedload

from entrepairs.contracting.models import Agreement
from entrepairs.contracting.states import AgreementState
from entrepairs.cooperative.models import Grant, GrantState
from entrepairs.cooperative.votes import to_take
from entrepairs.extensions import db
from entrepairs.identity.permissions import Permission
from entrepairs.kernel.i18n import Sentence, say
from entrepairs.messages.models import MessageState
from entrepairs.messages.queries import counts_by_state
from entrepairs.network.models import Clearance, Peer
from entrepairs.network.queries import expiring_qualifications, sites_unwelcomed
from entrepairs.outbox.queries import effect_counts
from entrepairs.web.context import Viewer, business_clock
from entrepairs.web.filters import eve
from entrepairs.web.todo import TodoItem, waiting

FEW: Final = 3
PAPER_ENDS: Final = timedelta(days=60)
GRANT_REPORT: Final = timedelta(days=60)

Row = TypeVar("Row")


def few_or_all(rows: Sequence[Row], one: Callable[[Row], TodoItem], many: Callable[[int], TodoItem]) -> list[TodoItem]:
    """Up to three are shown one by one; more become one line."""
    return [one(row) for row in rows] if len(rows) <= FEW else [many(len(rows))]


@waiting("office")
def agreements_ending(person: Viewer) -> Iterable[TodoItem]:
    """Agreements near their end, to renew."""
    rows = db.session.scalars(
        select(Agreement)
        .options(joinedload(Agreement.partner))
        .where(Agreement.state == AgreementState.EXPIRING)
        .order_by(func.upper(Agreement.valid))
    ).all()
    return few_or_all(
        rows,
        lambda row: item(
            say("agreement"),
            row.partner.name,
            _first(("office.agreement", {"ref": row.ref}), ("office.partner", {"ref": row.partner.ref})),
            _last_day(row.valid.upper),
            rank=45,
        ),
        lambda n: item(
            say("agreement"),
            say("%(n)s agreements end soon", n=n),
            _first(("office.agreements", {}), ("office.partners", {})),
            rank=45,
        ),
    )


@waiting("office")
def qualifications_ending(person: Viewer) -> Iterable[TodoItem]:
    """Qualifications to renew within three months."""
    if not concerns(person, Permission.COORDINATE):
        return []
    count = len(expiring_qualifications(db.session(), today=business_clock().today()))
    title = say("Qualifications to renew within three months: %(n)s", n=count)
    url = url_for("office.peers", a_renouveler=1)
    return [item(say("to renew"), title, url, rank=50)] if count else []


@waiting("office")
def papers_ending(person: Viewer) -> Iterable[TodoItem]:
    """Papers of peers (contract, checks, undertaking) that end within two months. Kept by the office, for the office."""
    if not concerns(person, Permission.COORDINATE):
        return []
    today = business_clock().today()
    later = select(Clearance.peer_id, Clearance.kind, Clearance.valid_until).subquery()
    followed = exists().where(
        later.c.peer_id == Clearance.peer_id,
        later.c.kind == Clearance.kind,
        or_(later.c.valid_until.is_(None), later.c.valid_until > Clearance.valid_until),
    )
    rows = db.session.scalars(
        select(Peer)
        .where(
            or_(Peer.left_on.is_(None), Peer.left_on >= today),
            exists().where(Clearance.peer_id == Peer.id, Clearance.valid_until <= today + PAPER_ENDS, ~followed),
        )
        .order_by(Peer.first_name, Peer.id)
    ).all()
    return few_or_all(
        rows,
        lambda row: item(
            say("to renew"), row.short_name, url_for("office.peer", ref=row.ref), say("A paper ends soon."), rank=48
        ),
        lambda n: item(
            say("to renew"), say("%(n)s people have a paper that ends soon", n=n), url_for("office.peers"), rank=48
        ),
    )


@waiting("office")
def places_without_welcome(person: Viewer) -> Iterable[TodoItem]:
    """Services in which nobody is named to welcome a peer."""
    if not concerns(person, Permission.COORDINATE):
        return []
    count = len(sites_unwelcomed(db.session(), today=business_clock().today()))
    title = say("Services with nobody named to welcome a peer: %(n)s", n=count)
    url = url_for("office.partners", sans_interlocuteur=1)
    return [item(say("welcome"), title, url, rank=55)] if count else []


@waiting("office")
def mails_stuck(person: Viewer) -> Iterable[TodoItem]:
    """Mails that did not leave, or of which nobody knows."""
    counts = counts_by_state(db.session())
    found = []
    if failed := counts.get(MessageState.FAILED):
        title, url = (
            say("Mails that did not leave: %(n)s", n=failed),
            url_for("office.mails", etat=MessageState.FAILED.value),
        )
        found.append(item(say("not sent"), title, url, tone="no", rank=35))
    if doubtful := counts.get(MessageState.IN_DOUBT):
        url = url_for("office.mails", etat=MessageState.IN_DOUBT.value)
        found.append(
            item(say("in doubt"), say("Mails that may not have arrived: %(n)s", n=doubtful), url, tone="no", rank=35)
        )
    return found


@waiting("office")
def effects_stuck(person: Viewer) -> Iterable[TodoItem]:
    """Automatic tasks given up, or late."""
    counts = effect_counts(db.session(), business_clock().now())
    found = []
    if counts.failed:
        title = say("Automatic tasks that failed: %(n)s", n=counts.failed)
        found.append(item(say("stopped"), title, url_for("office.tasks"), tone="no", rank=36))
    if counts.late:
        title = say("Automatic tasks that are late: %(n)s", n=counts.late)
        found.append(item(say("late"), title, url_for("office.tasks"), rank=37))
    return found


@waiting("office")
def grant_reports(person: Viewer) -> Iterable[TodoItem]:
    """Reports owed to funders within two months."""
    today = business_clock().today()
    rows = db.session.scalars(
        select(Grant)
        .where(Grant.state.in_((GrantState.NOTIFIED, GrantState.RUNNING)), Grant.report_due_on <= today + GRANT_REPORT)
        .order_by(Grant.report_due_on)
    ).all()
    return few_or_all(
        rows,
        lambda row: item(
            say("report to a funder"),
            row.funder,
            url_for("office.grant", ref=row.ref),
            say("Due on %(day)s.", day=row.report_due_on),
            tone="no" if row.report_due_on is not None and row.report_due_on < today else "todo",
            rank=42,
        ),
        lambda n: item(
            say("report to a funder"), say("%(n)s reports to funders are due", n=n), url_for("office.grants"), rank=42
        ),
    )


@waiting("office")
def decisions_to_take(person: Viewer) -> Iterable[TodoItem]:
    """What must be decided before going live; in the demo, where all is fictitious, only what is missing."""
    if not concerns(person, Permission.GOVERN):
        return []
    missing = to_take(db.session(), business_clock().today(), fictional_counts=current_app.config["DEMO"])
    title = say("Decisions to take before going live: %(n)s", n=len(missing))
    return [item(say("to be taken"), title, url_for("office.decisions"), rank=5)] if missing else []


def item(
    chip: Sentence,
    title: Sentence | str,
    url: str,
    detail: Sentence | str = "",
    *,
    tone: str = "todo",
    rank: int = 30,
    action: Sentence | None = None,
) -> TodoItem:
    """A line of « À traiter »; its action opens the page that mends it."""
    return TodoItem(chip=chip, title=title, url=url, action=action or say("Look"), detail=detail, tone=tone, rank=rank)


def concerns(person: Viewer, permission: Permission) -> bool:
    """For those who can mend it, and for a reader who only looks."""
    reads_only = not person.permissions & {Permission.COORDINATE, Permission.BILL, Permission.GOVERN}
    return permission in person.permissions or reads_only


def _last_day(end: date | None) -> Sentence | str:
    return say("Until %(day)s.", day=eve(end)) if end is not None else ""


def _first(*places: tuple[str, dict[str, str]]) -> str:
    """The first of these pages that exists."""
    known = [place for place in places if place[0] in current_app.view_functions]
    endpoint, values = known[0]
    return str(current_app.url_for(endpoint, **values))  # type: ignore[arg-type]
