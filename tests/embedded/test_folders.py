"""Where things are kept, and the sentences when they cannot be."""

import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from entrepairs.embedded import folders
from entrepairs.embedded.environment import drawn_once, remember, remembered
from entrepairs.embedded.errors import EmbeddedError, explained


def test_two_checkouts_never_share_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENTREPAIRS_DATA_DIR", raising=False)
    assert folders.data_folder(Path("/a")) != folders.data_folder(Path("/b"))


def test_the_asked_folder_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ENTREPAIRS_DATA_DIR", str(tmp_path / "here"))
    assert folders.data_folder(Path("/a")) == tmp_path / "here"


def test_a_socket_path_too_long_for_the_kernel_is_refused_in_a_sentence() -> None:
    longest = Path("/" + "s" * (folders.SOCKET_PATH_LIMIT - len(folders.LONGEST_SOCKET_NAME) - 2))
    folders.ensure_short_enough(longest)
    with pytest.raises(EmbeddedError, match="trop long"):
        folders.ensure_short_enough(Path(f"{longest}s"))


def test_the_socket_folder_is_short_however_deep_the_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    deep = tmp_path.joinpath(*["a-rather-long-folder-name"] * 8)
    found = folders.socket_folder(deep)
    assert len(os.fsencode(found)) < 60
    found.rmdir()


def test_a_folder_open_to_all_is_not_trusted(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(EmbeddedError, match="ouvert à tous"):
        folders.ensure_ours(tmp_path)


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.EACCES, "Pas le droit d'écrire"), (errno.EROFS, "Pas le droit"), (errno.ENOSPC, "disque est plein")],
)
def test_a_refused_write_becomes_one_sentence(number: int, words: str, tmp_path: Path) -> None:
    sentence = str(explained(OSError(number, os.strerror(number)), tmp_path))
    assert words in sentence
    assert "\n" not in sentence


def test_a_full_disk_is_said_before_anything_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(folders.shutil, "disk_usage", lambda _: SimpleNamespace(free=1024))
    with pytest.raises(EmbeddedError, match="disque est plein"):
        folders.prepare(tmp_path)


def test_secrets_are_drawn_once_and_closed_to_others(tmp_path: Path) -> None:
    first = drawn_once(tmp_path, {"SECRET_KEY": ""})
    both = drawn_once(tmp_path, {"SECRET_KEY": "", "WEBHOOK": "whsec_"})
    assert both["SECRET_KEY"] == first["SECRET_KEY"]
    assert both["WEBHOOK"].startswith("whsec_")
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_the_addresses_of_what_runs_are_found_again(tmp_path: Path) -> None:
    assert remembered(tmp_path) == {}
    remember(tmp_path, {"REDIS_URL": "unix:///x"})
    assert remembered(tmp_path) == {"REDIS_URL": "unix:///x"}
