"""What a mission order says: every value already written in French, as the paper prints it."""

import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from entrepairs.catalogue.models import OfferingKind
from entrepairs.contracting.models import Agreement, AgreementDraw, Quote, QuoteVersion, RecordAccess
from entrepairs.contracting.papers import buyer_block, issuer_block, session_line
from entrepairs.contracting.states import QuoteState
from entrepairs.demands.diary import live_assignments
from entrepairs.demands.models import Assignment, Demand, DemandSession, PlaceKind
from entrepairs.demands.scheduling import period_of
from entrepairs.documents import papers
from entrepairs.documents.french import french_date, french_minutes, french_phone
from entrepairs.kernel.clock import Clock
from entrepairs.missions.colleagues import is_expected
from entrepairs.network.models import Referent, SiteCard
from entrepairs.network.rules import in_force
from entrepairs.settings.decisions import association, decision_or
from entrepairs.settings.models import Association

SUPERVISION: Final = "missions.supervision_text"
"""Decision: who supervises and how to reach them; by default the association and its number."""

DELIVERABLES: Final[dict[OfferingKind, str]] = {
    OfferingKind.SERIES: "Toutes les séances menées, et un bilan partagé avec l'équipe à la fin.",
    OfferingKind.ONE_OFF: "La rencontre menée de bout en bout, avec son compte rendu.",
    OfferingKind.PRESENCE: "Une présence aux demi-journées prévues, et un compte rendu des heures par activité.",
    OfferingKind.EMERGENCY: "Une présence auprès de la personne, si elle le souhaite, et une transmission à l'équipe.",
    OfferingKind.ACCOMPANIMENT: "Les rencontres tenues au rythme de la personne, chacune avec son compte rendu.",
    OfferingKind.TRAINING: "La formation animée selon son programme, et la feuille d'émargement remplie.",
    OfferingKind.PLACEMENT: "Les demi-journées d'appui tenues, chacune avec son compte rendu.",
}
DOES: Final = (
    "Partager son expérience du rétablissement, autant qu'il ou elle le souhaite.",
    "Rencontrer les personnes qui le veulent bien, à égalité.",
    "Alerter si quelqu'un semble en danger.",
)
DOES_NOT: Final = (
    "Ni soin, ni surveillance, ni médicament.",
    "Pas de remplacement d'un professionnel absent.",
    "Pas de transport de personnes accompagnées.",
)
RECORD_ACCESS: Final[dict[RecordAccess, str]] = {
    RecordAccess.NONE: "Vous n'avez pas accès au dossier.",
    RecordAccess.OWN_TAB: (
        "Un onglet du dossier vous est propre : vous y écrivez avec l'accord de la personne. Vous ne lisez pas le reste."
    ),
    RecordAccess.FULL: "La convention vous ouvre le dossier, avec l'accord de la personne.",
}
_PHONE: Final = re.compile(r"(?:\+33[\s.]?|0)[1-9](?:[\s.]?\d{2}){4}|(?<!\d)\d{2,5}(?!\d)")
_BULLET: Final = re.compile(r"^[\s\-–—•*]+")


