"""The data folder of this installation, and what a running `entrepairs up` left in it for the other commands."""

import json
from pathlib import Path

from entrepairs.embedded.environment import remembered
from entrepairs.embedded.folders import data_folder
from entrepairs.paths import resource


def local_folder() -> Path:
    """Where the embedded services of this checkout (or installation) keep their data."""
    return data_folder(resource("migrations").parent)


def remembered_environment() -> dict[str, str]:
    """Addresses and secrets of the local services; empty when none was ever started."""
    return remembered(local_folder())


def supervised() -> list[dict[str, str | int]]:
    """The children the supervisor recorded: name, pid, mark."""
    try:
        children: list[dict[str, str | int]] = json.loads((local_folder() / "children.json").read_text())
    except (OSError, ValueError):
        return []
    return children
