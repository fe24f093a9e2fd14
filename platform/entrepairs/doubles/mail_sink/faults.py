"""The misbehaviours of a mail server; forgotten at restart."""

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

KINDS = ("none", "refuse_temporarily", "refuse_for_good", "cut_after_storing", "cut_before_storing")
STAGES = ("recipient", "data")


class InvalidFault(ValueError):
    """No such setting, or not a value it takes."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong.

    kind: `refuse_temporarily` answers 451, `refuse_for_good` 550, at `stage`; `cut_after_storing` keeps the
    mail and closes the connection before the final 250; `cut_before_storing` loses it and closes likewise.
    times: how many mails it strikes, None for all. recipient: only mails to that address, None for any.
    delay_seconds: wait before the final answer of every mail, whatever the kind.
    """

    kind: str = "none"
    stage: str = "recipient"
    times: int | None = None
    recipient: str | None = None
    delay_seconds: float = 0.0


class Faults:
    """The fault in force, shared by the mail server and the page."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fault = Fault()

    @property
    def now(self) -> Fault:
        """The fault in force."""
        return self._fault

    def set(self, changes: Mapping[str, object]) -> Fault:
        """Replace the fault by the one described, what is not named being at rest; raises InvalidFault."""
        _check(changes)
        with self._lock:
            self._fault = Fault(**changes)  # type: ignore[arg-type]
        return self._fault

    def strike(self, kinds: tuple[str, ...], recipients: list[str]) -> str | None:
        """The kind that strikes now among `kinds`, counted once; None when all goes well."""
        with self._lock:
            fault = self._fault
            concerned = fault.recipient is None or fault.recipient.lower() in map(str.lower, recipients)
            if fault.kind not in kinds or not concerned or fault.times == 0:
                return None
            if fault.times is not None:
                self._fault = replace(fault, times=fault.times - 1)
            return fault.kind


def _check(changes: Mapping[str, object]) -> None:
    unknown = set(changes) - set(asdict(Fault()))
    if unknown:
        raise InvalidFault(f"No such setting: {', '.join(sorted(unknown))}.")
    times, delay = changes.get("times"), changes.get("delay_seconds", 0)
    fits = {
        "kind": changes.get("kind", "none") in KINDS,
        "stage": changes.get("stage", "recipient") in STAGES,
        "times": times is None or (isinstance(times, int) and not isinstance(times, bool) and times >= 0),
        "recipient": isinstance(changes.get("recipient"), str | None),
        "delay_seconds": isinstance(delay, int | float) and not isinstance(delay, bool) and delay >= 0,
    }
    for name, good in fits.items():
        if not good:
            raise InvalidFault(f"{name} does not take {changes.get(name)!r}.")
