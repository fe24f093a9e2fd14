"""The services of a structure: where they are, who welcomes, and the welcome page written together."""

from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.identifiers import parse_phone, parse_postcode
from entrepairs.kernel.references import new_reference
from entrepairs.kernel.text_checks import FindingKind, check_free_text
from entrepairs.network.emails import parse_email
from entrepairs.network.finding import find_commune, find_partner, find_site
from entrepairs.network.models import Referent, Site, SiteCard
from entrepairs.network.partners import parse_finess
from entrepairs.network.rules import in_force


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSheet:
    """What is known of a service, as typed. `commune_insee` is the INSEE code of a commune of the region."""

    name: str
    commune_insee: str
    address: str = ""
    postcode: str = ""
    finess: str | None = None
    phone: str | None = None
    service_code: str | None = None
    emergency: bool = False

    def read(self) -> "SiteSheet":
        """The same with its numbers checked. Raises InvalidInput naming the field."""
        name = " ".join(self.name.split())
        if not name:
            raise InvalidInput("name_missing", N_("Please give the name of the service."), field="name")
        return replace(
            self,
            name=name,
            postcode=parse_postcode(self.postcode, field="postcode") if self.postcode else "",
            finess=parse_finess(self.finess, field="finess") if self.finess else None,
            phone=parse_phone(self.phone, field="phone") if self.phone else None,
            service_code=self.service_code or None,
        )


def add_site(session: Session, partner_ref: str, sheet: SiteSheet, *, clock: Clock, actor: Actor) -> Site:
    """Add a service to a structure. Raises NotFound, InvalidInput, Conflict("site_name_known", "finess_known")."""
    partner = find_partner(session, partner_ref, lock=True)
    read = sheet.read()
    find_commune(session, read.commune_insee, field="commune")
    _ensure_new(session, partner.id, read, None)
    site = Site(ref=new_reference("LIEU"), partner_id=partner.id, created_at=clock.now(), **asdict(read))
    session.add(site)
    session.flush()
    record(session, "site.add", "site", site.ref, actor=actor, clock=clock, partner=partner.ref)
    return site


def edit_site(session: Session, site_ref: str, sheet: SiteSheet, *, clock: Clock, actor: Actor) -> Site:
    """Replace what is known of the service. Raises NotFound, InvalidInput, Conflict."""
    site = find_site(session, site_ref, lock=True)
    read = sheet.read()
    find_commune(session, read.commune_insee, field="commune")
    _ensure_new(session, site.partner_id, read, site)
    changed = [name for name, value in asdict(read).items() if getattr(site, name) != value]
    for name in changed:
        setattr(site, name, getattr(read, name))
    session.flush()
    if changed:
        record(session, "site.edit", "site", site.ref, actor=actor, clock=clock, fields=changed)
    return site


def site_sheet_of(site: Site) -> SiteSheet:
    """What is known of a service as it stands."""
    return SiteSheet(**{field.name: getattr(site, field.name) for field in fields(SiteSheet)})


