"""Chorus Pro as our client meets it: every call is a POST of JSON, `codeRetour` 0 when it went well."""

import base64
import binascii
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest, Unauthorized

from entrepairs.doubles import faults
from entrepairs.doubles.chorus_pro.reading import Unreadable, read_flow
from entrepairs.doubles.french import PARIS
from entrepairs.doubles.kept import Json, Kept
from entrepairs.doubles.stand import Kind

DEMO_ACCOUNT = re.compile(r"demo-[\w-]+")
TOKEN_SECONDS = 3600
WORDS = {
    "DEPOSEE": "déposée",
    "EN_COURS_ACHEMINEMENT": "en cours d’acheminement",
    "MISE_A_DISPOSITION": "mise à disposition",
    "A_RECYCLER": "à recycler",
    "SUSPENDUE": "suspendue",
    "COMPLETEE": "complétée",
    "REJETEE": "rejetée",
    "SERVICE_FAIT": "service fait",
    "MANDATEE": "mandatée",
    "MISE_EN_PAIEMENT": "mise en paiement",
}
BY_ITSELF = ("DEPOSEE", "EN_COURS_ACHEMINEMENT", "MISE_A_DISPOSITION")
BUTTONS = (
    ("MISE_A_DISPOSITION", "Mettre à disposition"),
    ("SERVICE_FAIT", "Service fait"),
    ("MANDATEE", "Mandater"),
    ("MISE_EN_PAIEMENT", "Mettre en paiement"),
    ("SUSPENDUE", "Suspendre"),
    ("A_RECYCLER", "À recycler"),
    ("REJETEE", "Rejeter"),
)


