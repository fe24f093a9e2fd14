"""A structure with two services, a ward manager, a signatory, and peers."""

import itertools
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from entrepairs.identity.models import Account
from entrepairs.kernel.references import new_reference
from entrepairs.network.models import (
    Commune,
    Employment,
    MemberRole,
    Partner,
    PartnerKind,
    PartnerMember,
    PayerKind,
    Peer,
    Site,
)

NOW = datetime(2027, 1, 11, 9, tzinfo=ZoneInfo("Europe/Paris"))
_number = itertools.count(1)


def an_account(session: Session, name: str) -> Account:
    account = Account(
        ref=new_reference("CPT"), email=f"a{next(_number)}@exemple.invalid", name=name, locale="fr", created_at=NOW
    )
    session.add(account)
    session.flush()
    return account


def a_peer_named(session: Session, first_name: str) -> Peer:
    peer = Peer(
        ref=new_reference("PAIR"),
        account_id=an_account(session, first_name).id,
        first_name=first_name,
        last_name="Exemple",
        employment=Employment.EMPLOYEE,
        commune_insee="04112",
        joined_on=date(2025, 1, 1),
        created_at=NOW,
    )
    session.add(peer)
    session.flush()
    return peer


@dataclass
class House:
    """The structure of the tests."""

    partner: Partner
    site: Site
    manager: Account
    signatory: Account
    samira: Peer
    paul: Peer


@pytest.fixture
def house(session: Session) -> House:
    """One structure, one service, a requester and a signatory, two peers."""
    if session.get(Commune, "04112") is None:
        session.add(
            Commune(
                insee="04112",
                name="Manosque",
                postcodes=["04100"],
                departement="04",
                population=22000,
                latitude=Decimal("43.83"),
                longitude=Decimal("5.79"),
                approximate=False,
            )
        )
    partner = Partner(
        ref=new_reference("STR"),
        name="EPSM de la Durance",
        kind=PartnerKind.PUBLIC_HOSPITAL,
        payer_kind=PayerKind.PUBLIC_HOSPITAL,
        created_at=NOW,
    )
    site = Site(
        ref=new_reference("LIEU"), partner=partner, name="CMP Les Tamaris", commune_insee="04112", created_at=NOW
    )
    session.add_all([partner, site])
    session.flush()
    manager, signatory = an_account(session, "Nadège Bonnet"), an_account(session, "Hélène Faure")
    session.add_all(
        [
            PartnerMember(
                partner_id=partner.id, account_id=manager.id, role=MemberRole.REQUESTER, function="Cadre de santé"
            ),
            PartnerMember(
                partner_id=partner.id,
                account_id=signatory.id,
                role=MemberRole.SIGNATORY,
                function="Directrice",
                delegation="DEL-2026-12",
                delegation_since=date(2026, 9, 1),
            ),
        ]
    )
    session.flush()
    return House(partner, site, manager, signatory, a_peer_named(session, "Samira"), a_peer_named(session, "Paul"))
