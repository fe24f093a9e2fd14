"""Committing a use case at the edge, and trying again when PostgreSQL had to choose between two of them."""

from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from entrepairs.kernel.errors import Unavailable
from entrepairs.kernel.i18n import N_

T = TypeVar("T")

DEADLOCK: Final = "40P01"
SERIALIZATION: Final = "40001"
TRIES: Final = 3


def committed(session: Session, work: Callable[[Session], T]) -> T:
    """Do `work` and commit; on a deadlock or a serialization failure do it anew, three times in all.

    A refusal of the use case passes through, its transaction rolled back. Raises Unavailable("crowded") after that.
    """
    for _attempt in range(TRIES):
        try:
            done = work(session)
            session.commit()
        except DBAPIError as error:
            session.rollback()
            if getattr(error.orig, "sqlstate", None) not in (DEADLOCK, SERIALIZATION):
                raise
        except BaseException:
            session.rollback()
            raise
        else:
            return done
    raise Unavailable("crowded", N_("Many people are answering just now. Try again in a moment."))
