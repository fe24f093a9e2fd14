"""Where and with whom a peer does not wish to go, and what they accept to speak of. Theirs alone to say and to take back.

As for their time, nothing is written in the trail. No reason is asked, and there is no column to hold one.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from entrepairs.kernel.errors import InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.text_checks import fold
from entrepairs.network.finding import find_partner, find_peer, find_site
from entrepairs.network.models import Exclusion, Peer, PeerTheme, RefusedColleague
from entrepairs.network.queries import folded
from entrepairs.network.vocabulary import THEMES

SHORTEST_NAME: Final = 3
"""Letters before somebody is looked for: the page is no list of the team."""


def exclude_place(
    session: Session, peer_ref: str, *, partner_ref: str | None = None, site_ref: str | None = None
) -> Exclusion:
    """Never be offered that service, or the whole structure. Saying it twice changes nothing.

    Raises NotFound, InvalidInput("place_missing").
    """
    peer = find_peer(session, peer_ref, lock=True)
    if (partner_ref is None) == (site_ref is None):
        raise InvalidInput("place_missing", N_("Please choose a place."), field="place")
    partner_id = find_partner(session, partner_ref).id if partner_ref else None
    site_id = find_site(session, site_ref).id if site_ref else None
    for known in peer.exclusions:
        if (known.partner_id, known.site_id) == (partner_id, site_id):
            return known
    exclusion = Exclusion(partner_id=partner_id, site_id=site_id)
    peer.exclusions.append(exclusion)
    session.flush()
    return exclusion


def lift_exclusion(session: Session, peer_ref: str, exclusion_id: int) -> None:
    """The person would go there again. Raises NotFound."""
    peer = find_peer(session, peer_ref, lock=True)
    found = session.scalar(select(Exclusion).where(Exclusion.id == exclusion_id, Exclusion.peer_id == peer.id))
    if found is None:
        raise NotFound("exclusion", N_("This place is no longer in your list."))
    session.delete(found)
    session.flush()
    session.expire(peer, ["exclusions"])


def refuse_colleague(session: Session, peer_ref: str, other_ref: str) -> None:
    """Never be proposed together with somebody. Saying it twice changes nothing; the other is not told.

    Raises NotFound, InvalidInput("colleague_oneself").
    """
    peer, other = find_peer(session, peer_ref, lock=True), find_peer(session, other_ref)
    if peer.id == other.id:
        raise InvalidInput("colleague_oneself", N_("Choose somebody else than yourself."), field="colleague")
    known = select(RefusedColleague.id).where(
        RefusedColleague.peer_id == peer.id, RefusedColleague.other_id == other.id
    )
    if session.scalar(known) is None:
        session.add(RefusedColleague(peer_id=peer.id, other_id=other.id))
        session.flush()


def accept_colleague(session: Session, peer_ref: str, number: int) -> None:
    """The person would come with them again. Raises NotFound."""
    peer = find_peer(session, peer_ref, lock=True)
    found = session.scalar(
        select(RefusedColleague).where(RefusedColleague.id == number, RefusedColleague.peer_id == peer.id)
    )
    if found is None:
        raise NotFound("colleague", N_("This person is no longer in your list."))
    session.delete(found)
    session.flush()


def own_refusals(session: Session, peer_id: int) -> Sequence[RefusedColleague]:
    """With whom somebody does not wish to come, for their own page."""
    return session.scalars(
        select(RefusedColleague)
        .join(RefusedColleague.other)
        .where(RefusedColleague.peer_id == peer_id)
        .order_by(Peer.first_name, Peer.last_name, RefusedColleague.id)
    ).all()


def find_colleagues(session: Session, peer_id: int, text: str, *, most: int = 20) -> Sequence[Peer]:
    """People of the team by a part of their name, but oneself and those refused already; nobody under three letters."""
    wanted = fold(text.strip())
    if len(wanted) < SHORTEST_NAME:
        return ()
    known = select(RefusedColleague.other_id).where(RefusedColleague.peer_id == peer_id)
    return (
        session.scalars(
            select(Peer)
            .where(
                Peer.id != peer_id,
                Peer.left_on.is_(None),
                Peer.id.not_in(known),
                or_(
                    folded(Peer.first_name).contains(wanted, autoescape=True),
                    folded(Peer.last_name).contains(wanted, autoescape=True),
                ),
            )
            .order_by(Peer.first_name, Peer.last_name, Peer.id)
            .limit(most)
        )
        .unique()
        .all()
    )


def choose_themes(session: Session, peer_ref: str, themes: Iterable[str]) -> None:
    """Replace the themes the person accepts to speak of, seen by the coordination only, used when a demand asks.

    Raises NotFound, InvalidInput("theme_unknown").
    """
    peer = find_peer(session, peer_ref, lock=True)
    wanted = set(themes)
    if wanted - THEMES.keys():
        raise InvalidInput("theme_unknown", N_("This theme is not in the list."), field="themes")
    chosen = {row.theme: row for row in peer.themes}
    for theme in chosen.keys() - wanted:
        peer.themes.remove(chosen[theme])
        session.delete(chosen[theme])
    for theme in sorted(wanted - chosen.keys()):
        peer.themes.append(PeerTheme(theme=theme))
    session.flush()
