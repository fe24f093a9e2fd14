"""The sentence of each rule: what is wrong and how to mend it.

In French and not by the catalogue: the file, its rules and its readers are, and the checker needs no application.
The name of a rule never changes: other programs read it (docs/guide/fec.md lists them).
"""

from typing import Final

_FAULTS: Final = {
    # the file
    "name-form": "Le nom du fichier doit être SIRENFECAAAAMMJJ.txt : les neuf chiffres du SIREN, FEC, puis la date de "
    "clôture de l'exercice. Ici : {example}.",
    "name-siren": "Le numéro SIREN du nom de fichier n'existe pas (sa clé est fausse) : {example}.",
    "name-date": "La date du nom de fichier n'est pas un jour du calendrier : {example}. Attendu : la date de "
    "clôture, AAAAMMJJ.",
    "encoding-utf16": "Le fichier est en UTF-16. Enregistrez-le en UTF-8 ou en ISO 8859-15.",
    "encoding-mixed": "Le fichier mêle deux encodages : des lignes sont en UTF-8, d'autres non. Enregistrez-le entier en "
    "UTF-8.",
    "encoding-windows": "Des caractères n'existent qu'en Windows-1252, qui n'est pas permis : {example}. Enregistrez le "
    "fichier en UTF-8.",
    "control-character": "Un caractère invisible ({example}) s'est glissé dans la ligne : retirez-le.",
    "line-end": "Les fins de ligne ne sont pas toutes les mêmes : cette ligne ne finit pas comme la première. Gardez "
    "un seul usage, de préférence CR LF.",
    "separator": "Les colonnes doivent être séparées par une tabulation ou une barre verticale ; ici, c'est « "
    "{example} ».",
    "quotes": "Les valeurs sont entre guillemets : retirez-les. Seule une tabulation ou une barre verticale sépare les "
    "colonnes.",
    # the header
    "header-missing": "La première ligne doit porter les noms des dix-huit colonnes ; elle n'en porte aucun.",
    "header-names": "Ces noms manquent à la première ligne, ou n'y sont pas écrits comme dans l'arrêté : {example}.",
    "header-order": "Les colonnes ne sont pas dans l'ordre de l'arrêté : {example}.",
    "header-columns": "La première ligne doit porter exactement dix-huit colonnes (vingt et une ou vingt-deux en comptabilité "
    "de trésorerie) ; elle en porte {example}.",
    "no-entry": "Le fichier ne contient aucune écriture.",
    # a line
    "columns": "La ligne n'a pas autant de colonnes qu'il en faut : {example}.",
    "empty-line": "La ligne est vide : retirez-la.",
    "missing-value": "Une valeur obligatoire est vide : {example}.",
    "date": "La date n'est pas un jour du calendrier écrit AAAAMMJJ : {example}.",
    "valid-date-missing": "La date de validation (ValidDate) est vide : une écriture qui n'est pas validée n'a pas sa place "
    "dans le fichier.",
    "account": "Le numéro de compte doit commencer par trois chiffres du plan comptable : {example}.",
    "auxiliary-pair": "Le compte auxiliaire va avec son libellé : les deux colonnes sont remplies, ou aucune. Ici : "
    "{example}.",
    "lettering-pair": "Le lettrage va avec sa date : EcritureLet et DateLet sont remplies toutes les deux, ou aucune. Ici "
    ": {example}.",
    "currency-pair": "Le montant en devise va avec sa devise : Montantdevise et Idevise sont remplies toutes les deux, ou "
    "aucune. Ici : {example}.",
    "amount-point": "Les décimales suivent une virgule, pas un point : {example}.",
    "amount-thousands": "Un montant s'écrit sans séparateur de milliers : {example}.",
    "amount-format": "Le montant n'est pas un nombre comme 1234,50 (le signe vient en premier) : {example}.",
    "amount-size": "Le montant a trop de chiffres pour être vrai : {example}.",
    "both-sides": "Une ligne porte un débit ou un crédit, pas les deux : {example}.",
    "sense": "La colonne Sens vaut D ou C (ou +1, -1) : {example}.",
    # the entries
    "entry-balance": "L'écriture n'est pas équilibrée : {example}. Le débit et le crédit de ses lignes doivent être "
    "égaux.",
    "entry-dates": "Les lignes d'une écriture ont toutes la même date (EcritureDate) ; ici, deux : {example}.",
    "total-balance": "Le total des débits n'est pas celui des crédits : {example}.",
    "number-gap": "La numérotation saute : {example}. Les numéros se suivent sans trou, dans l'ordre de validation.",
    "number-order": "Le numéro n'est pas à sa place : {example}. Les écritures se suivent dans l'ordre de leurs "
    "numéros.",
    "validation-order": "L'écriture a été validée avant celle qui la précède : {example}. Le fichier suit l'ordre de "
    "validation.",
    "validation-before-entry": "La date de validation précède la date de l'écriture : {example}.",
    "opening-first": "Les à-nouveaux doivent venir en premier dans le fichier : {example}.",
    "closing-entry": "L'écriture solde des comptes de charges ou de produits par le compte de résultat ({example}) : le "
    "fichier ne doit pas la contenir.",
    "period": "La date de l'écriture est hors de l'exercice : {example}. Si l'exercice ne dure pas douze mois, "
    "dites son premier jour avec --first-day.",
}

_REMARKS: Final = {
    "not-checked": "Le reste du fichier n'a pas été vérifié : remettez d'abord sa première ligne en ordre.",
    "byte-order-mark": "Le fichier commence par une marque d'ordre des octets (BOM) : l'administration la retire, d'autres "
    "logiciels s'y trompent. Mieux vaut de l'UTF-8 sans BOM.",
    "header-case": "Des noms de colonnes n'ont pas les majuscules de l'arrêté : {example}. L'administration les lit "
    "quand même.",
    "nil-line": "La ligne n'a ni débit ni crédit : elle n'apporte rien.",
    "side-blank": "Un montant nul s'écrit 0,00 : la colonne {example} est vide.",
    "payment-blank": "En comptabilité de trésorerie, la date et le mode de règlement accompagnent ce qui est payé : la "
    "colonne {example} est vide.",
    "blank-end": "Le fichier finit par une ligne vide : elle ne gêne pas.",
    "currency-nil": "Montantdevise vaut zéro sans devise : laissez-la vide quand elle ne sert pas.",
    "number-unread": "Le numéro d'écriture ne finit pas par des chiffres : sa suite ne peut pas être vérifiée. Ici : "
    "{example}.",
    "number-start": "La première écriture ne porte pas le numéro 1 : {example}. Vérifiez qu'aucune ne manque au début.",
}

_UNREADABLE: Final = {
    "absent": "Le fichier n'existe pas.",
    "folder": "C'est un dossier, pas un fichier.",
    "refused": "Le fichier ne peut pas être ouvert : {example}.",
    "empty": "Le fichier est vide.",
    "binary": "Ce n'est pas un fichier de texte : rien n'y ressemble à des écritures.",
    "xml": "C'est un fichier XML : seule la forme « à plat » est vérifiée ici.",
    "long-line": "Une ligne dépasse {example} : ce n'est pas un fichier d'écritures.",
}

FAULTS: Final = frozenset(_FAULTS)
REMARKS: Final = frozenset(_REMARKS)


def sentence(rule: str, example: str) -> str:
    """What to mend, with an example taken from the file."""
    return (_FAULTS.get(rule) or _REMARKS[rule]).replace("{example}", example)


def unreadable(reason: str, detail: str = "") -> str:
    """Why a file can't be checked at all."""
    return _UNREADABLE[reason].replace("{example}", detail)
