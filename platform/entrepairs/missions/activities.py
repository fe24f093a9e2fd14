"""The closed list of a report's activities: `[[activity]]` of `config/catalogue.toml`, in the file's order."""

from functools import lru_cache

from entrepairs.catalogue.palette import load_palette_file
from entrepairs.kernel.vat_regimes import regimes
from entrepairs.paths import resource


@lru_cache(maxsize=1)
def activity_names() -> dict[str, str]:
    """French name of each activity by code, read once by process. Raises PaletteError on a file at fault."""
    return load_palette_file(resource("config") / "catalogue.toml", vat_regimes=regimes().keys()).activity_names
