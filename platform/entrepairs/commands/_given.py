"""Services given by their address instead of ours: a wrong address is said in one sentence before anything starts."""

import os
from typing import Final
from urllib.parse import urlsplit

import redis

from entrepairs.embedded.errors import EmbeddedError
from entrepairs.redis_urls import for_redis_py

_SCHEMES: Final = {
    "DATABASE_URL": ("postgresql", "postgres", "postgresql+psycopg"),
    "MIGRATION_DATABASE_URL": ("postgresql", "postgres", "postgresql+psycopg"),
    "REDIS_URL": ("redis", "rediss", "unix", "redis+unix", "redis+socket", "valkey+unix"),
    "SMTP_URL": ("smtp", "smtp+starttls", "smtps"),
}
_EXAMPLES: Final = {
    "DATABASE_URL": "postgresql://utilisateur:secret@serveur/base",
    "MIGRATION_DATABASE_URL": "postgresql://proprietaire:secret@serveur/base",
    "REDIS_URL": "redis://serveur:6379/0",
    "SMTP_URL": "smtp+starttls://utilisateur:secret@serveur:587",
}


def ensure_given_addresses() -> None:
    """Check the addresses read from the environment, without their secrets in the sentence. Raises EmbeddedError.

    PostgreSQL is asked a moment later, by the migrations; a mail server may be away for a while, so only the form of
    its address is looked at.
    """
    for name, schemes in _SCHEMES.items():
        given = os.environ.get(name)
        if given and _scheme(given) not in schemes:
            raise EmbeddedError(f"{name} n'est pas une adresse que l'on comprend : attendue comme {_EXAMPLES[name]}.")
    if given := os.environ.get("REDIS_URL"):
        _ensure_answers(given)


def _scheme(address: str) -> str:
    try:
        parts = urlsplit(address)
        _ = parts.port  # a port that is no number raises
    except ValueError:
        return ""
    return parts.scheme if "://" in address else ""


def _ensure_answers(address: str) -> None:
    try:
        with redis.Redis.from_url(for_redis_py(address), socket_connect_timeout=5, socket_timeout=5) as server:
            server.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        raise EmbeddedError(f"Le serveur de REDIS_URL ne répond pas : {str(error).rstrip('.')}.") from error
