"""What stands behind the address of a route, in the demo's story: one's own, somebody else's, or nothing."""

import functools
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from entrepairs.app import create_app
from entrepairs.documents.storing import store_file
from entrepairs.identity import sessions, tokens
from entrepairs.identity.models import Account, OfficeRole, OfficeRoleKind, TokenPurpose
from entrepairs.identity.permissions import Permission, permissions_of
from entrepairs.kernel.clock import FixedClock
from entrepairs.network.models import MemberRole, PartnerMember
from entrepairs.web.access import ACCESS
from tests.factories.identity import an_account

Row = dict[str, Any]
ABSENT: Final = "DEM-2222-2222"


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


# --- where a reference comes from ------------------------------------------------------------------------------
# Each query gives the values of the address by their names, the `owner` (a structure, a peer) and a `state`.

DEMANDS = "SELECT ref, partner_id AS owner, state FROM demand WHERE state <> 'draft' ORDER BY id DESC"
DRAFTS = "SELECT ref, partner_id AS owner, step AS state FROM demand WHERE state = 'draft' ORDER BY id DESC"
DEMANDS_AND_PEOPLE = """SELECT d.ref, o.ref AS offer_ref, d.partner_id AS owner, o.state
    FROM offer o JOIN demand d ON d.id = o.demand_id ORDER BY o.id DESC"""
SESSIONS = """SELECT s.ref, d.partner_id AS owner, s.state FROM demand_session s JOIN demand d ON d.id = s.demand_id
    WHERE d.state NOT IN ('draft', 'refused') ORDER BY s.id DESC"""
LIVED_SESSIONS = """SELECT s.ref, d.partner_id AS owner, coalesce(sd.answer, 'unanswered') AS state
    FROM demand_session s JOIN demand d ON d.id = s.demand_id LEFT JOIN service_done sd ON sd.session_id = s.id
    WHERE s.id IN (SELECT session_id FROM report WHERE state <> 'draft') ORDER BY (sd.id IS NULL) DESC, s.id DESC"""
INVOICES = (
    """SELECT ref, partner_id AS owner, state || kind AS state FROM invoice WHERE state = 'issued' ORDER BY id DESC"""
)
ANY_INVOICES = "SELECT ref, partner_id AS owner, state || kind AS state FROM invoice ORDER BY state DESC, id DESC"
SITES = "SELECT ref, partner_id AS owner, 'x' AS state FROM site WHERE archived_at IS NULL ORDER BY id"
WELCOMERS = """SELECT s.ref, r.id AS number, s.partner_id AS owner, 'x' AS state
    FROM referent r JOIN site s ON s.id = r.site_id WHERE r.until IS NULL ORDER BY r.id"""
PARTNERS = "SELECT ref, id AS owner, kind AS state FROM partner WHERE archived_at IS NULL ORDER BY id"
MEMBERS = """SELECT a.ref, m.partner_id AS owner, m.role AS state FROM partner_member m
    JOIN account a ON a.id = m.account_id
    WHERE (SELECT count(DISTINCT partner_id) FROM partner_member WHERE account_id = a.id) = 1 ORDER BY m.id"""
PEERS = "SELECT ref, id AS owner, employment AS state FROM peer ORDER BY id"
QUALIFICATIONS = """SELECT p.ref, q.id AS number, p.id AS owner, q.kind AS state
    FROM qualification q JOIN peer p ON p.id = q.peer_id WHERE q.file_id IS NOT NULL ORDER BY q.id"""
ANY_QUALIFICATIONS = QUALIFICATIONS.replace("WHERE q.file_id IS NOT NULL", "").replace("BY q.id", "BY q.id DESC")
OWN_QUALIFICATIONS = QUALIFICATIONS.replace("p.ref, ", "")
OWN_ANY_QUALIFICATIONS = ANY_QUALIFICATIONS.replace("p.ref, ", "")
ABSENCES = "SELECT id AS number, peer_id AS owner, 'x' AS state FROM absence ORDER BY id DESC"
AVOIDED = "SELECT id AS number, peer_id AS owner, 'x' AS state FROM exclusion ORDER BY id DESC"
MAILS = "SELECT ref, 0 AS owner, state FROM message ORDER BY id DESC"
PRICES = "SELECT code, 0 AS owner, kind AS state FROM offering ORDER BY position"
OFFERS = "SELECT ref, peer_id AS owner, state FROM offer ORDER BY (state = 'sent') DESC, id DESC"
HELD = "SELECT ref, peer_id AS owner, state FROM offer WHERE state = 'accepted' ORDER BY id DESC"
ASSIGNMENTS = "SELECT ref, peer_id AS owner, state FROM assignment ORDER BY id DESC"
ORDERED = """SELECT a.ref, a.peer_id AS owner, a.state FROM assignment a JOIN mission_order m ON m.assignment_id = a.id
    WHERE m.file_id IS NOT NULL ORDER BY a.id DESC"""
