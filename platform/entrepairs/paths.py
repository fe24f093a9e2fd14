"""Where templates, migrations and config are: inside the package in a wheel, beside it in a checkout."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def resource(name: str) -> Path:
    """The folder `name`, from the wheel if it is there, else from the checkout. Raises FileNotFoundError."""
    for candidate in (PACKAGE / name, PACKAGE.parents[1] / name):
        if candidate.is_dir():
            return candidate
    msg = f"no folder {name!r} beside {PACKAGE} nor at the root of the checkout"
    raise FileNotFoundError(msg)
