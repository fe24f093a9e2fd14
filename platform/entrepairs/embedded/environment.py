"""What a data folder remembers for the processes around it: secrets drawn once, addresses of what runs."""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from entrepairs.embedded.errors import explained


def drawn_once(folder: Path, names: Mapping[str, str]) -> dict[str, str]:
    """Secrets kept in `secrets.json` (mode 0600); those missing are drawn.

    `names` gives each secret's prefix, such as `{"SECRET_KEY": "", "STRIPE_WEBHOOK_SECRET": "whsec_"}`.
    """
    path = folder / "secrets.json"
    known = _read(path)
    missing = {name: prefix + secrets.token_hex(32) for name, prefix in names.items() if name not in known}
    if missing:
        known |= missing
        _write(path, known)
    return {name: known[name] for name in names}


def remember(folder: Path, values: Mapping[str, str]) -> None:
    """Keep the addresses of what runs, so that other commands on this machine find it (mode 0600)."""
    _write(folder / "environment.json", dict(values))


def remembered(folder: Path) -> dict[str, str]:
    """What `remember` kept; empty when nothing was."""
    return _read(folder / "environment.json")


def _read(path: Path) -> dict[str, str]:
    try:
        values: dict[str, str] = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return values


def _write(path: Path, values: Mapping[str, str]) -> None:
    draft = path.with_suffix(".new")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(dict(values), file, indent=1)
        draft.replace(path)
    except OSError as error:
        raise explained(error, path.parent) from error
