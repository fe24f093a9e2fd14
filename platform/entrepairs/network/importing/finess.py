"""The official FINESS extract of establishments (`etalab-cs1100507-stock-…csv`, data.gouv.fr, Licence Ouverte).

Semicolons, no header, a first row of metadata `finess;etalab;<version>;<date>`, rows `structureet` (one establishment)
then rows `geolocalisation`. `nofinessej` is the legal entity (our partner), `nofinesset` the establishment (our site).
The file does not name the legal entity: its main establishment gives the name, to be looked at afterwards.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import say
from entrepairs.kernel.identifiers import parse_phone, parse_siret
from entrepairs.network.importing.partner_lines import PartnerFile, PartnerLine, SiteLine
from entrepairs.network.importing.problems import Problem, count
from entrepairs.network.models import PartnerKind, PayerKind
from entrepairs.network.partners import usual_payer

COLUMNS: Final = (
    "structureet", "nofinesset", "nofinessej", "rs", "rslongue", "complrs", "compldistrib", "numvoie", "typvoie", "voie",
    "compvoie", "lieuditbp", "commune", "departement", "libdepartement", "ligneacheminement", "telephone", "telecopie",
    "categetab", "libcategetab", "categagretab", "libcategagretab", "siret", "codeape", "codemft", "libmft", "codesph",
    "libsph", "dateouv", "dateautor", "datemaj", "numuai",
)  # fmt: skip

KINDS: Final[dict[str, PartnerKind]] = {
    # The order is that of the choice of a main establishment.
    "292": PartnerKind.PUBLIC_HOSPITAL,  # CH spécialisé lutte maladies mentales
    "101": PartnerKind.PUBLIC_HOSPITAL,  # centre hospitalier régional
    "355": PartnerKind.PUBLIC_HOSPITAL,  # centre hospitalier
    "106": PartnerKind.PUBLIC_HOSPITAL,  # ex hôpital local
    "161": PartnerKind.PRIVATE_CLINIC,  # maison de santé pour maladies mentales
    "365": PartnerKind.PRIVATE_CLINIC,  # établissement de soins pluridisciplinaire
    "129": PartnerKind.PRIVATE_CLINIC,  # établissement de soins médicaux
    "430": PartnerKind.PRIVATE_CLINIC,  # postcure pour malades mentaux
    "156": PartnerKind.PUBLIC_HOSPITAL,  # centre médico-psychologique
    "425": PartnerKind.PUBLIC_HOSPITAL,  # centre d'accueil thérapeutique à temps partiel
    "366": PartnerKind.PUBLIC_HOSPITAL,  # atelier thérapeutique
    "412": PartnerKind.PUBLIC_HOSPITAL,  # appartement thérapeutique
    "445": PartnerKind.MEDICO_SOCIAL,  # SAMSAH
    "446": PartnerKind.MEDICO_SOCIAL,  # SAVS
    "246": PartnerKind.MEDICO_SOCIAL,  # ESAT
    "448": PartnerKind.MEDICO_SOCIAL,  # EAM
    "449": PartnerKind.MEDICO_SOCIAL,  # EANM
    "437": PartnerKind.MEDICO_SOCIAL,  # FAM
    "255": PartnerKind.MEDICO_SOCIAL,  # MAS
    "252": PartnerKind.MEDICO_SOCIAL,  # foyer d'hébergement
    "382": PartnerKind.MEDICO_SOCIAL,  # foyer de vie
    "197": PartnerKind.MEDICO_SOCIAL,  # CSAPA
    "178": PartnerKind.MEDICO_SOCIAL,  # CAARUD
    "165": PartnerKind.MEDICO_SOCIAL,  # appartement de coordination thérapeutique
    "180": PartnerKind.MEDICO_SOCIAL,  # lits halte soins santé
    "214": PartnerKind.SOCIAL_SERVICE,  # CHRS
    "219": PartnerKind.SOCIAL_SERVICE,  # autre centre d'accueil
    "300": PartnerKind.SCHOOL,  # école formant aux professions sanitaires
    "329": PartnerKind.SCHOOL,  # école formant aux professions sociales
}
"""Categories an association of peers works with; the others (pharmacies, laboratories…) are counted and left."""

_RANK: Final = {category: rank for rank, category in enumerate(KINDS)}
_PUBLIC_HEALTH: Final = "1"  # codesph: établissement public de santé
_ARRONDISSEMENTS: Final = {"132": "13055", "751": "75056", "693": "69123"}
_STREETS: Final = {
    "AV": "AVENUE", "BD": "BOULEVARD", "CHE": "CHEMIN", "CRS": "COURS", "IMP": "IMPASSE", "PL": "PLACE",
    "QUA": "QUARTIER", "R": "RUE", "RTE": "ROUTE", "TRA": "TRAVERSE", "ALL": "ALLEE", "MTE": "MONTEE",
}  # fmt: skip


SITE_COLUMNS: Final = {
    "name": "rslongue",
    "finess": "nofinesset",
    "commune": "commune",
    "postcode": "ligneacheminement",
}
"""From a field of a service to the column it came from."""


def is_finess(text: str) -> bool:
    """Whether the text is that extract."""
    return text.startswith(("finess;", "structureet;"))


@dataclass(frozen=True, slots=True)
class _Establishment:
    line: int
    cells: dict[str, str]

    def get(self, column: str) -> str:
        return self.cells[column]

    @property
    def name(self) -> str:
        return self.get("rslongue") or self.get("rs")


def read_finess(text: str, departements: frozenset[str]) -> PartnerFile:
    """The establishments of these départements whose category concerns us, under their legal entities."""
    file = PartnerFile(
        columns={"finess": "nofinessej", "siret": "siret", "name": "rslongue", "postcode": "ligneacheminement"},
        site_columns=dict(SITE_COLUMNS),
    )
    by_entity: dict[str, list[_Establishment]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        one = _establishment(number, line.split(";"), departements, file)
        if one is not None:
            by_entity.setdefault(one.get("nofinessej"), []).append(one)
    for entity, group in by_entity.items():
        file.partners.append(_partner(entity, group, file))
    return file


def _establishment(
    number: int, cells: list[str], departements: frozenset[str], file: PartnerFile
) -> _Establishment | None:
    if cells[0] != "structureet":
        if cells[0] not in {"finess", "geolocalisation", ""}:
            file.problems.append(
                Problem(number, "", cells[0][:40], say("This line is not one of the FINESS extract. Remove it."))
            )
        return None
    file.lines += 1
    if len(cells) != len(COLUMNS):
        sentence = say(
            "This line has %(found)s cells instead of %(wanted)s. Take the extract again.",
            found=len(cells),
            wanted=len(COLUMNS),
        )
        file.problems.append(Problem(number, "", "", sentence))
        return None
    one = _Establishment(number, dict(zip(COLUMNS, (cell.strip() for cell in cells), strict=True)))
    if one.get("departement") not in departements:
        count(file.skipped, "elsewhere")
        return None
    if one.get("categetab") not in KINDS:
        count(file.skipped, "category")
        return None
    return one


def _partner(entity: str, group: list[_Establishment], file: PartnerFile) -> PartnerLine:
    main = min(group, key=lambda one: (_RANK[one.get("categetab")], one.line))
    public = any(one.get("codesph") == _PUBLIC_HEALTH for one in group)
    kind = PartnerKind.PUBLIC_HOSPITAL if public else KINDS[main.get("categetab")]
    if kind is PartnerKind.PUBLIC_HOSPITAL and not public and _RANK[main.get("categetab")] > _RANK["106"]:
        kind = PartnerKind.PRIVATE_CLINIC  # a CMP or a day centre of an entity that is not a public one
    payer = usual_payer(kind)
    postcode, town = _postcode_and_town(main.get("ligneacheminement"))
    values: dict[str, Any] = {
        "name": main.name,
        "kind": kind,
        "payer_kind": payer,
        "finess": entity,
        "siret": _read_or_remark(main, "siret", file),
        "address": _address(main),
        "postcode": postcode,
        "town": town,
        "phone": _read_or_remark(main, "telephone", file),
        "requires_engagement": payer is PayerKind.PUBLIC_HOSPITAL,
    }
    partner = PartnerLine(main.line, {name: value for name, value in values.items() if value}, cells=main.cells)
    if len(group) > 1:
        sentence = say("The structure takes the name of its main establishment: please look at it.")
        file.remarks.append(Problem(main.line, "rslongue", main.name, sentence))
    partner.sites = [_site(one, file) for one in _with_own_names(group)]
    return partner


def _with_own_names(group: list[_Establishment]) -> list[_Establishment]:
    """A structure's services have different names: the town is added to those that share one, or else the number."""
    in_town = [f"{one.name} ({_postcode_and_town(one.get('ligneacheminement'))[1]})" for one in group]
    plain = [one.name for one in group]
    named = []
    for one, name, longer in zip(group, plain, in_town, strict=True):
        own = name if plain.count(name) == 1 else longer
        if own == longer and in_town.count(longer) > 1:
            own = f"{name} ({one.get('nofinesset')})"
        named.append(_Establishment(one.line, {**one.cells, "rslongue": own}))
    return named


