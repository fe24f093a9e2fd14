"""What the papers of contracting say: every value already written in French."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from entrepairs.catalogue.models import PriceUnit
from entrepairs.catalogue.prices import PAPER_UNITS
from entrepairs.contracting.models import Agreement, InvoiceGrouping, QuoteLine, QuoteVersion
from entrepairs.contracting.rules import PricedLine, payment_days, totals
from entrepairs.demands.models import Demand, DemandSession
from entrepairs.demands.queries import title_of
from entrepairs.demands.scheduling import period_of
from entrepairs.demands.states import SessionState
from entrepairs.documents import papers
from entrepairs.documents.french import (
    french_date,
    french_money,
    french_percent,
    french_phone,
    french_quantity,
    french_time,
    french_weekday_date,
    spaced,
)
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.dates import paris
from entrepairs.kernel.money import Money
from entrepairs.kernel.parameters import figures
from entrepairs.kernel.vat_regimes import rate_of, regimes
from entrepairs.network.models import Partner, PayerKind
from entrepairs.network.partners import PUBLIC_PAYERS
from entrepairs.settings.decisions import association, decision_or
from entrepairs.settings.models import Association

CANCELLATION: Final = "contracting.cancellation_text"
NOTICE: Final = "contracting.notice_period"
EXPENSES: Final = "contracting.expenses_text"
INSURANCE: Final = "contracting.insurance_text"
"""Decisions: the association's own wording, printed as voted."""


def quote_paper(session: Session, version: QuoteVersion, *, clock: Clock) -> papers.Quote:
    """Data of `quote.typ`."""
    demand, seller = version.quote.demand, association(session)
    lines = [_priced(row, version.issued_on) for row in version.lines]
    sums = totals(lines)
    paper: papers.Quote = {
        "number": version.quote.number,
        "version": str(version.number),
        "dated": f"{seller.town}, le {french_date(version.issued_on)}",
        "dated_short": french_date(version.issued_on),
        "valid_until": french_date(version.valid_until),
        "issuer": issuer_block(seller),
        "buyer": buyer_block(demand.partner),
        "subject": title_of(demand),
        "description": demand.offering.summary,
        "references": [("Demande", demand.ref)],
        "lines": [_line(line) for line in lines],
        "totals": [
            ("Total HT", french_money(sums.net)),
            *((f"TVA {french_percent(rate)}", french_money(amount)) for rate, amount in sums.vat_by_rate),
        ],
        "due": ("Total TTC" if sums.vat else "Total à payer", french_money(sums.gross)),
        "vat_mentions": vat_mentions(line.vat_regime for line in lines),
        "sessions": [session_line(row) for row in _sessions(demand)],
        "terms": _terms(session, demand.partner, clock),
    }
    if seller.fictional:
        paper["notice"] = "Données fictives"
    return paper


def agreement_paper(session: Session, agreement: Agreement, *, clock: Clock) -> papers.Agreement:
    """Data of `agreement.typ`."""
    partner, seller, today = agreement.partner, association(session), clock.today()
    first, after = agreement.valid.lower, agreement.valid.upper
    if first is None or after is None:
        msg = "an agreement has a first and a last day"
        raise ValueError(msg)
    paper: papers.Agreement = {
        "number": agreement.number or agreement.ref,
        "dated": f"{seller.town}, le {french_date(today)}",
        "dated_short": french_date(today),
        "issuer": issuer_block(seller),
        "buyer": buyer_block(partner),
        "signatories": {
            "issuer": {"name": seller.signatory_name, "function": seller.signatory_function},
            "buyer": {"name": agreement.partner_signatory, "function": agreement.partner_signatory_function},
        },
        "object": f"« {agreement.title} » : les conditions dans lesquelles la structure fait appel à l'association.",
        "sites": [site.name for site in partner.sites if site.archived_at is None],
        "starts_on": french_date(first),
        "ends_on": french_date(after - timedelta(days=1)),
        "notice_period": str(decision_or(session, NOTICE, today, "deux mois")),
        "prices": [
            {
                "name": row.offering.name,
                "detail": None,
                "unit": PAPER_UNITS[row.offering.price_unit],
                "vat": vat_word(row.offering.vat_regime, today),
                "price": french_money(Money(row.cents)),
            }
            for row in sorted(agreement.prices, key=lambda row: row.offering.position)
        ],
        "vat_mentions": vat_mentions(row.offering.vat_regime for row in agreement.prices),
        "expenses": decision_or(session, EXPENSES, today, None),
        "ceiling": french_money(Money(agreement.ceiling)) if agreement.ceiling else None,
        "procurement_basis": procurement_sentence(partner.payer_kind, agreement.procurement_basis),
        "engagement_required": partner.requires_engagement,
        "cancellation": cancellation_sentence(agreement) or decision_or(session, CANCELLATION, today, None),
        "payment_terms": f"Les services faits sont facturés {GROUPING_WORDS[agreement.grouping]}, payables à "
        f"{agreement.payment_days} jours{' fin de mois' if agreement.end_of_month else ''}, {_means(partner)}."
        f"{_late(agreement)}{_yearly(agreement)}{_project(agreement)}",
        "record_access": agreement.record_access.value,
        "insurance": decision_or(session, INSURANCE, today, None),
    }
    if agreement.tacit_days is not None:
        paper["tacit_confirmation"] = f"dans les {agreement.tacit_days} jours"
    if seller.fictional:
        paper["notice"] = "Données fictives"
    return paper


