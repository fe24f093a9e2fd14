"""`entrepairs demo`: only where data are fictitious, never over what is there."""

import subprocess
import sys

from sqlalchemy import select, text

from entrepairs.demands.models import DemandSession
from entrepairs.demo.copying import Rows
from entrepairs.demo.crowd import CrowdSize, add_crowd
from entrepairs.embedded.postgres import EmbeddedPostgres
from entrepairs.identity.models import Account
from entrepairs.network.models import Peer
from entrepairs.settings.demo_clock import START
from tests.conftest import FreshDatabase
from tests.demo_story import demo_environment
from tests.throwaway import ROOT


def demo(cluster: EmbeddedPostgres, database: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "entrepairs.cli", "demo", *arguments],
        cwd=ROOT,
        env={**demo_environment(cluster, database), **more},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_neither_loads_nor_erases_outside_the_demo(cluster: EmbeddedPostgres, fresh_database: FreshDatabase) -> None:
    for arguments in (("load",), ("reset", "--yes")):
        done = demo(cluster, fresh_database.name, *arguments, ENTREPAIRS_ENV="production", ENTREPAIRS_DEMO="false")
        assert done.returncode == 1
        assert done.stderr.strip() == (
            "Ici ne vivent pas des données fictives : la démonstration demande ENTREPAIRS_ENV=demo."
        )
    with fresh_database.session() as session:
        assert session.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 1


def test_never_loads_over_what_is_there(cluster: EmbeddedPostgres, demo_database: FreshDatabase) -> None:
    done = demo(cluster, demo_database.name, "load")
    assert done.returncode == 1
    assert "contient déjà des comptes" in done.stderr
    assert "Traceback" not in done.stderr


def test_beginning_anew_empties_the_database_and_makes_its_tables_again(
    cluster: EmbeddedPostgres, demo_database: FreshDatabase
) -> None:
    code = "import os; from entrepairs.commands.demo import _empty_database; _empty_database(os.environ)"
    environment = demo_environment(cluster, demo_database.name)
    demo_database.engine.dispose()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True)
    with demo_database.session() as session:
        assert session.scalars(select(Account)).all() == []
        session.add(Account(ref="CPT-2222-3333", email="un@foule.test", name="Un", created_at=START))
        session.commit()


def test_a_crowd_holds_together_around_the_story(demo_database: FreshDatabase) -> None:
    told: list[tuple[str, int, int]] = []
    with demo_database.session() as session:
        before = session.query(DemandSession).count()
        add_crowd(session, CrowdSize(30, 8, 200, 5), seed=1, tell=lambda *said: told.append(said))
    with demo_database.session() as session:
        waiting = text(
            "SELECT d.id, count(*) FROM demand d JOIN account a ON a.id = d.requester_id"
            " JOIN demand_session s ON s.demand_id = d.id"
            " WHERE a.email LIKE '%@foule.test' AND d.state = 'confirmed' GROUP BY d.id"
        )
        to_come = dict(session.execute(waiting).all())
        assert len(to_come) == 5, "firm, and nobody found yet"
        assert session.query(DemandSession).count() == before + 200 + sum(to_come.values())
        assert session.query(Peer).count() == 24 + 30
        twice = text(
            "SELECT 1 FROM booking a JOIN booking b ON a.peer_id = b.peer_id AND a.id < b.id AND a.during && b.during"
            " WHERE a.active AND b.active"
        )
        assert session.execute(twice).all() == []
        over = text(
            "SELECT DISTINCT x.state FROM demand_session x JOIN demand d ON d.id = x.demand_id"
            " JOIN account a ON a.id = d.requester_id"
            " WHERE a.email LIKE '%@foule.test' AND upper(x.during) <= :now"
        )
        assert session.scalars(over, {"now": START}).all() == ["done"]
        unbilled = text(
            "SELECT count(*) FROM demand d JOIN account a ON a.id = d.requester_id"
            " WHERE a.email LIKE '%@foule.test' AND d.financed_by = ''"
        )
        assert session.execute(unbilled).scalar_one() == 0
    assert told[-1] == ("Séances de la foule", 200, 200)


def test_rows_copied_take_their_defaults_and_leave_the_sequence_ahead(fresh_database: FreshDatabase) -> None:
    with fresh_database.session() as session:
        rows = Rows(session, Account)
        key = rows.add(ref=rows.reference("CPT"), email="un@foule.test", name="Un", created_at=START)
        assert rows.write() == 1
        account = session.scalars(select(Account)).one()
        assert (account.id, account.locale, account.disabled_at) == (key, "fr", None)
        session.add(Account(ref="CPT-2222-3333", email="deux@foule.test", name="Deux", created_at=START))
        session.flush()
