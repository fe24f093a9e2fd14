"""What a route may ask for, and who holds it. Every route declares one permission; a test fails the build otherwise."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from entrepairs.identity.models import OfficeRoleKind


class Permission(StrEnum):
    """A right. The prefix is the audience: `account` any logged-in person, `s` structures, `p` peers, `a` association."""

    ACCOUNT = "account"

    PARTNER_VIEW = "s.view"
    FILE_DEMAND = "s.file_demand"
    SIGN = "s.sign"
    CONFIRM_SERVICE = "s.confirm_service"
    PARTNER_BILLING = "s.billing"
    PARTNER_ADMIN = "s.admin"

    PEER = "p.self"

    OFFICE_VIEW = "a.view"
    COORDINATE = "a.coordinate"
    BILL = "a.bill"
    GOVERN = "a.govern"


_OFFICE: Final[dict[OfficeRoleKind, frozenset[Permission]]] = {
    OfficeRoleKind.AUDITOR: frozenset({Permission.OFFICE_VIEW}),
    OfficeRoleKind.COORDINATOR: frozenset({Permission.OFFICE_VIEW, Permission.COORDINATE}),
    OfficeRoleKind.BILLING: frozenset({Permission.OFFICE_VIEW, Permission.BILL}),
    OfficeRoleKind.ADMIN: frozenset(
        {Permission.OFFICE_VIEW, Permission.COORDINATE, Permission.BILL, Permission.GOVERN}
    ),
}

# Keys are the values of `network.models.MemberRole`: this room lies below the network and can't import it.
_PARTNER: Final[dict[str, frozenset[Permission]]] = {
    "requester": frozenset({Permission.PARTNER_VIEW, Permission.FILE_DEMAND, Permission.CONFIRM_SERVICE}),
    "signatory": frozenset(
        {Permission.PARTNER_VIEW, Permission.FILE_DEMAND, Permission.CONFIRM_SERVICE, Permission.SIGN}
    ),
    "accountant": frozenset({Permission.PARTNER_VIEW, Permission.PARTNER_BILLING}),
    "admin": frozenset(
        {
            Permission.PARTNER_VIEW,
            Permission.FILE_DEMAND,
            Permission.CONFIRM_SERVICE,
            Permission.PARTNER_BILLING,
            Permission.PARTNER_ADMIN,
        }
    ),
}


def permissions_of(
    office_roles: Iterable[OfficeRoleKind], partner_roles: Iterable[str], *, is_peer: bool
) -> frozenset[Permission]:
    """Everything a logged-in person may do, in the structure they act for."""
    held = {Permission.ACCOUNT}
    for role in office_roles:
        held |= _OFFICE[role]
    for partner_role in partner_roles:
        held |= _PARTNER[str(partner_role)]
    if is_peer:
        held.add(Permission.PEER)
    return frozenset(held)
