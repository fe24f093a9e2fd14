"""A file of peers, read and written into the network: one transaction, all of it or nothing.

For somebody already in the team, what belongs to the person (hours, radius, languages, usual week…) is left as they
set it: only the bond, the qualifications and the checked papers are brought up to date.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.identity.accounts import find_account
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, DomainError
from entrepairs.kernel.i18n import N_
from entrepairs.network.communes import ensure_communes
from entrepairs.network.emails import parse_email
from entrepairs.network.finding import commune_named
from entrepairs.network.importing import cells
from entrepairs.network.importing.problems import Outcome, Problem, count
from entrepairs.network.importing.reading import Row, decode, read_table
from entrepairs.network.models import ClearanceKind, Employment, Peer
from entrepairs.network.peers import PeerSheet, PeerTerms, edit_bond, register_peer
from entrepairs.network.qualifications import record_clearance, record_qualification
from entrepairs.network.rhythm import set_weekly_availability

Progress = Callable[[int, int], None]

FIELDS: Final = {
    "first_name": "prenom", "last_name": "nom", "email": "courriel", "phone": "telephone", "employment": "statut",
    "commune": "commune", "radius_km": "rayon_km", "wished_hours": "heures_mois", "outside_hours": "heures_ailleurs",
    "weekly_max_hours": "heures_max_semaine", "languages": "langues", "wording": "appellation",
    "joined_on": "entree_le", "asks_missions": "souhaite_missions",
}  # fmt: skip
CLEARANCES: Final = {
    ClearanceKind.CONTRACT: "contrat_le",
    ClearanceKind.INCAPACITY_CHECK: "honorabilite_le",
    ClearanceKind.CONFIDENTIALITY: "confidentialite_le",
}
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys((*FIELDS.values(), *CLEARANCES.values()), ()),
    "courriel": ("email", "e-mail", "mail"),
    "telephone": ("tel",),
    "code_postal": ("cp",),
    "heures_mois": ("heures souhaitées",),
    "disponibilites": (),
    "qualifications": (),
}
REQUIRED: Final = ("prenom", "nom", "courriel", "statut", "commune", "entree_le")


@dataclass(frozen=True, slots=True)
class _PeerLine:
    row: Row
    employment: Employment
    joined_on: date
    terms: dict[str, Any]
    week: tuple[Any, ...]
    qualifications: tuple[tuple[str, date, date | None], ...]
    clearances: tuple[tuple[ClearanceKind, date], ...]


def import_peers(
    session: Session,
    content: bytes,
    *,
    dry_run: bool = False,
    invite: bool = False,
    progress: Progress | None = None,
    clock: Clock,
    actor: Actor,
) -> Outcome:
    """Read and land a file of peers, known by their e-mail. Invitations leave only when `invite` is true.

    With one problem nothing is written and every problem found is given. Raises InvalidInput.
    """
    table = read_table(decode(content), COLUMNS, REQUIRED)
    outcome = Outcome(dry_run, lines=len(table.rows), problems=list(table.problems))
    ensure_communes(session)
    savepoint = session.begin_nested()
    seen: dict[str, int] = {}
    for done, row in enumerate(table.rows, start=1):
        try:
            _ensure_once(row, seen)
            _land(session, _read(row), outcome, invite=invite, clock=clock, actor=actor)
        except DomainError as error:
            outcome.problems.append(Problem.of(error, row.line, FIELDS, row.cells))
        if progress:
            progress(done, len(table.rows))
    if outcome.written:
        savepoint.commit()
        record(session, "peer.import", "import", "peers", actor=actor, clock=clock, lines=outcome.lines)
    else:
        savepoint.rollback()
    return outcome


def _ensure_once(row: Row, seen: dict[str, int]) -> None:
    address = row.get("courriel").lower()
    first = seen.setdefault(address, row.line)
    if address and first != row.line:
        raise Conflict("email_twice", N_("Line %(line)s has the same e-mail. Keep one."), field="email", line=first)


def _read(row: Row) -> _PeerLine:
    """Raises InvalidInput naming the column."""
    terms: dict[str, Any] = {}
    for name in ("radius_km", "wished_hours", "weekly_max_hours", "outside_hours"):
        if row.get(FIELDS[name]):
            terms[name] = cells.read_whole(row.get(FIELDS[name]), FIELDS[name])
    for name in ("wording", "phone"):
        if row.get(FIELDS[name]):
            terms[name] = row.get(FIELDS[name])
    if row.get("langues"):
        terms["languages"] = cells.read_languages(row.get("langues"), "langues")
    employment = cells.read_choice(row.get("statut"), cells.EMPLOYMENTS, "statut")
    asks = row.get("souhaite_missions")
    terms["asks_missions"] = (
        cells.read_yes(asks, "souhaite_missions") if asks else employment is not Employment.EMPLOYED_ELSEWHERE
    )
    return _PeerLine(
        row,
        employment,
        cells.read_date(row.get("entree_le"), "entree_le"),
        terms,
        cells.read_week(row.get("disponibilites"), "disponibilites"),
        cells.read_qualifications(row.get("qualifications"), "qualifications"),
        tuple(
            (kind, cells.read_date(row.get(column), column)) for kind, column in CLEARANCES.items() if row.get(column)
        ),
    )


def _land(session: Session, line: _PeerLine, outcome: Outcome, *, invite: bool, clock: Clock, actor: Actor) -> None:
    known = _known(session, line.row)
    if known is None:
        peer = _register(session, line, invite=invite, clock=clock, actor=actor)
        changed = True
    else:
        peer, changed = known, _update_bond(session, known, line, clock=clock, actor=actor)
    changed |= _papers(session, peer, line, clock=clock, actor=actor)
    if known is None:
        count(outcome.created, "peers")
    else:
        count(outcome.updated if changed else outcome.unchanged, "peers")


def _known(session: Session, row: Row) -> Peer | None:
    account = find_account(session, parse_email(row.get("courriel"), field="email"))
    if account is None:
        return None
    return session.scalars(select(Peer).where(Peer.account_id == account.id)).unique().one_or_none()


def _register(session: Session, line: _PeerLine, *, invite: bool, clock: Clock, actor: Actor) -> Peer:
    row = line.row
    commune = commune_named(session, row.get("commune"), postcode=row.get("code_postal"), field="commune")
    sheet = PeerSheet(
        email=row.get("courriel"),
        first_name=row.get("prenom"),
        last_name=row.get("nom"),
        employment=line.employment,
        joined_on=line.joined_on,
        terms=PeerTerms(commune_insee=commune.insee, **line.terms),
    )
    peer = register_peer(session, sheet, invite=invite, clock=clock, actor=actor)
    if line.week:
        set_weekly_availability(session, peer.ref, line.week)
    return peer


def _update_bond(session: Session, peer: Peer, line: _PeerLine, *, clock: Clock, actor: Actor) -> bool:
    wanted = (line.row.get("prenom"), line.row.get("nom"), line.employment, line.joined_on)
    if (peer.first_name, peer.last_name, peer.employment, peer.joined_on) == wanted:
        return False
    edit_bond(
        session,
        peer.ref,
        first_name=wanted[0],
        last_name=wanted[1],
        employment=line.employment,
        joined_on=line.joined_on,
        left_on=peer.left_on,
        clock=clock,
        actor=actor,
    )
    return True


def _papers(session: Session, peer: Peer, line: _PeerLine, *, clock: Clock, actor: Actor) -> bool:
    held = {(row.kind, row.valid.lower) for row in peer.qualifications}
    checked = {(row.kind, row.checked_on) for row in peer.clearances}
    changed = False
    for kind, since, last_day in line.qualifications:
        if (kind, since) not in held:
            record_qualification(session, peer.ref, kind, since=since, last_day=last_day, clock=clock, actor=actor)
            changed = True
    for paper, day in line.clearances:
        if (paper, day) not in checked:
            record_clearance(session, peer.ref, paper, checked_on=day, clock=clock, actor=actor)
            changed = True
    return changed
