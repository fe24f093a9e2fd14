"""What a person types to say who signs: a name and a function, each read by somebody later."""

from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_


def ensure_name(text: str, *, field: str) -> None:
    """A name of any alphabet: one letter at least. Raises InvalidInput("name_unread")."""
    if not _holds_letter(text):
        raise InvalidInput(
            "name_unread",
            N_("“%(typed)s” names nobody: write the first name and the name."),
            field=field,
            typed=text.strip(),
        )


def ensure_function(text: str, *, field: str) -> None:
    """What the person is there: one letter at least. Raises InvalidInput("function_unread")."""
    if not _holds_letter(text):
        raise InvalidInput(
            "function_unread",
            N_("“%(typed)s” is no function: write what the person does there."),
            field=field,
            typed=text.strip(),
        )


def _holds_letter(text: str) -> bool:
    return any(sign.isalpha() for sign in text)
