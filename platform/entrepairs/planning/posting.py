"""A problem in a frame: its arrays under their names; requests and peers keep their ranks only, names stay at home."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

import numpy as np

from entrepairs.planning.problem import Problem

_NAMES: Final = ("requests", "peers")


def posted(problem: Problem) -> dict[str, np.ndarray]:
    """The arrays of a problem."""
    return {each.name: getattr(problem, each.name) for each in fields(problem) if each.name not in _NAMES}


def unposted(arrays: Mapping[str, np.ndarray]) -> Problem:
    """The problem of those arrays, requests and peers named by their ranks. Raises ValueError."""
    known = {each.name for each in fields(Problem)} - set(_NAMES)
    given: dict[str, Any] = {name: array for name, array in arrays.items() if name in known}
    given["requests"], given["peers"] = tuple(range(len(given["value"]))), tuple(range(len(given["lead"])))
    return Problem(**given)
