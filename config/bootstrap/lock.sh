#!/bin/sh
# The two universal hash locks: all.txt first, runtime.txt constrained by it, and uv's own bootstrap.
set -eu
cd "$(dirname "$0")/../.."
compile() { .venv/bin/python -m uv --quiet pip compile --universal --python-version 3.11 --generate-hashes "$@" >/dev/null; }
compile "$@" --extra embedded --extra dev --extra build pyproject.toml -o requirements/all.txt
compile --extra embedded --extra build pyproject.toml -c requirements/all.txt -o requirements/runtime.txt
compile "$@" --no-header requirements/bootstrap.in -o requirements/bootstrap.txt
if grep -qE 'https?://' requirements/*.txt; then
    echo "Une adresse s'est glissée dans requirements/ : les verrous n'en portent pas." >&2
    exit 1
fi
