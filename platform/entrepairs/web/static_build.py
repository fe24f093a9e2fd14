"""Static files: ours and Bootstrap's, gathered under the digest of their contents, with gzip and brotli copies.

    python -m entrepairs.web.static_build [--out DIR]

The style sheets become one file in cascade layers (bootstrap, tokens, base, components, pages), so that our rules win
by order rather than by weight. Same contents, same digest, nothing to do: a second call only reads. Building goes
through a folder of its own, renamed at the end, so that several processes may build at once.
"""

import argparse
import gzip
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

import brotli

SOURCES: Final = Path(__file__).parent / "static"
LAYERS: Final = ("tokens", "base", "components", "pages")
BOOTSTRAP: Final = ("flask_bootstrap", "static/bootstrap5")
BOOTSTRAP_SCRIPTS: Final = {
    "js/bootstrap.min.js": "js/bootstrap.min.js",
    "js/popper.min.js": "umd/popper.min.js",
}
COMPRESSED: Final = {".css", ".js", ".svg", ".webmanifest"}
KEPT: Final = 5  # folders of earlier digests kept for pages already open and processes about to stop
BUILDER: Final = b"3"  # raise when the building itself changes its output


def main(arguments: list[str] | None = None) -> int:
    """Build and print the folder."""
    parser = argparse.ArgumentParser(description="Build the static files.")
    parser.add_argument("--out", type=Path, default=None, help="folder that holds one folder by digest")
    options = parser.parse_args(arguments)
    sys.stdout.write(f"{build(options.out or default_out())}\n")
    return 0


def default_out() -> Path:
    """`ENTREPAIRS_STATIC_DIR`, else `var/static` of the environment in use, else the user's cache folder."""
    named = os.environ.get("ENTREPAIRS_STATIC_DIR")
    if named:
        return Path(named)
    environment = Path(sys.prefix) / "var" / "static"
    if _writable(environment):
        return environment
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "entrepairs" / "static"


def build(out: Path) -> Path:
    """Make `<out>/<digest>` if it is absent and return it. Raises OSError when `out` can't be written."""
    contents = collect()
    target = out / digest_of(contents)
    if target.is_dir():
        return target
    out.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".building-", dir=out))
    try:
        for name, data in contents.items():
            _write(work / name, data)
        work.chmod(0o755)
        work.rename(target)
    except OSError:
        shutil.rmtree(work, ignore_errors=True)
        if not target.is_dir():  # else another process was faster, with the same contents
            raise
    _forget_old(out, target)
    return target


def collect() -> dict[str, bytes]:
    """Every file to serve, by its path under the digest."""
    found = {
        path.relative_to(SOURCES).as_posix(): path.read_bytes()
        for path in sorted(SOURCES.rglob("*"))
        if path.is_file() and path.parent.name != "css" and not path.name.startswith(".")
    }
    bootstrap = files(BOOTSTRAP[0]).joinpath(BOOTSTRAP[1])
    for name, source in BOOTSTRAP_SCRIPTS.items():
        found[name] = _without_map(bootstrap.joinpath(source).read_bytes())
    found["css/entrepairs.css"] = _style_sheet(bootstrap.joinpath("css/bootstrap.min.css").read_bytes())
    return found


def digest_of(contents: Mapping[str, bytes]) -> str:
    """Sixteen hexadecimal digits over the names and bytes."""
    digest = hashlib.sha256(BUILDER)
    for name, data in sorted(contents.items()):
        digest.update(f"\0{name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()[:16]


def _style_sheet(bootstrap: bytes) -> bytes:
    head = f'@charset "UTF-8";\n@layer bootstrap,{",".join(LAYERS)};\n'.encode()
    plain = _without_map(bootstrap).removeprefix(b'@charset "UTF-8";')
    parts = [b"@layer bootstrap{" + plain + b"}\n"]
    for layer in LAYERS:
        for path in sorted((SOURCES / "css").glob(f"{layer}*.css")):
            parts.append(f"@layer {layer}{{\n".encode() + path.read_bytes() + b"}\n")
    return head + b"".join(parts)


def _without_map(data: bytes) -> bytes:
    """The file without the name of its source map, which is not shipped."""
    lines = [line for line in data.splitlines() if b"sourceMappingURL=" not in line]
    return b"\n".join(lines) + b"\n"


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    if path.suffix in COMPRESSED:
        Path(f"{path}.gz").write_bytes(gzip.compress(data, 9, mtime=0))
        Path(f"{path}.br").write_bytes(brotli.compress(data, quality=9))


def _forget_old(out: Path, current: Path) -> None:
    older = [path for path in out.iterdir() if path.is_dir() and path != current and len(path.name) == 16]
    older.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in older[KEPT:]:
        shutil.rmtree(path, ignore_errors=True)


def _writable(folder: Path) -> bool:
    nearest = folder
    while not nearest.exists():
        nearest = nearest.parent
    return os.access(nearest, os.W_OK | os.X_OK)


if __name__ == "__main__":
    raise SystemExit(main())
