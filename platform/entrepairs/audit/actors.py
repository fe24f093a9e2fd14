"""Who acts: an account, a person holding a mail link, or the system."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Actor:
    """`ref` is stable (an account's reference, `link:…`, `system`); `label` is what a reader of the trail sees."""

    ref: str
    label: str

    SYSTEM: ClassVar["Actor"]

    @classmethod
    def by_link(cls, purpose: str, subject_ref: str, label: str) -> "Actor":
        """A person who holds the mail link of `subject_ref` and has not logged in."""
        return cls(f"link:{purpose}:{subject_ref}", label)


Actor.SYSTEM = Actor("system", "Entrepairs")
