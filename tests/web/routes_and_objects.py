"""The routes, who opens them, and a world where each has one's own object, somebody else's, and nothing."""

import functools
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from entrepairs.app import create_app
from entrepairs.audit.actors import Actor
from entrepairs.billing.month.asking import ask_month
from entrepairs.billing.month.months import Month
from entrepairs.billing.statements.importing import import_file
from entrepairs.dispatch.plans import search
from entrepairs.documents.storing import store_file
from entrepairs.identity import sessions, tokens
from entrepairs.identity.models import Account, OfficeRole, OfficeRoleKind
from entrepairs.identity.permissions import Permission, permissions_of
from entrepairs.kernel.clock import FixedClock
from entrepairs.network.models import MemberRole, PartnerMember
from entrepairs.outbox.runs import LEASE, claim_run, end_run
from entrepairs.outbox.turns import Turn
from entrepairs.planning.asking import ask_plan
from entrepairs.web.access import ACCESS
from tests.billing.statements.bank_files import a_bank_file
from tests.factories.identity import an_account
from tests.web.objects_of_moves import HANDOVER
from tests.web.objects_of_routes import (
    LATE_AND_YEARLY,
    MORE,
    OBJECTS,
    OTHER_VALUES,
    SIGNED_ON_PAPER,
    TOKENS,
    Row,
)

ABSENT: Final = "DEM-2222-2222"
SECONDS: Final = frozenset(
    {"number", "offer_ref", "pause_ref", "payment_ref", "session_ref", "attachment_ref", "demand_ref"}
)
"""What must belong to the first reference of an address."""


class Target(StrEnum):
    """Whose object an address names."""

    OWN = "own"
    FOREIGN = "foreign"
    ABSENT = "absent"
    MIXED = "mixed"
    """Two references that do not belong together."""


@dataclass(frozen=True)
class Route:
    """A route and one of its methods."""

    endpoint: str
    method: str
    rule: str
    parameters: frozenset[str]
    access: Permission | str

    @property
    def has_object(self) -> bool:
        """Whether its address names something."""
        return self.endpoint in OBJECTS

    @property
    def door(self) -> str:
        """`s`, `p`, `a`, or nothing."""
        return self.access.value.split(".")[0] if isinstance(self.access, Permission) else ""


@dataclass(frozen=True)
class Audience:
    """Somebody at a browser."""

    office: tuple[OfficeRoleKind, ...] = ()
    member: bool = False
    peer: bool = False

    @property
    def held(self) -> frozenset[Permission]:
        """Their rights."""
        roles = [role.value for role in MemberRole] if self.member else []
        return permissions_of(self.office, roles, is_peer=self.peer)

    def enters(self, permission: Permission) -> bool:
        """Whether its front door is theirs."""
        return any(held.value.split(".")[0] == permission.value.split(".")[0] for held in self.held)


AUDIENCES: Final = {
    "anonymous": Audience(),
    "partner": Audience(member=True),
    "stranger": Audience(member=True),
    "peer": Audience(peer=True),
    "coordinator": Audience(office=(OfficeRoleKind.COORDINATOR,)),
    "auditor": Audience(office=(OfficeRoleKind.AUDITOR,)),
    "billing": Audience(office=(OfficeRoleKind.BILLING,)),
    "admin": Audience(office=(OfficeRoleKind.ADMIN,)),
}
"""`stranger` is a member, with every role, of another structure than the object's."""


@functools.cache
def all_routes() -> tuple[Route, ...]:
    """Every route with each of its methods but OPTIONS and HEAD. No database is asked."""
    unused = {"REDIS_URL": "unix:///nowhere", "SMTP_URL": "smtp://127.0.0.1:9", "RATELIMIT_STORAGE_URI": "memory://"}
    app = create_app({"ENV": "test", "DEMO": True, "DATABASE_URL": "postgresql+psycopg://nobody@/nowhere", **unused})
    found = []
    for rule in app.url_map.iter_rules():
        access = getattr(app.view_functions[rule.endpoint], ACCESS, "public")
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "DELETE"}):
            found.append(Route(rule.endpoint, method, rule.rule, frozenset(rule.arguments), access))
    return tuple(sorted(found, key=lambda route: (route.endpoint, route.method)))


def without_object(routes: tuple[Route, ...]) -> list[str]:
    """Routes whose address names something this module knows nothing of."""
    known = OBJECTS.keys() | TOKENS.keys() | OTHER_VALUES.keys()
    return sorted({route.endpoint for route in routes if route.parameters and route.endpoint not in known})