GROUPING_WORDS: Final = {
    InvoiceGrouping.MISSION: "mission par mission",
    InvoiceGrouping.MONTH: "chaque mois",
    InvoiceGrouping.SITE: "chaque mois, lieu par lieu",
    InvoiceGrouping.ENGAGEMENT: "par numéro d'engagement",
}


def cancellation_sentence(agreement: Agreement) -> str | None:
    """What a late cancellation costs by this agreement; None when it says nothing of its own."""
    days, percent = agreement.cancel_notice_days, agreement.cancel_percent
    if days is None or percent is None:
        return None
    if not percent:
        return "L'annulation d'une intervention par la structure est sans frais."
    free = f"jusqu'à {days} jours avant la séance" if days > 1 else f"jusqu'à {days * 24} heures avant la séance"
    free = free if days else "jusqu'au début de la séance"
    return f"L'annulation par la structure est sans frais {free} ; ensuite, {french_percent(percent)} du prix convenu est dû."


def _project(agreement: Agreement) -> str:
    """The buyer's own reference, that its invoices repeat."""
    return f" Chaque facture porte la référence du projet : {agreement.project}." if agreement.project else ""


def _yearly(agreement: Agreement) -> str:
    if not agreement.yearly_engagement:
        return ""
    return " La structure communique un numéro d'engagement par année civile, qui vaut pour toutes les interventions."


def procurement_sentence(payer: PayerKind, basis: str) -> str:
    """On what procedure the buyer orders; the code of public procurement binds public buyers only."""
    if basis:
        return basis
    if payer in PUBLIC_PAYERS:
        return (
            "La convention est conclue sans publicité ni mise en concurrence préalables, son montant maximal étant "
            "inférieur au seuil de l'article R2122-8 du code de la commande publique."
        )
    return "Les interventions sont commandées au fur et à mesure des besoins de la structure."


def issuer_block(seller: Association) -> papers.IssuerBlock:
    """The association at the head and the foot of a paper."""
    details = [("SIRET", spaced(seller.siret, 3, 3, 3, 5)), ("RNA", seller.rna), ("TVA", seller.vat_number)]
    return {
        "name": seller.name,
        "lines": [seller.address, f"{seller.postcode} {seller.town}", french_phone(seller.phone), seller.email],
        "details": details,
        "footer": f"{seller.name} · {seller.legal_form} · SIRET {spaced(seller.siret, 3, 3, 3, 5)}",
    }


def buyer_block(partner: Partner) -> papers.PartyBlock:
    """The partner, by its own address."""
    return {
        "name": partner.name,
        "lines": [line for line in (partner.address, f"{partner.postcode} {partner.town}".strip()) if line],
        "details": [("SIRET", spaced(partner.siret, 3, 3, 3, 5) if partner.siret else None)],
    }


def vat_word(regime: str, on: date) -> str:
    """« 20 % », « exonéré », « hors champ »: as the invoice will."""
    return _vat_word(regime, rate_of(regime, on))


def vat_mentions(codes: Iterable[str]) -> Sequence[str]:
    """The legal text of each exemption in use, once."""
    return [text for code in dict.fromkeys(codes) if (text := regimes()[code].legal_text)]


def session_line(row: DemandSession) -> str:
    """« jeudi 21 janvier 2027, 14 h – 16 h »."""
    period = period_of(row)
    start, end = paris(period.start), paris(period.end)
    return f"{french_weekday_date(start.date())}, {french_time(start.time())} – {french_time(end.time())}"


def _sessions(demand: Demand) -> list[DemandSession]:
    return [row for row in demand.sessions if row.state is not SessionState.CANCELLED]


def _priced(row: QuoteLine, on: date) -> PricedLine:
    rate = rate_of(row.vat_regime, on)
    return PricedLine(row.label, row.quantity, row.unit, Money(row.unit_cents), row.vat_regime, rate)


def _vat_word(regime: str, rate: Decimal) -> str:
    return french_percent(rate) if rate else regimes()[regime].short


def _line(line: PricedLine) -> papers.PricedLine:
    unit = PAPER_UNITS[PriceUnit(line.unit)] if line.unit in set(PriceUnit) else line.unit
    return {
        "name": line.label,
        "quantity": french_quantity(line.quantity, unit),
        "unit_price": french_money(line.unit_price),
        "vat": _vat_word(line.vat_regime, line.rate),
        "net": french_money(line.net),
    }


def _terms(session: Session, partner: Partner, clock: Clock) -> Sequence[str]:
    days = payment_days(partner.payer_kind, figures(), clock.today())
    cancellation = decision_or(session, CANCELLATION, clock.today(), None)
    return [
        "Facturation après service fait.",
        f"Paiement à {days} jours, {_means(partner)}.",
        *(
            ["Les interventions commencent une fois le numéro d'engagement reçu."]
            if partner.requires_engagement
            else []
        ),
        *([str(cancellation)] if cancellation else []),
    ]


def _late(agreement: Agreement) -> str:
    """The rate agreed, when it is not the law's."""
    if agreement.late_rate is None:
        return ""
    return f" En cas de retard, les intérêts sont de {french_percent(agreement.late_rate)} l'an."


def _means(partner: Partner) -> str:
    """Public bodies pay by transfer; the others may also pay online."""
    return "par virement" if partner.payer_kind in PUBLIC_PAYERS else "par virement ou par carte"
