"""Structures and their services as a file gives them, whatever its columns."""

from dataclasses import dataclass, field
from typing import Any, Final

from entrepairs.kernel.errors import DomainError
from entrepairs.kernel.i18n import say
from entrepairs.kernel.text_checks import fold
from entrepairs.network.importing import cells
from entrepairs.network.importing.problems import Problem
from entrepairs.network.importing.reading import Row, read_table
from entrepairs.network.sites import Welcomer


@dataclass(frozen=True, slots=True)
class SiteLine:
    """A service: the values given (the others stay as they are), and its commune as written."""

    line: int
    values: dict[str, Any]
    commune: str
    postcode: str
    welcomers: tuple[Welcomer, ...] = ()
    cells: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class PartnerLine:
    """A structure with its services; `values` holds only what is given."""

    line: int
    values: dict[str, Any]
    sites: list[SiteLine] = field(default_factory=list)
    cells: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class PartnerFile:
    """What a file of structures says. `columns`: from a field of a sheet to the column it came from."""

    partners: list[PartnerLine] = field(default_factory=list)
    lines: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    site_columns: dict[str, str] = field(default_factory=dict)


PARTNER_FIELDS: Final = {
    "name": "nom", "kind": "type", "payer_kind": "payeur", "siret": "siret", "finess": "finess",
    "vat_number": "numero_tva", "address": "adresse", "postcode": "code_postal", "town": "ville", "phone": "telephone",
    "billing_email": "courriel_facturation", "billing_address": "adresse_facturation",
    "billing_postcode": "code_postal_facturation", "billing_town": "ville_facturation",
    "requires_engagement": "engagement_obligatoire", "requires_service_code": "code_service_obligatoire",
    "service_code": "code_service", "electronic_address": "adresse_electronique", "refers_only": "oriente_seulement",
}  # fmt: skip
SITE_FIELDS: Final = {
    "name": "service", "finess": "service_finess", "address": "service_adresse", "postcode": "service_code_postal",
    "phone": "service_telephone", "service_code": "service_code_service", "emergency": "service_urgences",
}  # fmt: skip
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys((*PARTNER_FIELDS.values(), *SITE_FIELDS.values()), ()),
    "nom": ("structure", "raison sociale"),
    "code_postal": ("cp",),
    "ville": ("commune",),
    "telephone": ("tel",),
    "courriel_facturation": ("email facturation", "mail facturation"),
    "numero_tva": ("tva", "n° tva"),
    "service_commune": (),
    "interlocuteur": ("interlocutrice",),
    "interlocuteur_fonction": (),
    "interlocuteur_courriel": (),
    "interlocuteur_telephone": (),
    "suppleant": ("suppléante",),
    "suppleant_fonction": (),
    "suppleant_courriel": (),
    "suppleant_telephone": (),
}
_YES_NO: Final = frozenset({"requires_engagement", "requires_service_code", "refers_only", "emergency"})
_CHOICES: Final[dict[str, dict[Any, tuple[str, ...]]]] = {"kind": cells.KINDS, "payer_kind": cells.PAYERS}
_LATER_LINES: Final = say("The first line of this structure says something else. Write the same, or leave it empty.")


def read_own_columns(text: str) -> PartnerFile:
    """One line by service; the lines of a structure share its SIRET, else its FINESS, else its name."""
    table = read_table(text, COLUMNS, ("nom", "type"))
    file = PartnerFile(
        lines=len(table.rows),
        problems=table.problems,
        columns=dict(PARTNER_FIELDS),
        site_columns={**SITE_FIELDS, "commune": "service_commune"},
    )
    known: dict[str, PartnerLine] = {}
    for row in table.rows:
        try:
            values = _values(row, PARTNER_FIELDS)
            site = _site(row)
        except DomainError as error:
            file.problems.append(Problem.of(error, row.line, {}, row.cells))
            continue
        partner = known.setdefault(_key(row), PartnerLine(row.line, values, cells=row.cells))
        if partner.line == row.line:
            file.partners.append(partner)
        _join(partner, row, values, file)
        if site:
            partner.sites.append(site)
    _ensure_named(file)
    return file


def _ensure_named(file: PartnerFile) -> None:
    for partner in list(file.partners):
        missing = [PARTNER_FIELDS[name] for name in ("name", "kind") if name not in partner.values]
        file.problems.extend(Problem(partner.line, column, "", say("Please fill this cell.")) for column in missing)
        if missing:
            file.partners.remove(partner)


def _key(row: Row) -> str:
    number = row.get("siret") or row.get("finess")
    return "".join(number.split()) if number else fold(row.get("nom"))


def _values(row: Row, fields: dict[str, str]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for name, column in fields.items():
        text = row.get(column)
        if not text:
            continue
        if name in _YES_NO:
            read[name] = cells.read_yes(text, column)
        elif name in _CHOICES:
            read[name] = cells.read_choice(text, _CHOICES[name], column)
        else:
            read[name] = text
    return read


def _site(row: Row) -> SiteLine | None:
    if not row.get("service"):
        return None
    welcomers = tuple(
        Welcomer(
            name=row.get(who),
            function=row.get(f"{who}_fonction"),
            email=row.get(f"{who}_courriel") or None,
            phone=row.get(f"{who}_telephone") or None,
            deputy=who == "suppleant",
        )
        for who in ("interlocuteur", "suppleant")
        if row.get(who)
    )
    return SiteLine(
        row.line,
        _values(row, SITE_FIELDS),
        commune=row.get("service_commune") or row.get("ville"),
        postcode=row.get("service_code_postal") or ("" if row.get("service_commune") else row.get("code_postal")),
        welcomers=welcomers,
        cells=row.cells,
    )


def _join(partner: PartnerLine, row: Row, values: dict[str, Any], file: PartnerFile) -> None:
    for name, value in values.items():
        if name in partner.values and partner.values[name] != value:
            column = PARTNER_FIELDS[name]
            file.problems.append(Problem(row.line, column, row.get(column), _LATER_LINES))
        partner.values.setdefault(name, value)
