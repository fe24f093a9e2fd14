"""Distances and journeys from one place to every commune at once."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from entrepairs.matching.index.peers import Peers
from entrepairs.matching.index.times import MINUTE, Ints
from entrepairs.matching.values import Place
from entrepairs.network.territory import EARTH_RADIUS_KM, ROAD_FACTOR, road_km, travel_minutes

NEAR_AN_EDGE: Final = 1e-6
"""Closer than that to where an answer changes, a distance is computed as the rules do, to the last bit."""
FAR: Final = 15_000.0
"""Beyond, towards the antipodes, the shorter formula loses its digits."""


@dataclass(frozen=True, slots=True)
class Road:
    """By the commune's number; `travel` in microseconds, with one place more, which is nowhere."""

    km: NDArray[np.float64]
    whole_km: Ints
    travel: Ints
    farthest: int

    @classmethod
    def between(cls, place: Place | None, peers: Peers) -> Self:
        """From a place asked, or from nowhere: remote, where nobody travels."""
        count = len(peers.latitudes)
        if place is None:
            return cls(np.zeros(count), np.zeros(count, dtype=np.int64), np.zeros(count + 1, dtype=np.int64), 0)
        km = _road_km(place, peers)
        halves = 2 * km
        for commune in np.flatnonzero((np.abs(halves - np.rint(halves)) < 2 * NEAR_AN_EDGE) | (km > FAR)):
            km[commune] = _exact_km(place, peers, int(commune))
        travel = np.zeros(count + 1, dtype=np.int64)
        travel[:-1] = _travel_minutes(km, place, peers)
        travel *= MINUTE
        return cls(km, np.rint(km).astype(np.int64), travel, int(travel.max()))


def _road_km(place: Place, peers: Peers) -> NDArray[np.float64]:
    """`territory.road_km` by the chord between two points of the sphere; the last bits may differ."""
    latitude, longitude = np.radians(place.latitude), np.radians(place.longitude)
    point = np.array([np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)])
    apart = peers.points - point[:, None]
    chord = np.sqrt(np.einsum("ij,ij->j", apart, apart)) / 2
    found: NDArray[np.float64] = 2 * EARTH_RADIUS_KM * ROAD_FACTOR * np.arcsin(np.minimum(chord, 1.0))
    return found


def _exact_km(place: Place, peers: Peers, commune: int) -> float:
    latitude, longitude = float(peers.latitudes[commune]), float(peers.longitudes[commune])
    return road_km(latitude, longitude, place.latitude, place.longitude)


def _travel_minutes(km: NDArray[np.float64], place: Place, peers: Peers) -> Ints:
    """`territory.travel_minutes`: ten at the doors, then 30, 60 and 80 km/h, rounded up to five."""
    minutes = 10.0 + np.minimum(km, 10) * 2 + np.clip(km - 10, 0, 30) + np.maximum(km - 40, 0) * 0.75
    fives = minutes / 5
    found: Ints = np.ceil(np.round(fives, 6)).astype(np.int64) * 5
    for commune in np.flatnonzero(np.abs(fives - np.floor(fives) - 5e-7) < NEAR_AN_EDGE):
        found[commune] = travel_minutes(_exact_km(place, peers, int(commune)))
    return found
