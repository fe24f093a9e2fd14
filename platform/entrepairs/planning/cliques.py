"""Sets of requests of which a peer can take one at most: few, large, covering every clash exactly.

Requests are swept in the order of their first session and their clashes held as bits of one integer each, so that
growing a set costs one machine-wide AND by member. A set grows until no other request clashes with all its members,
those whose clashes nothing covers yet first; every pair inside is then covered.
"""

from collections.abc import Iterator

import numpy as np

from entrepairs.planning.problem import Marks

Clique = list[int]


def cliques(clash: Marks) -> list[Clique]:
    """A cover of the clashes by maximal cliques, each a sorted list of rows of `clash` (n x n, in time order)."""
    neighbours = bits_of(clash)
    uncovered = list(neighbours)
    found: list[Clique] = []
    for row in range(len(neighbours)):
        while left := uncovered[row] >> row << row:
            members = _grown(row, left, neighbours, uncovered)
            inside = sum(1 << member for member in members)
            for member in members:
                uncovered[member] &= ~inside
            found.append(sorted(members))
    return found


def _grown(row: int, left: int, neighbours: list[int], uncovered: list[int]) -> Clique:
    members, open_to_all, wanted = [row], neighbours[row], left
    while open_to_all:
        pick = (wanted & open_to_all) or open_to_all
        member = (pick & -pick).bit_length() - 1
        members.append(member)
        open_to_all &= neighbours[member]
        wanted |= uncovered[member]
    return members


def bits_of(marks: Marks) -> list[int]:
    """Each row of a square table as an integer, column j as bit j."""
    packed = np.packbits(marks, axis=1, bitorder="little")
    return [int.from_bytes(row.tobytes(), "little") for row in packed]


def ones(bits: int) -> Iterator[int]:
    """The positions of the bits that are set, lowest first."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
