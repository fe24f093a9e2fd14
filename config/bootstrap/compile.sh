#!/bin/sh
# Compile the French catalogue and build the static files, when their sources are newer than the last time; and load the
# programs once after an installation.
set -eu
cd "$(dirname "$0")/../.."
python=.venv/bin/python

# stale STAMP PATH...: whether a source changed since the stamp was put.
stale() {
    stamp=$1
    shift
    [ ! -e "$stamp" ] || [ -n "$(find "$@" -newer "$stamp" ! -name '*.mo' ! -path '*/__pycache__*' 2>/dev/null | head -n 1)" ]
}

# The first time, Python's own compiling goes on beside the rest.
[ -e .venv/.entrepairs-loaded ] || { "$python" config/bootstrap/load_once.py >/dev/null 2>&1 && touch .venv/.entrepairs-loaded & }

if stale .venv/.entrepairs-translations platform/entrepairs/translations platform/entrepairs/web/translations.py requirements ||
    [ -z "$(find platform/entrepairs/translations -name '*.mo' | head -n 1)" ]; then
    "$python" -m entrepairs.web.translations
    touch .venv/.entrepairs-translations
fi
if stale .venv/.entrepairs-static platform/entrepairs/web/static platform/entrepairs/web/static_build.py requirements; then
    "$python" -m entrepairs.web.static_build
    touch .venv/.entrepairs-static
fi
wait
