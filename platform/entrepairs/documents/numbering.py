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
    """The next `count` numbers of the series, as `take_number`. One by one: the database lets none be jumped over."""
    session.flush()
    taken = (
        insert(NumberSeries)
        .values(series=series, year=year, next=2)
        .on_conflict_do_update(
            index_elements=[NumberSeries.series, NumberSeries.year], set_={"next": NumberSeries.next + 1}
        )
        .returning(NumberSeries.next - 1)
    )
    return [f"{series}{year}-{session.execute(taken).scalar_one():05d}" for _ in range(count)]