REPORTS = """SELECT a.ref, s.ref AS session_ref, a.peer_id AS owner, coalesce(r.state, 'none') AS state
    FROM booking b JOIN assignment a ON a.id = b.assignment_id JOIN demand_session s ON s.id = b.session_id
    LEFT JOIN report r ON r.session_id = s.id AND r.assignment_id = a.id
    WHERE b.active AND upper(s.during) < (SELECT at FROM demo_clock) ORDER BY (r.id IS NULL) DESC, s.id DESC"""
BOOKED = """SELECT s.ref, b.id AS number, d.partner_id AS owner, s.state FROM booking b
    JOIN assignment a ON a.id = b.assignment_id JOIN demand_session s ON s.id = b.session_id
    JOIN demand d ON d.id = s.demand_id WHERE b.active ORDER BY s.id DESC"""
ACCOUNTS = "SELECT ref, id AS owner, 'x' AS state FROM account ORDER BY id"

AGREEMENTS = """SELECT ref, 'convention' AS kind, partner_id AS owner, state FROM agreement
    ORDER BY (state = 'draft'), (file_id IS NULL), id DESC"""
SENT_AGREEMENTS = AGREEMENTS.replace("ORDER BY", "WHERE state <> 'draft' ORDER BY")
PRINTED_AGREEMENTS = AGREEMENTS.replace("ORDER BY", "WHERE file_id IS NOT NULL AND state <> 'draft' ORDER BY")
DRAFT_AGREEMENTS = AGREEMENTS.replace("ORDER BY", "WHERE state = 'draft' ORDER BY")
QUOTES = """SELECT q.ref, v.number, d.partner_id AS owner, v.state FROM quote_version v JOIN quote q ON q.id = v.quote_id
    JOIN demand d ON d.id = q.demand_id WHERE v.state <> 'draft' ORDER BY (v.file_id IS NULL), v.id DESC"""
QUOTED = """SELECT d.ref, d.partner_id AS owner, v.state FROM quote_version v JOIN quote q ON q.id = v.quote_id
    JOIN demand d ON d.id = q.demand_id WHERE v.state <> 'draft' ORDER BY v.id DESC"""
QUOTE_DRAFTS = QUOTED.replace("v.state <> 'draft'", "v.state = 'draft'")
ENGAGED = """SELECT d.ref, d.partner_id AS owner, d.state FROM demand d JOIN partner p ON p.id = d.partner_id
    WHERE p.requires_engagement AND d.state NOT IN ('draft', 'awaiting_approval')
    ORDER BY (d.state = 'awaiting_engagement') DESC, d.id DESC"""
GRANTS = "SELECT ref, 0 AS owner, state FROM grant_funding ORDER BY id DESC"
USERS = """SELECT a.ref, 0 AS owner, max(r.role) AS state FROM account a JOIN office_role r ON r.account_id = a.id
    GROUP BY a.id, a.ref ORDER BY a.id"""
TASKS = "SELECT id AS number, 0 AS owner, kind || state AS state FROM outbox ORDER BY id DESC"

