"""The structures: registered the day they come, with their people, services, who welcomes, and the welcome page."""

from datetime import time
from functools import partial

from sqlalchemy import select

from entrepairs.demo.reading import Page, read_rows
from entrepairs.demo.story import Person, Story, Structure
from entrepairs.identity.models import Account
from entrepairs.network.members import Rights, invite_member
from entrepairs.network.models import MemberRole, Partner, PartnerKind, PayerKind
from entrepairs.network.partners import PartnerSheet, register_partner
from entrepairs.network.sites import SiteSheet, WelcomePage, Welcomer, add_site, name_referent, write_site_card

FIRST_DAY = time(10)
_SHEET = (
    *("siret", "vat_number", "address", "postcode", "town", "billing_email", "phone"),
    *("requires_engagement", "requires_service_code", "service_code", "refers_only"),
)
_SITE = ("name", "address", "postcode", "phone", "service_code", "emergency")
_CARD = {
    "does": "peer_does",
    "does_not": "peer_does_not",
    "with_whom": "with_whom",
    "entrance": "entrance",
    "badge": "badge",
    "locker": "locker",
    "alarm": "alarm",
    "meal": "meal",
    "danger": "danger_contact",
}


def open_structures(story: Story) -> None:
    """Put on the agenda the day each structure comes."""
    known: dict[str, Page] = {}
    for row in read_rows("structures", "structure"):
        story.on(row["since"], FIRST_DAY, partial(_open, story, row, known))


def _open(story: Story, row: Page, known: dict[str, Page]) -> None:
    sheet = PartnerSheet(
        name=row["name"],
        kind=PartnerKind(row["kind"]),
        payer_kind=PayerKind(row["payer"]),
        **{name: row[name] for name in _SHEET if name in row},
    )
    partner = register_partner(story.session, sheet, clock=story.clock, actor=story.coordination)
    structure = Structure(row["key"], partner.id, partner.ref)
    story.structures[row["key"]] = structure
    for member in row.get("member", []):
        known.setdefault(member["key"], member)
        structure.people[member["key"]] = _invite(story, partner, member, known[member["key"]])
    for site in row.get("site", []):
        structure.sites[site["key"]] = _add_site(story, structure, site)


def _invite(story: Story, partner: Partner, member: Page, identity: Page) -> Person:
    rights = Rights(
        roles=frozenset(MemberRole(role) for role in member["roles"]),
        function=member["function"],
        delegation=member.get("delegation"),
        delegation_since=member.get("delegation_since"),
    )
    account = invite_member(
        story.session,
        partner.ref,
        email=identity["email"],
        name=identity["name"],
        rights=rights,
        clock=story.clock,
        actor=story.coordination,
    )
    return story.person(account, member["function"])


def _add_site(story: Story, structure: Structure, row: Page) -> str:
    session, clock, actor = story.session, story.clock, story.coordination
    sheet = SiteSheet(commune_insee=row["commune"], **{name: row[name] for name in _SITE if name in row})
    site = add_site(session, structure.ref, sheet, clock=clock, actor=actor)
    for role in ("referent", "deputy"):
        if role in row:
            name, function, *account = row[role]
            person = structure.people[account[0]] if account else None
            welcomer = Welcomer(
                name=name,
                function=function,
                email=_email(story, person) if person else None,
                deputy=role == "deputy",
                account_id=person.id if person else None,
            )
            name_referent(session, site.ref, welcomer, clock=clock, actor=actor)
    page = WelcomePage(**{field: row[name] for name, field in _CARD.items() if name in row})
    write_site_card(session, site.ref, page, clock=clock, actor=actor)
    return site.ref


def _email(story: Story, person: Person) -> str:
    email: str = story.session.scalars(select(Account.email).where(Account.id == person.id)).one()
    return email
