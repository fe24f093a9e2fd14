"""What contracting needs from the other rooms."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from entrepairs.catalogue.models import Offering
from entrepairs.demands.models import Demand
from entrepairs.demands.scopes import Scope
from entrepairs.identity.models import Account
from entrepairs.identity.sessions import open_session
from entrepairs.kernel.clock import FixedClock
from entrepairs.network.models import Partner, Site
from tests.factories.billing import EXEMPT, the_association
from tests.factories.catalogue import a_wrap_group
from tests.factories.contracting import a_demand_to_quote, a_signatory
from tests.factories.identity import an_office_account
from tests.factories.network import a_member, a_partner, a_public_hospital, a_site

Enter = Callable[[Account], FlaskClient]


@dataclass
class House:
    """A structure with a ward manager who asks and a director who signs; a WRAP group at 8 × 320 €."""

    partner: Partner
    site: Site
    manager: Account
    director: Account
    group: Offering

    @property
    def scope(self) -> Scope:
        """What its members see."""
        return Scope(self.partner.id)


def a_house(session: Session, partner: Partner) -> House:
    the_association(session)
    return House(
        partner,
        a_site(session, partner),
        a_member(session, partner),
        a_signatory(session, partner),
        a_wrap_group(session, vat_regime=EXEMPT),
    )


@pytest.fixture
def clinic(session: Session) -> House:
    return a_house(session, a_partner(session))


@pytest.fixture
def hospital(session: Session) -> House:
    """A public buyer that requires an engagement number."""
    return a_house(session, a_public_hospital(session))


def ask(session: Session, house: House, **kw: object) -> Demand:
    """The house asks for its group."""
    return a_demand_to_quote(session, house.partner, house.group, account_id=house.manager.id, **kw)


@pytest.fixture
def standing_clock(app: object, clock: FixedClock) -> Iterator[None]:
    """The pages read the test's clock."""
    config = app.config  # type: ignore[attr-defined]
    before = config.get("CLOCK")
    config["CLOCK"] = clock
    yield
    config["CLOCK"] = before


@pytest.fixture
def enter(client: FlaskClient, session: Session, standing_clock: None) -> Enter:
    """The browser, logged in as somebody."""

    def logged_in(account: Account) -> FlaskClient:
        secret = open_session(session, account, user_agent="test")
        session.commit()
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = secret, True
        return client

    return logged_in


@pytest.fixture
def office(session: Session, enter: Enter) -> FlaskClient:
    return enter(an_office_account(session))
