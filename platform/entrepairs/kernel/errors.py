"""The errors a use case may raise, by kind. One web handler maps the kind to HTTP and to a friendly page.

Each error carries a stable `code`, an English msgid with named parameters, and optionally the name of the form
`field` at fault, so that the page can say what to do without losing what was typed.
"""

from typing import ClassVar


class DomainError(Exception):
    """Base of all refusals a user may read. `message` is an untranslated msgid; `params` fill it."""

    status: ClassVar[int] = 500

    def __init__(self, code: str, message: str, *, field: str | None = None, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field
        self.params = params

    def __str__(self) -> str:
        return f"{self.code}: {self.message % self.params if self.params else self.message}"


class NotFound(DomainError):
    """The object is absent, or foreign to the viewer: both look the same."""

    status = 404


class NotAllowed(DomainError):
    """The viewer may see the object but not do this."""

    status = 403


class Conflict(DomainError):
    """Somebody was faster, or the state no longer allows it."""

    status = 409


class InvalidInput(DomainError):
    """What was given can't be used; `field` names the form field at fault when there is one."""

    status = 422


class Unavailable(DomainError):
    """Something outside did not answer. The only kind that may be retried."""

    status = 503
