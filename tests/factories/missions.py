"""Missions in the state a test needs, made by the use cases themselves."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.contracting.models import Agreement, AgreementDraw, RecordAccess
from entrepairs.contracting.states import AgreementState
from entrepairs.demands.diary import hold_seat, live_assignments
from entrepairs.demands.models import Assignment, Demand, DemandSession
from entrepairs.demands.scheduling import period_of
from entrepairs.identity.models import Account
from entrepairs.kernel.clock import FixedClock
from entrepairs.kernel.references import new_reference
from entrepairs.missions.models import Handover, Report
from entrepairs.missions.reports import ReportAnswer, submit_report
from entrepairs.network.models import Peer
from tests.factories.billing import the_association
from tests.factories.dispatch import a_certified_peer, a_firm_wrap_group
from tests.factories.network import a_member, a_partner, a_site

PEER_ACTOR = Actor("CPT-TEST-PEER", "Samira")


class PlainLinks:
    """Links of a mail in a test."""

    def action(self, purpose: str, subject_ref: str, path: str, *, account_id: int | None = None, days: int = 3) -> str:
        return "https://essai.invalid" + path.replace("{token}", "jeton")

    def page(self, path: str) -> str:
        return "https://essai.invalid" + path


def a_held_demand(session: Session, *, peers: int | None = None, **given: Any) -> Demand:
    """A WRAP group whose seats are held by certified peers, asked by a member of a clinic."""
    the_association(session)
    partner = given.pop("partner", None) or a_partner(session)
    requester: Account = given.pop("requester", None) or a_member(session, partner)
    site = given.pop("site", None) or a_site(session, partner)
    demand = a_firm_wrap_group(session, partner=partner, site=site, **given)
    demand.requester_id = requester.id
    session.flush()
    session.refresh(demand)
    for _ in range(demand.facilitation.seats if peers is None else peers):
        hold_seat(session, demand, a_certified_peer(session).id, actor=PEER_ACTOR, clock=FixedClock())
    return demand


def holders(session: Session, demand: Demand) -> list[Assignment]:
    """Who comes, by seat."""
    return list(live_assignments(session, demand.id))


def after(row: DemandSession, hours: int = 1) -> FixedClock:
    """A clock standing some hours after the session's end."""
    return FixedClock(period_of(row).end + timedelta(hours=hours))


def an_answer(**given: Any) -> ReportAnswer:
    """Two hours of group, nine people, handed over to the referent."""
    values: dict[str, Any] = {"hours": {"group": 120}, "headcount": 9, "handover": Handover.TO_REFERENT}
    return ReportAnswer(**(values | given))


def a_report(session: Session, peer: Peer, row: DemandSession, *, at: FixedClock | None = None, **given: Any) -> Report:
    """A report sent an hour after the session."""
    return submit_report(session, peer, row.ref, an_answer(**given), actor=PEER_ACTOR, clock=at or after(row))


def a_reported_session(session: Session, demand: Demand | None = None, *, number: int = 1) -> DemandSession:
    """A session everyone who came has reported: the structure is asked."""
    demand = demand or a_held_demand(session)
    row = demand.sessions[number - 1]
    for assignment in holders(session, demand):
        a_report(session, assignment.peer, row)
    return row


def an_agreement_drawn(
    session: Session, demand: Demand, *, tacit_days: int | None, created_at: datetime | None = None, **given: Any
) -> Agreement:
    """A framework agreement that covers the demand, with or without a clause on silence."""
    first = period_of(demand.sessions[0]).start
    agreement = Agreement(
        ref=new_reference("CNV"),
        number=f"CV2027-{demand.id:05d}",
        partner_id=demand.partner_id,
        title="Convention 2027",
        valid=Range(first.date().replace(month=1, day=1), None),
        record_access=RecordAccess.OWN_TAB,
        payment_days=30,
        tacit_days=tacit_days,
        state=AgreementState.ACTIVE,
        created_at=created_at or first,
        **given,
    )
    session.add(agreement)
    session.flush()
    session.add(AgreementDraw(agreement_id=agreement.id, demand_id=demand.id, cents=256000, drawn_at=first))
    session.flush()
    return agreement
