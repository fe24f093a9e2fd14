"""The départements served: how they are named, and the main commune of each. From the communes shipped; pure."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from entrepairs.network.territory import CommunePlace, region

_NAMES: Final = {
    # code: (name, as said after « dans »)
    "04": ("Alpes-de-Haute-Provence", "les Alpes-de-Haute-Provence"),
    "05": ("Hautes-Alpes", "les Hautes-Alpes"),
    "06": ("Alpes-Maritimes", "les Alpes-Maritimes"),
    "13": ("Bouches-du-Rhône", "les Bouches-du-Rhône"),
    "83": ("Var", "le Var"),
    "84": ("Vaucluse", "le Vaucluse"),
}
"""Proper nouns, written in French in every language."""
REMOTE: Final = ""
"""Stands for no département: sessions at a distance."""


@dataclass(frozen=True, slots=True)
class Departement:
    """A département: its code, its name, its name with the article (« le Var »), its largest commune."""

    code: str
    name: str
    with_article: str
    main: CommunePlace


@lru_cache(maxsize=1)
def departements() -> tuple[Departement, ...]:
    """Those of the territory, by code."""
    largest: dict[str, CommunePlace] = {}
    for commune in region().communes:
        known = largest.get(commune.departement)
        if known is None or (commune.population, known.insee) > (known.population, commune.insee):
            largest[commune.departement] = commune
    return tuple(
        Departement(code, *_NAMES.get(code, (code, f"le département {code}")), largest[code])
        for code in sorted(largest)
    )


def departement_named(code: str) -> Departement | None:
    """The département of a code, or None outside the territory."""
    return next((one for one in departements() if one.code == code), None)
