"""The colours keep their contrast, the icons exist, the static files are built once and served for ever."""

import gzip
import re
from pathlib import Path

import brotli
import pytest
from flask import Flask

from entrepairs import app as application
from entrepairs.paths import resource
from entrepairs.web.icons import icon, symbol
from entrepairs.web.static_build import SOURCES, build, collect, digest_of
from entrepairs.web.static_files import init_static

TOKENS = (SOURCES / "css" / "tokens.css").read_text(encoding="utf-8")
TEXT_ON_GROUND = [
    *[(text, ground) for text in ("ink", "muted", "teal") for ground in ("paper", "card")],
    ("ink", "slate-tint"),
    ("ink", "teal-tint"),
    ("ink", "amber-tint"),
    ("ink", "plum-tint"),
    ("ink", "brick-tint"),
    *[("teal", f"{tint}-tint") for tint in ("teal", "amber", "plum", "brick", "slate")],
    ("slate-ink", "slate-tint"),
    ("teal-ink", "teal-tint"),
    ("teal-ink", "card"),
    ("amber-ink", "amber-tint"),
    ("plum-ink", "plum-tint"),
    ("plum-ink", "card"),
    ("brick-ink", "brick-tint"),
    ("brick-ink", "card"),
    ("brick-ink", "paper"),
    ("on-teal", "teal-fill"),
    ("on-teal", "teal-hover"),
]


def palette(scheme: str) -> dict[str, str]:
    """The colour tokens of a scheme; the dark one completes the light one."""
    light, _, rest = TOKENS.partition("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"--([a-z-]+): (#[0-9A-F]{6});", light))
    if scheme == "dark":
        found |= dict(re.findall(r"--([a-z-]+): (#[0-9A-F]{6});", rest.partition("@media print")[0]))
    return found


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_every_text_keeps_a_contrast_of_four_and_a_half(scheme: str, text: str, ground: str) -> None:
    colours = palette(scheme)
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_edge_of_a_control_and_the_focus_are_seen(scheme: str) -> None:
    colours = palette(scheme)
    for edge in ("line-strong", "focus", "teal-fill"):
        assert contrast(colours[edge], colours["card"]) >= 3 or (edge == "teal-fill" and scheme == "dark")


def test_no_template_writes_a_style_or_an_inline_script() -> None:
    for path in resource("templates").rglob("*.html"):
        if "emails" in path.parts:  # mail readers know no style sheet
            continue
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<[^>]+\sstyle=", text), path
        assert not re.search(r"<[^>]+\son[a-z]+=", text), path
        assert all("nonce=" in tag for tag in re.findall(r"<script[^>]*>", text)), path


def test_every_icon_named_in_a_template_exists() -> None:
    for path in resource("templates").rglob("*.html"):
        for name in re.findall(r"""\bicon\(["']([a-z0-9-]+)["']""", path.read_text(encoding="utf-8")):
            assert symbol(name), path


def test_an_icon_is_silent_unless_it_is_named() -> None:
    assert 'aria-hidden="true"' in icon("house")
    named = icon("house", "L’accueil <b>")
    assert 'role="img"' in named
    assert "<title>L’accueil &lt;b&gt;</title>" in named
    assert "style=" not in named


@pytest.mark.parametrize("name", ["no-such-icon", "../secret", 'x" onload="'])
def test_an_unknown_icon_is_a_mistake_seen_at_once(name: str) -> None:
    with pytest.raises(LookupError):
        icon(name)


def test_the_same_contents_are_built_once(tmp_path: Path) -> None:
    first = build(tmp_path)
    stamp = (first / "css" / "entrepairs.css").stat().st_mtime_ns
    assert build(tmp_path) == first
    assert (first / "css" / "entrepairs.css").stat().st_mtime_ns == stamp
    assert [path.name for path in tmp_path.iterdir()] == [first.name]


def test_the_digest_follows_names_and_contents() -> None:
    assert digest_of({"a": b"1"}) != digest_of({"a": b"2"}) != digest_of({"b": b"2"})


def test_the_style_sheet_is_one_file_in_layers() -> None:
    sheet = collect()["css/entrepairs.css"]
    assert sheet.startswith(b'@charset "UTF-8";\n@layer bootstrap,tokens,base,components,pages;')
    assert sheet.count(b"@charset") == 1
    assert sheet.count(b"{") == sheet.count(b"}")
    assert b"sourceMappingURL" not in sheet


def test_static_files_are_served_compressed_and_for_ever(tmp_path: Path) -> None:
    app = Flask("static", static_folder=None)
    app.config["STATIC_DIR"] = str(tmp_path)
    init_static(app)
    with app.test_request_context():
        address = app.jinja_env.globals["static_url"]("css/entrepairs.css")  # type: ignore[operator]
        with pytest.raises(LookupError):
            app.jinja_env.globals["static_url"]("css/absent.css")  # type: ignore[operator]
    client = app.test_client()
    plain = collect()["css/entrepairs.css"]
    for encoding, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        with client.get(address, headers={"Accept-Encoding": encoding}) as answer:
            assert answer.status_code == 200
            assert answer.headers["Content-Encoding"] == encoding
            assert "immutable" in answer.headers["Cache-Control"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert unpack(answer.data) == plain


def test_templates_are_compiled_once_by_machine_and_pages_live_without(monkeypatch: pytest.MonkeyPatch, app) -> None:
    assert app.jinja_env.bytecode_cache is not None

    def refuse() -> None:
        raise RuntimeError("Cannot determine safe temp directory.")

    monkeypatch.setattr(application, "FileSystemBytecodeCache", refuse)
    assert application._compiled_templates() is None
