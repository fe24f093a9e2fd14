"""Passwords: argon2id with OWASP's parameters; length is the rule, no composition game (CNIL 2022-100, ASVS 6.2)."""

from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_

SHORTEST: Final = 14
LONGEST: Final = 256
_TOO_COMMON: Final = ("motdepasse", "password", "azerty", "qwerty", "123456", "entrepairs")


@cache
def hasher() -> PasswordHasher:
    """19 MiB, two passes, one lane: about 50 ms."""
    return PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


def hash_password(password: str) -> str:
    """The argon2id hash. Raises InvalidInput("password_short" or "password_common")."""
    ensure_acceptable(password)
    return hasher().hash(password)


def ensure_acceptable(password: str) -> None:
    """At least 14 characters, paste and spaces welcome; not a well-known one."""
    if len(password) < SHORTEST:
        raise InvalidInput(
            "password_short",
            N_("Choose at least %(n)d characters. A short sentence is easy to remember."),
            field="password",
            n=SHORTEST,
        )
    if len(password) > LONGEST:
        raise InvalidInput("password_long", N_("Choose at most %(n)d characters."), field="password", n=LONGEST)
    plain = password.lower()
    if any(plain.replace(word, "").strip("0123456789!?.-_ ") == "" for word in _TOO_COMMON if word in plain):
        raise InvalidInput(
            "password_common", N_("This password is too easy to guess. Choose another."), field="password"
        )


def verify(stored: str | None, password: str) -> bool:
    """Whether the password is right. An account without password costs the same time as a wrong one."""
    try:
        return hasher().verify(stored or _decoy(), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """Whether the parameters have moved since."""
    return hasher().check_needs_rehash(stored)


@cache
def _decoy() -> str:
    return hasher().hash("nobody has this password")