def _ensure_new(session: Session, partner_id: int, sheet: SiteSheet, me: Site | None) -> None:
    mine = me.id if me else 0
    same_name = select(Site).where(Site.partner_id == partner_id, Site.name == sheet.name, Site.id != mine)
    if session.scalar(same_name) is not None:
        raise Conflict("site_name_known", N_("This structure already has a service of that name."), field="name")
    same_finess = select(Site).where(Site.finess == sheet.finess, Site.id != mine)
    other = session.scalar(same_finess) if sheet.finess else None
    if other is not None:
        raise Conflict("finess_known", N_("%(name)s already has this FINESS number."), field="finess", name=other.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcomer:
    """The professional who welcomes the peer, or the deputy."""

    name: str
    function: str
    email: str | None = None
    phone: str | None = None
    deputy: bool = False
    account_id: int | None = None


def name_referent(
    session: Session, site_ref: str, welcomer: Welcomer, *, since: date | None = None, clock: Clock, actor: Actor
) -> Referent:
    """Name who welcomes on a site from `since` (default: today). Whoever had that charge ends it the same day.

    Raises NotFound, InvalidInput.
    """
    site = find_site(session, site_ref, lock=True)
    if not welcomer.name.strip() or not welcomer.function.strip():
        field = "name" if not welcomer.name.strip() else "function"
        raise InvalidInput("welcomer_missing", N_("Please give a name and a function."), field=field)
    day = since or clock.today()
    for former in site.referents:
        if former.deputy == welcomer.deputy and (former.until is None or former.until > day):
            former.until = max(day, former.since)
    referent = Referent(
        site_id=site.id,
        name=" ".join(welcomer.name.split()),
        function=" ".join(welcomer.function.split()),
        email=parse_email(welcomer.email, field="email") if welcomer.email else None,
        phone=parse_phone(welcomer.phone, field="phone") if welcomer.phone else None,
        account_id=welcomer.account_id,
        deputy=welcomer.deputy,
        since=day,
    )
    site.referents.append(referent)
    session.flush()
    record(session, "site.name_referent", "site", site.ref, actor=actor, clock=clock, deputy=welcomer.deputy, since=day)
    return referent


def end_referent(session: Session, site_ref: str, referent_id: int, *, clock: Clock, actor: Actor) -> Referent | None:
    """The person no longer welcomes from today. Gives who is in charge now: the deputy, or nobody.

    With nobody left the site appears among the office's « services sans interlocuteur ». Raises NotFound.
    """
    site = find_site(session, site_ref, lock=True)
    today = clock.today()
    leaving = next((person for person in site.referents if person.id == referent_id), None)
    if leaving is None:
        raise NotFound("referent", N_("This person does not welcome in this service."))
    leaving.until = max(today, leaving.since)
    session.flush()
    record(session, "site.end_referent", "site", site.ref, actor=actor, clock=clock, deputy=leaving.deputy)
    left = [person for person in site.referents if in_force(person, today)]
    return min(left, key=lambda person: person.deputy, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomePage:
    """The welcome and role page of a site, by its own headings. All plain text."""

    peer_does: str = ""
    peer_does_not: str = ""
    with_whom: str = ""
    entrance: str = ""
    badge: str = ""
    locker: str = ""
    alarm: str = ""
    meal: str = ""
    danger_contact: str = ""


LONGEST_HEADING: Final = 1200
_NEVER: Final = frozenset({FindingKind.SOCIAL_SECURITY_NUMBER, FindingKind.BIRTH_DATE})
"""Professionals' names and telephones belong on this page; a patient's numbers never do."""


def write_site_card(session: Session, site_ref: str, page: WelcomePage, *, clock: Clock, actor: Actor) -> SiteCard:
    """Write the page again; it is printed on the mission orders that leave afterwards.

    Raises NotFound, InvalidInput("identity_in_text" or "text_too_long") naming the field.
    """
    site = find_site(session, site_ref, lock=True)
    texts = {name: text.strip() for name, text in asdict(page).items()}
    for name, text in texts.items():
        _ensure_fit(text, name)
    card = site.card or SiteCard(site=site)
    session.add(card)
    for name, text in texts.items():
        setattr(card, name, text)
    card.updated_at = clock.now()
    session.flush()
    record(session, "site.write_card", "site", site.ref, actor=actor, clock=clock)
    return card


def _ensure_fit(text: str, field: str) -> None:
    if len(text) > LONGEST_HEADING:
        raise InvalidInput(
            "text_too_long",
            N_("Please keep it under %(count)s signs: it has to fit on one page."),
            field=field,
            count=LONGEST_HEADING,
        )
    for finding in check_free_text(text):
        if finding.kind in _NEVER:
            raise InvalidInput("identity_in_text", finding.message, field=field)
