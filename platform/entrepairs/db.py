"""The one metadata, its naming convention, and the column idioms of every table.

PostgreSQL is the only dialect: ranges, exclusion constraints, JSONB and partial indexes are used as such.
`created_at` and other business times are given by the use case (the demo moves that clock), never by the server.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    Enum,
    ForeignKey,
    Identity,
    Integer,
    MetaData,
    Select,
    String,
    Text,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, MappedColumn, Session, SessionTransaction, lazyload, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Key = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
"""Internal key; never shown outside."""

Ref = Annotated[str, mapped_column(String(16), unique=True)]
"""Public random reference, `DEM-7K3M-9QX2`."""

Instant = Annotated[datetime, mapped_column(DateTime(timezone=True))]
"""Aware instant, stored in UTC."""

Day = Annotated[date, mapped_column(Date)]
"""Legal date in Paris."""

Cents = Annotated[int, mapped_column(BigInteger)]
"""Integer cents of euro."""

Json = Annotated[dict[str, Any], mapped_column(JSONB)]


class Base(DeclarativeBase):
    """Parent of every table."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: Mapping[Any, Any] = {
        str: Text,
        int: Integer,
        datetime: DateTime(timezone=True),
        date: Date,
        dict[str, Any]: JSONB,
        list[str]: JSONB,
    }


def fk(target: str, *, nullable: bool = False, index: bool = True, unique: bool = False) -> MappedColumn[Any]:
    """A foreign key to `table.column`, indexed; rows are never deleted in cascade."""
    return mapped_column(
        BigInteger,
        ForeignKey(target, ondelete="RESTRICT"),
        nullable=nullable,
        index=index and not unique,
        unique=unique,
    )


def state_column(
    kind: type[StrEnum], *, nullable: bool = False, name: str | None = None, default: StrEnum | None = None
) -> MappedColumn[Any]:
    """A column holding the values of a `StrEnum`, held by a CHECK."""
    given: dict[str, Any] = {} if default is None else {"default": default}
    return mapped_column(
        Enum(
            kind,
            native_enum=False,
            create_constraint=True,
            length=40,
            name=name or f"{kind.__name__.lower()}_known",
            values_callable=lambda members: [member.value for member in members],
        ),
        nullable=nullable,
        **given,
    )


T = TypeVar("T")


def locked(session: Session, statement: Select[T]) -> T | None:
    """The one row of `statement`, locked FOR UPDATE and read afresh; None when absent.

    Lock order everywhere: demand, seats by id, peers by id. Only the statement's own entity is locked, and read: what
    it points to is neither, and is asked for when somebody needs it.
    """
    entity = statement.column_descriptions[0]["entity"]
    fresh = statement.with_for_update(of=entity).options(lazyload("*")).execution_options(populate_existing=True)
    return session.scalars(fresh).unique().one_or_none()


_READ_ONCE = "entrepairs.db.read_once"


def read_once(session: Session, name: str) -> dict[Any, Any]:
    """What a room has read, or written, in this transaction and need not ask for again; emptied when it ends.

    A rollback to a savepoint empties it too: what was written since is no longer there.
    """
    known: dict[str, dict[Any, Any]] = session.info.setdefault(_READ_ONCE, {})
    return known.setdefault(name, {})


@event.listens_for(Session, "after_transaction_end")
def _forget_at_end(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_READ_ONCE, None)


@event.listens_for(Session, "after_soft_rollback")
def _forget_at_rollback(session: Session, previous: SessionTransaction) -> None:
    session.info.pop(_READ_ONCE, None)
