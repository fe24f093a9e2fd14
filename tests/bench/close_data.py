"""A month to close: demands of six sessions done and confirmed, ten to a structure, under agreements of one invoice a mission.

One demand is made by the use cases; PostgreSQL copies its rows, ten to a structure.
"""

from datetime import date
from typing import Any, Final

from sqlalchemy import Table, text
from sqlalchemy.orm import Session

from entrepairs.billing.month.months import Month
from entrepairs.contracting.models import Agreement, AgreementDraw, InvoiceGrouping
from entrepairs.demands.models import Demand, DemandSession
from entrepairs.missions.models import ServiceDone
from entrepairs.network.models import Partner, Site
from tests.factories.billing import EXEMPT, a_client, a_demand_done, the_association
from tests.factories.catalogue import a_wrap_group
from tests.factories.missions import an_agreement_drawn

LINES: Final = 6
MONTH: Final = Month(date(2027, 3, 1))
EACH: Final = 10
"""Demands of one structure."""
_SIRET: Final = """
CREATE FUNCTION pg_temp.luhn(body text) RETURNS text LANGUAGE sql AS $$
    SELECT body || (10 - sum(CASE WHEN odd THEN d * 2 - CASE WHEN d > 4 THEN 9 ELSE 0 END ELSE d END) % 10) % 10
    FROM (SELECT substr(body, i, 1)::int AS d, (length(body) - i) % 2 = 0 AS odd FROM generate_series(1, length(body)) i) x
$$"""


def fill_month(session: Session, invoices: int) -> None:
    """Services enough for that many invoices of six lines (a multiple of ten)."""
    the_association(session)
    offering = a_wrap_group(session, vat_regime=EXEMPT)
    partner = a_client(session, name="Structure 0")
    demand = a_demand_done(session, partner, offering, sessions_count=LINES)
    an_agreement_drawn(session, demand, tacit_days=None, grouping=InvoiceGrouping.MISSION)
    session.execute(text(_SIRET))
    partners = range(1, invoices // EACH)
    bases: list[tuple[Any, dict[str, str | None]]] = [
        (Partner, {"ref": "'STB-' || n", "name": "'Structure ' || n",
                   "siret": "pg_temp.luhn(pg_temp.luhn('8' || lpad(n::text, 7, '0')) || '0001')"}),
        (Site, {"ref": "'SIB-' || n", "partner_id": _id(Partner, "'STB-' || n")}),
        (Agreement, {"ref": "'CNB-' || n", "number": "'CVB-' || n", "partner_id": _id(Partner, "'STB-' || n")}),
    ]  # fmt: skip
    for model, given in bases:
        _copy(session, model.__table__, given, len(partners))
    partner_of = f"coalesce({_id(Partner, _nth('STB'))}, c.partner_id)"
    site_of = f"coalesce({_id(Site, _nth('SIB'))}, c.site_id)"
    signed = f"coalesce({_id(Agreement, _nth('CNB'))}, c.agreement_id)"
    many = invoices - 1
    ours = _id(Demand, "'DEB-' || n")
    theirs = (
        "(SELECT s.id FROM demand_session s JOIN demand_session o ON o.id = c.session_id"
        " WHERE s.ref = 'SB-' || n || '-' || o.number)"
    )
    works: list[tuple[Any, dict[str, str | None]]] = [
        (Demand, {"ref": "'DEB-' || n", "caller_code": None, "partner_id": partner_of, "site_id": site_of}),
        (AgreementDraw, {"agreement_id": signed, "demand_id": ours}),
        (DemandSession, {"ref": "'SB-' || n || '-' || c.number", "demand_id": ours}),
        (ServiceDone, {"ref": "'SDB-' || c.id || '-' || n", "session_id": theirs}),
    ]
    for model, given in works:
        _copy(session, model.__table__, given, many)


def _id(model: Any, ref: str) -> str:
    return f"(SELECT o.id FROM {model.__tablename__} o WHERE o.ref = {ref})"


def _nth(prefix: str) -> str:
    """The reference of what the n-th demand goes with; the first ten stay with what they were copied from."""
    return f"'{prefix}-' || n / {EACH}"


def _copy(session: Session, table: Table, given: dict[str, str | None], times: int) -> None:
    """The rows there are, `times` more; `given` says what differs, by expression on `c` (a row) and `n`."""
    given = {"id": None, **given}
    columns = [column.name for column in table.columns if given.get(column.name, "") is not None]
    values = ", ".join(given.get(name) or f"c.{name}" for name in columns)
    session.execute(
        text(f"INSERT INTO {table.name} ({', '.join(columns)}) SELECT {values} "
             f"FROM {table.name} c, generate_series(1, {times}) n")
    )  # fmt: skip
    session.execute(text(f"ANALYZE {table.name}"))
