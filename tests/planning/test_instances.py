"""Planning files: what they hold is read by their own terms; what makes no sense is said with its place."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from entrepairs.commands._plan_file import in_french
from entrepairs.kernel.errors import InvalidInput
from entrepairs.planning.clashes import Clashes
from entrepairs.planning.greedy import greedy
from entrepairs.planning.instances import problem_of, read_instance, written_plan
from entrepairs.planning.problem import POINT, score
from tests.planning.instances import DAY, an_instance

WEEK = 7 * DAY


def km(here: list[float], there: list[float]) -> float:
    la1, lo1, la2, lo2 = (math.radians(each) for each in (*here, *there))
    h = math.sin((la2 - la1) / 2) ** 2 + math.cos(la1) * math.cos(la2) * math.sin((lo2 - lo1) / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(h)) * 1.3


def may_come(instance: dict[str, Any], peer: dict[str, Any], request: dict[str, Any]) -> bool:
    site = instance["institutions"][request["inst"]]
    inside = all(
        any(a <= start % WEEK and start % WEEK + end - start <= b for a, b in joined(peer["week"]))
        and not any(start < b and a < end for a, b in peer["absences"])
        for start, end in request["sessions"]
    )
    hours: dict[int, float] = {}
    for start, end in request["sessions"]:
        hours[start // WEEK] = hours.get(start // WEEK, 0) + (end - start) / 60
    return (
        set(request["skills"]) <= set(peer["skills"])
        and set(request["langs"]) <= set(peer["langs"])
        and request["inst"] not in peer["excluded"]
        and km(peer["pos"], site["pos"]) <= peer["radius_km"]
        and inside
        and max(hours.values()) <= peer["max_week"]
    )


def joined(spans: list[list[int]]) -> list[list[int]]:
    found: list[list[int]] = []
    for a, b in sorted(spans):
        if found and found[-1][1] >= a:
            found[-1][1] = max(found[-1][1], b)
        else:
            found.append([a, b])
    return found


def points(instance: dict[str, Any], plan: dict[int, list[int]]) -> float:
    total, hours = 0.0, dict.fromkeys((peer["id"] for peer in instance["peers"]), 0.0)
    for number, peers in plan.items():
        request = instance["requests"][number]
        count, place = len(request["sessions"]), instance["institutions"][request["inst"]]["pos"]
        total += 1000 * request["priority"] * request["peers_needed"] * (1 + 0.25 * (count - 1))
        for each in peers:
            peer = instance["peers"][each]
            total -= 0.5 * km(peer["pos"], place) * count
            total += 15 * (request["inst"] in peer["known"]) + 8 * (request["kind"] in peer["likes"])
            hours[each] += sum(end - start for start, end in request["sessions"]) / 60
    return total - sum(abs(hours[peer["id"]] - peer["target_month"]) for peer in instance["peers"])


@pytest.mark.parametrize("seed", range(5))
def test_the_options_are_those_the_file_allows(seed: int) -> None:
    instance = an_instance(12, 20, seed)
    problem = problem_of(instance)
    read = set(zip(problem.option_request.tolist(), problem.option_peer.tolist(), strict=True))
    allowed = {
        (request["id"], peer["id"])
        for request in instance["requests"]
        for peer in instance["peers"]
        if may_come(instance, peer, request)
    }
    assert read == allowed


def test_a_plan_is_worth_what_the_file_says(tmp_path: Path) -> None:
    instance = an_instance(12, 20)
    problem = problem_of(instance)
    chosen = greedy(problem, Clashes(problem))
    plan = {int(key): peers for key, peers in json.loads(written_plan(problem, chosen))["assignments"].items()}
    assert plan
    assert score(problem, chosen) / POINT == pytest.approx(points(instance, plan), abs=0.01)


def test_sites_far_apart_and_short_nights_clash() -> None:
    instance = an_instance(1, 3)
    day = {"kind": "workshop", "skills": [], "peers_needed": 1, "lead": False}
    instance["institutions"][1]["pos"] = [44.3, 5.4]
    for request, site, span in zip(
        instance["requests"], (0, 1, 1), ([540, 600], [620, 700], [DAY + 480, DAY + 540]), strict=True
    ):
        request |= {**day, "inst": site, "sessions": [span]}
    problem = problem_of(instance)
    table = Clashes(problem).among(0, np.arange(3))
    assert table[0, 1]
    assert not table[0, 2]
    instance["requests"][1]["sessions"] = [[1320, 1400]]
    assert Clashes(problem_of(instance)).among(0, np.arange(3))[1, 2]


def changed(place: str, row: int, field: str, value: Any) -> dict[str, Any]:
    instance = an_instance(3, 3)
    if value is KeyError:
        del instance[place][row][field]
    else:
        instance[place][row][field] = value
    return instance


@pytest.mark.parametrize(
    ("place", "field", "value", "said"),
    [
        ("requests", "sessions", KeyError, "La demande 1 : il manque « sessions »."),
        ("requests", "sessions", [], "La demande 1 : « sessions » est vide."),
        ("requests", "sessions", [[600, 540]], "chaque fin après son début"),
        ("requests", "sessions", [[0.5, 60]], "minutes entières"),
        ("requests", "inst", 99, "nomme 99, qui n'est pas dans le problème"),
        ("requests", "inst", [1], "qui n'est pas dans le problème"),
        ("requests", "peers_needed", 0, "un nombre entier, au moins 1"),
        ("requests", "peers_needed", True, "un nombre entier, au moins 1"),
        ("requests", "priority", -1, "un nombre, au moins 0"),
        ("requests", "priority", float("nan"), "un nombre, au moins 0"),
        ("requests", "skills", "wrap", "doit être une liste"),
        ("requests", "skills", [1], "une liste de textes"),
        ("requests", "lead", "yes", "vrai ou faux"),
        ("requests", "kind", 3, "un texte"),
        ("requests", "id", 0, "La demande 0 est deux fois dans la liste."),
        ("requests", "id", None, "un nombre entier ou un texte"),
        ("peers", "pos", [43.3], "une position"),
        ("peers", "pos", [143.3, 5], "une position"),
        ("peers", "radius_km", "far", "un nombre, au moins 0"),
        ("peers", "max_week", -3, "un nombre, au moins 0"),
        ("peers", "excluded", [77], "nomme 77"),
        ("peers", "known", 3, "doit être une liste"),
        ("peers", "week", [[1]], "chaque fin après son début"),
    ],
)
def test_what_makes_no_sense_is_said_with_its_place(place: str, field: str, value: Any, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        problem_of(changed(place, 1, field, value))
    sentence = in_french(refused.value).replace("’", "'").replace("\u202f", " ").replace("\u00a0", " ")
    assert said in sentence


@pytest.mark.parametrize(
    "given", [[], None, {"peers": [], "requests": []}, {"institutions": {}}, {"institutions": [3]}]
)
def test_another_shape_is_said(given: Any) -> None:
    with pytest.raises(InvalidInput):
        problem_of(given)


def test_a_file_that_is_not_there_or_not_json_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_instance(tmp_path / "nowhere.json")
    assert refused.value.code == "instance_unread"
    (tmp_path / "half.json").write_text('{"peers": [\n{"id": 1,')
    with pytest.raises(InvalidInput) as refused:
        read_instance(tmp_path / "half.json")
    assert (refused.value.code, refused.value.params["line"]) == ("instance_not_json", 2)


def test_an_instance_with_nobody_or_nothing_is_a_problem_too() -> None:
    for peers, requests in ((0, 3), (3, 0), (0, 0)):
        problem = problem_of(an_instance(peers, requests))
        assert len(problem.option_request) == 0
        assert len(greedy(problem, Clashes(problem))) == 0
