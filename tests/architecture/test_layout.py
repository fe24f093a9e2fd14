"""The tree itself: what would break silently, or grow until nobody reads it."""

import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CEILING = 400
SOURCES = sorted(
    path for folder in ("platform", "workers", "tests", "config") for path in (ROOT / folder).rglob("*.py")
)
TEXTS = sorted(
    path
    for pattern in (
        "*.md",
        "*.toml",
        "*.txt",
        "*.sh",
        "*.yml",
        "*.yaml",
        "*.html",
        "*.js",
        "*.css",
        "Makefile",
        ".ci/run",
    )
    for path in ROOT.rglob(pattern)
    if not any(part in {".venv", ".git", "node_modules", "test-results"} for part in path.relative_to(ROOT).parts)
)


def inside(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_folder_platform_never_hides_pythons_own_module() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert not list((ROOT / "platform").glob("*.py"))
    assert [path.name for path in (ROOT / "platform").iterdir() if path.is_dir()] == ["entrepairs"]
    shown = subprocess.run(
        [sys.executable, "-c", "import platform; print(platform.python_version(), platform.__file__)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert str(ROOT) not in shown.replace(str(ROOT / ".venv"), "")


def test_tests_are_no_package() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_no_file_is_longer_than_one_can_read() -> None:
    lengths = {inside(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {name: length for name, length in lengths.items() if length > CEILING} == {}


def test_nothing_is_left_to_be_done_later() -> None:
    mark = re.compile(r"\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b")
    assert [inside(path) for path in (*SOURCES, *TEXTS) if mark.search(path.read_text(encoding="utf-8"))] == []


def test_no_file_names_a_package_registry() -> None:
    hosts = re.compile(r"\b(py[p]i\.org|python[h]osted\.org|registry\.npm[j]s\.org|deb\.[d]ebian\.org)\b")
    assert [inside(path) for path in (*SOURCES, *TEXTS) if hosts.search(path.read_text(encoding="utf-8"))] == []


def test_every_room_is_named_in_the_layers() -> None:
    package = ROOT / "platform" / "entrepairs"
    modules = {path.stem for path in package.glob("*.py")} - {"__init__"}
    rooms = {path.parent.name for path in package.glob("*/__init__.py")}
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    layers = contracts["importlinter:contract:layers"]["layers"]
    named = set(re.findall(r"entrepairs\.(\w+)", layers)) | {"embedded", "doubles"}
    assert (modules | rooms) - named == set()


@pytest.mark.parametrize("word", ["utils", "helpers", "services", "managers"])
def test_no_module_has_a_name_that_says_nothing(word: str) -> None:
    assert [inside(path) for path in SOURCES if path.stem == word or path.parent.name == word] == []
