"""Registering a peer, and the terms each peer sets and changes freely."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.identity.accounts import create_account, find_account
from entrepairs.identity.mails import send_invitation
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import Conflict, InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.identifiers import parse_phone
from entrepairs.kernel.parameters import figures
from entrepairs.kernel.references import new_reference
from entrepairs.network.emails import parse_email
from entrepairs.network.finding import find_commune, find_peer
from entrepairs.network.models import Employment, HomeWish, PairWish, Peer, PeerLanguage
from entrepairs.network.vocabulary import LANGUAGES

FARTHEST_KM: Final = 300
MOST_MONTHLY_HOURS: Final = 200
_PLAIN_TERMS: Final = (
    "commune_insee",
    "radius_km",
    "wished_hours",
    "weekly_max_hours",
    "outside_hours",
    "wording",
    "phone",
    "asks_missions",
    "monthly_max_hours",
    "rests_on_holidays",
    "waits_for_supervision",
    "pair_wish",
    "home_wish",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerTerms:
    """What a peer chooses: hours are whole hours, a month for `wished_hours`, a week for the two others."""

    commune_insee: str
    radius_km: int = 40
    wished_hours: int = 35
    weekly_max_hours: int = 20
    outside_hours: int = 0
    languages: frozenset[str] = frozenset({"fr"})
    wording: str = "pair-aidant·e"
    phone: str | None = None
    asks_missions: bool = True
    monthly_max_hours: int | None = None
    """Hours a month not to go beyond; None: no such wish."""
    rests_on_holidays: bool = True
    waits_for_supervision: bool = False
    pair_wish: PairWish = PairWish.EITHER
    home_wish: HomeWish = HomeWish.AS_ALL

    def read(self, *, on: date) -> "PeerTerms":
        """The same, checked. Raises InvalidInput naming the field."""
        _within(self.radius_km, 0, FARTHEST_KM, "radius_km")
        _within(self.wished_hours, 0, MOST_MONTHLY_HOURS, "wished_hours")
        most = figures().whole("working_time.week_max_hours", on)
        _within(self.weekly_max_hours, 1, most, "weekly_max_hours")
        _within(self.outside_hours, 0, most, "outside_hours")
        if self.monthly_max_hours is not None:
            _within(self.monthly_max_hours, 1, MOST_MONTHLY_HOURS, "monthly_max_hours")
        unknown = self.languages - LANGUAGES.keys()
        if unknown:
            raise InvalidInput("language_unknown", N_("This language is not in the list."), field="languages")
        return replace(
            self,
            wording=" ".join(self.wording.split()) or "pair-aidant·e",
            phone=parse_phone(self.phone, field="phone") if self.phone else None,
            languages=self.languages or frozenset({"fr"}),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerSheet:
    """Who the association registers. The terms are the person's own and change at their will."""

    email: str
    first_name: str
    last_name: str
    employment: Employment
    joined_on: date
    terms: PeerTerms


def register_peer(session: Session, sheet: PeerSheet, *, invite: bool = True, clock: Clock, actor: Actor) -> Peer:
    """Add a person to the team, with an account; the invitation leaves unless `invite` is false.

    Raises InvalidInput, Conflict("peer_known").
    """
    address = parse_email(sheet.email, field="email")
    first, last = _names(sheet.first_name, sheet.last_name)
    terms = sheet.terms.read(on=clock.today())
    find_commune(session, terms.commune_insee, field="commune")
    account = find_account(session, address)
    if account is not None and session.scalar(select(Peer.id).where(Peer.account_id == account.id)) is not None:
        raise Conflict("peer_known", N_("%(name)s is already in the team."), field="email", name=account.name)
    if account is None:
        account = create_account(session, email=address, name=f"{first} {last}", actor=actor, clock=clock)
        if invite:
            send_invitation(session, account, clock=clock, dedup="peer")
    peer = Peer(
        ref=new_reference("PAI"),
        account_id=account.id,
        first_name=first,
        last_name=last,
        employment=sheet.employment,
        joined_on=sheet.joined_on,
        created_at=clock.now(),
    )
    session.add(peer)
    _write_terms(session, peer, terms)
    record(session, "peer.register", "peer", peer.ref, actor=actor, clock=clock, employment=sheet.employment)
    return peer


def send_peer_invitation(session: Session, peer_ref: str, *, clock: Clock) -> None:
    """Send the invitation (once more a day at most). Raises NotFound."""
    peer = find_peer(session, peer_ref)
    send_invitation(session, peer.account, clock=clock, dedup=f"peer:{clock.today().isoformat()}")


def edit_terms(session: Session, peer_ref: str, terms: PeerTerms, *, clock: Clock, actor: Actor) -> Peer:
    """Replace the terms. Missions already accepted stay as they are. Raises NotFound, InvalidInput."""
    peer = find_peer(session, peer_ref, lock=True)
    read = terms.read(on=clock.today())
    find_commune(session, read.commune_insee, field="commune")
    _write_terms(session, peer, read)
    record(session, "peer.edit_terms", "peer", peer.ref, actor=actor, clock=clock)
    return peer


def edit_bond(
    session: Session,
    peer_ref: str,
    *,
    first_name: str,
    last_name: str,
    employment: Employment,
    joined_on: date,
    left_on: date | None,
    full_time: bool = False,
    clock: Clock,
    actor: Actor,
) -> Peer:
    """What the association keeps of a person: name and how they are bound to it. Raises NotFound, InvalidInput."""
    peer = find_peer(session, peer_ref, lock=True)
    peer.first_name, peer.last_name = _names(first_name, last_name)
    if left_on is not None and left_on < joined_on:
        raise InvalidInput("left_before", N_("The last day comes after the first one."), field="left_on")
    peer.employment, peer.joined_on, peer.left_on = employment, joined_on, left_on
    peer.full_time = full_time
    session.flush()
    record(session, "peer.edit_bond", "peer", peer.ref, actor=actor, clock=clock, employment=employment)
    return peer


def terms_of(peer: Peer) -> PeerTerms:
    """The terms as they stand."""
    plain = {name: getattr(peer, name) for name in _PLAIN_TERMS}
    return PeerTerms(**plain, languages=frozenset(row.language for row in peer.languages))


def _write_terms(session: Session, peer: Peer, terms: PeerTerms) -> None:
    for name in _PLAIN_TERMS:
        setattr(peer, name, getattr(terms, name))
    spoken = {row.language: row for row in peer.languages}
    for code in spoken.keys() - terms.languages:
        peer.languages.remove(spoken[code])
        session.delete(spoken[code])
    for code in sorted(terms.languages - spoken.keys()):
        peer.languages.append(PeerLanguage(language=code))
    session.flush()


def _names(first: str, last: str) -> tuple[str, str]:
    names = " ".join(first.split()), " ".join(last.split())
    for text, field in zip(names, ("first_name", "last_name"), strict=True):
        if not text:
            raise InvalidInput("name_missing", N_("Please give the first name and the last name."), field=field)
    return names


def _within(value: int, least: int, most: int, field: str) -> None:
    if not least <= value <= most:
        raise InvalidInput(
            "out_of_range",
            N_("Please give a whole number from %(least)s to %(most)s."),
            field=field,
            least=least,
            most=most,
        )
