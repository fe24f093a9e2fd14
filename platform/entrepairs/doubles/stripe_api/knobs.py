"""The misbehaviours one can switch on; kept in the store, so they survive a restart too."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace

from entrepairs.doubles.stripe_api.store import Store

ORDERS = ("kept", "reversed", "shuffled")
SIGNATURES = ("good", "wrong", "old")
REFUNDS = ("succeeded", "pending")


class InvalidKnob(ValueError):
    """No such knob, or not a value it takes."""


@dataclass(frozen=True)
class Knobs:
    """Durations are seconds of real time; counts go down by one at each use."""

    hold: bool = False
    """Webhooks are kept back until set to false again."""
    duplicates: int = 0
    """Each event is delivered this many times more."""
    order: str = "kept"
    """Order among the deliveries that are due: kept, reversed or shuffled (same shuffle for the same seed)."""
    seed: int = 0
    delay_seconds: float = 0.0
    """Time between an event and its first delivery."""
    signature: str = "good"
    """good, wrong (another secret) or old (an hour ago)."""
    retry_base_seconds: float = 1.0
    """First wait after an answer that is not 2xx; doubled each time."""
    retry_ceiling_seconds: float = 60.0
    max_attempts: int = 40
    lose_answers: int = 0
    """POST calls whose work is done and whose answer never leaves."""
    fail_requests: int = 0
    """Calls answered 500 before any work."""
    calls_to: str = "/v1/"
    """The two counts above touch only paths that start so."""
    sepa_settles_after_seconds: float | None = None
    """A direct debit succeeds by itself after this time; None waits for a decision on the page."""
    refund_status: str = "succeeded"
    """How a refund begins: succeeded, or pending until the board says how it ends."""
    balance_delay_seconds: float | None = None
    """The balance transaction of a charge comes this much later, with `charge.updated`; None: at once."""


def read(store: Store) -> Knobs:
    """The knobs as set."""
    rows = store.sql.execute("SELECT name, value FROM knob").fetchall()
    return replace(Knobs(), **{row["name"]: json.loads(row["value"]) for row in rows})


def turn(store: Store, changes: Mapping[str, object]) -> Knobs:
    """Set the named knobs, leave the others; raises InvalidKnob."""
    for name, value in changes.items():
        _check(name, value)
        store.sql.execute(
            "INSERT INTO knob (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, json.dumps(value)),
        )
    return read(store)


def rest(store: Store) -> Knobs:
    """All knobs back to good behaviour."""
    store.sql.execute("DELETE FROM knob")
    return Knobs()


def use_up(store: Store, name: str, path: str) -> bool:
    """Whether a counted knob strikes this call, counting it down if so."""
    knobs = asdict(read(store))
    if knobs[name] <= 0 or not path.startswith(knobs["calls_to"]):
        return False
    turn(store, {name: knobs[name] - 1})
    return True


def _check(name: str, value: object) -> None:
    kinds = {field.name: str(field.type) for field in fields(Knobs)}
    if name not in kinds:
        raise InvalidKnob(f"No such knob: {name}.")
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    fits = {
        "bool": isinstance(value, bool),
        "int": is_number and isinstance(value, int),
        "float": is_number,
        "float | None": is_number or value is None,
        "str": isinstance(value, str),
    }[_kind_name(kinds[name])]
    choices = {"order": ORDERS, "signature": SIGNATURES, "refund_status": REFUNDS}.get(name)
    if not fits or (choices is not None and value not in choices):
        raise InvalidKnob(f"{name} does not take {value!r}.")


def _kind_name(kind: str) -> str:
    return kind.removeprefix("<class '").removesuffix("'>")
