"""One believable set of papers, and the same with long texts: what the tests and the eye look at."""

from typing import Any

ISSUER = {
    "name": "Entrepairs Provence",
    "lines": ["12 rue des Amandiers", "13001 Marseille"],
    "details": [
        ["SIRET", "852 741 965 00013"],
        ["RNA", "W131009876"],
        ["Courriel", "contact@entrepairs.example"],
        ["Téléphone", "04 91 00 00 00"],
    ],
    "footer": (
        "Entrepairs Provence, association loi 1901 · 12 rue des Amandiers, 13001 Marseille · SIREN 852 "
        "741 965 · RNA W131009876"
    ),
}
CLINIC = {
    "name": "Clinique Les Tamaris",
    "lines": ["Service facturation", "48 avenue de la Durance", "13100 Aix-en-Provence"],
    "details": [["SIRET", "732 829 320 00074"]],
}
LINES = [
    {
        "name": "Groupe WRAP",
        "detail": (
            "8 séances de 2 h, deux co-animateurs certifiés\ndu 21 janvier au 11 mars 2027, pavillon Les Glycines"
        ),
        "quantity": "8 séances",
        "unit_price": "240,00 €",
        "vat": "exonéré",
        "net": "1 920,00 €",
    },
    {
        "name": "Préparation et bilan avec l'équipe",
        "quantity": "4 h",
        "unit_price": "60,00 €",
        "vat": "exonéré",
        "net": "240,00 €",
    },
    {
        "name": "Formation : accueil et intégration d'un travailleur pair",
        "detail": "une journée, 12 participants",
        "quantity": "1 jour",
        "unit_price": "1 150,00 €",
        "vat": "20 %",
        "net": "1 150,00 €",
    },
]
QUOTE: dict[str, Any] = {
    "number": "DV2027-00012",
    "version": "2",
    "dated": "Marseille, le 11 janvier 2027",
    "dated_short": "11 janvier 2027",
    "valid_until": "10 février 2027",
    "notice": "Données fictives",
    "issuer": ISSUER,
    "buyer": CLINIC,
    "subject": "Un groupe WRAP pour les personnes accompagnées du pavillon Les Glycines",
    "description": (
        "Huit rencontres hebdomadaires pour 8 à 12 personnes volontaires, coanimées par deux pairs-aidants certifiés."
    ),
    "references": [["Demande", "DEM-7K3M-9QX2"], ["Interlocutrice", "Nadège Blanc, cadre de santé"]],
    "lines": LINES,
    "totals": [["Total HT", "3 310,00 €"], ["TVA 20 % sur 1 150,00 €", "230,00 €"]],
    "due": ["Total TTC", "3 540,00 €"],
    "vat_mentions": ["Exonération de TVA, art. 261-7-1° du CGI, pour les lignes exonérées."],
    "sessions": [
        f"jeudi {day}, 14 h – 16 h"
        for day in (
            "21 janvier 2027",
            "28 janvier 2027",
            "4 février 2027",
            "11 février 2027",
            "18 février 2027",
            "25 février 2027",
            "4 mars 2027",
            "11 mars 2027",
        )
    ],
    "terms": [
        "Facturation après service fait, une fois par mois.",
        "Paiement à 30 jours par virement.",
        "Annulation d'une séance : sans frais jusqu'à 72 h avant ; 50 % du prix ensuite ; 100 % à moins de 24 h.",
    ],
    "buyer_signatory": {
        "name": "Hélène Faure",
        "function": "Directrice",
        "delegation": "Délégation du 2 septembre 2026",
    },
}
AGREEMENT: dict[str, Any] = {
    "number": "CV2027-00003",
    "dated": "Marseille, le 11 janvier 2027",
    "dated_short": "11 janvier 2027",
    "issuer": ISSUER,
    "buyer": {
        "name": "EPSM de la Durance",
        "lines": ["Route de Pertuis", "84120 Pertuis"],
        "details": [["SIRET", "268 400 124 00018"], ["Statut", "établissement public de santé"]],
    },
    "signatories": {
        "issuer": {"name": "Claire Lenoir", "function": "présidente"},
        "buyer": {"name": "Marc Olivier", "function": "directeur adjoint", "delegation": "délégation n° 2026-114"},
    },
    "object": (
        "La convention fixe les conditions des interventions de pair-aidance que l'association réalise à "
        "la demande de la structure."
    ),
    "sites": ["CMP Les Tamaris (Pertuis)", "unité Les Glycines (Pertuis)", "CATTP d'Apt"],
    "starts_on": "1er janvier 2027",
    "ends_on": "31 décembre 2027",
    "notice_period": "deux mois",
    "prices": [
        {
            "name": "Groupe WRAP",
            "detail": "deux co-animateurs certifiés, séance de 2 h",
            "unit": "séance",
            "vat": "exonéré",
            "price": "240,00 €",
        },
        {"name": "Présence en service", "unit": "demi-journée", "vat": "exonéré", "price": "150,00 €"},
        {"name": "Entretien à visée de rétablissement", "unit": "heure", "vat": "exonéré", "price": "48,00 €"},
        {
            "name": "Premiers secours en santé mentale",
            "detail": "14 h, 16 participants au plus",
            "unit": "session",
            "vat": "20 %",
            "price": "3 400,00 €",
        },
    ],
    "vat_mentions": ["Exonération de TVA, art. 261-7-1° du CGI, pour les lignes exonérées."],
    "expenses": (
        "Les déplacements sont compris dans les prix jusqu'à 40 km du siège ; au-delà, ils sont facturés "
        "au barème fiscal."
    ),
    "ceiling": "12 000,00 €",
    "procurement_basis": (
        "Elle est conclue sans publicité ni mise en concurrence préalables, son montant étant inférieur "
        "au seuil en vigueur (code de la commande publique, art. R2122-8)."
    ),
    "engagement_required": True,
    "cancellation": (
        "Une séance annulée par la structure à moins de 72 h est facturée à 50 %, à moins de 24 h en totalité."
    ),
    "tacit_confirmation": "dans les 15 jours",
    "payment_terms": (
        "L'association émet une facture par mois, déposée sur Chorus Pro. La structure paie à 50 jours "
        "par virement (CCP, art. R2192-11)."
    ),
    "record_access": "own_tab",
    "insurance": "L'association est assurée pour sa responsabilité civile professionnelle.",
}
MISSION_ORDER: dict[str, Any] = {
    "number": "OM2027-00021",
    "dated": "Marseille, le 14 janvier 2027",
    "issuer": ISSUER,
    "offering": "Groupe WRAP, 8 séances de 2 h",
    "peer": {"name": "Samira Haddad", "title": "médiatrice de santé-pair"},
    "host": {"name": "EPSM de la Durance", "lines": ["Route de Pertuis", "84120 Pertuis"]},
    "object": "Animer un groupe WRAP pour 8 à 12 personnes volontaires, avec Yann Morel.",
    "deliverable": "Huit séances menées selon le guide WRAP, un bilan partagé avec l'équipe en fin de groupe.",
    "supervision": "Claire Lenoir, coordinatrice de l'association, 06 00 00 00 01",
    "companion": "Yann Morel, pair-aidant",
    "basis": "Convention CV2027-00003",
    "place": {
        "name": "CMP Les Tamaris",
        "lines": ["3 place du Marché", "84120 Pertuis", "Salle d'activité, 1er étage ; sonner à l'accueil"],
    },
    "referent": {"name": "Nadège Blanc", "function": "cadre de santé", "phone": "04 90 00 00 11"},
    "deputy": {"name": "Ayoub Kadri", "phone": "04 90 00 00 12"},
    "sessions": [
        {"day": f"jeudi {day}", "hours": "14 h – 16 h", "length": "2 h"}
        for day in (
            "21 janvier 2027",
            "28 janvier 2027",
            "4 février 2027",
            "11 février 2027",
            "18 février 2027",
            "25 février 2027",
            "4 mars 2027",
            "11 mars 2027",
        )
    ],
    "hours_note": "20 h payées, dont 4 h de préparation. Les trajets sont remboursés.",
    "does": [
        "Partager son expérience du rétablissement, dans la mesure où il le souhaite.",
        "Animer avec son co-animateur, à égalité.",
        "Alerter si quelqu'un lui semble en danger.",
    ],
    "does_not": [
        "Ni soin, ni surveillance, ni administration de médicaments.",
        "Pas de remplacement d'un professionnel absent.",
        "Pas de transport de personnes accompagnées.",
    ],
    "danger": [
        {"phone": "04 90 00 00 11", "who": "L'équipe du CMP (Nadège Blanc)"},
        {"phone": "15", "who": "Le SAMU, si l'équipe ne répond pas"},
        {"phone": "06 00 00 00 01", "who": "L'association, ensuite"},
        {"phone": "3114", "who": "Le numéro national, à toute heure"},
    ],
    "record_access": (
        "Vous n'avez pas accès au dossier. Un onglet du dossier vous est propre : vous y écrivez avec "
        "l'accord de la personne."
    ),
    "notes": "Machine à café au rez-de-chaussée, vestiaire fermé à clé.",
    "signatory": {"name": "Claire Lenoir", "function": "Présidente"},
}
INVOICE: dict[str, Any] = {
    "number": "FA2027-00042",
    "dated": "Émise le 12 mars 2027",
    "credit": False,
    "issuer": ISSUER,
    "buyer": CLINIC,
    "references": [
        ["N° d'engagement", "4500123456"],
        ["Code service", "FACT-PSY"],
        ["Convention", "CV2027-00003"],
        ["Période", "du 21 janvier 2027 au 11 mars 2027"],
    ],
    "delivery": {"name": "Pavillon Les Glycines", "lines": ["50 avenue de la Durance", "13100 Aix-en-Provence"]},
    "lines": LINES,
    "totals": [["Total HT", "3 310,00 €"], ["TVA", "230,00 €"]],
    "due": ["Net à payer TTC", "3 540,00 €"],
    "vat_breakdown": [
        {"text": "Exonération de TVA, art. 261-7-1° du CGI", "rate": "0 %", "base": "2 160,00 €", "amount": "0,00 €"},
        {"text": "Taux normal", "rate": "20 %", "base": "1 150,00 €", "amount": "230,00 €"},
    ],
    "payment": {
        "title": "À régler avant le 11 avril 2027",
        "text": "Par virement, en rappelant le numéro de la facture.",
        "details": [
            ["IBAN", "FR76 3000 6000 0112 3456 7890 189"],
            ["BIC", "AGRIFRPPXXX"],
            ["Titulaire", "Entrepairs Provence"],
        ],
    },
    "legal": [
        "Nature de l'opération : prestation de services.",
        (
            "Retard de paiement : pénalités au taux de refinancement de la Banque centrale européenne "
            "majoré de 10 points, et indemnité forfaitaire de 40 € pour frais de recouvrement."
        ),
        "Pas d'escompte pour paiement anticipé.",
    ],
}
ARREARS: dict[str, Any] = {
    "number": "REL-7K3M-9QX2",
    "dated": "Marseille, le 12 mars 2027",
    "issuer": ISSUER,
    "buyer": CLINIC,
    "title": "Mise en demeure de payer",
    "words": ["Malgré nos rappels, les factures ci-dessous restent à payer."],
    "lines": [
        {
            "number": "FA2027-00042",
            "issued": "12 janvier 2027",
            "due": "11 février 2027",
            "late": "29 j",
            "left": "3 540,00 €",
            "interest": "33,75 €",
            "indemnity": "40,00 €",
        }
    ],
    "totals": [["Reste à payer", "3 540,00 €"], ["Intérêts et indemnités au 12 mars 2027", "73,75 €"]],
    "due": ["Factures et frais de retard", "3 613,75 €"],
    "payment": [["IBAN", "FR76 3000 6000 0112 3456 7890 189"], ["À rappeler", "le numéro de chaque facture"]],
    "legal": ["Indemnité forfaitaire de 40 € par facture."],
}
PAPERS = {
    "arrears": ARREARS,
    "quote": QUOTE,
    "agreement": AGREEMENT,
    "mission_order": MISSION_ORDER,
    "invoice": INVOICE,
}
