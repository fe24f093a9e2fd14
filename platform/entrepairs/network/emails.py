"""E-mail addresses as people type them."""

from email_validator import EmailNotValidError, validate_email

from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_


def parse_email(text: str, *, field: str | None = None) -> str:
    """The address trimmed, its domain in small letters; nothing is asked of the network.

    Raises InvalidInput("email").
    """
    try:
        return validate_email(text.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as problem:
        raise InvalidInput(
            "email",
            N_("This e-mail address is not right: it looks like first.last@example.fr."),
            field=field,
        ) from problem