def _site(one: _Establishment, file: PartnerFile) -> SiteLine:
    postcode, _town = _postcode_and_town(one.get("ligneacheminement"))
    values = {
        "name": one.name,
        "finess": one.get("nofinesset"),
        "address": _address(one),
        "postcode": postcode,
        "phone": _read_or_remark(one, "telephone", file, quiet=True),
    }
    return SiteLine(
        one.line,
        {name: value for name, value in values.items() if value},
        commune=_insee(one.get("departement"), one.get("commune")),
        postcode="",
        cells=one.cells,
    )


def _insee(departement: str, commune: str) -> str:
    """The extract gives the last three digits; Marseille, Paris and Lyon by arrondissement."""
    code = f"{departement}{commune:0>3}"
    return _ARRONDISSEMENTS.get(code[:3], code)


def _postcode_and_town(routing: str) -> tuple[str, str]:
    """« 13274 MARSEILLE CEDEX 09 » gives 13274 and MARSEILLE."""
    match = re.fullmatch(r"([0-9]{5})\s+(.+?)(?:\s+CEDEX(?:\s+[0-9]+)?)?", routing)
    return (match[1], match[2]) if match else ("", "")


def _address(one: _Establishment) -> str:
    street = _STREETS.get(one.get("typvoie"), one.get("typvoie"))
    parts = (f"{one.get('numvoie')}{one.get('compvoie')}", street, one.get("voie"))
    return " ".join(part for part in parts if part) or one.get("lieuditbp")


def _read_or_remark(one: _Establishment, column: str, file: PartnerFile, *, quiet: bool = False) -> str | None:
    """The number when it is right; else a remark, since the mistake is in the official file and not ours to mend."""
    text = one.get(column)
    if not text:
        return None
    try:
        return parse_siret(text) if column == "siret" else parse_phone(text)
    except InvalidInput:
        if not quiet:
            file.remarks.append(
                Problem(one.line, column, text, say("This number is not right in the official file: left out."))
            )
        return None