class Wrong(Exception):
    """A refusal with HTTP 200 and a `codeRetour`, as Chorus Pro has them."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code, self.words = code, words


Call = Callable[[Kept, Mapping[str, Any]], Json]


def routes(store: Kept) -> Blueprint:
    """The token of PISTE, and the calls that we use."""
    api = Blueprint("api", __name__)
    api.add_url_rule("/api/oauth/token", view_func=_token_view(store), methods=["POST"], endpoint="token")
    for path, call in CALLS.items():
        api.add_url_rule(f"/cpro/{path}", view_func=_view(store, call), methods=["POST"], endpoint=path)
    return api


def _token_view(store: Kept) -> Callable[[], Response]:
    def view() -> Response:
        if request.form.get("grant_type") != "client_credentials":
            raise BadRequest("unsupported_grant_type")
        for name in ("client_id", "client_secret"):
            if not DEMO_ACCOUNT.fullmatch(request.form.get(name, "")):
                raise Unauthorized("invalid_client")
        token = secrets.token_urlsafe(24)
        with store.transaction():
            store.put("token", {"id": token, "until": store.clock() + TOKEN_SECONDS})
        return jsonify({"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS, "scope": "openid"})

    return view


def _view(store: Kept, call: Call) -> Callable[[], Response]:
    def view() -> Response:
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            raise BadRequest("JSON attendu")
        with store.transaction():
            _ensure_known(store)
            try:
                return jsonify({"codeRetour": 0, "libelle": "TRA_MSG_00.000", **call(store, body)})
            except Wrong as wrong:
                return jsonify({"codeRetour": wrong.code, "libelle": wrong.words})

    return view


def _ensure_known(store: Kept) -> None:
    """A living token, and the technical account."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    known = store.get("token", token) if scheme == "Bearer" else None
    if known is None or known["until"] < store.clock():
        raise Unauthorized("invalid_token")
    try:
        login = base64.b64decode(request.headers.get("cpro-account", ""), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Unauthorized("cpro-account") from error
    if not DEMO_ACCOUNT.fullmatch(login.partition(":")[0]) or not login.partition(":")[2]:
        raise Unauthorized("cpro-account")


# --- the calls -------------------------------------------------------------------------------------------------


def _deposit(store: Kept, body: Mapping[str, Any]) -> Json:
    if not body.get("nomFichier") or not body.get("syntaxeFlux"):
        raise Wrong(20001, "Un paramètre obligatoire manque.")
    try:
        content = base64.b64decode(str(body.get("fichierFlux") or ""), validate=True)
    except binascii.Error as error:
        raise Wrong(20002, "Le fichier n’est pas en base 64.") from error
    number = f"CPP{store.next_number('flow', 1_117_000_000_000_425_900):022d}"
    flow: Json = {"id": number, "at": store.clock(), "file": body["nomFichier"], "errors": [], "technical": []}
    try:
        read = read_flow(content, str(body["syntaxeFlux"]))
    except Unreadable as error:
        flow["technical"] = [str(error)]
    else:
        flow["read"] = read
        if any(one["number"] == read["number"] for one in store.all("invoice")) or any(
            (other.get("read") or {}).get("number") == read["number"] and not other["errors"]
            for other in store.all("flow")
        ):
            flow["errors"] = [f"La facture {read['number']} a déjà été déposée."]
    store.put("flow", flow)
    return {
        "numeroFluxDepot": number,
        "dateDepot": datetime.fromtimestamp(flow["at"], PARIS).date().isoformat(),
        "syntaxeFlux": body["syntaxeFlux"],
    }


def _integrate(store: Kept) -> None:
    """Flows whose time of treatment is over become invoices; the first steps come by themselves when a pace is set."""
    now, set_now = store.clock(), faults.read(store)
    for flow in store.all("flow"):
        waits = now - flow["at"] < set_now.integrates_after_seconds
        if waits or flow.get("done") or flow["errors"] or flow["technical"]:
            continue
        number = store.next_number("invoice", 8_316_800)
        invoice = {"id": number, "flow": flow["id"], **flow["read"], "at": flow["at"], "steps": [], "pieces": []}
        _step(store, invoice, "DEPOSEE", "", at=flow["at"])
        store.put("flow", {**flow, "done": True})
    if set_now.pace_seconds is None:
        return
    for invoice in store.all("invoice"):
        for before, after in pairwise(BY_ITSELF):
            last = invoice["steps"][-1]
            if last["status"] == before and now - last["at"] >= set_now.pace_seconds:
                _step(store, invoice, after, "", at=last["at"] + set_now.pace_seconds)


def _step(store: Kept, invoice: Json, status: str, comment: str, *, at: float | None = None) -> None:
    number = store.next_number("step", 70_001)
    invoice["steps"].append({"id": number, "status": status, "comment": comment, "at": at or store.clock()})
    store.put("invoice", invoice)


def _report(store: Kept, body: Mapping[str, Any]) -> Json:
    _integrate(store)
    flow = store.get("flow", str(body.get("numeroFluxDepot")))
    if flow is None:
        raise Wrong(20010, "Ce flux n’existe pas.")
    state = "IN_INTEGRE" if flow.get("done") else "IN_TRAITE_SE_CPP"
    if flow["errors"] or flow["technical"]:
        state = "IN_REJETE"
    return {
        "numeroFluxDepot": flow["id"],
        "etatCourantDepotFlux": state,
        "dateHeureEtatCourantFlux": _iso(flow["at"]),
        "listeErreurDP": [
            {"numeroDP": (flow.get("read") or {}).get("number"), "libelleErreurDP": words} for words in flow["errors"]
        ],
        "listeErreurTechnique": [{"libelleErreur": words} for words in flow["technical"]],
    }


def _search(store: Kept, body: Mapping[str, Any]) -> Json:
    _integrate(store)
    wanted, since = body.get("numeroFluxDepot"), str(body.get("periodeDateDepotDu") or "")
    rows = [
        {
            "identifiantFactureCPP": one["id"],
            "numeroFacture": one["number"],
            "numeroFluxDepot": one["flow"],
            "statut": one["steps"][-1]["status"],
        }
        for one in store.all("invoice")
        if wanted in (None, one["flow"]) and since <= datetime.fromtimestamp(one["at"], PARIS).date().isoformat()
    ]
    paging = body.get("rechercheFactureParFournisseur") or {}
    size, page = int(paging.get("nbResultatsParPage") or 10), int(paging.get("pageResultatDemandee") or 1)
    return {"listeFactures": rows[(page - 1) * size : page * size]}


def _found(store: Kept, number: Any) -> Json:
    invoice = store.get("invoice", str(number))
    if invoice is None:
        raise Wrong(20020, "Cette facture n’existe pas.")
    return invoice


def _history(store: Kept, body: Mapping[str, Any]) -> Json:
    _integrate(store)
    invoice = _found(store, body.get("idFacture"))
    rows = [
        {
            "histoStatutId": step["id"],
            "histoStatutCode": step["status"],
            "histoStatutDatePassage": _iso(step["at"]),
            "histoStatutCommentaire": step["comment"],
        }
        for step in invoice["steps"]
    ]
    return {
        "idFacture": invoice["id"],
        "numeroFacture": invoice["number"],
        "statutCourantCode": invoice["steps"][-1]["status"],
        "historiquesDesStatuts": {"histoStatut": rows, "totalHistoStatut": len(rows)},
    }


def _recycle(store: Kept, body: Mapping[str, Any]) -> Json:
    invoice = _found(store, body.get("identifiantFactureCPP"))
    if invoice["steps"][-1]["status"] != "A_RECYCLER":
        raise Wrong(20031, "Cette facture n’est pas à recycler.")
    who = body.get("destinataire") or {}
    if not who.get("codeDestinataire"):
        raise Wrong(20032, "Le destinataire manque.")
    invoice["siret"], invoice["service"] = who["codeDestinataire"], who.get("codeServiceExecutant", "")
    invoice["engagement"] = (body.get("reference") or {}).get("numeroBonCommande", invoice["engagement"])
    _step(store, invoice, "DEPOSEE", "")
    return {"identifiantFactureCPP": invoice["id"], "statutFacture": "DEPOSEE", "numeroFacture": invoice["number"]}


def _attach(store: Kept, body: Mapping[str, Any]) -> Json:
    name = str(body.get("pieceJointeNom") or "")
    content = base64.b64decode(str(body.get("pieceJointeFichier") or ""))
    if not name or len(name) > 50 or not content or len(content) > 10_000_000:
        raise Wrong(20003, "La pièce jointe n’est pas acceptée.")
    number = store.next_number("piece", 10_321_500)
    store.put("piece", {"id": number, "name": name, "size": len(content)})
    return {"pieceJointeId": number}


def _complete(store: Kept, body: Mapping[str, Any]) -> Json:
    invoice = _found(store, body.get("identifiantFactureCPP"))
    if invoice["steps"][-1]["status"] != "SUSPENDUE":
        raise Wrong(20041, "Cette facture n’est pas suspendue.")
    given = [str(one["pieceJointeComplementaireId"]) for one in body.get("pieceJointeComplementaire") or []]
    pieces = [piece for number in given if (piece := store.get("piece", number))]
    if len(pieces) != len(given) or not given:
        raise Wrong(20042, "Une pièce jointe est inconnue.")
    invoice["pieces"] += [piece["name"] for piece in pieces]
    _step(store, invoice, "COMPLETEE", str(body.get("commentaire") or ""))
    return {"identifiantFactureCPP": invoice["id"], "numeroFacture": invoice["number"]}


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, PARIS).isoformat()


