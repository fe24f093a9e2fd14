"""The story's data: `config/demo/<name>.toml`."""

import tomllib
from typing import Any

from entrepairs.paths import resource

Page = dict[str, Any]


def read_page(name: str) -> Page:
    """The whole file of that name. Raises FileNotFoundError, tomllib.TOMLDecodeError."""
    path = resource("config") / "demo" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def read_rows(name: str, table: str) -> list[Page]:
    """The rows of an array of tables."""
    rows: list[Page] = read_page(name).get(table, [])
    return rows