OBJECTS: Final[dict[str, str]] = {
    "demo.enter": ACCOUNTS,
    # the association
    "office.resend_mail": MAILS,
    **dict.fromkeys(
        (
            *(
                "office.demand",
                "office.cancel_page",
                "office.cancel_demand",
                "office.matching",
                "office.finance_demand",
            ),
            *("office.propose", "office.qualify_demand", "office.refuse_page", "office.refuse_demand"),
        ),
        DEMANDS,
    ),
    "office.take_back": DEMANDS_AND_PEOPLE,
    **dict.fromkeys(
        ("office.peer", "office.invite_peer", "office.edit_peer", "office.add_qualification", "office.add_clearance"),
        PEERS,
    ),
    "office.peer_evidence": QUALIFICATIONS,
    "office.drop_qualification": ANY_QUALIFICATIONS,
    **dict.fromkeys(
        (
            *("office.bill", "office.issue_bill", "office.delete_bill"),
            *("office.deposit_bill", "office.credit_bill", "office.record_payment", "office.record_money_back"),
        ),
        ANY_INVOICES,
    ),
    **dict.fromkeys(
        ("office.credit_form", "office.payment_form", "office.refund_form", "office.bill_pdf", "office.bill_xml"),
        INVOICES,
    ),
    **dict.fromkeys(("office.site", "office.welcome", "office.name_welcomer", "office.edit_site"), SITES),
    "office.end_welcomer": WELCOMERS,
    **dict.fromkeys(
        (
            *("office.partner", "office.invite_to_partner", "office.edit_sheet", "office.new_site"),
            "office.draft_bill",
        ),
        PARTNERS,
    ),
    **dict.fromkeys(("office.mission_session", "office.settle", "office.confirm_by_phone"), LIVED_SESSIONS),
    "office.was_absent": BOOKED,
    **dict.fromkeys(("office.move_page", "office.move_session"), SESSIONS),
    **dict.fromkeys(("office.price", "office.vote"), PRICES),
    **dict.fromkeys(("office.agreement", "office.terminate_agreement"), AGREEMENTS),
    **dict.fromkeys(("office.edit_agreement", "office.send_agreement", "office.sign_agreement"), DRAFT_AGREEMENTS),
    "office.agreement_pdf": PRINTED_AGREEMENTS,
    **dict.fromkeys(("office.engagement",), ENGAGED),
    **dict.fromkeys(("office.quote", "office.write_quote"), DEMANDS),
    "office.quote_pdf": QUOTES,
    "office.quote_preview": QUOTE_DRAFTS,
    **dict.fromkeys(
        ("office.grant", "office.notify_grant", "office.receive_grant", "office.report_grant", "office.close_grant"),
        GRANTS,
    ),
    **dict.fromkeys(("office.user", "office.save_user", "office.close_user", "office.reopen_user"), USERS),
    "office.retry_task": TASKS,
    # the structures
    "partners.agreement": SENT_AGREEMENTS,
    "partners.agreement_pdf": PRINTED_AGREEMENTS,
    **dict.fromkeys(
        (
            *("partners.quote", "partners.quote_pdf", "partners.accept_quote"),
            "partners.refuse_quote",
            "partners.forward_quote",
        ),
        QUOTES,
    ),
    "partners.demand_quote": QUOTED,
    "partners.engagement": ENGAGED,
    **dict.fromkeys(
        (
            *("partners.demand", "partners.agree", "partners.cancel_page", "partners.cancel_demand"),
            *("partners.repeat_demand", "partners.send_back", "partners.confirm_services_of"),
        ),
        DEMANDS,
    ),
    **dict.fromkeys(
        (
            *("partners.dates_step", "partners.drop_draft", "partners.place_step", "partners.people_step"),
            *("partners.review_step", "partners.send_demand"),
        ),
        DRAFTS,
    ),
    **dict.fromkeys(("partners.member", "partners.remove"), MEMBERS),
    **dict.fromkeys(
        (
            *("partners.invoice", "partners.payment_status", "partners.payment_news", "partners.pay_invoice"),
            *("partners.invoice_pdf", "partners.invoice_xml"),
        ),
        INVOICES,
    ),
    **dict.fromkeys(("partners.site", "partners.welcome", "partners.name_welcomer", "partners.edit_site"), SITES),
    "partners.end_welcomer": WELCOMERS,
    **dict.fromkeys(
        ("partners.service", "partners.dispute_service", "partners.correct_service", "partners.confirm_service"),
        LIVED_SESSIONS,
    ),
    # the peers
    "peers.give_back_absence": ABSENCES,
    "peers.give_evidence": OWN_ANY_QUALIFICATIONS,
    "peers.evidence": OWN_QUALIFICATIONS,
    "peers.lift_place": AVOIDED,
    **dict.fromkeys(("peers.mission", "peers.next_report"), ASSIGNMENTS),
    "peers.mission_order": ORDERED,
    **dict.fromkeys(("peers.report", "peers.send_report", "peers.not_there"), REPORTS),
    **dict.fromkeys(("peers.offer", "peers.decline", "peers.accept", "peers.seen"), OFFERS),
    "peers.hand_over": HELD,
}

MORE: Final = (
    """UPDATE demand SET state = 'draft', step = 'people' WHERE id IN (
        SELECT DISTINCT ON (partner_id) id FROM demand WHERE state IN ('submitted', 'qualified', 'quoted')
        ORDER BY partner_id, id DESC LIMIT 2)""",
    """UPDATE demand SET state = 'awaiting_approval', signatory_id = (SELECT account_id FROM partner_member m
        WHERE m.partner_id = demand.partner_id AND m.role = 'signatory' LIMIT 1)
        WHERE id = (SELECT max(d.id) FROM demand d JOIN partner_member m ON m.partner_id = d.partner_id
        WHERE d.state IN ('refused', 'cancelled') AND d.requester_id IS NOT NULL AND m.role = 'signatory')""",
    "UPDATE partner SET requires_engagement = true WHERE payer_kind <> 'none'",
    "UPDATE agreement SET state = 'draft' WHERE id = (SELECT max(id) FROM agreement WHERE state <> 'active')",
)

