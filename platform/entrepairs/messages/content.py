"""What a mail says, before it is put into words: one generic letter for every mail."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from entrepairs.kernel.i18n import Sentence

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from entrepairs.kernel.clock import Clock
    from entrepairs.messages.models import Message


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the mail."""

    filename: str
    media: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MailContent:
    """A letter: one thing to know, its details, one thing to do (or several `choices`, each done by itself).

    The subject holds no name and no health word.
    """

    subject: Sentence
    name: str
    paragraphs: tuple[Sentence, ...]
    details: tuple[tuple[Sentence, object], ...] = ()
    action: tuple[Sentence, str] | None = None
    choices: tuple[tuple[Sentence, str], ...] = ()
    note: Sentence | None = None
    attachments: tuple[Attachment, ...] = ()


class Links(Protocol):
    """How a mail gets its addresses. A right is minted at sending, never stored in clear."""

    def action(self, purpose: str, subject_ref: str, path: str, *, account_id: int | None = None, days: int = 3) -> str:
        """Absolute address of `path` with `{token}` replaced by a fresh single-use token."""
        ...

    def page(self, path: str) -> str:
        """Absolute address of a page behind the login."""
        ...


class Builder(Protocol):
    """Writes the letter of one kind; None when it has lost its object."""

    def __call__(
        self, session: "Session", message: "Message", links: Links, *, clock: "Clock"
    ) -> MailContent | None: ...


BuilderFunction = Callable[..., MailContent | None]
