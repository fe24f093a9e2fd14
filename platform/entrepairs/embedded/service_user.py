"""Who runs PostgreSQL: ourselves, or a user without rights when we are root (PostgreSQL refuses root)."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from entrepairs.embedded.errors import EmbeddedError

NAME: Final = "entrepairs"


@dataclass(frozen=True)
class ServiceUser:
    """A user a child is started as."""

    name: str
    uid: int
    gid: int
    dropped: bool
    """True when it is another user than the one we run as."""

    def popen_options(self) -> dict[str, Any]:
        """Keyword arguments of `subprocess` that drop root's rights."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.dropped else {}

    def take(self, folder: Path, mode: int = 0o700) -> None:
        """Make this user the folder's owner, at this mode."""
        if self.dropped:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(mode)


def service_user() -> ServiceUser:
    """Ourselves; or, as root, the system user `entrepairs` (made when missing), else `nobody`."""
    if os.geteuid() != 0:
        return ServiceUser(str(os.geteuid()), os.geteuid(), os.getegid(), dropped=False)
    entry = _find(NAME) or _create() or _find("nobody")
    if entry is None:
        raise EmbeddedError(
            "PostgreSQL ne démarre pas sous root et aucun autre utilisateur n'est disponible : "
            f"créez-en un avec « useradd --system {NAME} »."
        )
    return ServiceUser(entry.pw_name, entry.pw_uid, entry.pw_gid, dropped=True)


def _find(name: str) -> pwd.struct_passwd | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return entry if entry.pw_uid != 0 else None


def _create() -> pwd.struct_passwd | None:
    tool = shutil.which("useradd", path=os.environ.get("PATH", "") + os.pathsep + "/usr/sbin")
    if tool is None:
        return None
    subprocess.run(  # two starts at once: the loser finds the winner's user
        [tool, "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", NAME],
        check=False,
        capture_output=True,
    )
    return _find(NAME)
