"""Where the embedded services keep their data and listen.

As root `/var/lib/entrepairs/<hash of the checkout>`, else the XDG data folder; `ENTREPAIRS_DATA_DIR` wins.
Two checkouts on one machine never share anything.
"""

import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Final

from entrepairs.embedded.errors import EmbeddedError, disk_full, explained

SOCKET_PATH_LIMIT: Final = 107
"""Bytes a Unix socket's path may have: sun_path holds 108 with its final NUL (104 on macOS, still met by ours)."""

LONGEST_SOCKET_NAME: Final = ".s.PGSQL.5432.lock"
SMALLEST_FREE_SPACE: Final = 300 * 1024 * 1024
"""Bytes free below which nothing is started: a new cluster takes 40 MB, its first WAL segments as much."""
SPACE_TO_GO_ON: Final = 20 * 1024 * 1024
"""Bytes free below which what fails did so for want of room: PostgreSQL asks for a WAL segment of 16 MB at a time."""


def fingerprint(path: Path) -> str:
    """Ten hexadecimal digits that stand for a path."""
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:10]


def data_folder(checkout: Path) -> Path:
    """The folder that belongs to this checkout; not created yet."""
    if chosen := os.environ.get("ENTREPAIRS_DATA_DIR"):
        return Path(chosen).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/entrepairs") / fingerprint(checkout)
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "entrepairs" / fingerprint(checkout)


def shared_folder() -> Path:
    """Where what every checkout may share is kept (the readable copy of PostgreSQL's programs)."""
    if os.geteuid() == 0:
        return Path("/var/lib/entrepairs")
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "entrepairs"


def prepare(folder: Path) -> Path:
    """Create the data folder and check that it can be written and has room.

    Others may pass through it (PostgreSQL's own user must) but not list it. Raises EmbeddedError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"entrepairs")
    except OSError as error:
        raise explained(error, folder) from error
    ensure_room(folder, SMALLEST_FREE_SPACE)
    return folder


def ensure_room(folder: Path, least: int = SPACE_TO_GO_ON) -> None:
    """Raise EmbeddedError when fewer than `least` bytes are free."""
    if shutil.disk_usage(folder).free < least:
        raise disk_full(folder)


def socket_folder(data: Path) -> Path:
    """A short private folder for the sockets that go with a data folder; created.

    `/run/entrepairs/…` as root, else the XDG run folder, else a folder under /tmp that must be ours.
    Raises EmbeddedError when the path would be too long or belongs to somebody else.
    """
    name = fingerprint(data)
    if os.geteuid() == 0 and Path("/run").is_dir():
        folder = Path("/run/entrepairs") / name
    elif run := os.environ.get("XDG_RUNTIME_DIR"):
        folder = Path(run) / "entrepairs" / name
    else:
        folder = Path("/tmp") / f"entrepairs-{os.geteuid()}" / name  # noqa: S108  (ownership is checked below)
    ensure_short_enough(folder)
    try:
        folder.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        ensure_ours(folder.parent)
        folder.mkdir(mode=0o711, exist_ok=True)
    except OSError as error:
        raise explained(error, folder) from error
    return folder


def ensure_short_enough(folder: Path) -> None:
    """Raise EmbeddedError when a socket in `folder` would have too long a path."""
    length = len(os.fsencode(folder / LONGEST_SOCKET_NAME))
    if length > SOCKET_PATH_LIMIT:
        raise EmbeddedError(
            f"Le chemin {folder} est trop long pour une prise locale ({length} octets, {SOCKET_PATH_LIMIT} "
            "au plus) : donnez un dossier plus court par XDG_RUNTIME_DIR."
        )


def ensure_ours(folder: Path) -> None:
    """Raise EmbeddedError unless the folder is a real one, owned by us and closed to others' writing."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise EmbeddedError(
            f"Le dossier {folder} ne nous appartient pas ou est ouvert à tous : supprimez-le et recommencez."
        )
