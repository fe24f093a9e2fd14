"""Put templates, migrations and config into the wheel; leave editable installs alone.

A plain `force-include` would copy them into site-packages on `pip install -e .`, a stale decoy that outlives
the checkout, so it is done for version "standard" only.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the three resource folders beside the package; `entrepairs.paths.resource` finds them there."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "standard":
            return
        for name in ("templates", "migrations", "config"):
            build_data["force_include"][f"{self.root}/{name}"] = f"entrepairs/{name}"
