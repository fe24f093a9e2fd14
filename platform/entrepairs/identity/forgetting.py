"""Links of mails that no longer open anything and browsers not seen again are erased. Real time."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from entrepairs.identity.models import ActionToken, WebSession
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.parameters import figures

LINKS_DAYS: Final = "retention.links_days"
MOST: Final = 20_000


def forget_links(session: Session, *, clock: Clock, real_now: datetime | None = None) -> int:
    """Recurring job: erase links out of date, and web sessions not seen, for `retention.links_days`; gives how many.

    `clock` says which figure is in force; ages are real time.
    """
    before = (real_now or datetime.now(UTC)) - timedelta(days=figures().whole(LINKS_DAYS, clock.today()))
    links = select(ActionToken.id).where(ActionToken.expires_at < before).limit(MOST)
    browsers = select(WebSession.id).where(WebSession.seen_at < before).limit(MOST)
    gone = session.scalars(
        delete(ActionToken)
        .where(ActionToken.id.in_(links))
        .returning(ActionToken.id)
        .execution_options(synchronize_session=False)
    ).all()
    also = session.scalars(
        delete(WebSession)
        .where(WebSession.id.in_(browsers))
        .returning(WebSession.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(gone) + len(also)
