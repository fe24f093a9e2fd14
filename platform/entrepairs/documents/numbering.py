"""Continuous legal numbers: `FA2027-00001`. Chronological and without gap in a series and a year (CGI ann. II 242 nonies A)."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from entrepairs.documents.models import NumberSeries


def take_number(session: Session, series: str, year: int) -> str:
    """The next number of the series, under its row lock until the transaction ends.

    A rollback gives the number back, so there is no gap; a second taker waits, so there is no duplicate. Take it late
    in the transaction: everyone issuing in the series waits behind. At most 20 characters (Chorus Pro).
    """
    session.execute(insert(NumberSeries).values(series=series, year=year, next=1).on_conflict_do_nothing())
    row = session.scalars(
        select(NumberSeries)
        .where(NumberSeries.series == series, NumberSeries.year == year)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    number, row.next = row.next, row.next + 1
    session.flush()
    return f"{series}{year}-{number:05d}"
