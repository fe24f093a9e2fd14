"""When the exact solver may stop."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """When the solver may stop short of the proof: all that is not time leaves the answer the same on every machine."""

    gap: float = 1e-6
    nodes: int | None = None
    stalls: int | None = None
    iterations: int | None = None
    """Of the simplex: the solver's work, counted."""
    seconds: float | None = None
