"""`entrepairs migrate` on an empty database: what a real association starts from."""

import os
import subprocess
import sys

from sqlalchemy import delete, func, select

from entrepairs.catalogue.models import Offering, Price
from entrepairs.ledger.models import Journal, LedgerAccount
from entrepairs.network.models import Commune
from tests.conftest import FreshDatabase


def migrated(database: FreshDatabase) -> str:
    """Run the command as the owner; what it says."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "entrepairs.cli", "migrate"],
        env={
            **kept,
            "ENTREPAIRS_ENV": "test",
            "DATABASE_URL": database.url,
            "MIGRATION_DATABASE_URL": database.owner_url,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def counted(database: FreshDatabase) -> list[int]:
    with database.session() as session:
        tables = (LedgerAccount, Journal, Commune, Offering, Price)
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_the_chart_the_communes_and_the_palette_come_with_the_tables_and_prices_do_not(
    fresh_database: FreshDatabase,
) -> None:
    with fresh_database.session() as session:  # a database of tests has its chart from the start
        session.execute(delete(LedgerAccount))
        session.execute(delete(Journal))
        session.commit()
    assert counted(fresh_database) == [0, 0, 0, 0, 0]
    said = migrated(fresh_database)
    accounts, journals, communes, offerings, prices = counted(fresh_database)
    assert min(accounts, journals, communes, offerings) > 0
    assert prices == 0
    assert f"{offerings} propositions nouvelles" in said
    assert "nouvelles" not in migrated(fresh_database)
    assert counted(fresh_database) == [accounts, journals, communes, offerings, prices]
