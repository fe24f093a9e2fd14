"""Accounts for tests: every default is valid, every name invented."""

import itertools
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from entrepairs.identity.models import Account, OfficeRole, OfficeRoleKind
from entrepairs.kernel.references import new_reference

_numbers = itertools.count(1)


def an_account(session: Session, **given: Any) -> Account:
    """A person who may log in by mail link."""
    number = next(_numbers)
    values = {
        "ref": new_reference("CPT"),
        "email": f"personne.{number}@example.org",
        "name": f"Camille Essai {number}",
        "created_at": datetime(2027, 1, 4, 9, tzinfo=UTC),
    }
    account = Account(**(values | given))
    session.add(account)
    session.flush()
    return account


def an_office_account(session: Session, role: OfficeRoleKind = OfficeRoleKind.COORDINATOR, **given: Any) -> Account:
    """Somebody of the association."""
    account = an_account(session, **given)
    account.office_roles.append(OfficeRole(role=role))
    session.flush()
    return account
