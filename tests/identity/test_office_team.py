"""Who works for the association: the last one who governs can't be lost."""

import pytest
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.identity import office_team, sessions
from entrepairs.identity.models import OfficeRoleKind
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.errors import Conflict, InvalidInput, NotFound
from tests.factories.identity import an_account, an_office_account

WHO = Actor("CPT-ADMI-NNNN", "La présidente")


def test_the_last_person_who_governs_stays(session: Session, clock: FixedClock) -> None:
    alone = an_office_account(session, OfficeRoleKind.ADMIN)
    with pytest.raises(Conflict, match="last_admin"):
        office_team.close_account(session, alone.ref, actor=WHO, clock=clock)
    with pytest.raises(Conflict, match="last_admin"):
        office_team.set_office_roles(session, alone.ref, [OfficeRoleKind.BILLING], actor=WHO, clock=clock)
    an_office_account(session, OfficeRoleKind.ADMIN)
    assert office_team.close_account(session, alone.ref, actor=WHO, clock=clock).disabled_at is not None


def test_a_closed_colleague_who_governed_does_not_count(session: Session, clock: FixedClock) -> None:
    first, second = (an_office_account(session, OfficeRoleKind.ADMIN) for _ in range(2))
    office_team.close_account(session, first.ref, actor=WHO, clock=clock)
    with pytest.raises(Conflict, match="last_admin"):
        office_team.close_account(session, second.ref, actor=WHO, clock=clock)


def test_closing_ends_the_sessions_at_once(session: Session, clock: FixedClock) -> None:
    colleague = an_office_account(session)
    secret = sessions.open_session(session, colleague, user_agent="")
    office_team.close_account(session, colleague.ref, actor=WHO, clock=clock)
    session.expire_all()
    assert sessions.live_session(session, secret) is None
    office_team.reopen_account(session, colleague.ref, actor=WHO, clock=clock)
    assert sessions.live_session(session, secret) is None
    assert colleague.disabled_at is None


def test_somebody_known_is_given_the_role_and_no_second_account(session: Session, clock: FixedClock) -> None:
    known = an_account(session, email="Nadia@example.org")
    given = office_team.invite_colleague(
        session, email="nadia@example.org", name="Nadia", roles=[OfficeRoleKind.BILLING], actor=WHO, clock=clock
    )
    assert given is known
    assert given in office_team.office_accounts(session)


def test_a_role_is_needed_and_a_stranger_is_not_found(session: Session, clock: FixedClock) -> None:
    with pytest.raises(InvalidInput):
        office_team.invite_colleague(session, email="a@example.org", name="A", roles=[], actor=WHO, clock=clock)
    stranger = an_account(session)
    with pytest.raises(NotFound):
        office_team.set_office_roles(session, stranger.ref, [OfficeRoleKind.ADMIN], actor=WHO, clock=clock)
