"""What histories share: an association, three structures, what they asked for; written once, then left as it is."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.billing.credit_notes import CREDIT_APPROVAL
from entrepairs.catalogue.models import Facilitation, Offering, OfferingKind, PriceUnit
from entrepairs.demands.scheduling import period_of
from entrepairs.kernel.clock import PARIS, FixedClock
from entrepairs.kernel.identifiers import vat_number_of
from entrepairs.kernel.money import Money
from entrepairs.network.models import Partner, PayerKind
from entrepairs.settings.decisions import vote
from tests.factories.billing import EXEMPT, a_client, a_siret, the_association
from tests.factories.catalogue import an_offering
from tests.factories.contracting import a_signatory, an_active_agreement
from tests.factories.demands import a_submitted_demand
from tests.factories.network import a_peer, a_public_hospital, a_site

BEGINNING = datetime(2026, 1, 5, 9, tzinfo=PARIS)
FIRST_DAY = date(2026, 1, 20)
SECOND = Actor("CPT-PRES-IDEN", "Le président")
THRESHOLD = 500_00
"""Above it, a credit note or a refund waits for a second person."""
VOTED_PERCENT = Decimal(30)
"""Of a late cancellation, without an agreement; with it, half."""
AGREED_PERCENT = Decimal(50)
LATE_RATE = Decimal("12.00")
"""Late interest that one agreement says."""


@dataclass(frozen=True)
class Kind:
    """What can be asked for: how it is priced and taxed."""

    code: str
    name: str
    offering: OfferingKind
    sessions: int
    unit: PriceUnit
    cents: int
    agreed: int
    minutes: int
    regime: str
    rate: Decimal
    start: time


SERIES, FREE, TAXED = OfferingKind.SERIES, Decimal(0), Decimal(20)
EACH, WHOLE, HOURLY = PriceUnit.PER_SESSION, PriceUnit.PER_SERIES, PriceUnit.PER_HOUR
LEARNT = "exempt_261_4_4_a"
KINDS = (
    Kind("wrap", "Groupe", SERIES, 4, EACH, 32000, 30000, 120, EXEMPT, FREE, time(9)),
    Kind("training_x", "Formation", OfferingKind.TRAINING, 3, WHOLE, 100001, 99998, 120, LEARNT, FREE, time(11)),
    Kind("atelier", "Atelier", SERIES, 3, EACH, 3333, 3331, 120, "standard", TAXED, time(14)),
    Kind("soutien", "Soutien", SERIES, 2, HOURLY, 6005, 5999, 90, "standard", TAXED, time(16)),
)
CLINIC, BESIDE, HOSPITAL = "clinic", "beside", "hospital"
AGREED = frozenset({CLINIC, HOSPITAL})
"""Structures that have an agreement."""


@dataclass(frozen=True)
class Asked:
    """A demand sent: who, what, its reference, when each of its sessions begins."""

    client: str
    kind: Kind
    ref: str
    starts: tuple[datetime, ...]


@dataclass(frozen=True)
class World:
    """References of what is shared. `partners` and `agreements` by key, `peers` ids by key."""

    partners: dict[str, str]
    payers: dict[str, PayerKind]
    agreements: dict[str, int]
    peers: dict[str, int]
    asked: tuple[Asked, ...]


def make_world(session: Session) -> World:
    """Write it all; the caller commits."""
    clock = FixedClock(BEGINNING)
    seller = the_association(session, siret=(siret := a_siret(9_999_999)), vat_number=vat_number_of(siret[:9]))
    assert seller.vat_number
    for key, value in ((CREDIT_APPROVAL, THRESHOLD), ("demands.late_cancellation_percent", str(VOTED_PERCENT))):
        vote(session, key, value, since=date(2026, 1, 1), voted_on=date(2026, 1, 1), source="CA", clock=clock)
    offerings = {kind.code: _offering(session, kind) for kind in KINDS}
    partners = {
        CLINIC: a_client(session),
        BESIDE: a_client(session),
        HOSPITAL: a_public_hospital(session, siret=a_siret(), requires_engagement=False),
    }
    agreements = {key: _agreement(session, partners[key], offerings, clock) for key in sorted(AGREED)}
    peers = {f"{key}:{kind.code}": a_peer(session).id for key in partners for kind in KINDS}
    asked = [
        _asked(session, key, partner, offerings[kind.code], kind, clock)
        for key, partner in partners.items()
        for kind in KINDS
    ]
    return World(
        {key: one.ref for key, one in partners.items()},
        {key: one.payer_kind for key, one in partners.items()},
        agreements,
        peers,
        tuple(asked),
    )


def _offering(session: Session, kind: Kind) -> Offering:
    return an_offering(
        session,
        code=kind.code,
        name=kind.name,
        kind=kind.offering,
        sessions_min=1,
        sessions_usual=kind.sessions,
        session_minutes=kind.minutes,
        facilitation=Facilitation.ALONE,
        price_unit=kind.unit,
        vat_regime=kind.regime,
        cents=kind.cents,
    )


def _agreement(session: Session, partner: Partner, offerings: dict[str, Offering], clock: FixedClock) -> int:
    private = partner.payer_kind is PayerKind.PRIVATE
    made = an_active_agreement(
        session,
        partner,
        offerings["wrap"],
        clock=clock,
        first_day=date(2026, 1, 1),
        last_day=date(2026, 12, 31),
        prices={kind.code: Money(kind.agreed) for kind in KINDS},
        cancel_notice_days=7,
        cancel_percent=AGREED_PERCENT,
        **({"late_rate": LATE_RATE} if private else {}),
    )
    return made.id


def _asked(session: Session, key: str, partner: Partner, offering: Offering, kind: Kind, clock: FixedClock) -> Asked:
    if not session.info.get(partner.ref):
        a_signatory(session, partner, delegation_since=date(2025, 9, 1))
        session.info[partner.ref] = True
    made = a_submitted_demand(
        session,
        partner,
        a_site(session, partner),
        offering,
        clock=clock,
        first_day=FIRST_DAY,
        start=kind.start,
        session_minutes=kind.minutes,
        sessions_count=kind.sessions,
    )
    starts = tuple(period_of(row).start for row in sorted(made.sessions, key=lambda one: one.number))
    return Asked(key, kind, made.ref, starts)