TOKENS: Final[dict[str, tuple[TokenPurpose, str]]] = {
    **dict.fromkeys(
        ("public.offer", "public.decline_offer", "public.accept_offer", "public.offer_seen"),
        (
            TokenPurpose.OFFER,
            """SELECT o.ref, p.account_id AS account FROM offer o JOIN peer p ON p.id = o.peer_id
            ORDER BY (o.state = 'sent') DESC, o.id DESC""",
        ),
    ),
    **dict.fromkeys(
        (
            *("public.service", "public.dispute_service", "public.correct_service", "public.confirm_all_services"),
            "public.confirm_service",
        ),
        (
            TokenPurpose.SERVICE,
            f"""SELECT x.ref, (SELECT account_id FROM partner_member m WHERE m.partner_id = x.owner LIMIT 1) AS account
            FROM ({LIVED_SESSIONS}) x""",
        ),
    ),
    **dict.fromkeys(
        ("public.quote", "public.accept_quote", "public.refuse_quote", "public.quote_pdf"),
        (
            TokenPurpose.QUOTE,
            f"""SELECT x.ref || '/' || x.number AS ref,
            (SELECT account_id FROM partner_member m WHERE m.partner_id = x.owner AND m.role = 'signatory' LIMIT 1) AS account
            FROM ({QUOTES}) x ORDER BY (x.state = 'sent') DESC""",
        ),
    ),
    **dict.fromkeys(
        ("public.approval", "public.approve", "public.return_for_change"),
        (
            TokenPurpose.APPROVAL,
            "SELECT ref, signatory_id AS account FROM demand WHERE state = 'awaiting_approval' ORDER BY id DESC",
        ),
    ),
    **dict.fromkeys(
        ("public.show_link", "public.use_link"),
        (TokenPurpose.LOGIN, "SELECT ref, id AS account FROM account WHERE disabled_at IS NULL ORDER BY id"),
    ),
    "public.choose_password": (
        TokenPurpose.SET_PASSWORD,
        "SELECT ref, id AS account FROM account WHERE disabled_at IS NULL ORDER BY id",
    ),
}
"""Purpose of the link, and what it speaks of."""

OTHER_VALUES: Final[dict[str, Row]] = {
    "public.approval_done": {"answer": "oui"},
    "public.close_my_session": {"number": 987654321},
    "office.decision": {"address": "cooperative-contribution-rate"},
    "office.vote_decision": {"address": "cooperative-contribution-rate"},
}


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
    for change in MORE:
        session.execute(text(change))
    paper = store_file(session, b"%PDF-1.7 evidence", "application/pdf", kept_until=None, clock=FixedClock())
    session.flush()
    own = "SELECT DISTINCT ON (peer_id) id FROM qualification ORDER BY peer_id LIMIT 2"
    session.execute(text(f"UPDATE qualification SET file_id = :id WHERE id IN ({own})"), {"id": paper.id})
    session.commit()


@dataclass
class World:
    """The story, with people at their browsers: the object's owner, a stranger, the association, nobody."""

    session: Session
    app: Flask
    _clients: dict[tuple[str, int], FlaskClient] = field(default_factory=dict)
    _found: dict[str, list[Row]] = field(default_factory=dict)

    # --- people ---------------------------------------------------------------------------------------------

    def browser(self, audience: str, route: Route) -> FlaskClient:
        """Somebody's browser, logged in; the owner of the route's own object for `partner` and `peer`."""
        owner = self._owner(audience, route)
        key = (audience, owner)
        if key not in self._clients:
            self._clients[key] = self._logged_in(self._account(audience, owner))
        return self._clients[key]

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

    def _account(self, audience: str, owner: int) -> Account | None:
        if audience == "anonymous":
            return None
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

    def _logged_in(self, account: Account | None) -> FlaskClient:
        client = self.app.test_client()
        if account is not None:
            secret = sessions.open_session(self.session, account, user_agent="test")
            self.session.commit()
            with client.session_transaction() as cookie:
                cookie["_user_id"], cookie["_fresh"] = secret, True
        return client

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
        if route.endpoint.endswith("quote_pdf"):
            return ""
        return next(iter(sorted((route.parameters - {"ref"}) & {"number", "offer_ref", "session_ref"})), "") * (
            "ref" in route.parameters
        )

    @staticmethod
    def _absent(name: str) -> str:
        return {"number": "987654321", "code": "rien_de_tel", "kind": "convention"}.get(name, ABSENT)

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
            key = (audience, owner)
            if key not in self._clients:
                self._clients[key] = self._logged_in(self._account(audience, owner))
            yield self._address(route, row), self._clients[key]

    @contextmanager
    def taken_back(self) -> Iterator[None]:
        """What is done in the block never was: the next person finds everything in its place."""
        connection = self.session.get_bind()
        assert isinstance(connection, Connection)
        self.session.commit()
        connection.exec_driver_sql("SAVEPOINT next_person")
        yield
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
