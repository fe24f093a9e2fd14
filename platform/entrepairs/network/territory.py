"""Distances and travel between communes, and finding a commune as people write it. Pure: values in, values out.

A place is known by its commune only, never by a street: distances are those of the communes' centres.
"""

import csv
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Final, Self

COMMUNES_FILE: Final = Path(__file__).parent / "data" / "communes.csv"

EARTH_RADIUS_KM: Final = 6371.0
ROAD_FACTOR: Final = 1.3
"""Road over crow-fly distance: 1.2 to 1.4 in hilly country (a house estimate, not a route)."""

DOOR_MINUTES: Final = 10
"""Leaving, parking, finding the entrance."""

# (road km up to, km/h): town streets, then roads, then fast roads.
_SPEEDS: Final = ((10.0, 30.0), (40.0, 60.0), (math.inf, 80.0))
_ROUND_TO: Final = 5
# The planned journey only feeds matching: nobody is measured against it.

Degrees = float | Decimal


@dataclass(frozen=True, slots=True)
class CommunePlace:
    """A commune and its centre in degrees (WGS 84); `approximate` when taken from its neighbours."""

    insee: str
    name: str
    postcodes: tuple[str, ...]
    departement: str
    population: int
    latitude: Decimal
    longitude: Decimal
    approximate: bool


def crow_km(from_lat: Degrees, from_lon: Degrees, to_lat: Degrees, to_lon: Degrees) -> float:
    """Great-circle distance in km (haversine) between two points in degrees."""
    lat1, lon1, lat2, lon2 = (math.radians(float(value)) for value in (from_lat, from_lon, to_lat, to_lon))
    chord = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, chord)))


def road_km(from_lat: Degrees, from_lon: Degrees, to_lat: Degrees, to_lon: Degrees) -> float:
    """Estimated distance by road in km: the crow's times 1.3."""
    return crow_km(from_lat, from_lon, to_lat, to_lon) * ROAD_FACTOR


def travel_minutes(by_road_km: float) -> int:
    """Estimated minutes by car for a road distance, door to door, rounded up to five.

    Ten minutes at the doors, then 30 km/h over the first 10 km, 60 km/h to 40 km, 80 km/h beyond. Raises
    ValueError on a negative distance.
    """
    if by_road_km < 0:
        msg = "a distance is not negative"
        raise ValueError(msg)
    minutes, done = float(DOOR_MINUTES), 0.0
    for limit, speed in _SPEEDS:
        stretch = min(by_road_km, limit) - done
        if stretch <= 0:
            break
        minutes += stretch / speed * 60
        done += stretch
    return math.ceil(round(minutes / _ROUND_TO, 6)) * _ROUND_TO


def fold(name: str) -> str:
    """A commune's name for comparison: no accents, hyphens or apostrophes, « st » spelled out.

    `Saint-Rémy-de-Provence`, `ST REMY DE PROVENCE` and `st rémy de provence` fold alike.
    """
    spelled = name.replace("œ", "oe").replace("Œ", "Oe")
    plain = "".join(c for c in unicodedata.normalize("NFD", spelled) if not unicodedata.combining(c)).lower()
    # « Marseille 3e », « MARSEILLE CEDEX 09 », « Marseille 08 »: the commune is the same.
    plain = re.sub(r"\bcedex\b.*$|\b\d{1,2}\s*(?:er|e|eme)?(?:\s+arrondissement)?$", "", plain.strip())
    words = {"st": "saint", "ste": "sainte"}
    return " ".join(words.get(word, word) for word in re.findall(r"[a-z]+", plain))


class Territory:
    """The communes served, found by code, or by name and postcode."""

    def __init__(self, communes: Iterable[CommunePlace]) -> None:
        self.communes: tuple[CommunePlace, ...] = tuple(communes)
        self._by_insee: Mapping[str, CommunePlace] = {commune.insee: commune for commune in self.communes}
        by_name: dict[str, list[CommunePlace]] = {}
        for commune in self.communes:
            by_name.setdefault(fold(commune.name), []).append(commune)
        self._by_name: Mapping[str, list[CommunePlace]] = by_name

    @classmethod
    def read(cls, path: Path = COMMUNES_FILE) -> Self:
        """Read a file such as `data/communes.csv`."""
        with path.open(encoding="utf-8", newline="") as stream:
            return cls(
                CommunePlace(
                    insee=row["insee"],
                    name=row["name"],
                    postcodes=tuple(row["postcodes"].split()),
                    departement=row["departement"],
                    population=int(row["population"]),
                    latitude=Decimal(row["lat"]),
                    longitude=Decimal(row["lon"]),
                    approximate=row["approx"] == "1",
                )
                for row in csv.DictReader(stream)
            )

    def by_insee(self, code: str) -> CommunePlace | None:
        """The commune of an INSEE code, or None. The arrondissements of Marseille (132xx) are Marseille."""
        return self._by_insee.get("13055" if code.startswith("132") else code)

    def named(self, name: str, postcode: str = "") -> CommunePlace | None:
        """The commune of that name, accents and case apart; the postcode decides between namesakes.

        None when no name fits, when the postcode contradicts it in every département, or when two still fit.
        """
        found = self._by_name.get(fold(name), [])
        if postcode:
            # CEDEX codes are in no list: fall back on the département.
            exact = [commune for commune in found if postcode in commune.postcodes]
            found = exact or [commune for commune in found if commune.departement == postcode[:2]]
        return found[0] if len(found) == 1 else None

    def search(self, typed: str, limit: int = 10) -> list[CommunePlace]:
        """Communes for a field being typed: by start of name or of postcode, then by a later word, largest first."""
        digits = re.sub(r"\D", "", typed)
        wanted = fold(re.sub(r"\d", " ", typed))
        if not wanted and not digits:
            return []

        def rank(commune: CommunePlace) -> int | None:
            if digits and not any(code.startswith(digits) for code in commune.postcodes):
                return None
            name = fold(commune.name)
            if name.startswith(wanted):
                return 0
            return 1 if f" {wanted}" in name else None

        ranked = [(place, commune) for commune in self.communes if (place := rank(commune)) is not None]
        ranked.sort(key=lambda found: (found[0], -found[1].population, found[1].insee))
        return [commune for _, commune in ranked[:limit]]

    def km_between(self, one: str, other: str) -> float:
        """Estimated road km between two INSEE codes of the territory. Raises KeyError on an unknown code."""
        first, second = self.by_insee(one), self.by_insee(other)
        if first is None or second is None:
            raise KeyError(one if first is None else other)
        return road_km(first.latitude, first.longitude, second.latitude, second.longitude)


@lru_cache(maxsize=1)
def region() -> Territory:
    """The communes shipped, read once."""
    return Territory.read()