def complete_story(session: Session) -> None:
    """Add the few objects the story has once only, or not at all."""
    for change in (*MORE, *LATE_AND_YEARLY):
        session.execute(text(change))
    paper = store_file(session, b"%PDF-1.7 evidence", "application/pdf", kept_until=None, clock=FixedClock())
    session.flush()
    own = "SELECT DISTINCT ON (peer_id) id FROM qualification ORDER BY peer_id LIMIT 2"
    session.execute(text(f"UPDATE qualification SET file_id = :id WHERE id IN ({own})"), {"id": paper.id})
    session.execute(text(SIGNED_ON_PAPER), {"id": paper.id, "sha256": paper.sha256})
    _plan(session)
    for change in HANDOVER:
        session.execute(text(change))
    bank = a_bank_file((2_560_00, "VIREMENT DE TEST"), (-40_00, "FRAIS"))
    import_file(session, bank, other_account=True, actor=Actor.SYSTEM, clock=FixedClock())
    month = Month.before(Month.before(FixedClock().today()).first)
    ask_month(session, month, actor=Actor.SYSTEM, clock=FixedClock(), real_now=datetime.now(UTC))
    session.commit()


def _plan(session: Session) -> None:
    """A plan that is ready, and one that is still searched."""
    clock, now = FixedClock(), datetime.now(UTC)
    for number in range(2):
        days = (clock.today(), clock.today() + timedelta(days=90))
        ask_plan(session, *days, seconds=1, actor=Actor.SYSTEM, clock=clock, real_now=now)
        run = claim_run(session, real_now=now)
        if run is not None and number == 0:
            search(Turn.of(session, run, lease=LEASE), clock=clock)
            end_run(run, real_now=now)


