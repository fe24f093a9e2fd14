"""Continuous legal numbers: `FA2027-00001`. Chronological and without gap in a series and a year (CGI ann. II 242 nonies A)."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from entrepairs.documents.models import NumberSeries


def take_number(session: Session, series: str, year: int) -> str:
    """The next number of the series, under its row lock until the transaction ends.

    A rollback gives the number back, so there is no gap; a second taker waits, so there is no duplicate. Take it late
    in the transaction: everyone issuing in the series waits behind. At most 20 characters (Chorus Pro).
    """
    (number,) = take_numbers(session, series, year, 1)
    return number


def take_numbers(session: Session, series: str, year: int, count: int) -> list[str]:
    """The next `count` numbers of the series, as `take_number`.

    The database lets several be taken at once in the series of invoices only, and sees that each is borne.
    """
    session.flush()
    taken = (
        insert(NumberSeries)
        .values(series=series, year=year, next=count + 1)
        .on_conflict_do_update(
            index_elements=[NumberSeries.series, NumberSeries.year], set_={"next": NumberSeries.next + count}
        )
        .returning(NumberSeries.next)
    )
    following = session.execute(taken).scalar_one()
    return [f"{series}{year}-{number:05d}" for number in range(following - count, following)]
