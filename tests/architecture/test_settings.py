"""Every setting is documented."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs/guide/settings.md").read_text(encoding="utf-8")
NOT_OURS = {"TESTING", "WTF_CSRF_ENABLED", "PREFERRED_URL_SCHEME", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_NAME"}


def test_every_setting_of_the_files_is_in_the_guide() -> None:
    names = {
        name
        for path in (ROOT / "config").glob("*.toml")
        if path.name != "catalogue.toml"
        for name in tomllib.loads(path.read_text())
    }
    assert {name for name in names - NOT_OURS if f"`{name}`" not in GUIDE} == set()


def test_every_variable_the_code_reads_is_in_the_guide() -> None:
    sources = [p for folder in ("platform", "workers", "config", "tests") for p in (ROOT / folder).rglob("*.py")]
    read = {
        name
        for path in sources
        for name in re.findall(r"\bENTREPAIRS_([A-Z_]+[A-Z])\b", path.read_text(encoding="utf-8"))
    }
    documented = set(re.findall(r"`(?:ENTREPAIRS_)?([A-Z_]+[A-Z])(?:=\w+)?`", GUIDE))
    assert read - documented == set()