def order_paper(
    session: Session,
    assignment: Assignment,
    sessions: Sequence[DemandSession],
    *,
    number: str,
    replaces: str | None,
    clock: Clock,
) -> papers.MissionOrder:
    """Data of `mission_order.typ` for the sessions the peer holds."""
    demand, seller, today = assignment.demand, association(session), clock.today()
    card = demand.site.card if demand.site else None
    referents = _referents(demand, clock)
    paper: papers.MissionOrder = {
        "number": number,
        "dated": f"{seller.town}, le {french_date(today)}",
        "issuer": issuer_block(seller),
        "offering": demand.offering.name,
        "peer": {"name": f"{assignment.peer.first_name} {assignment.peer.last_name}", "title": assignment.peer.wording},
        "host": buyer_block(demand.partner),
        "object": _object(demand),
        "deliverable": DELIVERABLES[demand.kind],
        "supervision": str(decision_or(session, SUPERVISION, today, f"{seller.name}, {french_phone(seller.phone)}")),
        "companion": companion(session, assignment),
        "basis": basis(session, demand),
        "place": place_block(demand, card),
        "referent": _welcomer(referents, demand, seller),
        "sessions": [_session(demand, row) for row in sessions],
        "hours_note": _hours_note(demand, sessions),
        "does": _listed(card.peer_does if card else "", DOES),
        "does_not": _listed(card.peer_does_not if card else "", DOES_NOT),
        "danger": danger_contacts(card, seller),
        "record_access": RECORD_ACCESS[record_access(session, demand)],
        "notes": _notes(demand, sessions, card, replaces),
        "signatory": {"name": seller.signatory_name, "function": seller.signatory_function},
    }
    deputy = next((one for one in referents if one.deputy), None)
    if deputy is not None and len(referents) > 1:
        paper["deputy"] = {"name": deputy.name, "phone": _phone(deputy.phone)}
    if seller.fictional:
        paper["notice"] = "Données fictives"
    return paper


def companion(session: Session, assignment: Assignment) -> str | None:
    """The other peers' names, or the function the ward named; None when one comes alone."""
    others = [
        f"{one.peer.first_name} {one.peer.last_name}, {one.peer.wording}"
        for one in live_assignments(session, assignment.demand_id)
        if one.peer_id != assignment.peer_id
    ]
    if assignment.demand.colleague_function:
        others.append(f"un·e professionnel·le du lieu : {assignment.demand.colleague_function}")
    if not others and assignment.demand.facilitation.seats > 1:
        return "Une seconde personne de l'équipe, que nous cherchons encore"
    return " ; ".join(others) or None


def drawn_agreement(session: Session, demand: Demand) -> Agreement | None:
    """The framework agreement a demand draws on."""
    return session.scalar(
        select(Agreement)
        .join(AgreementDraw, AgreementDraw.agreement_id == Agreement.id)
        .where(AgreementDraw.demand_id == demand.id, AgreementDraw.released_at.is_(None))
    )


def basis(session: Session, demand: Demand) -> str | None:
    """« Convention CV2027-00003 » or « Devis DE2027-00012 »; None for an emergency without either."""
    agreement = drawn_agreement(session, demand)
    if agreement is not None:
        return f"Convention {agreement.number or agreement.ref}"
    number = session.scalar(
        select(Quote.number)
        .join(QuoteVersion)
        .where(Quote.demand_id == demand.id, QuoteVersion.state == QuoteState.ACCEPTED)
    )
    return f"Devis {number}" if number else None


def record_access(session: Session, demand: Demand) -> RecordAccess:
    """What the agreement says of the care record; nothing without an agreement."""
    agreement = drawn_agreement(session, demand)
    return agreement.record_access if agreement is not None else RecordAccess.NONE


def place_block(demand: Demand, card: SiteCard | None) -> papers.PartyBlock:
    """Where, by kind of place. A home is its commune and nothing else."""
    commune = demand.commune.name if demand.commune else ""
    match demand.place_kind:
        case PlaceKind.SITE if demand.site:
            site = demand.site
            town = site.commune.name
            return {
                "name": site.name,
                "lines": [*_lines(site.address, site.postcode, town), *_split(card.entrance if card else "")],
            }
        case PlaceKind.HOME:
            return {"name": "Au domicile de la personne", "lines": _split(commune)}
        case PlaceKind.REMOTE:
            return {"name": "À distance", "lines": _split(demand.place_detail)}
        case PlaceKind.TRAINING_VENUE:
            return {"name": "Lieu de formation", "lines": [*_split(demand.place_detail), *_split(commune)]}
        case _:
            return {"name": "En ville", "lines": [*_split(demand.place_detail), *_split(commune)]}