CALLS: dict[str, Call] = {
    "factures/v1/deposer/flux": _deposit,
    "factures/v1/rechercher/fournisseur": _search,
    "factures/v1/consulter/historique": _history,
    "factures/v1/recycler": _recycle,
    "factures/v1/completer": _complete,
    "transverses/v1/consulterCRDetaille": _report,
    "transverses/v1/ajouter/fichier": _attach,
}


# --- the page --------------------------------------------------------------------------------------------------


def _shown(store: Kept) -> Sequence[Json]:
    _integrate(store)
    return [
        {
            **one,
            "recipient": " · ".join(part for part in (one["siret"], one["service"], one["engagement"]) if part),
            "status": one["steps"][-1]["status"],
        }
        for one in reversed(store.all("invoice"))
    ]


def _decide(store: Kept, wanted: str, status: str, given: Mapping[str, Any]) -> None:
    _integrate(store)
    invoice = store.get("invoice", wanted) or next(
        (one for one in store.all("invoice") if one["number"] == wanted), None
    )
    if invoice is None:
        raise KeyError(wanted)
    if status not in WORDS:
        raise ValueError(f"No such status: {status}.")
    _step(store, invoice, status, str(given.get("comment") or ""))


CHORUS_PRO = Kind(
    name="chorus-pro",
    title="Chorus Pro de démonstration",
    lead="Ce que l’organisme public fait des factures : décidez ici de leur sort, la plateforme l’apprendra.",
    api="/cpro/",
    routes=routes,
    invoices=_shown,
    decide=_decide,
    buttons=BUTTONS,
    words=WORDS,
)
