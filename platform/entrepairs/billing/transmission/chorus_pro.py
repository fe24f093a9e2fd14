"""Chorus Pro through PISTE: the deposit of a flow, its report, then the history of the invoice.

Two proofs at each call: a token of PISTE (OAuth 2, client credentials) and the technical account (`cpro-account`,
base64). Every method is a POST of JSON; `codeRetour` other than 0 is a refusal even with HTTP 200. The report is asked of
`consulterCRDetaille` (`consulterCR` gives the same as a PDF, and nothing usable for Factur-X).
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from types import MappingProxyType
from typing import Any, Final, Self

from entrepairs.billing.transmission.calling import Line, NotOurs, words_of
from entrepairs.billing.transmission.carriers import (
    Heard,
    News,
    NotReached,
    NotSet,
    Own,
    Parcel,
    Piece,
    Receipt,
    Refused,
)
from entrepairs.billing.transmission.channels import Channel
from entrepairs.billing.transmission.codes import LifeCode
from entrepairs.billing.transmission.pieces import extension_of
from entrepairs.kernel.clock import PARIS
from entrepairs.kernel.dates import paris_day

FACTURX: Final = "IN_DP_E2_CII_FACTURX"
UBL: Final = "IN_DP_E1_UBL_INVOICE"
DEPOSIT: Final = "/cpro/factures/v1/deposer/flux"
REPORT: Final = "/cpro/transverses/v1/consulterCRDetaille"
SEARCH: Final = "/cpro/factures/v1/rechercher/fournisseur"
HISTORY: Final = "/cpro/factures/v1/consulter/historique"
RECYCLE: Final = "/cpro/factures/v1/recycler"
COMPLETE: Final = "/cpro/factures/v1/completer"
ATTACH: Final = "/cpro/transverses/v1/ajouter/fichier"
MARGIN: Final = 60.0
"""Seconds before its end at which a token is not used any more."""
PAGE: Final = 100
MOST_PAGES: Final = 20

INTEGRATED: Final = frozenset({"IN_INTEGRE", "IN_INTEGRE_PARTIEL"})
REJECTED: Final = frozenset({"IN_REJETE", "IN_INCIDENTE"})

STATUSES: Final[Mapping[str, LifeCode]] = MappingProxyType(
    {
        "DEPOSEE": LifeCode.DEPOSITED,
        "EN_COURS_ACHEMINEMENT": LifeCode.RECEIVED,
        "MISE_A_DISPOSITION": LifeCode.MADE_AVAILABLE,
        "A_RECYCLER": LifeCode.ROUTING_ERROR,
        "SUSPENDUE": LifeCode.SUSPENDED,
        "COMPLETEE": LifeCode.COMPLETED,
        "REJETEE": LifeCode.REFUSED,
        "SERVICE_FAIT": LifeCode.TAKEN_IN_HAND,
        "A_VALIDER_1": LifeCode.TAKEN_IN_HAND,
        "A_VALIDER_2": LifeCode.TAKEN_IN_HAND,
        "VALIDEE_1": LifeCode.TAKEN_IN_HAND,
        "VALIDEE_2": LifeCode.TAKEN_IN_HAND,
        "REFUSEE_1": LifeCode.REFUSED,
        "REFUSEE_2": LifeCode.REFUSED,
        "MANDATEE": LifeCode.APPROVED,
        "MISE_A_DISPOSITION_COMPTABLE": LifeCode.STAMPED,
        "COMPTABILISEE": LifeCode.STAMPED,
        "MISE_EN_PAIEMENT": LifeCode.PAYMENT_SENT,
        "ANNULEE": LifeCode.CANCELLED,
    }
)
"""Chorus Pro's statuses as codes of the life cycle. « Rejetée » there is the payer's refusal (210), not a check (213)."""

_REASONS: Final = MappingProxyType({LifeCode.SUSPENDED: "JUSTIF_ABS", LifeCode.REFUSED: "NON_CONFORME"})
"""Chorus Pro says why in words only; the nearest reason of the norm goes with them."""


@dataclass
class ChorusPro:
    """The technical account of the association. One object serves one act; the token is kept between them."""

    token_url: str
    api_base: str
    client_id: str
    client_secret: str = field(repr=False)
    login: str
    password: str = field(repr=False)
    syntax: str = FACTURX
    channel: Channel = Channel.CHORUS_PRO
    settles: timedelta = timedelta(minutes=15)

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Self:
        """From the settings. Raises NotSet when a part is missing."""
        if missing_settings(config):
            raise NotSet(Channel.CHORUS_PRO)
        return cls(
            config["CHORUS_TOKEN_URL"],
            config["CHORUS_API_BASE"],
            config["CHORUS_PISTE_ID"],
            config["CHORUS_PISTE_SECRET"],
            config["CHORUS_LOGIN"],
            config["CHORUS_PASSWORD"],
            config["CHORUS_SYNTAX"],
        )

    # --- the port -----------------------------------------------------------------------------------------------

    def deposit(self, parcel: Parcel) -> Receipt:
        """Deposit the flow; its number is the receipt."""
        told = self._post(
            DEPOSIT,
            {
                "fichierFlux": base64.b64encode(parcel.content).decode(),
                "nomFichier": parcel.filename,
                "syntaxeFlux": self.syntax,
                "avecSignature": False,
            },
            changes=True,
        )
        number = str(told.get("numeroFluxDepot") or "")
        if not number:
            raise Refused(words_of(told) or "numeroFluxDepot")
        return Receipt(number)

    def find(self, parcel: Parcel) -> Receipt | None:
        """An invoice with this number among what was deposited since the attempt.

        A flow that is not integrated yet is not found: `settles` says how long that may last.
        """
        # Chorus Pro lives in real time; in the demo ours is elsewhere.
        attempted = paris_day(parcel.attempted_at) if parcel.attempted_at else parcel.issued_on
        since = min(attempted, paris_day(datetime.now(UTC))) - timedelta(days=1)
        for row in self._search({"periodeDateDepotDu": since.isoformat()}):
            if row.get("numeroFacture") == parcel.number:
                return Receipt(str(row.get("numeroFluxDepot") or ""), str(row["identifiantFactureCPP"]))
        return None

    def hear(self, receipt: Receipt, parcel: Parcel) -> Heard:
        """The report of the flow until the invoice has a number there, then its history."""
        if not receipt.document_ref:
            report = self._post(REPORT, {"numeroFluxDepot": receipt.remote_ref})
            state = str(report.get("etatCourantDepotFlux") or "")
            if state not in REJECTED | INTEGRATED:
                return Heard(receipt)
            there = self._there(receipt, parcel, report, rejected=state in REJECTED)
            if not there:
                turned_down = state in REJECTED or report.get("listeErreurDP")
                return Heard(receipt, (_rejection(receipt, report),) if turned_down else ())
            receipt = Receipt(receipt.remote_ref, there)
        told = self._post(HISTORY, {"idFacture": _whole(receipt.document_ref)})
        rows = (told.get("historiquesDesStatuts") or {}).get("histoStatut") or []
        return Heard(receipt, tuple(_news(receipt, row) for row in rows))

    def _there(self, receipt: Receipt, parcel: Parcel, report: Mapping[str, Any], *, rejected: bool) -> str:
        """The number that the invoice has there; empty when it has none.

        A flow turned down because the invoice was deposited already (by hand, say) is no refusal of the invoice: it is
        followed where it is.
        """
        if not rejected and (number := self._number_of(parcel, {"numeroFluxDepot": receipt.remote_ref})):
            return number
        if not is_duplicate(report):
            return ""
        first = min(parcel.issued_on, paris_day(datetime.now(UTC))) - timedelta(days=1)
        return self._number_of(parcel, {"periodeDateDepotDu": first.isoformat()})

    def _number_of(self, parcel: Parcel, wanted: Mapping[str, str]) -> str:
        for row in self._search(wanted):
            if row.get("numeroFacture") == parcel.number:
                return str(row["identifiantFactureCPP"])
        return ""

    def recycle(self, receipt: Receipt, parcel: Parcel) -> Receipt:
        """« Recycler »: the same invoice, another recipient, service or commitment."""
        who: dict[str, Any] = {"codeDestinataire": parcel.recipient.siret}
        if parcel.recipient.service_code:
            who["codeServiceExecutant"] = parcel.recipient.service_code
        body: dict[str, Any] = {
            "identifiantFactureCPP": _whole(receipt.document_ref),
            "destinataire": who,
            "commentaire": "",
        }
        if parcel.recipient.engagement:
            body["reference"] = {"numeroBonCommande": parcel.recipient.engagement}
        self._post(RECYCLE, body, changes=True)
        return Receipt(receipt.remote_ref, receipt.document_ref)

    def complete(self, receipt: Receipt, pieces: Sequence[Piece], comment: str) -> None:
        """Each document is added, then the suspended invoice completed with them."""
        joined = []
        for number, piece in enumerate(pieces, start=1):
            told = self._post(
                ATTACH,
                {
                    "pieceJointeFichier": base64.b64encode(piece.content).decode(),
                    "pieceJointeNom": piece.name,
                    "pieceJointeTypeMime": piece.media,
                    "pieceJointeExtension": extension_of(piece.name),
                },
            )
            joined.append(
                {
                    "pieceJointeComplementaireId": told["pieceJointeId"],
                    "pieceJointeComplementaireDesignation": piece.name,
                    "pieceJointeComplementaireType": "02",
                    "pieceJointeComplementaireNumeroLigneFacture": number,
                }
            )
        body = {
            "identifiantFactureCPP": _whole(receipt.document_ref),
            "commentaire": comment,
            "pieceJointeComplementaire": joined,
        }
        self._post(COMPLETE, body, changes=True)

    def tell(self, receipt: Receipt, own: Own) -> None:
        """Nothing: Chorus Pro takes no news of a supplier; it knows what the Treasury pays."""

    # --- calls --------------------------------------------------------------------------------------------------

    def _search(self, criteria: Mapping[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for page in range(1, MOST_PAGES + 1):
            paging = {"nbResultatsParPage": PAGE, "pageResultatDemandee": page}
            told = self._post(SEARCH, {**criteria, "rechercheFactureParFournisseur": paging})
            rows = told.get("listeFactures") or []
            found += rows
            if len(rows) < PAGE:
                break
        return found

    def _post(self, path: str, body: Mapping[str, Any], *, changes: bool = False) -> dict[str, Any]:
        """One call; a token that is not taken any more is asked for anew, once. Nothing was done by a 401."""
        line = Line(self.api_base)
        for fresh in (False, True):
            headers = {
                "Authorization": f"Bearer {self._token(fresh=fresh)}",
                "cpro-account": base64.b64encode(f"{self.login}:{self.password}".encode()).decode(),
                "Accept": "application/json",
            }
            try:
                answer = line.call("POST", path, headers=headers, json=body, changes=changes)
            except NotOurs:
                continue
            told = answer.body if isinstance(answer.body, dict) else {}
            if answer.status >= 400 or told.get("codeRetour") not in (None, 0, "0"):
                raise Refused(words_of(told) or f"HTTP {answer.status}")
            return told
        raise NotReached("HTTP 401")

    def _token(self, *, fresh: bool) -> str:
        key = (self.token_url, self.client_id)
        known = _TOKENS.get(key)
        if known is not None and not fresh and monotonic() < known[1]:
            return known[0]
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "scope": "openid",
        }
        try:
            answer = Line(self.token_url).call("POST", "", headers={"Accept": "application/json"}, form=form)
        except (NotOurs, Refused) as error:
            raise NotReached("PISTE") from error
        value = answer.body.get("access_token") if isinstance(answer.body, dict) else None
        if answer.status >= 400 or not value:
            raise NotReached("PISTE")
        _TOKENS[key] = (str(value), monotonic() + float(answer.body.get("expires_in") or 3600) - MARGIN)
        return str(value)


_TOKENS: dict[tuple[str, str], tuple[str, float]] = {}
"""Tokens of this process and the real instant at which each is given up."""


def missing_settings(config: Mapping[str, Any]) -> list[str]:
    """Names of the settings without which nothing leaves by Chorus Pro."""
    names = ("CHORUS_TOKEN_URL", "CHORUS_API_BASE", "CHORUS_PISTE_ID", "CHORUS_PISTE_SECRET", "CHORUS_LOGIN")
    return [name for name in (*names, "CHORUS_PASSWORD") if not config.get(name)]


def is_duplicate(report: Mapping[str, Any]) -> bool:
    """Whether a flow was turned down because its invoice is there already. Chorus Pro says it in words only."""
    said = " ".join(str(one.get("libelleErreurDP") or "") for one in report.get("listeErreurDP") or []).lower()
    return "déjà" in said or "doublon" in said


def _rejection(receipt: Receipt, report: Mapping[str, Any]) -> News:
    """A flow turned down: unreadable as a file (501), or an invoice that a check refuses (213)."""
    technical = [str(one.get("libelleErreur") or "") for one in report.get("listeErreurTechnique") or []]
    checked = [str(one.get("libelleErreurDP") or "") for one in report.get("listeErreurDP") or []]
    code, reason = (LifeCode.REJECTED, "REJ_SEMAN") if checked else (LifeCode.INADMISSIBLE, "IRR_SYNTAX")
    if is_duplicate(report):
        code, reason = LifeCode.REJECTED, "DOUBLON"
    words = " ; ".join(dict.fromkeys(one for one in (*checked, *technical) if one)) or words_of(report)
    at = _instant(report.get("dateHeureEtatCourantFlux"))
    payload = {"status": str(report.get("etatCourantDepotFlux") or "")}
    return News(f"flow:{receipt.remote_ref}", code, at, reason, words, payload)


def _news(receipt: Receipt, row: Mapping[str, Any]) -> News:
    status = str(row.get("histoStatutCode") or "")
    code = STATUSES.get(status)
    return News(
        key=str(row.get("histoStatutId") or f"{receipt.document_ref}:{status}:{row.get('histoStatutDatePassage')}"),
        code=int(code) if code is not None else 999,  # kept, shown as said, changes nothing
        at=_instant(row.get("histoStatutDatePassage")),
        reason=_REASONS.get(code) if code is not None else None,
        text=str(row.get("histoStatutCommentaire") or ""),
        payload={"status": status},
    )


def _instant(told: Any) -> datetime | None:
    """Milliseconds since 1970, or an ISO instant; without a zone it is Paris's."""
    if isinstance(told, int | float):
        return datetime.fromtimestamp(told / 1000, UTC)
    try:
        read = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=PARIS)).astimezone(UTC)


def _whole(number: str) -> int:
    if not number.isdigit():
        raise Refused(f"identifiantFactureCPP: {number or '?'}")
    return int(number)
