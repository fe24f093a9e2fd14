"""What a view knows of its request: the clock, who looks, who acts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from flask import Flask, current_app, g, session, url_for
from flask_babel import gettext as _
from flask_login import UserMixin, current_user
from sqlalchemy import select

from entrepairs.audit.actors import Actor
from entrepairs.extensions import db, login_manager
from entrepairs.identity import sessions
from entrepairs.identity.accounts import actor_of
from entrepairs.identity.models import Account, OfficeRoleKind
from entrepairs.identity.permissions import Permission, permissions_of
from entrepairs.kernel.clock import Clock, FixedClock, SystemClock
from entrepairs.network.models import MemberRole, Partner, PartnerMember, Peer
from entrepairs.settings import demo_clock
from entrepairs.web.filters import TODAY
from entrepairs.web.shell import AccountCard, DemoBanner, NavItem

PARTNER_CHOICE = "partner"
"""Key of the cookie for a person who belongs to several structures."""


@dataclass
class LoggedIn(UserMixin):  # type: ignore[misc]
    """The person of the request, for Flask-Login: its id is the secret of the web session."""

    secret: str
    account: Account

    def get_id(self) -> str:
        """What the cookie keeps."""
        return self.secret


@dataclass(frozen=True)
class Viewer:
    """The logged-in person with their hats. `partner` is the structure they act for just now."""

    account: Account
    office_roles: frozenset[OfficeRoleKind]
    memberships: tuple[PartnerMember, ...]
    partner: Partner | None
    peer: Peer | None
    permissions: frozenset[Permission] = field(init=False)

    def __post_init__(self) -> None:
        held = permissions_of(
            self.office_roles, (role.value for role in self.roles_in_partner), is_peer=self.peer is not None
        )
        object.__setattr__(self, "permissions", held)

    @cached_property
    def roles_in_partner(self) -> frozenset[MemberRole]:
        """Roles in the structure they act for."""
        return frozenset(row.role for row in self.memberships if row.partner is self.partner)

    @cached_property
    def partners(self) -> Sequence[Partner]:
        """Every structure of the person, by name."""
        return sorted({row.partner for row in self.memberships}, key=lambda partner: partner.name)

    def enters(self, permission: Permission) -> bool:
        """Whether the permission's front door is one of theirs."""
        door = permission.value.split(".")[0]
        return any(held.value.split(".")[0] == door for held in self.permissions)


def init_context(app: Flask) -> None:
    """Bind the session loader and what every template may read."""
    login_manager.user_loader(_load)
    login_manager.session_protection = None  # ours are revocable by the server and end when idle
    app.context_processor(_for_templates)
    app.extensions[TODAY] = lambda: business_clock().today()


def business_clock() -> Clock:
    """Business time of the request: real, or the demo's. One instant for the whole request in the demo."""
    if not current_app.config["DEMO"]:
        if (fixed := current_app.config.get("CLOCK")) is not None:
            return fixed  # type: ignore[no-any-return]
        return SystemClock()
    if "clock" not in g:
        g.clock = demo_clock.read(db.session())
    clock: FixedClock = g.clock
    return clock


def viewer() -> Viewer:
    """The logged-in person. Call it only behind `@requires`."""
    if "viewer" not in g:
        g.viewer = _viewer_of(current_user.account)
    found: Viewer = g.viewer
    return found


def current_actor() -> Actor:
    """The logged-in person as an actor of the trail."""
    return actor_of(viewer().account)


def _for_templates() -> dict[str, object]:
    """What the layouts need: the person's menu, the demo's banner."""
    person = viewer() if current_user.is_authenticated else None
    return {"account": _account_card(person) if person else None, "viewer": person, "demo": _demo_banner(person)}


def _account_card(person: Viewer) -> AccountCard:
    if person.partner is not None and not person.office_roles:
        organisation = person.partner.name
    else:
        organisation = _("Association") if person.office_roles else ""
    return AccountCard(person.account.name, organisation, account_links(), "public.logout")


def account_links() -> list[NavItem]:
    """The pages of the account menu that exist; those of the association for who may open them."""
    wanted = [(Permission.ACCOUNT, NavItem("public.sessions", _("My account"), "person-gear"))]
    wanted += [
        (Permission.OFFICE_VIEW, NavItem("office.fairness", _("Hours and fairness"), "bar-chart")),
        (Permission.OFFICE_VIEW, NavItem("office.decisions", _("Our decisions"), "hand-index")),
        (Permission.OFFICE_VIEW, NavItem("office.mails", _("Mails"), "envelope-paper")),
        (Permission.OFFICE_VIEW, NavItem("office.tasks", _("Automatic tasks"), "gear")),
        (Permission.GOVERN, NavItem("office.association", _("The association"), "building")),
        (Permission.GOVERN, NavItem("office.users", _("Accounts of the association"), "people")),
    ]
    held, views = viewer().permissions, current_app.view_functions
    return [item for permission, item in wanted if permission in held and item.endpoint in views]


def _demo_banner(person: Viewer | None) -> DemoBanner | None:
    if not current_app.config["DEMO"]:
        return None
    label = ""
    if person is not None:
        hat = person.partner.name if person.partner else (_("the association") if person.office_roles else "")
        label = f"{person.account.name}, {hat}" if hat else person.account.name
    return DemoBanner(business_clock().today(), label, url_for("demo.accounts"))


def _viewer_of(account: Account) -> Viewer:
    memberships = tuple(
        db.session.scalars(
            select(PartnerMember).join(Partner).where(PartnerMember.account_id == account.id).order_by(Partner.name)
        )
    )
    chosen = session.get(PARTNER_CHOICE)
    partner = next((row.partner for row in memberships if row.partner.ref == chosen), None)
    if partner is None and memberships:
        partner = memberships[0].partner
    peer = db.session.scalars(select(Peer).where(Peer.account_id == account.id)).one_or_none()
    roles = frozenset(row.role for row in account.office_roles)
    return Viewer(account, roles, memberships, partner, peer)


def _load(secret: str) -> LoggedIn | None:
    row = sessions.live_session(db.session(), secret)
    if row is None:
        return None
    if sessions.note_seen(row):
        db.session.commit()
    return LoggedIn(secret, row.account)
