"""What stops a start, as one French sentence for the person at the terminal."""

import errno
from pathlib import Path


class EmbeddedError(Exception):
    """Raised with one clear French sentence; the command line prints it and exits 1."""


def explained(error: OSError, folder: Path) -> EmbeddedError:
    """The sentence for a failed file operation under `folder`."""
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return EmbeddedError(f"Pas le droit d'écrire dans {folder} : donnez un autre dossier par ENTREPAIRS_DATA_DIR.")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(folder)
    return EmbeddedError(
        f"Impossible d'utiliser {folder} ({error.strerror or error}) : donnez un autre dossier par ENTREPAIRS_DATA_DIR."
    )


def disk_full(folder: Path) -> EmbeddedError:
    """The sentence for a disk without room."""
    return EmbeddedError(
        f"Le disque est plein sous {folder} : libérez de la place ou donnez un autre dossier par ENTREPAIRS_DATA_DIR."
    )
