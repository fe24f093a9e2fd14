"""What the engine's processes say to each other: frames, each a JSON line and the arrays it announces.

One line `{"do": …, "arrays": [[name, type, shape], …]}`, then the bytes of the arrays in that order. A frame without
arrays is plain JSON on a line, so that whoever reads the engine's news needs nothing else.
"""

import json
import math
import os
import select
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

_AT_ONCE: Final = 1 << 20
KINDS: Final = frozenset({"int64", "float32", "bool"})


class Closed(Exception):
    """The other side is gone."""


@dataclass(frozen=True)
class Frame:
    """A message: what it says, and its arrays by name."""

    said: Mapping[str, Any]
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)


class Channel:
    """Frames over a pair of file descriptors. Reading never blocks beyond the time given."""

    def __init__(self, reading: int, writing: int) -> None:
        self.reading = reading
        self._writing = writing
        self._held = bytearray()

    def send(self, said: Mapping[str, Any], **arrays: np.ndarray) -> None:
        """Write a frame whole. Raises Closed."""
        sent = dict(said)
        parts = [b""]
        if arrays:
            sent["arrays"] = [[name, str(array.dtype), list(array.shape)] for name, array in arrays.items()]
            parts += [np.ascontiguousarray(array).tobytes() for array in arrays.values()]
        parts[0] = json.dumps(sent).encode() + b"\n"
        left = memoryview(b"".join(parts))
        try:
            while left:
                left = left[os.write(self._writing, left) :]
        except OSError as error:
            raise Closed from error

    def receive(self, seconds: float | None = 0.0) -> Frame | None:
        """The next frame; None when there is none within that time (None: wait for it). Raises Closed."""
        while True:
            frame = self._parsed()
            if frame is not None:
                return frame
            ready, _, _ = select.select([self.reading], [], [], seconds)
            if not ready:
                return None
            try:
                more = os.read(self.reading, _AT_ONCE)
            except OSError as error:
                raise Closed from error
            if not more:
                raise Closed
            self._held += more

    def _parsed(self) -> Frame | None:
        end = self._held.find(b"\n")
        if end < 0:
            return None
        said = json.loads(self._held[:end])
        arrays, at = {}, end + 1
        for name, kind, shape in said.pop("arrays", ()):
            if kind not in KINDS:
                raise Closed
            size = math.prod(shape) * np.dtype(kind).itemsize
            if len(self._held) < at + size:
                return None
            arrays[name] = np.frombuffer(bytes(self._held[at : at + size]), dtype=kind).reshape(shape)
            at += size
        del self._held[:at]
        return Frame(said, arrays)
