"""The chart of accounts and the journals, as data (PCG 2025, ANC 2022-06; associations, ANC 2018-06).

The first three characters of a code are digits, as the FEC wants (LPF A47 A-1): the Stripe balance is 5122.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from entrepairs.ledger.models import Journal, LedgerAccount


@dataclass(frozen=True, slots=True)
class ChartAccount:
    """An account of the plan; `auxiliary` ones name a third party on each line, a `frozen` one only ever grows."""

    code: str
    label: str
    auxiliary: bool = False
    frozen: bool = False


class JournalCode(StrEnum):
    """The journals."""

    SALES = "VE"
    BANK = "BQ"
    STRIPE = "ST"
    MISCELLANEOUS = "OD"
    GRANTS = "SU"
    OPENING = "AN"


CLIENTS: Final = "411"
BANK: Final = "512"
STRIPE: Final = "5122"
TRANSFERS: Final = "580"
BANK_FEES: Final = "627"
VAT_COLLECTED: Final = "44571"
INTERVENTIONS: Final = "7061"
TRAINING: Final = "7062"
SUPERVISION: Final = "7063"
LATE_INTEREST: Final = "763"
RECOVERY_COSTS: Final = "758"
GRANTS: Final = "741"
"""Operating grants. Income of the year of their notification."""

OWN_INCOME: Final = ("706", "708")
"""Prefixes of the accounts counted as own income in the self-financing ratio."""

ACCOUNTS: Final = (
    ChartAccount("102", "Fonds propres sans droit de reprise"),
    ChartAccount("1068", "Réserves pour projet de l'entité"),
    ChartAccount("110", "Report à nouveau (solde créditeur)"),
    ChartAccount("119", "Report à nouveau (solde débiteur)"),
    ChartAccount("120", "Excédent de l'exercice"),
    ChartAccount("129", "Déficit de l'exercice"),
    ChartAccount("194", "Fonds dédiés sur subventions d'exploitation"),
    ChartAccount("401", "Fournisseurs", auxiliary=True),
    ChartAccount(CLIENTS, "Structures clientes", auxiliary=True),
    ChartAccount("416", "Clients douteux ou litigieux", auxiliary=True),
    ChartAccount("418", "Clients, factures à établir", auxiliary=True),
    ChartAccount("419", "Clients créditeurs", auxiliary=True),
    ChartAccount("421", "Personnel, rémunérations dues"),
    ChartAccount("431", "Sécurité sociale"),
    ChartAccount("441", "Subventions à recevoir", auxiliary=True),
    ChartAccount("44566", "TVA déductible sur autres biens et services"),
    ChartAccount(VAT_COLLECTED, "TVA collectée"),
    ChartAccount("487", "Produits constatés d'avance"),
    ChartAccount(BANK, "Banque"),
    ChartAccount(STRIPE, "Solde Stripe"),
    ChartAccount(TRANSFERS, "Virements internes"),
    ChartAccount("622", "Honoraires"),
    ChartAccount("6251", "Voyages et déplacements"),
    ChartAccount("6256", "Missions"),
    ChartAccount(BANK_FEES, "Services bancaires et commissions de paiement"),
    ChartAccount("631", "Impôts et taxes sur rémunérations"),
    ChartAccount("641", "Rémunérations du personnel"),
    ChartAccount("645", "Charges sociales"),
    ChartAccount("654", "Pertes sur créances irrécouvrables"),
    ChartAccount("6894", "Reports en fonds dédiés sur subventions"),
    ChartAccount("706", "Prestations de services"),
    ChartAccount(INTERVENTIONS, "Interventions de pairs-aidants"),
    ChartAccount(TRAINING, "Formations"),
    ChartAccount(SUPERVISION, "Supervision et groupes d'échange"),
    ChartAccount("7084", "Mise à disposition de personnel facturée"),
    ChartAccount(GRANTS, "Subventions d'exploitation"),
    ChartAccount("754", "Dons"),
    ChartAccount("756", "Cotisations"),
    ChartAccount(RECOVERY_COSTS, "Produits divers de gestion courante"),
    ChartAccount(LATE_INTEREST, "Revenus des autres créances (intérêts de retard)"),
    ChartAccount("7894", "Utilisations de fonds dédiés sur subventions"),
    ChartAccount("860", "Emplois des contributions volontaires en nature"),
    ChartAccount("870", "Contributions volontaires en nature"),
)

FROZEN_FUNDS: Final = "10688"
"""What the association had gathered: neither shared nor turned into capital (loi 47-1775, art. 28 bis)."""

ASSOCIATION_FUNDS: Final = ("102", "1068", "110", "119")
"""What becomes frozen the day the association becomes a cooperative. The year's result waits for its own vote."""

ASSOCIATION_ONLY: Final = ("102", "1068", "756")
"""Out of use from that day on."""

COOPERATIVE: Final = (
    ChartAccount("1013", "Capital souscrit, appelé, versé (capital variable)"),
    ChartAccount("1061", "Réserve légale"),
    ChartAccount("1063", "Réserves statutaires impartageables"),
    ChartAccount(FROZEN_FUNDS, "Fonds de l'association, impartageables", frozen=True),
    ChartAccount("109", "Associés, capital souscrit non appelé"),
    ChartAccount("4561", "Associés, apports en société", auxiliary=True),
    ChartAccount("457", "Associés, intérêts aux parts à payer", auxiliary=True),
)
"""In use from that day on (SCIC and SCOP)."""

RESULT_GAIN: Final = "120"
RESULT_LOSS: Final = "129"

JOURNALS: Final = {
    JournalCode.SALES: "Ventes",
    JournalCode.BANK: "Banque",
    JournalCode.STRIPE: "Stripe",
    JournalCode.MISCELLANEOUS: "Opérations diverses",
    JournalCode.GRANTS: "Subventions",
    JournalCode.OPENING: "À-nouveaux",
}


def ensure_chart(session: Session) -> None:
    """Write the accounts and journals that are missing; what is there already is left as it is."""
    accounts = set(session.scalars(select(LedgerAccount.code)))
    _add(
        session,
        LedgerAccount,
        [
            {"code": one.code, "label": one.label, "auxiliary": one.auxiliary}
            for one in ACCOUNTS
            if one.code not in accounts
        ],
    )
    journals = set(session.scalars(select(Journal.code)))
    _add(
        session,
        Journal,
        [{"code": code.value, "label": label} for code, label in JOURNALS.items() if code not in journals],
    )
    session.flush()


def _add(session: Session, table: type[LedgerAccount | Journal], rows: list[dict[str, object]]) -> None:
    if rows:  # another may write the same meanwhile
        session.execute(insert(table).on_conflict_do_nothing(), rows)
