"""What a peer is learning, and the days they are at school: they keep the days free, and open a seat beside a colleague."""

from datetime import date

from sqlalchemy import CheckConstraint, String
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from entrepairs.db import Base, Key, fk
from entrepairs.network.models.peers import Peer


class Learning(Base):
    """A qualification being prepared, over the days of the whole course (some take eighteen months)."""

    __tablename__ = "learning"
    __table_args__ = (
        ExcludeConstraint(("peer_id", "="), ("kind", "="), ("valid", "&&"), using="gist", name="ex_learning_peer_kind"),
    )

    id: Mapped[Key]
    peer_id: Mapped[int] = fk("peer.id")
    kind: Mapped[str] = mapped_column(String(40))
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)

    peer: Mapped[Peer] = relationship()


class TrainingDays(Base):
    """Days at school or in training, in whole Paris days: no mission then."""

    __tablename__ = "training_days"
    __table_args__ = (
        ExcludeConstraint(("peer_id", "="), ("days", "&&"), using="gist", name="ex_training_days_peer"),
        CheckConstraint("NOT isempty(days) AND NOT lower_inf(days) AND NOT upper_inf(days)", name="days_bounded"),
    )

    id: Mapped[Key]
    peer_id: Mapped[int] = fk("peer.id")
    days: Mapped[Range[date]] = mapped_column(DATERANGE)

    peer: Mapped[Peer] = relationship()
