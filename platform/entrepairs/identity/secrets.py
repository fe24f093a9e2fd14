"""Secrets: 256 random bits, shown once, kept as a SHA-256."""

import hashlib
import secrets


def new_secret() -> str:
    """A URL-safe secret of 43 characters."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """What the database keeps. The secret is random, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
