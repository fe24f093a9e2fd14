"""Writing a file of structures into the network: one transaction, all of it or nothing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, DomainError, InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.text_checks import fold
from entrepairs.network.communes import ensure_communes
from entrepairs.network.finding import commune_named
from entrepairs.network.importing.finess import is_finess, read_finess
from entrepairs.network.importing.partner_lines import PartnerFile, PartnerLine, SiteLine, read_own_columns
from entrepairs.network.importing.problems import Outcome, Problem, count
from entrepairs.network.importing.reading import decode
from entrepairs.network.models import Partner, Site
from entrepairs.network.partners import PartnerSheet, edit_partner, register_partner, sheet_of, usual_payer
from entrepairs.network.rules import in_force
from entrepairs.network.sites import SiteSheet, Welcomer, add_site, edit_site, name_referent, site_sheet_of
from entrepairs.network.territory import region

Progress = Callable[[int, int], None]

NUMBERS: Final = ("siret", "finess")
SAME_NAME: Final = N_("%(name)s exists already, without number. Open its page, give it this number, then import again.")


def import_partners(
    session: Session,
    content: bytes,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
    clock: Clock,
    actor: Actor,
) -> Outcome:
    """Read and land a file of structures: our own columns, or the official FINESS extract, told by itself.

    With one problem nothing is written (the savepoint is rolled back) and every problem found is given. Structures and
    services known by their SIRET or FINESS are brought up to date; empty cells leave what is known as it is.
    Raises InvalidInput for a file that is no CSV.
    """
    text = decode(content)
    departements = frozenset(place.departement for place in region().communes)
    file = read_finess(text, departements) if is_finess(text) else read_own_columns(text)
    outcome = Outcome(
        dry_run, lines=file.lines, skipped=file.skipped, problems=list(file.problems), remarks=list(file.remarks)
    )
    ensure_communes(session)
    savepoint = session.begin_nested()
    known = _Known(session)
    for done, line in enumerate(file.partners, start=1):
        _land(session, line, file, known, outcome, clock=clock, actor=actor)
        if progress:
            progress(done, len(file.partners))
    if outcome.written:
        savepoint.commit()
        record(session, "partner.import", "import", "partners", actor=actor, clock=clock, lines=outcome.lines)
    else:
        savepoint.rollback()
    return outcome


def _land(
    session: Session,
    line: PartnerLine,
    file: PartnerFile,
    known: "_Known",
    outcome: Outcome,
    *,
    clock: Clock,
    actor: Actor,
) -> None:
    try:
        partner = _partner(session, line, known.find(line.values), outcome, clock=clock, actor=actor)
    except DomainError as error:
        outcome.problems.append(Problem.of(error, line.line, file.columns, line.cells))
        return
    known.keep(partner)
    for site in line.sites:
        try:
            _site(session, partner, site, outcome, clock=clock, actor=actor)
        except DomainError as error:
            outcome.problems.append(Problem.of(error, site.line, file.site_columns, site.cells))


def _partner(
    session: Session, line: PartnerLine, known: Partner | None, outcome: Outcome, *, clock: Clock, actor: Actor
) -> Partner:
    if known is None:
        kind = line.values["kind"]
        payer = line.values.get("payer_kind", usual_payer(kind))
        sheet = PartnerSheet(**{**line.values, "payer_kind": payer})
        partner = register_partner(session, sheet, clock=clock, actor=actor)
        count(outcome.created, "partners")
        return partner
    before = sheet_of(known)
    after = replace(before, **line.values)
    if after.read() != before:
        edit_partner(session, known.ref, after, clock=clock, actor=actor)
        count(outcome.updated, "partners")
    else:
        count(outcome.unchanged, "partners")
    return known


class _Known:
    """The structures that are there, by number and by name: read once, not once by line of the file."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._by_number: dict[tuple[str, str], int] = {}
        self._by_name: dict[str, list[int]] = {}
        self._was: dict[int, tuple[str, list[tuple[str, str]]]] = {}
        for partner in session.scalars(select(Partner).order_by(Partner.id)):
            self.keep(partner)

    def keep(self, partner: Partner) -> None:
        """Found from now on by the name and the numbers it has now, and by these alone."""
        name, numbers = self._was.pop(partner.id, ("", []))
        for number in numbers:
            del self._by_number[number]
        if name:
            self._by_name[name].remove(partner.id)
        name = fold(partner.name) if partner.archived_at is None else ""
        numbers = [(field, value) for field in NUMBERS if (value := getattr(partner, field))]
        self._was[partner.id] = (name, numbers)
        self._by_number.update(dict.fromkeys(numbers, partner.id))
        if name:
            self._by_name.setdefault(name, []).append(partner.id)

    def find(self, values: dict[str, Any]) -> Partner | None:
        """Known by its SIRET, else by its FINESS, else by a name that no number contradicts."""
        for field in NUMBERS:
            known = self._by_number.get((field, "".join(values.get(field, "").split())))
            if known is not None:
                return self._session.get_one(Partner, known)
        same_name = self._by_name.get(fold(values["name"]))
        if not same_name:
            return None
        first = self._session.get_one(Partner, same_name[0])
        numbered = any(values.get(field) for field in NUMBERS)
        if numbered and not (first.siret or first.finess):
            raise Conflict("same_name", SAME_NAME, field="name", name=first.name)
        return None if numbered else first


def _site(session: Session, partner: Partner, line: SiteLine, outcome: Outcome, *, clock: Clock, actor: Actor) -> None:
    known = _known_site(session, partner, line)
    commune = commune_named(session, line.commune, postcode=line.postcode, field="commune") if line.commune else None
    if known is None:
        if commune is None:
            raise InvalidInput(
                "commune_missing", N_("Give the commune of the service: its name, or its INSEE code."), field="commune"
            )
        site = add_site(
            session, partner.ref, SiteSheet(**line.values, commune_insee=commune.insee), clock=clock, actor=actor
        )
        count(outcome.created, "sites")
    else:
        site = known
        before = site_sheet_of(known)
        after = replace(before, **line.values, commune_insee=commune.insee if commune else before.commune_insee)
        if after.read() != before:
            edit_site(session, known.ref, after, clock=clock, actor=actor)
            count(outcome.updated, "sites")
        else:
            count(outcome.unchanged, "sites")
    for welcomer in line.welcomers:
        if not _welcomes(site, welcomer, clock):
            name_referent(session, site.ref, welcomer, clock=clock, actor=actor)


def _known_site(session: Session, partner: Partner, line: SiteLine) -> Site | None:
    finess = "".join(line.values.get("finess", "").split())
    if finess:
        found = session.scalar(select(Site).where(Site.finess == finess))
        if found is not None and found.partner_id != partner.id:
            raise Conflict(
                "site_elsewhere",
                N_("%(name)s has this service already."),
                field="finess",
                name=found.partner.name,
            )
        if found is not None:
            return found
    sites = session.scalars(select(Site).where(Site.partner_id == partner.id))
    same_name = next((site for site in sites if fold(site.name) == fold(line.values["name"])), None)
    if same_name is not None and finess and same_name.finess:
        return None
    return same_name


def _welcomes(site: Site, welcomer: Welcomer, clock: Clock) -> bool:
    return any(
        person.deputy == welcomer.deputy
        and in_force(person, clock.today())
        and fold(person.name) == fold(welcomer.name)
        for person in site.referents
    )