def danger_contacts(card: SiteCard | None, seller: Association) -> list[papers.DangerContact]:
    """Whom to call, in the order to call them: the site's own people first."""
    own: list[papers.DangerContact] = []
    for line in _split(card.danger_contact if card else ""):
        found = _PHONE.search(line)
        who = _PHONE.sub("", line, count=1).strip(" ,;:()-–") if found else line
        own.append({"who": who or "L'équipe du lieu", "phone": found[0] if found else "sur place"})
    return [
        *(own or [{"who": "L'équipe du lieu", "phone": "sur place"}]),
        {"who": "Le SAMU, si l'équipe ne répond pas", "phone": "15"},
        {"who": "L'association, ensuite", "phone": french_phone(seller.phone)},
        {"who": "Le numéro national de prévention du suicide, à toute heure", "phone": "3114"},
    ]


def _object(demand: Demand) -> str:
    parts = [demand.offering.summary]
    if demand.audience:
        parts.append(f"Pour : {demand.audience}.")
    if demand.participants:
        parts.append(f"{demand.participants} personnes attendues.")
    if demand.goals:
        parts.append(f"Attentes : {', '.join(demand.goals)}.")
    return " ".join(parts)


def _referents(demand: Demand, clock: Clock) -> list[Referent]:
    if demand.site is None:
        return []
    return sorted((one for one in demand.site.referents if in_force(one, clock.today())), key=lambda one: one.deputy)


def _welcomer(referents: Sequence[Referent], demand: Demand, seller: Association) -> papers.PersonBlock:
    """The referent, else who asked, else the association: a mission never leaves without somebody to ask for."""
    if referents:
        first = referents[0]
        return {"name": first.name, "function": first.function, "phone": _phone(first.phone)}
    if demand.requester is not None:
        return {"name": demand.requester.name, "function": demand.partner.name, "phone": _phone(demand.partner.phone)}
    return {"name": seller.name, "function": "qui vous met en relation", "phone": french_phone(seller.phone)}


def _phone(number: str | None) -> str | None:
    return french_phone(number) if number else None


def _session(demand: Demand, row: DemandSession) -> papers.MissionSession:
    day, _comma, hours = session_line(row).partition(", ")
    told: papers.MissionSession = {"day": day, "hours": hours, "length": french_minutes(period_of(row).minutes)}
    if is_expected(demand):
        who = demand.colleague_function or "un·e professionnel·le du lieu"
        there = "présence confirmée" if row.colleague_confirmed_at else "présence à confirmer"
        told["with_whom"] = f"avec {who} : {there}"
    return told


def _hours_note(demand: Demand, sessions: Sequence[DemandSession]) -> str:
    preparation = demand.offering.preparation_minutes * len(sessions)
    total = french_minutes(sum(period_of(row).minutes for row in sessions) + preparation)
    if not preparation:
        return f"{total} comptées. Les trajets sont remboursés."
    return f"{total} comptées, dont {french_minutes(preparation)} de préparation. Les trajets sont remboursés."


def _notes(
    demand: Demand, sessions: Sequence[DemandSession], card: SiteCard | None, replaces: str | None
) -> str | None:
    lines = [f"Cet ordre remplace le {replaces}."] if replaces else []
    if is_expected(demand) and not all(row.colleague_confirmed_at for row in sessions):
        lines.append("Présence à confirmer : la page de la mission dit où l'on en est ; nous vous prévenons à temps.")
    if card is not None:
        named = (
            ("Avec qui", card.with_whom),
            ("Badge", card.badge),
            ("Vestiaire", card.locker),
            ("Alarme", card.alarm),
            ("Repas", card.meal),
        )
        lines += [f"{label} : {text.strip()}" for label, text in named if text.strip()]
    return "\n".join(lines) or None


def _listed(text: str, default: Sequence[str]) -> Sequence[str]:
    return _split(text) or default


def _split(text: str) -> list[str]:
    """One entry by line, without its bullet."""
    return [kept for line in text.splitlines() if (kept := _BULLET.sub("", line).strip())]


def _lines(address: str, postcode: str, town: str) -> list[str]:
    return [line for line in (address, f"{postcode} {town}".strip()) if line]
