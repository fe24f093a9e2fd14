"""With whom a peer does not wish to come. No reason is held; only the person who said it sees it and lifts it."""

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from entrepairs.db import Base, Key, fk
from entrepairs.network.models.peers import Peer


class RefusedColleague(Base):
    """The two are never proposed together; the other is not told."""

    __tablename__ = "refused_colleague"
    __table_args__ = (
        UniqueConstraint("peer_id", "other_id"),
        CheckConstraint("peer_id <> other_id", name="somebody_else"),
    )

    id: Mapped[Key]
    peer_id: Mapped[int] = fk("peer.id")
    other_id: Mapped[int] = fk("peer.id")

    peer: Mapped[Peer] = relationship(foreign_keys=[peer_id])
    other: Mapped[Peer] = relationship(foreign_keys=[other_id])
