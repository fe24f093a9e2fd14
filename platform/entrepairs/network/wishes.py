"""Where a peer does not wish to go, and what they accept to speak of. Theirs alone to say and to take back.

As for their time, nothing is written in the trail. No reason is asked, and there is no column to hold one.
"""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.kernel.errors import InvalidInput, NotFound
from entrepairs.kernel.i18n import N_
from entrepairs.network.finding import find_partner, find_peer, find_site
from entrepairs.network.models import Exclusion, PeerTheme
from entrepairs.network.vocabulary import THEMES


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