@dataclass
class World:
    """The story, with people at their browsers: the object's owner, a stranger, the association, nobody."""

    session: Session
    app: Flask
    _secrets: dict[tuple[str, int], str] = field(default_factory=dict)
    _found: dict[str, list[Row]] = field(default_factory=dict)

    # --- people ---------------------------------------------------------------------------------------------

    def browser(self, audience: str, route: Route) -> FlaskClient:
        """Somebody's browser, logged in; the owner of the route's own object for `partner` and `peer`."""
        return self._browser(audience, self._owner(audience, route))

    def _browser(self, audience: str, owner: int) -> FlaskClient:
        """A new one at each call: what an answer did to the last one's cookies is forgotten."""
        client = self.app.test_client()
        if audience != "anonymous":
            with client.session_transaction() as cookie:
                cookie["_user_id"], cookie["_fresh"] = self._secret(audience, owner), True
        return client

    def _secret(self, audience: str, owner: int) -> str:
        """Of their session, opened once."""
        key = (audience, owner)
        if key not in self._secrets:
            account = self._account(audience, owner)
            self._secrets[key] = sessions.open_session(self.session, account, user_agent="test")
            self.session.commit()
        return self._secrets[key]

    def _owner(self, audience: str, route: Route) -> int:
        rows = self._rows(route.endpoint) if route.has_object else []
        if audience == "peer":
            return int(rows[0]["owner"]) if route.door == "p" and rows else self._first("peer")
        if audience in {"partner", "stranger"}:
            own = int(rows[0]["owner"]) if route.door == "s" and rows else self._first("partner")
            return own if audience == "partner" else self._other_partner(own)
        return 0

    def _first(self, table: str) -> int:
        return int(self.session.execute(text(f"SELECT min(id) FROM {table}")).scalar_one())

    def _other_partner(self, own: int) -> int:
        return int(
            self.session.execute(text("SELECT min(id) FROM partner WHERE id <> :own"), {"own": own}).scalar_one()
        )

    def _account(self, audience: str, owner: int) -> Account:
        if audience == "peer":
            ids = self.session.execute(text("SELECT account_id FROM peer WHERE id = :id"), {"id": owner})
            return self.session.get_one(Account, ids.scalar_one())
        account = an_account(self.session, name=f"Camille {audience}")
        for office_role in AUDIENCES[audience].office:
            account.office_roles.append(OfficeRole(role=office_role))
        if AUDIENCES[audience].member:
            for role in MemberRole:
                self.session.add(
                    PartnerMember(partner_id=owner, account_id=account.id, role=role, function="Cadre de santé")
                )
        self.session.flush()
        return account

    # --- addresses ------------------------------------------------------------------------------------------

    def has(self, route: Route, target: Target) -> bool:
        """Whether the target means something for this route."""
        if target is Target.OWN:
            return True
        if route.endpoint in TOKENS:
            return target is Target.ABSENT
        if not route.has_object:
            return False
        if target is Target.FOREIGN:
            return route.door in {"s", "p"}
        return target is Target.ABSENT or bool(self._second(route))

    def target(self, route: Route, target: Target) -> str:
        """The address. Fails when the story lacks what is asked."""
        return self._address(route, self._values(route, target))

    def _values(self, route: Route, target: Target) -> Row:
        if not route.parameters:
            return {}
        if route.endpoint in OTHER_VALUES:
            return OTHER_VALUES[route.endpoint]
        if route.endpoint in TOKENS:
            return {"token": self._token(route) if target is Target.OWN else secrets.token_urlsafe(24)}
        rows = self._rows(route.endpoint)
        assert rows, f"the story has nothing for {route.endpoint}"
        if target is Target.OWN:
            return rows[0]
        if target is Target.ABSENT:
            return {name: self._absent(name) for name in route.parameters}
        strangers = [row for row in rows if row["owner"] != rows[0]["owner"]]
        if target is Target.FOREIGN:
            assert strangers, f"the story has nothing of somebody else for {route.endpoint}"
            return strangers[0]
        last = self._second(route)
        others = [row for row in rows if row["ref"] != rows[0]["ref"] and row[last] != rows[0][last]]
        assert others, f"the story has only one object for {route.endpoint}"
        return {**rows[0], last: others[0][last]}

    @staticmethod
    def _second(route: Route) -> str:
        """The parameter that must belong to the first; a version's number belongs to every quote."""
        if route.endpoint.endswith(("quote_pdf", "quote_scan")):
            return ""
        return next(
            iter(sorted((route.parameters - {"ref"}) & SECONDS)),
            "",
        ) * ("ref" in route.parameters)

    @staticmethod
    def _absent(name: str) -> str:
        return {"number": "987654321", "year": "1999", "code": "rien_de_tel", "kind": "convention"}.get(name, ABSENT)

    def _address(self, route: Route, values: Row) -> str:
        with self.app.test_request_context():
            chosen = {name: values[name] for name in route.parameters}
            return str(self.app.url_for(route.endpoint, **chosen))

    def _rows(self, endpoint: str) -> list[Row]:
        """Asked once: a post may change which object comes first."""
        query = OBJECTS[endpoint]
        if query not in self._found:
            self._found[query] = [dict(row) for row in self.session.execute(text(query)).mappings()]
        return self._found[query]

    def _token(self, route: Route) -> str:
        purpose, query = TOKENS[route.endpoint]
        row = self.session.execute(text(query)).mappings().first()
        assert row is not None, f"the story has nothing for {route.endpoint}"
        secret = tokens.mint(self.session, purpose, row["ref"], days=3, account_id=row["account"])
        self.session.commit()
        return secret

    def in_every_state(self, route: Route) -> Iterator[tuple[str, FlaskClient]]:
        """One object of each state, at the browser of who may see it."""
        seen: set[str] = set()
        for row in self._rows(route.endpoint):
            if row["state"] in seen:
                continue
            seen.add(row["state"])
            audience = {"s": "partner", "p": "peer"}.get(route.door, "admin")
            owner = int(row["owner"]) if route.door in {"s", "p"} else 0
            yield self._address(route, row), self._browser(audience, owner)

    @contextmanager
    def taken_back(self) -> Iterator[None]:
        """What is done in the block never was: the next person finds everything in its place."""
        connection = self.session.get_bind()
        assert isinstance(connection, Connection)
        self.session.commit()
        connection.exec_driver_sql("SAVEPOINT next_person")
        try:
            yield
        finally:
            self.session.rollback()
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT next_person")

    # --- what was written -----------------------------------------------------------------------------------

    def rows_written(self) -> dict[str, int]:
        """Rows inserted, changed or deleted in this transaction, by table; also those a rollback took back.

        A session's last-seen instant is what a reading may write.
        """
        asked = text(
            """SELECT relname, n_tup_ins + n_tup_upd + n_tup_del AS written FROM pg_stat_xact_user_tables
            WHERE relname <> 'web_session' AND n_tup_ins + n_tup_upd + n_tup_del > 0"""
        )
        return {row.relname: row.written for row in self.session.execute(asked)}

    def rows_added(self) -> dict[str, int]:
        """Rows inserted in this transaction and not deleted in it, by table; also those a rollback took back, so not the
        marks of forms sent, which a refusal takes back.
        """
        asked = text(
            """SELECT relname, n_tup_ins - n_tup_del AS added FROM pg_stat_xact_user_tables
            WHERE relname NOT IN ('web_session', 'sent_form') AND n_tup_ins <> n_tup_del"""
        )
        return {row.relname: row.added for row in self.session.execute(asked)}
