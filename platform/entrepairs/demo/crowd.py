"""The crowd: what a large demo adds around the story, written in bulk in states that hold together.

Its missions are paid by an invented regional programme, so that nothing of them is to be invoiced and the books stay
those of the story. Its past has no mission order nor letter.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from random import Random
from typing import Any, Final

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from entrepairs.demo.copying import Rows
from entrepairs.demo.crowd_missions import CrowdPeer, CrowdSite, fill_diaries, write_waiting
from entrepairs.demo.reading import Page, read_page
from entrepairs.demo.story import BEGINNING
from entrepairs.identity.models import Account
from entrepairs.network.models import (
    Availability,
    Clearance,
    ClearanceKind,
    Employment,
    MemberRole,
    Partner,
    PartnerMember,
    Peer,
    PeerLanguage,
    Qualification,
    Referent,
    Site,
    SiteCard,
)
from entrepairs.network.territory import CommunePlace, region
from entrepairs.network.vocabulary import QUALIFICATIONS

Teller = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class CrowdSize:
    """How much is added: peers, structures of two services each, sessions."""

    peers: int
    partners: int
    sessions: int
    waiting: int
    """Firm demands for which nobody has been found yet."""


CROWDS: Final = {"M": CrowdSize(72, 42, 700, 40), "L": CrowdSize(976, 286, 49_800, 400)}
"""With the story's own: four times as much for M; 1 000 peers, 300 structures and 50 000 sessions for L."""
LARGE_TOWN: Final = 9000


def add_crowd(session: Session, size: CrowdSize, *, seed: int, tell: Teller) -> None:
    """Write the crowd and commit. The story's offerings and communes are there already."""
    crowd = _Crowd(session, Random(f"crowd:{seed}"))
    sites = crowd.open_sites(size.partners)
    peers = crowd.gather_peers(size.peers)
    crowd.write()
    fill_diaries(
        session, peers, sites, size.sessions, financed_by=crowd.page["financed_by"], draw=crowd.draw, tell=tell
    )
    write_waiting(session, sites, size.waiting, financed_by=crowd.page["financed_by"], draw=crowd.draw)
    session.commit()


class _Crowd:
    """People and places."""

    def __init__(self, session: Session, draw: Random) -> None:
        self.draw = draw
        self.page = read_page("crowd")
        self._tables: dict[type[Any], Rows] = {}
        self._session = session
        towns = [place for place in region().communes if place.population >= LARGE_TOWN]
        self._towns = sorted(towns, key=lambda place: place.insee)
        self._weights = [place.population for place in self._towns]

    def rows(self, table: type[Any]) -> Rows:
        """The rows of a table, tables in the order they were first used: parents first."""
        return self._tables.setdefault(table, Rows(self._session, table))

    def write(self) -> None:
        """Hand everything to the database."""
        for table in self._tables.values():
            table.write()

    def _town(self) -> CommunePlace:
        return self.draw.choices(self._towns, self._weights)[0]

    def _account(self, name: str, email: str) -> int:
        accounts = self.rows(Account)
        return accounts.add(ref=accounts.reference("CPT"), email=email, name=name, created_at=BEGINNING)

    def _name(self) -> tuple[str, str]:
        return self.draw.choice(self.page["first_names"]), self.draw.choice(self.page["last_names"])

    # --- structures -------------------------------------------------------------------------------------------

    def open_sites(self, count: int) -> list[CrowdSite]:
        """Structures with two services each."""
        return [site for number in range(1, count + 1) for site in self._open_partner(number)]

    def _open_partner(self, number: int) -> list[CrowdSite]:
        kind: Page = self.draw.choice(self.page["kind"])
        town = self._town()
        partners = self.rows(Partner)
        partner_id = partners.add(
            ref=partners.reference("STR"),
            name=f"{kind['name']} {self.draw.choice(self.page['places'])}, {town.name} {number}",
            kind=kind["kind"],
            payer_kind=kind["payer"],
            refers_only=kind["payer"] == "none",
            address=f"{self.draw.randrange(1, 90)} rue {self.draw.choice(self.page['places'])}",
            postcode=town.postcodes[0],
            town=town.name,
            created_at=BEGINNING,
        )
        first, last = self._name()
        account_id = self._account(f"{first} {last}", f"structure.{number}@foule.test")
        for role in (MemberRole.REQUESTER, MemberRole.SIGNATORY, MemberRole.ADMIN):
            self.rows(PartnerMember).add(
                partner_id=partner_id, account_id=account_id, role=role, function="cadre", delegation="Fictive"
            )
        names = self.draw.sample(self.page["services"], 2)
        return [self._open_site(partner_id, account_id, f"{first} {last}", name, town) for name in names]

    def _open_site(self, partner_id: int, account_id: int, welcomer: str, name: str, town: CommunePlace) -> CrowdSite:
        sites = self.rows(Site)
        site_id = sites.add(
            ref=sites.reference("LIEU"),
            partner_id=partner_id,
            name=name,
            postcode=town.postcodes[0],
            commune_insee=town.insee,
            created_at=BEGINNING,
        )
        self.rows(Referent).add(
            site_id=site_id, name=welcomer, function="cadre", account_id=account_id, since=BEGINNING.date()
        )
        self.rows(SiteCard).add(site_id=site_id, danger_contact="Le 15.", updated_at=BEGINNING)
        return CrowdSite(site_id, partner_id, account_id, welcomer, town.insee, town.departement)

    # --- peers ------------------------------------------------------------------------------------------------

    def gather_peers(self, count: int) -> list[CrowdPeer]:
        """Peers with their week, papers and qualifications."""
        return [self._join(number) for number in range(1, count + 1)]

    def _join(self, number: int) -> CrowdPeer:
        first, last = self._name()
        town = self._town()
        peers = self.rows(Peer)
        joined = date(2025, 7, 1)
        peer_id = peers.add(
            ref=peers.reference("PAI"),
            account_id=self._account(f"{first} {last}", f"pair.{number}@foule.test"),
            first_name=first,
            last_name=last,
            employment=self.draw.choices(list(Employment), [80, 8, 8, 4])[0],
            asks_missions=True,
            commune_insee=town.insee,
            radius_km=self.draw.choice((30, 40, 50, 60)),
            wished_hours=self.draw.choice((20, 30, 40, 50)),
            weekly_max_hours=self.draw.choice((16, 20, 24)),
            joined_on=joined,
            created_at=BEGINNING,
        )
        self.rows(PeerLanguage).add(peer_id=peer_id, language="fr")
        for weekday in range(5):
            self.rows(Availability).add(peer_id=peer_id, weekday=weekday, starts=time(9), ends=time(18))
        held = {"msp_degree", *self.draw.sample(sorted(QUALIFICATIONS), 3)}
        for kind in sorted(held):
            since = joined - timedelta(days=self.draw.randrange(30, 900))
            self.rows(Qualification).add(peer_id=peer_id, kind=kind, valid=Range(since, None), created_at=BEGINNING)
        for paper in ClearanceKind:
            self.rows(Clearance).add(peer_id=peer_id, kind=paper, checked_on=joined, checked_by="Récit")
        return CrowdPeer(peer_id, f"{first} {last[:1]}.", town.departement, frozenset(held))
