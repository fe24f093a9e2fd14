"""A person calls: the office opens the demand under a code. No name, no diagnosis, a commune and a wish."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.audit.recording import record
from entrepairs.catalogue.queries import find_offering
from entrepairs.demands import rules
from entrepairs.demands.drafting import AFTERNOON, start_draft
from entrepairs.demands.models import Demand, PersonWish, PlaceKind
from entrepairs.demands.submitting import send
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.references import new_reference
from entrepairs.network.finding import commune_named
from entrepairs.network.models import Partner, PartnerKind, PayerKind
from entrepairs.settings.decisions import association


@dataclass(frozen=True, slots=True)
class Call:
    """What is kept of a call: the offering, where (a commune), when, what is hoped for. Texts are checked."""

    offering_code: str
    commune: str
    """As typed: « Manosque »."""
    first_day: date
    start_time: time = AFTERNOON
    sessions_count: int = 1
    place_kind: PlaceKind = PlaceKind.IN_TOWN
    goals: Sequence[str] = ()
    context: str = ""
    financed_by: str = ""
    partner_ref: str | None = None
    """The structure that referred the person, if any; otherwise the association's own."""


def open_for_caller(session: Session, call: Call, *, names_checked: bool = False, actor: Actor, clock: Clock) -> Demand:
    """Open and send a demand for a person who called; `caller_code` is the code to give them.

    Raises NotFound, InvalidInput naming the field.
    """
    rules.ensure_texts({"context": call.context}, names_checked=names_checked)
    rules.ensure_first_day(call.first_day, clock.today())
    if not call.commune.strip():
        raise InvalidInput("commune_missing", N_("In which commune?"), field="commune")
    commune = commune_named(session, call.commune, field="commune")
    offering = find_offering(session, call.offering_code)
    partner = _partner_of(session, call.partner_ref, clock)
    demand = start_draft(session, partner.id, offering.code, account_id=None, actor=actor, clock=clock)
    demand.opened_by_office, demand.caller_code = True, new_reference("COD")
    demand.site_id, demand.place_kind, demand.commune_insee = None, call.place_kind, commune.insee
    demand.first_day, demand.start_time = call.first_day, call.start_time
    demand.sessions_count = call.sessions_count
    demand.goals, demand.context, demand.financed_by = list(call.goals), call.context.strip(), call.financed_by.strip()
    demand.person_wish = PersonWish.WISHES
    session.flush()
    record(session, "demand.open_for_caller", "demand", demand.ref, actor=actor, clock=clock)
    return send(session, demand, actor=actor, clock=clock)


def _partner_of(session: Session, ref: str | None, clock: Clock) -> Partner:
    """The referring structure, or the association itself, registered once as the structure that pays nothing."""
    if ref:
        found = session.scalar(select(Partner).where(Partner.ref == ref, Partner.archived_at.is_(None)))
        if found is None:
            raise InvalidInput("partner_unknown", N_("We don't know this structure."), field="partner")
        return found
    own = association(session)
    partner = session.scalar(select(Partner).where(Partner.siret == own.siret))
    if partner is None:
        partner = Partner(
            ref=new_reference("STR"),
            name=own.name,
            kind=PartnerKind.OTHER,
            payer_kind=PayerKind.NONE,
            siret=own.siret,
            address=own.address,
            postcode=own.postcode,
            town=own.town,
            created_at=clock.now(),
        )
        session.add(partner)
        session.flush()
    return partner
