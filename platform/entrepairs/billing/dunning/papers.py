"""The paper of what is owed: a statement of account, a reminder's list, a formal notice. French text, as every paper."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from entrepairs.billing import parties
from entrepairs.billing.dunning.ladder import Step
from entrepairs.billing.dunning.models import DunningLetter
from entrepairs.billing.dunning.standing import Standing
from entrepairs.billing.models import Invoice
from entrepairs.billing.parties import Snapshot
from entrepairs.billing.postings import issued
from entrepairs.documents import papers
from entrepairs.documents.french import french_date, french_money, french_phone, spaced
from entrepairs.documents.rendering import render_pdf
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.money import Money
from entrepairs.network.models import Partner, PayerKind
from entrepairs.network.partners import PUBLIC_PAYERS

STATEMENT: Final = "Relevé de compte"
TITLES: Final = {Step.REMINDER: "Rappel", Step.FORMAL: "Mise en demeure de payer"}
"""The letters that carry a paper; the friendly word does not."""
NOTICE_DAYS: Final = 8
"""What a formal notice leaves, by custom: the law sets no number."""


@dataclass(frozen=True, slots=True)
class Row:
    """One invoice of the paper. `cost` is interest and indemnity to the day of the paper."""

    invoice: Invoice
    due_on: date
    days_late: int
    balance: Money
    interest: Money
    indemnity: Money


def rows_of(standings: Iterable[Standing]) -> list[Row]:
    """Of what is owed today."""
    return [
        Row(one.invoice, one.term.due_on, one.days_late, one.balance, one.interest.amount, one.indemnity)
        for one in standings
    ]


def rows_of_letter(letter: DunningLetter) -> list[Row]:
    """As it stood the day the letter left: what a copy shows for ever."""
    return [
        Row(
            one.invoice,
            one.due_on,
            max((letter.sent_on - one.due_on).days, 0),
            Money(one.balance),
            Money(one.interest),
            Money(one.indemnity),
        )
        for one in letter.reminders
    ]


def statement_pdf(session: Session, partner: Partner, rows: Sequence[Row], *, clock: Clock) -> bytes:
    """« Relevé de compte » of a structure today."""
    on = clock.today()
    seller, buyer = parties.seller_snapshot(session, clock), parties.buyer_snapshot(partner, None)
    data = _paper(seller, buyer, rows, on, STATEMENT, f"{partner.ref} · {on:%d/%m/%Y}", [])
    return render_pdf("arrears", {**data}, on=on, title=f"{STATEMENT}, {partner.name}")


def letter_pdf(letter: DunningLetter) -> bytes | None:
    """The paper of a letter, the same bytes each time; None for a friendly word."""
    title = TITLES.get(letter.step)
    if title is None:
        return None
    words = _demand(letter) if letter.step is Step.FORMAL else []
    rows = rows_of_letter(letter)
    data = _paper(letter.seller, letter.buyer, rows, letter.sent_on, title, letter.ref, words)
    return render_pdf("arrears", {**data}, on=letter.sent_on, title=f"{title}, {letter.buyer['name']}")


def _demand(letter: DunningLetter) -> list[str]:
    return [
        "Malgré nos rappels, les factures ci-dessous restent à payer.",
        (
            "Par la présente, nous vous mettons en demeure de les régler sous "
            f"{NOTICE_DAYS} jours à compter de la réception de ce courrier."
        ),
        "Si une facture vous paraît inexacte, dites-le-nous : nous suspendons aussitôt toute démarche pour l'étudier.",
    ]


def _paper(  # noqa: PLR0917 - the parts of one paper
    seller: Snapshot,
    buyer: Snapshot,
    rows: Sequence[Row],
    on: date,
    title: str,
    number: str,
    words: Sequence[str],
) -> papers.Arrears:
    owed = Money.sum(one.balance for one in rows)
    cost = Money.sum(one.interest + one.indemnity for one in rows)
    data: papers.Arrears = {
        "number": number,
        "dated": f"{seller['town']}, le {french_date(on)}",
        "issuer": _issuer(seller),
        "buyer": _buyer(buyer),
        "title": title,
        "words": list(words),
        "lines": [_line(one) for one in rows],
        "totals": [
            ("Reste à payer", french_money(owed)),
            (f"Intérêts et indemnités au {french_date(on)}", french_money(cost)),
        ],
        "due": ("Factures et frais de retard", french_money(owed + cost)),
        "payment": [
            ("IBAN", spaced(seller["iban"], *[4] * 9)),
            ("BIC", seller["bic"]),
            ("À rappeler", "le numéro de chaque facture"),
        ],
        "legal": [
            _law(PayerKind(buyer["payer_kind"])),
            "Les factures déjà contestées ou promises figurent ici pour mémoire.",
        ],
    }
    if seller["fictional"]:
        data["notice"] = "Données fictives"
    return data


def _line(one: Row) -> papers.ArrearsLine:
    number, day = issued(one.invoice)
    return {
        "number": number,
        "issued": french_date(day),
        "due": french_date(one.due_on),
        "late": f"{one.days_late} j" if one.days_late else "—",
        "left": french_money(one.balance),
        "interest": french_money(one.interest) if one.interest else "—",
        "indemnity": french_money(one.indemnity) if one.indemnity else "—",
    }


def _issuer(seller: Snapshot) -> papers.IssuerBlock:
    siret = spaced(seller["siret"], 3, 3, 3, 5)
    return {
        "name": seller["name"],
        "lines": [
            seller["address"],
            f"{seller['postcode']} {seller['town']}",
            french_phone(seller["phone"]),
            seller["email"],
        ],
        "details": [("SIRET", siret), ("RNA", seller["rna"]), ("TVA", seller["vat_number"])],
        "footer": f"{seller['name']} · {seller['legal_form']} · SIRET {siret}",
    }


def _buyer(buyer: Snapshot) -> papers.PartyBlock:
    town = f"{buyer['postcode'] or ''} {buyer['town'] or ''}".strip()
    return {
        "name": buyer["name"],
        "lines": [line for line in ((buyer["address"] or "").strip(), town) if line],
        "details": [("SIRET", spaced(buyer["siret"], 3, 3, 3, 5) if buyer["siret"] else None)],
    }


def _law(payer: PayerKind) -> str:
    if payer in PUBLIC_PAYERS:
        return (
            "Intérêts moratoires de plein droit dès le lendemain de l'échéance, au taux de refinancement de la Banque "
            "centrale européenne majoré de huit points, et indemnité forfaitaire de recouvrement par facture (code de la "
            "commande publique, art. L2192-13, R2192-31 et D2192-35)."
        )
    return (
        "Pénalités de retard de plein droit dès le lendemain de l'échéance, au taux imprimé sur la facture (à défaut, taux "
        "de refinancement de la Banque centrale européenne majoré de dix points), et indemnité forfaitaire de "
        "recouvrement par facture (code de commerce, art. L441-10 et D441-5)."
    )
